// What every packet's cipher starts from: salt, SSRC and 48-bit index, mixed as each profile wants it.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

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

// Exclusive-or of big-endian numbers into whole words of `bytes`: what is written in words, a cipher can read
// in words without waiting for the stores.
template <typename Word, std::size_t Size>
void mix_word(std::array<std::uint8_t, Size>& bytes, std::size_t offset, Word value) noexcept {
  static_assert(std::endian::native == std::endian::little);
  Word word = 0;
  std::memcpy(&word, bytes.data() + offset, sizeof word);
  if constexpr (sizeof(Word) == sizeof(std::uint64_t)) {
    word ^= __builtin_bswap64(value);
  } else {
    word ^= __builtin_bswap32(value);
  }
  std::memcpy(bytes.data() + offset, &word, sizeof word);
}

}  // namespace detail

// RFC 7714 8.1, 9.1: two zero bytes, SSRC, index; exclusive-or with the salt.
[[nodiscard]] inline GcmNonce gcm_nonce(GcmNonce salt, const PacketIdentity& identity) noexcept {
  detail::mix_word(salt, 0, (std::uint64_t{identity.ssrc} << 16U) | (identity.index >> 32U));
  detail::mix_word(salt, sizeof(std::uint64_t), static_cast<std::uint32_t>(identity.index));
  return salt;
}

// RFC 3711 4.1.1: (salt * 2^16) XOR (SSRC * 2^64) XOR (index * 2^16), the last 16 bits count blocks. `salt`
// is multiplied already: 14 bytes and two zeros.
[[nodiscard]] inline CounterBlock first_counter_block(CounterBlock salt,
                                                      const PacketIdentity& identity) noexcept {
  detail::mix_word(salt, 0, std::uint64_t{identity.ssrc});
  detail::mix_word(salt, sizeof(std::uint64_t), identity.index << 16U);
  return salt;
}

// RFC 3711 4.2: RTP authenticates the roll-over counter behind the packet, which does not carry it.
[[nodiscard]] constexpr std::array<std::uint8_t, 4> roll_over_counter_bytes(std::uint64_t index) noexcept {
  const auto counter = static_cast<std::uint32_t>(index >> 16U);
  return {static_cast<std::uint8_t>(counter >> 24U), static_cast<std::uint8_t>(counter >> 16U),
          static_cast<std::uint8_t>(counter >> 8U), static_cast<std::uint8_t>(counter)};
}

}  // namespace tandem
