#include "udp_socket.hpp"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/udp.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>

namespace tandem {

namespace {

constexpr std::size_t kMaxPlainDestinations = 4096;

// IPv4 addresses fit in the storage of IPv6 ones.
socklen_t to_socket_address(const Address& address, sockaddr_in6& storage) noexcept {
  if (address.is_v6) {
    storage = {};
    storage.sin6_family = AF_INET6;
    storage.sin6_port = htons(address.port);
    storage.sin6_scope_id = address.scope_id;
    std::memcpy(&storage.sin6_addr, address.ip.data(), sizeof storage.sin6_addr);
    return sizeof(sockaddr_in6);
  }
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(address.port);
  std::memcpy(&v4.sin_addr, address.ip.data(), sizeof v4.sin_addr);
  std::memcpy(&storage, &v4, sizeof v4);
  return sizeof(sockaddr_in);
}

Address from_socket_address(const sockaddr_in6& storage) noexcept {
  Address address;
  if (storage.sin6_family == AF_INET6) {
    address.is_v6 = true;
    address.port = ntohs(storage.sin6_port);
    address.scope_id = storage.sin6_scope_id;
    std::memcpy(address.ip.data(), &storage.sin6_addr, sizeof storage.sin6_addr);
    return address;
  }
  sockaddr_in v4{};
  std::memcpy(&v4, &storage, sizeof v4);
  address.port = ntohs(v4.sin_port);
  std::memcpy(address.ip.data(), &v4.sin_addr, sizeof v4.sin_addr);
  return address;
}

// Errors of a segmented message that its datagrams, sent one by one, may be spared.
std::optional<Counter> refused_segmentation(int error) noexcept {
  switch (error) {
    case EMSGSIZE:
      return Counter::EgressGsoEmsgsize;
    case EINVAL:
      return Counter::EgressGsoEinval;
    case EIO:
      return Counter::EgressGsoEio;
    default:
      return std::nullopt;
  }
}

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::system_category(), what);
}

}  // namespace

bool parse_address(const std::string& text, std::uint16_t port, Address& address) {
  address = Address{};
  address.port = port;
  if (inet_pton(AF_INET, text.c_str(), address.ip.data()) == 1) {
    return true;
  }
  const std::size_t percent = text.find('%');
  address.is_v6 = true;
  if (percent != std::string::npos) {
    address.scope_id = if_nametoindex(text.c_str() + percent + 1);
  }
  return inet_pton(AF_INET6, text.substr(0, percent).c_str(), address.ip.data()) == 1;
}

std::string format_address(const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(address.is_v6 ? AF_INET6 : AF_INET, address.ip.data(), text.data(), text.size());
  return text.data();
}

UdpSocket::UdpSocket(const Address& address, Counters& counters, SealBatch* seals, Port port)
    : counters_(counters), seals_(seals), receive_bytes_(kReceiveBatch * kReceiveBytes) {
  open(address, port);
  int segment_bytes = 0;
  socklen_t length = sizeof segment_bytes;
  if (::getsockopt(descriptor_, IPPROTO_UDP, UDP_SEGMENT, &segment_bytes, &length) != 0) {
    kernel_segments_ = false;  // before Linux 4.18, or no Linux
    counters_.add(Counter::EgressGsoMissing);
  }
  for (std::size_t i = 0; i < kReceiveBatch; ++i) {
    receive_vectors_[i] = {.iov_base = receive_bytes_.data() + i * kReceiveBytes, .iov_len = kReceiveBytes};
    receive_headers_[i].msg_hdr.msg_iov = &receive_vectors_[i];
    receive_headers_[i].msg_hdr.msg_iovlen = 1;
    receive_headers_[i].msg_hdr.msg_name = &receive_addresses_[i];
  }
}

UdpSocket::~UdpSocket() {
  ::close(descriptor_);
}

