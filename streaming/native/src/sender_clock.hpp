// Time on the wire: NTP arithmetic, a publisher's clock against ours, and a track's RTP timestamps against
// its publisher's clock (RFC 3550 6.4.1).
#pragma once

#include <cstdint>
#include <optional>

#include "specs.hpp"

namespace tandem {

// 32.32 fixed point seconds since 1900, modulo 2^64.
using NtpTime = std::uint64_t;

[[nodiscard]] constexpr NtpTime ntp_from_ns(std::int64_t duration_ns) noexcept {
  constexpr std::int64_t kNsPerSecond = 1'000'000'000;
  const std::int64_t seconds = duration_ns / kNsPerSecond;
  const std::int64_t rest = duration_ns % kNsPerSecond;
  return (static_cast<NtpTime>(seconds) << 32U) +
         static_cast<NtpTime>((rest * (std::int64_t{1} << 32)) / kNsPerSecond);
}
// For differences of up to 68 years either way.
[[nodiscard]] constexpr std::int64_t ns_from_ntp(NtpTime difference) noexcept {
  constexpr std::int64_t kNsPerSecond = 1'000'000'000;
  const auto value = static_cast<std::int64_t>(difference);
  const std::int64_t seconds = value >> 32;
  const std::int64_t fraction = value & 0xFFFFFFFF;
  return seconds * kNsPerSecond + ((fraction * kNsPerSecond) >> 32);
}
[[nodiscard]] constexpr std::uint32_t compact_ntp(NtpTime time) noexcept {
  return static_cast<std::uint32_t>(time >> 16U);
}
[[nodiscard]] constexpr std::int64_t ns_from_compact(std::uint32_t units) noexcept {
  constexpr std::int64_t kNsPerSecond = 1'000'000'000;
  return (static_cast<std::int64_t>(units) * kNsPerSecond) >> 16;
}
// RTP ticks of a duration, either sign, to the nearest: NTP fractions and nanoseconds round down before.
[[nodiscard]] constexpr std::int64_t ticks_from_ns(std::int64_t duration_ns,
                                                   std::uint32_t clock_rate_hz) noexcept {
  constexpr std::int64_t kNsPerSecond = 1'000'000'000;
  const auto rate = static_cast<std::int64_t>(clock_rate_hz);
  const std::int64_t half = duration_ns < 0 ? -kNsPerSecond / 2 : kNsPerSecond / 2;
  return duration_ns / kNsPerSecond * rate + (duration_ns % kNsPerSecond * rate + half) / kNsPerSecond;
}
[[nodiscard]] constexpr std::int64_t ns_from_ticks(std::int64_t ticks, std::uint32_t clock_rate_hz) noexcept {
  constexpr std::int64_t kNsPerSecond = 1'000'000'000;
  const auto rate = static_cast<std::int64_t>(clock_rate_hz);
  return ticks / rate * kNsPerSecond + ticks % rate * kNsPerSecond / rate;
}

// How far a publisher's NTP clock lies behind the server's, by its sender reports. One per transport, so that
// voice and picture shift together. The smallest delay seen counts most; upward the estimate creeps, so that
// drift is followed.
class ClockOffset {
 public:
  void handle_report(NtpTime remote, NtpTime local) noexcept {
    const auto difference = static_cast<std::int64_t>(local - remote);
    if (!known_ || difference < offset_) {
      offset_ = difference;
    } else {
      constexpr std::int64_t kCreep = 64;
      offset_ += (difference - offset_) / kCreep;
    }
    known_ = true;
  }
  [[nodiscard]] bool is_known() const noexcept { return known_; }
  // Add it to the publisher's time to get the server's.
  [[nodiscard]] NtpTime offset() const noexcept { return static_cast<NtpTime>(offset_); }

 private:
  std::int64_t offset_ = 0;
  bool known_ = false;
};

// The last sender report of a track.
struct ReportedClock {
  NtpTime ntp_time = 0;
  std::uint32_t rtp_timestamp = 0;
  std::int64_t arrival_ns = 0;

  // The publisher's clock when this timestamp was captured.
  [[nodiscard]] NtpTime ntp_of(std::uint32_t timestamp, std::uint32_t clock_rate_hz) const noexcept {
    const auto ticks = static_cast<std::int32_t>(timestamp - rtp_timestamp);
    return ntp_time + ntp_from_ns(ns_from_ticks(ticks, clock_rate_hz));
  }
  // The timestamp of a moment of the publisher's clock.
  [[nodiscard]] std::uint32_t timestamp_of(NtpTime time, std::uint32_t clock_rate_hz) const noexcept {
    return rtp_timestamp +
           static_cast<std::uint32_t>(ticks_from_ns(ns_from_ntp(time - ntp_time), clock_rate_hz));
  }
};

}  // namespace tandem
