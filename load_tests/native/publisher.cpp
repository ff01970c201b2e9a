#include "publisher.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "payload.hpp"
#include "stun_check.hpp"

namespace light {
namespace {

constexpr std::uint64_t kNsPerS = 1'000'000'000;
constexpr std::uint64_t kLeadNs = 20'000'000;        // from the plan to the first packet
constexpr std::uint64_t kNtpEpochS = 2'208'988'800;  // 1900 to 1970
constexpr std::uint32_t kFirstSequenceNumber = 32'000;

}  // namespace

Publisher::Publisher(const Plan& plan, Window& window, Ledger& ledger)
    : plan_(plan),
      own_(plan.publisher),
      window_(window),
      ledger_(ledger),
      rtp_(make_seal(own_.send_rtp, true)),
      rtcp_(make_seal(own_.association.send_rtcp, true)),
      feedback_(make_seal(own_.receive_rtcp, false)),
      start_ns_(wall_clock_ns() + kLeadNs),
      schedule_(read_trace(plan.trace_path), start_ns_),
      streams_{Stream{.ssrc = own_.voice_ssrc,
                      .payload_type = own_.association.voice_payload_type,
                      .sequence_number = kFirstSequenceNumber},
               Stream{.ssrc = own_.video_ssrc,
                      .payload_type = own_.association.video_payload_type,
                      .sequence_number = kFirstSequenceNumber}},
      capture_(own_.capture_path.empty() ? nullptr : std::fopen(own_.capture_path.c_str(), "wb"),
               &std::fclose) {}

void Publisher::run() {
  constexpr std::uint64_t kNever = UINT64_MAX;
  const std::uint64_t end_ns = start_ns_ + plan_.warmup_ns + plan_.duration_ns;
  std::uint64_t report_ns = plan_.report_interval_ns == 0 ? kNever : start_ns_ + 200'000'000;
  std::uint64_t check_ns = own_.association.check_password.empty() ? kNever : start_ns_;
  bool is_window_open = false;
  for (;;) {
    const std::uint64_t packet_ns = schedule_.next().at_ns;
    const std::uint64_t due_ns = std::min({packet_ns, report_ns, check_ns});
    if (due_ns >= end_ns) {
      break;
    }
    wait_until(due_ns);
    if (!is_window_open && due_ns >= start_ns_ + plan_.warmup_ns) {
      is_window_open = true;
      open_window();
    }
    if (due_ns == packet_ns) {
      send_media(schedule_.next());
      schedule_.pop();
    } else if (due_ns == report_ns) {
      send_reports(report_ns);
      report_ns += plan_.report_interval_ns;
    } else {
      send(own_.association.socket,
           make_check(own_.association.check_username, own_.association.check_password));
      check_ns = plan_.check_interval_ns == 0 ? kNever : check_ns + plan_.check_interval_ns;
    }
  }
  close_window();
}

void Publisher::open_window() {
  for (std::size_t i = 0; i < kStreamKinds; ++i) {
    window_.first[i] = streams_[i].next_number;
  }
  lateness_us_.clear();
  std::puts("begin");
  std::fflush(stdout);
}

void Publisher::close_window() {
  for (std::size_t i = 0; i < kStreamKinds; ++i) {
    window_.end[i] = streams_[i].next_number;
  }
  std::puts("end");
  std::fflush(stdout);
}

// The fixed header and one-byte extensions (RFC 8285); the length of both.
std::size_t Publisher::write_header(Writer& out, const Stream& stream, bool marker, const std::string& mid,
                                    bool has_level) {
  const std::uint32_t level_id = has_level ? own_.level_extension : 0;
  const bool has_extensions =
      own_.mid_extension != 0 || level_id != 0 || own_.association.transport_cc_extension != 0;
  out.u8(has_extensions ? 0x90 : 0x80);
  out.u8(stream.payload_type | (marker ? 0x80U : 0U));
  out.u16(stream.sequence_number);
  out.u32(stream.timestamp);
  out.u32(stream.ssrc);
  if (!has_extensions) {
    return out.size();
  }
  out.u16(0xBEDE);
  const std::size_t length_offset = out.size();
  out.u16(0);
  if (own_.mid_extension != 0) {
    out.u8(own_.mid_extension << 4U | static_cast<std::uint32_t>(mid.size() - 1));
    out.raw({reinterpret_cast<const std::uint8_t*>(mid.data()), mid.size()});
  }
  if (level_id != 0) {
    out.u8(level_id << 4U);
    out.u8(0x80U | 30U);  // voice activity, -30 dBov
  }
  if (own_.association.transport_cc_extension != 0) {
    out.u8(own_.association.transport_cc_extension << 4U | 1U);
    out.u16(transport_cc_number_++);
  }
  out.fill((out.size() + 3) / 4 * 4);
  out.set_u16(length_offset, static_cast<std::uint32_t>((out.size() - length_offset - 2) / 4));
  return out.size();
}

void Publisher::send_media(const PlannedPacket& planned) {
  const bool is_voice = planned.kind == PacketKind::kVoice;
  Stream& stream = streams_[is_voice ? 0 : 1];
  if (planned.is_frame_start) {
    ++picture_id_;
    stream.timestamp = video_ticks(planned.at_ns);
  }
  const Stamp stamp{stream.next_number, planned.at_ns, planned.kind};
  Writer packet;
  const std::size_t header_bytes =
      write_header(packet, stream, planned.marker, is_voice ? "0" : "1", is_voice);
  write_payload(packet, planned, stamp, picture_id_);
  stream.octets += static_cast<std::uint32_t>(packet.size() - header_bytes);
  rtp_->seal_rtp(packet.bytes(), header_bytes, stream.sequence_number >> 16U);
  ledger_.write(stamp);
  const std::uint64_t now_ns = wall_clock_ns();
  lateness_us_.push_back(static_cast<std::uint32_t>((now_ns - std::min(now_ns, planned.at_ns)) / 1000));
  send_to_null_path(stamp, packet.size());
  send(is_voice ? own_.association.socket : own_.video_socket, packet.bytes());
  capture(packet.bytes());
  ++stream.sequence_number;
  ++stream.next_number;
  stream.timestamp += is_voice ? kVoiceTicks : 0;
}

// The same number of bytes, straight to the receiving thread: what the way costs without a server in it.
void Publisher::send_to_null_path(const Stamp& stamp, std::size_t size) {
  if (plan_.null_send_socket >= 0) {
    Writer copy;
    write_stamp(copy, stamp);
    copy.fill(std::max(size, copy.size()));
    ::send(plan_.null_send_socket, copy.bytes().data(), copy.size(), MSG_DONTWAIT);
  }
}

void Publisher::capture(const std::vector<std::uint8_t>& packet) {
  if (capture_ != nullptr) {
    Writer length;
    length.u16(static_cast<std::uint32_t>(packet.size()));
    std::fwrite(length.bytes().data(), 1, length.size(), capture_.get());
    std::fwrite(packet.data(), 1, packet.size(), capture_.get());
  }
}

// A sender report per stream with its CNAME (RFC 3550 6.4.1, 6.5).
void Publisher::send_reports(std::uint64_t now_ns) {
  for (std::size_t i = 0; i < kStreamKinds; ++i) {
    const Stream& stream = streams_[i];
    Writer packet;
    packet.u16(0x80C8);
    packet.u16(6);
    packet.u32(stream.ssrc);
    packet.u32(static_cast<std::uint32_t>(now_ns / kNsPerS + kNtpEpochS));
    packet.u32(static_cast<std::uint32_t>((now_ns % kNsPerS << 32U) / kNsPerS));
    packet.u32(i == 0 ? stream.timestamp : video_ticks(now_ns));
    packet.u32(stream.next_number);
    packet.u32(stream.octets);
    packet.u16(0x81CA);
    packet.u16(3);
    packet.u32(stream.ssrc);
    packet.u16(0x0105);
    packet.raw(Bytes(reinterpret_cast<const std::uint8_t*>("light"), 5));
    packet.u8(0);
    rtcp_->seal_rtcp(packet.bytes(), ++rtcp_index_);
    send(i == 0 ? own_.association.socket : own_.video_socket, packet.bytes());
  }
  if (capture_ != nullptr) {
    std::fflush(capture_.get());  // whoever replays the packets reads them while we run
  }
}

void Publisher::send(int socket, const std::vector<std::uint8_t>& datagram) {
  if (::send(socket, datagram.data(), datagram.size(), 0) < 0) {
    ++send_failures_;
  }
}

void Publisher::wait_until(std::uint64_t deadline_ns) {
  for (std::uint64_t now_ns = wall_clock_ns(); now_ns < deadline_ns; now_ns = wall_clock_ns()) {
    const std::uint64_t left_ns = deadline_ns - now_ns;
    const timespec timeout{.tv_sec = static_cast<time_t>(left_ns / kNsPerS),
                           .tv_nsec = static_cast<long>(left_ns % kNsPerS)};
    pollfd waiting{.fd = own_.association.socket, .events = POLLIN, .revents = 0};
    if (::ppoll(&waiting, 1, &timeout, nullptr) > 0) {
      take_feedback();
    }
  }
}

// Looks for PLI and FIR in what the server sends back; everything else is only drained.
void Publisher::take_feedback() {
  std::array<std::uint8_t, 2048> buffer{};
  for (;;) {
    const ssize_t received = ::recv(own_.association.socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (received < 0) {
      return;
    }
    const auto datagram = std::span(buffer).first(static_cast<std::size_t>(received));
    if (datagram.size() < 2 || datagram[0] >> 6U != 2 || datagram[1] < 192 || datagram[1] > 223) {
      continue;
    }
    const int plain = feedback_->open_rtcp(datagram);
    for (std::size_t at = 0; plain > 0 && at + 4 <= static_cast<std::size_t>(plain);) {
      const std::uint32_t format = datagram[at] & 0x1FU;
      if (datagram[at + 1] == 206 && (format == 1 || format == 4)) {
        ++keyframe_requests_;
        schedule_.request_keyframe();
      }
      at += 4 + 4 * static_cast<std::size_t>(read_u16(datagram, at + 2));
    }
  }
}

}  // namespace light
