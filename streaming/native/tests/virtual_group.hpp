// Two Dataplanes on one media port in virtual time; their rings are lists. The publisher's transport is
// worker 0's, the subscriber's worker 1's.
#pragma once

#include <array>
#include <deque>
#include <vector>

#include "ownership.hpp"
#include "virtual_lesson.hpp"

namespace tandem::test {

struct HandoverRecord {
  WorkerIndex from = 0;
  WorkerIndex to = 0;
  HandoverKind kind = HandoverKind::Datagram;
  std::vector<std::uint8_t> bytes;
};

// What one worker tells the others.
class CapturingNeighbours final : public HandoverSink {
 public:
  CapturingNeighbours(WorkerIndex self, std::deque<HandoverRecord>& records)
      : self_(self), records_(records) {}
  MutableBytes reserve(WorkerIndex to, HandoverKind kind, std::size_t length) override {
    if (is_full) {
      return {};
    }
    next_ = {.from = self_, .to = to, .kind = kind, .bytes = std::vector<std::uint8_t>(length)};
    return next_.bytes;
  }
  void commit(WorkerIndex) override { records_.push_back(std::move(next_)); }
  bool is_full = false;

 private:
  WorkerIndex self_;
  std::deque<HandoverRecord>& records_;
  HandoverRecord next_;
};

class VirtualGroup {
 public:
  VirtualGroup();

  // -- As a WorkerGroup would --
  void connect(Peer& peer, std::size_t owner);
  void open_mirror(std::uint64_t feed = 1);
  void subscribe(TrackId track = kPicture);
  void unsubscribe(std::uint64_t feed = 1);

  // The kernel gives `datagram` to worker `at`.
  void give(std::size_t at, const Peer& peer, std::vector<std::uint8_t> datagram);
  void publish_frame(std::int64_t sequence_number, bool keyframe = false, std::size_t at = 0);
  void publish(const OutgoingRtp& packet) { give(0, publisher, publisher.seal(packet)); }
  // Carries records over until there are none.
  void settle();
  void advance(std::int64_t duration_ns);
  // Sequence numbers that the subscriber got, relative to the first.
  [[nodiscard]] std::vector<std::int64_t> got() const;
  [[nodiscard]] std::uint64_t count(Counter counter) const {
    return counters[0].get(counter) + counters[1].get(counter);
  }
  [[nodiscard]] std::size_t plis() const {
    return VirtualLesson::reports(publisher, RtcpType::PayloadFeedback, kFormatPli).size();
  }
  // Every datagram has one fate, here or there.
  [[nodiscard]] bool is_balanced() const;

  std::int64_t now_ns = 5 * kSecond;
  std::deque<HandoverRecord> records;
  std::array<Counters, 2> counters;
  std::array<CapturingSink, 2> sinks;
  std::array<CapturingEvents, 2> events;
  std::array<CapturingNeighbours, 2> neighbours{CapturingNeighbours{0, records},
                                                CapturingNeighbours{1, records}};
  std::array<Dataplane, 2> workers;
  Peer publisher{1, 5001};
  Peer subscriber{2, 5002};
  VirtualLesson specs;  // for its specifications
};

}  // namespace tandem::test
