#include "ownership.hpp"

#include <algorithm>
#include <utility>

namespace tandem {

namespace {

template <typename Map, typename Id>
auto* find_in(Map& map, const Id& id) {
  const auto found = map.find(id);
  return found == map.end() ? nullptr : &found->second;
}

}  // namespace

TransportSpec mirror_of(const TransportSpec& spec) {
  TransportSpec mirror = spec;
  mirror.credentials.clear();
  mirror.srtp.reset();
  mirror.transport_cc = false;
  mirror.is_mirror = true;
  return mirror;
}

TrackSpec mirror_of(const TrackSpec& spec) {
  TrackSpec mirror = spec;
  mirror.nack = false;  // gaps are the owner's to repair
  return mirror;
}

WorkerIndex Ownership::least_loaded() const noexcept {
  const auto least = std::ranges::min_element(
      loads_, {}, [](const Load& load) { return std::pair(load.subscriptions, load.transports); });
  return static_cast<WorkerIndex>(least - loads_.begin());
}

bool Ownership::set_transport(TransportId id, const TransportSpec& spec) {
  const auto [entry, is_new] = transports_.try_emplace(id);
  OwnedTransport& transport = entry->second;
  if (is_new) {
    transport.worker = least_loaded();
    ++loads_[transport.worker].transports;
  }
  transport.mirror = mirror_of(spec);
  std::vector<std::string> ufrags;
  for (const IceCredentials& credentials : spec.credentials) {
    ufrags.push_back(credentials.local_ufrag);
  }
  return std::exchange(transport.ufrags, ufrags) != ufrags;
}

std::vector<MirrorChange> Ownership::remove_transport(TransportId id) {
  std::vector<MirrorChange> retired;
  const OwnedTransport* transport = find_transport(id);
  if (transport == nullptr) {
    return retired;
  }
  const std::set<SubscriptionId> subscriptions = transport->subscriptions;
  for (const SubscriptionId subscription : subscriptions) {
    const std::optional<SubscriptionChange> change = remove_subscription(subscription);
    if (change && change->retired) {
      retired.push_back(*change->retired);
    }
  }
  for (const TrackId track : transport->tracks) {
    tracks_.erase(track);
  }
  --loads_[transport->worker].transports;
  transports_.erase(id);
  return retired;
}

bool Ownership::set_track(TrackId id, const TrackSpec& spec) {
  OwnedTransport* transport = find_in(transports_, spec.transport);
  if (transport == nullptr) {
    return false;
  }
  OwnedTrack& track = tracks_[id];
  track.worker = transport->worker;
  track.transport = spec.transport;
  track.mirror = mirror_of(spec);
  transport->tracks.insert(id);
  return true;
}

void Ownership::remove_track(TrackId id) {
  const OwnedTrack* track = find_track(id);
  if (track == nullptr) {
    return;
  }
  if (OwnedTransport* transport = find_in(transports_, track->transport)) {
    transport->tracks.erase(id);
  }
  tracks_.erase(id);
}

std::optional<MirrorChange> Ownership::use_mirror(SubscriptionId id, WorkerIndex worker, TrackId track_id) {
  OwnedTrack* track = find_in(tracks_, track_id);
  if (track == nullptr || track->worker == worker) {
    return std::nullopt;
  }
  const auto [entry, is_new] = track->mirrors.try_emplace(worker);
  entry->second.users.insert(id);
  if (!is_new) {
    return std::nullopt;
  }
  entry->second.feed = ++last_feed_;
  track->mirrored_on.insert(worker);
  if (OwnedTransport* transport = find_in(transports_, track->transport)) {
    transport->mirrored_on.insert(worker);
  }
  return MirrorChange{.track = track_id, .worker = worker, .feed = last_feed_};
}

std::optional<MirrorChange> Ownership::leave_mirror(SubscriptionId id, WorkerIndex worker, TrackId track_id) {
  OwnedTrack* track = find_in(tracks_, track_id);
  Mirror* mirror = track == nullptr ? nullptr : find_in(track->mirrors, worker);
  if (mirror == nullptr || mirror->users.erase(id) == 0 || !mirror->users.empty()) {
    return std::nullopt;
  }
  const MirrorChange change{.track = track_id, .worker = worker, .feed = mirror->feed};
  track->mirrors.erase(worker);
  return change;
}

std::optional<SubscriptionChange> Ownership::set_subscription(SubscriptionId id,
                                                              const SubscriptionSpec& spec) {
  OwnedTransport* transport = find_in(transports_, spec.transport);
  if (transport == nullptr) {
    return std::nullopt;
  }
  SubscriptionChange change{
      .worker = transport->worker, .left = std::nullopt, .opened = std::nullopt, .retired = std::nullopt};
  const OwnedSubscription* known = find_in(subscriptions_, id);
  const bool is_same = known != nullptr && known->transport == spec.transport && known->track == spec.track;
  // First in, then out: where both are one mirror it stays as it is.
  change.opened = use_mirror(id, change.worker, spec.track);
  if (known != nullptr && !is_same) {
    if (known->worker != change.worker) {
      change.left = known->worker;
    }
    if (known->worker != change.worker || known->track != spec.track) {
      change.retired = leave_mirror(id, known->worker, known->track);
    }
    --loads_[known->worker].subscriptions;
    if (OwnedTransport* former = find_in(transports_, known->transport)) {
      former->subscriptions.erase(id);
    }
  }
  if (!is_same) {
    subscriptions_[id] = {.worker = change.worker, .transport = spec.transport, .track = spec.track};
    ++loads_[change.worker].subscriptions;
    transport->subscriptions.insert(id);
  }
  return change;
}

std::optional<SubscriptionChange> Ownership::remove_subscription(SubscriptionId id) {
  const auto known = subscriptions_.find(id);
  if (known == subscriptions_.end()) {
    return std::nullopt;
  }
  const OwnedSubscription subscription = known->second;
  subscriptions_.erase(known);
  --loads_[subscription.worker].subscriptions;
  if (OwnedTransport* transport = find_in(transports_, subscription.transport)) {
    transport->subscriptions.erase(id);
  }
  return SubscriptionChange{.worker = subscription.worker,
                            .left = std::nullopt,
                            .opened = std::nullopt,
                            .retired = leave_mirror(id, subscription.worker, subscription.track)};
}

const OwnedTransport* Ownership::find_transport(TransportId id) const {
  return find_in(transports_, id);
}
const OwnedTrack* Ownership::find_track(TrackId id) const {
  return find_in(tracks_, id);
}

std::optional<WorkerIndex> Ownership::worker_of_subscription(SubscriptionId id) const {
  const auto* known = find_in(subscriptions_, id);
  return known == nullptr ? std::nullopt : std::optional(known->worker);
}

}  // namespace tandem
