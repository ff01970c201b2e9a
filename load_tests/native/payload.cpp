#include "payload.hpp"

#include <array>

namespace light {

void write_payload(Writer& out, const PlannedPacket& packet, const Stamp& stamp, std::uint32_t picture_id) {
  const std::size_t begin = out.size();
  if (packet.kind == PacketKind::kVoice) {
    out.u8(0x78);  // Opus TOC: CELT, 20 ms, mono
  } else {
    out.u8(packet.is_frame_start ? 0x90 : 0x80);
    out.u8(0x80);
    out.u16((picture_id & 0x7FFFU) | 0x8000U);
    if (packet.is_frame_start && packet.kind == PacketKind::kKeyframe) {
      constexpr std::array<std::uint8_t, 10> kKeyframeHeader{0x10, 0x02, 0x00, 0x9D, 0x01,
                                                             0x2A, 0x00, 0x05, 0xD0, 0x02};
      out.raw(kKeyframeHeader);
    } else {
      out.u8(0x31);
    }
    out.fill(begin + kVideoStampOffset);
  }
  write_stamp(out, stamp);
  out.fill(begin + packet.payload_bytes);
}

}  // namespace light
