// Holding a frame for its end, in virtual time.
#include <doctest/doctest.h>

#include "frame_pace.hpp"
#include "virtual_lesson.hpp"

namespace tandem::test {

namespace {

constexpr std::int64_t kMicrosecond = 1'000;

// Many subscriptions, of one transport for simplicity.
void subscribe_many(VirtualLesson& lesson) {
  for (SubscriptionId id = 1; id <= Fanout::kHoldSubscribers; ++id) {
    SubscriptionSpec spec = lesson.subscription_spec(kPicture);
    spec.ssrc = static_cast<std::uint32_t>(7000 + 2 * id);
    spec.rtx_ssrc = static_cast<std::uint32_t>(7001 + 2 * id);
    lesson.dataplane.set_subscription(id, spec, lesson.now_ns);
  }
}

class Frames {
 public:
  explicit Frames(VirtualLesson& lesson) : lesson_(lesson) {}

  // One packet of the current frame; a marker ends it.
  void packet(bool marker) {
    std::vector<std::uint8_t> datagram = lesson_.publisher.seal({.ssrc = kPictureSsrc,
                                                                 .sequence_number = number_++,
                                                                 .timestamp = timestamp_,
                                                                 .payload = vp8(7, number_ == 101),
                                                                 .marker = marker,
                                                                 .extensions = {}});
    timestamp_ += marker ? 3000 : 0;
    lesson_.dataplane.handle_datagram(lesson_.publisher.path, datagram, lesson_.now_ns);
    run();
  }
  void run() {
    while (!lesson_.dataplane.is_idle() || lesson_.dataplane.next_due_ns() <= lesson_.now_ns) {
      lesson_.dataplane.run_slice(lesson_.now_ns);
    }
  }
  // Four packets, each `gap_ns` after the other.
  void frame(std::int64_t gap_ns) {
    for (int i = 0; i < 4; ++i) {
      packet(i == 3);
      lesson_.now_ns += gap_ns;
      run();
    }
  }
  // The pace of a second of frames.
  void learn(std::int64_t gap_ns) {
    for (int i = 0; i < 30; ++i) {
      frame(gap_ns);
    }
  }

