// Voice with redundancy (RFC 2198), from publishers and to receivers that lose packets, in virtual time.
#include <doctest/doctest.h>

#include "red.hpp"
#include "virtual_lesson.hpp"

namespace tandem::test {

namespace {

constexpr std::uint8_t kOpusType = 111;
constexpr std::uint8_t kRedType = 63;
constexpr std::uint8_t kPublishedRedType = 97;

// A lesson whose subscriber hears, and takes RED.
void hear(VirtualLesson& lesson) {
  TrackSpec voice;
  voice.transport = 1;
  voice.source = 1;
  voice.kind = MediaKind::Audio;
  voice.codec = Codec::Opus;
  voice.clock_rate_hz = 48'000;
  voice.payload_type = 96;
  voice.red_payload_type = kPublishedRedType;
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

std::vector<std::uint8_t> voice(std::int64_t number) {
  return std::vector<std::uint8_t>(80, static_cast<std::uint8_t>(number));
}

// What the publisher sends with one packet of before.
std::vector<std::uint8_t> red_payload(std::int64_t number, std::uint8_t payload_type = 96) {
  std::vector<std::uint8_t> payload(kRedHeaderBytes);
  ByteWriter writer(payload);
  write_red_header(writer, payload_type, 960, 80);
  for (const std::int64_t each : {number - 1, number}) {
    const std::vector<std::uint8_t> bytes = voice(each);
    payload.insert(payload.end(), bytes.begin(), bytes.end());
  }
  return payload;
}

void speak_redundantly(VirtualLesson& lesson, std::int64_t number, std::vector<std::uint8_t> payload) {
  lesson.publish({.ssrc = kVoiceSsrc,
                  .payload_type = kPublishedRedType,
                  .sequence_number = number,
                  .timestamp = static_cast<std::uint32_t>(number * 960),
                  .payload = std::move(payload),
                  .extensions = {{kLevelId, "\x1E"}}});
  lesson.now_ns += 20 * kMillisecond;
}

void speak_redundantly(VirtualLesson& lesson, std::int64_t number) {
  speak_redundantly(lesson, number, red_payload(number));
}

std::uint64_t fates(const VirtualLesson& lesson) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kCounterCount; ++i) {
    const bool is_fate = kCounterNames[i].starts_with("accepted_") || kCounterNames[i].starts_with("drop_");
    sum += is_fate ? lesson.count(static_cast<Counter>(i)) : 0;
  }
  return sum;
}

}  // namespace

TEST_CASE("blocks are read in order; what is cut short or has too many is refused") {
  const std::vector<std::uint8_t> payload{0xEF, 0x0F, 0x00, 0x03, 0xEF, 0x07, 0x80, 0x01,
                                          0x6F, 1,    2,    3,    4,    5,    6};
  const std::optional<RedPayload> red = parse_red(payload);
  REQUIRE(red);
  REQUIRE(red->redundant().size() == 2);
  CHECK(red->blocks[0].payload_type == 111);
  CHECK(red->blocks[0].ticks == 960);
  CHECK(red->blocks[0].payload.data() == payload.data() + 9);
  CHECK(red->blocks[0].payload.size() == 3);
  CHECK(red->blocks[1].ticks == 480);
  CHECK(red->blocks[1].payload.size() == 1);
  CHECK(red->primary.payload_type == 111);
  CHECK(red->primary.payload.size() == 2);
  for (std::size_t length = 0; length < 13; ++length) {
    CHECK_FALSE(parse_red(Bytes(payload).first(length)));
  }
  std::vector<std::uint8_t> many;
  for (std::size_t i = 0; i < kMaxRedBlocks; ++i) {
    many.insert(many.end(), {0xEF, 0, 0, 0});
  }
  std::vector<std::uint8_t> too_many = many;
  too_many.insert(too_many.end(), {0xEF, 0, 0, 0, 0x6F});
  many.push_back(0x6F);
  CHECK(parse_red(many));
  CHECK_FALSE(parse_red(too_many));
}

TEST_CASE("a publisher's RED reaches who takes it as RED, who does not plainly, and the tap plainly") {
  for (const bool takes_red : {true, false}) {
    VirtualLesson lesson;
    hear(lesson);
    if (!takes_red) {
      SubscriptionSpec spec = lesson.subscription_spec(kVoice);
      spec.kind = MediaKind::Audio;
      spec.rtx_ssrc = 0;
      spec.formats = {{.codec = Codec::Opus, .payload_type = kOpusType}};
      lesson.dataplane.set_subscription(1, spec, lesson.now_ns);
    }
    const auto tap = std::make_shared<TapRing>(1U << 20U);
    lesson.dataplane.open_tap(kVoice, tap, lesson.now_ns);
    speak_redundantly(lesson, 65'535);
    speak_redundantly(lesson, 65'536);
    const std::vector<const Opened*> got = lesson.subscriber.of(kOutSsrc);
    REQUIRE(got.size() == 2);
    CHECK(got[0]->view.payload_type == kOpusType);  // nothing of before is here
    const Bytes last = got[1]->view.payload;
    CHECK(got[1]->view.payload_type == (takes_red ? kRedType : kOpusType));
    CHECK(last.size() == (takes_red ? kRedHeaderBytes + 160 : 80));
    CHECK(last.back() == static_cast<std::uint8_t>(65'536));
    CHECK(got[1]->view.has_extension);
    CHECK(lesson.dataplane.track_figures(kVoice).at("level_dbov") == -30);
    CHECK(tap->take(1U << 20U).size() == 2 * (16 + 12 + 8 + 80));
    CHECK(lesson.count(Counter::RecoveredByRed) == 0);
  }
}

TEST_CASE("what was lost on the way here is taken from the next packet, before it") {
  VirtualLesson lesson;
  hear(lesson);
  speak_redundantly(lesson, 10);
  speak_redundantly(lesson, 12);
  speak_redundantly(lesson, 15);
  speak_redundantly(lesson, 14);  // late: known from 15 already, but 13 came with it
  const std::vector<const Opened*> got = lesson.subscriber.of(kOutSsrc);
  REQUIRE(got.size() == 6);
  for (std::size_t i = 0; i < got.size(); ++i) {
    const std::array<std::uint8_t, 6> numbers{10, 11, 12, 14, 15, 13};
    CHECK(got[i]->view.payload.back() == numbers[i]);
    CHECK(got[i]->index - got[0]->index == numbers[i] - 10U);
    CHECK(got[i]->view.timestamp - got[0]->view.timestamp == (numbers[i] - 10U) * 960);
  }
  CHECK(lesson.count(Counter::RecoveredByRed) == 3);
  CHECK(lesson.count(Counter::AcceptedRtp) == 3);
  CHECK(lesson.count(Counter::DropDuplicate) == 1);
  CHECK(fates(lesson) == lesson.count(Counter::InDatagrams));
  CHECK(lesson.dataplane.track_figures(kVoice).at("lost") == 2);  // the publisher hears of its loss
}

TEST_CASE("broken RED, and RED of another codec, is dropped and counted") {
  VirtualLesson lesson;
  hear(lesson);
  speak_redundantly(lesson, 10, {0xE0, 0x0F});
  speak_redundantly(lesson, 11, red_payload(11, 100));
  CHECK(lesson.subscriber.of(kOutSsrc).empty());
  CHECK(lesson.count(Counter::DropRtpMalformed) == 1);
  CHECK(lesson.count(Counter::DropPayloadType) == 1);
  CHECK(fates(lesson) == lesson.count(Counter::InDatagrams));
}

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
