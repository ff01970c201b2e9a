// Which packet worker has what: a pure table, kept by the control plane's side of a WorkerGroup.
//
// A transport stays with the worker that it was given first; its tracks and subscriptions are there. A worker
// with subscriptions to a track of another has a mirror of it, from its first to its last.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "handover_records.hpp"
#include "specs.hpp"

namespace tandem {

// What a mirror needs to know of the publisher's transport: how its headers are to be read.
[[nodiscard]] TransportSpec mirror_of(const TransportSpec& spec);
[[nodiscard]] TrackSpec mirror_of(const TrackSpec& spec);

struct OwnedTransport {
  WorkerIndex worker = 0;
  TransportSpec mirror;  // as mirrors get it
  std::vector<std::string> ufrags;
  std::set<TrackId> tracks;
  std::set<SubscriptionId> subscriptions;
  std::set<WorkerIndex> mirrored_on;  // now or once: such a worker may still have it
};

struct Mirror {
  std::uint64_t feed = 0;
  std::set<SubscriptionId> users;
};

struct OwnedTrack {
  WorkerIndex worker = 0;
  TransportId transport = 0;
  TrackSpec mirror;                       // as mirrors get it
  std::map<WorkerIndex, Mirror> mirrors;  // that are in use
  std::set<WorkerIndex> mirrored_on;      // now or once
};

// Something to be done about a mirror.
struct MirrorChange {
  TrackId track = kNoTrack;
  WorkerIndex worker = 0;
  std::uint64_t feed = 0;
};

struct SubscriptionChange {
  WorkerIndex worker = 0;
  std::optional<WorkerIndex> left;      // it was another worker's before
  std::optional<MirrorChange> opened;   // before the subscription is set
  std::optional<MirrorChange> retired;  // after
};

class Ownership {
 public:
  // `worker_count`: at least 1.
  explicit Ownership(std::size_t worker_count) : loads_(worker_count) {}

  // A new one goes to the worker with the fewest subscriptions, then the fewest transports. True: its ufrags
  // are others than before.
  bool set_transport(TransportId id, const TransportSpec& spec);
  // Gives the mirrors that nobody uses any more.
  std::vector<MirrorChange> remove_transport(TransportId id);
  // False: the transport is not known.
  bool set_track(TrackId id, const TrackSpec& spec);
  void remove_track(TrackId id);
  // None: the transport is not known.
  std::optional<SubscriptionChange> set_subscription(SubscriptionId id, const SubscriptionSpec& spec);
  // None: not known.
  std::optional<SubscriptionChange> remove_subscription(SubscriptionId id);

  // Null: not known. Good until the next change.
  [[nodiscard]] const OwnedTransport* find_transport(TransportId id) const;
  [[nodiscard]] const OwnedTrack* find_track(TrackId id) const;
  [[nodiscard]] std::optional<WorkerIndex> worker_of_subscription(SubscriptionId id) const;

 private:
  struct Load {
    std::size_t subscriptions = 0;
    std::size_t transports = 0;
  };
  struct OwnedSubscription {
    WorkerIndex worker = 0;
    TransportId transport = 0;
    TrackId track = kNoTrack;
  };
  [[nodiscard]] WorkerIndex least_loaded() const noexcept;
  std::optional<MirrorChange> use_mirror(SubscriptionId id, WorkerIndex worker, TrackId track);
  std::optional<MirrorChange> leave_mirror(SubscriptionId id, WorkerIndex worker, TrackId track);

  std::vector<Load> loads_;
  std::uint64_t last_feed_ = 0;
  std::unordered_map<TransportId, OwnedTransport> transports_;
  std::unordered_map<TrackId, OwnedTrack> tracks_;
  std::unordered_map<SubscriptionId, OwnedSubscription> subscriptions_;
};

}  // namespace tandem
