#include "subscribers.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "stun_check.hpp"

namespace light {
namespace {

constexpr std::size_t kBatch = 32;
constexpr std::size_t kDatagramBytes = 2048;
constexpr std::uint64_t kSilenceNs = 300'000'000;
constexpr std::uint64_t kNackIntervalNs = 50'000'000;
constexpr std::uint32_t kMostNacks = 10;
constexpr std::uint32_t kLargestGap = 500;
constexpr std::uint64_t kNullPath = UINT64_MAX;

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

void prepare(int socket) {
  const int on = 1;
  const int buffer_bytes = 4 << 20;
  ::setsockopt(socket, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  ::setsockopt(socket, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
  if (::setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &buffer_bytes, sizeof buffer_bytes) != 0) {
    ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof buffer_bytes);
  }
}

void watch(int poll, int socket, std::uint64_t who) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = who;
  ::epoll_ctl(poll, EPOLL_CTL_ADD, socket, &event);
}

}  // namespace

struct Subscribers::Datagram {
  std::array<std::uint8_t, kDatagramBytes> bytes;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(timespec)) + CMSG_SPACE(sizeof(std::uint32_t))> control;
};

Subscribers::Subscriber::Subscriber(const SubscriberPlan& own, std::size_t numbers)
    : plan(own), rtp(make_seal(own.receive_rtp, false)), rtcp(make_seal(own.association.send_rtcp, true)) {
  for (Track& track : tracks) {
    track.seen.resize(numbers);
  }
}

Subscribers::Subscribers(const Plan& plan, const Window& window, Ledger& ledger)
    : plan_(plan),
      window_(window),
      ledger_(ledger),
      deliveries_(plan.subscribers.size()),
      reports_{.interval_ns = plan.report_interval_ns},
      checks_{.interval_ns = plan.check_interval_ns},
      feedback_{.interval_ns = plan.feedback_interval_ns},
      nacks_{.interval_ns = plan.loss_permille == 0 ? 0 : kNackIntervalNs} {
  for (const SubscriberPlan& own : plan.subscribers) {
    subscribers_.push_back(std::make_unique<Subscriber>(own, ledger.entries[0].size()));
    prepare(own.association.socket);
  }
  if (plan.null_receive_socket >= 0) {
    prepare(plan.null_receive_socket);
  }
}

