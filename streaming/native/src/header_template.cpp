#include "header_template.hpp"

#include <cstring>
#include <optional>

#include "transport.hpp"

namespace tandem {

void HeaderTemplate::build(const RtpView& packet, const Transport& publisher,
                           const Transport& subscriber) noexcept {
  const TransportSpec& own = subscriber.spec();
  ingress_ = publisher.extension_key();
  egress_ = subscriber.extension_key();
  transport_cc_offset_ = 0;
  abs_send_time_offset_ = 0;
  ExtensionOverrides overrides;
  overrides.transport_cc = 0;
  overrides.abs_send_time = 0;
  length_ = static_cast<std::uint8_t>(write_forwarded_header(packet, RtpHeader{}, publisher.spec().extensions,
                                                             own.extensions, overrides,
                                                             own.extmap_allow_mixed, bytes_));
  const std::optional<RtpView> view = parse_rtp(Bytes(bytes_).first(length_));
  if (!view) {
    length_ = 0;
    return;
  }
  ExtensionIterator iterator(*view);
  ExtensionElement element;
  while (iterator.next(element)) {
    const auto offset = static_cast<std::uint8_t>(element.value.data() - bytes_.data());
    switch (own.extensions.kind(element.id)) {
      case ExtensionKind::TransportCc:
        transport_cc_offset_ = offset;
        break;
      case ExtensionKind::AbsSendTime:
        abs_send_time_offset_ = offset;
        break;
      default:
        break;
    }
  }
}

bool HeaderTemplate::fits(const Transport& publisher, const Transport& subscriber) const noexcept {
  return length_ != 0 && egress_ == subscriber.extension_key() && ingress_ == publisher.extension_key();
}

std::size_t HeaderTemplate::write(const RtpHeader& header, std::uint16_t transport_cc,
                                  std::uint32_t abs_send_time, MutableBytes out) const noexcept {
  if (out.size() < kMaxBytes) {
    return 0;
  }
  constexpr std::uint8_t kPaddingBit = 0x20;
  constexpr std::uint8_t kMarkerBit = 0x80;
  std::memcpy(out.data(), bytes_.data(), kMaxBytes);  // of a length that is known, it is a few moves
  out[0] = static_cast<std::uint8_t>(out[0] | (header.has_padding ? kPaddingBit : 0));
  out[1] = static_cast<std::uint8_t>((header.marker ? kMarkerBit : 0) | header.payload_type);
  ByteWriter fixed(out.subspan(2, kRtpFixedHeaderBytes - 2));
  fixed.u16(header.sequence_number);
  fixed.u32(header.timestamp);
  fixed.u32(header.ssrc);
  if (transport_cc_offset_ != 0) {
    ByteWriter(out.subspan(transport_cc_offset_)).u16(transport_cc);
  }
  if (abs_send_time_offset_ != 0) {
    ByteWriter(out.subspan(abs_send_time_offset_)).u24(abs_send_time);
  }
  return length_;
}

}  // namespace tandem
