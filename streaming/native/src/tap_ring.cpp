#include "tap_ring.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace tandem {

namespace {
constexpr std::size_t kSmallestRing = 4096;
}

TapRing::TapRing(std::size_t bytes) : ring_(std::bit_ceil(std::max(bytes, kSmallestRing))) {}

bool TapRing::append(TapRecordKind kind, std::int64_t arrival_ns, Bytes head, Bytes rest) noexcept {
  const std::size_t data_bytes = head.size() + rest.size();
  const std::uint64_t written = written_.load(std::memory_order_relaxed);
  const std::uint64_t used = written - read_.load(std::memory_order_acquire);
  if (ring_.size() - used < kRecordHeaderBytes + data_bytes) {
    overflows_.store(overflows_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    return false;
  }
  std::array<std::uint8_t, kRecordHeaderBytes> header{};
  ByteWriter writer(header);
  writer.u32(static_cast<std::uint32_t>(data_bytes));
  writer.u8(static_cast<std::uint8_t>(kind));
  writer.zeros(3);
  writer.u64(static_cast<std::uint64_t>(arrival_ns));
  put(written, header);
  put(written + kRecordHeaderBytes, head);
  put(written + kRecordHeaderBytes + head.size(), rest);
  written_.store(written + kRecordHeaderBytes + data_bytes, std::memory_order_release);
  return true;
}

std::vector<std::uint8_t> TapRing::take(std::size_t limit_bytes) {
  const std::uint64_t read = read_.load(std::memory_order_relaxed);
  const std::uint64_t available = written_.load(std::memory_order_acquire) - read;
  std::uint64_t taken = 0;
  while (taken < available) {
    std::array<std::uint8_t, kRecordHeaderBytes> header{};
    get(read + taken, header);
    const std::uint64_t record = kRecordHeaderBytes + ByteReader(header).u32();
    if (taken != 0 && taken + record > limit_bytes) {
      break;
    }
    taken += record;
  }
  std::vector<std::uint8_t> records(static_cast<std::size_t>(taken));
  get(read, records);
  read_.store(read + taken, std::memory_order_release);
  return records;
}

void TapRing::put(std::uint64_t at, Bytes bytes) noexcept {
  if (bytes.empty()) {
    return;
  }
  const auto offset = static_cast<std::size_t>(at & (ring_.size() - 1));
  const std::size_t first = std::min(bytes.size(), ring_.size() - offset);
  std::memcpy(ring_.data() + offset, bytes.data(), first);
  std::memcpy(ring_.data(), bytes.data() + first, bytes.size() - first);
}

void TapRing::get(std::uint64_t at, MutableBytes out) const noexcept {
  if (out.empty()) {
    return;
  }
  const auto offset = static_cast<std::size_t>(at & (ring_.size() - 1));
  const std::size_t first = std::min(out.size(), ring_.size() - offset);
  std::memcpy(out.data(), ring_.data() + offset, first);
  std::memcpy(out.data() + first, ring_.data(), out.size() - first);
}

}  // namespace tandem
