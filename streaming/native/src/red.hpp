// Redundant audio data (RFC 2198) with one redundant block: the payload before, then this one.
//
// Worked example, Opus as 111, 20 ms (960 ticks) apart, 3 redundant bytes:
//   EF 0F 00 03  6F  r r r  p p p …
//   F=1 PT=111, offset 960 in 14 bits, length 3 in 10 bits; F=0 PT=111 for what follows.
#pragma once

#include <cstdint>

#include "cursor.hpp"

namespace tandem {

inline constexpr std::size_t kRedHeaderBytes = 5;
inline constexpr std::uint32_t kMaxRedTicks = (1U << 14U) - 1;
inline constexpr std::size_t kMaxRedBlockBytes = (1U << 10U) - 1;

// The headers of both blocks; `ticks` and `bytes`: the redundant block's distance and size, within the limits
// above.
inline void write_red_header(ByteWriter& out, std::uint8_t payload_type, std::uint32_t ticks,
                             std::size_t bytes) noexcept {
  constexpr std::uint32_t kFollows = 0x80;
  out.u32(((kFollows | payload_type) << 24U) | (ticks << 10U) | static_cast<std::uint32_t>(bytes));
  out.u8(payload_type);
}

}  // namespace tandem
