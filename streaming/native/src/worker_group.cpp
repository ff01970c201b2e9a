#include "worker_group.hpp"

#include <algorithm>
#include <utility>

namespace tandem {

WorkerGroup::WorkerGroup(const std::vector<Address>& addresses, std::size_t worker_count,
                         std::size_t events_limit)
    : events_(events_limit, queue_counters_), ownership_(std::max<std::size_t>(worker_count, 1)) {
  open_workers(addresses, std::max<std::size_t>(worker_count, 1));
  if (workers_.size() > 1) {
    connect_workers();
  }
  for (const auto& worker : workers_) {
    worker->start();
  }
}

WorkerGroup::~WorkerGroup() {
  close();
}

void WorkerGroup::open_workers(const std::vector<Address>& addresses, std::size_t worker_count) {
  // One clock for all: a sender report is of the server, not of a worker.
  const NtpTime ntp_at_zero = ntp_at_monotonic_zero();
  workers_.push_back(std::make_unique<Worker>(addresses, events_, UdpSocket::Port::Opened, ntp_at_zero));
  const std::vector<Address> bound = workers_.front()->addresses();
  while (workers_.size() < worker_count) {
    workers_.push_back(std::make_unique<Worker>(bound, events_, UdpSocket::Port::Joined, ntp_at_zero));
  }
}

void WorkerGroup::connect_workers() {
  const std::size_t count = workers_.size();
  std::vector<std::vector<WorkerLinks::Link>> links(count, std::vector<WorkerLinks::Link>(count));
  for (std::size_t from = 0; from < count; ++from) {
    for (std::size_t to = 0; to < count; ++to) {
      if (from == to) {
        continue;
      }
      rings_.push_back(std::make_unique<HandoverRing>(WorkerLinks::kRingBytes));
      links[from][to].out = rings_.back().get();
      links[from][to].bell = &workers_[to]->doorbell();
      links[to][from].in = rings_.back().get();
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    workers_[i]->connect(std::move(links[i]));
  }
}

void WorkerGroup::close() {
  for (const auto& worker : workers_) {
    worker->close();
  }
}

std::uint64_t WorkerGroup::count(Counter counter) const noexcept {
  std::uint64_t sum = queue_counters_.get(counter);
  for (const auto& worker : workers_) {
    sum += worker->counters().get(counter);
  }
  return sum;
}

void WorkerGroup::post_others(WorkerIndex worker, const Worker::Command& command) {
  for (std::size_t other = 0; other < workers_.size(); ++other) {
    if (other != worker) {
      workers_[other]->post(command);
    }
  }
}

void WorkerGroup::set_transport(TransportId id, TransportSpec spec) {
  const std::lock_guard lock(mutex_);
  const bool has_new_ufrags = ownership_.set_transport(id, spec);
  const OwnedTransport& placed = *ownership_.find_transport(id);
  const WorkerIndex owner = placed.worker;
  post(owner, [id, spec = std::move(spec)](Dataplane& dataplane, std::int64_t now_ns) {
    dataplane.set_transport(id, spec, now_ns);
  });
  if (has_new_ufrags) {
    post_others(owner, [id, owner, ufrags = placed.ufrags](Dataplane& dataplane, std::int64_t) {
      dataplane.set_routes(id, owner, ufrags);
    });
  }
  for (const WorkerIndex worker : placed.mirrored_on) {
    post(worker, [id, mirror = placed.mirror](Dataplane& dataplane, std::int64_t now_ns) {
      dataplane.update_mirror_transport(id, mirror, now_ns);
    });
  }
}

void WorkerGroup::remove_transport(TransportId id) {
  const std::lock_guard lock(mutex_);
  const OwnedTransport* placed = ownership_.find_transport(id);
  if (placed == nullptr) {
    return;
  }
  const auto remove = [id](Dataplane& dataplane, std::int64_t) { dataplane.remove_transport(id); };
  post(placed->worker, remove);
  for (const WorkerIndex worker : placed->mirrored_on) {
    post(worker, remove);
  }
  post_others(placed->worker, [id](Dataplane& dataplane, std::int64_t) { dataplane.remove_routes(id); });
  for (const MirrorChange& mirror : ownership_.remove_transport(id)) {
    retire_mirror(mirror);
  }
}

void WorkerGroup::set_track(TrackId id, TrackSpec spec) {
  const std::lock_guard lock(mutex_);
  if (ownership_.find_transport(spec.transport) == nullptr) {
    return;
  }
  const OwnedTrack* known = ownership_.find_track(id);
  if (known != nullptr && known->transport != spec.transport) {
    drop_track(id);
  }
  ownership_.set_track(id, spec);
  const OwnedTrack& placed = *ownership_.find_track(id);
  post(placed.worker,
       [id, spec = std::move(spec)](Dataplane& dataplane, std::int64_t) { dataplane.set_track(id, spec); });
  for (const WorkerIndex worker : placed.mirrored_on) {
    post(worker, [id, mirror = placed.mirror](Dataplane& dataplane, std::int64_t) {
      dataplane.update_mirror(id, mirror);
    });
  }
}

void WorkerGroup::remove_track(TrackId id) {
  const std::lock_guard lock(mutex_);
  drop_track(id);
}

void WorkerGroup::drop_track(TrackId id) {
  const OwnedTrack* placed = ownership_.find_track(id);
  if (placed == nullptr) {
    return;
  }
  const auto remove = [id](Dataplane& dataplane, std::int64_t) { dataplane.remove_track(id); };
  post(placed->worker, remove);
  for (const WorkerIndex worker : placed->mirrored_on) {
    post(worker, remove);
  }
  ownership_.remove_track(id);
}

void WorkerGroup::open_mirror(const MirrorChange& mirror) {
  const OwnedTrack& track = *ownership_.find_track(mirror.track);
  const OwnedTransport& transport = *ownership_.find_transport(track.transport);
  post(mirror.worker, [mirror, owner = track.worker, spec = track.mirror, transport = transport.mirror](
                          Dataplane& dataplane, std::int64_t now_ns) {
    dataplane.open_mirror(mirror.track, spec, transport, owner, mirror.feed, now_ns);
  });
  post(track.worker, [mirror](Dataplane& dataplane, std::int64_t) {
    dataplane.open_feed(mirror.track, mirror.worker, mirror.feed);
  });
}

void WorkerGroup::retire_mirror(const MirrorChange& mirror) {
  post(mirror.worker,
       [mirror](Dataplane& dataplane, std::int64_t) { dataplane.retire_mirror(mirror.track, mirror.feed); });
}

void WorkerGroup::set_subscription(SubscriptionId id, SubscriptionSpec spec) {
  const std::lock_guard lock(mutex_);
  const std::optional<SubscriptionChange> change = ownership_.set_subscription(id, spec);
  if (!change) {
    return;
  }
  if (change->left) {
    post(*change->left, [id](Dataplane& dataplane, std::int64_t) { dataplane.remove_subscription(id); });
  }
  if (change->opened) {
    open_mirror(*change->opened);
  }
  post(change->worker, [id, spec = std::move(spec)](Dataplane& dataplane, std::int64_t now_ns) {
    dataplane.set_subscription(id, spec, now_ns);
  });
  if (change->retired) {
    retire_mirror(*change->retired);
  }
}

void WorkerGroup::remove_subscription(SubscriptionId id) {
  const std::lock_guard lock(mutex_);
  const std::optional<SubscriptionChange> change = ownership_.remove_subscription(id);
  if (!change) {
    return;
  }
  post(change->worker, [id](Dataplane& dataplane, std::int64_t) { dataplane.remove_subscription(id); });
  if (change->retired) {
    retire_mirror(*change->retired);
  }
}

WorkerIndex WorkerGroup::owner_of_transport(TransportId id) {
  const std::lock_guard lock(mutex_);
  const OwnedTransport* placed = ownership_.find_transport(id);
  return placed == nullptr ? WorkerIndex{0} : placed->worker;
}

WorkerIndex WorkerGroup::owner_of_track(TrackId id) {
  const std::lock_guard lock(mutex_);
  const OwnedTrack* placed = ownership_.find_track(id);
  return placed == nullptr ? WorkerIndex{0} : placed->worker;
}

void WorkerGroup::request_keyframe(TrackId id) {
  post(owner_of_track(id),
       [id](Dataplane& dataplane, std::int64_t now_ns) { dataplane.request_keyframe(id, now_ns); });
}

void WorkerGroup::set_pacing(TransportId id, std::int64_t bits_per_s) {
  post(owner_of_transport(id), [id, bits_per_s](Dataplane& dataplane, std::int64_t now_ns) {
    dataplane.set_pacing(id, bits_per_s, now_ns);
  });
}

void WorkerGroup::probe(TransportId id, std::int64_t bits_per_s, std::int64_t duration_ns) {
  post(owner_of_transport(id), [id, bits_per_s, duration_ns](Dataplane& dataplane, std::int64_t now_ns) {
    dataplane.probe(id, bits_per_s, duration_ns, now_ns);
  });
}

void WorkerGroup::open_tap(TrackId id, std::shared_ptr<TapRing> tap) {
  post(owner_of_track(id), [id, tap = std::move(tap)](Dataplane& dataplane, std::int64_t now_ns) {
    dataplane.open_tap(id, tap, now_ns);
  });
}

bool WorkerGroup::send_datagram(TransportId id, std::vector<std::uint8_t> data) {
  return workers_[owner_of_transport(id)]->ask<bool>(
      [id, data = std::move(data)](Dataplane& dataplane, std::int64_t) {
        return dataplane.send_datagram(id, data);
      });
}

Figures WorkerGroup::transport_figures(TransportId id) {
  const WorkerIndex owner = owner_of_transport(id);
  auto figures = workers_[owner]->ask<Figures>(
      [id](Dataplane& dataplane, std::int64_t now_ns) { return dataplane.transport_figures(id, now_ns); });
  if (!figures.empty()) {
    figures["worker"] = owner;
  }
  return figures;
}

Figures WorkerGroup::track_figures(TrackId id) {
  WorkerIndex owner = 0;
  std::set<WorkerIndex> mirrored_on;
  {
    const std::lock_guard lock(mutex_);
    if (const OwnedTrack* placed = ownership_.find_track(id)) {
      owner = placed->worker;
      mirrored_on = placed->mirrored_on;
    }
  }
  const auto question = [id](Dataplane& dataplane, std::int64_t) { return dataplane.track_figures(id); };
  auto figures = workers_[owner]->ask<Figures>(question);
  for (const WorkerIndex worker : mirrored_on) {
    const auto mirrored = workers_[worker]->ask<Figures>(question);
    if (const auto subscribers = mirrored.find("subscribers"); subscribers != mirrored.end()) {
      figures["subscribers"] += subscribers->second;
    }
  }
  return figures;
}

Figures WorkerGroup::subscription_figures(SubscriptionId id) {
  WorkerIndex owner = 0;
  {
    const std::lock_guard lock(mutex_);
    owner = ownership_.worker_of_subscription(id).value_or(WorkerIndex{0});
  }
  return workers_[owner]->ask<Figures>(
      [id](Dataplane& dataplane, std::int64_t) { return dataplane.subscription_figures(id); });
}

}  // namespace tandem
