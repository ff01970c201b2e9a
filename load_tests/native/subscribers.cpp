#include "subscribers.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "stun_check.hpp"

namespace light {
namespace {

constexpr std::size_t kBatch = 32;
constexpr std::size_t kDatagramBytes = 2048;
constexpr std::uint64_t kSilenceNs = 300'000'000;
constexpr std::size_t kNumbersPerSecond = 1000;  // more than any scenario publishes in one stream

std::uint32_t extend(std::uint32_t highest, std::uint32_t sequence_number) {
  const auto ahead = static_cast<std::int16_t>(sequence_number - (highest & 0xFFFFU));
  return highest + static_cast<std::uint32_t>(static_cast<std::int32_t>(ahead));
}

// SO_TIMESTAMPNS and SO_RXQ_OVFL of one message.
void read_control(msghdr& header, std::uint64_t& arrived_ns, std::uint32_t& overflows) {
  for (cmsghdr* item = CMSG_FIRSTHDR(&header); item != nullptr; item = CMSG_NXTHDR(&header, item)) {
    if (item->cmsg_level != SOL_SOCKET) {
      continue;
    }
    if (item->cmsg_type == SCM_TIMESTAMPNS) {
      timespec stamp{};
      std::memcpy(&stamp, CMSG_DATA(item), sizeof stamp);
      arrived_ns = static_cast<std::uint64_t>(stamp.tv_sec) * 1'000'000'000U +
                   static_cast<std::uint64_t>(stamp.tv_nsec);
    } else if (item->cmsg_type == SO_RXQ_OVFL) {
      std::memcpy(&overflows, CMSG_DATA(item), sizeof overflows);
    }
  }
}

}  // namespace

struct Subscribers::Datagram {
  std::array<std::uint8_t, kDatagramBytes> bytes;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(timespec)) + CMSG_SPACE(sizeof(std::uint32_t))> control;
};

Subscribers::Subscriber::Subscriber(const SubscriberPlan& own, std::size_t numbers)
    : plan(own), rtp(own.receive_rtp, false), rtcp(own.association.send_rtcp, true) {
  for (std::vector<bool>& bits : seen) {
    bits.resize(numbers);
  }
}

