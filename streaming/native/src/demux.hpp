// What a datagram on the media port is, by its first bytes (RFC 7983 section 7, RFC 5761 section 4).
#pragma once

#include <cstdint>

#include "cursor.hpp"

namespace tandem {

enum class DatagramKind : std::uint8_t { Stun, Zrtp, Dtls, TurnChannel, Rtp, Rtcp, Unknown };

// First byte 0-3: STUN, 16-19: ZRTP, 20-63: DTLS, 64-79: TURN channel, 128-191: RTP or RTCP, where a second
// byte of 192-223 means RTCP. Anything too short for the fixed header of its protocol is Unknown.
[[nodiscard]] constexpr DatagramKind classify_datagram(Bytes datagram) noexcept {
  constexpr std::size_t kLeastStunBytes = 20;
  constexpr std::size_t kDtlsRecordHeaderBytes = 13;
  constexpr std::size_t kRtpHeaderBytes = 12;
  constexpr std::size_t kRtcpHeaderBytes = 8;
  if (datagram.size() < 2) {
    return DatagramKind::Unknown;
  }
  const auto at_least = [&](std::size_t bytes, DatagramKind kind) {
    return datagram.size() >= bytes ? kind : DatagramKind::Unknown;
  };
  const std::uint8_t first = datagram[0];
  const std::uint8_t second = datagram[1];
  if (first <= 3) {
    return at_least(kLeastStunBytes, DatagramKind::Stun);
  }
  if (first >= 16 && first <= 19) {
    return DatagramKind::Zrtp;
  }
  if (first >= 20 && first <= 63) {
    return at_least(kDtlsRecordHeaderBytes, DatagramKind::Dtls);
  }
  if (first >= 64 && first <= 79) {
    return DatagramKind::TurnChannel;
  }
  if (first >= 128 && first <= 191) {
    return second >= 192 && second <= 223 ? at_least(kRtcpHeaderBytes, DatagramKind::Rtcp)
                                          : at_least(kRtpHeaderBytes, DatagramKind::Rtp);
  }
  return DatagramKind::Unknown;
}

}  // namespace tandem
