#include "handover_ring.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

namespace tandem {

namespace {

constexpr std::size_t kAlignment = 8;
constexpr std::size_t kLeastBytes = 4096;
constexpr std::size_t kLongestShare = 8;
constexpr std::uint32_t kRestOfLap = std::numeric_limits<std::uint32_t>::max();

// Before each record; where a record would wrap, one with kRestOfLap sends the reader to the start.
struct RecordHeader {
  std::uint32_t length = 0;
  std::uint32_t kind = 0;
};
static_assert(sizeof(RecordHeader) == kAlignment);

constexpr std::size_t room_of(std::size_t length) noexcept {
  return sizeof(RecordHeader) + (length + kAlignment - 1) / kAlignment * kAlignment;
}

}  // namespace

HandoverRing::HandoverRing(std::size_t capacity_bytes)
    : capacity_(std::bit_ceil(std::max(capacity_bytes, kLeastBytes))), bytes_(capacity_) {}

MutableBytes HandoverRing::reserve(std::uint32_t kind, std::size_t length, std::size_t spare_bytes) noexcept {
  if (length > capacity_ / kLongestShare) {
    return {};
  }
  const std::uint64_t written = written_.load(std::memory_order_relaxed);
  const std::size_t to_end = capacity_ - static_cast<std::size_t>(written & (capacity_ - 1));
  const std::size_t room = room_of(length);
  const std::size_t skipped = room > to_end ? to_end : 0;
  const std::uint64_t end = written + skipped + room;
  if (end - known_read_ + spare_bytes > capacity_) {
    known_read_ = read_.load(std::memory_order_acquire);
    if (end - known_read_ + spare_bytes > capacity_) {
      return {};
    }
  }
  if (skipped != 0) {
    const RecordHeader rest{.length = kRestOfLap, .kind = 0};
    std::memcpy(at(written), &rest, sizeof rest);
  }
  const RecordHeader header{.length = static_cast<std::uint32_t>(length), .kind = kind};
  std::memcpy(at(written + skipped), &header, sizeof header);
  reserved_ = end;
  return {at(written + skipped) + sizeof header, length};
}

void HandoverRing::commit() noexcept {
  written_.store(reserved_, std::memory_order_release);
}

std::optional<HandoverRing::Record> HandoverRing::front() noexcept {
  std::uint64_t read = read_.load(std::memory_order_relaxed);
  if (written_.load(std::memory_order_acquire) == read) {
    return std::nullopt;
  }
  RecordHeader header;
  std::memcpy(&header, at(read), sizeof header);
  if (header.length == kRestOfLap) {
    read += capacity_ - (read & (capacity_ - 1));
    std::memcpy(&header, at(read), sizeof header);
  }
  popped_ = read + room_of(header.length);
  return Record{.kind = header.kind, .bytes = {at(read) + sizeof header, header.length}};
}

void HandoverRing::pop() noexcept {
  read_.store(popped_, std::memory_order_release);
}

}  // namespace tandem