 private:
  VirtualLesson& lesson_;
  std::int64_t number_ = 100;
  std::uint32_t timestamp_ = 9000;
};

}  // namespace

TEST_CASE("a frame whose packets come close together is held for its end") {
  VirtualLesson lesson;
  subscribe_many(lesson);
  Frames frames(lesson);
  frames.learn(60 * kMicrosecond);
  const std::uint64_t before = lesson.count(Counter::OutRtp);
  frames.packet(false);
  CHECK(lesson.count(Counter::OutRtp) == before);
  CHECK(lesson.dataplane.next_due_ns() > lesson.now_ns);
  lesson.now_ns += 60 * kMicrosecond;
  frames.packet(true);
  CHECK(lesson.count(Counter::OutRtp) == before + 2 * Fanout::kHoldSubscribers);
  CHECK(lesson.dataplane.next_due_ns() > lesson.now_ns + kSecond);
}

TEST_CASE("the rest of a frame that does not come is not waited for") {
  VirtualLesson lesson;
  subscribe_many(lesson);
  Frames frames(lesson);
  frames.learn(60 * kMicrosecond);
  const std::uint64_t before = lesson.count(Counter::OutRtp);
  frames.packet(false);
  const std::int64_t due_ns = lesson.dataplane.next_due_ns();
  CHECK(due_ns - lesson.now_ns <= FramePace::kMaxHoldNs);
  lesson.now_ns = due_ns;
  frames.run();
  CHECK(lesson.count(Counter::OutRtp) == before + Fanout::kHoldSubscribers);
}

TEST_CASE("checklist 39: behind a slow uplink nothing is held") {
  VirtualLesson lesson;
  subscribe_many(lesson);
  Frames frames(lesson);
  frames.learn(2 * kMillisecond);
  const std::uint64_t before = lesson.count(Counter::OutRtp);
  frames.packet(false);
  CHECK(lesson.count(Counter::OutRtp) == before + Fanout::kHoldSubscribers);
}

TEST_CASE("a track that goes away while it is held is forgotten") {
  VirtualLesson lesson;
  subscribe_many(lesson);
  Frames frames(lesson);
  frames.learn(60 * kMicrosecond);
  frames.packet(false);
  lesson.dataplane.remove_track(kPicture);
  CHECK(lesson.dataplane.next_due_ns() > lesson.now_ns + kSecond);
  frames.run();
}

TEST_CASE("checklist 30: a keyframe goes out in slices, and voice that comes meanwhile overtakes it") {
  constexpr std::size_t kPackets = 50;
  VirtualLesson lesson;
  subscribe_many(lesson);
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
  hears.rtx_ssrc = 0;
  hears.formats = {{.codec = Codec::Opus, .payload_type = 111}};
  lesson.dataplane.set_subscription(100, hears, lesson.now_ns);
  for (std::size_t i = 0; i < kPackets; ++i) {
    std::vector<std::uint8_t> datagram =
        lesson.publisher.seal({.ssrc = kPictureSsrc,
                               .sequence_number = 100 + static_cast<std::int64_t>(i),
                               .timestamp = 9000,
                               .payload = vp8(7, i == 0),
                               .marker = i + 1 == kPackets,
                               .extensions = {}});
    lesson.dataplane.handle_datagram(lesson.publisher.path, datagram, lesson.now_ns);
  }
  lesson.dataplane.run_slice(lesson.now_ns);
  const std::uint64_t first = lesson.count(Counter::OutRtp);
  CHECK(first >= Fanout::kSlicePackets);
  CHECK(first < Fanout::kSlicePackets + kPackets);  // one subscriber's share is not cut
  std::vector<std::uint8_t> spoken = lesson.publisher.seal({.ssrc = kVoiceSsrc,
                                                            .payload_type = 111,
                                                            .sequence_number = 1,
                                                            .timestamp = 960,
                                                            .payload = {1},
                                                            .extensions = {}});
  lesson.dataplane.handle_datagram(lesson.publisher.path, spoken, lesson.now_ns);
  CHECK(lesson.subscriber.of(kOutSsrc).empty());
  lesson.dataplane.run_slice(lesson.now_ns);
  lesson.subscriber.take(lesson.sink.sent);
  CHECK(lesson.subscriber.of(kOutSsrc).size() == 1);
  CHECK_FALSE(lesson.dataplane.is_idle());  // the picture is not through yet
  while (!lesson.dataplane.is_idle()) {
    lesson.dataplane.run_slice(lesson.now_ns);
  }
  CHECK(lesson.count(Counter::OutRtp) == Fanout::kHoldSubscribers * kPackets + 1);
}

TEST_CASE("the hold of a frame never exceeds its limit") {
  FramePace pace;
  std::int64_t now_ns = 0;
  for (std::uint32_t frame = 1; frame < 30; ++frame) {
    for (int packet = 0; packet < 4; ++packet) {
      now_ns += 400 * kMicrosecond;
      pace.handle_packet(frame, now_ns);
    }
  }
  const std::int64_t began_ns = now_ns;
  std::int64_t due_ns = pace.hold_until_ns(now_ns, false);
  CHECK(due_ns > now_ns);
  while (due_ns > now_ns) {
    CHECK(due_ns - began_ns <= FramePace::kMaxHoldNs);
    now_ns += 400 * kMicrosecond;
    due_ns = pace.hold_until_ns(now_ns, true);
  }
  CHECK(now_ns - began_ns <= FramePace::kMaxHoldNs);
}

TEST_CASE("a frame that is sent slowly, as a paced keyframe is, does not keep the next from being held") {
  VirtualLesson lesson;
  subscribe_many(lesson);
  Frames frames(lesson);
  frames.learn(60 * kMicrosecond);
  for (int i = 0; i < 40; ++i) {
    frames.packet(false);
    lesson.now_ns += kMillisecond;
    frames.run();
  }
  frames.packet(true);
  const std::uint64_t before = lesson.count(Counter::OutRtp);
  frames.packet(false);
  CHECK(lesson.count(Counter::OutRtp) == before);
  lesson.now_ns += 60 * kMicrosecond;
  frames.packet(true);
  CHECK(lesson.count(Counter::OutRtp) == before + 2 * Fanout::kHoldSubscribers);
}

}  // namespace tandem::test
