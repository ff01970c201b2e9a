// The plaintext packets of one track, once, in order of arrival: what is forwarded, and the retransmission
// cache.
//
// Invariants: a packet's `position` counts arrivals and never repeats (it is slot and generation in one); a
// position is readable while neither its slot nor its bytes have been overwritten.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "cursor.hpp"
#include "header_template.hpp"
#include "layer_mark.hpp"
#include "picture_numbers.hpp"
#include "rtp_packet.hpp"

namespace tandem {

struct CachedPacket {
  std::uint64_t position = 0;
  std::int64_t sequence_number = 0;  // extended, as published
  std::int64_t arrival_ns = 0;
  std::uint32_t timestamp = 0;   // as published
  std::uint32_t generation = 0;  // grows when the publisher's encoder restarts under a new SSRC
  std::uint32_t turn = 0;        // grows when a voice is heard again, of the same encoder
  std::uint16_t length = 0;
  std::uint16_t extension_offset = 0;
  std::uint16_t extension_length = 0;
  std::uint16_t extension_profile = 0;
  std::uint16_t payload_offset = 0;
  std::uint16_t payload_length = 0;  // 0: only padding came; the gap is to be closed
  std::uint64_t byte_position = 0;   // where its bytes begin in the arena, counted without wrapping
  bool marker = false;
  bool starts_keyframe = false;
  bool came_redundant = false;  // as RED; kept without what it brought again
  PictureNumbers picture;
  LayerMark layer;
  HeaderTemplate header;
  std::uint8_t gso_padding_bytes = 0;  // for who gets `header`: makes a frame's packets equal in size

  [[nodiscard]] bool is_padding_only() const noexcept { return payload_length == 0; }
};

class PacketRing {
 public:
  // Chromium's packets of one frame differ by a byte; where more is missing, padding costs more than it
  // gains.
  static constexpr std::size_t kMaxGsoPaddingBytes = 8;

  // Both are powers of two. Memory is taken at the first packet.
  PacketRing(std::size_t slots, std::size_t bytes) noexcept : slot_count_(slots), byte_count_(bytes) {}

  // Copies a parsed packet (its padding excluded) in; the caller completes what only it knows (generation,
  // keyframe…). The reference is good until the next call.
  CachedPacket& append(const RtpView& view, Bytes packet);

  // Null when overwritten or not there yet.
  [[nodiscard]] const CachedPacket* find(std::uint64_t position) const noexcept;
  // The last position so far that has these low bits.
  static constexpr unsigned kPositionBits = 24;
  [[nodiscard]] std::uint64_t position_of(std::uint32_t low_bits) const noexcept {
    constexpr std::uint64_t kMask = (std::uint64_t{1} << kPositionBits) - 1;
    return head_ - 1 - ((head_ - 1 - low_bits) & kMask);
  }
  [[nodiscard]] Bytes payload(const CachedPacket& packet) const noexcept;
  // Header fields and spans as the parser gave them, pointing into the ring.
  [[nodiscard]] RtpView view(const CachedPacket& packet) const noexcept;

  // Writes the headers, and equalises the sizes of each frame's packets, for subscribers like this one; but
  // not of packets that were prepared before, since what was sent may have to be sent again.
  void prepare(const Transport& publisher, const Transport& subscriber) noexcept;

  // The position that the next packet will have.
  [[nodiscard]] std::uint64_t head() const noexcept { return head_; }
  [[nodiscard]] std::size_t slot_count() const noexcept { return slot_count_; }

 private:
  std::size_t slot_count_;
  std::size_t byte_count_;
  void equalise(std::uint64_t first, std::uint64_t end) noexcept;

  std::uint64_t head_ = 0;
  std::uint64_t prepared_ = 0;
  std::uint64_t byte_head_ = 0;
  std::vector<CachedPacket> slots_;
  std::vector<std::uint8_t> bytes_;
};

}  // namespace tandem
