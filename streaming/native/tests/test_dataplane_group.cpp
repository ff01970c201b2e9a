// Two workers' cores in virtual time: mirrors, hand-over, and everything that may happen in between.
#include <doctest/doctest.h>

#include "virtual_group.hpp"

namespace tandem::test {

namespace {

using Numbers = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("group: a subscriber gets a track of another worker's, from its keyframe on") {
  VirtualGroup group;
  group.publish_frame(100);
  group.open_mirror();
  group.subscribe();
  group.publish_frame(101);
  CHECK(group.got().empty());
  group.publish_frame(102, true);
  group.publish_frame(103);
  CHECK(group.got() == Numbers{0, 1});
  CHECK(group.count(Counter::FeedPackets) == 3);
  CHECK(group.counters[1].get(Counter::AcceptedRtp) == 0);
  CHECK(group.events[1].count(EventKind::Keyframe) == 0);
  CHECK(group.events[1].count(EventKind::Bound) == 0);
  CHECK(group.workers[1].track_figures(kPicture).at("subscribers") == 1);
  CHECK(group.is_balanced());
}

TEST_CASE("group: a mirror's wish for a keyframe reaches the publisher, merged with the owner's own") {
  VirtualGroup group;
  group.publish_frame(100);
  group.open_mirror();
  group.subscribe();
  CHECK(group.plis() == 1);
  group.advance(300 * kMillisecond);
  group.publish_frame(101);
  group.advance(900 * kMillisecond);
  CHECK(group.plis() == 2);
  group.publish_frame(102, true);
  group.advance(1500 * kMillisecond);
  CHECK(group.plis() == 2);
}

TEST_CASE("group: a mirror resends from its own memory, packets included that came by RTX or were padding") {
  VirtualGroup group;
  group.open_mirror();
  group.subscribe();
  group.publish_frame(100, true);
  group.publish_frame(102);
  // The lost packet comes by RTX, under its own number.
  Numbers expected{0, 2, 1};
  std::vector<std::uint8_t> payload{0, 101};
  const std::vector<std::uint8_t> frame = vp8(101, false, 101);
  payload.insert(payload.end(), frame.begin(), frame.end());
  group.publish({.ssrc = kPictureRtxSsrc,
                 .payload_type = 97,
                 .sequence_number = 7,
                 .timestamp = 303'000,
                 .payload = payload,
                 .marker = true,
                 .extensions = {}});
  CHECK(group.got() == expected);
  group.publish({.ssrc = kPictureSsrc,
                 .sequence_number = 103,
                 .timestamp = 309'000,
                 .payload = {},
                 .padding = 100,
                 .extensions = {}});
  group.publish_frame(104);
  expected.push_back(3);  // the padding's gap is closed
  CHECK(group.got() == expected);
  const auto first = static_cast<std::uint16_t>(group.subscriber.of(kOutSsrc).front()->index);
  std::array<std::uint8_t, 64> buffer{};
  ByteWriter writer(buffer);
  const std::array<std::uint16_t, 1> numbers{static_cast<std::uint16_t>(first + 1)};
  write_nack(writer, 9, kOutSsrc, numbers);
  group.give(1, group.subscriber, group.subscriber.seal_rtcp(writer.written()));
  CHECK(group.subscriber.of(kOutRtxSsrc).size() == 1);
  CHECK(group.count(Counter::OutRtx) == 1);
}

TEST_CASE("group: gaps of the publisher's are the owner's to repair") {
  VirtualGroup group;
  group.open_mirror();
  group.subscribe();
  group.publish_frame(100, true);
  group.publish_frame(103);
  group.advance(10 * kMillisecond);
  CHECK(group.counters[0].get(Counter::NacksSent) == 2);
  CHECK(group.counters[1].get(Counter::NacksSent) == 0);
}

TEST_CASE("group: a sender report reaches the mirror, and with it the publisher's clock its subscribers") {
  VirtualGroup group;
  group.publish_frame(100, true);
  std::array<std::uint8_t, 64> buffer{};
  ByteWriter writer(buffer);
  SenderReport report;
  report.ssrc = kPictureSsrc;
  report.ntp_time = NtpTime{77} << 32U;
  report.rtp_timestamp = 300'000;
  write_sender_report(writer, report);
  group.give(0, group.publisher, group.publisher.seal_rtcp(writer.written()));
  group.open_mirror();  // later than the report: a feed begins with what is known
  group.subscribe();
  group.publish_frame(101, true);
  group.advance(400 * kMillisecond);
  const auto reports = VirtualLesson::reports(group.subscriber, RtcpType::SenderReport);
  REQUIRE(reports.size() == 1);
  CHECK((parse_sender_report(reports[0])->ntp_time >> 32U) == 77);
}

TEST_CASE("group: a feed without room is counted, and the mirror asks for a keyframe") {
  VirtualGroup group;
  group.open_mirror();
  group.subscribe();
  group.publish_frame(100, true);
  group.advance(1500 * kMillisecond);
  const std::size_t before = group.plis();
  group.neighbours[0].is_full = true;
  group.publish_frame(101);
  CHECK(group.count(Counter::FeedOverflows) == 1);
  group.neighbours[0].is_full = false;
  group.publish_frame(102);
  CHECK(group.plis() == before + 1);
  group.publish_frame(103);
  CHECK(group.plis() == before + 1);
  CHECK(group.got() == Numbers{0, 2, 3});
}

TEST_CASE("group: a mirror that nobody uses goes after a while, and its feed with it") {
  VirtualGroup group;
  group.open_mirror();
  group.subscribe();
  group.publish_frame(100, true);
  group.unsubscribe();
  group.advance(500 * kMillisecond);
  CHECK_FALSE(group.workers[1].track_figures(kPicture).empty());
  group.advance(1 * kSecond);
  CHECK(group.workers[1].track_figures(kPicture).empty());
  CHECK(group.workers[1].transport_figures(1, group.now_ns).empty());
  const std::uint64_t fed = group.count(Counter::FeedPackets);
  group.publish_frame(101);
  CHECK(group.count(Counter::FeedPackets) == fed);
}

TEST_CASE("group: a mirror stays while a subscription waits for another track's keyframe") {
  VirtualGroup group;
  group.open_mirror();
  group.subscribe();
  group.publish_frame(100, true);
  TrackSpec other = VirtualLesson::picture_spec();
  other.transport = 2;  // the subscriber publishes too, in this lesson
  other.ssrc = kOtherSsrc;
  other.rtx_ssrc = 0;
  other.mid = "2";
  group.workers[1].set_track(kOtherPicture, other);
  group.subscribe(kOtherPicture);
  group.workers[1].retire_mirror(kPicture, 1);
  group.advance(3 * kSecond);
  group.publish_frame(101);
  CHECK(group.got() == Numbers{0, 1});
}

TEST_CASE("group: a mirror opened again before it has gone loses nothing") {
  VirtualGroup group;
  group.open_mirror(1);
  group.subscribe();
  group.publish_frame(100, true);
  group.workers[1].retire_mirror(kPicture, 1);
  // On its way while the mirror is opened again.
  std::vector<std::uint8_t> frame = group.publisher.seal({.ssrc = kPictureSsrc,
                                                          .sequence_number = 101,
                                                          .timestamp = 303'000,
                                                          .payload = vp8(101, false, 101),
                                                          .marker = true,
                                                          .extensions = {}});
  group.workers[0].handle_datagram(group.publisher.path, frame, group.now_ns);
  group.open_mirror(2);
  group.settle();
  group.publish_frame(102);
  CHECK(group.got() == Numbers{0, 1, 2});
  group.workers[1].retire_mirror(kPicture, 1);  // of the first: too late
  group.advance(2 * kSecond);
  group.publish_frame(103);
  CHECK(group.got() == Numbers{0, 1, 2, 3});
}

TEST_CASE("group: records of what has gone, or of a former mirror, do nothing") {
  VirtualGroup group;
  group.open_mirror(1);
  group.subscribe();
  group.publish_frame(100, true);
  std::vector<std::uint8_t> frame = group.publisher.seal({.ssrc = kPictureSsrc,
                                                          .sequence_number = 101,
                                                          .timestamp = 303'000,
                                                          .payload = vp8(101, true, 101),
                                                          .marker = true,
                                                          .extensions = {}});
  group.workers[0].handle_datagram(group.publisher.path, frame, group.now_ns);
  const std::deque<HandoverRecord> on_its_way = group.records;
  REQUIRE(on_its_way.size() == 1);
  group.workers[1].remove_track(kPicture);
  group.settle();
  group.open_mirror(2);
  group.subscribe();
  group.records = on_its_way;
  group.settle();
  CHECK(group.got() == Numbers{0});
  group.workers[0].remove_transport(1);
  group.workers[1].remove_transport(1);
  group.records = on_its_way;
  group.records.push_back({.from = 1, .to = 0, .kind = HandoverKind::KeyframeWanted, .bytes = {1, 2}});
  for (const HandoverKind kind :
       {HandoverKind::Datagram, HandoverKind::PathLearned, HandoverKind::PathTaken, HandoverKind::FeedPacket,
        HandoverKind::FeedReport, HandoverKind::FeedClosed}) {
    group.records.push_back({.from = 0, .to = 1, .kind = kind, .bytes = {1, 2, 3}});
  }
  group.settle();
  CHECK(group.got() == Numbers{0});
}

TEST_CASE("group: a new encoder's SSRC and the end of a ban are the mirror's too") {
  VirtualGroup group;
  group.open_mirror();
  group.subscribe();
  group.publish_frame(100, true);
  TrackSpec spec = VirtualLesson::picture_spec();
  spec.forbidden = true;
  group.workers[0].set_track(kPicture, spec);
  group.workers[1].update_mirror(kPicture, mirror_of(spec));
  group.publish_frame(101);
  spec.forbidden = false;
  group.workers[0].set_track(kPicture, spec);  // the mirror hears of it later
  group.publish_frame(102);
  group.publish_frame(103, true);
  group.workers[1].update_mirror(kPicture, mirror_of(spec));
  group.publish_frame(104);
  CHECK(group.got() == Numbers{0, 1, 2});
}

TEST_CASE("group: a check that the kernel gave to the wrong worker is answered by the owner, and binds") {
  VirtualGroup group;
  Peer late(3, 5003);
  group.workers[1].set_transport(3, late.spec(), group.now_ns);
  group.workers[0].set_routes(3, 1, {late.ufrag});
  group.give(0, late, late.check(true));
  late.take(group.sinks[1].sent);
  CHECK(late.stun == 1);
  CHECK(group.events[1].count(EventKind::Nominated) == 2);
  CHECK(group.counters[0].get(Counter::HandedOver) == 1);
  // Its path is known there from now on.
  group.workers[1].set_track(kVoice, {.transport = 3,
                                      .source = 3,
                                      .kind = MediaKind::Audio,
                                      .codec = Codec::Opus,
                                      .clock_rate_hz = 48'000,
                                      .payload_type = 111,
                                      .rtx_payload_type = kNoPayloadType,
                                      .ssrc = kVoiceSsrc,
                                      .rtx_ssrc = 0,
                                      .mid = {},
                                      .rid = {}});
  group.give(0, late,
             late.seal({.ssrc = kVoiceSsrc,
                        .payload_type = 111,
                        .sequence_number = 1,
                        .timestamp = 1,
                        .payload = {1, 2, 3},
                        .extensions = {}}));
  CHECK(group.counters[1].get(Counter::AcceptedRtp) == 1);
  CHECK(group.counters[0].get(Counter::InDatagrams) == 3);
  group.give(0, late, std::vector<std::uint8_t>(40, 22));  // DTLS
  CHECK(group.events[1].count(EventKind::Datagram) == 1);
  // What the owner does not know it does not hand back.
  group.workers[1].remove_transport(3);
  group.give(0, late, std::vector<std::uint8_t>(40, 22));
  CHECK(group.counters[1].get(Counter::DropDtlsNotValidated) == 1);
  CHECK(group.is_balanced());
}

TEST_CASE("group: a guess at another worker's transport teaches nobody a path") {
  VirtualGroup group;
  Peer stranger(2, 5002);
  stranger.path.remote.port = 6000;
  group.give(0, stranger, stranger.check(true, "a guess"));
  group.give(0, stranger, std::vector<std::uint8_t>(40, 22));
  CHECK(group.counters[1].get(Counter::DropStunUnauthorized) == 1);
  CHECK(group.counters[0].get(Counter::DropDtlsNotValidated) == 1);
  CHECK(group.counters[0].get(Counter::HandedOver) == 1);
  group.give(0, stranger, Peer(9, 7000).check(true));
  CHECK(group.count(Counter::DropStunUnknownUfrag) == 1);
  group.neighbours[0].is_full = true;
  group.give(0, stranger, stranger.check(true, "a guess"));
  CHECK(group.count(Counter::DropHandoverFull) == 1);
  CHECK(group.is_balanced());
}

TEST_CASE("group: the same address with another worker's ufrag binds anew, there and back") {
  VirtualGroup group;
  Peer other(3, 5003);
  other.path = group.publisher.path;
  group.workers[1].set_transport(3, other.spec(), group.now_ns);
  group.workers[0].set_routes(3, 1, {other.ufrag});
  group.give(0, other, other.check(true));
  CHECK(group.workers[0].transport_figures(1, group.now_ns).at("can_send") == 0);
  CHECK(group.workers[1].transport_figures(3, group.now_ns).at("can_send") == 1);
  group.give(0, group.publisher, group.publisher.check(true));
  CHECK(group.workers[0].transport_figures(1, group.now_ns).at("can_send") == 1);
  CHECK(group.workers[1].transport_figures(3, group.now_ns).at("can_send") == 0);
  group.publish_frame(100, true);
  CHECK(group.counters[0].get(Counter::AcceptedRtp) == 1);
}

TEST_CASE("group: a mirrored transport neither expires nor sends") {
  VirtualGroup group;
  group.open_mirror();
  group.subscribe();
  for (int i = 0; i < 35; ++i) {
    group.advance(1 * kSecond);
    group.give(1, group.subscriber, group.subscriber.check(true));
  }
  CHECK(group.events[1].count(EventKind::Expired) == 0);
  CHECK(group.events[0].count(EventKind::Expired) == 1);  // the publisher fell silent
}

TEST_CASE("handover: foreign paths are bounded; those in use stay, those that are not make room") {
  Counters counters;
  std::deque<HandoverRecord> records;
  CapturingNeighbours neighbours(0, records);
  Handover handover(counters);
  handover.join(neighbours);
  const auto path = [](std::size_t number) {
    Path made;
    made.remote.ip = {10, static_cast<std::uint8_t>(number >> 16U)};
    made.remote.port = static_cast<std::uint16_t>(number);
    return made;
  };
  for (std::size_t i = 0; i < Handover::kMaxPaths; ++i) {
    handover.learn(path(i), 1, 0);
  }
  const std::array<std::uint8_t, 1> datagram{1};
  handover.learn(path(70'000), 1, 20 * kSecond);
  CHECK_FALSE(handover.pass(path(70'000), datagram, 20 * kSecond));
  CHECK(handover.pass(path(5), datagram, 20 * kSecond));
  handover.learn(path(70'000), 1, 40 * kSecond);
  CHECK(handover.pass(path(70'000), datagram, 40 * kSecond));
  CHECK(handover.pass(path(5), datagram, 40 * kSecond));
  CHECK(handover.path_count() == 2);
  // Another worker's now: the one that had it is told.
  records.clear();
  handover.learn(path(5), 2, 40 * kSecond);
  REQUIRE(records.size() == 1);
  CHECK(records[0].to == 1);
  CHECK(records[0].kind == HandoverKind::PathTaken);
}

TEST_CASE(
    "handover: a transport's routes are replaced and removed as a whole; another's ufrag is not touched") {
  Counters counters;
  std::deque<HandoverRecord> records;
  CapturingNeighbours neighbours(0, records);
  Handover handover(counters);
  const std::array<std::uint8_t, 1> datagram{1};
  CHECK_FALSE(handover.pass_check("a", {}, datagram));
  handover.join(neighbours);
  handover.set_routes(1, 1, {"a", "b"});
  handover.set_routes(1, 1, {"c"});
  CHECK_FALSE(handover.pass_check("a", {}, datagram));
  CHECK(handover.pass_check("c", {}, datagram));
  handover.set_routes(2, 2, {"c"});
  handover.remove_routes(1);
  handover.remove_routes(1);
  records.clear();
  CHECK(handover.pass_check("c", {}, datagram));
  CHECK(records[0].to == 2);
}

}  // namespace tandem::test
