#include <doctest/doctest.h>

#include "av1.hpp"
#include "vectors.hpp"

using namespace tandem;
using tandem::testing::from_hex;
using tandem::testing::load_vectors;

TEST_CASE("the aggregation header's bits") {
  const auto payload = parse_av1(from_hex("d0 3210"));
  REQUIRE(payload);
  CHECK(payload->continues_obu);
  CHECK(payload->is_continued);
  CHECK(payload->element_count == 1);
  CHECK_FALSE(payload->starts_coded_video_sequence);
}

TEST_CASE("a sequence header is found behind other elements, with and without a count") {
  CHECK(parse_av1(from_hex("00 02 1200 02 0a0b"))->has_sequence_header);
  CHECK(parse_av1(from_hex("20 02 1200 0a0b"))->has_sequence_header);
  CHECK_FALSE(parse_av1(from_hex("20 02 1200 3210"))->has_sequence_header);
}

TEST_CASE("lengths that lie are refused") {
  CHECK_FALSE(parse_av1(from_hex("00 03 1200")));
  CHECK_FALSE(parse_av1(from_hex("00 ffffffffff 00")));
  CHECK_FALSE(parse_av1(from_hex("00 80")));
  CHECK_FALSE(parse_av1(from_hex("10")));
}
