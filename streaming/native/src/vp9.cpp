#include "vp9.hpp"

namespace tandem {

namespace {

void read_picture_id(ByteReader& reader, Vp9Descriptor& descriptor) noexcept {
  descriptor.picture_id_offset = reader.position();
  const std::uint8_t high = reader.u8();
  descriptor.picture_id = high & 0x7FU;
  if ((high & 0x80U) != 0) {
    descriptor.is_15_bit_picture_id = true;
    descriptor.picture_id = static_cast<std::uint16_t>((descriptor.picture_id << 8U) | reader.u8());
  }
}

void read_layer_indices(ByteReader& reader, Vp9Descriptor& descriptor) noexcept {
  const std::uint8_t layers = reader.u8();
  descriptor.temporal_layer = layers >> 5U;
  descriptor.is_switching_point = (layers & 0x10U) != 0;
  descriptor.spatial_layer = (layers >> 1U) & 0x07U;
  descriptor.uses_inter_layer_prediction = (layers & 0x01U) != 0;
  if (!descriptor.is_flexible) {
    descriptor.has_tl0picidx = true;
    descriptor.tl0picidx_offset = reader.position();
    descriptor.tl0picidx = reader.u8();
  }
}

// Up to three P_DIFF bytes, each but the last with bit N set (4.2.1).
void skip_reference_indices(ByteReader& reader) noexcept {
  constexpr int kMaxReferences = 3;
  for (int i = 0; i < kMaxReferences; ++i) {
    const bool has_next = (reader.u8() & 0x01U) != 0;
    if (!has_next) {
      return;
    }
    if (i == kMaxReferences - 1) {
      reader.fail();
    }
  }
}

// N_S, Y, G; resolutions; picture group (4.2.1, figure 5).
void read_scalability_structure(ByteReader& reader, Vp9Descriptor& descriptor) noexcept {
  constexpr std::size_t kResolutionBytes = 4;
  const std::uint8_t head = reader.u8();
  descriptor.spatial_layer_count = static_cast<std::uint8_t>((head >> 5U) + 1);
  if ((head & 0x10U) != 0) {
    reader.skip(descriptor.spatial_layer_count * kResolutionBytes);
  }
  if ((head & 0x08U) != 0) {
    const std::size_t pictures = reader.u8();
    for (std::size_t i = 0; i < pictures && reader.ok(); ++i) {
      reader.skip((reader.u8() >> 2U) & 0x03U);
    }
  }
}

}  // namespace

PictureNumbers Vp9Descriptor::numbers() const noexcept {
  PictureNumbers numbers;
  if (has_picture_id) {
    numbers.width = is_15_bit_picture_id ? PictureIdWidth::Bits15 : PictureIdWidth::Bits7;
  }
  numbers.has_tl0picidx = has_tl0picidx;
  numbers.tl0picidx = tl0picidx;
  numbers.picture_id = picture_id;
  numbers.picture_id_offset = static_cast<std::uint8_t>(picture_id_offset);
  numbers.tl0picidx_offset = static_cast<std::uint8_t>(tl0picidx_offset);
  return numbers;
}

std::optional<Vp9Descriptor> parse_vp9(Bytes payload) noexcept {
  ByteReader reader(payload);
  Vp9Descriptor descriptor;
  const std::uint8_t flags = reader.u8();
  descriptor.has_picture_id = (flags & 0x80U) != 0;
  descriptor.is_inter_picture = (flags & 0x40U) != 0;
  descriptor.has_layer_indices = (flags & 0x20U) != 0;
  descriptor.is_flexible = (flags & 0x10U) != 0;
  descriptor.starts_frame = (flags & 0x08U) != 0;
  descriptor.ends_frame = (flags & 0x04U) != 0;
  descriptor.has_scalability_structure = (flags & 0x02U) != 0;
  descriptor.is_not_reference_for_upper = (flags & 0x01U) != 0;
  if (descriptor.has_picture_id) {
    read_picture_id(reader, descriptor);
  }
  if (descriptor.has_layer_indices) {
    read_layer_indices(reader, descriptor);
  }
  if (descriptor.is_flexible && descriptor.is_inter_picture) {
    skip_reference_indices(reader);
  }
  if (descriptor.has_scalability_structure) {
    read_scalability_structure(reader, descriptor);
  }
  if (!reader.ok()) {
    return std::nullopt;
  }
  descriptor.length = reader.position();
  return descriptor;
}

}  // namespace tandem
