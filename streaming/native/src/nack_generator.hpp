// Which packets of a track are missing, when to ask for each again, and when to give up (RFC 4585 6.2.1).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "specs.hpp"

namespace tandem {

class NackGenerator {
 public:
  static constexpr std::size_t kMaxMissing = 512;
  static constexpr int kMaxTries = 10;
  static constexpr std::int64_t kMaxAgeNs = 1 * kSecond;
  static constexpr std::int64_t kReorderingNs = 5 * kMillisecond;  // packets that merely overtook one another
  static constexpr std::int64_t kMinIntervalNs = 20 * kMillisecond;

  // A packet came for the first time, by whatever way. Extended sequence numbers.
  void handle_packet(std::int64_t sequence_number, std::int64_t now_ns);
  // Fills `out` with the numbers to ask for now, rising. Returns how many.
  std::size_t take_due(std::int64_t now_ns, std::span<std::uint16_t> out);
  // Whether something was given up since the last call: a decoder now needs a keyframe.
  [[nodiscard]] bool take_given_up() noexcept;
  // Whether the packet may still come.
  [[nodiscard]] bool is_missing(std::int64_t sequence_number) const noexcept;
  void restart() noexcept;
  // Smoothed time from asking to receiving; the worker has no other view of a publisher's distance.
  [[nodiscard]] std::int64_t round_trip_ns() const noexcept { return round_trip_ns_; }
  [[nodiscard]] std::size_t missing_count() const noexcept { return missing_.size(); }

 private:
  struct Missing {
    std::int64_t sequence_number = 0;
    std::int64_t since_ns = 0;
    std::int64_t due_ns = 0;
    std::int64_t asked_ns = 0;
    int tries = 0;
  };
  void handle_arrival_of_missing(std::int64_t sequence_number, std::int64_t now_ns);
  void measure(const Missing& missing, std::int64_t now_ns) noexcept;

  std::vector<Missing> missing_;  // rising sequence numbers
  std::int64_t highest_ = 0;
  std::int64_t round_trip_ns_ = 100 * kMillisecond;
  bool started_ = false;
  bool given_up_ = false;
};

}  // namespace tandem
