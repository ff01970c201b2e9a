#include "ceiling.hpp"

#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <stdexcept>

#include "payload.hpp"

namespace light {
namespace {

constexpr std::uint64_t kLeadNs = 20'000'000;
constexpr std::size_t kHeaderBytes =
    24;  // 12, four of the extension block's head, mid and transport-cc in eight
constexpr std::size_t kMostSegments = 50;
constexpr std::size_t kMessages = 64;
constexpr std::size_t kMessageBytes = 64'000;

std::uint64_t thread_cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(now.tv_nsec);
}

void sleep_until(std::uint64_t deadline_ns) {
  const timespec deadline{.tv_sec = static_cast<time_t>(deadline_ns / 1'000'000'000U),
                          .tv_nsec = static_cast<long>(deadline_ns % 1'000'000'000U)};
  while (clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &deadline, nullptr) != 0) {
  }
}

void put_u16(std::uint8_t* out, std::uint32_t value) {
  out[0] = static_cast<std::uint8_t>(value >> 8U);
  out[1] = static_cast<std::uint8_t>(value);
}

void put_u32(std::uint8_t* out, std::uint32_t value) {
  put_u16(out, value >> 16U);
  put_u16(out + 2, value);
}

}  // namespace

struct Ceiling::Messages {
  std::array<mmsghdr, kMessages> headers{};
  std::array<iovec, kMessages> vectors{};
  std::array<std::array<char, CMSG_SPACE(sizeof(std::uint16_t))>, kMessages> controls{};
  std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(kMessages * kMessageBytes);
  std::size_t used_bytes = 0;
  unsigned int count = 0;
};

Ceiling::Ceiling(const Plan& plan, Window& window, Ledger& ledger)
    : plan_(plan),
      window_(window),
      ledger_(ledger),
      start_ns_(wall_clock_ns() + kLeadNs),
      schedule_(read_trace(plan.trace_path), start_ns_),
      streams_{Stream{.ssrc = 0x11111111, .payload_type = plan.ceiling.voice_payload_type},
               Stream{.ssrc = 0x22222222, .payload_type = plan.ceiling.video_payload_type}},
      messages_(std::make_unique<Messages>()) {
  for (const SubscriberPlan& subscriber : plan.subscribers) {
    Sink& sink = sinks_.emplace_back();
    socklen_t length = sizeof sink.address;
    if (::getsockname(subscriber.association.socket, reinterpret_cast<sockaddr*>(&sink.address), &length) !=
        0) {
      throw std::runtime_error("a sink without an address");
    }
    sink.seal = make_burst_seal(subscriber.receive_rtp, plan.ceiling.uses_ipsec_mb);
  }
}

Ceiling::~Ceiling() = default;

void Ceiling::run() {
  const std::uint64_t end_ns = start_ns_ + plan_.warmup_ns + plan_.duration_ns;
  bool is_window_open = false;
  for (;;) {
    const PlannedPacket planned = schedule_.next();
    if (planned.at_ns >= end_ns) {
      break;
    }
    sleep_until(planned.at_ns);
    if (!is_window_open && frame_.empty() && planned.at_ns >= start_ns_ + plan_.warmup_ns) {
      is_window_open = true;
      for (std::size_t i = 0; i < kStreamKinds; ++i) {
        window_.first[i] = streams_[i].next_number;
      }
      window_cpu_ns_ = thread_cpu_ns();
      std::puts("begin");
      std::fflush(stdout);
    }
    take(planned);
    schedule_.pop();
  }
  window_cpu_ns_ = thread_cpu_ns() - window_cpu_ns_;
  window_.end[0] = streams_[0].next_number;
  window_.end[1] = streams_[1].next_number - static_cast<std::uint32_t>(frame_.size());
  std::puts("end");
  std::fflush(stdout);
}

// Voice leaves at once, a frame with its last packet.
void Ceiling::take(const PlannedPacket& planned) {
  const std::size_t kind = planned.kind == PacketKind::kVoice ? 0 : 1;
  Stream& stream = streams_[kind];
  if (planned.is_frame_start) {
    ++picture_id_;
    stream.timestamp = video_ticks(planned.at_ns);
  }
  const Stamp stamp{stream.next_number, planned.at_ns, planned.kind};
  ledger_.write(stamp);
  Writer payload;
  write_payload(payload, planned, stamp, picture_id_);
  Plain plain{.payload = std::move(payload.bytes()),
              .sequence_number = stream.next_number++,
              .timestamp = stream.timestamp,
              .stream = kind,
              .marker = planned.marker};
  if (kind == 0) {
    stream.timestamp += kVoiceTicks;
    burst_.clear();
    burst_.push_back(std::move(plain));
    send_burst();
    return;
  }
  frame_.push_back(std::move(plain));
  if (planned.marker) {
    burst_.swap(frame_);
    frame_.clear();
    equalize();
    send_burst();
  }
}

// RFC 3550 5.1: the last byte of the padding counts it.
void Ceiling::equalize() {
  std::size_t size = 0;
  for (const Plain& plain : burst_) {
    size = std::max(size, plain.payload.size());
  }
  for (Plain& plain : burst_) {
    const std::size_t padding = size - plain.payload.size();
    if (padding != 0 && padding < 256) {
      plain.payload.resize(size, 0);
      plain.payload.back() = static_cast<std::uint8_t>(padding);
      plain.is_padded = true;
    }
  }
}

std::size_t Ceiling::write(Sink& sink, const Plain& plain, std::uint8_t* out) {
  const Stream& stream = streams_[plain.stream];
  out[0] = plain.is_padded ? 0xB0 : 0x90;
  out[1] = static_cast<std::uint8_t>(stream.payload_type | (plain.marker ? 0x80U : 0U));
  put_u16(out + 2, plain.sequence_number);
  put_u32(out + 4, plain.timestamp);
  put_u32(out + 8, stream.ssrc);
  put_u32(out + 12, 0xBEDE0002);
  out[16] = 0x40;  // mid, one byte
  out[17] = static_cast<std::uint8_t>('0' + plain.stream);
  out[18] = 0x31;  // transport-cc, two bytes
  put_u16(out + 19, sink.transport_cc_number++);
  out[21] = out[22] = out[23] = 0;
  const std::size_t size = kHeaderBytes + plain.payload.size() + sink.seal->tag_bytes();
  sink.seal->seal(std::span(out, size), kHeaderBytes, plain.payload, plain.sequence_number >> 16U);
  return size;
}

// Runs of one size, the last of which may be shorter, become one message.
void Ceiling::send_burst() {
  Messages& messages = *messages_;
  for (Sink& sink : sinks_) {
    for (std::size_t i = 0; i < burst_.size();) {
      if (messages.count == kMessages || messages.used_bytes + kMessageBytes > messages.bytes.size()) {
        flush(messages);
      }
      std::uint8_t* const begin = messages.bytes.data() + messages.used_bytes;
      const std::size_t segment_bytes = write(sink, burst_[i], begin);
      std::size_t size = segment_bytes;
      std::size_t last_bytes = segment_bytes;
      std::size_t segments = 1;
      for (++i; i < burst_.size() && segments < kMostSegments && last_bytes == segment_bytes &&
                burst_[i].payload.size() + kHeaderBytes + sink.seal->tag_bytes() <= segment_bytes &&
                size + segment_bytes <= kMessageBytes;
           ++i, ++segments) {
        last_bytes = write(sink, burst_[i], begin + size);
        size += last_bytes;
      }
      msghdr& header = messages.headers[messages.count].msg_hdr;
      messages.vectors[messages.count] = {.iov_base = begin, .iov_len = size};
      header = {};
      header.msg_name = &sink.address;
      header.msg_namelen = sizeof sink.address;
      header.msg_iov = &messages.vectors[messages.count];
      header.msg_iovlen = 1;
      if (segments > 1) {
        header.msg_control = messages.controls[messages.count].data();
        header.msg_controllen = messages.controls[messages.count].size();
        cmsghdr* const item = CMSG_FIRSTHDR(&header);
        item->cmsg_level = SOL_UDP;
        item->cmsg_type = UDP_SEGMENT;
        item->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
        const auto bytes = static_cast<std::uint16_t>(segment_bytes);
        std::memcpy(CMSG_DATA(item), &bytes, sizeof bytes);
      }
      messages.used_bytes += size;
      ++messages.count;
    }
  }
  flush(messages);
}

void Ceiling::flush(Messages& messages) {
  finish_burst();
  for (unsigned int sent = 0; sent < messages.count;) {
    const int done =
        ::sendmmsg(plan_.ceiling.socket, messages.headers.data() + sent, messages.count - sent, 0);
    if (done <= 0) {
      ++send_failures_;
      ++sent;
    } else {
      sent += static_cast<unsigned int>(done);
    }
  }
  messages.count = 0;
  messages.used_bytes = 0;
}

}  // namespace light
