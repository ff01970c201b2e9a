#include "sequence_map.hpp"

#include <algorithm>

namespace tandem {

void SequenceMap::restart(const NumberShift& shift) noexcept {
  newest_ = shift;
  is_started_ = true;
  closed_ = 0;
}

void SequenceMap::close_gap_before(std::int64_t first, std::uint16_t pictures) noexcept {
  const bool newest_is_empty =
      newest_.first + 1 == first;  // nothing was sent in it: several gaps in a row are one
  if (!newest_is_empty) {
    earlier_.resize(kEarlier);
    earlier_[closed_++ % kEarlier] = newest_;
  }
  newest_.first = first;
  newest_.sequence -= 1;
  newest_.picture_id = static_cast<std::uint16_t>(newest_.picture_id - pictures);
}

const NumberShift* SequenceMap::find(std::int64_t published) const noexcept {
  if (is_started_ && published >= newest_.first) {
    return &newest_;
  }
  for (std::size_t back = 1; back <= std::min(closed_, kEarlier); ++back) {
    const NumberShift& range = earlier_[(closed_ - back) % kEarlier];
    if (published >= range.first) {
      return &range;
    }
  }
  return nullptr;
}

}  // namespace tandem
