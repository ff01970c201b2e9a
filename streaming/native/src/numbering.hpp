// The numbers under which one subscription sends: continuous over gaps that were closed, over switches of
// source, and over restarts of an encoder.
//
// Invariants: outgoing sequence numbers are extended ones (the roll-over counter is theirs), begin below 2^15
// and never fall back; timestamps strictly increase from range to range; VP8 picture ids are contiguous, and
// frame numbers of the dependency descriptor over a switch.
#pragma once

#include <cstdint>
#include <optional>

#include "packet_ring.hpp"
#include "sequence_map.hpp"

namespace tandem {

struct Placement {
  std::int64_t sequence_number = 0;  // outgoing, extended
  std::uint32_t timestamp = 0;
  std::uint16_t picture_id = 0;
  std::uint8_t tl0picidx = 0;
  DescriptorShift descriptor;
};

class Numbering {
 public:
  explicit Numbering(std::int64_t first_outgoing) noexcept : next_(first_outgoing) {}

  // The next packet to go out is `first`, under `timestamp` (raised if it would not increase).
  void begin(const CachedPacket& first, std::uint32_t timestamp) noexcept;
  // The packet, which is padding only or of a layer that is not wanted, will not go out. In order: its gap is
  // closed. Late: its number was exposed already, and needs a filler there; that place is returned.
  [[nodiscard]] std::optional<Placement> skip(const CachedPacket& packet) noexcept;
  // Null for packets from before the present source began.
  [[nodiscard]] std::optional<Placement> place(const CachedPacket& packet) noexcept;

  [[nodiscard]] bool started() const noexcept { return map_.started(); }
  // One past the highest outgoing number exposed.
  [[nodiscard]] std::int64_t next() const noexcept { return next_; }
  [[nodiscard]] std::uint32_t last_timestamp() const noexcept { return last_timestamp_; }
  [[nodiscard]] std::int64_t last_arrival_ns() const noexcept { return last_arrival_ns_; }
  // Outgoing timestamp = published + this.
  [[nodiscard]] std::uint32_t timestamp_shift() const noexcept { return map_.newest().timestamp; }

 private:
  SequenceMap map_;
  std::int64_t next_;
  std::int64_t highest_published_ = 0;
  std::int64_t last_arrival_ns_ = 0;
  std::uint32_t last_timestamp_ = 0;
  std::uint16_t last_picture_id_ = 0;
  std::uint16_t published_picture_id_ = 0;  // of the newest packet, sent or not
  std::uint16_t last_frame_number_ = 0;
  std::uint8_t last_tl0picidx_ = 0;
  std::uint8_t next_template_id_ = 0;  // behind those of the structure in use
};

}  // namespace tandem
