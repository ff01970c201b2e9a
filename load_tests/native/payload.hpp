// Payloads that a server takes for Opus and VP8, each with its stamp; filler behind.
#pragma once

#include <cstdint>

#include "schedule.hpp"
#include "wire.hpp"

namespace light {

inline constexpr std::uint32_t kVoiceTicks = 960;  // 20 ms at 48 kHz

[[nodiscard]] inline std::uint32_t video_ticks(std::uint64_t time_ns) {
  return static_cast<std::uint32_t>(time_ns / 1000 * 9 / 100);
}

// Appends the payload of `packet`. VP8 (RFC 7741): a descriptor with a 15-bit picture id; a frame's first
// packet carries the frame's header.
void write_payload(Writer& out, const PlannedPacket& packet, const Stamp& stamp, std::uint32_t picture_id);

}  // namespace light
