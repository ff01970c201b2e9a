// Big-endian bytes, clocks, and the stamp that each published payload carries.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace light {

using Bytes = std::span<const std::uint8_t>;

// Appends integers in network byte order.
class Writer {
 public:
  void u8(std::uint32_t value) { bytes_.push_back(static_cast<std::uint8_t>(value)); }
  void u16(std::uint32_t value);
  void u32(std::uint32_t value);
  void u64(std::uint64_t value);
  void raw(Bytes bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  void fill(std::size_t size) { bytes_.resize(size, 0); }
  void set_u16(std::size_t offset, std::uint32_t value);
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] std::vector<std::uint8_t>& bytes() { return bytes_; }

 private:
  std::vector<std::uint8_t> bytes_;
};

[[nodiscard]] std::uint32_t read_u16(Bytes bytes, std::size_t offset);
[[nodiscard]] std::uint32_t read_u32(Bytes bytes, std::size_t offset);
[[nodiscard]] std::uint64_t read_u64(Bytes bytes, std::size_t offset);

[[nodiscard]] std::uint64_t wall_clock_ns();  // CLOCK_REALTIME: the clock of SO_TIMESTAMPNS

enum class PacketKind : std::uint8_t { kVoice = 0, kDelta = 1, kKeyframe = 2 };
inline constexpr std::size_t kPacketKinds = 3;

// What a publisher writes into a payload and a subscriber reads back: 13 bytes.
struct Stamp {
  std::uint32_t number = 0;  // counts the packets of one stream from 0
  std::uint64_t scheduled_ns = 0;
  PacketKind kind = PacketKind::kVoice;
};

inline constexpr std::size_t kStampBytes = 13;
inline constexpr std::size_t kVoiceStampOffset = 1;  // behind Opus' TOC byte
inline constexpr std::size_t kVideoStampOffset =
    14;  // behind VP8's descriptor (4) and a keyframe's header (10)

void write_stamp(Writer& out, const Stamp& stamp);
[[nodiscard]] std::optional<Stamp> read_stamp(Bytes payload, std::size_t offset);

// Where the payload of a plain RTP packet begins; nullopt for what is no RTP packet.
[[nodiscard]] std::optional<std::size_t> rtp_header_bytes(Bytes packet);

// A two-byte value among one-byte header extensions (RFC 8285 4.2) of a packet that has a whole header.
[[nodiscard]] std::optional<std::uint16_t> read_extension_u16(Bytes packet, std::uint32_t id);

}  // namespace light
