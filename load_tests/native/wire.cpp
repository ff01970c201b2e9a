#include "wire.hpp"

#include <ctime>

namespace light {

void Writer::u16(std::uint32_t value) {
  u8(value >> 8U);
  u8(value);
}

void Writer::u32(std::uint32_t value) {
  u16(value >> 16U);
  u16(value);
}

void Writer::u64(std::uint64_t value) {
  u32(static_cast<std::uint32_t>(value >> 32U));
  u32(static_cast<std::uint32_t>(value));
}

void Writer::set_u16(std::size_t offset, std::uint32_t value) {
  bytes_[offset] = static_cast<std::uint8_t>(value >> 8U);
  bytes_[offset + 1] = static_cast<std::uint8_t>(value);
}

std::uint32_t read_u16(Bytes bytes, std::size_t offset) {
  return static_cast<std::uint32_t>(bytes[offset]) << 8U | bytes[offset + 1];
}

std::uint32_t read_u32(Bytes bytes, std::size_t offset) {
  return read_u16(bytes, offset) << 16U | read_u16(bytes, offset + 2);
}

std::uint64_t read_u64(Bytes bytes, std::size_t offset) {
  return static_cast<std::uint64_t>(read_u32(bytes, offset)) << 32U | read_u32(bytes, offset + 4);
}

std::uint64_t wall_clock_ns() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(now.tv_nsec);
}

void write_stamp(Writer& out, const Stamp& stamp) {
  out.u32(stamp.number);
  out.u64(stamp.scheduled_ns);
  out.u8(static_cast<std::uint32_t>(stamp.kind));
}

std::optional<Stamp> read_stamp(Bytes payload, std::size_t offset) {
  if (payload.size() < offset + kStampBytes || payload[offset + 12] >= kPacketKinds) {
    return std::nullopt;
  }
  return Stamp{.number = read_u32(payload, offset),
               .scheduled_ns = read_u64(payload, offset + 4),
               .kind = static_cast<PacketKind>(payload[offset + 12])};
}

std::optional<std::size_t> rtp_header_bytes(Bytes packet) {
  if (packet.size() < 12 || packet[0] >> 6U != 2) {
    return std::nullopt;
  }
  std::size_t length = 12 + 4 * static_cast<std::size_t>(packet[0] & 0x0FU);
  if ((packet[0] & 0x10U) != 0) {
    if (packet.size() < length + 4) {
      return std::nullopt;
    }
    length += 4 + 4 * static_cast<std::size_t>(read_u16(packet, length + 2));
  }
  if (packet.size() < length) {
    return std::nullopt;
  }
  return length;
}

std::optional<std::uint16_t> read_extension_u16(Bytes packet, std::uint32_t id) {
  const std::size_t block = 12 + 4 * static_cast<std::size_t>(packet[0] & 0x0FU);
  if ((packet[0] & 0x10U) == 0 || read_u16(packet, block) != 0xBEDE) {
    return std::nullopt;
  }
  const std::size_t end = block + 4 + 4 * static_cast<std::size_t>(read_u16(packet, block + 2));
  for (std::size_t at = block + 4; at < end;) {
    const std::uint32_t found = packet[at] >> 4U;
    const std::size_t length = found == 0 ? 0 : (packet[at] & 0x0FU) + 1U;
    if (found == id && length == 2 && at + 3 <= end) {
      return static_cast<std::uint16_t>(read_u16(packet, at + 1));
    }
    at += 1 + length;
  }
  return std::nullopt;
}

}  // namespace light
