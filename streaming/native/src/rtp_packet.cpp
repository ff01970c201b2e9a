#include "rtp_packet.hpp"

namespace tandem {

namespace {

constexpr std::uint8_t kVersion = 2;
constexpr std::size_t kWordBytes = 4;

// Reads everything up to the payload; the reader stands at the payload afterwards.
bool read_header(ByteReader& reader, RtpView& view, bool& has_padding) noexcept {
  const std::uint8_t first = reader.u8();
  const std::uint8_t second = reader.u8();
  view.version = first >> 6U;
  has_padding = (first & 0x20U) != 0;
  view.has_extension = (first & 0x10U) != 0;
  view.csrc_count = first & 0x0FU;
  view.marker = (second & 0x80U) != 0;
  view.payload_type = second & 0x7FU;
  view.sequence_number = reader.u16();
  view.timestamp = reader.u32();
  view.ssrc = reader.u32();
  reader.skip(view.csrc_count * kWordBytes);
  if (view.has_extension) {
    view.extension_profile = reader.u16();
    const std::size_t extension_words = reader.u16();
    view.extension = reader.take(extension_words * kWordBytes);
  }
  view.header_bytes = reader.position();
  return reader.ok() && view.version == kVersion;
}

}  // namespace

std::optional<std::size_t> rtp_header_bytes(Bytes packet) noexcept {
  ByteReader reader(packet);
  RtpView view;
  bool has_padding = false;
  if (!read_header(reader, view, has_padding)) {
    return std::nullopt;
  }
  return view.header_bytes;
}

std::optional<RtpView> parse_rtp(Bytes packet) noexcept {
  ByteReader reader(packet);
  RtpView view;
  bool has_padding = false;
  if (!read_header(reader, view, has_padding)) {
    return std::nullopt;
  }
  view.payload = reader.rest();
  if (has_padding) {
    // RFC 3550 5.1: the last octet of the padding counts itself, so zero is as wrong as more than there is.
    if (view.payload.empty() || view.payload.back() == 0 || view.payload.back() > view.payload.size()) {
      return std::nullopt;
    }
    view.padding_bytes = view.payload.back();
    view.payload = view.payload.first(view.payload.size() - view.padding_bytes);
  }
  return view;
}

bool write_rtp_header(ByteWriter& out, const RtpHeader& header) noexcept {
  const unsigned first =
      (unsigned{kVersion} << 6U) | (header.has_padding ? 0x20U : 0U) | (header.has_extension ? 0x10U : 0U);
  const unsigned second = (header.marker ? 0x80U : 0U) | (header.payload_type & 0x7FU);
  out.u8(static_cast<std::uint8_t>(first));
  out.u8(static_cast<std::uint8_t>(second));
  out.u16(header.sequence_number);
  out.u32(header.timestamp);
  return out.u32(header.ssrc);
}

}  // namespace tandem
