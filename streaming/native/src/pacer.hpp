// Serves the transports with a limit of which something waits: repairs first, then pictures in order of
// arrival, then a probe's padding.
#pragma once

#include <cstdint>
#include <vector>

#include "subscription.hpp"
#include "tables.hpp"

namespace tandem {

class Pacer {
 public:
  // Below this a voice alone would fill it; above it nobody needs a limit.
  static constexpr std::int64_t kLeastBitsPerS = 50'000;
  static constexpr std::int64_t kMostBitsPerS = 1'000'000'000;
  static constexpr std::int64_t kMostProbeBitsPerS = 100'000'000;
  static constexpr std::int64_t kMostProbeNs = 1 * kSecond;
  // As of the fan-out: between two slices the worker looks at its sockets.
  static constexpr std::size_t kSlicePackets = 256;

  explicit Pacer(const Tables& tables) noexcept : tables_(tables) {}

  // 0: no limit, and what waits goes out at once. Within kLeastBitsPerS and kMostBitsPerS.
  void set_rate(Transport& transport, std::int64_t bits_per_s, std::int64_t now_ns);
  // Nothing happens without a limit below it, or without RTX to pad by (RFC 4588).
  static void probe(Transport& transport, std::int64_t bits_per_s, std::int64_t duration_ns,
                    std::int64_t now_ns);
  void forget(Transport& transport) noexcept;

  // When the next waiting transport is due; the far future when nothing waits.
  [[nodiscard]] std::int64_t next_due_ns() const noexcept;
  void run(EgressContext& context);

 private:
  // At most about `budget` packets. Returns how many there were.
  static std::size_t pad(Transport& transport, std::size_t budget, EgressContext& context);
  std::size_t serve(Transport& transport, std::size_t budget, EgressContext& context);
  bool send_next(Transport& transport, EgressContext& context);

  const Tables& tables_;
  std::vector<Transport*> waiting_;
};

}  // namespace tandem
