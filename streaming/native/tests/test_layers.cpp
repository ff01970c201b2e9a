// Layers of a track towards subscribers, in virtual time. Tests carry the number of their line in
// SFU-CHECKLIST.
#include <doctest/doctest.h>

#include "vectors.hpp"
#include "virtual_lesson.hpp"
#include "vp9.hpp"

namespace tandem::test {

namespace {

using Numbers = std::vector<std::int64_t>;
using Octets = std::vector<std::uint8_t>;

constexpr std::uint8_t kDescriptorId = 8;

// Publishes frames of one packet per spatial layer and says what came out.
class LayeredLesson : public VirtualLesson {
 public:
  explicit LayeredLesson(Codec codec, bool rtx = true) : VirtualLesson(rtx), codec_(codec) {
    for (const Peer* peer : {&publisher, &subscriber}) {
      TransportSpec spec = peer->spec(true);
      spec.extensions.add(kDescriptorId, ExtensionKind::DependencyDescriptor);
      spec.extmap_allow_mixed = true;
      dataplane.set_transport(peer->transport, spec, now_ns);
    }
    TrackSpec spec = picture_spec();
    spec.codec = codec;
    set_picture(spec);
    want(kAllLayers);
  }

  void want(LayerId layers, TrackId track = kPicture) {
    SubscriptionSpec spec = subscription_spec(track);
    spec.formats = {{.codec = codec_,
                     .payload_type = 120,
                     .rtx_payload_type = static_cast<std::int16_t>(has_rtx ? 121 : -1)}};
    spec.layers = layers;
    dataplane.set_subscription(1, spec, now_ns);
  }

  void packet(const Octets& payload, bool marker = true, std::string descriptor = {}) {
    lose();
    OutgoingRtp packet{.ssrc = kPictureSsrc,
                       .sequence_number = number,
                       .timestamp = static_cast<std::uint32_t>(picture * 3000),
                       .payload = payload,
                       .marker = marker,
                       .extensions = {}};
    if (!descriptor.empty()) {
      packet.extensions = {{.id = kDescriptorId, .value = std::move(descriptor)}};
    }
    publish(packet);
  }
  void lose() { ++number; }

  // A VP8 frame of one packet.
  void vp8_frame(std::uint8_t temporal, bool sync = false, bool keyframe = false) {
    ++picture;
    packet(vp8_payload(temporal, sync, keyframe));
  }
  [[nodiscard]] Octets vp8_payload(std::uint8_t temporal, bool sync, bool keyframe) {
    tl0_ = static_cast<std::uint8_t>(tl0_ + (temporal == 0 ? 1 : 0));
    return {0x90,
            0xE0,
            static_cast<std::uint8_t>(0x80U | ((picture >> 8) & 0x7F)),
            static_cast<std::uint8_t>(picture),
            tl0_,
            static_cast<std::uint8_t>((temporal << 6U) | (sync ? 0x20U : 0U)),
            static_cast<std::uint8_t>(keyframe ? 0x10 : 0x11),
            9};
  }
  // A VP9 layer frame of one packet, non-flexible.
  void vp9_layer(LayerId id, bool refers_back, bool switch_up = false, bool last = true) {
    const bool is_upper = id.spatial > 0;
    packet(
        {static_cast<std::uint8_t>(0xAC | (refers_back ? 0x40 : 0)), 0x80, static_cast<std::uint8_t>(picture),
         static_cast<std::uint8_t>((id.temporal << 5U) | (switch_up ? 0x10U : 0U) | (id.spatial << 1U) |
                                   (is_upper ? 1U : 0U)),
         7, 1, 2, 3},
        last);
  }
  void vp9_picture(std::uint8_t temporal, std::uint8_t spatial_count, bool keyframe, bool switch_up = false) {
    ++picture;
    for (std::uint8_t spatial = 0; spatial < spatial_count; ++spatial) {
      vp9_layer({.spatial = spatial, .temporal = temporal}, !keyframe, switch_up,
                spatial + 1 == spatial_count);
    }
  }

