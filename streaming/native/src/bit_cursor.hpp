// Bounds-checked reading and writing of bit fields, most significant bit first.
//
// Both fail stickily, as the byte cursors do.
#pragma once

#include <cstdint>

#include "cursor.hpp"

namespace tandem {

class BitReader {
 public:
  explicit constexpr BitReader(Bytes bytes) noexcept : bytes_(bytes) {}

  // The next `count` bits, at most 32.
  [[nodiscard]] constexpr std::uint32_t bits(std::size_t count) noexcept {
    if (failed_ || count > (bytes_.size() * 8) - position_) {
      failed_ = true;
      return 0;
    }
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < count; ++i, ++position_) {
      value = (value << 1U) | ((bytes_[position_ / 8] >> (7 - (position_ % 8))) & 1U);
    }
    return value;
  }
  [[nodiscard]] constexpr bool flag() noexcept { return bits(1) != 0; }

  // ns(count): one of `count` values, the first of them in one bit less where count is no power of two.
  [[nodiscard]] constexpr std::uint32_t non_symmetric(std::uint32_t count) noexcept {
    std::size_t width = 0;
    for (std::uint32_t left = count; left != 0; left >>= 1U) {
      ++width;
    }
    if (width == 0) {
      failed_ = true;
      return 0;
    }
    const std::uint32_t short_values = (1U << width) - count;
    const std::uint32_t value = bits(width - 1);
    return value < short_values ? value : (value << 1U) - short_values + bits(1);
  }

  [[nodiscard]] constexpr std::size_t position() const noexcept { return position_; }
  [[nodiscard]] constexpr std::size_t remaining() const noexcept {
    return failed_ ? 0 : (bytes_.size() * 8) - position_;
  }
  [[nodiscard]] constexpr bool ok() const noexcept { return !failed_; }
  constexpr void fail() noexcept { failed_ = true; }

 private:
  Bytes bytes_;
  std::size_t position_ = 0;
  bool failed_ = false;
};

class BitWriter {
 public:
  explicit constexpr BitWriter(MutableBytes out) noexcept : out_(out) {}

  constexpr void bits(std::uint32_t value, std::size_t count) noexcept {
    if (failed_ || count > (out_.size() * 8) - position_) {
      failed_ = true;
      return;
    }
    for (std::size_t left = count; left-- > 0; ++position_) {
      const std::uint8_t mask = static_cast<std::uint8_t>(0x80U >> (position_ % 8));
      std::uint8_t& byte = out_[position_ / 8];
      byte = static_cast<std::uint8_t>(((value >> left) & 1U) != 0 ? byte | mask : byte & ~mask);
    }
  }
  // Bits `from` to `to` of `source`.
  constexpr void copy(Bytes source, std::size_t from, std::size_t to) noexcept {
    for (std::size_t at = from; at < to && at / 8 < source.size(); ++at) {
      bits((source[at / 8] >> (7 - (at % 8))) & 1U, 1);
    }
  }
  // Zeros up to the next whole byte. Returns the bytes written, 0 after a failure.
  constexpr std::size_t finish() noexcept {
    bits(0, (8 - (position_ % 8)) % 8);
    return failed_ ? 0 : position_ / 8;
  }

 private:
  MutableBytes out_;
  std::size_t position_ = 0;
  bool failed_ = false;
};

}  // namespace tandem
