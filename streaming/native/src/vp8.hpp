// The VP8 payload descriptor (RFC 7741 4.2).
//
// Worked example:  90 80 81 23  10 ...   X=1 S=1 PID=0; I=1; M=1: a 15-bit picture_id 0x0123; then the frame,
// whose first byte has bit 0 clear: a keyframe.
#pragma once

#include <cstdint>
#include <optional>

#include "cursor.hpp"

namespace tandem {

enum class PictureIdWidth : std::uint8_t { Absent, Bits7, Bits15 };

struct Vp8Descriptor {
  std::size_t length = 0;  // of the descriptor: the frame's bytes begin there
  bool is_non_reference = false;
  bool starts_partition = false;
  std::uint8_t partition_index = 0;
  PictureIdWidth picture_id_width = PictureIdWidth::Absent;
  std::uint16_t picture_id = 0;
  bool has_tl0picidx = false;
  std::uint8_t tl0picidx = 0;
  bool has_temporal_layer = false;
  std::uint8_t temporal_layer = 0;
  bool is_layer_sync = false;
  std::size_t picture_id_offset = 0;
  std::size_t tl0picidx_offset = 0;
  bool is_keyframe = false;  // known only in the packet that starts the frame

  [[nodiscard]] bool starts_frame() const noexcept { return starts_partition && partition_index == 0; }
};

inline constexpr std::size_t kMaxVp8DescriptorBytes = 6;

[[nodiscard]] std::optional<Vp8Descriptor> parse_vp8(Bytes payload) noexcept;

// Copies the descriptor of `payload` to `out`, with picture_id (in its own width) and tl0picidx replaced
// where it has them. Returns its length (that of the original), 0 if `out` is too small. What follows in the
// payload is unchanged, so a subscriber's payload is these bytes + payload.subspan(descriptor.length).
std::size_t write_vp8_descriptor(const Vp8Descriptor& descriptor, Bytes payload, std::uint16_t picture_id,
                                 std::uint8_t tl0picidx, MutableBytes out) noexcept;

}  // namespace tandem
