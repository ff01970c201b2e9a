// picture_id and tl0picidx where a payload descriptor carries them (VP8: RFC 7741 4.2, VP9: RFC 9628 4.2),
// and how a subscriber gets its own instead.
#pragma once

#include <cstdint>

#include "cursor.hpp"

namespace tandem {

enum class PictureIdWidth : std::uint8_t { Absent, Bits7, Bits15 };

struct PictureNumbers {
  PictureIdWidth width = PictureIdWidth::Absent;
  bool has_tl0picidx = false;
  bool is_contiguous = false;  // receivers take a gap between picture ids for a loss (VP8)
  std::uint8_t tl0picidx = 0;
  std::uint16_t picture_id = 0;
  std::uint8_t picture_id_offset = 0;
  std::uint8_t tl0picidx_offset = 0;

  // How much of the payload stands up to the end of the last number; 0 without any.
  [[nodiscard]] std::size_t prefix_bytes() const noexcept;
};

inline constexpr std::size_t kMaxNumberedPrefixBytes = 5;

// Copies the payload's numbered prefix to `out` with the numbers replaced, picture_id in its own width.
// Returns its length, 0 if there are no numbers or no room. The payload behind it is unchanged.
std::size_t write_picture_numbers(const PictureNumbers& numbers, Bytes payload, std::uint16_t picture_id,
                                  std::uint8_t tl0picidx, MutableBytes out) noexcept;

}  // namespace tandem
