#include "replay_window.hpp"

#include <algorithm>

namespace tandem {

bool ReplayWindow::is_fresh(std::uint64_t index) const noexcept {
  if (!started_ || index > highest_) {
    return true;
  }
  if (highest_ - index >= kSize) {
    return false;
  }
  return ((words_[(index % kSize) / kWordBits] >> (index % kWordBits)) & 1U) == 0;
}

void ReplayWindow::mark(std::uint64_t index) noexcept {
  if (started_ && index > highest_) {
    // The places that the window moves onto held indices that are now too old.
    const std::uint64_t steps = std::min(index - highest_, kSize);
    for (std::uint64_t cleared = index - steps + 1; cleared <= index; ++cleared) {
      words_[(cleared % kSize) / kWordBits] &= ~(std::uint64_t{1} << (cleared % kWordBits));
    }
  }
  highest_ = started_ ? std::max(highest_, index) : index;
  started_ = true;
  words_[(index % kSize) / kWordBits] |= std::uint64_t{1} << (index % kWordBits);
}

}  // namespace tandem