  [[nodiscard]] std::vector<const Opened*> out() const { return subscriber.of(kOutSsrc); }
  [[nodiscard]] bool is_contiguous() const {
    const Numbers numbers = got();
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      if (numbers[i] != static_cast<std::int64_t>(i)) {
        return false;
      }
    }
    return true;
  }
  [[nodiscard]] std::vector<int> temporal_layers() const {
    std::vector<int> layers;
    for (const Opened* packet : out()) {
      layers.push_back(codec_ == Codec::Vp8 ? parse_vp8(packet->view.payload)->temporal_layer
                                            : parse_vp9(packet->view.payload)->temporal_layer);
    }
    return layers;
  }

  std::int64_t number = 65'530;
  std::int64_t picture = 100;

 private:
  Codec codec_;
  std::uint8_t tl0_ = 0;
};

constexpr LayerId kLowestRate{.spatial = kMaxLayer, .temporal = 0};

}  // namespace

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

namespace {

// What Chromium sends with L1T3 and L2T3_KEY.
constexpr std::string_view kFlatKeyframe = "c00002800214eaa860414d1410208427013f00b3";
constexpr std::string_view kKeySvcKeyframe =
    "c00003800514853aaaa8018004004002a02a0060010015d34514174d144c700874321651118543276809f8059813f80b38";

std::string bytes_of(std::string_view hex) {
  const Octets octets = testing::from_hex(hex);
  return {octets.begin(), octets.end()};
}

// A lesson of AV1 with descriptors.
class DescribedLesson : public LayeredLesson {
 public:
  explicit DescribedLesson(bool rtx = true) : LayeredLesson(Codec::Av1, rtx) {}

  void frame(std::string_view descriptor, bool last = true) {
    picture += is_new_picture_ ? 1 : 0;
    is_new_picture_ = last;
    const bool is_keyframe = descriptor.size() > 20 && descriptor.starts_with("c0");
    packet({static_cast<std::uint8_t>(is_keyframe ? 0x18 : 0x10), 0x32, 0x10, 1}, last, bytes_of(descriptor));
  }

  // The descriptors that the subscriber got.
  [[nodiscard]] std::vector<DependencyDescriptor> descriptors() const {
    std::vector<DependencyDescriptor> found;
    std::optional<DependencyStructure> known;
    ExtensionMap map;
    map.add(kDescriptorId, ExtensionKind::DependencyDescriptor);
    for (const Opened* packet : out()) {
      const auto value = find_extension(packet->view, map, ExtensionKind::DependencyDescriptor);
      REQUIRE(value);
      std::optional<DependencyStructure> brought;
      const auto descriptor = parse_dependency_descriptor(*value, known ? &*known : nullptr, brought);
      REQUIRE(descriptor);
      known = brought ? brought : known;
      found.push_back(*descriptor);
    }
    return found;
  }
  [[nodiscard]] std::vector<int> frame_numbers() const {
    std::vector<int> numbers;
    for (const DependencyDescriptor& descriptor : descriptors()) {
      numbers.push_back(descriptor.frame_number);
    }
    return numbers;
  }

 private:
  bool is_new_picture_ = true;
};

}  // namespace

TEST_CASE("checklist 18: going down the descriptor says which decode targets go on; going up as well") {
  DescribedLesson lesson;
  lesson.frame(kFlatKeyframe);
  lesson.frame("c30003");
  lesson.want(kLowestRate);
  for (const std::string_view descriptor : {"c20004", "c40005", "c10006", "c30007", "c20008", "c40009"}) {
    lesson.frame(descriptor);
  }
  lesson.want({.spatial = kMaxLayer, .temporal = 1});
  lesson.frame("c20008");  // not a frame at which the middle layer could begin: it is judged by the base
  for (const std::string_view descriptor : {"c1000a", "c3000b", "c2000c"}) {
    lesson.frame(descriptor);
  }
  const std::vector<DependencyDescriptor> descriptors = lesson.descriptors();
  CHECK(lesson.frame_numbers() == std::vector<int>{2, 3, 6, 10, 12});
  CHECK(lesson.is_contiguous());
  REQUIRE(descriptors.size() == 5);
  CHECK_FALSE(descriptors[1].has_active_targets);
  CHECK(descriptors[2].active_targets == 0b001);
  CHECK(descriptors[3].active_targets == 0b011);
  CHECK_FALSE(descriptors[4].has_active_targets);
}

