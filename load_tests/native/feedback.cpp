#include "feedback.hpp"

#include <algorithm>

namespace light {
namespace {

constexpr std::uint32_t kReceiverReport = 201;
constexpr std::uint32_t kTransportFeedback = 205;
constexpr std::uint32_t kPayloadFeedback = 206;
constexpr std::int64_t kDeltaNs = 250'000;
constexpr std::int64_t kReferenceNs = 64'000'000;
constexpr std::size_t kStatusesPerChunk = 7;
constexpr std::size_t kMostStatuses = 400;

void begin(Writer& packet, std::uint32_t format, std::uint32_t type, std::uint32_t own_ssrc,
           std::uint32_t media_ssrc) {
  packet.u8(0x80U | format);
  packet.u8(type);
  packet.u16(0);
  packet.u32(own_ssrc);
  packet.u32(media_ssrc);
}

void finish(Writer& packet) {
  packet.fill((packet.size() + 3) / 4 * 4);
  packet.set_u16(2, static_cast<std::uint32_t>(packet.size() / 4 - 1));
}

bool is_before(std::uint16_t left, std::uint16_t right) {
  return static_cast<std::int16_t>(left - right) < 0;
}

}  // namespace

Writer make_receiver_report(std::uint32_t own_ssrc, std::span<const ReceivedStream> streams) {
  const auto blocks = static_cast<std::uint32_t>(
      std::count_if(streams.begin(), streams.end(), [](const ReceivedStream& one) { return one.ssrc != 0; }));
  Writer packet;
  packet.u8(0x80U | blocks);
  packet.u8(kReceiverReport);
  packet.u16(1 + 6 * blocks);
  packet.u32(own_ssrc);
  for (const ReceivedStream& stream : streams) {
    if (stream.ssrc != 0) {
      packet.u32(stream.ssrc);
      packet.u32(0);
      packet.u32(stream.highest);
      packet.fill(packet.size() + 12);
    }
  }
  packet.u16(0x81CA);
  packet.u16(3);
  packet.u32(own_ssrc);
  packet.u16(0x0105);
  packet.raw(Bytes(reinterpret_cast<const std::uint8_t*>("light"), 5));
  packet.u8(0);
  return packet;
}

Writer make_nack(std::uint32_t own_ssrc, std::uint32_t media_ssrc, std::span<const std::uint16_t> numbers) {
  Writer packet;
  begin(packet, 1, kTransportFeedback, own_ssrc, media_ssrc);
  for (std::size_t i = 0; i < numbers.size();) {
    const std::uint16_t first = numbers[i++];
    std::uint32_t mask = 0;
    for (; i < numbers.size(); ++i) {
      const auto distance = static_cast<std::uint16_t>(numbers[i] - first);
      if (distance == 0 || distance > 16) {
        break;
      }
      mask |= 1U << (distance - 1U);
    }
    packet.u16(first);
    packet.u16(mask);
  }
  finish(packet);
  return packet;
}

Writer make_keyframe_request(std::uint32_t own_ssrc, std::uint32_t media_ssrc) {
  Writer packet;
  begin(packet, 1, kPayloadFeedback, own_ssrc, media_ssrc);
  finish(packet);
  return packet;
}

Writer make_transport_feedback(std::uint32_t own_ssrc, std::uint32_t media_ssrc, std::uint8_t count,
                               std::vector<Arrival>& arrivals) {
  std::sort(arrivals.begin(), arrivals.end(),
            [](const Arrival& left, const Arrival& right) { return is_before(left.number, right.number); });
  const std::uint16_t base = arrivals.front().number;
  const std::int64_t reference = static_cast<std::int64_t>(arrivals.front().at_ns) / kReferenceNs;
  std::vector<std::uint32_t> statuses;  // 0 did not come, 1 small delta, 2 large or negative delta
  Writer deltas;
  std::int64_t last = reference * (kReferenceNs / kDeltaNs);
  for (const Arrival& arrival : arrivals) {
    const std::size_t position = static_cast<std::uint16_t>(arrival.number - base);
    if (position < statuses.size() || position >= kMostStatuses) {
      continue;  // came twice, or after a jump
    }
    const std::int64_t now = static_cast<std::int64_t>(arrival.at_ns) / kDeltaNs;
    const std::int64_t delta = std::clamp<std::int64_t>(now - last, INT16_MIN, INT16_MAX);
    last += delta;
    statuses.resize(position, 0);
    const bool is_small = delta >= 0 && delta <= UINT8_MAX;
    statuses.push_back(is_small ? 1 : 2);
    if (is_small) {
      deltas.u8(static_cast<std::uint32_t>(delta));
    } else {
      deltas.u16(static_cast<std::uint32_t>(delta) & 0xFFFFU);
    }
  }
  Writer packet;
  begin(packet, 15, kTransportFeedback, own_ssrc, media_ssrc);
  packet.u16(base);
  packet.u16(static_cast<std::uint32_t>(statuses.size()));
  packet.u32((static_cast<std::uint32_t>(reference) & 0xFF'FFFFU) << 8U | count);
  for (std::size_t i = 0; i < statuses.size(); i += kStatusesPerChunk) {
    std::uint32_t chunk = 0xC000U;  // a vector of seven two-bit symbols
    for (std::size_t j = 0; j < kStatusesPerChunk && i + j < statuses.size(); ++j) {
      chunk |= statuses[i + j] << (12U - 2U * static_cast<std::uint32_t>(j));
    }
    packet.u16(chunk);
  }
  packet.raw(deltas.bytes());
  finish(packet);
  return packet;
}

}  // namespace light
