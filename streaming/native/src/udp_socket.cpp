#include "udp_socket.hpp"

#include <netinet/udp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "socket_address.hpp"

namespace tandem {

namespace {

constexpr std::size_t kMaxPlainDestinations = 4096;

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

}  // namespace

UdpSocket::UdpSocket(const Address& address, Counters& counters, SealBatch* seals, Port port)
    : UdpReceiver(address, port), counters_(counters), seals_(seals) {
  int segment_bytes = 0;
  socklen_t length = sizeof segment_bytes;
  if (::getsockopt(descriptor(), IPPROTO_UDP, UDP_SEGMENT, &segment_bytes, &length) != 0) {
    kernel_segments_ = false;  // before Linux 4.18, or no Linux
    counters_.add(Counter::EgressGsoMissing);
  }
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
        ::sendmmsg(descriptor(), send_headers_.data(), static_cast<unsigned>(count), MSG_DONTWAIT);
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
    const ssize_t sent = ::sendto(descriptor(), segment.data(), segment.size(), MSG_DONTWAIT,
                                  reinterpret_cast<const sockaddr*>(&storage), length);
    counters_.add(sent < 0 ? Counter::EgressSendErrors : Counter::OutDatagrams);
    counters_.add(Counter::OutBytes, sent < 0 ? 0 : segment.size());
    rest = rest.subspan(segment.size());
  }
}

}  // namespace tandem
