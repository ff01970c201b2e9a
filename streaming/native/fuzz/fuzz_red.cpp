#include "red.hpp"
#include "require.hpp"

using namespace tandem;
using tandem::fuzzing::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto red = parse_red(Bytes(data, size));
  if (!red) {
    return 0;
  }
  require(red->block_count <= kMaxRedBlocks);
  std::size_t bytes = 1 + red->primary.payload.size();
  for (const RedBlock& block : red->redundant()) {
    require(block.ticks <= kMaxRedTicks && block.payload.size() <= kMaxRedBlockBytes);
    bytes += 4 + block.payload.size();
  }
  require(bytes == size);
  return 0;
}
