// The VP9 payload descriptor (RFC 9628 4.2).
#pragma once

#include <cstdint>
#include <optional>

#include "cursor.hpp"
#include "picture_numbers.hpp"

namespace tandem {

struct Vp9Descriptor {
  std::size_t length = 0;
  bool has_picture_id = false;              // I
  bool is_inter_picture = false;            // P
  bool has_layer_indices = false;           // L
  bool is_flexible = false;                 // F
  bool starts_frame = false;                // B: of a spatial layer
  bool ends_frame = false;                  // E
  bool has_scalability_structure = false;   // V
  bool is_not_reference_for_upper = false;  // Z
  bool is_15_bit_picture_id = false;
  bool has_tl0picidx = false;
  std::uint16_t picture_id = 0;
  std::uint8_t temporal_layer = 0;
  bool is_switching_point = false;  // U
  std::uint8_t spatial_layer = 0;
  bool uses_inter_layer_prediction = false;  // D
  std::uint8_t tl0picidx = 0;
  std::uint8_t spatial_layer_count = 0;  // of the scalability structure; 0 if absent
  std::size_t picture_id_offset = 0;
  std::size_t tl0picidx_offset = 0;

  [[nodiscard]] PictureNumbers numbers() const noexcept;
  // The first packet of a picture that depends on no other: where a decoder may start.
  [[nodiscard]] bool starts_keyframe() const noexcept {
    return !is_inter_picture && starts_frame && spatial_layer == 0 && !uses_inter_layer_prediction;
  }
};

[[nodiscard]] std::optional<Vp9Descriptor> parse_vp9(Bytes payload) noexcept;

}  // namespace tandem
