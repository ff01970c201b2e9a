// What the worker's own code costs for each forwarded packet: no sockets, no cryptography, no clock.
//
//   forwarding_cost SUBSCRIBERS FRAMES        prints packets, ns, segments per message, bytes allocated
//
// One teacher sends what Chromium does at 720p30 and 1.5 Mbit/s: frames of five packets whose sizes differ by
// a byte, the larger ones last, and fifty voice packets a second; feedback as real receivers give it. Under
// callgrind (scripts/instructions) the instructions within `run` are counted.
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "crypto_backend.hpp"
#include "dataplane.hpp"
#include "egress_batch.hpp"
#include "rtcp.hpp"
#include "stun.hpp"

namespace tandem::bench {

namespace {

constexpr std::int64_t kFrameNs = kSecond / 30;
constexpr std::uint32_t kPictureSsrc = 1001;
constexpr std::uint32_t kVoiceSsrc = 1002;
constexpr TrackId kPicture = 1;
constexpr TrackId kVoice = 2;
constexpr TransportId kTeacher = 1;
constexpr std::size_t kKeyBytes = 28;
constexpr std::size_t kTagBytes = 16;  // what the identity cipher does not look at

// Gathers messages as the worker's sockets do and forgets them instead of sending.
class DiscardingSink final : public DatagramSink {
 public:
  explicit DiscardingSink(std::int64_t& now_ns) noexcept : now_ns_(now_ns) {}
  MutableBytes reserve(const Path& path) override {
    MutableBytes room = batch_.reserve();
    if (room.empty()) {
      flush();
      room = batch_.reserve();
    }
    destination_ = path.remote;
    return room;
  }
  void commit(std::size_t length) override {
    ++datagrams;
    batch_.commit(destination_, length, now_ns_, true);
  }
  void flush() noexcept {
    messages += batch_.pending().size();
    batch_.pop(batch_.pending().size());
  }
  std::uint64_t datagrams = 0;
  std::uint64_t messages = 0;

