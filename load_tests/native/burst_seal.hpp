// AEAD_AES_128_GCM, and with ipsec-mb AES128_CM_HMAC_SHA1_80, for the ceiling: out of place, from the
// plaintext that all receivers share.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "seal.hpp"

namespace light {

class BurstSeal {
 public:
  BurstSeal() = default;
  BurstSeal(const BurstSeal&) = delete;
  BurstSeal& operator=(const BurstSeal&) = delete;
  BurstSeal(BurstSeal&&) = delete;
  BurstSeal& operator=(BurstSeal&&) = delete;
  virtual ~BurstSeal() = default;

  // What a packet has behind its payload.
  [[nodiscard]] virtual std::size_t tag_bytes() const = 0;

  // `out` begins with the packet's header; ciphertext of `payload` and tag are written behind it. The tag may
  // wait for finish_burst.
  virtual void seal(std::span<std::uint8_t> out, std::size_t header_bytes, Bytes payload,
                    std::uint32_t rollover_counter) = 0;
};

// Writes the tags that wait, of many packets at a time.
void finish_burst();

// Throws std::runtime_error for AES-CM without ipsec-mb, and when ipsec-mb is wanted and this program was
// built without it.
[[nodiscard]] std::unique_ptr<BurstSeal> make_burst_seal(const SessionKey& key, bool uses_ipsec_mb);

}  // namespace light
