// Serial number arithmetic (RFC 1982) and extended sequence numbers: the only place where wrap-around is
// thought about.
#pragma once

#include <concepts>
#include <cstdint>
#include <type_traits>

namespace tandem {

template <typename T>
concept SerialNumber = std::same_as<T, std::uint16_t> || std::same_as<T, std::uint32_t>;

// The signed distance from `from` to `to` by the shorter way: serial_distance<u16>(65535, 2) == 3.
// Exactly half the circle is undefined in RFC 1982; here it is the negative extreme in both directions.
template <SerialNumber T>
[[nodiscard]] constexpr std::int64_t serial_distance(T from, T to) noexcept {
  return static_cast<std::make_signed_t<T>>(static_cast<T>(to - from));
}

// Whether `a` comes after `b` on the circle.
template <SerialNumber T>
[[nodiscard]] constexpr bool serial_after(T a, T b) noexcept {
  return serial_distance(b, a) > 0;
}

// Extends wrapping counters to 64 bits relative to the highest value seen. The first value stands for itself;
// a late value from before the first one may be negative (first 0, then 65535 -> -1).
template <SerialNumber T>
class Unwrapper {
 public:
  // What `value` would extend to, without remembering it.
  [[nodiscard]] constexpr std::int64_t peek(T value) const noexcept {
    if (!started_) {
      return static_cast<std::int64_t>(value);
    }
    return highest_ + serial_distance(static_cast<T>(highest_), value);
  }

  constexpr std::int64_t unwrap(T value) noexcept {
    const std::int64_t extended = peek(value);
    if (!started_ || extended > highest_) {
      highest_ = extended;
      started_ = true;
    }
    return extended;
  }

  [[nodiscard]] constexpr bool started() const noexcept { return started_; }
  [[nodiscard]] constexpr std::int64_t highest() const noexcept { return highest_; }

 private:
  std::int64_t highest_ = 0;
  bool started_ = false;
};

using SequenceUnwrapper = Unwrapper<std::uint16_t>;
using TimestampUnwrapper = Unwrapper<std::uint32_t>;

// The roll-over counter (RFC 3711 3.3.1) that belongs to an extended sequence number >= 0.
[[nodiscard]] constexpr std::uint32_t roll_over_counter(std::int64_t extended_sequence_number) noexcept {
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(extended_sequence_number) >> 16U);
}

}  // namespace tandem
