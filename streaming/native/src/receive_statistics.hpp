// What a receiver report says about one SSRC (RFC 3550 6.4.1, A.3, A.8), and which sequence numbers came
// already.
#pragma once

#include <array>
#include <cstdint>

#include "rtcp.hpp"

namespace tandem {

class ReceiveStatistics {
 public:
  // A packet on the media SSRC itself; retransmissions on an RTX SSRC do not count here.
  void handle_packet(std::int64_t sequence_number, std::uint32_t timestamp, std::int64_t arrival_ns,
                     std::uint32_t clock_rate_hz) noexcept;
  // The report block since the previous one. SSRC and the sender report's fields are the caller's.
  [[nodiscard]] ReportBlock take_report() noexcept;
  void restart() noexcept { *this = ReceiveStatistics{}; }

  [[nodiscard]] bool started() const noexcept { return started_; }
  [[nodiscard]] std::int64_t highest() const noexcept { return highest_; }
  [[nodiscard]] std::int64_t lost() const noexcept { return started_ ? highest_ - base_ + 1 - received_ : 0; }
  [[nodiscard]] std::uint32_t jitter_ticks() const noexcept {
    return static_cast<std::uint32_t>(jitter_x16_ >> 4U);
  }

 private:
  bool started_ = false;
  std::int64_t base_ = 0;
  std::int64_t highest_ = 0;
  std::int64_t received_ = 0;
  std::int64_t expected_prior_ = 0;
  std::int64_t received_prior_ = 0;
  std::uint32_t last_transit_ = 0;
  std::uint64_t jitter_x16_ = 0;
};

// Which of the last 4,096 sequence numbers came, by whatever way: a packet goes on once.
class ArrivalWindow {
 public:
  enum class Verdict : std::uint8_t { New, Duplicate, TooOld };
  Verdict admit(std::int64_t sequence_number) noexcept;
  // Whether admit() would say New; false before the first.
  [[nodiscard]] bool lacks(std::int64_t sequence_number) const noexcept;
  void restart() noexcept { *this = ArrivalWindow{}; }

 private:
  static constexpr std::int64_t kSize = 4096;
  static constexpr std::int64_t kWordBits = 64;
  static constexpr std::size_t word(std::int64_t number) noexcept {
    return static_cast<std::size_t>((number & (kSize - 1)) / kWordBits);
  }
  static constexpr std::uint64_t bit(std::int64_t number) noexcept {
    return std::uint64_t{1} << static_cast<unsigned>(number & (kWordBits - 1));
  }
  std::array<std::uint64_t, kSize / kWordBits> words_{};
  std::int64_t highest_ = 0;
  bool started_ = false;
};

}  // namespace tandem
