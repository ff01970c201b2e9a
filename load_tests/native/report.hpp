// The result as one line of JSON.
#pragma once

#include <cstdint>
#include <vector>

#include "ledger.hpp"
#include "subscribers.hpp"

namespace light {

struct Sent {
  std::uint64_t keyframe_requests = 0;
  std::uint64_t send_failures = 0;
  std::uint64_t cpu_ns = 0;  // of the ceiling's thread in the window
  std::vector<std::uint32_t> lateness_us;
};

void print_result(const Window& window, Sent& sent, const Ledger& ledger, const Subscribers& subscribers);

}  // namespace light
