#include "vp8.hpp"

namespace tandem {

std::optional<Vp8Descriptor> parse_vp8(Bytes payload) noexcept {
  ByteReader reader(payload);
  Vp8Descriptor descriptor;
  const std::uint8_t first = reader.u8();
  descriptor.is_non_reference = (first & 0x20U) != 0;
  descriptor.starts_partition = (first & 0x10U) != 0;
  descriptor.partition_index = first & 0x07U;
  const std::uint8_t present = (first & 0x80U) != 0 ? reader.u8() : std::uint8_t{0};
  if ((present & 0x80U) != 0) {
    descriptor.picture_id_offset = reader.position();
    const std::uint8_t high = reader.u8();
    descriptor.picture_id = high & 0x7FU;
    descriptor.picture_id_width = PictureIdWidth::Bits7;
    if ((high & 0x80U) != 0) {
      descriptor.picture_id_width = PictureIdWidth::Bits15;
      descriptor.picture_id = static_cast<std::uint16_t>((descriptor.picture_id << 8U) | reader.u8());
    }
  }
  if ((present & 0x40U) != 0) {
    descriptor.has_tl0picidx = true;
    descriptor.tl0picidx_offset = reader.position();
    descriptor.tl0picidx = reader.u8();
  }
  if ((present & 0x30U) != 0) {  // T or K: one byte holds both
    const std::uint8_t layer = reader.u8();
    descriptor.has_temporal_layer = (present & 0x20U) != 0;
    descriptor.temporal_layer = descriptor.has_temporal_layer ? layer >> 6U : std::uint8_t{0};
    descriptor.is_layer_sync = descriptor.has_temporal_layer && (layer & 0x20U) != 0;
  }
  if (!reader.ok()) {
    return std::nullopt;
  }
  descriptor.length = reader.position();
  // RFC 7741 4.3: in the first packet of a frame, P (bit 0 of the payload header) is 0 for a keyframe.
  descriptor.is_keyframe = descriptor.starts_frame() && reader.remaining() != 0 && (reader.u8() & 0x01U) == 0;
  return descriptor;
}

PictureNumbers Vp8Descriptor::numbers() const noexcept {
  return {.width = picture_id_width,
          .has_tl0picidx = has_tl0picidx,
          .is_contiguous = true,
          .tl0picidx = tl0picidx,
          .picture_id = picture_id,
          .picture_id_offset = static_cast<std::uint8_t>(picture_id_offset),
          .tl0picidx_offset = static_cast<std::uint8_t>(tl0picidx_offset)};
}

}  // namespace tandem
