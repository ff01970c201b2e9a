// A bounded byte ring from the worker's thread to one reader: plain RTP and sender reports of a track, as
// records.
//
// Record: u32 be length of data | u8 kind | 3 zero bytes | u64 be arrival (CLOCK_MONOTONIC, ns) | data.
// When a record does not fit it is left out and counted: the reader is late, the lesson goes on.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "cursor.hpp"

namespace tandem {

enum class TapRecordKind : std::uint8_t { Rtp = 1, SenderReport = 2 };

class TapRing {
 public:
  static constexpr std::size_t kRecordHeaderBytes = 16;

  // At least `bytes`, rounded up to a power of two.
  explicit TapRing(std::size_t bytes);

  // Writer's side. `head` and `rest` are joined (a rewritten header and the payload behind it).
  bool append(TapRecordKind kind, std::int64_t arrival_ns, Bytes head, Bytes rest = {}) noexcept;
  // Reader's side: whole records of at most `limit_bytes` together, but one in any case.
  [[nodiscard]] std::vector<std::uint8_t> take(std::size_t limit_bytes);

  [[nodiscard]] std::uint64_t overflows() const noexcept {
    return overflows_.load(std::memory_order_relaxed);
  }
  void close() noexcept { closed_.store(true, std::memory_order_relaxed); }
  [[nodiscard]] bool is_closed() const noexcept { return closed_.load(std::memory_order_relaxed); }

 private:
  void put(std::uint64_t at, Bytes bytes) noexcept;
  void get(std::uint64_t at, MutableBytes out) const noexcept;

  std::vector<std::uint8_t> ring_;
  alignas(64) std::atomic<std::uint64_t> written_{0};
  alignas(64) std::atomic<std::uint64_t> read_{0};
  std::atomic<std::uint64_t> overflows_{0};
  std::atomic<bool> closed_{false};
};

}  // namespace tandem
