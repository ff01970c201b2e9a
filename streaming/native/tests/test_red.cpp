// Voice with redundancy for receivers that lose packets (RFC 2198), in virtual time.
#include <doctest/doctest.h>

#include "red.hpp"
#include "virtual_lesson.hpp"

namespace tandem::test {

namespace {

constexpr std::uint8_t kOpusType = 111;
constexpr std::uint8_t kRedType = 63;

// A lesson whose subscriber hears, and takes RED.
void hear(VirtualLesson& lesson) {
  TrackSpec voice;
  voice.transport = 1;
  voice.source = 1;
  voice.kind = MediaKind::Audio;
  voice.codec = Codec::Opus;
  voice.clock_rate_hz = 48'000;
  voice.payload_type = 96;
  voice.ssrc = kVoiceSsrc;
  lesson.dataplane.set_track(kVoice, voice);
  SubscriptionSpec spec = lesson.subscription_spec(kVoice);
  spec.kind = MediaKind::Audio;
  spec.rtx_ssrc = 0;
  spec.formats = {{.codec = Codec::Opus, .payload_type = kOpusType, .red_payload_type = kRedType}};
  lesson.dataplane.set_subscription(1, spec, lesson.now_ns);
}

void speak(VirtualLesson& lesson, std::int64_t number, std::size_t bytes = 80) {
  lesson.publish({.ssrc = kVoiceSsrc,
                  .sequence_number = number,
                  .timestamp = static_cast<std::uint32_t>(number * 960),
                  .payload = std::vector<std::uint8_t>(bytes, static_cast<std::uint8_t>(number)),
                  .extensions = {}});
  lesson.now_ns += 20 * kMillisecond;
}

void report(VirtualLesson& lesson, std::uint8_t fraction_lost) {
  std::array<std::uint8_t, 64> buffer{};
  ByteWriter writer(buffer);
  const std::array<ReportBlock, 1> blocks{ReportBlock{.ssrc = kOutSsrc, .fraction_lost = fraction_lost}};
  write_receiver_report(writer, 9, blocks);
  lesson.give(lesson.subscriber, lesson.subscriber.seal_rtcp(writer.written()));
}

}  // namespace

TEST_CASE("the worked example") {
  std::array<std::uint8_t, kRedHeaderBytes> header{};
  ByteWriter writer(header);
  write_red_header(writer, kOpusType, 960, 3);
  CHECK(header == std::array<std::uint8_t, kRedHeaderBytes>{0xEF, 0x0F, 0x00, 0x03, 0x6F});
}

TEST_CASE("who loses packets gets each voice packet twice, and only then") {
  VirtualLesson lesson;
  hear(lesson);
  speak(lesson, 1);
  report(lesson, 4);
  speak(lesson, 2);
  report(lesson, 5);
  speak(lesson, 3);
  speak(lesson, 5);  // 4 was lost on the way here: nothing to repeat
  lesson.now_ns += 10 * kSecond;
  speak(lesson, 6);
  const std::vector<const Opened*> got = lesson.subscriber.of(kOutSsrc);
  REQUIRE(got.size() == 5);
  for (const std::size_t plain : {0U, 1U, 3U, 4U}) {
    CHECK(got[plain]->view.payload_type == kOpusType);
    CHECK(got[plain]->view.payload.size() == 80);
  }
  CHECK(got[2]->view.payload_type == kRedType);
  REQUIRE(got[2]->view.payload.size() == kRedHeaderBytes + 160);
  CHECK(got[2]->view.payload[kRedHeaderBytes] == 2);
  CHECK(got[2]->view.payload.back() == 3);
  CHECK(lesson.count(Counter::OutRedundant) == 1);
}

TEST_CASE("a resend carries the same redundancy, or nothing goes out") {
  VirtualLesson lesson;
  hear(lesson);
  speak(lesson, 1);
  report(lesson, 50);
  speak(lesson, 2);
  speak(lesson, 3);
  const auto number = static_cast<std::int64_t>(lesson.subscriber.of(kOutSsrc)[2]->index);
  lesson.advance(kSecond);
  lesson.nack(number);
  REQUIRE(lesson.subscriber.sealed_rtp.size() == 4);
  CHECK(lesson.subscriber.sealed_rtp[3] == lesson.subscriber.sealed_rtp[2]);
  for (std::int64_t later = 4; later < 259; ++later) {
    speak(lesson, later);  // 2 has left the ring of 256, 3 has not
  }
  const std::size_t sent = lesson.subscriber.sealed_rtp.size();
  lesson.nack(number);
  CHECK(lesson.subscriber.sealed_rtp.size() == sent);
}

TEST_CASE("a voice too large or too far apart for RED goes plainly") {
  VirtualLesson lesson;
  hear(lesson);
  speak(lesson, 1, kMaxRedBlockBytes + 1);
  report(lesson, 255);
  speak(lesson, 2);
  lesson.publish({.ssrc = kVoiceSsrc,
                  .sequence_number = 3,
                  .timestamp = 2 * 960 + kMaxRedTicks + 1,
                  .payload = {1},
                  .extensions = {}});
  for (const Opened* packet : lesson.subscriber.of(kOutSsrc)) {
    CHECK(packet->view.payload_type == kOpusType);
  }
}

}  // namespace tandem::test
