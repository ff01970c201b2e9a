// The VP8 payload descriptor (RFC 7741 4.2).
//
// Worked example:  90 80 81 23  10 ...   X=1 S=1 PID=0; I=1; M=1: a 15-bit picture_id 0x0123; then the frame,
// whose first byte has bit 0 clear: a keyframe.
#pragma once

#include <cstdint>
#include <optional>

#include "cursor.hpp"
#include "picture_numbers.hpp"

namespace tandem {

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
  [[nodiscard]] PictureNumbers numbers() const noexcept;
};

[[nodiscard]] std::optional<Vp8Descriptor> parse_vp8(Bytes payload) noexcept;

}  // namespace tandem
