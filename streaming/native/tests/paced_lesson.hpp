// A lesson with one subscriber whose transport is paced, in virtual time: what left, and when.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

#include "demux.hpp"
#include "virtual_lesson.hpp"

namespace tandem::test {

inline constexpr std::int64_t kRate = 2'000'000;
inline constexpr std::size_t kPacketBytes = 1'200;  // a packet of the lesson, as a datagram, at most

// What may leave within a time: its rate, 40 ms of debt, and the packet that was begun.
inline std::size_t allowed(std::int64_t duration_ns, std::int64_t bits_per_s = kRate) {
  return static_cast<std::size_t>((duration_ns + LeakyBucket::kMaxDebtNs) / kMillisecond * bits_per_s /
                                  8'000) +
         kPacketBytes;
}

inline std::vector<std::uint16_t> transport_cc_numbers(const VirtualLesson& lesson) {
  std::vector<std::uint16_t> numbers;
  const ExtensionMap map = lesson_extensions();
  for (const Opened& packet : lesson.subscriber.rtp) {
    if (const auto value = find_extension(packet.view, map, ExtensionKind::TransportCc)) {
      numbers.push_back(static_cast<std::uint16_t>(((*value)[0] << 8U) | (*value)[1]));
    }
  }
  return numbers;
}

struct Departure {
  std::int64_t at_ns = 0;
  std::size_t bytes = 0;
  bool is_rtcp = false;
};

class PacedLesson {
 public:
  static constexpr std::size_t kPayloadBytes = 1'100;
  static constexpr std::uint32_t kVoiceOutSsrc = 2003;

  explicit PacedLesson(std::int64_t bits_per_s, bool rtx = true) : lesson(rtx) {
    lesson.subscriber.rtp.reserve(4'096);
    lesson.subscribe();
    TrackSpec voice;
    voice.transport = 1;
    voice.source = 1;
    voice.codec = Codec::Opus;
    voice.clock_rate_hz = 48'000;
    voice.payload_type = 111;
    voice.ssrc = kVoiceSsrc;
    lesson.dataplane.set_track(kVoice, voice);
    SubscriptionSpec hears = lesson.subscription_spec(kVoice);
    hears.kind = MediaKind::Audio;
    hears.ssrc = kVoiceOutSsrc;
    hears.rtx_ssrc = 0;
    hears.formats = {{.codec = Codec::Opus, .payload_type = 111}};
    lesson.dataplane.set_subscription(100, hears, lesson.now_ns);
    lesson.dataplane.set_pacing(2, bits_per_s, lesson.now_ns);
    seen_ = lesson.sink.sent.size();
  }

  // A frame of `packets`, all at once.
  void frame(int packets, bool keyframe = false, std::uint32_t ssrc = kPictureSsrc) {
    std::int64_t& number = ssrc == kPictureSsrc ? number_ : other_number_;
    for (int i = 0; i < packets; ++i) {
      std::vector<std::uint8_t> payload =
          vp8(static_cast<std::uint16_t>(picture_ & 0x7FFF), keyframe && i == 0);
      payload[0] = i == 0 ? payload[0] : std::uint8_t{0x80};  // not the start of a partition
      payload.resize(kPayloadBytes);
      send({.ssrc = ssrc,
            .sequence_number = number++,
            .timestamp = static_cast<std::uint32_t>(lesson.now_ns / 1'000'000 * 90),
            .payload = payload,
            .marker = i + 1 == packets,
            .extensions = {}});
      ++published;
    }
    ++picture_;
  }
  void voice() {
    send({.ssrc = kVoiceSsrc,
          .payload_type = 111,
          .sequence_number = voice_number_,
          .timestamp = static_cast<std::uint32_t>(voice_number_ * 960),
          .payload = std::vector<std::uint8_t>(80, 1),
          .extensions = {}});
    ++voice_number_;
  }
  void nack(std::int64_t outgoing) {
    lesson.nack(outgoing);
    step();
  }
  // Time goes on as in the worker: to the next tick, or sooner to what is due.
  void advance(std::int64_t duration_ns) {
    const std::int64_t end_ns = lesson.now_ns + duration_ns;
    while (lesson.now_ns < end_ns) {
      lesson.now_ns =
          std::min({end_ns, next_tick_ns_, std::max(lesson.dataplane.next_due_ns(), lesson.now_ns)});
      step();
      if (lesson.now_ns >= next_tick_ns_) {
        lesson.dataplane.handle_time(lesson.now_ns);
        next_tick_ns_ = lesson.now_ns + Dataplane::kTickNs;
        collect();
      }
    }
  }
  // Frames of `packets` each, 25 a second.
  void play(std::int64_t duration_ns, int packets) {
    constexpr std::int64_t kFrameNs = 40 * kMillisecond;
    for (std::int64_t passed_ns = 0; passed_ns < duration_ns; passed_ns += kFrameNs) {
      frame(packets);
      advance(kFrameNs);
    }
  }

  // The most that left within any `window_ns`.
  [[nodiscard]] std::size_t most_within(std::int64_t window_ns) const {
    std::size_t most = 0;
    for (const Departure& first : departures) {
      std::size_t bytes = 0;
      for (const Departure& one : departures) {
        bytes += one.at_ns >= first.at_ns && one.at_ns < first.at_ns + window_ns ? one.bytes : 0;
      }
      most = std::max(most, bytes);
    }
    return most;
  }
  [[nodiscard]] std::size_t bytes_out() const {
    return std::accumulate(departures.begin(), departures.end(), std::size_t{0},
                           [](std::size_t sum, const Departure& one) { return sum + one.bytes; });
  }
  // The picture's numbers have neither gap nor double.
  [[nodiscard]] bool is_contiguous() const {
    const std::vector<std::int64_t> numbers = lesson.got();
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      if (numbers[i] != static_cast<std::int64_t>(i)) {
        return false;
      }
    }
    return true;
  }
  [[nodiscard]] std::uint64_t keyframe_requests() const {
    return lesson.count(Counter::KeyframeRequestsSent);
  }

  VirtualLesson lesson;
  std::vector<Departure> departures;
  std::uint64_t published = 0;  // of pictures

 private:
  void send(const OutgoingRtp& packet) {
    std::vector<std::uint8_t> datagram = lesson.publisher.seal(packet);
    lesson.dataplane.handle_datagram(lesson.publisher.path, datagram, lesson.now_ns);
    step();
  }
  void step() {
    do {
      lesson.dataplane.run_slice(lesson.now_ns);
    } while (!lesson.dataplane.is_idle() || lesson.dataplane.next_due_ns() <= lesson.now_ns);
    collect();
  }
  void collect() {
    for (; seen_ < lesson.sink.sent.size(); ++seen_) {
      const Sent& sent = lesson.sink.sent[seen_];
      if (sent.path == lesson.subscriber.path) {
        departures.push_back({.at_ns = lesson.now_ns,
                              .bytes = sent.bytes.size(),
                              .is_rtcp = classify_datagram(sent.bytes) == DatagramKind::Rtcp});
      }
    }
    lesson.publisher.take(lesson.sink.sent);
    lesson.subscriber.take(lesson.sink.sent);
  }

  std::size_t seen_ = 0;
  std::int64_t next_tick_ns_ = 0;
  std::int64_t number_ = 100;
  std::int64_t other_number_ = 5'000;
  std::int64_t voice_number_ = 1;
  int picture_ = 1;
};

}  // namespace tandem::test
