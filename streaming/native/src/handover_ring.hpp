// A bounded ring of records from one thread to one other: the only thing that packet workers share.
//
// A record lies in one piece, so that its reader may work on it in place. What does not fit is refused; the
// writer counts it.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

#include "cursor.hpp"

namespace tandem {

class HandoverRing {
 public:
  struct Record {
    std::uint32_t kind = 0;
    MutableBytes bytes;
  };

  // `capacity_bytes` is a power of two, at least 4,096; no record is longer than an eighth of it.
  explicit HandoverRing(std::size_t capacity_bytes);

  // -- The writer's thread --
  // Room for a record, good until commit(); empty when it does not fit, or when fewer than `spare_bytes`
  // would then be left.
  [[nodiscard]] MutableBytes reserve(std::uint32_t kind, std::size_t length,
                                     std::size_t spare_bytes = 0) noexcept;
  // Hands over what was reserved last.
  void commit() noexcept;

  // -- The reader's thread --
  // The oldest record, good until pop(); none: nothing waits.
  [[nodiscard]] std::optional<Record> front() noexcept;
  // Only after front() gave a record.
  void pop() noexcept;
  [[nodiscard]] bool is_empty() const noexcept {
    return written_.load(std::memory_order_acquire) == read_.load(std::memory_order_relaxed);
  }

  [[nodiscard]] std::size_t capacity_bytes() const noexcept { return capacity_; }

 private:
  [[nodiscard]] std::uint8_t* at(std::uint64_t position) noexcept {
    return bytes_.data() + (position & (capacity_ - 1));
  }

  std::size_t capacity_;
  std::vector<std::uint8_t> bytes_;
  // Positions count bytes without wrapping.
  alignas(64) std::atomic<std::uint64_t> written_{0};
  std::uint64_t reserved_ = 0;    // the writer's: where the reserved record ends
  std::uint64_t known_read_ = 0;  // the writer's: what it last saw of read_
  alignas(64) std::atomic<std::uint64_t> read_{0};
  std::uint64_t popped_ = 0;  // the reader's: where the front record ends
};

}  // namespace tandem
