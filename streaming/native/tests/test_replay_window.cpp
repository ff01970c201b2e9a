#include <doctest/doctest.h>

#include <random>
#include <set>

#include "replay_window.hpp"

using tandem::ReplayWindow;

TEST_CASE("checklist 2: a retransmission 1,024 packets late is still fresh, once") {
  ReplayWindow window;
  for (std::uint64_t index = 65000; index <= 65000 + 1100; ++index) {
    if (index != 65070) {
      REQUIRE(window.is_fresh(index));
      window.mark(index);
    }
  }
  static_assert(ReplayWindow::kSize >= 1024);
  CHECK(window.is_fresh(65070));
  window.mark(65070);
  CHECK_FALSE(window.is_fresh(65070));
  CHECK(window.highest() == 66100);
}

TEST_CASE("what is older than the window is not fresh") {
  ReplayWindow window;
  window.mark(10'000);
  CHECK(window.is_fresh(10'000 - ReplayWindow::kSize + 1));
  CHECK_FALSE(window.is_fresh(10'000 - ReplayWindow::kSize));
  CHECK_FALSE(window.is_fresh(0));
}

TEST_CASE("a jump clears what it passes") {
  ReplayWindow window;
  window.mark(5);
  window.mark(5 + (ReplayWindow::kSize * 3));
  CHECK(window.is_fresh(5 + (ReplayWindow::kSize * 2) + 1));
  CHECK(window.is_fresh(5 + (ReplayWindow::kSize * 3) - 1));
  CHECK_FALSE(window.is_fresh(5 + (ReplayWindow::kSize * 3)));
}

TEST_CASE("the window agrees with a set that forgets nothing") {
  std::mt19937_64 random(11);
  ReplayWindow window;
  std::set<std::uint64_t> seen;
  std::uint64_t top = 1'000'000;
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t index = random() % 4 == 0 ? top + (random() % 50) : top - (random() % 3000);
    const bool expected = seen.empty() || index > *seen.rbegin() ||
                          (*seen.rbegin() - index < ReplayWindow::kSize && !seen.contains(index));
    REQUIRE(window.is_fresh(index) == expected);
    if (expected) {
      window.mark(index);
      seen.insert(index);
      top = *seen.rbegin();
    }
  }
}
