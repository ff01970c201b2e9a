#include "picture_numbers.hpp"

#include <algorithm>

namespace tandem {

std::size_t PictureNumbers::prefix_bytes() const noexcept {
  if (has_tl0picidx) {
    return tl0picidx_offset + std::size_t{1};  // it stands behind the picture_id
  }
  switch (width) {
    case PictureIdWidth::Absent:
      return 0;
    case PictureIdWidth::Bits7:
      return picture_id_offset + std::size_t{1};
    case PictureIdWidth::Bits15:
      return picture_id_offset + std::size_t{2};
  }
  return 0;
}

std::size_t write_picture_numbers(const PictureNumbers& numbers, Bytes payload, std::uint16_t picture_id,
                                  std::uint8_t tl0picidx, MutableBytes out) noexcept {
  const std::size_t length = numbers.prefix_bytes();
  if (length > payload.size() || length > out.size()) {
    return 0;
  }
  std::copy_n(payload.begin(), length, out.begin());
  if (numbers.width == PictureIdWidth::Bits7) {
    out[numbers.picture_id_offset] = picture_id & 0x7FU;
  } else if (numbers.width == PictureIdWidth::Bits15) {
    ByteWriter(out.subspan(numbers.picture_id_offset, 2)).u16(picture_id | 0x8000U);
  }
  if (numbers.has_tl0picidx) {
    out[numbers.tl0picidx_offset] = tl0picidx;
  }
  return length;
}

}  // namespace tandem