void Subscribers::run() {
  const int poll = ::epoll_create1(EPOLL_CLOEXEC);
  if (poll < 0) {
    throw std::runtime_error("epoll_create1 failed");
  }
  for (std::size_t i = 0; i < subscribers_.size(); ++i) {
    watch(poll, subscribers_[i]->plan.association.socket, i);
  }
  if (plan_.null_receive_socket >= 0) {
    watch(poll, plan_.null_receive_socket, kNullPath);
  }
  const std::uint64_t start_ns = wall_clock_ns();
  for (Duty* duty : {&reports_, &checks_, &feedback_, &nacks_}) {
    duty->next_ns = start_ns;
  }
  std::array<epoll_event, 64> ready{};
  for (;;) {
    const int count = ::epoll_wait(poll, ready.data(), static_cast<int>(ready.size()), 5);
    for (int i = 0; i < count; ++i) {
      const std::uint64_t who = ready[static_cast<std::size_t>(i)].data.u64;
      if (who == kNullPath) {
        drain_null_path();
      } else {
        drain(static_cast<std::size_t>(who));
      }
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

void Subscribers::drain_null_path() {
  Datagram datagram;
  iovec vector{.iov_base = datagram.bytes.data(), .iov_len = kDatagramBytes};
  for (;;) {
    msghdr header{};
    header.msg_iov = &vector;
    header.msg_iovlen = 1;
    header.msg_control = datagram.control.data();
    header.msg_controllen = datagram.control.size();
    const ssize_t received = ::recvmsg(plan_.null_receive_socket, &header, MSG_DONTWAIT);
    if (received < 0) {
      return;
    }
    std::uint64_t arrived_ns = 0;
    std::uint32_t overflows = 0;
    read_control(header, arrived_ns, overflows);
    const auto stamp = read_stamp(Bytes(datagram.bytes).first(static_cast<std::size_t>(received)), 0);
    if (stamp) {
      std::vector<Entry>& entries = ledger_.entries[stamp->kind == PacketKind::kVoice ? 0 : 1];
      if (stamp->number < entries.size()) {
        entries[stamp->number].null_ns = arrived_ns;
      }
    }
  }
}

void Subscribers::take(std::size_t index, std::span<std::uint8_t> datagram, std::uint64_t arrived_ns) {
  if (datagram.size() < 12 || datagram[0] >> 6U != 2) {
    return;  // an answer to a check, or DTLS
  }
  if (datagram[1] >= 192 && datagram[1] <= 223) {
    ++deliveries_[index].reports;
    return;
  }
  Subscriber& subscriber = *subscribers_[index];
  const std::optional<std::size_t> header_bytes = rtp_header_bytes(datagram);
  if (!header_bytes) {
    ++deliveries_[index].not_authentic;
    return;
  }
  if (plan_.loss_permille != 0 && chance_() % 1000 < plan_.loss_permille) {
    ++deliveries_[index].taken_for_lost;
    return;
  }
  const Association& own = subscriber.plan.association;
  if (feedback_.interval_ns != 0 && own.transport_cc_extension != 0) {
    if (const auto number = read_extension_u16(datagram, own.transport_cc_extension)) {
      subscriber.arrivals.push_back({*number, arrived_ns});
    }
  }
  const std::uint32_t payload_type = datagram[1] & 0x7FU;
  const Packet packet{.bytes = datagram, .header_bytes = *header_bytes, .arrived_ns = arrived_ns};
  if (payload_type == own.voice_payload_type || payload_type == own.video_payload_type) {
    take_media(index, payload_type == own.voice_payload_type ? 0 : 1, packet);
  } else if (subscriber.plan.rtx_payload_type != 0 && payload_type == subscriber.plan.rtx_payload_type) {
    take_rtx(index, packet);
  } else {
    ++deliveries_[index].not_authentic;
  }
}

void Subscribers::take_media(std::size_t index, std::size_t stream, const Packet& packet) {
  Subscriber& subscriber = *subscribers_[index];
  Track& track = subscriber.tracks[stream];
  const std::uint32_t ssrc = read_u32(packet.bytes, 8);
  const std::uint32_t sequence_number = read_u16(packet.bytes, 2);
  const bool is_new = track.received.ssrc != ssrc;
  const std::uint32_t extended = is_new ? sequence_number : extend(track.received.highest, sequence_number);
  if (is_new || track.until_verified == 0) {
    if (!verify(index, track, packet, extended)) {
      return;
    }
    track.until_verified = plan_.verify_every;
  }
  --track.until_verified;
  if (is_new) {
    track.received = {.ssrc = ssrc, .highest = extended};
    track.missing.clear();
  }
  const bool is_recovered = track.missing.erase(extended) != 0;
  note_gap(index, stream, extended);
  count(index, stream, extended, packet.arrived_ns, is_recovered);
  if (stream == 1 && !subscriber.has_asked_keyframe && plan_.report_interval_ns != 0) {
    subscriber.has_asked_keyframe = true;
    send_rtcp(subscriber, make_keyframe_request(subscriber.plan.report_ssrc, ssrc));
  }
}

// Opens the packet; its stamp says which of the publisher's it is.
bool Subscribers::verify(std::size_t index, Track& track, const Packet& packet, std::uint32_t extended) {
  Subscriber& subscriber = *subscribers_[index];
  const int plain = subscriber.rtp->open_rtp(packet.bytes, packet.header_bytes, extended >> 16U);
  const bool is_voice = &track == subscriber.tracks.data();
  const auto stamp =
      plain < 0 ? std::nullopt
                : read_stamp(packet.bytes.subspan(packet.header_bytes, static_cast<std::size_t>(plain)),
                             is_voice ? kVoiceStampOffset : kVideoStampOffset);
  if (!stamp) {
    ++deliveries_[index].not_authentic;
    return false;
  }
  const std::int64_t shift = static_cast<std::int64_t>(stamp->number) - static_cast<std::int64_t>(extended);
  if (track.received.ssrc != 0 && shift != track.number_shift) {
    ++deliveries_[index].renumbered;
  }
  track.number_shift = shift;
  return true;
}

// RFC 4588 4: the payload begins with the original sequence number.
void Subscribers::take_rtx(std::size_t index, const Packet& packet) {
  Subscriber& subscriber = *subscribers_[index];
  Track& track = subscriber.tracks[1];
  const int plain = subscriber.rtp->open_rtp(packet.bytes, packet.header_bytes, 0);
  if (plain < 0 || track.received.ssrc == 0) {
    ++deliveries_[index].not_authentic;
    return;
  }
  if (plain < 2) {
    return;  // a probe
  }
  const std::uint32_t extended = extend(track.received.highest, read_u16(packet.bytes, packet.header_bytes));
  track.missing.erase(extended);
  count(index, 1, extended, packet.arrived_ns, true);
}

void Subscribers::note_gap(std::size_t index, std::size_t stream, std::uint32_t extended) {
  Track& track = subscribers_[index]->tracks[stream];
  const std::uint32_t highest = track.received.highest;
  if (static_cast<std::int32_t>(extended - highest) <= 0) {
    return;
  }
  if (plan_.loss_permille != 0 && extended - highest < kLargestGap) {
    for (std::uint32_t lost = highest + 1; lost != extended; ++lost) {
      track.missing.emplace(lost, 0);
    }
  }
  track.received.highest = extended;
}

void Subscribers::count(std::size_t index, std::size_t stream, std::uint32_t extended,
                        std::uint64_t arrived_ns, bool is_recovered) {
  last_arrival_ns_ = arrived_ns;
  Track& track = subscribers_[index]->tracks[stream];
  const std::int64_t number = static_cast<std::int64_t>(extended) + track.number_shift;
  if (number < window_.first[stream] || number >= window_.end[stream] ||
      number >= static_cast<std::int64_t>(track.seen.size())) {
    return;
  }
  Delivery& delivery = deliveries_[index];
  const auto at = static_cast<std::size_t>(number);
  if (track.seen[at]) {
    ++delivery.duplicates;
    return;
  }
  track.seen[at] = true;
  ++delivery.distinct[stream];
  delivery.recovered += is_recovered ? 1 : 0;
  if (track.last_arrival_ns != 0 && arrived_ns > track.last_arrival_ns) {
    std::uint64_t& longest = delivery.longest_gap_us[stream];
    longest = std::max(longest, (arrived_ns - track.last_arrival_ns) / 1000);
  }
  track.last_arrival_ns = arrived_ns;
  if (is_recovered) {
    return;
  }
  Entry& entry = ledger_.entries[stream][at];
  entry.first_ns = entry.first_ns == 0 ? arrived_ns : std::min(entry.first_ns, arrived_ns);
  entry.last_ns = std::max(entry.last_ns, arrived_ns);
  samples_[stream].push_back({.number = static_cast<std::uint32_t>(number),
                              .subscriber = static_cast<std::uint32_t>(index),
                              .at_ns = arrived_ns});
}

template <typename Action>
void Subscribers::take_turns(Duty& duty, std::uint64_t now_ns, Action&& action) {
  if (duty.interval_ns == 0 || subscribers_.empty()) {
    return;
  }
  const std::uint64_t step_ns = std::max<std::uint64_t>(1, duty.interval_ns / subscribers_.size());
  for (; duty.next_ns <= now_ns; duty.next_ns += step_ns) {
    action(*subscribers_[duty.turn++ % subscribers_.size()]);
  }
}

void Subscribers::send_due(std::uint64_t now_ns) {
  take_turns(reports_, now_ns, [this](Subscriber& one) { send_report(one); });
  take_turns(checks_, now_ns, [this](Subscriber& one) { send_check(one); });
  take_turns(feedback_, now_ns, [this](Subscriber& one) { send_feedback(one); });
  take_turns(nacks_, now_ns, [this](Subscriber& one) { send_nacks(one); });
}

void Subscribers::send_report(Subscriber& subscriber) {
  const std::array<ReceivedStream, kStreamKinds> streams{subscriber.tracks[0].received,
                                                         subscriber.tracks[1].received};
  send_rtcp(subscriber, make_receiver_report(subscriber.plan.report_ssrc, streams));
}

void Subscribers::send_check(Subscriber& subscriber) {
  const Association& own = subscriber.plan.association;
  const auto check = make_check(own.check_username, own.check_password);
  ::send(own.socket, check.data(), check.size(), MSG_DONTWAIT);
}

void Subscribers::send_feedback(Subscriber& subscriber) {
  if (!subscriber.arrivals.empty()) {
    send_rtcp(subscriber,
              make_transport_feedback(subscriber.plan.report_ssrc, subscriber.tracks[1].received.ssrc,
                                      subscriber.feedback_count++, subscriber.arrivals));
    subscriber.arrivals.clear();
  }
}

void Subscribers::send_nacks(Subscriber& subscriber) {
  for (Track& track : subscriber.tracks) {
    std::vector<std::uint16_t> numbers;
    for (auto one = track.missing.begin(); one != track.missing.end();) {
      if (++one->second > kMostNacks) {
        one = track.missing.erase(one);
      } else {
        numbers.push_back(static_cast<std::uint16_t>(one->first));
        ++one;
      }
    }
    if (!numbers.empty()) {
      send_rtcp(subscriber, make_nack(subscriber.plan.report_ssrc, track.received.ssrc, numbers));
    }
  }
}

void Subscribers::send_rtcp(Subscriber& subscriber, Writer packet) {
  subscriber.rtcp->seal_rtcp(packet.bytes(), ++subscriber.rtcp_index);
  ::send(subscriber.plan.association.socket, packet.bytes().data(), packet.size(), MSG_DONTWAIT);
}

}  // namespace light
