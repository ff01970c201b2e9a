#include "red.hpp"

namespace tandem {

std::optional<RedPayload> parse_red(Bytes payload) noexcept {
  constexpr std::uint8_t kFollows = 0x80;
  constexpr std::uint8_t kPayloadType = 0x7F;
  RedPayload red;
  std::array<std::size_t, kMaxRedBlocks> lengths{};
  ByteReader reader(payload);
  std::uint8_t first = reader.u8();
  while ((first & kFollows) != 0 && reader.ok()) {
    if (red.block_count == kMaxRedBlocks) {
      return std::nullopt;
    }
    const std::uint32_t rest = reader.u24();
    lengths[red.block_count] = rest & kMaxRedBlockBytes;
    red.blocks[red.block_count++] = {.payload_type = static_cast<std::uint8_t>(first & kPayloadType),
                                     .ticks = rest >> 10U};
    first = reader.u8();
  }
  for (std::size_t i = 0; i < red.block_count; ++i) {
    red.blocks[i].payload = reader.take(lengths[i]);
  }
  red.primary = {.payload_type = first, .payload = reader.rest()};
  return reader.ok() ? std::optional(red) : std::nullopt;
}

}  // namespace tandem
