// Who encrypts: ipsec-mb where the CPU and the library are there, OpenSSL elsewhere. Chosen once, when a
// worker starts. A backend, its ciphers and its batch belong to one thread.
#pragma once

#include <memory>
#include <string>

#include "seal_batch.hpp"
#include "srtp_cipher.hpp"

namespace tandem {

class CryptoBackend {
 public:
  CryptoBackend() = default;
  CryptoBackend(const CryptoBackend&) = delete;
  CryptoBackend& operator=(const CryptoBackend&) = delete;
  virtual ~CryptoBackend() = default;

  // For people: "ipsec-mb 1.3 (AVX512)", "OpenSSL 3.0.17".
  [[nodiscard]] virtual std::string name() const = 0;
  // Null if the library refuses.
  [[nodiscard]] virtual std::unique_ptr<PacketCipher> make_cipher(SrtpProfile profile,
                                                                  const SessionKeys& keys, KeyUse use,
                                                                  Direction direction) = 0;
  // For the ciphers of this backend. Null: it leaves no tag open.
  [[nodiscard]] virtual std::unique_ptr<SealBatch> make_seal_batch() { return nullptr; }
};

[[nodiscard]] std::unique_ptr<CryptoBackend> open_openssl_backend();
// Null where it cannot be used; `reason` then says why, and what to install.
[[nodiscard]] std::unique_ptr<CryptoBackend> open_ipsec_mb_backend(std::string& reason);
// Neither hides nor protects: copies payloads and writes a constant tag, so that tests and benchmarks see
// everything but cryptography. No configuration leads here.
[[nodiscard]] std::unique_ptr<CryptoBackend> open_identity_backend();

struct CryptoChoice {
  std::unique_ptr<CryptoBackend> backend;
  std::string advice;  // why it is not the faster one; empty if it is
};
[[nodiscard]] CryptoChoice choose_crypto_backend();

}  // namespace tandem
