#include "udp_receiver.hpp"

#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "socket_address.hpp"

namespace tandem {

UdpReceiver::UdpReceiver(const Address& address, Port port) : bytes_(kReceiveBatch * kReceiveBytes) {
  open(address, port);
  for (std::size_t i = 0; i < kReceiveBatch; ++i) {
    vectors_[i] = {.iov_base = bytes_.data() + i * kReceiveBytes, .iov_len = kReceiveBytes};
    headers_[i].msg_hdr.msg_iov = &vectors_[i];
    headers_[i].msg_hdr.msg_iovlen = 1;
    headers_[i].msg_hdr.msg_name = &addresses_[i];
  }
}

UdpReceiver::~UdpReceiver() {
  ::close(descriptor_);
}

void UdpReceiver::open(const Address& address, Port port) {
  descriptor_ = ::socket(address.is_v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor_ < 0) {
    throw std::system_error(errno, std::system_category(), "cannot open a UDP socket");
  }
  const int on = 1;
  if (address.is_v6) {
    ::setsockopt(descriptor_, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  }
  // The kernel may grant less; a smaller buffer is no reason to refuse service.
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &kKernelBufferBytes, sizeof kKernelBufferBytes);
  ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDBUF, &kKernelBufferBytes, sizeof kKernelBufferBytes);
  if (port == Port::Joined) {
    ::setsockopt(descriptor_, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  }
  sockaddr_in6 storage{};
  socklen_t length = to_socket_address(address, storage);
  const bool bound = ::bind(descriptor_, reinterpret_cast<const sockaddr*>(&storage), length) == 0 &&
                     ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&storage), &length) == 0;
  if (!bound) {
    const int error = errno;
    ::close(descriptor_);
    throw std::system_error(error, std::system_category(), "cannot bind " + format_address(address));
  }
  address_ = from_socket_address(storage);
  if (port == Port::Opened) {
    // Only now: with it before, another server on this port would go unnoticed and take half the datagrams.
    ::setsockopt(descriptor_, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  }
}

std::span<const ReceivedDatagram> UdpReceiver::receive() noexcept {
  for (mmsghdr& header : headers_) {
    header.msg_hdr.msg_namelen = sizeof(sockaddr_in6);
    header.msg_hdr.msg_flags = 0;
  }
  const int count = ::recvmmsg(descriptor_, headers_.data(), kReceiveBatch, MSG_DONTWAIT, nullptr);
  if (count <= 0) {
    return {};
  }
  const auto received = static_cast<std::size_t>(count);
  for (std::size_t i = 0; i < received; ++i) {
    received_[i] = {.bytes = MutableBytes(bytes_).subspan(i * kReceiveBytes, headers_[i].msg_len),
                    .remote = from_socket_address(addresses_[i]),
                    .is_truncated = (headers_[i].msg_hdr.msg_flags & MSG_TRUNC) != 0};
  }
  return std::span(received_).first(received);
}

}  // namespace tandem
