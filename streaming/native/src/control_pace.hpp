// When the sockets are looked at that get everything but media: reports, checks, handshakes.
//
// What comes now and then is seen at once. Where something comes all the time, as the reports of a hundred
// subscribers do, waking up for each costs more than reading it. So once something was found the sockets wake
// nobody for a while: they are looked at together with what woke the worker anyhow, and after kPatienceNs at
// the latest.
#pragma once

#include <cstdint>
#include <limits>

#include "specs.hpp"

namespace tandem {

class ControlPace {
 public:
  static constexpr std::int64_t kGapNs = 2 * kMillisecond;       // between two looks that nothing called for
  static constexpr std::int64_t kPatienceNs = 5 * kMillisecond;  // that what has come waits at most

  // Whether the sockets shall wake the worker.
  [[nodiscard]] bool is_armed() const noexcept { return is_armed_; }
  // When they are to be looked at though nothing wakes the worker.
  [[nodiscard]] std::int64_t due_ns() const noexcept { return due_ns_; }
  // `is_called`: they woke it.
  [[nodiscard]] bool is_due(std::int64_t now_ns, bool is_called) const noexcept {
    return is_called || now_ns >= due_ns_ || now_ns - looked_ns_ >= kGapNs;
  }
  // `is_more`: a look found as much as it can hold.
  void handle_look(std::int64_t now_ns, bool is_found, bool is_more) noexcept {
    looked_ns_ = now_ns;
    is_armed_ = !is_found;
    if (is_armed_) {
      due_ns_ = kNever;
    } else {
      due_ns_ = is_more ? now_ns : now_ns + kPatienceNs;
    }
  }

 private:
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

  std::int64_t looked_ns_ = 0;
  std::int64_t due_ns_ = kNever;
  bool is_armed_ = true;
};

}  // namespace tandem
