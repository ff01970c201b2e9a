// Layers of a track towards subscribers, in virtual time. Tests carry the number of their line in
// SFU-CHECKLIST.
#include <doctest/doctest.h>

#include "layered_lesson.hpp"

namespace tandem::test {

TEST_CASE("checklist 15: VP8 temporal layers are left out without a gap in sequence numbers or picture ids") {
  LayeredLesson lesson(Codec::Vp8);
  lesson.vp8_frame(0, false, true);
  lesson.want(kLowestRate);
  for (int i = 0; i < 4; ++i) {
    for (const int temporal : {2, 1, 2, 0}) {
      lesson.vp8_frame(static_cast<std::uint8_t>(temporal));
    }
  }
  CHECK(lesson.temporal_layers() == std::vector<int>(5, 0));
  CHECK(lesson.is_contiguous());
  CHECK(lesson.count(Counter::EgressDropLayer) == 12);
  std::optional<int> last;
  for (const Opened* packet : lesson.out()) {
    const auto descriptor = parse_vp8(packet->view.payload);
    CHECK(packet->view.marker);
    CHECK((!last || descriptor->picture_id == *last + 1));
    last = descriptor->picture_id;
  }
  CHECK(lesson.out().back()->view.timestamp - lesson.out().front()->view.timestamp == 16 * 3000);
}

TEST_CASE("VP8 goes up one layer at a time, at frames that say so, and to all at a keyframe") {
  LayeredLesson lesson(Codec::Vp8);
  lesson.want(kLowestRate);
  lesson.vp8_frame(0, false, true);
  lesson.want(kAllLayers);
  lesson.vp8_frame(2);
  lesson.vp8_frame(1);
  lesson.vp8_frame(2, true);  // the layer between is missing
  lesson.vp8_frame(1, true);
  lesson.vp8_frame(2);
  lesson.vp8_frame(2, true);
  lesson.vp8_frame(2);
  CHECK(lesson.temporal_layers() == std::vector<int>{0, 1, 2, 2});
  lesson.want(kLowestRate);
  lesson.vp8_frame(1);
  lesson.want(kAllLayers);
  lesson.vp8_frame(0, false, true);
  lesson.vp8_frame(2);
  CHECK(lesson.temporal_layers() == std::vector<int>{0, 1, 2, 2, 0, 2});
  CHECK(lesson.is_contiguous());
}

TEST_CASE("checklist 11: a lost packet of a layer that is left out gets a filler once it is recovered") {
  LayeredLesson lesson(Codec::Vp8);
  lesson.want(kLowestRate);
  lesson.vp8_frame(0, false, true);
  ++lesson.picture;
  const Octets late = lesson.vp8_payload(2, false, false);
  lesson.lose();
  const std::int64_t lost = lesson.number;
  lesson.vp8_frame(2);
  lesson.vp8_frame(0);
  CHECK(lesson.got() == Numbers{0, 2});
  lesson.publish({.ssrc = kPictureSsrc,
                  .sequence_number = lost,
                  .timestamp = 101 * 3000,
                  .payload = late,
                  .marker = true,
                  .extensions = {}});
  CHECK(lesson.got() == Numbers{0, 2, 1});
  CHECK(lesson.out().back()->view.payload.empty());
}

TEST_CASE("a retransmission is the packet that was sent, whatever layers go out by then") {
  LayeredLesson lesson(Codec::Vp8);
  lesson.vp8_frame(0, false, true);
  lesson.vp8_frame(1);
  lesson.want(kLowestRate);
  lesson.vp8_frame(1);
  lesson.vp8_frame(0);
  lesson.advance(kSecond);
  for (const std::size_t index : {std::size_t{1}, std::size_t{2}}) {
    const Opened original = *lesson.out()[index];
    lesson.nack(static_cast<std::int64_t>(original.index));
    const Opened& again = *lesson.subscriber.of(kOutRtxSsrc).back();
    CHECK(std::ranges::equal(again.view.payload.subspan(2), original.view.payload));
    CHECK(again.view.timestamp == original.view.timestamp);
  }
}

TEST_CASE("VP9 goes up in time behind a switching point") {
  LayeredLesson lesson(Codec::Vp9);
  lesson.vp9_picture(0, 1, true);
  lesson.want(kLowestRate);
  lesson.vp9_picture(2, 1, false);
  lesson.vp9_picture(0, 1, false);
  lesson.want({.spatial = kMaxLayer, .temporal = 1});
  lesson.vp9_picture(1, 1, false);
  lesson.vp9_picture(0, 1, false, true);
  lesson.vp9_picture(2, 1, false);
  lesson.vp9_picture(1, 1, false);
  CHECK(lesson.temporal_layers() == std::vector<int>{0, 0, 0, 1});
  CHECK(lesson.is_contiguous());
}

TEST_CASE("checklist 14: the last spatial layer that goes out has the marker") {
  LayeredLesson lesson(Codec::Vp9, false);
  lesson.vp9_picture(0, 3, true);
  lesson.want({.spatial = 1, .temporal = kMaxLayer});
  lesson.vp9_picture(0, 3, false);
  const auto out = lesson.out();
  REQUIRE(out.size() == 5);
  std::vector<bool> markers;
  for (const Opened* packet : out) {
    markers.push_back(packet->view.marker);
  }
  CHECK(markers == std::vector<bool>{false, false, true, false, true});
  lesson.advance(kSecond);
  lesson.nack(static_cast<std::int64_t>(out[4]->index));  // and so has its resend
  CHECK(lesson.subscriber.sealed_rtp.back() == lesson.subscriber.sealed_rtp[4]);
}

TEST_CASE("checklist 17: K-SVC goes down between pictures, and up only at a keyframe, which is asked for") {
  LayeredLesson lesson(Codec::Vp9);
  const auto spatial_layers = [&] {
    std::vector<int> layers;
    for (const Opened* packet : lesson.out()) {
      layers.push_back(parse_vp9(packet->view.payload)->spatial_layer);
    }
    return layers;
  };
  lesson.vp9_picture(0, 2, true);
  ++lesson.picture;
  lesson.vp9_layer({0, 0}, true, false, false);
  lesson.want({.spatial = 0, .temporal = kMaxLayer});
  lesson.vp9_layer({1, 0}, true);  // the picture that has begun is finished
  lesson.vp9_picture(0, 2, false);
  CHECK(spatial_layers() == std::vector<int>{0, 1, 0, 1, 0});
  lesson.advance(2 * kSecond);
  const auto plis = [&] {
    return VirtualLesson::reports(lesson.publisher, RtcpType::PayloadFeedback).size();
  };
  const std::size_t before = plis();
  lesson.want(kAllLayers);
  lesson.advance(10 * kMillisecond);
  CHECK(plis() == before + 1);
  lesson.vp9_picture(0, 2, false);
  CHECK(spatial_layers().size() == 6);
  lesson.vp9_picture(0, 2, true);
  CHECK(spatial_layers() == std::vector<int>{0, 1, 0, 1, 0, 0, 0, 1});
  CHECK(lesson.is_contiguous());
}

TEST_CASE("checklist 15: VP9 numbers go on over a switch of encoding, in their own width") {
  LayeredLesson lesson(Codec::Vp9);
  TrackSpec other = VirtualLesson::picture_spec();
  other.codec = Codec::Vp9;
  other.ssrc = kOtherSsrc;
  other.rtx_ssrc = 0;
  other.rid = "l";
  lesson.dataplane.set_track(kOtherPicture, other);
  lesson.vp9_picture(0, 1, true);
  lesson.want(kAllLayers, kOtherPicture);
  lesson.publish({.ssrc = kOtherSsrc,
                  .sequence_number = 7,
                  .timestamp = 1,
                  .payload = {0xAC, 0x80, 20, 0, 200, 1},
                  .marker = true,
                  .extensions = {}});
  REQUIRE(lesson.out().size() == 2);
  const auto before = parse_vp9(lesson.out()[0]->view.payload);
  const auto after = parse_vp9(lesson.out()[1]->view.payload);
  CHECK(after->is_15_bit_picture_id);
  CHECK(after->picture_id == before->picture_id + 1);
  CHECK(after->tl0picidx == before->tl0picidx + 1);
  CHECK(lesson.is_contiguous());
}

}  // namespace tandem::test
