#include "nack_generator.hpp"

#include <algorithm>

namespace tandem {

void NackGenerator::restart() noexcept {
  missing_.clear();
  started_ = false;
}

void NackGenerator::handle_packet(std::int64_t sequence_number, std::int64_t now_ns) {
  if (!started_) {
    started_ = true;
    highest_ = sequence_number;
    missing_.reserve(kMaxMissing);
    return;
  }
  if (sequence_number <= highest_) {
    handle_arrival_of_missing(sequence_number, now_ns);
    return;
  }
  const std::int64_t gap = sequence_number - highest_ - 1;
  if (gap + static_cast<std::int64_t>(missing_.size()) > static_cast<std::int64_t>(kMaxMissing)) {
    missing_.clear();
    given_up_ = true;
  } else {
    for (std::int64_t number = highest_ + 1; number < sequence_number; ++number) {
      missing_.push_back({.sequence_number = number, .since_ns = now_ns, .due_ns = now_ns + kReorderingNs});
    }
  }
  highest_ = sequence_number;
}

void NackGenerator::handle_arrival_of_missing(std::int64_t sequence_number, std::int64_t now_ns) {
  const auto found = std::ranges::lower_bound(missing_, sequence_number, {}, &Missing::sequence_number);
  if (found == missing_.end() || found->sequence_number != sequence_number) {
    return;
  }
  measure(*found, now_ns);
  missing_.erase(found);
}

void NackGenerator::measure(const Missing& missing, std::int64_t now_ns) noexcept {
  if (missing.tries != 1) {
    return;  // which request was answered is not known (Karn)
  }
  constexpr std::int64_t kSmoothing = 8;
  round_trip_ns_ += (now_ns - missing.asked_ns - round_trip_ns_) / kSmoothing;
}

std::size_t NackGenerator::take_due(std::int64_t now_ns, std::span<std::uint16_t> out) {
  const auto expired = [&](const Missing& missing) {
    return now_ns - missing.since_ns > kMaxAgeNs || (missing.tries >= kMaxTries && missing.due_ns <= now_ns);
  };
  given_up_ = std::erase_if(missing_, expired) != 0 || given_up_;
  const std::int64_t interval_ns = std::max(kMinIntervalNs, round_trip_ns_ + round_trip_ns_ / 4);
  std::size_t count = 0;
  for (Missing& missing : missing_) {
    if (count == out.size()) {
      break;
    }
    if (missing.due_ns > now_ns) {
      continue;
    }
    out[count++] = static_cast<std::uint16_t>(missing.sequence_number);
    missing.asked_ns = now_ns;
    missing.due_ns = now_ns + interval_ns;
    ++missing.tries;
  }
  return count;
}

bool NackGenerator::take_given_up() noexcept {
  const bool given_up = given_up_;
  given_up_ = false;
  return given_up;
}

bool NackGenerator::is_missing(std::int64_t sequence_number) const noexcept {
  const auto found = std::ranges::lower_bound(missing_, sequence_number, {}, &Missing::sequence_number);
  return found != missing_.end() && found->sequence_number == sequence_number;
}

}  // namespace tandem
