#include "h264.hpp"

namespace tandem {

namespace {

constexpr std::uint8_t kTypeMask = 0x1F;
constexpr std::uint8_t kSlice = 1;
constexpr std::uint8_t kIdr = 5;
constexpr std::uint8_t kSps = 7;
constexpr std::uint8_t kPps = 8;
constexpr std::uint8_t kLastSingleNal = 23;
constexpr std::uint8_t kStapA = 24;
constexpr std::uint8_t kFuA = 28;

void note_nal_unit(std::uint8_t type, H264Payload& payload) noexcept {
  payload.has_sps |= type == kSps;
  payload.has_pps |= type == kPps;
  payload.has_idr |= type == kIdr;
  payload.has_slice |= type >= kSlice && type <= kIdr;
}

bool read_aggregate(ByteReader& reader, H264Payload& payload) noexcept {
  if (reader.remaining() == 0) {
    return false;
  }
  while (reader.remaining() != 0) {
    const Bytes unit = reader.take(reader.u16());
    if (!reader.ok() || unit.empty()) {
      return false;
    }
    note_nal_unit(unit[0] & kTypeMask, payload);
  }
  return true;
}

bool read_fragment(ByteReader& reader, H264Payload& payload) noexcept {
  const std::uint8_t header = reader.u8();
  payload.is_fragment = true;
  payload.starts_nal_unit = (header & 0x80U) != 0;
  payload.ends_nal_unit = (header & 0x40U) != 0;
  if (payload.starts_nal_unit) {
    note_nal_unit(header & kTypeMask, payload);
  }
  return reader.ok();
}

}  // namespace

std::optional<H264Payload> parse_h264(Bytes payload) noexcept {
  ByteReader reader(payload);
  const std::uint8_t type = reader.u8() & kTypeMask;
  H264Payload parsed;
  bool is_valid = false;
  if (type >= kSlice && type <= kLastSingleNal) {
    note_nal_unit(type, parsed);
    is_valid = true;
  } else if (type == kStapA) {
    is_valid = read_aggregate(reader, parsed);
  } else if (type == kFuA) {
    is_valid = read_fragment(reader, parsed);
  }
  return is_valid ? std::optional(parsed) : std::nullopt;
}

}  // namespace tandem
