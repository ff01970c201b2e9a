// Carries what tracks received to their subscribers, in slices: between two slices the worker looks at its
// sockets, so that a keyframe to five hundred seats delays no voice.
//
// All that one subscriber gets of a burst is written in one go, so that it becomes few segmented messages.
// The first subscriber of a round rotates.
//
// A frame that has begun to arrive is held for its end, so that it leaves as one message to each: only with
// many subscribers, only while most frames before it were all there within FramePace::kMaxHoldNs (behind a
// slow uplink they are not, and nothing is held), and never longer than that. Voice is never held.
#pragma once

#include <cstdint>
#include <vector>

#include "rtcp_egress.hpp"
#include "subscription.hpp"
#include "track.hpp"

namespace tandem {

class Fanout {
 public:
  static constexpr std::size_t kSlicePackets = 256;
  static constexpr std::size_t kHoldSubscribers = 16;  // fewer gain nothing

  explicit Fanout(RtcpEgress& reports) noexcept : reports_(reports) {}

  // The track has stored a packet. `ends_frame`: nothing more of its frame is to come.
  void mark(Track& track, bool ends_frame, std::int64_t now_ns);
  void forget(const Track& track) noexcept;
  // Whether nothing is to be sent now; something may be held.
  [[nodiscard]] bool is_idle() const noexcept { return voice_.empty() && video_.empty(); }
  // When what is held is due; the far future when nothing is.
  [[nodiscard]] std::int64_t next_due_ns() const noexcept;
  // All voice that waits, then about kSlicePackets of video.
  void run_slice(EgressContext& context);

 private:
  std::size_t visit(Track& track, std::size_t budget, EgressContext& context);
  void release_due(std::int64_t now_ns);

  RtcpEgress& reports_;
  std::vector<Track*> voice_;
  std::vector<Track*> video_;  // first in, first served
  std::vector<Track*> held_;
};

}  // namespace tandem
