#include "srtp_cipher.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <memory>

namespace tandem {

namespace {

struct ContextFree {
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, ContextFree>;

const EVP_CIPHER* counter_mode(std::size_t key_bytes) noexcept {
  constexpr std::size_t kAes256KeyBytes = 32;
  return key_bytes == kAes256KeyBytes ? EVP_aes_256_ctr() : EVP_aes_128_ctr();
}

}  // namespace

SessionKeys::~SessionKeys() {
  OPENSSL_cleanse(cipher_key.data(), cipher_key.size());
  OPENSSL_cleanse(salt.data(), salt.size());
  OPENSSL_cleanse(auth_key.data(), auth_key.size());
}

bool derive_session_keys(SrtpProfile profile, Bytes master_key, Bytes master_salt, KeyUse use,
                         SessionKeys& keys) noexcept {
  const SrtpProfileSizes sizes = srtp_sizes(profile);
  if (master_key.size() != sizes.key_bytes || master_salt.size() != sizes.salt_bytes) {
    return false;
  }
  const Context context(EVP_CIPHER_CTX_new());
  if (context == nullptr || EVP_EncryptInit_ex(context.get(), counter_mode(master_key.size()), nullptr,
                                               master_key.data(), nullptr) != 1) {
    return false;
  }
  // RFC 3711 4.3.1: the key stream of AES counter mode at (salt XOR label * 2^48) * 2^16. A 96-bit salt (RFC
  // 7714 11) is filled up with zeros on the right.
  const auto derive = [&](std::uint8_t label, MutableBytes out) {
    constexpr std::size_t kLabelOffset = 7;
    constexpr std::array<std::uint8_t, 32> kZeros{};
    std::array<std::uint8_t, 16> counter{};
    std::copy(master_salt.begin(), master_salt.end(), counter.begin());
    counter[kLabelOffset] ^= label;
    int written = 0;
    return EVP_EncryptInit_ex(context.get(), nullptr, nullptr, nullptr, counter.data()) == 1 &&
           EVP_EncryptUpdate(context.get(), out.data(), &written, kZeros.data(),
                             static_cast<int>(out.size())) == 1;
  };
  const std::uint8_t first_label = use == KeyUse::Rtp ? 0 : 3;
  return derive(first_label, MutableBytes(keys.cipher_key).first(sizes.key_bytes)) &&
         derive(static_cast<std::uint8_t>(first_label + 1),
                MutableBytes(keys.auth_key).first(sizes.auth_key_bytes)) &&
         derive(static_cast<std::uint8_t>(first_label + 2), MutableBytes(keys.salt).first(sizes.salt_bytes));
}

}  // namespace tandem
