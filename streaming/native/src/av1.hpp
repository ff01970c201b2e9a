// AV1 RTP payloads: the aggregation header, and the mandatory part of the dependency descriptor
// (AV1 RTP payload format 1.0, section 4.4 and appendix A).
#pragma once

#include <cstdint>
#include <optional>

#include "cursor.hpp"

namespace tandem {

struct Av1Payload {
  bool continues_obu = false;                // Z: the first element continues the previous packet's last
  bool is_continued = false;                 // Y
  std::uint8_t element_count = 0;            // W; 0: every element has a length
  bool starts_coded_video_sequence = false;  // N
  bool has_sequence_header = false;

  [[nodiscard]] bool starts_keyframe() const noexcept {
    return !continues_obu && (starts_coded_video_sequence || has_sequence_header);
  }
};

[[nodiscard]] std::optional<Av1Payload> parse_av1(Bytes payload) noexcept;

struct DependencyDescriptor {
  bool starts_frame = false;
  bool ends_frame = false;
  std::uint8_t template_id = 0;
  std::uint16_t frame_number = 0;
  bool has_structure = false;  // template_dependency_structure_present_flag
  bool has_active_decode_targets = false;
};

[[nodiscard]] std::optional<DependencyDescriptor> parse_dependency_descriptor(Bytes value) noexcept;

}  // namespace tandem
