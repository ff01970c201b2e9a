// Bounds-checked reading and writing of network byte order: the only way this library touches wire bytes.
//
// Both cursors fail *stickily*: after the first access out of bounds every further access fails too (reads
// give 0 or an empty span), so a parser may read a whole structure and ask `ok()` once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

namespace tandem {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

// Octets as text and back; char and unsigned char may alias.
[[nodiscard]] inline std::string_view as_text(Bytes bytes) noexcept {
  return {static_cast<const char*>(static_cast<const void*>(bytes.data())), bytes.size()};
}
[[nodiscard]] inline Bytes as_octets(std::string_view text) noexcept {
  return {static_cast<const std::uint8_t*>(static_cast<const void*>(text.data())), text.size()};
}

class ByteReader {
 public:
  explicit constexpr ByteReader(Bytes bytes) noexcept : bytes_(bytes) {}

  [[nodiscard]] constexpr std::uint8_t u8() noexcept { return static_cast<std::uint8_t>(big_endian<1>()); }
  [[nodiscard]] constexpr std::uint16_t u16() noexcept { return static_cast<std::uint16_t>(big_endian<2>()); }
  [[nodiscard]] constexpr std::uint32_t u24() noexcept { return static_cast<std::uint32_t>(big_endian<3>()); }
  [[nodiscard]] constexpr std::uint32_t u32() noexcept { return static_cast<std::uint32_t>(big_endian<4>()); }
  [[nodiscard]] constexpr std::uint64_t u64() noexcept { return big_endian<8>(); }

  // The next `count` bytes, or an empty span and failure.
  [[nodiscard]] constexpr Bytes take(std::size_t count) noexcept {
    if (!reserve(count)) {
      return {};
    }
    const Bytes taken = bytes_.subspan(position_, count);
    position_ += count;
    return taken;
  }

  // Everything that is left; empty after a failure.
  [[nodiscard]] constexpr Bytes rest() noexcept { return take(remaining()); }

  constexpr bool skip(std::size_t count) noexcept {
    if (!reserve(count)) {
      return false;
    }
    position_ += count;
    return true;
  }

  [[nodiscard]] constexpr std::size_t remaining() const noexcept {
    return failed_ ? 0 : bytes_.size() - position_;
  }
  [[nodiscard]] constexpr std::size_t position() const noexcept { return position_; }
  [[nodiscard]] constexpr bool ok() const noexcept { return !failed_; }
  constexpr void fail() noexcept { failed_ = true; }

 private:
  [[nodiscard]] constexpr bool reserve(std::size_t count) noexcept {
    if (failed_ || count > bytes_.size() - position_) {
      failed_ = true;
    }
    return !failed_;
  }

  // Without a loop, so that it becomes one load.
  template <std::size_t kCount>
  [[nodiscard]] constexpr std::uint64_t big_endian() noexcept {
    if (!reserve(kCount)) {
      return 0;
    }
    const Bytes from = bytes_.subspan(position_, kCount);
    std::uint64_t value = 0;
    const auto read = [&]<std::size_t... kPlace>(std::index_sequence<kPlace...> /*places*/) {
      ((value = (value << 8U) | from[kPlace]), ...);
    };
    read(std::make_index_sequence<kCount>());
    position_ += kCount;
    return value;
  }

  Bytes bytes_;
  std::size_t position_ = 0;
  bool failed_ = false;
};

class ByteWriter {
 public:
  explicit constexpr ByteWriter(MutableBytes out) noexcept : out_(out) {}

  constexpr bool u8(std::uint8_t value) noexcept { return big_endian<1>(value); }
  constexpr bool u16(std::uint16_t value) noexcept { return big_endian<2>(value); }
  constexpr bool u24(std::uint32_t value) noexcept { return big_endian<3>(value); }
  constexpr bool u32(std::uint32_t value) noexcept { return big_endian<4>(value); }
  constexpr bool u64(std::uint64_t value) noexcept { return big_endian<8>(value); }

  bool bytes(Bytes value) noexcept {
    if (!reserve(value.size())) {
      return false;
    }
    if (!value.empty()) {
      std::memmove(out_.data() + position_, value.data(), value.size());
    }
    position_ += value.size();
    return true;
  }

  bool zeros(std::size_t count) noexcept {
    if (!reserve(count)) {
      return false;
    }
    if (count != 0) {
      std::memset(out_.data() + position_, 0, count);
    }
    position_ += count;
    return true;
  }

  // Overwrites two bytes written earlier (a length that is known only afterwards).
  constexpr bool patch_u16(std::size_t at, std::uint16_t value) noexcept {
    if (failed_ || at + 2 > position_) {
      failed_ = true;
      return false;
    }
    out_[at] = static_cast<std::uint8_t>(value >> 8U);
    out_[at + 1] = static_cast<std::uint8_t>(value & 0xFFU);
    return true;
  }

  [[nodiscard]] constexpr std::size_t position() const noexcept { return position_; }
  [[nodiscard]] constexpr std::size_t remaining() const noexcept {
    return failed_ ? 0 : out_.size() - position_;
  }
  [[nodiscard]] constexpr bool ok() const noexcept { return !failed_; }
  constexpr void fail() noexcept { failed_ = true; }
  // What has been written so far.
  [[nodiscard]] constexpr MutableBytes written() const noexcept { return out_.first(position_); }

 private:
  [[nodiscard]] constexpr bool reserve(std::size_t count) noexcept {
    if (failed_ || count > out_.size() - position_) {
      failed_ = true;
    }
    return !failed_;
  }

  template <std::size_t kCount>
  constexpr bool big_endian(std::uint64_t value) noexcept {
    if (!reserve(kCount)) {
      return false;
    }
    const MutableBytes to = out_.subspan(position_, kCount);
    const auto write = [&]<std::size_t... kPlace>(std::index_sequence<kPlace...> /*places*/) {
      ((to[kPlace] = static_cast<std::uint8_t>(value >> (8 * (kCount - 1 - kPlace)))), ...);
    };
    write(std::make_index_sequence<kCount>());
    position_ += kCount;
    return true;
  }

  MutableBytes out_;
  std::size_t position_ = 0;
  bool failed_ = false;
};

}  // namespace tandem
