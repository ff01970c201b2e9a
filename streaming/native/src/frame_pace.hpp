// Whether the frames of a track arrive so quickly that it pays to wait for their ends.
#pragma once

#include <cstdint>

#include "specs.hpp"

namespace tandem {

class FramePace {
 public:
  // Of a frame that takes longer than this only what has come so far is held.
  static constexpr std::int64_t kMaxHoldNs = 2 * kMillisecond;

  // A packet of the frame with this RTP timestamp has arrived.
  void handle_packet(std::uint32_t timestamp, std::int64_t now_ns) noexcept {
    if (timestamp != timestamp_) {
      handle_end();
      timestamp_ = timestamp;
      first_ns_ = now_ns;
      is_of_several_ = false;
    } else {
      is_of_several_ = true;
    }
    last_ns_ = now_ns;
  }

  // Until when the frame may be held for its end; `now_ns`: not at all. `is_held`: it is held already, and
  // its limit stands.
  [[nodiscard]] std::int64_t hold_until_ns(std::int64_t now_ns, bool is_held) noexcept {
    if (quick_share_ < kShareOne / 2) {
      due_ns_ = now_ns;
    } else if (!is_held) {
      due_ns_ = now_ns + kMaxHoldNs;
    }
    return due_ns_;
  }
  [[nodiscard]] std::int64_t due_ns() const noexcept { return due_ns_; }

 private:
  static constexpr std::int32_t kShareOne = 1 << 16;

  // The share of quick ones among the last frames of several packets. A mean of gaps would not do: one
  // keyframe that is sent slowly would stand for a second of quick frames.
  void handle_end() noexcept {
    constexpr std::int32_t kWeight = 8;
    if (is_of_several_) {
      const bool is_quick = last_ns_ - first_ns_ <= kMaxHoldNs;
      quick_share_ += ((is_quick ? kShareOne : 0) - quick_share_) / kWeight;
    }
  }

  std::uint32_t timestamp_ = 0;
  std::int32_t quick_share_ = 0;
  std::int64_t first_ns_ = 0;
  std::int64_t last_ns_ = 0;
  std::int64_t due_ns_ = 0;
  bool is_of_several_ = false;
};

}  // namespace tandem
