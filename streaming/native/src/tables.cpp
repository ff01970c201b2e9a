#include "tables.hpp"

#include <algorithm>
#include <vector>

namespace tandem {

namespace {

template <typename Map, typename Id>
auto* find_in(const Map& map, const Id& id) {
  const auto found = map.find(id);
  return found == map.end() ? nullptr : found->second.get();
}

}  // namespace

Transport* Tables::find_transport(TransportId id) const {
  return find_in(transports_, id);
}
Track* Tables::find_track(TrackId id) const {
  return find_in(tracks_, id);
}
Subscription* Tables::find_subscription(SubscriptionId id) const {
  return find_in(subscriptions_, id);
}

bool Tables::set_transport(TransportId id, TransportSpec spec, std::int64_t now_ns) {
  std::unique_ptr<Transport>& slot = transports_[id];
  if (!slot) {
    slot = std::make_unique<Transport>(id, static_cast<std::uint32_t>(random_()) | 1U, now_ns);
  }
  Transport& transport = *slot;
  // Credentials that were void already stay so when the same list is given again.
  const bool same_credentials = transport.spec().credentials == spec.credentials;
  forget_ufrags(transport);
  const bool only_newest = same_credentials && transport.has_retired_credentials();
  const bool fits = transport.apply(std::move(spec), crypto_);
  transport.set_retired_credentials(only_newest);
  const std::vector<IceCredentials>& credentials = transport.spec().credentials;
  for (std::size_t i = 0;
       i < (only_newest ? std::min<std::size_t>(credentials.size(), 1) : credentials.size()); ++i) {
    ufrags_[credentials[i].local_ufrag] = {.transport = &transport, .credentials = i};
  }
  return fits;
}

void Tables::forget_ufrags(const Transport& transport) {
  std::erase_if(ufrags_, [&](const auto& entry) { return entry.second.transport == &transport; });
}

void Tables::retire_old_credentials(Transport& transport) {
  if (transport.has_retired_credentials()) {
    return;
  }
  transport.set_retired_credentials(true);
  std::erase_if(ufrags_, [&](const auto& entry) {
    return entry.second.transport == &transport && entry.second.credentials != 0;
  });
}

void Tables::remove_transport(TransportId id) {
  Transport* transport = find_transport(id);
  if (transport == nullptr) {
    return;
  }
  const std::vector<Subscription*> subscriptions = transport->subscriptions();
  for (const Subscription* subscription : subscriptions) {
    remove_subscription(subscription->id());
  }
  const std::vector<Track*> tracks = transport->tracks();
  for (const Track* track : tracks) {
    remove_track(track->id());
  }
  forget_ufrags(*transport);
  std::erase_if(paths_, [&](const auto& entry) { return entry.second == transport; });
  transports_.erase(id);
}

Track* Tables::set_track(TrackId id, TrackSpec spec) {
  Transport* transport = find_transport(spec.transport);
  if (transport == nullptr) {
    return nullptr;
  }
  Track* track = find_track(id);
  if (track != nullptr && &track->transport() != transport) {
    remove_track(id);
    track = nullptr;
  }
  const std::uint32_t ssrc = spec.ssrc;
  const std::uint32_t rtx_ssrc = spec.rtx_ssrc;
  const bool is_redeclared =
      track == nullptr || track->spec().ssrc != ssrc || track->spec().rtx_ssrc != rtx_ssrc;
  if (track == nullptr) {
    track = tracks_.emplace(id, std::make_unique<Track>(id, std::move(spec), *transport)).first->second.get();
    transport->tracks().push_back(track);
  } else {
    track->apply(std::move(spec));
  }
  join_speakers(*track);
  if (is_redeclared && ssrc != 0) {
    transport->bind(ssrc, *track, false);
  }
  if (is_redeclared && rtx_ssrc != 0) {
    transport->bind(rtx_ssrc, *track, true);
  }
  return track;
}

void Tables::join_speakers(Track& track) {
  const TrackSpec& spec = track.spec();
  if (spec.speaker_group == 0 || spec.forbidden) {
    track.speaker.join(nullptr);
    return;
  }
  std::weak_ptr<ActiveSpeakers>& known = speakers_[spec.speaker_group];
  std::shared_ptr<ActiveSpeakers> group = known.lock();
  if (group == nullptr) {
    group = std::make_shared<ActiveSpeakers>();
    known = group;
    std::erase_if(speakers_, [](const auto& entry) { return entry.second.expired(); });
  }
  group->set_limit(spec.speaker_limit);
  track.speaker.join(std::move(group));
}

void Tables::remove_track(TrackId id) {
  Track* track = find_track(id);
  if (track == nullptr) {
    return;
  }
  const std::vector<Subscription*> subscribers = track->subscribers;
  for (Subscription* subscription : subscribers) {
    subscription->detach(*track);
  }
  track->transport().unbind(*track);
  std::erase(track->transport().tracks(), track);
  tracks_.erase(id);
}

std::int64_t Tables::first_sequence_number(const Transport& transport, std::uint32_t ssrc) {
  constexpr std::uint64_t kBelow = 1U << 15U;
  return transport.retired(ssrc).value_or(static_cast<std::int64_t>(random_() % (kBelow - 1) + 1));
}

Subscription* Tables::set_subscription(SubscriptionId id, SubscriptionSpec spec) {
  Transport* transport = find_transport(spec.transport);
  if (transport == nullptr) {
    return nullptr;
  }
  Subscription* subscription = find_subscription(id);
  const bool is_other =
      subscription != nullptr &&
      (&subscription->transport() != transport || subscription->spec().ssrc != spec.ssrc ||
       subscription->spec().rtx_ssrc != spec.rtx_ssrc || subscription->spec().kind != spec.kind);
  if (is_other) {
    remove_subscription(id);
    subscription = nullptr;
  }
  if (subscription == nullptr) {
    auto created = std::make_unique<Subscription>(id, *transport, spec.kind,
                                                  first_sequence_number(*transport, spec.ssrc),
                                                  first_sequence_number(*transport, spec.rtx_ssrc));
    subscription = subscriptions_.emplace(id, std::move(created)).first->second.get();
    transport->subscriptions().push_back(subscription);
  }
  Track* track = find_track(spec.track);
  subscription->apply(std::move(spec));
  subscription->switch_to(track);
  return subscription;
}

void Tables::remove_subscription(SubscriptionId id) {
  Subscription* subscription = find_subscription(id);
  if (subscription == nullptr) {
    return;
  }
  Transport& transport = subscription->transport();
  subscription->switch_to(nullptr);
  transport.retire_ssrc(subscription->spec().ssrc, subscription->next_sequence_number());
  if (subscription->spec().rtx_ssrc != 0) {
    transport.retire_ssrc(subscription->spec().rtx_ssrc, subscription->next_rtx_sequence_number());
  }
  std::erase(transport.subscriptions(), subscription);
  subscriptions_.erase(id);
}

Tables::UfragOwner Tables::find_ufrag(std::string_view local_ufrag) const {
  const auto found = ufrags_.find(local_ufrag);
  return found == ufrags_.end() ? UfragOwner{} : found->second;
}

Transport* Tables::find_path(const Path& path) const {
  const auto found = paths_.find(path);
  return found == paths_.end() ? nullptr : found->second;
}

void Tables::release_path(const Path& path) {
  const auto known = paths_.find(path);
  if (known != paths_.end()) {
    known->second->forget(path);
    paths_.erase(known);
  }
}

void Tables::bind_path(const Path& path, Transport& transport, std::int64_t now_ns) {
  Transport*& owner = paths_[path];
  if (owner != nullptr && owner != &transport) {
    owner->forget(path);
  }
  owner = &transport;
  if (const std::optional<Path> forgotten = transport.handle_check(path, now_ns)) {
    paths_.erase(*forgotten);
  }
}

}  // namespace tandem
