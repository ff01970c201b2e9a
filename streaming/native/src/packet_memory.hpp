// Memory of what the packet path reads of each subscriber, in huge pages.
//
// The state of some hundred subscribers lies on more small pages than a processor keeps translations for, and
// what is asked for in advance is not fetched where the translation lacks. Invariants: blocks begin at a
// cache line; what was freed serves blocks of the same size again and goes back to the system never. Any
// thread.
#pragma once

#include <array>
#include <cstddef>
#include <mutex>

#include "prefetch.hpp"

namespace tandem {

class PacketMemory {
 public:
  static constexpr std::size_t kChunkBytes = std::size_t{2} << 20U;  // a huge page
  static constexpr std::size_t kMaxBlockBytes = 64 * 1024;

  PacketMemory() = default;
  PacketMemory(const PacketMemory&) = delete;
  PacketMemory& operator=(const PacketMemory&) = delete;
  // Chunks stay: who still has a block is not asked.
  ~PacketMemory() = default;

  // At most kMaxBlockBytes. Throws std::bad_alloc.
  [[nodiscard]] void* allocate(std::size_t bytes);
  void deallocate(void* block, std::size_t bytes) noexcept;

 private:
  struct Free {
    Free* next = nullptr;
  };
  void take_chunk();

  std::mutex mutex_;
  std::array<Free*, kMaxBlockBytes / kCacheLineBytes + 1> free_{};  // by size in cache lines
  std::byte* next_ = nullptr;
  std::size_t left_ = 0;
};

// The process's own. Under a sanitizer, which is to see every block, and for larger ones: plain memory.
[[nodiscard]] void* allocate_packet_memory(std::size_t bytes);
void free_packet_memory(void* block, std::size_t bytes) noexcept;

// A class whose objects the packet path reads.
struct InPacketMemory {
  static void* operator new(std::size_t bytes) { return allocate_packet_memory(bytes); }
  static void operator delete(void* object, std::size_t bytes) noexcept { free_packet_memory(object, bytes); }
};

// For containers of what the packet path reads.
template <typename T>
struct PacketAllocator {
  using value_type = T;
  PacketAllocator() = default;
  template <typename Other>
  explicit PacketAllocator(const PacketAllocator<Other>& /*other*/) noexcept {}
  [[nodiscard]] T* allocate(std::size_t count) {
    return static_cast<T*>(allocate_packet_memory(count * sizeof(T)));
  }
  void deallocate(T* first, std::size_t count) noexcept { free_packet_memory(first, count * sizeof(T)); }
  bool operator==(const PacketAllocator& /*other*/) const noexcept { return true; }
};

}  // namespace tandem
