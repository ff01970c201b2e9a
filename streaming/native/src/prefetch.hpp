// Memory that is asked for before it is needed.
#pragma once

#include <cstddef>

namespace tandem {

inline constexpr std::size_t kCacheLineBytes = 64;

inline void prefetch_bytes(const void* start, std::size_t size) noexcept {
  for (std::size_t offset = 0; offset < size; offset += kCacheLineBytes) {
    __builtin_prefetch(static_cast<const std::byte*>(start) + offset);
  }
}

template <typename T>
void prefetch_object(const T& object) noexcept {
  prefetch_bytes(&object, sizeof object);
}

}  // namespace tandem
