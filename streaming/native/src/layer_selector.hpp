// Which layers of a track one subscription gets: what is above its target is left out, and going up waits for
// a frame that a decoder can begin the higher layers with.
//
// Invariants: within one frame the choice does not change; a frame that goes out finds all that it refers to
// in what went out before, losses apart.
#pragma once

#include <cstdint>

#include "layer_mark.hpp"

namespace tandem {

class LayerSelector {
 public:
  void set_target(LayerId target) noexcept { target_ = target; }
  // A keyframe begins a new source here: all layers up to the target are in reach.
  void restart(std::int64_t first_sequence_number) noexcept;

  // Whether the packet goes out. `structure`: what its descriptor was read with, null without one. Late
  // packets are judged by the choice of their time.
  [[nodiscard]] bool takes(const LayerMark& mark, bool starts_keyframe, std::int64_t sequence_number,
                           const DependencyStructure* structure) noexcept;

  [[nodiscard]] LayerId current() const noexcept { return current_; }
  // A spatial layer is wanted that has to wait for a keyframe.
  [[nodiscard]] bool awaits_keyframe() const noexcept {
    return highest_spatial_ > current_.spatial && target_.spatial > current_.spatial;
  }
  // Whether the receiver is yet to be told of the present choice; the answer is taken to be acted on.
  [[nodiscard]] bool take_announcement() noexcept;

 private:
  void choose(const LayerMark& mark, bool starts_keyframe, const DependencyStructure* structure) noexcept;
  void choose_by_descriptor(const LayerMark& mark, const DependencyStructure& structure) noexcept;
  void choose_by_payload(const LayerMark& mark) noexcept;

  LayerId target_ = kAllLayers;
  LayerId current_ = kAllLayers;
  LayerId previous_ = kAllLayers;     // what was chosen before `since_`
  std::int64_t since_ = 0;            // published sequence number of the first packet of the present choice
  std::int64_t highest_ = 0;          // published sequence number
  std::uint8_t highest_spatial_ = 0;  // layer seen in this source
  bool is_announced_ = true;
};

}  // namespace tandem
