#include <algorithm>
#include <array>
#include <vector>

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
  const PictureNumbers numbers = descriptor->numbers();
  std::array<std::uint8_t, kMaxNumberedPrefixBytes> prefix{};
  require(numbers.prefix_bytes() <= descriptor->length && descriptor->length <= size);
  require(write_picture_numbers(numbers, payload, 0x7ABC, 0xDE, prefix) == numbers.prefix_bytes());
  std::vector<std::uint8_t> out(payload.begin(), payload.end());
  std::copy_n(prefix.begin(), numbers.prefix_bytes(), out.begin());
  const auto again = parse_vp8(out);
  require(again && again->length == descriptor->length &&
          again->picture_id_width == descriptor->picture_id_width &&
          again->temporal_layer == descriptor->temporal_layer &&
          again->starts_frame() == descriptor->starts_frame());
  require(again->picture_id_width != PictureIdWidth::Bits15 || again->picture_id == 0x7ABC);
  require(again->picture_id_width != PictureIdWidth::Bits7 || again->picture_id == 0x3C);
  require(!again->has_tl0picidx || again->tl0picidx == 0xDE);
  return 0;
}
