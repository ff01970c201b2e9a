#include "rtp_extension.hpp"

#include <algorithm>

namespace tandem {

namespace {

constexpr std::uint16_t kTwoByteProfile = 0x1000;
constexpr std::uint16_t kTwoByteProfileMask = 0xFFF0;  // the low bits are "appbits" (RFC 8285 4.3)
constexpr std::uint8_t kMaxOneByteId = 14;
constexpr std::uint8_t kOneByteStopId = 15;
constexpr std::size_t kMaxOneByteLength = 16;
constexpr std::size_t kMaxTwoByteLength = 255;
constexpr std::size_t kWordBytes = 4;
constexpr std::size_t kBlockHeaderBytes = 4;

constexpr std::array<std::string_view, kExtensionKinds> kUris{
    "",
    "urn:ietf:params:rtp-hdrext:sdes:mid",
    "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
    "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
    "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension",
    "urn:3gpp:video-orientation",
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time",
    "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
    "urn:ietf:params:rtp-hdrext:toffset",
    "http://www.webrtc.org/experiments/rtp-hdrext/video-content-type",
    "http://www.webrtc.org/experiments/rtp-hdrext/video-timing",
    "http://www.webrtc.org/experiments/rtp-hdrext/color-space",
    "http://www.webrtc.org/experiments/rtp-hdrext/video-layers-allocation00",
};

constexpr bool is_two_byte_profile(std::uint16_t profile) noexcept {
  return (profile & kTwoByteProfileMask) == kTwoByteProfile;
}

// These belong to one hop, or mean nothing beside other numbers: the publisher's never reach a subscriber.
constexpr bool is_hop_by_hop(ExtensionKind kind) noexcept {
  switch (kind) {
    case ExtensionKind::None:
    case ExtensionKind::Mid:
    case ExtensionKind::Rid:
    case ExtensionKind::RepairedRid:
    case ExtensionKind::AbsSendTime:
    case ExtensionKind::TransportCc:
    case ExtensionKind::DependencyDescriptor:
      return true;
    default:
      return false;
  }
}

// The outgoing elements, at most one of each kind, under the subscriber's ids.
class OutgoingElements {
 public:
  void add(std::uint8_t id, Bytes value) noexcept {
    if (id != 0 && count_ < elements_.size()) {
      elements_[count_++] = {id, value};
    }
  }

  [[nodiscard]] bool has(std::uint8_t id) const noexcept {
    return std::any_of(elements_.begin(), elements_.begin() + count_,
                       [id](const ExtensionElement& element) { return element.id == id; });
  }

  [[nodiscard]] std::span<const ExtensionElement> view() const noexcept {
    return std::span(elements_).first(count_);
  }

