// How closely the packets of a track's frames follow each other, and so how long it pays to wait for the
// next.
#pragma once

#include <algorithm>
#include <cstdint>

#include "specs.hpp"

namespace tandem {

class FramePace {
 public:
  static constexpr std::int64_t kMaxHoldNs = 3 * kMillisecond;
  // A frame whose packets are further apart than this is not worth a wait: they come over a slow uplink.
  static constexpr std::int64_t kMaxGapNs = kMillisecond / 2;

  // A packet of the frame with this RTP timestamp has arrived.
  void handle_packet(std::uint32_t timestamp, std::int64_t now_ns) noexcept {
    if (timestamp == timestamp_) {
      constexpr std::int64_t kWeight = 16;
      gap_ns_ += (now_ns - last_ns_ - gap_ns_) / kWeight;
    }
    timestamp_ = timestamp;
    last_ns_ = now_ns;
  }

  // Until when the frame may be held for its next packet, which mostly comes within four gaps. `is_held`: it
  // is held already, and its first packet's limit stands.
  [[nodiscard]] std::int64_t hold_until_ns(std::int64_t now_ns, bool is_held) noexcept {
    if (!is_held) {
      limit_ns_ = now_ns + kMaxHoldNs;
    }
    constexpr std::int64_t kGaps = 4;
    constexpr std::int64_t kWakeUpNs = kMillisecond / 20;
    due_ns_ = gap_ns_ > kMaxGapNs ? now_ns : std::min(now_ns + kGaps * gap_ns_ + kWakeUpNs, limit_ns_);
    return due_ns_;
  }
  [[nodiscard]] std::int64_t due_ns() const noexcept { return due_ns_; }

 private:
  std::uint32_t timestamp_ = 0;
  std::int64_t last_ns_ = 0;
  std::int64_t gap_ns_ = 0;
  std::int64_t limit_ns_ = 0;
  std::int64_t due_ns_ = 0;
};

}  // namespace tandem
