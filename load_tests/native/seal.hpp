// SRTP and SRTCP with AEAD_AES_128_GCM (RFC 7714) and AES128_CM_HMAC_SHA1_80 (RFC 3711), written apart from
// the product's own so that each checks the other.
#pragma once

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "wire.hpp"

namespace light {

inline constexpr std::size_t kKeyBytes = 16;
inline constexpr std::size_t kGcmSaltBytes = 12;
inline constexpr std::size_t kCmSaltBytes = 14;
inline constexpr std::size_t kCmAuthBytes = 20;
inline constexpr std::size_t kCmTagBytes = 10;
inline constexpr std::size_t kGcmTagBytes = 16;

// Session key, salt and (AES-CM alone) authentication key, back to back, already derived from the master key
// (load_tests/keys.py). Its length tells the profile; empty: plain RTP.
using SessionKey = std::vector<std::uint8_t>;

// One direction of one stream class. The caller keeps roll-over counters and SRTCP indexes.
class Seal {
 public:
  Seal() = default;
  Seal(const Seal&) = delete;
  Seal& operator=(const Seal&) = delete;
  Seal(Seal&&) = delete;
  Seal& operator=(Seal&&) = delete;
  virtual ~Seal() = default;

  // Encrypts packet[header_bytes:] in place and appends the tag.
  virtual void seal_rtp(std::vector<std::uint8_t>& packet, std::size_t header_bytes,
                        std::uint32_t rollover_counter) = 0;

  // Decrypts in place; the plain payload's size, or -1 if the packet is not authentic.
  virtual int open_rtp(std::span<std::uint8_t> packet, std::size_t header_bytes,
                       std::uint32_t rollover_counter) = 0;

  // Encrypts all behind the first 8 bytes, appends index with the E bit and tag in the profile's order.
  virtual void seal_rtcp(std::vector<std::uint8_t>& packet, std::uint32_t index) = 0;

  // Decrypts in place; the size of the plain compound packet, or -1.
  virtual int open_rtcp(std::span<std::uint8_t> packet) = 0;
};

// Throws std::runtime_error for a key whose length is of no profile.
[[nodiscard]] std::unique_ptr<Seal> make_seal(const SessionKey& key, bool encrypts);

}  // namespace light
