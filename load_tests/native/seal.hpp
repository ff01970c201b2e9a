// SRTP and SRTCP with AEAD_AES_128_GCM (RFC 7714), written apart from the product's own so that each checks
// the other.
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
inline constexpr std::size_t kSaltBytes = 12;
inline constexpr std::size_t kTagBytes = 16;

// Session key and salt, already derived from the master key (load_tests/keys.py).
struct SessionKey {
  std::array<std::uint8_t, kKeyBytes> key{};
  std::array<std::uint8_t, kSaltBytes> salt{};
};

// One direction of one stream class. The caller keeps roll-over counters and SRTCP indexes.
class Gcm {
 public:
  Gcm(const SessionKey& key, bool encrypts);

  // Encrypts packet[header_bytes:] in place and appends the tag.
  void seal_rtp(std::vector<std::uint8_t>& packet, std::size_t header_bytes, std::uint32_t rollover_counter);

  // Decrypts in place; the plain payload's size, or -1 if the packet is not authentic.
  int open_rtp(std::span<std::uint8_t> packet, std::size_t header_bytes, std::uint32_t rollover_counter);

  // Encrypts all behind the first 8 bytes, appends tag and index with the E bit.
  void seal_rtcp(std::vector<std::uint8_t>& packet, std::uint32_t index);

  // Decrypts in place; the size of the plain compound packet, or -1.
  int open_rtcp(std::span<std::uint8_t> packet);

 private:
  using Nonce = std::array<std::uint8_t, kSaltBytes>;
  [[nodiscard]] Nonce rtp_nonce(Bytes packet, std::uint32_t rollover_counter) const;
  [[nodiscard]] Nonce rtcp_nonce(Bytes packet, std::uint32_t index) const;
  void encrypt(const Nonce& nonce, Bytes associated, std::span<std::uint8_t> text, std::uint8_t* tag);
  bool decrypt(const Nonce& nonce, Bytes associated, Bytes more, std::span<std::uint8_t> text,
               std::uint8_t* tag);

  std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context_;
  std::array<std::uint8_t, kSaltBytes> salt_;
};

}  // namespace light
