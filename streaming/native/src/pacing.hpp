// How fast one transport may be sent what can wait: its pictures, repairs and probes. Voice and RTCP never
// wait, but are counted.
//
// Nothing is queued that was written: a picture that waits stays in its track's ring, and gets its numbers
// and its send time when it goes out. Off the way of all transports without a limit (a null pointer).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "specs.hpp"

namespace tandem {

class Transport;

// A leaky bucket, in time: what was sent would have left by `paid_until` at the rate.
class LeakyBucket {
 public:
  // A burst may be so far ahead of the rate. Frames of an ordinary stream pass whole, keyframes are spread.
  static constexpr std::int64_t kMaxDebtNs = 40 * kMillisecond;
  // What never waits may take more; beyond this it is forgiven, lest a loud minute silence the picture.
  static constexpr std::int64_t kMaxChargedNs = 1 * kSecond;

  explicit LeakyBucket(std::int64_t bits_per_s) noexcept : bits_per_s_(bits_per_s) {}

  // What is owed stays the same in bytes.
  void set_rate(std::int64_t bits_per_s, std::int64_t now_ns) noexcept;
  void charge(std::uint64_t bytes, std::int64_t now_ns) noexcept;
  [[nodiscard]] std::int64_t bits_per_s() const noexcept { return bits_per_s_; }
  [[nodiscard]] std::int64_t debt_ns(std::int64_t now_ns) const noexcept {
    return paid_until_ns_ > now_ns ? paid_until_ns_ - now_ns : 0;
  }
  // When no more than `debt_ns` will be owed.
  [[nodiscard]] std::int64_t when_owed(std::int64_t debt_ns) const noexcept {
    return paid_until_ns_ - debt_ns;
  }
  [[nodiscard]] std::uint64_t bytes_in(std::int64_t duration_ns) const noexcept;

 private:
  std::int64_t bits_per_s_;
  std::int64_t paid_until_ns_ = 0;
};

class Pacing {
 public:
  // What waits is sent in steps of so much of the rate, and a message of several datagrams holds no more: to
  // a slow seat even one message would be a burst.
  static constexpr std::int64_t kStepNs = 5 * kMillisecond;
  static constexpr std::size_t kMaxRepairs = 128;
  // A picture whose next frame has waited so long, or of which so many packets wait, is behind for good.
  static constexpr std::int64_t kMaxWaitNs = 1 * kSecond;
  static constexpr std::uint64_t kMaxWaitingPackets = 1024;  // half of a track's ring

  struct Repair {
    std::uint32_t ssrc = 0;  // of the subscription's media
    std::int64_t sequence_number = 0;
    bool operator==(const Repair&) const = default;
  };

  // `sent_bytes`: what the transport has sent so far. `waiting`: where it is listed while something waits.
  Pacing(std::int64_t bits_per_s, std::uint64_t sent_bytes, std::vector<Transport*>& waiting) noexcept
      : bucket_(bits_per_s), rate_(bits_per_s), waiting_(waiting), settled_bytes_(sent_bytes) {}

  // A probe that is no faster than the rate is over.
  void set_rate(std::int64_t bits_per_s, std::int64_t now_ns) noexcept;
  // There is no limit any more, but what waits goes out in order, slice by slice.
  void lift(std::int64_t now_ns) noexcept;
  [[nodiscard]] bool is_lifted() const noexcept { return is_lifted_; }
  // Raises what goes out to `bits_per_s`, by padding where media is less, for `duration_ns`.
  void probe(Transport& transport, std::int64_t bits_per_s, std::int64_t duration_ns, std::int64_t now_ns);
  void end_probe(std::int64_t now_ns) noexcept;

  // Accounts for all that the transport has sent since the last call.
  void settle(const Transport& transport, std::int64_t now_ns) noexcept;
  [[nodiscard]] std::size_t most_message_bytes() const noexcept;
  // What is new may go out now: there is room, and nothing older waits.
  [[nodiscard]] bool is_open(std::int64_t now_ns) const noexcept { return !has_backlog_ && has_room(now_ns); }
  [[nodiscard]] bool has_room(std::int64_t now_ns) const noexcept {
    return is_lifted_ || bucket_.debt_ns(now_ns) < LeakyBucket::kMaxDebtNs;
  }
  // Padding fills what media leaves over, a step at a time.
  [[nodiscard]] bool wants_padding(std::int64_t now_ns) const noexcept {
    return probe_until_ns_ > now_ns && bucket_.debt_ns(now_ns) < kStepNs;
  }
  [[nodiscard]] bool is_probing() const noexcept { return probe_until_ns_ != 0; }
  [[nodiscard]] std::int64_t probe_until_ns() const noexcept { return probe_until_ns_; }

  // Something waits: the transport is due at once while there is room, else when a step's worth has drained.
  void wait(Transport& transport, std::int64_t now_ns);
  // The socket is blocked.
  void wait_for_socket(std::int64_t now_ns) noexcept { due_ns_ = now_ns + kStepNs; }
  // Only a probe goes on.
  void wait_for_padding() noexcept;
  // Nothing waits any more, and the transport leaves the list.
  void rest() noexcept { has_backlog_ = is_listed_ = false; }
  [[nodiscard]] bool is_listed() const noexcept { return is_listed_; }
  [[nodiscard]] std::int64_t due_ns() const noexcept { return due_ns_; }

  [[nodiscard]] bool has_repair(const Repair& repair) const noexcept;
  // False: too many wait.
  [[nodiscard]] bool push_repair(const Repair& repair);
  [[nodiscard]] std::optional<Repair> take_repair() noexcept;

  // 0: none any more.
  [[nodiscard]] std::int64_t bits_per_s() const noexcept { return is_lifted_ ? 0 : rate_; }

 private:
  void enlist(Transport& transport);

  LeakyBucket bucket_;
  std::int64_t rate_;
  std::vector<Transport*>& waiting_;
  bool is_lifted_ = false;
  bool is_listed_ = false;
  bool has_backlog_ = false;
  std::int64_t due_ns_ = 0;
  std::int64_t probe_until_ns_ = 0;
  std::uint64_t settled_bytes_;
  std::deque<Repair> repairs_;
};

}  // namespace tandem