 private:
  std::int64_t& now_ns_;
  EgressBatch batch_;
  Address destination_;
};

class DiscardingEvents final : public EventSink {
 public:
  bool push(Event /*event*/) override { return true; }
};

Path path_of(TransportId id) {
  Path path;
  path.remote.ip = {127, 0, 0, 1};
  path.remote.port = static_cast<std::uint16_t>(10'000 + id);
  return path;
}

TransportSpec transport_spec(TransportId id) {
  TransportSpec spec;
  spec.credentials.push_back(
      {.local_ufrag = "ufrag" + std::to_string(id), .local_pwd = "pwd", .remote_ufrag = ""});
  spec.srtp = SrtpKeys{.profile = SrtpProfile::AeadAes128Gcm,
                       .local = std::vector<std::uint8_t>(kKeyBytes),
                       .remote = std::vector<std::uint8_t>(kKeyBytes)};
  spec.extensions.add(1, ExtensionKind::Mid);
  spec.extensions.add(4, ExtensionKind::AudioLevel);
  spec.extensions.add(5, ExtensionKind::AbsSendTime);
  spec.extensions.add(6, ExtensionKind::TransportCc);
  spec.cname = "bench";
  return spec;
}

class Classroom {
 public:
  explicit Classroom(std::size_t subscribers)
      : sink(now_ns),
        dataplane_(sink, events_, counters, NtpTime{1} << 40U, 7, *crypto_),
        subscribers_(subscribers) {
    connect(kTeacher);
    dataplane_.set_track(kPicture, track_spec(MediaKind::Video));
    dataplane_.set_track(kVoice, track_spec(MediaKind::Audio));
    for (std::size_t i = 0; i < subscribers; ++i) {
      const TransportId id = 2 + i;
      connect(id);
      dataplane_.set_subscription(2 * id, subscription_spec(id, MediaKind::Video), now_ns);
      dataplane_.set_subscription(2 * id + 1, subscription_spec(id, MediaKind::Audio), now_ns);
    }
    send_frame(true);
    send(kVoiceSsrc, 111, voice_number_++, 80, true, false);
    settle();
    for (std::size_t i = 0; i < subscribers; ++i) {
      report(2 + i);
    }
  }

  // `frames` thirtieths of a second: a frame each, voice every 20 ms, a report of every receiver each second.
  [[gnu::noinline]] void run(std::size_t frames) {
    for (std::size_t i = 0; i < frames; ++i) {
      send_frame(false);
      settle();
      for (; next_voice_ns_ <= now_ns; next_voice_ns_ += 20 * kMillisecond) {
        send(kVoiceSsrc, 111, voice_number_++, 80, true, false);
        settle();
      }
      for (std::size_t one = i % 30; one < subscribers_; one += 30) {
        report(2 + one);
      }
      now_ns += kFrameNs;
      dataplane_.handle_time(now_ns);
      sink.flush();
    }
  }

  std::int64_t now_ns = 5 * kSecond;
  Counters counters;
  DiscardingSink sink;

 private:
  static TrackSpec track_spec(MediaKind kind) {
    const bool is_video = kind == MediaKind::Video;
    TrackSpec spec;
    spec.transport = kTeacher;
    spec.source = 1;
    spec.kind = kind;
    spec.codec = is_video ? Codec::Vp8 : Codec::Opus;
    spec.clock_rate_hz = is_video ? 90'000 : 48'000;
    spec.payload_type = is_video ? 96 : 111;
    spec.ssrc = is_video ? kPictureSsrc : kVoiceSsrc;
    spec.nack = spec.pli = is_video;
    return spec;
  }

  static SubscriptionSpec subscription_spec(TransportId id, MediaKind kind) {
    const bool is_video = kind == MediaKind::Video;
    SubscriptionSpec spec;
    spec.transport = id;
    spec.track = is_video ? kPicture : kVoice;
    spec.kind = kind;
    spec.ssrc = static_cast<std::uint32_t>(10 * id + (is_video ? 1 : 2));
    spec.rtx_ssrc = is_video ? static_cast<std::uint32_t>(10 * id + 3) : 0;
    spec.mid = is_video ? "1" : "0";
    spec.formats.push_back({.codec = is_video ? Codec::Vp8 : Codec::Opus,
                            .payload_type = static_cast<std::uint8_t>(is_video ? 96 : 111),
                            .rtx_payload_type = static_cast<std::int16_t>(is_video ? 97 : kNoPayloadType)});
    spec.cname = "bench";
    return spec;
  }

  void connect(TransportId id) {
    dataplane_.set_transport(id, transport_spec(id), now_ns);
    std::vector<std::uint8_t> check(256);
    const std::string username = "ufrag" + std::to_string(id) + ":r";
    check.resize(write_stun_check(
        check,
        {.transaction_id = {1}, .username = username, .priority = 1, .tie_breaker = 2, .use_candidate = true},
        "pwd"));
    dataplane_.handle_datagram(path_of(id), check, now_ns);
  }

  void settle() {
    while (!dataplane_.is_idle()) {
      dataplane_.run_slice(now_ns);
      sink.flush();
    }
  }

  void send_frame(bool is_keyframe) {
    constexpr std::array<std::size_t, 5> kSizes{1130, 1130, 1130, 1131, 1131};
    for (std::size_t i = 0; i < kSizes.size(); ++i) {
      send(kPictureSsrc, 96, picture_number_++, kSizes[i], i + 1 == kSizes.size(), is_keyframe && i == 0);
    }
    ++picture_id_;
  }

  void send(std::uint32_t ssrc, std::uint8_t payload_type, std::uint16_t number, std::size_t bytes,
            bool marker, bool starts_keyframe) {
    std::array<std::uint8_t, 1500> packet{};
    ByteWriter writer(packet);
    const bool is_picture = ssrc == kPictureSsrc;
    const std::int64_t clock_rate_hz = is_picture ? 90'000 : 48'000;
    write_rtp_header(writer, {.payload_type = payload_type,
                              .marker = marker,
                              .has_extension = true,
                              .sequence_number = number,
                              .timestamp = static_cast<std::uint32_t>(now_ns * clock_rate_hz / kSecond),
                              .ssrc = ssrc});
    writer.u16(kOneByteExtensionProfile);
    writer.u16(2);
    writer.u8(0x61);  // transport-cc
    writer.u16(++transport_cc_);
    writer.u8(0x52);  // abs-send-time
    writer.u24(abs_send_time(static_cast<std::uint64_t>(now_ns)));
    writer.u8(0);
    const std::size_t header_bytes = writer.position();
    if (is_picture) {
      writer.u8(0x90);
      writer.u8(0xC0);
      writer.u16(static_cast<std::uint16_t>(0x8000U | (picture_id_ & 0x7FFFU)));
      writer.u8(static_cast<std::uint8_t>(picture_id_));
      writer.u8(starts_keyframe ? 0x10 : 0x11);
    }
    const MutableBytes datagram = MutableBytes(packet).first(header_bytes + bytes + kTagBytes);
    dataplane_.handle_datagram(path_of(kTeacher), datagram, now_ns);
  }

  void report(TransportId id) {
    std::array<std::uint8_t, 256> buffer{};
    ByteWriter writer(buffer);
    const std::array<ReportBlock, 2> blocks{ReportBlock{.ssrc = static_cast<std::uint32_t>(10 * id + 1)},
                                            ReportBlock{.ssrc = static_cast<std::uint32_t>(10 * id + 2)}};
    write_receiver_report(writer, 1, blocks);
    std::array<std::uint8_t, 260> sealed{};
    const auto size = static_cast<std::size_t>(writer.written().size());
    std::copy_n(buffer.begin(), size, sealed.begin());
    const std::size_t index = size + kTagBytes;
    sealed[index] = 0x80;  // the E bit and an index, as SRTCP carries them
    sealed[index + 3] = ++report_index_;
    dataplane_.handle_datagram(path_of(id), MutableBytes(sealed).first(index + 4), now_ns);
  }

  DiscardingEvents events_;
  std::unique_ptr<CryptoBackend> crypto_ = open_identity_backend();
  Dataplane dataplane_;
  std::size_t subscribers_;
  std::int64_t next_voice_ns_ = 5 * kSecond;
  std::uint16_t picture_number_ = 1;
  std::uint16_t voice_number_ = 1;
  std::uint16_t transport_cc_ = 0;
  std::uint16_t picture_id_ = 0;
  std::uint8_t report_index_ = 0;
};

}  // namespace

}  // namespace tandem::bench

int main(int argc, char** argv) {
  const std::size_t subscribers = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 100;
  const std::size_t frames = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 300;
  tandem::bench::Classroom classroom(subscribers);
  const std::uint64_t before = classroom.counters.get(tandem::Counter::OutRtp);
  const std::uint64_t datagrams = classroom.sink.datagrams;
  const std::uint64_t messages = classroom.sink.messages;
  const auto began = std::chrono::steady_clock::now();
  classroom.run(frames);
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - began;
  const auto packets = static_cast<double>(classroom.counters.get(tandem::Counter::OutRtp) - before);
  std::printf("packets %.0f ns_per_packet %.1f datagrams_per_message %.2f heap_bytes %zu\n", packets,
              took.count() / packets,
              static_cast<double>(classroom.sink.datagrams - datagrams) /
                  static_cast<double>(classroom.sink.messages - messages),
              ::mallinfo2().uordblks + ::mallinfo2().hblkhd);
  return 0;
}
