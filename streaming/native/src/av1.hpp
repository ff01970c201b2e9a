// AV1 RTP payloads: the aggregation header (AV1 RTP payload format 1.0, section 4.4).
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

}  // namespace tandem
