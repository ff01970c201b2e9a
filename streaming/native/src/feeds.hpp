// A track lives where its publisher's transport does. A worker with subscriptions to it that is not its
// owner holds a mirror: a track of its own, filled by a feed from the owner.
//
// The owner appends each packet once, when it has stored it, so that a mirror's subscribers, their resends
// included, read what is local. A mirror asks its owner, not the publisher, for keyframes.
#pragma once

#include "counters.hpp"
#include "handover_records.hpp"
#include "track.hpp"

namespace tandem {

class Feeds {
 public:
  // How often a mirror repeats its wish for a keyframe to the owner, who merges those of all.
  static constexpr std::int64_t kRelayIntervalNs = 20 * kMillisecond;
  // A mirror without subscribers stays as long as resends of what it has may be asked for.
  static constexpr std::int64_t kLingerNs = 1 * kSecond;

  explicit Feeds(Counters& counters) noexcept : counters_(counters) {}
  void join(HandoverSink& neighbours) noexcept { neighbours_ = &neighbours; }

  // -- The owner's side --
  // Number `feed` replaces the one that the worker has; numbers grow.
  void open(Track& track, WorkerIndex worker, std::uint64_t feed);
  // A feed that has been replaced stays.
  static void close(Track& track, WorkerIndex worker, std::uint64_t feed) noexcept;
  // A packet that `track` has stored, in two parts.
  void publish(Track& track, std::int64_t sequence_number, Origin origin, Bytes head, Bytes rest,
               std::int64_t now_ns);
  // The track's clock, where it has one.
  void publish_report(const Track& track);

  // -- The mirror's side --
  static void mirror(Track& track, WorkerIndex owner, std::uint64_t feed);
  static void retire(Track& track, std::uint64_t feed) noexcept;
  void request_keyframe(const Track& track);
  // True: the mirror is to be removed; its owner has been told.
  bool take_idle(Track& track, std::int64_t now_ns);
  // Whether a record is of this mirror's time; a mirror that was opened anew knows nothing of the old one's.
  [[nodiscard]] static bool accepts(const Track* track, std::uint64_t feed) noexcept;
  // True: packets before this one found no room.
  static bool take_gap(Track& track, std::uint32_t count) noexcept;

 private:
  void send_report(const Track& track, const TrackFeed& feed);

  Counters& counters_;
  HandoverSink* neighbours_ = nullptr;
};

}  // namespace tandem
