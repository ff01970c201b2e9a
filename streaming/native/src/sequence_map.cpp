#include "sequence_map.hpp"

namespace tandem {

void SequenceMap::restart(const NumberShift& shift) noexcept {
  newest_ = 0;
  count_ = 1;
  ranges_[0] = shift;
}

void SequenceMap::close_gap_before(std::int64_t first, std::uint16_t pictures) noexcept {
  NumberShift next = newest();
  const bool newest_is_empty =
      next.first + 1 == first;  // nothing was sent in it: several gaps in a row are one
  next.first = first;
  next.sequence -= 1;
  next.picture_id = static_cast<std::uint16_t>(next.picture_id - pictures);
  if (!newest_is_empty) {
    ++newest_;
    count_ = count_ < kRanges ? count_ + 1 : kRanges;
  }
  ranges_[newest_ % kRanges] = next;
}

const NumberShift* SequenceMap::find(std::int64_t published) const noexcept {
  for (std::size_t back = 0; back < count_; ++back) {
    const NumberShift& range = ranges_[(newest_ - back) % kRanges];
    if (published >= range.first) {
      return &range;
    }
  }
  return nullptr;
}

}  // namespace tandem