 private:
  std::array<ExtensionElement, kExtensionKinds> elements_{};
  std::uint8_t count_ = 0;
};

constexpr bool fits_one_byte(const ExtensionElement& element) noexcept {
  return element.id <= kMaxOneByteId && !element.value.empty() && element.value.size() <= kMaxOneByteLength;
}

constexpr bool fits_two_byte(const ExtensionElement& element) noexcept {
  return element.value.size() <= kMaxTwoByteLength;
}

ExtensionRewrite write_block(std::span<const ExtensionElement> elements, bool allow_two_byte,
                             ByteWriter& out) noexcept {
  ExtensionRewrite result;
  const bool two_byte = allow_two_byte && !std::all_of(elements.begin(), elements.end(), fits_one_byte);
  const auto fits = two_byte ? fits_two_byte : fits_one_byte;
  const std::size_t start = out.position();
  for (const ExtensionElement& element : elements) {
    if (!fits(element)) {
      ++result.dropped;
      continue;
    }
    if (!result.has_block) {
      out.u16(two_byte ? kTwoByteProfile : kOneByteExtensionProfile);
      out.u16(0);  // the length, known at the end
      result.has_block = true;
    }
    if (two_byte) {
      out.u8(element.id);
      out.u8(static_cast<std::uint8_t>(element.value.size()));
    } else {
      out.u8(static_cast<std::uint8_t>((unsigned{element.id} << 4U) | (element.value.size() - 1)));
    }
    out.bytes(element.value);
  }
  if (result.has_block) {
    const std::size_t length = out.position() - start - kBlockHeaderBytes;
    const std::size_t words = (length + kWordBytes - 1) / kWordBytes;
    out.zeros((words * kWordBytes) - length);
    out.patch_u16(start + 2, static_cast<std::uint16_t>(words));
  }
  result.ok = out.ok();
  return result;
}

}  // namespace

std::string_view extension_uri(ExtensionKind kind) noexcept {
  return kUris.at(static_cast<std::size_t>(kind));
}

ExtensionKind extension_kind(std::string_view uri) noexcept {
  const auto* const found = std::find(kUris.begin() + 1, kUris.end(), uri);
  return found == kUris.end() ? ExtensionKind::None : static_cast<ExtensionKind>(found - kUris.begin());
}

bool ExtensionMap::add(std::uint8_t id, ExtensionKind kind) noexcept {
  const auto index = static_cast<std::size_t>(kind);
  if (id == 0 || kind == ExtensionKind::None || index >= ids_.size()) {
    return false;
  }
  if (kinds_[id] != ExtensionKind::None || ids_[index] != 0) {
    return kinds_[id] == kind;
  }
  kinds_[id] = kind;
  ids_[index] = id;
  return true;
}

ExtensionIterator::ExtensionIterator(std::uint16_t profile, Bytes block) noexcept
    : reader_(block),
      two_byte_(is_two_byte_profile(profile)),
      known_(two_byte_ || profile == kOneByteExtensionProfile) {}

bool ExtensionIterator::next(ExtensionElement& element) noexcept {
  while (known_ && reader_.remaining() != 0) {
    const std::uint8_t first = reader_.u8();
    if (first == 0) {
      continue;  // padding
    }
    std::size_t length = 0;
    if (two_byte_) {
      element.id = first;
      length = reader_.u8();
    } else {
      element.id = first >> 4U;
      length = (first & 0x0FU) + std::size_t{1};
      if (element.id == 0 || element.id == kOneByteStopId) {
        known_ = false;
        return false;
      }
    }
    element.value = reader_.take(length);
    malformed_ = !reader_.ok();
    return !malformed_;
  }
  return false;
}

std::optional<Bytes> find_extension(const RtpView& packet, const ExtensionMap& map,
                                    ExtensionKind kind) noexcept {
  const std::uint8_t id = map.id(kind);
  if (id == 0) {
    return std::nullopt;
  }
  ExtensionIterator iterator(packet);
  ExtensionElement element;
  while (iterator.next(element)) {
    if (element.id == id) {
      return element.value;
    }
  }
  return std::nullopt;
}

std::optional<AudioLevel> read_audio_level(Bytes value) noexcept {
  if (value.empty()) {
    return std::nullopt;
  }
  return AudioLevel{.is_voice = (value[0] & 0x80U) != 0,
                    .level = static_cast<std::uint8_t>(value[0] & 0x7FU)};
}

std::optional<std::uint16_t> read_transport_cc(Bytes value) noexcept {
  ByteReader reader(value);
  const std::uint16_t sequence_number = reader.u16();
  return reader.ok() ? std::optional(sequence_number) : std::nullopt;
}

ExtensionRewrite rewrite_extensions(const RtpView& packet, const ExtensionMap& ingress,
                                    const ExtensionMap& egress, const ExtensionOverrides& overrides,
                                    bool allow_two_byte, ByteWriter& out) noexcept {
  OutgoingElements elements;
  std::array<std::uint8_t, 2> transport_cc{};
  std::array<std::uint8_t, 3> send_time{};
  if (!overrides.mid.empty()) {
    elements.add(egress.id(ExtensionKind::Mid), as_octets(overrides.mid));
  }
  if (!overrides.rid.empty()) {
    elements.add(egress.id(ExtensionKind::Rid), as_octets(overrides.rid));
  }
  if (overrides.transport_cc) {
    ByteWriter(transport_cc).u16(*overrides.transport_cc);
    elements.add(egress.id(ExtensionKind::TransportCc), transport_cc);
  }
  if (overrides.abs_send_time) {
    ByteWriter(send_time).u24(*overrides.abs_send_time);
    elements.add(egress.id(ExtensionKind::AbsSendTime), send_time);
  }
  if (!overrides.dependency_descriptor.empty()) {
    elements.add(egress.id(ExtensionKind::DependencyDescriptor), overrides.dependency_descriptor);
  }
  ExtensionIterator iterator(packet);
  ExtensionElement element;
  while (iterator.next(element)) {
    const ExtensionKind kind = ingress.kind(element.id);
    if (is_hop_by_hop(kind)) {
      continue;
    }
    const std::uint8_t id = egress.id(kind);
    if (!elements.has(id)) {
      elements.add(id, element.value);
    }
  }
  return write_block(elements.view(), allow_two_byte, out);
}

std::size_t write_forwarded_header(const RtpView& packet, const RtpHeader& header,
                                   const ExtensionMap& ingress, const ExtensionMap& egress,
                                   const ExtensionOverrides& overrides, bool allow_two_byte,
                                   MutableBytes out) noexcept {
  constexpr std::uint8_t kExtensionBit = 0x10;
  RtpHeader fixed = header;
  fixed.has_extension = false;
  ByteWriter writer(out);
  write_rtp_header(writer, fixed);
  const ExtensionRewrite block =
      rewrite_extensions(packet, ingress, egress, overrides, allow_two_byte, writer);
  if (!block.ok) {
    return 0;
  }
  if (block.has_block) {
    out[0] |= kExtensionBit;
  }
  return writer.position();
}

}  // namespace tandem
