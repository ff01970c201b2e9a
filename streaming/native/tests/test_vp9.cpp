#include <doctest/doctest.h>

#include "vectors.hpp"
#include "vp9.hpp"

using namespace tandem;
using tandem::testing::from_hex;
using tandem::testing::load_vectors;
using tandem::testing::Octets;

TEST_CASE("a keyframe with its scalability structure") {
  const auto descriptor = parse_vp9(load_vectors("codecs.hex").at("vp9_keyframe").at("payload"));
  REQUIRE(descriptor);
  CHECK(descriptor->has_picture_id);
  CHECK(descriptor->is_15_bit_picture_id);
  CHECK(descriptor->picture_id == 1);
  CHECK(descriptor->starts_frame);
  CHECK_FALSE(descriptor->ends_frame);
  CHECK(descriptor->has_scalability_structure);
  CHECK(descriptor->spatial_layer_count == 2);
  CHECK(descriptor->tl0picidx == 5);
  CHECK(descriptor->length == 14);
  CHECK(descriptor->starts_keyframe());
}

TEST_CASE("an upper spatial layer is no place to start") {
  const auto descriptor = parse_vp9(load_vectors("codecs.hex").at("vp9_upper_layer").at("payload"));
  REQUIRE(descriptor);
  CHECK(descriptor->spatial_layer == 1);
  CHECK(descriptor->uses_inter_layer_prediction);
  CHECK_FALSE(descriptor->starts_keyframe());
}

TEST_CASE("flexible mode reads up to three references and no more") {
  const auto one = parse_vp9(from_hex("d8 01 02 aa"));
  REQUIRE(one);
  CHECK(one->length == 3);
  const auto three = parse_vp9(from_hex("d8 01 03 05 06 aa"));
  REQUIRE(three);
  CHECK(three->length == 5);
  CHECK_FALSE(parse_vp9(from_hex("d8 01 03 05 07 aa")));
  CHECK_FALSE(parse_vp9(from_hex("d8 01 03")));
}

TEST_CASE("a picture group is read to its end") {
  // V, G: two pictures, one with two references
  const auto descriptor = parse_vp9(from_hex("0a 08 02 00 08 0102 aa"));
  REQUIRE(descriptor);
  CHECK(descriptor->length == 7);
  CHECK_FALSE(parse_vp9(from_hex("0a 08 ff 00")));
}

TEST_CASE("the last packet of a layer frame, and its layers") {
  const auto descriptor = parse_vp9(from_hex("a4 05 5a 07 aa"));
  REQUIRE(descriptor);
  CHECK(descriptor->ends_frame);
  CHECK(descriptor->temporal_layer == 2);
  CHECK(descriptor->is_switching_point);
  CHECK(descriptor->spatial_layer == 5);
  CHECK_FALSE(descriptor->uses_inter_layer_prediction);
  CHECK_FALSE(descriptor->is_15_bit_picture_id);
}

TEST_CASE("every truncation of a descriptor is refused") {
  const Octets payload = load_vectors("codecs.hex").at("vp9_keyframe").at("payload");
  const std::size_t length = parse_vp9(payload)->length;
  for (std::size_t size = 0; size < length; ++size) {
    CHECK_FALSE(parse_vp9(Bytes(payload).first(size)));
  }
}
