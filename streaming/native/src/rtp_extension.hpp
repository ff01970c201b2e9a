// RTP header extensions (RFC 8285): iteration, and translation from a publisher's ids to a subscriber's.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "cursor.hpp"
#include "rtp_packet.hpp"

namespace tandem {

// The numbers are those of the extension module's `extensions` (Mid is 1).
enum class ExtensionKind : std::uint8_t {
  None,  // an id that was not negotiated
  Mid,
  Rid,
  RepairedRid,
  AudioLevel,
  AbsSendTime,
  TransportCc,
  DependencyDescriptor,
  VideoOrientation,
  AbsCaptureTime,
  PlayoutDelay,
  TransmissionOffset,
  VideoContentType,
  VideoTiming,
  ColorSpace,
  VideoLayersAllocation,
};
inline constexpr std::size_t kExtensionKinds = 16;

// The URI of a kind as SDP's a=extmap carries it (empty for None), and back (None for a URI that is not
// known).
[[nodiscard]] std::string_view extension_uri(ExtensionKind kind) noexcept;
[[nodiscard]] ExtensionKind extension_kind(std::string_view uri) noexcept;

// The ids that one side negotiated. Ids 1-14 fit both forms, 15-255 only the two-byte form.
class ExtensionMap {
 public:
  // False (and no change) for id 0, kind None, or an id or kind that is taken by another.
  bool add(std::uint8_t id, ExtensionKind kind) noexcept;
  [[nodiscard]] ExtensionKind kind(std::uint8_t id) const noexcept { return kinds_[id]; }
  // 0 when the kind was not negotiated.
  [[nodiscard]] std::uint8_t id(ExtensionKind kind) const noexcept {
    return ids_[static_cast<std::size_t>(kind)];
  }
  [[nodiscard]] bool has(ExtensionKind kind) const noexcept { return id(kind) != 0; }
  // By kind; place 0 is no kind's.
  [[nodiscard]] const std::array<std::uint8_t, kExtensionKinds>& ids() const noexcept { return ids_; }

 private:
  std::array<ExtensionKind, 256> kinds_{};
  std::array<std::uint8_t, kExtensionKinds> ids_{};
};

struct ExtensionElement {
  std::uint8_t id = 0;
  Bytes value{};
};

// Walks the elements of an extension block in either form. Padding is skipped; id 15 of the one-byte form
// ends the walk (RFC 8285 4.2), and so does an element that would run out of the block (`is_malformed` then).
class ExtensionIterator {
 public:
  ExtensionIterator(std::uint16_t profile, Bytes block) noexcept;
  explicit ExtensionIterator(const RtpView& packet) noexcept
      : ExtensionIterator(packet.extension_profile, packet.extension) {}
  [[nodiscard]] bool next(ExtensionElement& element) noexcept;
  [[nodiscard]] bool is_malformed() const noexcept { return malformed_; }

 private:
  ByteReader reader_;
  bool two_byte_;
  bool known_;
  bool malformed_ = false;
};

// The first element of that kind, if the packet carries one.
[[nodiscard]] std::optional<Bytes> find_extension(const RtpView& packet, const ExtensionMap& map,
                                                  ExtensionKind kind) noexcept;

// Typed reading of the elements that the data plane itself understands.
struct AudioLevel {
  bool is_voice = false;
  std::uint8_t level = 127;  // -dBov: 0 is loudest, 127 is silence (RFC 6464)
};
[[nodiscard]] std::optional<AudioLevel> read_audio_level(Bytes value) noexcept;
[[nodiscard]] std::optional<std::uint16_t> read_transport_cc(Bytes value) noexcept;
// 24-bit fixed point seconds, 6.18 (abs-send-time).
[[nodiscard]] constexpr std::uint32_t abs_send_time(std::uint64_t now_ns) noexcept {
  constexpr std::uint64_t kNsPerSecond = 1'000'000'000;
  const std::uint64_t seconds = (now_ns / kNsPerSecond) & 0x3FU;
  const std::uint64_t fraction = ((now_ns % kNsPerSecond) << 18U) / kNsPerSecond;
  return static_cast<std::uint32_t>((seconds << 18U) | fraction);
}

// What a subscriber's packet carries instead of (or beside) the publisher's elements.
struct ExtensionOverrides {
  std::string_view mid{};  // empty: no mid
  std::string_view rid{};  // empty: no rid (subscribers get none as a rule)
  std::optional<std::uint16_t> transport_cc{};
  std::optional<std::uint32_t> abs_send_time{};
  Bytes dependency_descriptor{};  // empty: none
};

struct ExtensionRewrite {
  bool ok = false;           // false: `out` overflowed; nothing useful was written
  bool has_block = false;    // whether a block was written: the fixed header's X bit
  std::uint8_t dropped = 0;  // elements left out because they fit no permitted form
};

// Writes the extension block (profile, length, elements, padding to a word) for one subscriber. Kinds that
// the subscriber has not negotiated are dropped; Mid, Rid, RepairedRid, TransportCc, AbsSendTime and the
// dependency descriptor of the publisher never pass, they come from `overrides` alone. The one-byte form is
// taken if every element fits it; else the two-byte form if `allow_two_byte` (a=extmap-allow-mixed); else the
// elements that do not fit are dropped.
ExtensionRewrite rewrite_extensions(const RtpView& packet, const ExtensionMap& ingress,
                                    const ExtensionMap& egress, const ExtensionOverrides& overrides,
                                    bool allow_two_byte, ByteWriter& out) noexcept;

// Fixed header and rewritten block in one: the whole header of a forwarded packet. `header.has_extension` is
// ignored. Returns its length in bytes, 0 if it does not fit.
std::size_t write_forwarded_header(const RtpView& packet, const RtpHeader& header,
                                   const ExtensionMap& ingress, const ExtensionMap& egress,
                                   const ExtensionOverrides& overrides, bool allow_two_byte,
                                   MutableBytes out) noexcept;

}  // namespace tandem
