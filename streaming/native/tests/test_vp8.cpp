#include <doctest/doctest.h>

#include <array>

#include "vectors.hpp"
#include "vp8.hpp"

using namespace tandem;
using tandem::testing::from_hex;
using tandem::testing::load_vectors;
using tandem::testing::number;
using tandem::testing::Octets;

namespace {

// The whole payload with its descriptor rewritten.
Octets rewritten(const Octets& payload, std::uint16_t picture_id, std::uint8_t tl0picidx) {
  const auto descriptor = parse_vp8(payload);
  REQUIRE(descriptor);
  std::array<std::uint8_t, kMaxNumberedPrefixBytes> prefix{};
  const std::size_t size =
      write_picture_numbers(descriptor->numbers(), payload, picture_id, tl0picidx, prefix);
  REQUIRE(size <= descriptor->length);
  Octets out(prefix.begin(), prefix.begin() + static_cast<std::ptrdiff_t>(size));
  out.insert(out.end(), payload.begin() + static_cast<std::ptrdiff_t>(size), payload.end());
  return out;
}

}  // namespace

TEST_CASE("golden descriptors parse to their fields") {
  for (const auto& entry : load_vectors("codecs.hex")) {
    const auto& name = entry.first;
    const auto& fields = entry.second;
    if (!name.starts_with("vp8") || fields.contains("is_malformed")) {
      continue;
    }
    CAPTURE(name);
    const auto descriptor = parse_vp8(fields.at("payload"));
    REQUIRE(descriptor);
    CHECK(descriptor->length == number(fields.at("descriptor_bytes")));
    CHECK((descriptor->picture_id_width != PictureIdWidth::Absent) == fields.contains("picture_id"));
    if (fields.contains("picture_id")) {
      CHECK(descriptor->picture_id == number(fields.at("picture_id")));
    }
    CHECK(descriptor->has_tl0picidx == fields.contains("tl0picidx"));
    if (fields.contains("temporal_layer")) {
      CHECK(descriptor->has_temporal_layer);
      CHECK(descriptor->temporal_layer == number(fields.at("temporal_layer")));
      CHECK(descriptor->is_layer_sync);
    }
  }
}

TEST_CASE("checklist 15: picture_id keeps its width, tl0picidx follows, nothing else changes") {
  CHECK(rewritten(from_hex("9080 8123 10aabb"), 0x7FFF, 9) == from_hex("9080 ffff 10aabb"));
  CHECK(rewritten(from_hex("9080 8123 10aabb"), 0x0001, 9) == from_hex("9080 8001 10aabb"));
  // 7 bits: only the low bits of the new id, and M stays clear.
  CHECK(rewritten(from_hex("90e0 7f fe a0 11aabb"), 0x1234, 0xAB) == from_hex("90e0 34 ab a0 11aabb"));
  CHECK(rewritten(from_hex("90e0 7f fe a0 11aabb"), 0x00FF, 0x00) == from_hex("90e0 7f 00 a0 11aabb"));
  CHECK(rewritten(from_hex("10 10aabb"), 0x1234, 0xAB) == from_hex("10 10aabb"));
  CHECK(rewritten(from_hex("9060 05 40 11"), 0x1234, 0xAB) == from_hex("9060 ab 40 11"));
}

TEST_CASE("checklist 15: a 15-bit picture_id stays contiguous across its wrap") {
  Octets payload = from_hex("9080 fffe 11aa");
  for (std::uint32_t picture_id = 0x7FFE; picture_id <= 0x8001; ++picture_id) {
    const auto parsed = parse_vp8(rewritten(payload, static_cast<std::uint16_t>(picture_id & 0x7FFFU), 0));
    REQUIRE(parsed);
    CHECK(parsed->picture_id_width == PictureIdWidth::Bits15);
    CHECK(parsed->picture_id == (picture_id & 0x7FFFU));
  }
}

TEST_CASE("every truncation of a descriptor is refused") {
  const Octets payload = from_hex("90f0 8123 fe a5");
  REQUIRE(parse_vp8(payload));
  CHECK(parse_vp8(payload)->length == 6);
  for (std::size_t size = 0; size < payload.size(); ++size) {
    CHECK_FALSE(parse_vp8(Bytes(payload).first(size)));
  }
}

TEST_CASE("a descriptor does not go where it does not fit") {
  const Octets payload = from_hex("90f0 8123 fe a5 10");
  const auto descriptor = parse_vp8(payload);
  REQUIRE(descriptor);
  std::array<std::uint8_t, kMaxNumberedPrefixBytes - 1> small{};
  CHECK(write_picture_numbers(descriptor->numbers(), payload, 1, 1, small) == 0);
}
