// Several packet workers behind one media port and one face: the control plane names transports, tracks and
// subscriptions, and the group knows who has them.
//
// Edits are ordered and idempotent, as one worker's are. Each reaches the owner, and with it whoever routes
// to it or mirrors it. Any thread may call; the workers never wait for the group.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "handover_ring.hpp"
#include "ownership.hpp"
#include "worker.hpp"

namespace tandem {

class WorkerGroup {
 public:
  // `worker_count`: at least 1. All sockets are bound before the first thread starts; port 0 becomes one port
  // per address. Throws std::system_error when an address cannot be bound.
  WorkerGroup(const std::vector<Address>& addresses, std::size_t worker_count, std::size_t events_limit);
  ~WorkerGroup();
  WorkerGroup(const WorkerGroup&) = delete;
  WorkerGroup& operator=(const WorkerGroup&) = delete;

  [[nodiscard]] std::vector<Address> addresses() const { return workers_.front()->addresses(); }
  [[nodiscard]] std::size_t worker_count() const noexcept { return workers_.size(); }
  [[nodiscard]] EventQueue& events() noexcept { return events_; }
  // The sum of all workers'.
  [[nodiscard]] std::uint64_t count(Counter counter) const noexcept;
  [[nodiscard]] std::uint64_t count(std::size_t worker, Counter counter) const noexcept {
    return workers_[worker]->counters().get(counter);
  }

  void set_transport(TransportId id, TransportSpec spec);
  void remove_transport(TransportId id);
  void set_track(TrackId id, TrackSpec spec);
  void remove_track(TrackId id);
  void set_subscription(SubscriptionId id, SubscriptionSpec spec);
  void remove_subscription(SubscriptionId id);
  void request_keyframe(TrackId id);
  void set_pacing(TransportId id, std::int64_t bits_per_s);
  void probe(TransportId id, std::int64_t bits_per_s, std::int64_t duration_ns);
  void open_tap(TrackId id, std::shared_ptr<TapRing> tap);
  bool send_datagram(TransportId id, std::vector<std::uint8_t> data);

  // As the owner has them; a transport's name its worker, a track's count its subscribers on all workers.
  [[nodiscard]] Figures transport_figures(TransportId id);
  [[nodiscard]] Figures track_figures(TrackId id);
  [[nodiscard]] Figures subscription_figures(SubscriptionId id);

  // Stops and joins the threads; idempotent.
  void close();
  // Who encrypts: CryptoBackend::name.
  [[nodiscard]] std::string crypto_name() const { return workers_.front()->crypto_name(); }

 private:
  void open_workers(const std::vector<Address>& addresses, std::size_t worker_count);
  void connect_workers();
  void post(WorkerIndex worker, Worker::Command command) { workers_[worker]->post(std::move(command)); }
  void post_others(WorkerIndex worker, const Worker::Command& command);
  void drop_track(TrackId id);
  void open_mirror(const MirrorChange& mirror);
  void retire_mirror(const MirrorChange& mirror);
  [[nodiscard]] WorkerIndex owner_of_transport(TransportId id);
  [[nodiscard]] WorkerIndex owner_of_track(TrackId id);

  Counters queue_counters_;  // written under the queue's lock
  EventQueue events_;
  std::vector<std::unique_ptr<HandoverRing>> rings_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::mutex mutex_;
  Ownership ownership_;
};

}  // namespace tandem
