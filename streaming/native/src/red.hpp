// Redundant audio data (RFC 2198): earlier payloads, oldest first, then this packet's own.
//
// Worked example, Opus as 111, 20 ms (960 ticks) apart, one redundant block of 3 bytes:
//   EF 0F 00 03  6F  r r r  p p p …
//   F=1 PT=111, offset 960 in 14 bits, length 3 in 10 bits; F=0 PT=111 for what follows.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "cursor.hpp"

namespace tandem {

inline constexpr std::size_t kRedHeaderBytes = 5;
inline constexpr std::uint32_t kMaxRedTicks = (1U << 14U) - 1;
inline constexpr std::size_t kMaxRedBlockBytes = (1U << 10U) - 1;
inline constexpr std::size_t kMaxRedBlocks = 8;

struct RedBlock {
  std::uint8_t payload_type = 0;
  std::uint32_t ticks = 0;  // how much earlier than the packet
  Bytes payload{};
};

// The spans point into the payload that was parsed.
struct RedPayload {
  std::array<RedBlock, kMaxRedBlocks> blocks{};
  std::size_t block_count = 0;
  RedBlock primary;

  [[nodiscard]] std::span<const RedBlock> redundant() const noexcept {
    return std::span(blocks).first(block_count);
  }
};

// Null if it is truncated or has more than kMaxRedBlocks redundant blocks.
[[nodiscard]] std::optional<RedPayload> parse_red(Bytes payload) noexcept;

// The headers of one redundant block and what follows; `ticks` and `bytes`: the redundant block's distance
// and size, within the limits above.
inline void write_red_header(ByteWriter& out, std::uint8_t payload_type, std::uint32_t ticks,
                             std::size_t bytes) noexcept {
  constexpr std::uint32_t kFollows = 0x80;
  out.u32(((kFollows | payload_type) << 24U) | (ticks << 10U) | static_cast<std::uint32_t>(bytes));
  out.u8(payload_type);
}

}  // namespace tandem
