#include "receive_statistics.hpp"

#include <algorithm>
#include <cstdlib>

namespace tandem {

namespace {

// Monotonic time in RTP ticks, modulo 2^32; seconds and the rest apart, so that nothing overflows.
std::uint32_t ticks(std::int64_t time_ns, std::uint32_t clock_rate_hz) noexcept {
  constexpr std::uint64_t kNsPerSecond = 1'000'000'000;
  const auto time = static_cast<std::uint64_t>(time_ns);
  return static_cast<std::uint32_t>(time / kNsPerSecond * clock_rate_hz +
                                    time % kNsPerSecond * clock_rate_hz / kNsPerSecond);
}

}  // namespace

void ReceiveStatistics::handle_packet(std::int64_t sequence_number, std::uint32_t timestamp,
                                      std::int64_t arrival_ns, std::uint32_t clock_rate_hz) noexcept {
  const std::uint32_t transit = ticks(arrival_ns, clock_rate_hz) - timestamp;
  if (!started_) {
    started_ = true;
    base_ = sequence_number;
    highest_ = sequence_number;
  } else {
    // RFC 3550 A.8: J += (|D| - J) / 16, kept as sixteen times J.
    const auto difference = static_cast<std::int32_t>(transit - last_transit_);
    const auto magnitude = static_cast<std::uint64_t>(std::llabs(difference));
    jitter_x16_ += magnitude;
    jitter_x16_ -= (jitter_x16_ + 8) >> 4U;
  }
  last_transit_ = transit;
  highest_ = std::max(highest_, sequence_number);
  base_ = std::min(base_, sequence_number);
  ++received_;
}

ReportBlock ReceiveStatistics::take_report() noexcept {
  ReportBlock block;
  const std::int64_t expected = highest_ - base_ + 1;
  const std::int64_t expected_interval = expected - expected_prior_;
  const std::int64_t lost_interval = expected_interval - (received_ - received_prior_);
  if (expected_interval > 0 && lost_interval > 0) {
    constexpr std::int64_t kWhole = 255;
    block.fraction_lost =
        static_cast<std::uint8_t>(std::min(kWhole, lost_interval * 256 / expected_interval));
  }
  expected_prior_ = expected;
  received_prior_ = received_;
  constexpr std::int64_t kMost = 0x7FFFFF;
  block.cumulative_lost = static_cast<std::int32_t>(std::clamp(expected - received_, -kMost - 1, kMost));
  block.highest_sequence_number = static_cast<std::uint32_t>(highest_);
  block.jitter_ticks = jitter_ticks();
  return block;
}

ArrivalWindow::Verdict ArrivalWindow::admit(std::int64_t sequence_number) noexcept {
  if (!started_ || sequence_number - highest_ >= kSize) {
    words_.fill(0);
    started_ = true;
    highest_ = sequence_number;
  } else if (sequence_number > highest_) {
    for (std::int64_t number = highest_ + 1; number < sequence_number; ++number) {
      words_[word(number)] &= ~bit(number);
    }
    highest_ = sequence_number;
  } else if (highest_ - sequence_number >= kSize) {
    return Verdict::TooOld;
  } else if ((words_[word(sequence_number)] & bit(sequence_number)) != 0) {
    return Verdict::Duplicate;
  }
  words_[word(sequence_number)] |= bit(sequence_number);
  return Verdict::New;
}

bool ArrivalWindow::lacks(std::int64_t sequence_number) const noexcept {
  if (!started_ || sequence_number > highest_) {
    return started_;
  }
  return highest_ - sequence_number < kSize && (words_[word(sequence_number)] & bit(sequence_number)) == 0;
}

}  // namespace tandem
