#include <doctest/doctest.h>

#include "sequence.hpp"

using tandem::roll_over_counter;
using tandem::SequenceUnwrapper;
using tandem::serial_after;
using tandem::serial_distance;
using tandem::TimestampUnwrapper;

TEST_CASE("serial distance takes the shorter way around the circle") {
  CHECK(serial_distance<std::uint16_t>(65535, 2) == 3);
  CHECK(serial_distance<std::uint16_t>(2, 65535) == -3);
  CHECK(serial_distance<std::uint16_t>(0, 32767) == 32767);
  CHECK(serial_distance<std::uint16_t>(0, 32768) == -32768);
  CHECK(serial_distance<std::uint32_t>(0xFFFFFFFF, 0) == 1);
  CHECK(serial_distance<std::uint32_t>(0, 0xFFFFFFFF) == -1);
}

TEST_CASE("after is strict and holds across the wrap") {
  CHECK(serial_after<std::uint16_t>(0, 65535));
  CHECK_FALSE(serial_after<std::uint16_t>(65535, 0));
  CHECK_FALSE(serial_after<std::uint16_t>(7, 7));
  CHECK(serial_after<std::uint32_t>(5, 0xFFFFFFF0));
}

TEST_CASE("sequence numbers that start near their wrap extend across it") {
  SequenceUnwrapper unwrapper;
  CHECK(unwrapper.unwrap(65533) == 65533);
  CHECK(unwrapper.unwrap(65535) == 65535);
  CHECK(unwrapper.unwrap(1) == 65537);
  CHECK(unwrapper.unwrap(65534) == 65534);
  CHECK(unwrapper.highest() == 65537);
  CHECK(unwrapper.unwrap(0) == 65536);
  CHECK(roll_over_counter(unwrapper.highest()) == 1);
}

TEST_CASE("a late packet from before the first extends below zero") {
  SequenceUnwrapper unwrapper;
  CHECK(unwrapper.unwrap(0) == 0);
  CHECK(unwrapper.unwrap(65535) == -1);
  CHECK(unwrapper.highest() == 0);
  CHECK(unwrapper.unwrap(1) == 1);
}

TEST_CASE("peek does not remember") {
  SequenceUnwrapper unwrapper;
  CHECK(unwrapper.peek(65535) == 65535);
  CHECK_FALSE(unwrapper.started());
  unwrapper.unwrap(65535);
  CHECK(unwrapper.peek(0) == 65536);
  CHECK(unwrapper.highest() == 65535);
}

TEST_CASE("many turns of the circle count up") {
  SequenceUnwrapper unwrapper;
  std::int64_t expected = 65000;
  for (int i = 0; i < 100; ++i, expected += 10007) {
    CHECK(unwrapper.unwrap(static_cast<std::uint16_t>(expected)) == expected);
  }
}

TEST_CASE("timestamps extend across their wrap") {
  TimestampUnwrapper unwrapper;
  CHECK(unwrapper.unwrap(0xFFFFFF00) == 0xFFFFFF00);
  CHECK(unwrapper.unwrap(3000) == 0x100000000 + 3000);
}
