#include "packet_memory.hpp"

#include <sys/mman.h>

#include <bit>
#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>

namespace tandem {

namespace {

constexpr std::size_t lines_of(std::size_t bytes) noexcept {
  return (bytes + kCacheLineBytes - 1) / kCacheLineBytes;
}

#ifdef TANDEM_PLAIN_MEMORY
constexpr bool kIsPlain = true;
#else
constexpr bool kIsPlain = false;
#endif

constinit PacketMemory memory;
// Threads may outlive static objects.
static_assert(std::is_trivially_destructible_v<PacketMemory>);

}  // namespace

void* PacketMemory::allocate(std::size_t bytes) {
  const std::size_t size = lines_of(bytes) * kCacheLineBytes;
  const std::scoped_lock lock(mutex_);
  Free*& first = free_.at(lines_of(bytes));
  if (first != nullptr) {
    Free* const block = first;
    first = block->next;
    return block;
  }
  if (left_ < size) {
    take_chunk();
  }
  std::byte* const block = next_;
  next_ += size;
  left_ -= size;
  return block;
}

void PacketMemory::deallocate(void* block, std::size_t bytes) noexcept {
  const std::scoped_lock lock(mutex_);
  Free*& first = free_[lines_of(bytes)];
  first = std::construct_at(static_cast<Free*>(block), Free{.next = first});
}

void PacketMemory::take_chunk() {
  // As much again, to find an aligned chunk within.
  void* const mapped =
      mmap(nullptr, 2 * kChunkBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) {
    throw std::bad_alloc();
  }
  auto* const begin = static_cast<std::byte*>(mapped);
  const std::size_t before = (kChunkBytes - std::bit_cast<std::uintptr_t>(begin) % kChunkBytes) % kChunkBytes;
  if (before != 0) {
    munmap(begin, before);
  }
  munmap(begin + before + kChunkBytes, kChunkBytes - before);
  next_ = begin + before;
  left_ = kChunkBytes;
  madvise(next_, kChunkBytes, MADV_HUGEPAGE);  // a wish: without it small pages do
}

void* allocate_packet_memory(std::size_t bytes) {
  if (kIsPlain || bytes > PacketMemory::kMaxBlockBytes) {
    return ::operator new (bytes, std::align_val_t{kCacheLineBytes});
  }
  return memory.allocate(bytes);
}

void free_packet_memory(void* block, std::size_t bytes) noexcept {
  if (kIsPlain || bytes > PacketMemory::kMaxBlockBytes) {
    ::operator delete (block, std::align_val_t{kCacheLineBytes});
  } else if (block != nullptr) {
    memory.deallocate(block, bytes);
  }
}

}  // namespace tandem
