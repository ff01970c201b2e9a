// What every packet's cipher starts from: salt, SSRC and 48-bit index, mixed as each profile wants it.
#pragma once

#include <array>
#include <cstdint>

#include "srtp_cipher.hpp"

namespace tandem {

inline constexpr std::size_t kGcmNonceBytes = 12;
inline constexpr std::size_t kGcmTagBytes = 16;
inline constexpr std::size_t kCounterBlockBytes = 16;
inline constexpr std::size_t kCounterSaltBytes = 14;
inline constexpr std::size_t kSha1DigestBytes = 20;

using GcmNonce = std::array<std::uint8_t, kGcmNonceBytes>;
using CounterBlock = std::array<std::uint8_t, kCounterBlockBytes>;

namespace detail {

// Exclusive-or of SSRC and, right behind it, the index, big-endian both.
template <std::size_t Offset, std::size_t Size>
constexpr void mix_identity(std::array<std::uint8_t, Size>& bytes, const PacketIdentity& identity) noexcept {
  constexpr std::size_t kSsrcBytes = 4;
  constexpr std::size_t kIndexBytes = 6;
  static_assert(Offset + kSsrcBytes + kIndexBytes <= Size);
  for (std::size_t i = 0; i < kSsrcBytes; ++i) {
    bytes[Offset + i] ^= static_cast<std::uint8_t>(identity.ssrc >> (8 * (kSsrcBytes - 1 - i)));
  }
  for (std::size_t i = 0; i < kIndexBytes; ++i) {
    bytes[Offset + kSsrcBytes + i] ^=
        static_cast<std::uint8_t>(identity.index >> (8 * (kIndexBytes - 1 - i)));
  }
}

}  // namespace detail

// RFC 7714 8.1, 9.1: two zero bytes, SSRC, index; exclusive-or with the salt.
[[nodiscard]] constexpr GcmNonce gcm_nonce(GcmNonce salt, const PacketIdentity& identity) noexcept {
  detail::mix_identity<2>(salt, identity);
  return salt;
}

// RFC 3711 4.1.1: (salt * 2^16) XOR (SSRC * 2^64) XOR (index * 2^16), the last 16 bits count blocks. `salt`
// is multiplied already: 14 bytes and two zeros.
[[nodiscard]] constexpr CounterBlock first_counter_block(CounterBlock salt,
                                                         const PacketIdentity& identity) noexcept {
  detail::mix_identity<4>(salt, identity);
  return salt;
}

// RFC 3711 4.2: RTP authenticates the roll-over counter behind the packet, which does not carry it.
[[nodiscard]] constexpr std::array<std::uint8_t, 4> roll_over_counter_bytes(std::uint64_t index) noexcept {
  const auto counter = static_cast<std::uint32_t>(index >> 16U);
  return {static_cast<std::uint8_t>(counter >> 24U), static_cast<std::uint8_t>(counter >> 16U),
          static_cast<std::uint8_t>(counter >> 8U), static_cast<std::uint8_t>(counter)};
}

}  // namespace tandem
