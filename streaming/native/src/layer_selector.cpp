#include "layer_selector.hpp"

#include <algorithm>

namespace tandem {

void LayerSelector::restart(std::int64_t first_sequence_number) noexcept {
  current_ = target_;
  previous_ = target_;
  since_ = first_sequence_number;
  highest_ = first_sequence_number - 1;
  highest_spatial_ = 0;
  is_announced_ = true;
}

bool LayerSelector::take_announcement() noexcept {
  const bool is_due = !is_announced_;
  is_announced_ = true;
  return is_due;
}

bool LayerSelector::takes(const LayerMark& mark, bool starts_keyframe, std::int64_t sequence_number,
                          const DependencyStructure* structure) noexcept {
  const bool is_late = sequence_number <= highest_;
  highest_ = std::max(highest_, sequence_number);
  if (!mark.is_known) {
    return true;
  }
  highest_spatial_ = std::max(highest_spatial_, mark.id.spatial);
  if (is_late) {
    return mark.id.within(sequence_number < since_ ? previous_ : current_);
  }
  if (mark.starts_frame && current_ != target_) {
    const LayerId before = current_;
    choose(mark, starts_keyframe, structure);
    if (current_ != before) {
      previous_ = before;
      since_ = sequence_number;
      is_announced_ = false;
    }
  }
  return mark.id.within(current_);
}

void LayerSelector::choose(const LayerMark& mark, bool starts_keyframe,
                           const DependencyStructure* structure) noexcept {
  if (starts_keyframe) {
    current_ = target_;
    return;
  }
  // Downwards at once, but for a spatial layer only between pictures: the marker must not be out already.
  current_.temporal = std::min(current_.temporal, target_.temporal);
  if (mark.id.spatial == 0) {
    current_.spatial = std::min(current_.spatial, target_.spatial);
  }
  if (structure != nullptr) {
    choose_by_descriptor(mark, *structure);
  } else {
    choose_by_payload(mark);
  }
}

void LayerSelector::choose_by_descriptor(const LayerMark& mark,
                                         const DependencyStructure& structure) noexcept {
  const std::size_t wanted = structure.best_target(target_);
  if (structure.best_target(current_) == wanted) {
    if (current_.within(target_)) {
      current_ = target_;  // the track has nothing between the two
    }
    return;
  }
  const bool is_switch = mark.indications.of(wanted) == Indication::Switch;
  if (is_switch && mark.id.within(target_) && mark.needs.within(current_)) {
    current_ = target_;
  }
}

void LayerSelector::choose_by_payload(const LayerMark& mark) noexcept {
  const bool is_next_spatial = mark.id.spatial == current_.spatial + 1 && mark.id.spatial <= target_.spatial;
  if (is_next_spatial && !mark.refers_back) {
    current_.spatial = mark.id.spatial;
  }
  if (current_.temporal >= target_.temporal) {
    return;
  }
  switch (mark.switch_up) {
    case LayerMark::SwitchUp::None:
      break;
    case LayerMark::SwitchUp::ToThis:
      // One layer at a time: frames between them would be missing.
      if (mark.id.temporal == current_.temporal + 1) {
        current_.temporal = mark.id.temporal;
      }
      break;
    case LayerMark::SwitchUp::ToHigher:
      if (mark.id.temporal <= current_.temporal) {
        current_.temporal = target_.temporal;
      }
      break;
  }
}

}  // namespace tandem
