// What packet workers tell each other, as values that are copied through rings. Tracks and paths are named,
// never pointed at: what has gone in the meantime is not found, and nothing happens.
#pragma once

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <type_traits>

#include "address.hpp"
#include "cursor.hpp"
#include "sender_clock.hpp"
#include "specs.hpp"

namespace tandem {

// Of the workers of one group, from 0.
using WorkerIndex = std::uint16_t;

enum class HandoverKind : std::uint32_t {
  Datagram = 1,
  PathLearned = 2,
  PathTaken = 3,
  FeedPacket = 4,
  FeedReport = 5,
  KeyframeWanted = 6,
  FeedClosed = 7,
};

// A datagram of a path, or for a ufrag, of yours: the rest of the record.
struct HandedDatagram {
  static constexpr HandoverKind kKind = HandoverKind::Datagram;
  Path path;
};

// A check that you handed over has authenticated: what comes by this path is mine.
struct PathLearned {
  static constexpr HandoverKind kKind = HandoverKind::PathLearned;
  Path path;
};

// The path has gone over to another worker's transport.
struct PathTaken {
  static constexpr HandoverKind kKind = HandoverKind::PathTaken;
  Path path;
};

// A packet of a track that you mirror, as stored here: plain RTP without padding, the rest of the record.
struct FeedPacket {
  static constexpr HandoverKind kKind = HandoverKind::FeedPacket;
  TrackId track = 0;
  std::uint64_t feed = 0;
  std::int64_t sequence_number = 0;  // extended
  std::int64_t arrival_ns = 0;
  std::uint32_t count = 0;  // of this feed's packets, those included that found no room
  std::uint32_t ssrc = 0;
  std::uint32_t generation = 0;
  Origin origin = Origin::Published;
};

// The publisher's sender report for a track that you mirror, and how its clock lies to ours.
struct FeedReport {
  static constexpr HandoverKind kKind = HandoverKind::FeedReport;
  TrackId track = 0;
  std::uint64_t feed = 0;
  ReportedClock clock;
  ClockOffset offset;
};

// A subscriber of mine waits for a keyframe of your track.
struct KeyframeWanted {
  static constexpr HandoverKind kKind = HandoverKind::KeyframeWanted;
  TrackId track = 0;
};

// Nobody here has wanted the track for a while.
struct FeedClosed {
  static constexpr HandoverKind kKind = HandoverKind::FeedClosed;
  TrackId track = 0;
  std::uint64_t feed = 0;
};

// Where the core puts records for other workers: rings in the worker, lists in tests.
class HandoverSink {
 public:
  HandoverSink() = default;
  HandoverSink(const HandoverSink&) = delete;
  HandoverSink& operator=(const HandoverSink&) = delete;
  virtual ~HandoverSink() = default;

  // Room for a record; empty: there is none. Good until commit().
  [[nodiscard]] virtual MutableBytes reserve(WorkerIndex to, HandoverKind kind, std::size_t length) = 0;
  virtual void commit(WorkerIndex to) = 0;
};

// False: there was no room.
template <typename Head>
bool hand_over(HandoverSink& sink, WorkerIndex to, const Head& head,
               std::initializer_list<Bytes> parts = {}) {
  static_assert(std::is_trivially_copyable_v<Head>);
  std::size_t length = sizeof head;
  for (const Bytes part : parts) {
    length += part.size();
  }
  const MutableBytes out = sink.reserve(to, Head::kKind, length);
  if (out.empty()) {
    return false;
  }
  std::memcpy(out.data(), &head, sizeof head);
  std::size_t offset = sizeof head;
  for (const Bytes part : parts) {
    if (!part.empty()) {
      std::memcpy(out.data() + offset, part.data(), part.size());
    }
    offset += part.size();
  }
  sink.commit(to);
  return true;
}

// The head of a record, which is taken off; none where the record is too short.
template <typename Head>
std::optional<Head> take_head(MutableBytes& record) noexcept {
  static_assert(std::is_trivially_copyable_v<Head>);
  if (record.size() < sizeof(Head)) {
    return std::nullopt;
  }
  Head head;
  std::memcpy(&head, record.data(), sizeof head);
  record = record.subspan(sizeof head);
  return head;
}

}  // namespace tandem
