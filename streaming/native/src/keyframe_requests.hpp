// Merges the keyframe requests of many subscribers into what a publisher's encoder can bear: the first at
// once, one trailing, at most one a second.
#pragma once

#include <cstdint>

#include "specs.hpp"

namespace tandem {

class KeyframeRequests {
 public:
  static constexpr std::int64_t kIntervalNs = 1 * kSecond;

  explicit KeyframeRequests(std::int64_t interval_ns = kIntervalNs) noexcept : interval_ns_(interval_ns) {}

  // True: send one now. False: it is merged into the trailing one.
  [[nodiscard]] bool request(std::int64_t now_ns) noexcept {
    if (is_due(now_ns)) {
      mark_sent(now_ns);
      return true;
    }
    trailing_ = true;
    return false;
  }
  // True: the trailing one is due now.
  [[nodiscard]] bool take_trailing(std::int64_t now_ns) noexcept {
    if (!trailing_ || !is_due(now_ns)) {
      return false;
    }
    mark_sent(now_ns);
    return true;
  }
  // A keyframe began: whoever waited has it.
  void handle_keyframe() noexcept { trailing_ = false; }

 private:
  [[nodiscard]] bool is_due(std::int64_t now_ns) const noexcept {
    return !sent_ || now_ns - last_sent_ns_ >= interval_ns_;
  }
  void mark_sent(std::int64_t now_ns) noexcept {
    sent_ = true;
    last_sent_ns_ = now_ns;
    trailing_ = false;
  }

  std::int64_t interval_ns_;
  std::int64_t last_sent_ns_ = 0;
  bool sent_ = false;
  bool trailing_ = false;
};

}  // namespace tandem