TEST_CASE("checklist 18: over a switch of encoding frame numbers go on and template ids are others") {
  DescribedLesson lesson(false);
  TrackSpec other = VirtualLesson::picture_spec();
  other.codec = Codec::Av1;
  other.ssrc = kOtherSsrc;
  other.rtx_ssrc = 0;
  other.rid = "l";
  lesson.dataplane.set_track(kOtherPicture, other);
  lesson.frame(kFlatKeyframe);
  lesson.frame("c30003");
  lesson.want(kAllLayers, kOtherPicture);
  const auto publish_other = [&](std::int64_t number, std::string_view descriptor) {
    lesson.publish({.ssrc = kOtherSsrc,
                    .sequence_number = number,
                    .timestamp = static_cast<std::uint32_t>(number * 3000),
                    .payload = {0x18, 0x0a, 0x0b, 0},
                    .marker = true,
                    .extensions = {{.id = kDescriptorId, .value = bytes_of(descriptor)}}});
  };
  publish_other(1, "c0fff0800214eaa860414d1410208427013f00b3");
  publish_other(2, "c3fff1");
  publish_other(3, "c4fff3");
  CHECK(lesson.frame_numbers() == std::vector<int>{2, 3, 4, 5, 7});
  const std::vector<DependencyDescriptor> descriptors = lesson.descriptors();
  CHECK(descriptors[1].template_id == 3);
  CHECK(descriptors[2].template_id == 5);
  CHECK(descriptors[3].template_id == 8);
  CHECK(lesson.is_contiguous());
  lesson.advance(kSecond);
  lesson.nack(static_cast<std::int64_t>(lesson.out()[1]->index));  // from before the switch
  CHECK(lesson.subscriber.sealed_rtp.back() == lesson.subscriber.sealed_rtp[1]);
}

TEST_CASE("checklist 14 and 17: AV1 L2T3_KEY leaves out its upper layer, and takes it in at a keyframe") {
  DescribedLesson lesson;
  lesson.frame(kKeySvcKeyframe, false);
  lesson.frame("c50004");
  lesson.want({.spatial = 0, .temporal = kMaxLayer});
  lesson.frame("c30005", false);
  lesson.frame("c80006");
  CHECK(lesson.out().size() == 3);
  CHECK(lesson.out().back()->view.marker);
  CHECK(lesson.descriptors().back().active_targets == 0b000111);
  lesson.want(kAllLayers);
  lesson.frame("c20007", false);
  lesson.frame("c70008");
  lesson.frame("c1000b", false);
  lesson.frame("c6000c");
  CHECK(lesson.out().size() == 5);
  lesson.frame(kKeySvcKeyframe, false);
  lesson.frame("c50004");
  CHECK(lesson.out().size() == 7);
  CHECK(lesson.descriptors().back().layer == LayerId{1, 0});
  CHECK(lesson.is_contiguous());
}

TEST_CASE("checklist 19: who takes no two-byte extensions gets no descriptor at all") {
  DescribedLesson lesson;
  TransportSpec spec = lesson.subscriber.spec(true);
  spec.extensions.add(kDescriptorId, ExtensionKind::DependencyDescriptor);
  lesson.dataplane.set_transport(2, spec, lesson.now_ns);
  lesson.frame(kFlatKeyframe);
  lesson.frame("c30003");
  CHECK(lesson.out().size() == 2);
  for (const Opened* packet : lesson.out()) {
    CHECK_FALSE(find_extension(packet->view, spec.extensions, ExtensionKind::DependencyDescriptor));
  }
}

}  // namespace tandem::test