Subscribers::Subscribers(const Plan& plan, const Window& window)
    : plan_(plan), window_(window), deliveries_(plan.subscribers.size()) {
  const auto seconds = static_cast<std::size_t>((plan.warmup_ns + plan.duration_ns) / 1'000'000'000U) + 2;
  for (const SubscriberPlan& own : plan.subscribers) {
    subscribers_.push_back(std::make_unique<Subscriber>(own, seconds * kNumbersPerSecond));
    const int on = 1;
    const int buffer_bytes = 2 << 20;
    ::setsockopt(own.association.socket, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    ::setsockopt(own.association.socket, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
    if (::setsockopt(own.association.socket, SOL_SOCKET, SO_RCVBUFFORCE, &buffer_bytes,
                     sizeof buffer_bytes) != 0) {
      ::setsockopt(own.association.socket, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof buffer_bytes);
    }
  }
}

void Subscribers::run() {
  const int poll = ::epoll_create1(EPOLL_CLOEXEC);
  if (poll < 0) {
    throw std::runtime_error("epoll_create1 failed");
  }
  for (std::size_t i = 0; i < subscribers_.size(); ++i) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i;
    ::epoll_ctl(poll, EPOLL_CTL_ADD, subscribers_[i]->plan.association.socket, &event);
  }
  std::array<epoll_event, 64> ready{};
  next_slot_ns_ = wall_clock_ns();
  for (;;) {
    const int count = ::epoll_wait(poll, ready.data(), static_cast<int>(ready.size()), 5);
    for (int i = 0; i < count; ++i) {
      drain(static_cast<std::size_t>(ready[static_cast<std::size_t>(i)].data.u64));
    }
    const std::uint64_t now_ns = wall_clock_ns();
    send_due(now_ns);
    if (window_.is_over && now_ns > last_arrival_ns_ + kSilenceNs) {
      break;
    }
  }
  ::close(poll);
}

void Subscribers::drain(std::size_t index) {
  static thread_local std::array<Datagram, kBatch> datagrams;
  std::array<mmsghdr, kBatch> messages{};
  std::array<iovec, kBatch> vectors{};
  for (std::size_t i = 0; i < kBatch; ++i) {
    vectors[i] = {.iov_base = datagrams[i].bytes.data(), .iov_len = kDatagramBytes};
    messages[i].msg_hdr.msg_iov = &vectors[i];
    messages[i].msg_hdr.msg_iovlen = 1;
    messages[i].msg_hdr.msg_control = datagrams[i].control.data();
    messages[i].msg_hdr.msg_controllen = datagrams[i].control.size();
  }
  Subscriber& subscriber = *subscribers_[index];
  const int received =
      ::recvmmsg(subscriber.plan.association.socket, messages.data(), kBatch, MSG_DONTWAIT, nullptr);
  for (int i = 0; i < received; ++i) {
    auto& message = messages[static_cast<std::size_t>(i)];
    std::uint64_t arrived_ns = 0;
    read_control(message.msg_hdr, arrived_ns, subscriber.overflows);
    take(index, std::span(datagrams[static_cast<std::size_t>(i)].bytes).first(message.msg_len), arrived_ns);
  }
  deliveries_[index].socket_overflows = subscriber.overflows;
}

void Subscribers::take(std::size_t index, std::span<std::uint8_t> datagram, std::uint64_t arrived_ns) {
  if (datagram.size() < 12 || datagram[0] >> 6U != 2) {
    return;  // an answer to a check, or DTLS
  }
  Subscriber& subscriber = *subscribers_[index];
  if (datagram[1] >= 192 && datagram[1] <= 223) {
    ++deliveries_[index].reports;
    return;
  }
  const std::uint32_t payload_type = datagram[1] & 0x7FU;
  const std::size_t stream = payload_type == subscriber.plan.association.voice_payload_type ? 0 : 1;
  const std::optional<std::size_t> header_bytes = rtp_header_bytes(datagram);
  if (!header_bytes || (stream == 1 && payload_type != subscriber.plan.association.video_payload_type)) {
    ++deliveries_[index].not_authentic;
    return;
  }
  const std::uint32_t ssrc = read_u32(datagram, 8);
  const std::uint32_t sequence_number = read_u16(datagram, 2);
  std::uint32_t& highest = subscriber.highest[stream];
  const bool is_new = subscriber.ssrc[stream] != ssrc;
  const std::uint32_t extended = is_new ? sequence_number : extend(highest, sequence_number);
  const int plain = subscriber.rtp.open_rtp(datagram, *header_bytes, extended >> 16U);
  if (plain < 0) {
    ++deliveries_[index].not_authentic;
    return;
  }
  subscriber.ssrc[stream] = ssrc;
  highest = is_new ? extended : std::max(highest, extended);
  const Bytes payload = datagram.subspan(*header_bytes, static_cast<std::size_t>(plain));
  if (const auto stamp = read_stamp(payload, stream == 0 ? kVoiceStampOffset : kVideoStampOffset)) {
    count(index, stream, *stamp, arrived_ns);
  }
}

void Subscribers::count(std::size_t index, std::size_t stream, const Stamp& stamp, std::uint64_t arrived_ns) {
  last_arrival_ns_ = arrived_ns;
  std::vector<bool>& seen = subscribers_[index]->seen[stream];
  if (stamp.number < window_.first[stream] || stamp.number >= window_.end[stream] ||
      stamp.number >= seen.size()) {
    return;
  }
  if (seen[stamp.number]) {
    ++deliveries_[index].duplicates;
    return;
  }
  seen[stamp.number] = true;
  ++deliveries_[index].distinct[stream];
  const std::uint64_t delay_ns = arrived_ns - std::min(arrived_ns, stamp.scheduled_ns);
  delays_.us[static_cast<std::size_t>(stamp.kind)].push_back(static_cast<std::uint32_t>(delay_ns / 1000));
}

// One report per subscriber and interval, spread evenly; a check with every n-th of them.
void Subscribers::send_due(std::uint64_t now_ns) {
  const std::uint64_t step_ns = plan_.report_interval_ns / std::max<std::size_t>(1, subscribers_.size());
  const std::uint64_t reports_per_check =
      std::max<std::uint64_t>(1, plan_.check_interval_ns / plan_.report_interval_ns);
  while (!subscribers_.empty() && next_slot_ns_ <= now_ns) {
    const std::size_t index = slot_ % subscribers_.size();
    const std::uint64_t round = slot_ / subscribers_.size();
    Subscriber& subscriber = *subscribers_[index];
    send_report(subscriber);
    if ((round + index) % reports_per_check == 0) {
      const auto check =
          make_check(subscriber.plan.association.check_username, subscriber.plan.association.check_password);
      ::send(subscriber.plan.association.socket, check.data(), check.size(), MSG_DONTWAIT);
    }
    ++slot_;
    next_slot_ns_ += step_ns;
  }
}

// A receiver report of both streams (RFC 3550 6.4.2) with a CNAME.
void Subscribers::send_report(Subscriber& subscriber) {
  const auto blocks = static_cast<std::uint32_t>(std::count_if(subscriber.ssrc.begin(), subscriber.ssrc.end(),
                                                               [](std::uint32_t ssrc) { return ssrc != 0; }));
  Writer packet;
  packet.u8(0x80U | blocks);
  packet.u8(201);
  packet.u16(1 + 6 * blocks);
  packet.u32(subscriber.plan.report_ssrc);
  for (std::size_t i = 0; i < kStreamKinds; ++i) {
    if (subscriber.ssrc[i] == 0) {
      continue;
    }
    packet.u32(subscriber.ssrc[i]);
    packet.u32(0);
    packet.u32(subscriber.highest[i]);
    packet.fill(packet.size() + 12);
  }
  packet.u16(0x81CA);
  packet.u16(3);
  packet.u32(subscriber.plan.report_ssrc);
  packet.u16(0x0105);
  packet.raw(Bytes(reinterpret_cast<const std::uint8_t*>("light"), 5));
  packet.u8(0);
  subscriber.rtcp.seal_rtcp(packet.bytes(), ++subscriber.rtcp_index);
  ::send(subscriber.plan.association.socket, packet.bytes().data(), packet.size(), MSG_DONTWAIT);
}

}  // namespace light
