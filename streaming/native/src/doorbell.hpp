// How a packet worker is woken: an eventfd that its epoll watches, and a flag by which others know whether it
// sleeps at all.
//
// Nothing is slept through: the sleeper swaps the flag in before it looks at its rings for the last time, the
// caller swaps it out after it has written to them. Whoever comes second in the order of the two swaps sees
// what the other has done.
#pragma once

#include <atomic>

namespace tandem {

class Doorbell {
 public:
  // Throws std::system_error when there is no descriptor left.
  Doorbell();
  ~Doorbell();
  Doorbell(const Doorbell&) = delete;
  Doorbell& operator=(const Doorbell&) = delete;

  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

  // -- Any thread --
  void ring() noexcept;
  void ring_if_asleep() noexcept {
    if (sleeps_.exchange(false, std::memory_order_acq_rel)) {
      ring();
    }
  }

  // -- The worker's thread --
  void begin_sleep() noexcept { sleeps_.exchange(true, std::memory_order_acq_rel); }
  void end_sleep() noexcept { sleeps_.store(false, std::memory_order_relaxed); }
  void clear() noexcept;

 private:
  int descriptor_;
  alignas(64) std::atomic<bool> sleeps_{false};
};

}  // namespace tandem