void UdpSocket::open(const Address& address, Port port) {
  descriptor_ = ::socket(address.is_v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor_ < 0) {
    fail("cannot open a UDP socket");
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

std::span<const ReceivedDatagram> UdpSocket::receive() noexcept {
  for (mmsghdr& header : receive_headers_) {
    header.msg_hdr.msg_namelen = sizeof(sockaddr_in6);
    header.msg_hdr.msg_flags = 0;
  }
  const int count = ::recvmmsg(descriptor_, receive_headers_.data(), kReceiveBatch, MSG_DONTWAIT, nullptr);
  if (count <= 0) {
    return {};
  }
  const auto received = static_cast<std::size_t>(count);
  for (std::size_t i = 0; i < received; ++i) {
    received_[i] = {
        .bytes = MutableBytes(receive_bytes_).subspan(i * kReceiveBytes, receive_headers_[i].msg_len),
        .remote = from_socket_address(receive_addresses_[i]),
        .is_truncated = (receive_headers_[i].msg_hdr.msg_flags & MSG_TRUNC) != 0};
  }
  return std::span(received_).first(received);
}

bool UdpSocket::may_segment(const Address& destination) const {
  return kernel_segments_ && (plain_destinations_.empty() ||
                              !plain_destinations_.contains(Path{.remote = destination, .socket = 0}));
}

std::size_t UdpSocket::prepare(std::span<const EgressMessage> messages) noexcept {
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const EgressMessage& message = messages[i];
    SendSlot& slot = send_slots_[i];
    const Bytes bytes = batch_.bytes(message);
    slot.vector = {.iov_base = const_cast<std::uint8_t*>(bytes.data()), .iov_len = bytes.size()};
    msghdr& header = send_headers_[i].msg_hdr;
    header = {};
    header.msg_name = &slot.address;
    header.msg_namelen = to_socket_address(message.destination, slot.address);
    header.msg_iov = &slot.vector;
    header.msg_iovlen = 1;
    if (message.segments > 1) {
      header.msg_control = slot.control.data();
      header.msg_controllen = slot.control.size();
      cmsghdr* control = CMSG_FIRSTHDR(&header);
      control->cmsg_level = IPPROTO_UDP;
      control->cmsg_type = UDP_SEGMENT;
      control->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
      const auto segment = static_cast<std::uint16_t>(message.segment_bytes);
      std::memcpy(CMSG_DATA(control), &segment, sizeof segment);
    }
  }
  return messages.size();
}

void UdpSocket::flush(std::int64_t now_ns) {
  if (seals_ != nullptr) {
    seals_->run();  // before anything of the batch leaves or is forgotten
  }
  if (blocked_) {
    counters_.add(Counter::EgressDropAge, batch_.drop_older(now_ns - kMaxQueueAgeNs));
  }
  blocked_ = false;
  while (!batch_.is_empty()) {
    const std::span<const EgressMessage> pending = batch_.pending();
    const std::size_t count = prepare(pending);
    const int sent =
        ::sendmmsg(descriptor_, send_headers_.data(), static_cast<unsigned>(count), MSG_DONTWAIT);
    if (sent > 0) {
      for (const EgressMessage& message : pending.first(static_cast<std::size_t>(sent))) {
        counters_.add(Counter::OutDatagrams, message.segments);
        counters_.add(Counter::OutBytes, message.bytes);
      }
      counters_.add(Counter::OutMessages, static_cast<std::uint64_t>(sent));
      batch_.pop(static_cast<std::size_t>(sent));
      continue;
    }
    const int error = errno;
    if (error == EINTR) {
      continue;
    }
    if (error == EAGAIN || error == ENOBUFS) {
      counters_.add(Counter::EgressBlocked);
      blocked_ = true;
      return;
    }
    handle_send_error(pending.front(), error);
    batch_.pop(1);
  }
}

void UdpSocket::handle_send_error(const EgressMessage& message, int error) {
  const std::optional<Counter> refusal = message.segments < 2 ? std::nullopt : refused_segmentation(error);
  if (!refusal) {
    counters_.add(Counter::EgressSendErrors, message.segments);
    return;
  }
  counters_.add(*refusal);
  if (plain_destinations_.size() >= kMaxPlainDestinations) {
    plain_destinations_.clear();
  }
  plain_destinations_.insert(Path{.remote = message.destination, .socket = 0});
  send_plainly(message);
}

void UdpSocket::send_plainly(const EgressMessage& message) {
  sockaddr_in6 storage{};
  const socklen_t length = to_socket_address(message.destination, storage);
  Bytes rest = batch_.bytes(message);
  while (!rest.empty()) {
    const Bytes segment = rest.first(std::min(rest.size(), message.segment_bytes));
    const ssize_t sent = ::sendto(descriptor_, segment.data(), segment.size(), MSG_DONTWAIT,
                                  reinterpret_cast<const sockaddr*>(&storage), length);
    counters_.add(sent < 0 ? Counter::EgressSendErrors : Counter::OutDatagrams);
    counters_.add(Counter::OutBytes, sent < 0 ? 0 : segment.size());
    rest = rest.subspan(segment.size());
  }
}

}  // namespace tandem
