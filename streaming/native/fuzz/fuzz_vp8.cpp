#include <array>

#include "require.hpp"
#include "vp8.hpp"

using namespace tandem;
using tandem::fuzzing::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes payload(data, size);
  const auto descriptor = parse_vp8(payload);
  if (!descriptor) {
    return 0;
  }
  require(descriptor->length <= size && descriptor->length <= kMaxVp8DescriptorBytes);
  std::array<std::uint8_t, kMaxVp8DescriptorBytes> out{};
  require(write_vp8_descriptor(*descriptor, payload, 0x7ABC, 0xDE, out) == descriptor->length);
  const auto again = parse_vp8(Bytes(out).first(descriptor->length));
  require(again && again->length == descriptor->length &&
          again->picture_id_width == descriptor->picture_id_width &&
          again->temporal_layer == descriptor->temporal_layer &&
          again->starts_frame() == descriptor->starts_frame());
  require(again->picture_id_width != PictureIdWidth::Bits15 || again->picture_id == 0x7ABC);
  require(again->picture_id_width != PictureIdWidth::Bits7 || again->picture_id == 0x3C);
  require(!again->has_tl0picidx || again->tl0picidx == 0xDE);
  return 0;
}
