// One packet worker's ends of the rings to and from the others, and whom it must wake.
#pragma once

#include <vector>

#include "doorbell.hpp"
#include "handover_records.hpp"
#include "handover_ring.hpp"

namespace tandem {

class WorkerLinks final : public HandoverSink {
 public:
  // Per ordered pair of workers; 160 ms of ten pictures at 5 Mbit/s.
  static constexpr std::size_t kRingBytes = 1U << 20U;
  // Looked at in one go, per ring; the worker looks again before it sleeps.
  static constexpr std::size_t kMaxRecords = 256;

  // In order of the workers' indices; this worker's own link stays empty.
  struct Link {
    HandoverRing* out = nullptr;
    HandoverRing* in = nullptr;
    Doorbell* bell = nullptr;
    bool is_touched = false;
  };
  void connect(std::vector<Link> links) { links_ = std::move(links); }
  // Workers of the group, this one included; 0 where it is alone.
  [[nodiscard]] std::size_t count() const noexcept { return links_.size(); }
  [[nodiscard]] bool is_alone() const noexcept { return links_.empty(); }

  MutableBytes reserve(WorkerIndex to, HandoverKind kind, std::size_t length) override;
  void commit(WorkerIndex to) override;

  // Wakes the sleepers among those that got something since the last call.
  void wake() noexcept;
  [[nodiscard]] bool has_input() const noexcept;
  // Gives what waits to `handle(from, kind, record)`.
  template <typename Handle>
  void take(Handle handle) {
    for (std::size_t from = 0; from < links_.size(); ++from) {
      HandoverRing* ring = links_[from].in;
      for (std::size_t taken = 0; ring != nullptr && taken < kMaxRecords; ++taken) {
        const std::optional<HandoverRing::Record> record = ring->front();
        if (!record) {
          break;
        }
        handle(static_cast<WorkerIndex>(from), static_cast<HandoverKind>(record->kind), record->bytes);
        ring->pop();
      }
    }
  }

 private:
  std::vector<Link> links_;
};

}  // namespace tandem
