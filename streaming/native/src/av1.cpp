#include "av1.hpp"

namespace tandem {

namespace {

constexpr std::uint8_t kSequenceHeaderObu = 1;
constexpr std::size_t kMaxLeb128Bytes = 5;  // more than any packet's length needs

std::size_t read_leb128(ByteReader& reader) noexcept {
  std::size_t value = 0;
  for (std::size_t i = 0; i < kMaxLeb128Bytes; ++i) {
    const std::uint8_t byte = reader.u8();
    value |= static_cast<std::size_t>(byte & 0x7FU) << (i * 7);
    if ((byte & 0x80U) == 0) {
      return value;
    }
  }
  reader.fail();
  return 0;
}

}  // namespace

std::optional<Av1Payload> parse_av1(Bytes payload) noexcept {
  ByteReader reader(payload);
  const std::uint8_t header = reader.u8();
  Av1Payload parsed;
  parsed.continues_obu = (header & 0x80U) != 0;
  parsed.is_continued = (header & 0x40U) != 0;
  parsed.element_count = (header >> 4U) & 0x03U;
  parsed.starts_coded_video_sequence = (header & 0x08U) != 0;
  if (reader.remaining() == 0 || (parsed.continues_obu && parsed.starts_coded_video_sequence)) {
    return std::nullopt;  // 4.4: N set to 1 demands Z equal to 0
  }
  for (std::size_t index = 0; reader.remaining() != 0; ++index) {
    const bool is_last = parsed.element_count != 0 && index + 1 == parsed.element_count;
    const Bytes element = is_last ? reader.rest() : reader.take(read_leb128(reader));
    const bool begins_obu = index != 0 || !parsed.continues_obu;
    if (begins_obu && !element.empty() && ((element[0] >> 3U) & 0x0FU) == kSequenceHeaderObu) {
      parsed.has_sequence_header = true;
    }
  }
  return reader.ok() ? std::optional(parsed) : std::nullopt;
}

}  // namespace tandem
