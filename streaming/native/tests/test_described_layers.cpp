// Layers by the dependency descriptor towards subscribers, in virtual time. Tests carry the number of their
// line in SFU-CHECKLIST.
#include <doctest/doctest.h>

#include "layered_lesson.hpp"
#include "vectors.hpp"

namespace tandem::test {

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

TEST_CASE("a picture that begins anew but is described as one that goes on begins nothing") {
  LayeredLesson lesson(Codec::H264);
  const Octets sps{0x67, 1, 2, 3};
  lesson.packet(sps, true, bytes_of(kFlatKeyframe));
  CHECK(lesson.out().size() == 1);
  SubscriptionSpec paused = lesson.subscription_spec();
  paused.paused = true;
  lesson.dataplane.set_subscription(1, paused, lesson.now_ns);
  lesson.want(kAllLayers);
  lesson.packet(sps, true, bytes_of("c30003"));
  CHECK(lesson.out().size() == 1);
  lesson.packet(sps, true, bytes_of(kFlatKeyframe));
  CHECK(lesson.out().size() == 2);
}

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
