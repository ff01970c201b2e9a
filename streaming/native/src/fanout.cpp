#include "fanout.hpp"

#include <algorithm>
#include <iterator>
#include <limits>

namespace tandem {

void Fanout::mark(Track& track, bool ends_frame, std::int64_t now_ns) {
  if (track.subscribers.empty()) {
    return;
  }
  std::vector<Track*>& queue = track.is_video() ? video_ : voice_;
  track.unvisited = track.subscribers.size();
  if (std::ranges::find(queue, &track) != queue.end()) {
    return;
  }
  const bool is_held = std::ranges::find(held_, &track) != held_.end();
  const bool may_hold = track.is_video() && track.subscribers.size() >= kHoldSubscribers;
  const std::int64_t due_ns = may_hold && !ends_frame ? track.pace.hold_until_ns(now_ns, is_held) : now_ns;
  if (due_ns <= now_ns) {
    std::erase(held_, &track);
    queue.push_back(&track);
  } else if (!is_held) {
    held_.push_back(&track);
  }
}

void Fanout::forget(const Track& track) noexcept {
  std::erase(voice_, &track);
  std::erase(video_, &track);
  std::erase(held_, &track);
}

std::int64_t Fanout::next_due_ns() const noexcept {
  std::int64_t due_ns = std::numeric_limits<std::int64_t>::max();
  for (const Track* track : held_) {
    due_ns = std::min(due_ns, track->pace.due_ns());
  }
  return due_ns;
}

void Fanout::release_due(std::int64_t now_ns) {
  const auto is_due = [now_ns](const Track* track) { return track->pace.due_ns() <= now_ns; };
  std::ranges::copy_if(held_, std::back_inserter(video_), is_due);
  std::erase_if(held_, is_due);
}

namespace {

// A thousand subscribers' state does not stay in the caches from one frame to the next. So it is asked for
// while those before are served, one pointer a step: the subscription, its transport, its keys.
void prefetch_ahead(const Track& track) noexcept {
  const auto upcoming = [&track](std::size_t steps) -> const Subscription& {
    return *track.subscribers[(track.next_subscriber + steps) % track.subscribers.size()];
  };
  upcoming(6).prefetch();
  upcoming(4).prefetch_transport();
  upcoming(2).prefetch_keys();
}

}  // namespace

std::size_t Fanout::visit(Track& track, std::size_t budget, EgressContext& context) {
  std::size_t written = 0;
  while (track.unvisited > 0 && written < budget) {
    if (track.subscribers.empty()) {
      track.unvisited = 0;
      break;
    }
    track.next_subscriber = (track.next_subscriber + 1) % track.subscribers.size();
    --track.unvisited;
    prefetch_ahead(track);
    Subscription& subscription = *track.subscribers[track.next_subscriber];
    track.ring.prepare(track.transport(), subscription.transport());
    const std::size_t count = subscription.forward(track, context);
    if (count != 0) {
      reports_.send_due_report(subscription, context.now_ns);
    }
    written += count;
  }
  return written;
}

void Fanout::run_slice(EgressContext& context) {
  release_due(context.now_ns);
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
