#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <set>
#include <vector>

#include "packet_memory.hpp"

namespace {

struct Counted : tandem::InPacketMemory {
  virtual ~Counted() = default;
  std::uint64_t value = 0;
};
struct alignas(64) Large final : Counted {
  std::uint8_t bytes[1000] = {};
};

TEST_CASE("blocks are lines of their own, and what was freed serves the same size again") {
  tandem::PacketMemory memory;
  std::vector<std::uint8_t*> blocks;
  for (int i = 0; i < 200; ++i) {
    auto* const block = static_cast<std::uint8_t*>(memory.allocate(33'000));
    CHECK(reinterpret_cast<std::uintptr_t>(block) % 64 == 0);
    std::memset(block, i, 33'000);
    blocks.push_back(block);
  }
  for (int i = 0; i < 200; ++i) {
    CHECK(std::all_of(blocks[i], blocks[i] + 33'000, [i](std::uint8_t byte) { return byte == i; }));
  }
  void* const small = memory.allocate(40);
  memory.deallocate(blocks[7], 33'000);
  memory.deallocate(small, 40);
  CHECK(memory.allocate(64) == small);
  CHECK(memory.allocate(33'000) == blocks[7]);
}

TEST_CASE("objects behind a base class, and containers, come and go") {
  const std::unique_ptr<Counted> object = std::make_unique<Large>();
  CHECK(reinterpret_cast<std::uintptr_t>(object.get()) % 64 == 0);
  std::vector<std::uint64_t, tandem::PacketAllocator<std::uint64_t>> numbers(1000, 7);
  numbers.resize(100'000, 8);  // more than a block
  CHECK(numbers.front() == 7);
  CHECK(numbers.back() == 8);
}

}  // namespace
