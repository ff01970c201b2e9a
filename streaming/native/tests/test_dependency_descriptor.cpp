#include <doctest/doctest.h>

#include "bit_cursor.hpp"
#include "dependency_descriptor.hpp"
#include "vectors.hpp"

using namespace tandem;
using tandem::testing::from_hex;
using tandem::testing::load_vectors;
using tandem::testing::number;
using tandem::testing::Octets;

namespace {

// Chromium's keyframe descriptors, as they came.
const Octets kL1T3 = from_hex("c00002800214eaa860414d1410208427013f00b3");
const Octets kKeySvc = from_hex(
    "c00003800514853aaaa8018004004002a02a0060010015d34514174d144c700874321651118543276809f8059813f80b38");

DependencyStructure structure_of(const Octets& keyframe) {
  std::optional<DependencyStructure> brought;
  REQUIRE(parse_dependency_descriptor(keyframe, nullptr, brought));
  REQUIRE(brought);
  return *brought;
}

std::optional<DependencyDescriptor> parse(const Octets& value, const DependencyStructure& structure) {
  std::optional<DependencyStructure> brought;
  return parse_dependency_descriptor(value, &structure, brought);
}

Octets shifted(const Octets& value, const DependencyStructure& structure, const DescriptorShift& shift) {
  Octets out(kMaxDescriptorBytes);
  out.resize(write_dependency_descriptor(value, structure, shift, out));
  return out;
}

}  // namespace

TEST_CASE("golden descriptors parse to their fields, each by the structure of its file's keyframe") {
  for (const auto& [name, fields] : load_vectors("dependency_descriptor.hex")) {
    CAPTURE(name);
    std::optional<DependencyStructure> known;
    std::optional<DependencyStructure> brought;
    if (fields.contains("structure")) {
      known = structure_of(fields.at("structure"));
    }
    const auto descriptor =
        parse_dependency_descriptor(fields.at("value"), known ? &*known : nullptr, brought);
    REQUIRE(descriptor.has_value() != fields.contains("is_malformed"));
    if (!descriptor) {
      continue;
    }
    CHECK(descriptor->frame_number == number(fields.at("frame_number")));
    CHECK(descriptor->layer.spatial == number(fields.at("spatial_layer")));
    CHECK(descriptor->layer.temporal == number(fields.at("temporal_layer")));
    CHECK(brought.has_value() == fields.contains("templates"));
    if (brought) {
      CHECK(brought->template_count == number(fields.at("templates")));
      CHECK(brought->target_count == number(fields.at("targets")));
    }
  }
}

TEST_CASE("a structure tells the decode targets within a limit") {
  const DependencyStructure flat = structure_of(kL1T3);
  CHECK(flat.target_count == 3);
  CHECK(flat.targets_within({.spatial = 0, .temporal = 7}) == 0b111);
  CHECK(flat.targets_within({.spatial = 0, .temporal = 0}) == 0b001);
  CHECK(flat.best_target({.spatial = 7, .temporal = 1}) == 1);
  const DependencyStructure svc = structure_of(kKeySvc);
  CHECK(svc.target_count == 6);
  CHECK(svc.targets_within({.spatial = 0, .temporal = 7}) == 0b000000111);
  CHECK(svc.targets_within({.spatial = 1, .temporal = 1}) == 0b000011011);
  CHECK(svc.best_target({.spatial = 1, .temporal = 7}) == 5);
  CHECK(svc.best_target({.spatial = 7, .temporal = 7}) == 5);
}

TEST_CASE("a frame has the layers, indications and references of its template") {
  const DependencyStructure structure = structure_of(kL1T3);
  const auto base = parse(from_hex("c10006"), structure);
  REQUIRE(base);
  CHECK(base->layer == LayerId{0, 0});
  CHECK(base->indications.of(2) == Indication::Switch);
  CHECK(base->references.count == 1);
  CHECK(base->references.differences[0] == 4);
  const auto top = parse(from_hex("c30003"), structure);
  REQUIRE(top);
  CHECK(top->layer == LayerId{0, 2});
  CHECK(top->indications.of(0) == Indication::NotPresent);
  CHECK(top->references.differences[0] == 1);
  CHECK_FALSE(top->has_structure);
}

TEST_CASE("without a structure nothing but a keyframe can be read") {
  std::optional<DependencyStructure> brought;
  CHECK_FALSE(parse_dependency_descriptor(from_hex("c10006"), nullptr, brought));
  CHECK_FALSE(parse(from_hex("c60006"), structure_of(kL1T3)));  // a template that is not there
}

TEST_CASE("every truncation is refused") {
  for (std::size_t size = 0; size + 1 < kKeySvc.size(); ++size) {
    std::optional<DependencyStructure> brought;
    CHECK_FALSE(parse_dependency_descriptor(Bytes(kKeySvc).first(size), nullptr, brought));
    CHECK_FALSE(brought);
  }
}

TEST_CASE("checklist 18: frame numbers and template ids are rewritten, all else stays") {
  const DependencyStructure structure = structure_of(kKeySvc);
  CHECK(shifted(kKeySvc, structure, {}) == kKeySvc);
  CHECK(shifted(from_hex("c50004"), structure, {.frame_number = 0xFFFD, .template_id = 60}) ==
        from_hex("c10001"));
  const Octets moved = shifted(kKeySvc, structure, {.frame_number = 0x0100, .template_id = 7});
  DependencyStructure expected = structure;
  expected.first_template_id = 7;
  CHECK(structure_of(moved) == expected);
  CHECK(parse(moved, structure)->frame_number == 0x0103);
  CHECK(parse(moved, structure)->template_id == 7);
  // Own differences behind the fields of the structure are kept: custom references, here.
  const Octets custom = from_hex("c200021a000800");
  const DependencyStructure other =
      structure_of(from_hex("c00003c003187aaaf130a0a014d1413823046008642222265013f00b3027f01673"));
  const Octets custom_moved = shifted(custom, other, {.frame_number = 1, .template_id = 0});
  CHECK(custom_moved == from_hex("c200031a000800"));
}

TEST_CASE("checklist 18: going down sets the active decode targets, in descriptors of any form") {
  const DependencyStructure structure = structure_of(kL1T3);
  const DescriptorShift down{.states_targets = true, .active_targets = 0b001};
  const auto bare = parse(shifted(from_hex("c10006"), structure, down), structure);
  REQUIRE(bare);
  CHECK(bare->has_active_targets);
  CHECK(bare->active_targets == 0b001);
  CHECK(bare->frame_number == 6);
  const Octets keyframe = shifted(kL1T3, structure, down);
  CHECK(structure_of(keyframe) == structure);
  CHECK(parse(keyframe, structure)->active_targets == 0b001);
  // What the publisher does not send does not become active.
  const auto again =
      parse(shifted(keyframe, structure, {.states_targets = true, .active_targets = 0b110}), structure);
  REQUIRE(again);
  CHECK(again->active_targets == 0);
}

TEST_CASE("bit fields: non-symmetric numbers, sticky failure") {
  // ns(5): 0, 1, 2 in two bits, 3 and 4 in three.
  const Octets bits = from_hex("1b80");  // 00 01 10 111 0...
  BitReader reader(bits);
  CHECK(reader.non_symmetric(5) == 0);
  CHECK(reader.non_symmetric(5) == 1);
  CHECK(reader.non_symmetric(5) == 2);
  CHECK(reader.non_symmetric(5) == 4);
  CHECK(reader.remaining() == 7);
  CHECK(reader.bits(8) == 0);
  CHECK_FALSE(reader.ok());
  CHECK(reader.bits(1) == 0);
}
