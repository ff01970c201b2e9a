// The ring between two packet workers: its edges on one thread, its order on two.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <thread>

#include "doorbell.hpp"
#include "handover_ring.hpp"

namespace tandem::test {

namespace {

// False: it did not fit. The record's bytes all say `number`.
bool put(HandoverRing& ring, std::uint32_t number, std::size_t length, std::size_t spare_bytes = 0) {
  const MutableBytes room = ring.reserve(number, length, spare_bytes);
  if (room.empty()) {
    return false;
  }
  std::ranges::fill(room, static_cast<std::uint8_t>(number));
  ring.commit();
  return true;
}

// Whether the front record is `number`, whole; it is taken off.
bool take(HandoverRing& ring, std::uint32_t number, std::size_t length) {
  const auto record = ring.front();
  if (!record || record->kind != number || record->bytes.size() != length) {
    return false;
  }
  const bool is_whole = std::ranges::all_of(
      record->bytes, [&](std::uint8_t byte) { return byte == static_cast<std::uint8_t>(number); });
  ring.pop();
  return is_whole;
}

}  // namespace

TEST_CASE("handover ring: records come out whole and in order, over many laps, whatever their length") {
  HandoverRing ring(4096);
  CHECK(ring.is_empty());
  CHECK_FALSE(ring.front().has_value());
  std::uint32_t in = 0;
  std::uint32_t out = 0;
  const auto length_of = [](std::uint32_t number) { return 1 + (number * 37) % 500; };
  for (int round = 0; round < 2000; ++round) {
    while (put(ring, in, length_of(in))) {
      ++in;
    }
    CHECK(in > out);
    for (int i = 0; i < 3; ++i) {
      REQUIRE(take(ring, out, length_of(out)));
      ++out;
    }
  }
  while (out < in) {
    REQUIRE(take(ring, out, length_of(out)));
    ++out;
  }
  CHECK(ring.is_empty());
}

TEST_CASE("handover ring: full is refused, and room comes back with what is taken") {
  HandoverRing ring(4096);
  std::uint32_t count = 0;
  while (put(ring, count, 504)) {
    ++count;
  }
  CHECK(count == 8);  // of 512 bytes each, their headers included
  REQUIRE(take(ring, 0, 504));
  CHECK(put(ring, count, 504));
  CHECK_FALSE(put(ring, count, 1));
}

TEST_CASE("handover ring: what must leave room is refused before the rest is") {
  HandoverRing ring(4096);
  std::uint32_t count = 0;
  while (put(ring, count, 504, 2048)) {
    ++count;
  }
  CHECK(count == 4);
  CHECK(put(ring, count, 504));
}

TEST_CASE("handover ring: a reservation that is not committed is not seen; too long a record never fits") {
  HandoverRing ring(4096);
  CHECK_FALSE(ring.reserve(1, 100).empty());
  CHECK(ring.is_empty());
  CHECK(put(ring, 2, 50));
  CHECK(take(ring, 2, 50));
  CHECK(ring.reserve(3, 513).empty());
}

TEST_CASE("handover ring: two threads, one sleeping on the bell, lose nothing and mix nothing") {
  constexpr std::uint32_t kRecords = 50'000;
  HandoverRing ring(16'384);
  Doorbell bell;
  const auto length_of = [](std::uint32_t number) { return 4 + number % 300; };
  std::thread writer([&] {
    for (std::uint32_t number = 0; number < kRecords;) {
      if (put(ring, number, length_of(number))) {
        ++number;
        bell.ring_if_asleep();
      } else {
        std::this_thread::yield();
      }
    }
  });
  std::uint32_t taken = 0;
  bool is_right = true;
  while (taken < kRecords && is_right) {
    if (ring.is_empty()) {
      bell.begin_sleep();
      if (ring.is_empty()) {
        std::this_thread::yield();
      }
      bell.end_sleep();
      bell.clear();
      continue;
    }
    is_right = take(ring, taken, length_of(taken));
    ++taken;
  }
  // A reader that stopped early must not leave the writer waiting for room.
  while (!is_right && taken < kRecords) {
    if (ring.front()) {
      ring.pop();
      ++taken;
    }
  }
  writer.join();
  CHECK(is_right);
  CHECK(ring.is_empty());
}

}  // namespace tandem::test
