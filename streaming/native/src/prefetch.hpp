// Memory that is asked for before it is needed.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tandem {

inline constexpr std::size_t kCacheLineBytes = 64;

inline void prefetch_bytes(const void* start, std::size_t size) noexcept {
  const auto* const first = static_cast<const std::byte*>(start);
  const std::size_t before = reinterpret_cast<std::uintptr_t>(first) % kCacheLineBytes;
  for (std::size_t offset = 0; offset < size + before; offset += kCacheLineBytes) {
    __builtin_prefetch(first + offset);
  }
}

// From one member of an object up to another.
inline void prefetch_between(const void* first, const void* end) noexcept {
  prefetch_bytes(first, static_cast<std::size_t>(static_cast<const std::byte*>(end) -
                                                 static_cast<const std::byte*>(first)));
}

}  // namespace tandem
