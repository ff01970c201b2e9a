// ICE, binding and keyframe requests of the whole core, in virtual time.
#include <doctest/doctest.h>

#include "virtual_lesson.hpp"

namespace tandem::test {

TEST_CASE("checklist 24: 30 s without an authenticated check end a transport, once") {
  VirtualLesson lesson;
  lesson.advance(29 * kSecond);
  lesson.give(lesson.publisher, lesson.publisher.check(false));
  lesson.give(lesson.subscriber, lesson.subscriber.check(false, "a wrong password"));
  lesson.advance(2 * kSecond);
  REQUIRE(lesson.events.count(EventKind::Expired) == 1);
  CHECK(lesson.events.events.back().id == 2);
  lesson.subscribe();
  lesson.publish_frame(1, true);
  CHECK(lesson.got().empty());
  lesson.give(lesson.subscriber, lesson.subscriber.check(true));  // it comes back
  lesson.publish_frame(2, true);
  CHECK(lesson.got().size() == 1);
}

TEST_CASE("a publisher's authentic media keeps it without checks; silence ends it") {
  VirtualLesson lesson;
  lesson.subscribe();
  for (std::uint16_t second = 0; second < 40; ++second) {
    lesson.advance(kSecond);
    lesson.publish_frame(second, true);
    lesson.give(lesson.subscriber, lesson.subscriber.check(false));
  }
  CHECK(lesson.events.count(EventKind::Expired) == 0);
  lesson.advance(31 * kSecond);
  CHECK(lesson.events.count(EventKind::Expired) == 2);
}

TEST_CASE("checklist 25: egress moves only with USE-CANDIDATE, and never by a forged check") {
  VirtualLesson lesson;
  lesson.subscribe();
  Path other = lesson.subscriber.path;
  other.remote.port = 9;
  const auto arrive = [&](std::vector<std::uint8_t> check) {
    lesson.dataplane.handle_datagram(other, check, lesson.now_ns);
  };
  arrive(lesson.subscriber.check(true, "forged"));
  arrive(lesson.subscriber.check(false));
  lesson.publish_frame(1, true);
  CHECK(lesson.got().size() == 1);
  arrive(lesson.subscriber.check(true));
  lesson.publish_frame(2);
  CHECK(lesson.got().size() == 1);
  CHECK(lesson.sink.sent.back().path == other);
  CHECK(lesson.events.count(EventKind::Nominated) == 3);
  CHECK(lesson.count(Counter::DropStunUnauthorized) == 1);
}

TEST_CASE("checklist 25: the same address with another transport's ufrag binds anew") {
  VirtualLesson lesson;
  Peer third(3, 5003);
  third.path = lesson.subscriber.path;
  lesson.connect(third);
  CHECK(lesson.dataplane.transport_figures(2, lesson.now_ns).at("can_send") == 0);
  CHECK(lesson.dataplane.transport_figures(3, lesson.now_ns).at("can_send") == 1);
}

TEST_CASE("an ICE restart: the old credentials hold until the new ones nominate") {
  VirtualLesson lesson;
  TransportSpec spec = lesson.subscriber.spec();
  spec.credentials.insert(spec.credentials.begin(),
                          {.local_ufrag = "new", .local_pwd = "a new password of ours", .remote_ufrag = ""});
  lesson.dataplane.set_transport(2, spec, lesson.now_ns);
  Peer renewed(2, 5002);
  renewed.ufrag = "new";
  renewed.pwd = "a new password of ours";
  lesson.give(lesson.subscriber, lesson.subscriber.check(false));
  lesson.give(lesson.subscriber, renewed.check(false));
  lesson.give(lesson.subscriber, lesson.subscriber.check(false));
  CHECK(lesson.count(Counter::AcceptedStun) == 5);
  lesson.give(lesson.subscriber, renewed.check(true));
  lesson.give(lesson.subscriber, lesson.subscriber.check(true));
  CHECK(lesson.count(Counter::AcceptedStun) == 6);
  CHECK(lesson.count(Counter::DropStunUnknownUfrag) == 1);
}

TEST_CASE("checklist 9: RTX may come before its media; it is bound by mid and repaired rid") {
  VirtualLesson lesson;
  TrackSpec high = VirtualLesson::picture_spec();
  high.ssrc = 0;
  high.rtx_ssrc = 0;
  high.rid = "h";
  TrackSpec low = high;
  low.rid = "l";
  lesson.set_picture(high);
  lesson.dataplane.set_track(kOtherPicture, low);
  const auto send = [&](std::uint32_t ssrc, std::uint8_t type, std::uint8_t rid_id, const char* rid,
                        std::vector<std::uint8_t> payload) {
    lesson.publish({.ssrc = ssrc,
                    .payload_type = type,
                    .sequence_number = 5,
                    .timestamp = 1,
                    .payload = std::move(payload),
                    .padding = 20,
                    .extensions = {{.id = kMidId, .value = "1"}, {.id = rid_id, .value = rid}}});
  };
  send(801, 97, kRepairedRidId, "l", {});  // a probe: no payload behind the padding (checklist 7)
  CHECK(lesson.count(Counter::AcceptedRtxProbe) == 1);
  send(800, 96, kRidId, "l", vp8(1, true));
  send(900, 96, kRidId, "h", vp8(1, true));
  lesson.publish({.ssrc = 801,
                  .payload_type = 97,
                  .sequence_number = 6,
                  .timestamp = 1,
                  .payload = {0, 4, 0x10, 0x10},
                  .extensions = {}});
  CHECK(lesson.dataplane.track_figures(kOtherPicture).at("recovered_by_rtx") == 1);
  CHECK(lesson.dataplane.track_figures(kOtherPicture).at("ssrc") == 800);
  CHECK(lesson.dataplane.track_figures(kPicture).at("ssrc") == 900);
  lesson.publish({.ssrc = 77,
                  .payload_type = 96,
                  .timestamp = 1,
                  .payload = {1},
                  .extensions = {}});  // of which encoding?
  CHECK(lesson.count(Counter::DropUnboundSsrc) == 1);
}

TEST_CASE("checklist 6: padding comes off before the original sequence number is read") {
  VirtualLesson lesson;
  lesson.subscribe();
  lesson.publish_frame(7, true);
  lesson.publish_frame(9);
  lesson.publish_rtx(1, 8, false, 30);
  const auto packets = lesson.subscriber.of(kOutSsrc);
  REQUIRE(packets.size() == 3);
  CHECK(packets[2]->view.padding_bytes == 0);
  CHECK(packets[2]->view.payload.size() == vp8(8, false).size());
}

TEST_CASE("checklist 31: the first keyframe request at once, one trailing, at most one a second") {
  VirtualLesson lesson;
  lesson.subscribe();
  lesson.publish_frame(1, true);
  const auto plis = [&] {
    return VirtualLesson::reports(lesson.publisher, RtcpType::PayloadFeedback, kFormatPli).size();
  };
  const std::size_t before = plis();
  lesson.advance(2 * kSecond);
  lesson.pli();
  CHECK(plis() == before + 1);
  for (int i = 0; i < 50; ++i) {
    lesson.pli();
  }
  CHECK(plis() == before + 1);
  lesson.advance(990 * kMillisecond);
  CHECK(plis() == before + 1);
  lesson.advance(20 * kMillisecond);
  CHECK(plis() == before + 2);
  lesson.advance(5 * kSecond);
  CHECK(plis() == before + 2);
}

TEST_CASE("FIR is sent where only that was negotiated, with rising command numbers") {
  VirtualLesson lesson;
  TrackSpec spec = VirtualLesson::picture_spec();
  spec.pli = false;
  spec.fir = true;
  lesson.set_picture(spec);
  lesson.publish_frame(1, true);
  lesson.dataplane.request_keyframe(kPicture, lesson.now_ns);
  lesson.advance(2 * kSecond);
  lesson.dataplane.request_keyframe(kPicture, lesson.now_ns);
  lesson.publisher.take(lesson.sink.sent);
  const auto firs = VirtualLesson::reports(lesson.publisher, RtcpType::PayloadFeedback, kFormatFir);
  REQUIRE(firs.size() == 2);
  FirEntry entry;
  FirIterator entries(parse_feedback(firs[1])->control);
  REQUIRE(entries.next(entry));
  CHECK(entry.ssrc == kPictureSsrc);
  CHECK(entry.command_sequence_number == 2);
}

TEST_CASE("a loss that is never repaired ends in a keyframe request") {
  VirtualLesson lesson;
  lesson.subscribe();
  lesson.publish_frame(1, true);
  lesson.advance(2 * kSecond);
  const std::uint64_t before = lesson.count(Counter::KeyframeRequestsSent);
  lesson.publish_frame(3);
  lesson.advance(2 * kSecond);
  CHECK(lesson.count(Counter::KeyframeRequestsSent) == before + 1);
  CHECK(lesson.count(Counter::NacksSent) >= 5);
  CHECK(lesson.count(Counter::NacksSent) <= 10);
  CHECK(lesson.dataplane.track_figures(kPicture).at("missing") == 0);
}

TEST_CASE("audio levels are events at most every 200 ms and on changes of 3 dB") {
  VirtualLesson lesson;
  TrackSpec voice;
  voice.transport = 1;
  voice.codec = Codec::Opus;
  voice.clock_rate_hz = 48'000;
  voice.payload_type = 111;
  voice.ssrc = kVoiceSsrc;
  lesson.dataplane.set_track(kVoice, voice);
  for (int i = 0; i < 100; ++i) {
    const char level = i < 50 ? 40 : 90;
    lesson.publish({.ssrc = kVoiceSsrc,
                    .payload_type = 111,
                    .sequence_number = i,
                    .timestamp = static_cast<std::uint32_t>(960 * i),
                    .payload = {1},
                    .extensions = {{.id = kLevelId, .value = std::string{level}}}});
    lesson.now_ns += 20 * kMillisecond;
  }
  CHECK(lesson.events.count(EventKind::AudioLevel) == 2);
  CHECK(lesson.events.events.back().number == -90);
}

TEST_CASE("checklist 28: datagrams whose size is ours have at most 1,232 bytes") {
  VirtualLesson lesson;
  lesson.publish_frame(0, true);
  for (std::int64_t number = 20; number < 8000; number += 20) {
    lesson.publish_frame(number);
    if (number % 400 == 0) {
      lesson.advance(10 * kMillisecond);  // hundreds of numbers far apart to ask for
    }
  }
  lesson.advance(kSecond);
  CHECK(lesson.count(Counter::NacksSent) > 200);
  for (const Sent& sent : lesson.sink.sent) {
    CHECK(sent.bytes.size() <= kMaxOwnDatagramBytes);
  }
}

TEST_CASE("every datagram has one fate") {
  VirtualLesson lesson;
  lesson.subscribe();
  for (int length = 0; length < 40; ++length) {
    for (int first = 0; first < 256; first += 3) {
      std::vector<std::uint8_t> datagram(static_cast<std::size_t>(length), static_cast<std::uint8_t>(first));
      lesson.give(first % 2 == 0 ? lesson.publisher : lesson.subscriber, datagram);
    }
  }
  std::uint64_t fates = 0;
  for (std::size_t i = 0; i < kCounterCount; ++i) {
    const bool is_fate = kCounterNames[i].starts_with("accepted_") || kCounterNames[i].starts_with("drop_");
    fates += is_fate ? lesson.counters.get(static_cast<Counter>(i)) : 0;
  }
  CHECK(lesson.count(Counter::InDatagrams) == fates);
}

}  // namespace tandem::test
