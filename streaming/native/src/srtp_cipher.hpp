// The cipher under SRTP: one packet at a time, keys expanded once. `srtp.hpp` frames packets and guards
// indices; `crypto_backend.hpp` makes ciphers.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "cursor.hpp"
#include "packet_memory.hpp"

namespace tandem {

// The numbers are those of DTLS-SRTP (RFC 5764 4.1.2, RFC 7714 14.2).
enum class SrtpProfile : std::uint16_t {
  AesCm128HmacSha1_80 = 0x0001,
  AeadAes128Gcm = 0x0007,
  AeadAes256Gcm = 0x0008,
};

struct SrtpProfileSizes {
  std::size_t key_bytes = 0;
  std::size_t salt_bytes = 0;
  std::size_t tag_bytes = 0;
  std::size_t auth_key_bytes = 0;
};
[[nodiscard]] constexpr SrtpProfileSizes srtp_sizes(SrtpProfile profile) noexcept {
  switch (profile) {
    case SrtpProfile::AesCm128HmacSha1_80:
      return {.key_bytes = 16, .salt_bytes = 14, .tag_bytes = 10, .auth_key_bytes = 20};
    case SrtpProfile::AeadAes128Gcm:
      return {.key_bytes = 16, .salt_bytes = 12, .tag_bytes = 16, .auth_key_bytes = 0};
    case SrtpProfile::AeadAes256Gcm:
      return {.key_bytes = 32, .salt_bytes = 12, .tag_bytes = 16, .auth_key_bytes = 0};
  }
  return {};
}

inline constexpr std::size_t kMaxTagBytes = 16;
// A packet grows by at most a tag, and SRTCP by its index.
inline constexpr std::size_t kMaxSrtpGrowthBytes = kMaxTagBytes + 4;

// What a master key expands to (RFC 3711 4.3, key derivation rate 0), for RTP or for RTCP. Wiped when it
// dies.
struct SessionKeys {
  std::array<std::uint8_t, 32> cipher_key{};
  std::array<std::uint8_t, 14> salt{};
  std::array<std::uint8_t, 20> auth_key{};
  SessionKeys() = default;
  SessionKeys(const SessionKeys&) = delete;
  SessionKeys& operator=(const SessionKeys&) = delete;
  ~SessionKeys();
};

enum class KeyUse : std::uint8_t { Rtp, Rtcp };

// False if the sizes do not match the profile or the library refuses.
[[nodiscard]] bool derive_session_keys(SrtpProfile profile, Bytes master_key, Bytes master_salt, KeyUse use,
                                       SessionKeys& keys) noexcept;

// What identifies a packet to the cipher.
struct PacketIdentity {
  std::uint32_t ssrc = 0;
  std::uint64_t index = 0;  // RTP: roll-over counter << 16 | sequence number; RTCP: the 31-bit SRTCP index
  Bytes header{};           // authenticated, in clear
  Bytes
      trailer{};  // authenticated behind the body (HMAC) or behind the header (AEAD): SRTCP's E bit and index
};

// Which way a cipher is keyed; an object does one of them.
enum class Direction : std::uint8_t { Seal, Open };

class SealBatch;

class PacketCipher : public InPacketMemory {
 public:
  PacketCipher() = default;
  PacketCipher(const PacketCipher&) = delete;
  PacketCipher& operator=(const PacketCipher&) = delete;
  virtual ~PacketCipher() = default;

  // How much, from the object's start, is read for each packet; 0: little, or elsewhere.
  [[nodiscard]] virtual std::size_t state_bytes() const noexcept { return 0; }

  // Encrypts `parts` one behind the other into `body` (exactly their sum) and writes `tag` (exactly the tag's
  // size). With a batch (of this cipher's backend) the tag may be left to it, if header, body and tag lie one
  // behind the other.
  [[nodiscard]] virtual bool seal(const PacketIdentity& identity, std::span<const Bytes> parts,
                                  MutableBytes body, MutableBytes tag, SealBatch* batch) noexcept = 0;
  // Authenticates and decrypts `body` into `out` of the same size (which may be the same memory). On failure
  // `out` holds nothing to be used.
  [[nodiscard]] virtual bool open(const PacketIdentity& identity, Bytes body, Bytes tag,
                                  MutableBytes out) noexcept = 0;
};

}  // namespace tandem
