#include "feeds.hpp"

#include <algorithm>

#include "transport.hpp"

namespace tandem {

void Feeds::open(Track& track, WorkerIndex worker, std::uint64_t feed) {
  const auto known = std::ranges::find(track.feeds, worker, &TrackFeed::worker);
  if (known != track.feeds.end()) {
    known->feed = feed;
    send_report(track, *known);
    return;
  }
  track.feeds.push_back({.worker = worker, .feed = feed});
  send_report(track, track.feeds.back());
}

void Feeds::close(Track& track, WorkerIndex worker, std::uint64_t feed) noexcept {
  std::erase_if(track.feeds,
                [&](const TrackFeed& known) { return known.worker == worker && known.feed == feed; });
}

void Feeds::publish(Track& track, std::int64_t sequence_number, Origin origin, Bytes head, Bytes rest,
                    std::int64_t now_ns) {
  for (TrackFeed& feed : track.feeds) {
    const FeedPacket packet{.track = track.id(),
                            .feed = feed.feed,
                            .sequence_number = sequence_number,
                            .arrival_ns = now_ns,
                            .count = feed.count++,
                            .ssrc = track.ssrc(),
                            .generation = track.generation(),
                            .origin = origin};
    const bool fits = hand_over(*neighbours_, feed.worker, packet, {head, rest});
    counters_.add(fits ? Counter::FeedPackets : Counter::FeedOverflows);
  }
}

void Feeds::publish_report(const Track& track) {
  for (const TrackFeed& feed : track.feeds) {
    send_report(track, feed);
  }
}

void Feeds::send_report(const Track& track, const TrackFeed& feed) {
  if (track.clock()) {
    // Without room the next one, a second later, is as good.
    hand_over(*neighbours_, feed.worker,
              FeedReport{.track = track.id(),
                         .feed = feed.feed,
                         .clock = *track.clock(),
                         .offset = track.transport().clock_offset});
  }
}

void Feeds::mirror(Track& track, WorkerIndex owner, std::uint64_t feed) {
  if (track.mirror) {
    track.mirror->feed = feed;
    track.mirror->is_retired = false;
    track.mirror->idle_since_ns.reset();
    return;
  }
  MirrorState& opened = track.mirror.emplace();
  opened.owner = owner;
  opened.first_feed = feed;
  opened.feed = feed;
  track.keyframes = KeyframeRequests(kRelayIntervalNs);
}

void Feeds::retire(Track& track, std::uint64_t feed) noexcept {
  if (track.mirror && track.mirror->feed == feed) {
    track.mirror->is_retired = true;
  }
}

void Feeds::request_keyframe(const Track& track) {
  // Without room the wish is repeated: whoever waits asks again.
  hand_over(*neighbours_, track.mirror->owner, KeyframeWanted{.track = track.id()});
}

bool Feeds::take_idle(Track& track, std::int64_t now_ns) {
  if (!track.mirror || !track.mirror->is_retired) {
    return false;
  }
  MirrorState& mirror = *track.mirror;
  if (!track.subscribers.empty()) {
    mirror.idle_since_ns.reset();
    return false;
  }
  if (!mirror.idle_since_ns) {
    mirror.idle_since_ns = now_ns;
  }
  // Without room the next tick tries again: a feed that nobody ends would go on for good.
  return now_ns - *mirror.idle_since_ns >= kLingerNs &&
         hand_over(*neighbours_, mirror.owner, FeedClosed{.track = track.id(), .feed = mirror.feed});
}

bool Feeds::accepts(const Track* track, std::uint64_t feed) noexcept {
  return track != nullptr && track->mirror && feed >= track->mirror->first_feed;
}

bool Feeds::take_gap(Track& track, std::uint32_t count) noexcept {
  MirrorState& mirror = *track.mirror;
  const bool has_gap = mirror.next_count && *mirror.next_count != count;
  mirror.next_count = count + 1;
  return has_gap;
}

}  // namespace tandem
