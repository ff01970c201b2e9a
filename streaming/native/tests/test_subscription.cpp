// Forwarding and repair towards subscribers, in virtual time. Tests carry the number of their line in
// SFU-CHECKLIST.
#include <doctest/doctest.h>

#include "virtual_lesson.hpp"

namespace tandem::test {

using Numbers = std::vector<std::int64_t>;

TEST_CASE("checklist 3: outgoing numbers begin below 2^15 and an SSRC never repeats one under its keys") {
  VirtualLesson lesson;
  lesson.subscribe();
  lesson.publish_frame(65535, true);
  const std::uint64_t first = lesson.subscriber.of(kOutSsrc)[0]->index;
  CHECK(first < 1U << 15U);
  lesson.dataplane.remove_subscription(1);
  lesson.subscribe();
  lesson.publish_frame(65536, true);
  CHECK(lesson.subscriber.of(kOutSsrc)[1]->index == first + 1);
}

TEST_CASE("checklist 4: without RTX a resend is the same bytes, whatever has changed since") {
  VirtualLesson lesson(false);
  lesson.subscribe();
  lesson.publish_frame(10, true);
  lesson.publish_frame(11);
  lesson.advance(kSecond);
  lesson.nack(static_cast<std::int64_t>(lesson.subscriber.of(kOutSsrc)[1]->index));
  REQUIRE(lesson.subscriber.sealed_rtp.size() == 3);
  CHECK(lesson.subscriber.sealed_rtp[2] == lesson.subscriber.sealed_rtp[1]);
  CHECK(lesson.count(Counter::OutResent) == 1);

  // Other header extensions would make other bytes under the same nonce: then nothing goes out.
  TransportSpec changed = lesson.subscriber.spec(true);
  changed.extensions = ExtensionMap();
  lesson.dataplane.set_transport(2, changed, lesson.now_ns);
  lesson.advance(kSecond);
  lesson.nack(static_cast<std::int64_t>(lesson.subscriber.of(kOutSsrc)[1]->index));
  CHECK(lesson.subscriber.sealed_rtp.size() == 3);
  CHECK(lesson.count(Counter::NackUnknown) == 1);
}

TEST_CASE("checklist 7: padding-only packets close their gap") {
  VirtualLesson lesson;
  lesson.subscribe();
  lesson.publish_frame(65534, true);
  lesson.publish_padding(65535);
  lesson.publish_padding(65536);
  lesson.publish_frame(65537);
  CHECK(lesson.got() == Numbers{0, 1});
}

TEST_CASE("checklist 10: a late packet takes the offset of its own range") {
  VirtualLesson lesson;
  lesson.subscribe();
  lesson.publish_frame(100, true);
  lesson.publish_frame(102);    // 101 is late
  lesson.publish_padding(103);  // from here on the offset differs
  lesson.publish_frame(104);
  lesson.publish_frame(101);
  CHECK(lesson.got() == Numbers{0, 2, 3, 1});
}

TEST_CASE("checklist 8 and 11: late padding inside an exposed gap becomes a filler there, behind a marker") {
  VirtualLesson lesson;
  lesson.subscribe();
  lesson.publish_frame(100, true);  // one packet with a marker
  lesson.publish_frame(102);
  CHECK(lesson.got() == Numbers{0, 2});
  lesson.publish_padding(101);
  CHECK(lesson.got() == Numbers{0, 2, 1});
  const Opened& filler = *lesson.subscriber.of(kOutSsrc)[2];
  CHECK(filler.view.payload.empty());
  CHECK(filler.view.padding_bytes == 1);
  CHECK_FALSE(filler.view.marker);
  const auto first = static_cast<std::int64_t>(lesson.subscriber.of(kOutSsrc)[0]->index);
  lesson.nack(first + 1);  // asked for again, it is the same bytes
  REQUIRE(lesson.subscriber.sealed_rtp.size() == 4);
  CHECK(lesson.subscriber.sealed_rtp[3] == lesson.subscriber.sealed_rtp[2]);
}

TEST_CASE("checklist 8: a lost packet of a frame is never passed off as padding") {
  VirtualLesson lesson;
  lesson.subscribe();
  lesson.publish_frame(100, true);
  lesson.publish_frame(102);
  lesson.advance(3 * kSecond);  // given up
  lesson.nack(static_cast<std::int64_t>(lesson.subscriber.of(kOutSsrc)[0]->index) + 1);
  CHECK(lesson.got() == Numbers{0, 2});
  CHECK(lesson.count(Counter::OutFiller) == 0);
  CHECK(lesson.count(Counter::NackUnknown) == 1);
}

TEST_CASE("checklist 12: the hole of an upstream loss is kept for the recovered packet") {
  VirtualLesson lesson;
  lesson.subscribe();
  lesson.publish_frame(65534, true);
  lesson.publish_frame(65536);
  lesson.advance(20 * kMillisecond);
  const auto nacks = VirtualLesson::reports(lesson.publisher, RtcpType::TransportFeedback, kFormatNack);
  REQUIRE(nacks.size() == 1);
  std::uint16_t number = 0;
  NackIterator numbers(parse_feedback(nacks[0])->control);
  CHECK(numbers.next(number));
  CHECK(number == 65535);
  lesson.publish_rtx(1, 65535);
  CHECK(lesson.got() == Numbers{0, 2, 1});
  lesson.publish_rtx(2, 65535);
  CHECK(lesson.count(Counter::DropDuplicate) == 1);
}

TEST_CASE("checklist 13: NACKs are deduplicated over the round trip, and repair has a budget") {
  VirtualLesson lesson;
  lesson.subscribe();
  lesson.publish_frame(1, true);
  const auto first = static_cast<std::int64_t>(lesson.subscriber.of(kOutSsrc)[0]->index);
  lesson.nack(first);
  lesson.nack(first);
  lesson.advance(10 * kMillisecond);
  lesson.nack(first);
  CHECK(lesson.count(Counter::OutRtx) == 1);
  CHECK(lesson.count(Counter::NackSuppressed) == 2);
  lesson.advance(15 * kMillisecond);
  lesson.nack(first);
  CHECK(lesson.count(Counter::OutRtx) == 2);
  const std::vector<const Opened*> rtx = lesson.subscriber.of(kOutRtxSsrc);
  REQUIRE(rtx.size() == 2);
  CHECK(rtx[1]->index == rtx[0]->index + 1);
  CHECK(ByteReader(rtx[0]->view.payload).u16() == static_cast<std::uint16_t>(first));
  const Bytes original = lesson.subscriber.of(kOutSsrc)[0]->view.payload;
  CHECK(std::ranges::equal(rtx[0]->view.payload.subspan(2), original));
  for (int i = 0; i < 20'000; ++i) {
    lesson.now_ns += 20 * kMillisecond;
    lesson.nack(first);
    if (lesson.count(Counter::NackOverBudget) > 0) {
      break;
    }
  }
  CHECK(lesson.count(Counter::NackOverBudget) ==
        0);  // a resend of 30 bytes each 20 ms is within the steady rate
}

TEST_CASE("checklist 13: a flood of NACKs for big packets is cut") {
  VirtualLesson lesson;
  lesson.subscribe();
  std::vector<std::uint8_t> payload = vp8(1, true);
  payload.resize(1200);
  for (std::int64_t number = 0; number < 300; ++number) {
    lesson.publish({.ssrc = kPictureSsrc,
                    .sequence_number = number,
                    .timestamp = 1,
                    .payload = payload,
                    .extensions = {}});
  }
  const auto first = static_cast<std::int64_t>(lesson.subscriber.of(kOutSsrc)[0]->index);
  for (std::int64_t number = 0; number < 300; ++number) {
    lesson.nack(first + number);
  }
  CHECK(lesson.count(Counter::OutRtx) < 215);
  CHECK(lesson.count(Counter::NackOverBudget) > 80);
}

TEST_CASE("checklist 15: VP8 picture ids and tl0picidx stay contiguous over a switch") {
  VirtualLesson lesson;
  lesson.set_other_picture(2);
  lesson.subscribe();
  lesson.publish_frame(32766, true);
  lesson.publish_frame(32767);
  lesson.subscribe(kOtherPicture);
  lesson.publish_frame(50, false, kOtherSsrc);
  lesson.publish_frame(32768);  // the old one goes on until the new one has a keyframe
  lesson.now_ns += 40 * kMillisecond;
  lesson.publish_frame(51, true, kOtherSsrc);
  lesson.publish_frame(32769);
  lesson.publish_frame(52, false, kOtherSsrc);
  CHECK(lesson.got() == Numbers{0, 1, 2, 3, 4});
  std::vector<std::uint16_t> picture_ids;
  std::vector<std::uint8_t> tl0;
  std::vector<std::uint32_t> timestamps;
  for (const Opened* packet : lesson.subscriber.of(kOutSsrc)) {
    const auto descriptor = parse_vp8(packet->view.payload);
    REQUIRE(descriptor);
    CHECK(descriptor->picture_id_width == PictureIdWidth::Bits15);
    picture_ids.push_back(descriptor->picture_id);
    tl0.push_back(descriptor->tl0picidx);
    timestamps.push_back(packet->view.timestamp);
  }
  CHECK(picture_ids == std::vector<std::uint16_t>{32766, 32767, 0, 1, 2});
  CHECK(tl0 == std::vector<std::uint8_t>{254, 255, 0, 1, 2});
  CHECK(timestamps[3] - timestamps[2] == 3600);  // by arrival: 40 ms
  CHECK(timestamps[4] - timestamps[3] == 3000);
}

TEST_CASE("checklist 16: H264 starts at its SPS, and SPS, PPS, IDR may be separate packets") {
  VirtualLesson lesson;
  TrackSpec h264 = VirtualLesson::picture_spec();
  h264.codec = Codec::H264;
  lesson.set_picture(h264);
  lesson.subscribe();
  const auto nal = [&](std::int64_t number, std::uint8_t type) {
    lesson.publish({.ssrc = kPictureSsrc,
                    .sequence_number = number,
                    .timestamp = 9000,
                    .payload = {static_cast<std::uint8_t>(0x60U | type), 1, 2, 3},
                    .extensions = {}});
  };
  nal(1, 1);
  CHECK(lesson.got().empty());
  nal(2, 7);
  nal(3, 8);
  nal(4, 5);
  nal(5, 1);
  CHECK(lesson.got() == Numbers{0, 1, 2, 3});
  CHECK(lesson.subscriber.of(kOutSsrc)[0]->view.payload_type == 122);
}

TEST_CASE("a keyframe whose first packet comes late is sent whole") {
  VirtualLesson lesson;
  lesson.subscribe();
  const auto part = [&](std::int64_t number, bool start) {
    std::vector<std::uint8_t> payload = vp8(7, true);
    payload[0] = start ? 0x90 : 0x80;
    lesson.publish({.ssrc = kPictureSsrc,
                    .sequence_number = number,
                    .timestamp = 900,
                    .payload = payload,
                    .extensions = {}});
  };
  part(10, false);  // what reached us first of all: the tail of a frame
  part(12, false);
  part(13, false);
  CHECK(lesson.got().empty());
  part(11, true);
  CHECK(lesson.got() == Numbers{0, 1, 2});
}

TEST_CASE("checklist 20: a switch between encodings of one source is aligned by their sender reports") {
  VirtualLesson lesson;
  TrackSpec low = VirtualLesson::picture_spec();
  low.ssrc = kOtherSsrc;
  low.rtx_ssrc = 0;
  low.rid = "l";
  lesson.dataplane.set_track(kOtherPicture, low);
  lesson.subscribe();
  const auto report = [&](std::uint32_t ssrc, std::uint32_t timestamp) {
    std::array<std::uint8_t, 64> buffer{};
    ByteWriter writer(buffer);
    SenderReport sender_report;
    sender_report.ssrc = ssrc;
    sender_report.ntp_time = NtpTime{77} << 32U;
    sender_report.rtp_timestamp = timestamp;
    write_sender_report(writer, sender_report);
    lesson.give(lesson.publisher, lesson.publisher.seal_rtcp(writer.written()));
  };
  lesson.publish_frame(1, true);                // timestamp 3000
  report(kPictureSsrc, 3000);                   // captured at 77 s
  lesson.publish_frame(500, true, kOtherSsrc);  // timestamp 1,500,000
  report(kOtherSsrc, 1'500'000);                // captured at 77 s as well
  lesson.subscribe(kOtherPicture);
  lesson.now_ns += 500 * kMillisecond;  // arrival would mislead
  lesson.publish_frame(501, true, kOtherSsrc);
  const auto packets = lesson.subscriber.of(kOutSsrc);
  REQUIRE(packets.size() == 2);
  CHECK(packets[1]->view.timestamp == packets[0]->view.timestamp + 3000);
  CHECK_FALSE(lesson.dataplane.subscription_figures(1).empty());
}

TEST_CASE("an encoder restarted under a new SSRC goes on under the same numbers") {
  VirtualLesson lesson;
  TrackSpec spec = VirtualLesson::picture_spec();
  spec.ssrc = 0;
  spec.rtx_ssrc = 0;
  lesson.set_picture(spec);
  lesson.subscribe();
  const auto frame = [&](std::uint32_t ssrc, std::int64_t number, bool keyframe) {
    lesson.publish({.ssrc = ssrc,
                    .sequence_number = number,
                    .timestamp = static_cast<std::uint32_t>(number * 3000),
                    .payload = vp8(1, keyframe),
                    .extensions = {{.id = kMidId, .value = "1"}}});
  };
  frame(71, 65535, true);
  frame(71, 65536, false);
  frame(72, 9, true);
  frame(71, 65537, false);  // a straggler of the old encoder moves nothing
  frame(72, 10, false);
  CHECK(lesson.got() == Numbers{0, 1, 2, 3});
  CHECK(lesson.count(Counter::DropUnboundSsrc) == 1);
  CHECK(lesson.events.count(EventKind::Bound) == 2);
}

TEST_CASE("a codec that the subscriber did not negotiate is dropped and counted") {
  VirtualLesson lesson;
  TrackSpec spec = VirtualLesson::picture_spec();
  spec.codec = Codec::Vp9;
  lesson.set_picture(spec);
  lesson.subscribe();
  lesson.publish_frame(1, true);
  CHECK(lesson.got().empty());
  CHECK(lesson.count(Counter::EgressDropCodecNotNegotiated) == 1);
}

TEST_CASE("a paused subscription sends nothing and resumes at a keyframe") {
  VirtualLesson lesson;
  lesson.subscribe();
  lesson.publish_frame(1, true);
  SubscriptionSpec paused = lesson.subscription_spec();
  paused.paused = true;
  lesson.dataplane.set_subscription(1, paused, lesson.now_ns);
  lesson.publish_frame(2);
  lesson.subscribe();
  lesson.publish_frame(3);
  lesson.publish_frame(4, true);
  CHECK(lesson.got() == Numbers{0, 1});
}

TEST_CASE("a track that goes away leaves its subscription silent, and another takes its place") {
  VirtualLesson lesson;
  lesson.subscribe();
  lesson.publish_frame(1, true);
  lesson.dataplane.remove_track(kPicture);
  lesson.nack(static_cast<std::int64_t>(lesson.subscriber.of(kOutSsrc)[0]->index));
  CHECK(lesson.count(Counter::NackUnknown) == 1);
  lesson.set_picture();
  lesson.subscribe();
  lesson.publish_frame(2, true);
  CHECK(lesson.got() == Numbers{0, 1});
  lesson.dataplane.remove_transport(1);
  lesson.dataplane.remove_transport(2);
  CHECK_FALSE(lesson.dataplane.has_transports());
}

}  // namespace tandem::test
