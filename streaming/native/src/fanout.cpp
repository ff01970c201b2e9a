#include "fanout.hpp"

#include <algorithm>
#include <limits>

namespace tandem {

void Fanout::mark(Track& track) {
  if (track.subscribers.empty()) {
    return;
  }
  std::vector<Track*>& queue = track.is_video() ? video_ : voice_;
  if (std::ranges::find(queue, &track) == queue.end()) {
    queue.push_back(&track);
  }
  track.unvisited = track.subscribers.size();
}

void Fanout::forget(const Track& track) noexcept {
  std::erase(voice_, &track);
  std::erase(video_, &track);
}

std::size_t Fanout::visit(Track& track, std::size_t budget, EgressContext& context) {
  std::size_t written = 0;
  while (track.unvisited > 0 && written < budget) {
    if (track.subscribers.empty()) {
      track.unvisited = 0;
      break;
    }
    track.next_subscriber = (track.next_subscriber + 1) % track.subscribers.size();
    --track.unvisited;
    Subscription& subscription = *track.subscribers[track.next_subscriber];
    track.ring.prepare(track.transport(), subscription.transport());
    written += subscription.forward(track, context);
  }
  return written;
}

void Fanout::run_slice(EgressContext& context) {
  for (Track* track : voice_) {
    visit(*track, std::numeric_limits<std::size_t>::max(), context);
  }
  voice_.clear();
  std::size_t written = 0;
  while (!video_.empty() && written < kSlicePackets) {
    Track& track = *video_.front();
    written += visit(track, kSlicePackets - written, context);
    if (track.unvisited == 0) {
      video_.erase(video_.begin());
    }
  }
}

}  // namespace tandem
