#include "publisher.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "stun_check.hpp"

namespace light {
namespace {

constexpr std::uint64_t kNsPerS = 1'000'000'000;
constexpr std::uint64_t kVoiceIntervalNs = 20'000'000;
constexpr std::uint32_t kVoiceTicks = 960;           // 20 ms at 48 kHz
constexpr std::size_t kVoicePayloadBytes = 80;       // 32 kbit/s
constexpr std::uint64_t kNtpEpochS = 2'208'988'800;  // 1900 to 1970
constexpr std::uint32_t kFirstSequenceNumber = 32'000;

std::uint32_t video_ticks(std::uint64_t time_ns) {
  return static_cast<std::uint32_t>(time_ns / 1000 * 9 / 100);
}

}  // namespace

Publisher::Publisher(const Plan& plan, Window& window)
    : plan_(plan),
      own_(plan.publisher),
      window_(window),
      rtp_(own_.send_rtp, true),
      rtcp_(own_.association.send_rtcp, true),
      feedback_(own_.receive_rtcp, false),
      streams_{Stream{.ssrc = own_.voice_ssrc,
                      .payload_type = own_.association.voice_payload_type,
                      .sequence_number = kFirstSequenceNumber},
               Stream{.ssrc = own_.video_ssrc,
                      .payload_type = own_.association.video_payload_type,
                      .sequence_number = kFirstSequenceNumber}},
      capture_(own_.capture_path.empty() ? nullptr : std::fopen(own_.capture_path.c_str(), "wb"),
               &std::fclose) {}

void Publisher::run() {
  const std::uint64_t start_ns = wall_clock_ns();
  const std::uint64_t end_ns = start_ns + plan_.warmup_ns + plan_.duration_ns;
  const std::uint64_t frame_interval_ns = kNsPerS / own_.frames_per_second;
  std::uint64_t voice_ns = start_ns;
  std::uint64_t frame_ns = start_ns + 5'000'000;
  std::uint64_t report_ns = start_ns + 200'000'000;
  std::uint64_t check_ns = start_ns;
  bool is_window_open = false;
  start_frame(frame_ns);
  for (;;) {
    const std::uint64_t packet_ns = frame_ns + frame_position_ * own_.packet_spacing_ns;
    const std::uint64_t due_ns = std::min({voice_ns, packet_ns, report_ns, check_ns});
    if (due_ns >= end_ns) {
      break;
    }
    wait_until(due_ns);
    if (!is_window_open && due_ns >= start_ns + plan_.warmup_ns) {
      is_window_open = true;
      open_window();
    }
    if (due_ns == voice_ns) {
      send_voice(voice_ns);
      voice_ns += kVoiceIntervalNs;
    } else if (due_ns == packet_ns) {
      send_video_packet(packet_ns);
      if (frame_position_ == frame_packets_) {
        frame_ns += frame_interval_ns;
        start_frame(frame_ns);
      }
    } else if (due_ns == report_ns) {
      send_reports(report_ns);
      report_ns += plan_.report_interval_ns;
    } else {
      send(make_check(own_.association.check_username, own_.association.check_password));
      check_ns += plan_.check_interval_ns;
    }
  }
  for (std::size_t i = 0; i < kStreamKinds; ++i) {
    window_.end[i] = streams_[i].next_number;
  }
  std::puts("end");
  std::fflush(stdout);
}

void Publisher::open_window() {
  for (std::size_t i = 0; i < kStreamKinds; ++i) {
    window_.first[i] = streams_[i].next_number;
  }
  lateness_us_.clear();
  std::puts("begin");
  std::fflush(stdout);
}

// A frame's first packet decides whether it is a keyframe.
void Publisher::start_frame(std::uint64_t scheduled_ns) {
  frame_position_ = 0;
  is_keyframe_ = wants_keyframe_ || scheduled_ns >= next_keyframe_ns_;
  if (is_keyframe_) {
    wants_keyframe_ = false;
    next_keyframe_ns_ = scheduled_ns + own_.keyframe_interval_ns;
  }
  frame_packets_ = is_keyframe_ ? own_.keyframe_packets : own_.frame_packets;
  picture_id_ = (picture_id_ + 1) & 0x7FFFU;
  streams_[1].timestamp = video_ticks(scheduled_ns);
}

// The fixed header and one-byte extensions (RFC 8285); the length of both.
std::size_t Publisher::write_header(Writer& out, const Stream& stream, bool marker, const std::string& mid,
                                    bool has_level) {
  const std::uint32_t level_id = has_level ? own_.level_extension : 0;
  const bool has_extensions = own_.mid_extension != 0 || level_id != 0 || own_.transport_cc_extension != 0;
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
  if (own_.transport_cc_extension != 0) {
    out.u8(own_.transport_cc_extension << 4U | 1U);
    out.u16(transport_cc_number_++);
  }
  out.fill((out.size() + 3) / 4 * 4);
  out.set_u16(length_offset, static_cast<std::uint32_t>((out.size() - length_offset - 2) / 4));
  return out.size();
}

void Publisher::send_voice(std::uint64_t scheduled_ns) {
  Stream& stream = streams_[0];
  Writer packet;
  const std::size_t header_bytes = write_header(packet, stream, false, "0", true);
  packet.u8(0x78);  // Opus TOC: CELT, 20 ms, mono
  write_stamp(packet, {stream.next_number, scheduled_ns, PacketKind::kVoice});
  packet.fill(header_bytes + kVoicePayloadBytes);
  send_media(stream, packet, header_bytes, scheduled_ns);
  stream.timestamp += kVoiceTicks;
}

// VP8 (RFC 7741): descriptor with a 15-bit picture id; the first packet of a frame carries the frame's
// header.
void Publisher::send_video_packet(std::uint64_t scheduled_ns) {
  Stream& stream = streams_[1];
  const bool is_first = frame_position_ == 0;
  const bool is_last = frame_position_ + 1 == frame_packets_;
  Writer packet;
  const std::size_t header_bytes = write_header(packet, stream, is_last, "1", false);
  packet.u8(is_first ? 0x90 : 0x80);
  packet.u8(0x80);
  packet.u16(picture_id_ | 0x8000U);
  if (is_first && is_keyframe_) {
    constexpr std::array<std::uint8_t, 10> kKeyframeHeader{0x10, 0x02, 0x00, 0x9D, 0x01,
                                                           0x2A, 0x00, 0x05, 0xD0, 0x02};
    packet.raw(kKeyframeHeader);
  } else {
    packet.u8(0x31);
  }
  packet.fill(header_bytes + kVideoStampOffset);
  write_stamp(packet,
              {stream.next_number, scheduled_ns, is_keyframe_ ? PacketKind::kKeyframe : PacketKind::kDelta});
  packet.fill(own_.frame_packet_bytes + (is_last ? 1 : 0));
  send_media(stream, packet, header_bytes, scheduled_ns);
  ++frame_position_;
}

void Publisher::send_media(Stream& stream, Writer& packet, std::size_t header_bytes,
                           std::uint64_t scheduled_ns) {
  stream.octets += static_cast<std::uint32_t>(packet.size() - header_bytes);
  rtp_.seal_rtp(packet.bytes(), header_bytes, stream.sequence_number >> 16U);
  const std::uint64_t now_ns = wall_clock_ns();
  lateness_us_.push_back(static_cast<std::uint32_t>((now_ns - std::min(now_ns, scheduled_ns)) / 1000));
  send(packet.bytes());
  if (capture_ != nullptr) {
    Writer length;
    length.u16(static_cast<std::uint32_t>(packet.size()));
    std::fwrite(length.bytes().data(), 1, length.size(), capture_.get());
    std::fwrite(packet.bytes().data(), 1, packet.size(), capture_.get());
  }
  ++stream.sequence_number;
  ++stream.next_number;
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
    rtcp_.seal_rtcp(packet.bytes(), ++rtcp_index_);
    send(packet.bytes());
  }
  if (capture_ != nullptr) {
    std::fflush(capture_.get());  // whoever replays the packets reads them while we run
  }
}

void Publisher::send(const std::vector<std::uint8_t>& datagram) {
  if (::send(own_.association.socket, datagram.data(), datagram.size(), 0) < 0) {
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
    const int plain = feedback_.open_rtcp(datagram);
    for (std::size_t at = 0; plain > 0 && at + 4 <= static_cast<std::size_t>(plain);) {
      const std::uint32_t format = datagram[at] & 0x1FU;
      if (datagram[at + 1] == 206 && (format == 1 || format == 4)) {
        ++keyframe_requests_;
        wants_keyframe_ = true;
      }
      at += 4 + 4 * static_cast<std::size_t>(read_u16(datagram, at + 2));
    }
  }
}

}  // namespace light
