#include "packet_ring.hpp"

#include <algorithm>
#include <cstring>

namespace tandem {

CachedPacket& PacketRing::append(const RtpView& view, Bytes packet) {
  if (slots_.empty()) {
    slots_.resize(slot_count_);
    bytes_.resize(byte_count_);
  }
  const std::size_t length = view.header_bytes + view.payload.size();
  // A packet never wraps inside the arena: the rest of the lap is left unused.
  const std::size_t to_end = byte_count_ - static_cast<std::size_t>(byte_head_ & (byte_count_ - 1));
  if (length > to_end) {
    byte_head_ += to_end;
  }
  std::memcpy(bytes_.data() + (byte_head_ & (byte_count_ - 1)), packet.data(), length);
  CachedPacket& slot = slots_[head_ & (slot_count_ - 1)];
  slot = CachedPacket{};
  slot.position = head_++;
  slot.byte_position = byte_head_;
  slot.length = static_cast<std::uint16_t>(length);
  slot.timestamp = view.timestamp;
  slot.marker = view.marker;
  if (view.has_extension && !view.extension.empty()) {
    slot.extension_offset = static_cast<std::uint16_t>(view.extension.data() - packet.data());
    slot.extension_length = static_cast<std::uint16_t>(view.extension.size());
    slot.extension_profile = view.extension_profile;
  }
  slot.payload_offset = static_cast<std::uint16_t>(view.header_bytes);
  slot.payload_length = static_cast<std::uint16_t>(view.payload.size());
  byte_head_ += length;
  return slot;
}

void PacketRing::prepare(const Transport& publisher, const Transport& subscriber) noexcept {
  if (prepared_ == head_) {
    return;  // all but the first subscriber of a round
  }
  const std::uint64_t oldest = head_ > slot_count_ ? head_ - slot_count_ : 0;
  std::uint64_t frame = std::max(prepared_, oldest);
  for (std::uint64_t position = frame; position < head_; ++position) {
    CachedPacket& packet = slots_[position & (slot_count_ - 1)];
    packet.header.build(view(packet), publisher, subscriber);
    if (packet.timestamp != slots_[frame & (slot_count_ - 1)].timestamp) {
      equalise(frame, position);
      frame = position;
    }
  }
  equalise(frame, head_);
  prepared_ = head_;
}

void PacketRing::equalise(std::uint64_t first, std::uint64_t end) noexcept {
  const auto size_of = [](const CachedPacket& packet) {
    return static_cast<std::size_t>(packet.header.length()) + packet.payload_length;
  };
  std::size_t largest = 0;
  for (std::uint64_t position = first; position < end; ++position) {
    largest = std::max(largest, size_of(slots_[position & (slot_count_ - 1)]));
  }
  // The last may be shorter than the others: it ends the message anyhow.
  for (std::uint64_t position = first; position + 1 < end; ++position) {
    CachedPacket& packet = slots_[position & (slot_count_ - 1)];
    const std::size_t missing = largest - size_of(packet);
    packet.gso_padding_bytes =
        missing <= kMaxGsoPaddingBytes && !packet.is_padding_only() ? static_cast<std::uint8_t>(missing) : 0;
  }
}

const CachedPacket* PacketRing::find(std::uint64_t position) const noexcept {
  if (position >= head_ || head_ - position > slot_count_) {
    return nullptr;
  }
  const CachedPacket& slot = slots_[position & (slot_count_ - 1)];
  return byte_head_ - slot.byte_position <= byte_count_ ? &slot : nullptr;
}

Bytes PacketRing::payload(const CachedPacket& packet) const noexcept {
  return Bytes(bytes_.data() + (packet.byte_position & (byte_count_ - 1)), packet.length)
      .subspan(packet.payload_offset, packet.payload_length);
}

RtpView PacketRing::view(const CachedPacket& packet) const noexcept {
  const Bytes whole(bytes_.data() + (packet.byte_position & (byte_count_ - 1)), packet.length);
  RtpView view;
  view.marker = packet.marker;
  view.timestamp = packet.timestamp;
  view.sequence_number = static_cast<std::uint16_t>(packet.sequence_number);
  view.has_extension = packet.extension_length != 0;
  view.extension_profile = packet.extension_profile;
  view.extension = whole.subspan(packet.extension_offset, packet.extension_length);
  view.header_bytes = packet.payload_offset;
  view.payload = whole.subspan(packet.payload_offset, packet.payload_length);
  return view;
}

}  // namespace tandem
