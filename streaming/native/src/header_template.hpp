// The header of a forwarded packet as every subscriber with the same extension ids gets it, written once.
//
// Subscribers of a lesson are browsers of few kinds: nearly all negotiate the same ids. What differs between
// them (payload type, numbers, SSRC, transport-cc number, send time) is written over the template's bytes.
// Invariant: `write` gives the bytes that write_forwarded_header gives for the same values.
#pragma once

#include <array>
#include <cstdint>

#include "rtp_extension.hpp"

namespace tandem {

class Transport;

// All that the shape of an outgoing header depends on at one side: the ids by kind, and in place 0, which is
// no kind's, whether the two-byte form is allowed. Two words, so that to compare costs nothing.
struct ExtensionKey {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  bool operator==(const ExtensionKey&) const = default;
};
static_assert(sizeof(ExtensionKey) == kExtensionKinds);

class HeaderTemplate {
 public:
  static constexpr std::size_t kMaxBytes = 60;

  // Without mid; a header of more than kMaxBytes fits nobody.
  void build(const RtpView& packet, const Transport& publisher, const Transport& subscriber) noexcept;
  [[nodiscard]] bool fits(const Transport& publisher, const Transport& subscriber) const noexcept;
  [[nodiscard]] std::size_t length() const noexcept { return length_; }
  // Returns the header's length in bytes; 0 if `out` has less than kMaxBytes, of which what is behind the
  // header is overwritten too. The numbers go where they were negotiated.
  [[nodiscard]] std::size_t write(const RtpHeader& header, std::uint16_t transport_cc,
                                  std::uint32_t abs_send_time, MutableBytes out) const noexcept;

 private:
  ExtensionKey ingress_{};
  ExtensionKey egress_{};
  std::uint8_t length_ = 0;
  std::uint8_t transport_cc_offset_ = 0;  // 0: not there
  std::uint8_t abs_send_time_offset_ = 0;
  std::array<std::uint8_t, kMaxBytes> bytes_{};
};

}  // namespace tandem
