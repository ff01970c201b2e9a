// The RTP fixed header, CSRC list, extension block and padding (RFC 3550 5.1, 5.3.1).
//
// Worked example, 21 bytes:  90 E0 FF FF  00 00 10 00  12 34 56 78  BE DE 00 01  10 30 00 00  AA
//   V=2 X=1 CC=0, M=1 PT=96, sequence 65535, timestamp 4096, SSRC 0x12345678, one-byte extensions of one word
//   (id 1, one byte '0', two bytes of padding), payload AA.
#pragma once

#include <cstdint>
#include <optional>

#include "cursor.hpp"

namespace tandem {

inline constexpr std::size_t kRtpFixedHeaderBytes = 12;
inline constexpr std::uint16_t kOneByteExtensionProfile = 0xBEDE;

// A parsed packet; the spans point into the buffer that was parsed.
struct RtpView {
  std::uint8_t version = 2;
  bool marker = false;
  bool has_extension = false;
  std::uint8_t payload_type = 0;
  std::uint8_t csrc_count = 0;
  std::uint8_t padding_bytes = 0;  // as the last byte counts them; `payload` excludes them
  std::uint16_t sequence_number = 0;
  std::uint16_t extension_profile = 0;
  std::uint32_t timestamp = 0;
  std::uint32_t ssrc = 0;
  std::size_t header_bytes = 0;  // fixed header + CSRCs + extension block
  Bytes extension{};             // behind profile and length
  Bytes payload{};               // without padding; empty for padding-only packets
};

// The length of the header (fixed part, CSRCs, extension block), which SRTP leaves in clear; nullopt if
// malformed.
[[nodiscard]] std::optional<std::size_t> rtp_header_bytes(Bytes packet) noexcept;

// Parses a plaintext packet; nullopt if it is malformed (wrong version, truncated, padding longer than the
// rest or 0).
[[nodiscard]] std::optional<RtpView> parse_rtp(Bytes packet) noexcept;

// What an outgoing packet's fixed header says. CSRCs are never sent.
struct RtpHeader {
  std::uint8_t payload_type = 0;
  bool marker = false;
  bool has_padding = false;
  bool has_extension = false;
  std::uint16_t sequence_number = 0;
  std::uint32_t timestamp = 0;
  std::uint32_t ssrc = 0;
};

// Writes the 12 fixed bytes; false if they do not fit.
bool write_rtp_header(ByteWriter& out, const RtpHeader& header) noexcept;

}  // namespace tandem
