// The leaky bucket.
#include <doctest/doctest.h>

#include "pacing.hpp"

namespace tandem::test {

namespace {

constexpr std::int64_t kNow = 7 * kSecond;

}  // namespace

TEST_CASE("a bucket owes what was charged and drains at its rate") {
  LeakyBucket bucket(800'000);
  bucket.charge(1'000, kNow);
  CHECK(bucket.debt_ns(kNow) == 10 * kMillisecond);
  CHECK(bucket.debt_ns(kNow + 4 * kMillisecond) == 6 * kMillisecond);
  CHECK(bucket.debt_ns(kNow + kSecond) == 0);
  CHECK(bucket.when_owed(2 * kMillisecond) == kNow + 8 * kMillisecond);
  CHECK(bucket.bytes_in(5 * kMillisecond) == 500);
}

TEST_CASE("an idle bucket saves nothing up") {
  LeakyBucket bucket(800'000);
  bucket.charge(1'000, kNow);
  bucket.charge(1'000, kNow + kSecond);
  CHECK(bucket.debt_ns(kNow + kSecond) == 10 * kMillisecond);
}

TEST_CASE("another rate leaves what is owed, in bytes") {
  LeakyBucket bucket(800'000);
  bucket.charge(2'000, kNow);
  bucket.set_rate(1'600'000, kNow);
  CHECK(bucket.debt_ns(kNow) == 10 * kMillisecond);
  bucket.set_rate(400'000, kNow);
  CHECK(bucket.debt_ns(kNow) == 40 * kMillisecond);
}

TEST_CASE("debt is bounded, at any rate and size") {
  for (const std::int64_t rate : {std::int64_t{50'000}, std::int64_t{1'000'000'000}}) {
    LeakyBucket bucket(rate);
    for (int i = 0; i < 3; ++i) {
      bucket.charge(~std::uint64_t{0}, kNow);
      CHECK(bucket.debt_ns(kNow) == LeakyBucket::kMaxChargedNs);
    }
    bucket.set_rate(1'000'000'000, kNow);
    CHECK(bucket.debt_ns(kNow) <= LeakyBucket::kMaxChargedNs);
    bucket.set_rate(50'000, kNow);
    CHECK(bucket.debt_ns(kNow) <= LeakyBucket::kMaxChargedNs);
  }
}

}  // namespace tandem::test
