// What was published, by stream and number: written by the sending thread, read by the receiving one.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include "wire.hpp"

namespace light {

enum class StreamKind : std::uint8_t { kVoice = 0, kVideo = 1 };
inline constexpr std::size_t kStreamKinds = 2;
inline constexpr std::size_t kNumbersPerSecond = 1000;  // more than a trace has in one stream

struct Entry {
  std::atomic<std::uint64_t> scheduled_ns{0};
  std::atomic<PacketKind> kind{PacketKind::kVoice};
  // The receiving thread's own: when the null path's copy came, and the real one first and last.
  std::uint64_t null_ns = 0;
  std::uint64_t first_ns = 0;
  std::uint64_t last_ns = 0;
};

struct Ledger {
  explicit Ledger(std::uint64_t run_ns) {
    for (std::vector<Entry>& stream : entries) {
      stream = std::vector<Entry>((run_ns / 1'000'000'000U + 3) * kNumbersPerSecond);
    }
  }

  void write(const Stamp& stamp) {
    std::vector<Entry>& stream = entries[stamp.kind == PacketKind::kVoice ? 0 : 1];
    if (stamp.number < stream.size()) {
      stream[stamp.number].kind.store(stamp.kind, std::memory_order_relaxed);
      stream[stamp.number].scheduled_ns.store(stamp.scheduled_ns, std::memory_order_release);
    }
  }

  std::array<std::vector<Entry>, kStreamKinds> entries;
};

// The packets that count, by their numbers per stream.
struct Window {
  std::array<std::atomic<std::uint32_t>, kStreamKinds> first{UINT32_MAX, UINT32_MAX};
  std::array<std::atomic<std::uint32_t>, kStreamKinds> end{UINT32_MAX, UINT32_MAX};
  std::atomic<bool> is_over{false};
};

}  // namespace light
