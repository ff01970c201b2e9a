// Every SRTP profile under every backend that can be had here, for tests that hold for all of them.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "crypto_backend.hpp"

namespace tandem::testing {

struct Suite {
  CryptoBackend* crypto = nullptr;
  SrtpProfile profile = SrtpProfile::AeadAes128Gcm;
};

inline CryptoBackend& openssl() {
  static const std::unique_ptr<CryptoBackend> kBackend = open_openssl_backend();
  return *kBackend;
}
inline CryptoBackend& identity() {
  static const std::unique_ptr<CryptoBackend> kBackend = open_identity_backend();
  return *kBackend;
}
// Null where it cannot be used.
inline CryptoBackend* ipsec_mb() {
  static std::string reason;
  static const std::unique_ptr<CryptoBackend> kBackend = open_ipsec_mb_backend(reason);
  return kBackend.get();
}

inline std::vector<CryptoBackend*> real_backends() {
  std::vector<CryptoBackend*> backends{&openssl()};
  if (ipsec_mb() != nullptr) {
    backends.push_back(ipsec_mb());
  }
  return backends;
}

inline constexpr std::array<SrtpProfile, 3> kProfiles{SrtpProfile::AesCm128HmacSha1_80,
                                                      SrtpProfile::AeadAes128Gcm, SrtpProfile::AeadAes256Gcm};

inline std::vector<Suite> suites_of(const std::vector<CryptoBackend*>& backends) {
  std::vector<Suite> suites;
  for (CryptoBackend* backend : backends) {
    for (const SrtpProfile profile : kProfiles) {
      suites.push_back({.crypto = backend, .profile = profile});
    }
  }
  return suites;
}
inline std::vector<Suite> real_suites() {
  return suites_of(real_backends());
}
inline std::vector<Suite> all_suites() {
  auto backends = real_backends();
  backends.push_back(&identity());
  return suites_of(backends);
}

}  // namespace tandem::testing
