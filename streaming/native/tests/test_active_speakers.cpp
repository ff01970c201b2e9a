// Who is heard of many microphones, in virtual time.
#include <doctest/doctest.h>

#include <array>
#include <random>
#include <vector>

#include "active_speakers.hpp"

namespace tandem::test {

namespace {

constexpr std::int64_t kPacketNs = 20'000'000;
constexpr std::uint8_t kSilent = 127;

// Microphones of one group that send a packet each 20 ms.
struct Room {
  explicit Room(std::size_t count, std::size_t limit) : voices(count), levels(count, kSilent) {
    group->set_limit(limit);
    for (Speaker& voice : voices) {
      voice.join(group);
    }
  }
  void run(std::int64_t duration_ns) {
    for (const std::int64_t end_ns = now_ns + duration_ns; now_ns < end_ns; now_ns += kPacketNs) {
      for (std::size_t i = 0; i < voices.size(); ++i) {
        const bool before = voices[i].is_heard();
        voices[i].handle_packet(levels[i], now_ns);
        changes += voices[i].is_heard() && !before ? 1U : 0U;
      }
    }
  }
  [[nodiscard]] std::vector<std::size_t> heard() const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < voices.size(); ++i) {
      if (voices[i].is_heard()) {
        found.push_back(i);
      }
    }
    return found;
  }

  std::shared_ptr<ActiveSpeakers> group = std::make_shared<ActiveSpeakers>();
  std::vector<Speaker> voices;
  std::vector<std::uint8_t> levels;
  std::int64_t now_ns = 0;
  std::size_t changes = 0;
};

using Heard = std::vector<std::size_t>;

}  // namespace

TEST_CASE("outside a group, and where there is room, everyone is heard, the silent too") {
  CHECK(Speaker().is_heard());
  Room room(3, 3);
  room.run(kPacketNs);
  CHECK(room.heard() == Heard{0, 1, 2});
}

TEST_CASE("of six microphones the three loudest are heard") {
  Room room(6, 3);
  room.levels = {60, 30, 50, 20, 40, 55};
  room.run(1'000'000'000);
  CHECK(room.heard() == Heard{1, 3, 4});
}

TEST_CASE("a newcomer that is louder is in with its second packet, a click is not") {
  Room room(4, 3);
  room.levels = {30, 35, 40, kSilent};
  room.run(5'000'000'000);
  REQUIRE(room.heard() == Heard{0, 1, 2});
  room.levels[3] = 10;
  room.run(kPacketNs);
  room.levels[3] = kSilent;
  room.run(kPacketNs);
  CHECK(room.heard() == Heard{0, 1, 2});
  room.levels[3] = 30;
  room.run(2 * kPacketNs);
  CHECK(room.heard() == Heard{0, 1, 3});
}

TEST_CASE("who pauses between two words keeps the place, who has finished loses it to anyone who speaks") {
  Room room(2, 1);
  room.levels = {30, 55};
  room.run(1'000'000'000);
  room.levels[0] = kSilent;
  room.run(ActiveSpeakers::kHoldNs);
  CHECK(room.heard() == Heard{0});
  room.run(700'000'000);
  CHECK(room.heard() == Heard{1});
}

TEST_CASE("the silent take nobody's place") {
  Room room(5, 3);
  room.run(60'000'000'000);
  CHECK(room.heard() == Heard{0, 1, 2});
  CHECK(room.changes == 3);
}

TEST_CASE("equals do not take turns: four talk on, syllables, pauses and all") {
  Room room(4, 3);
  std::mt19937 random(7);
  std::array<std::int64_t, 4> syllable_ends{};
  for (std::int64_t packet = 0; packet < 60 * 50; ++packet) {
    for (std::size_t i = 0; i < 4; ++i) {
      if (packet >= syllable_ends[i]) {
        // A syllable of 100 to 240 ms, or, one time in four, a gap as long.
        syllable_ends[i] = packet + 5 + static_cast<std::int64_t>(random() % 8);
        room.levels[i] = static_cast<std::uint8_t>(random() % 4 == 0 ? 60 : 27 + random() % 4);
      }
    }
    room.run(kPacketNs);
  }
  // Each has gaps of half a second now and then, which are somebody else's chance.
  CHECK(room.changes < 60);
  Room steady(4, 3);
  steady.levels = {30, 30, 30, 26};
  steady.run(60'000'000'000);
  CHECK(steady.changes == 3);
}

TEST_CASE("a microphone without levels is heard before silence, and after speech") {
  std::shared_ptr<ActiveSpeakers> group = std::make_shared<ActiveSpeakers>();
  group->set_limit(1);
  std::array<Speaker, 2> voices;
  for (Speaker& voice : voices) {
    voice.join(group);
  }
  const auto both = [&](std::uint8_t level, std::int64_t from_ns) {
    for (std::int64_t now_ns = from_ns; now_ns < from_ns + 2'000'000'000; now_ns += kPacketNs) {
      voices[0].handle_packet(level, now_ns);
      voices[1].handle_packet(std::nullopt, now_ns);
    }
  };
  both(kSilent, 0);
  CHECK(voices[1].is_heard());
  both(30, 2'000'000'000);
  CHECK(voices[0].is_heard());
  CHECK_FALSE(voices[1].is_heard());
}

TEST_CASE("places are given back: by leaving the group, by stepping back, by a smaller limit") {
  Room room(3, 2);
  room.run(kPacketNs);
  REQUIRE(room.heard() == Heard{0, 1});
  room.voices[0].join(nullptr);
  CHECK(room.voices[0].is_heard());
  CHECK_FALSE(room.voices[0].competes());
  room.voices[2].handle_packet(kSilent, room.now_ns);
  CHECK(room.voices[2].is_heard());
  room.voices[2].step_back();
  CHECK_FALSE(room.voices[2].is_heard());
  room.voices[2].handle_packet(kSilent, room.now_ns);
  room.group->set_limit(1);
  CHECK(room.voices[1].is_heard());
  CHECK_FALSE(room.voices[2].is_heard());
}

}  // namespace tandem::test
