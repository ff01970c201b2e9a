// Carries what tracks received to their subscribers, in slices: between two slices the worker looks at its
// sockets, so that a keyframe to five hundred seats delays no voice.
//
// All that one subscriber gets of a burst is written in one go, so that it becomes few segmented messages.
// The first subscriber of a round rotates.
#pragma once

#include <cstdint>
#include <vector>

#include "subscription.hpp"
#include "track.hpp"

namespace tandem {

class Fanout {
 public:
  static constexpr std::size_t kSlicePackets = 256;

  // The track has received something.
  void mark(Track& track);
  void forget(const Track& track) noexcept;
  [[nodiscard]] bool is_idle() const noexcept { return voice_.empty() && video_.empty(); }
  // All voice that waits, then about kSlicePackets of video.
  void run_slice(EgressContext& context);

 private:
  static std::size_t visit(Track& track, std::size_t budget, EgressContext& context);

  std::vector<Track*> voice_;
  std::vector<Track*> video_;  // first in, first served
};

}  // namespace tandem
