#include <doctest/doctest.h>

#include "h264.hpp"
#include "vectors.hpp"

using namespace tandem;
using tandem::testing::from_hex;
using tandem::testing::load_vectors;

TEST_CASE("checklist 16: SPS, PPS and IDR in one STAP-A") {
  const auto payload = parse_h264(load_vectors("codecs.hex").at("h264_stap_a").at("payload"));
  REQUIRE(payload);
  CHECK(payload->has_sps);
  CHECK(payload->has_pps);
  CHECK(payload->has_idr);
  CHECK(payload->starts_keyframe());
}

TEST_CASE("checklist 16: SPS, PPS and IDR in separate packets: the start is the SPS alone") {
  const auto sps = parse_h264(from_hex("6742c01f"));
  const auto pps = parse_h264(from_hex("68ce3c80"));
  const auto idr = parse_h264(from_hex("658884"));
  REQUIRE(sps);
  REQUIRE(pps);
  REQUIRE(idr);
  CHECK(sps->starts_keyframe());
  CHECK_FALSE(sps->has_slice);
  CHECK(pps->has_pps);
  CHECK_FALSE(pps->starts_keyframe());
  CHECK(idr->has_idr);
  CHECK_FALSE(idr->starts_keyframe());
}

TEST_CASE("the first fragment tells the unit, the later ones do not") {
  const auto first = parse_h264(from_hex("7c85 8884"));
  REQUIRE(first);
  CHECK(first->is_fragment);
  CHECK(first->starts_nal_unit);
  CHECK_FALSE(first->ends_nal_unit);
  CHECK(first->has_idr);
  const auto last = parse_h264(from_hex("7c45 8884"));
  REQUIRE(last);
  CHECK_FALSE(last->starts_nal_unit);
  CHECK(last->ends_nal_unit);
  CHECK_FALSE(last->has_idr);
  CHECK_FALSE(last->has_slice);
}

TEST_CASE("types that WebRTC does not send, and broken ones, are refused") {
  for (const auto* payload :
       {"00", "19aa", "1aaa", "1baa", "1daa", "1eaa", "1faa", "7c", "78", "7800", "780001", "780000"}) {
    CAPTURE(payload);
    CHECK_FALSE(parse_h264(from_hex(payload)));
  }
}
