// The backend that is always there: OpenSSL's EVP interface.
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <utility>

#include "crypto_backend.hpp"
#include "packet_nonce.hpp"

namespace tandem {

namespace {

struct CipherContextFree {
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};
struct MacContextFree {
  void operator()(EVP_MAC_CTX* context) const noexcept { EVP_MAC_CTX_free(context); }
};
struct MacFree {
  void operator()(EVP_MAC* mac) const noexcept { EVP_MAC_free(mac); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, CipherContextFree>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, MacContextFree>;
using Mac = std::unique_ptr<EVP_MAC, MacFree>;

constexpr int kDecrypt = 0;
constexpr int kEncrypt = 1;

bool update(EVP_CIPHER_CTX* context, std::uint8_t* out, Bytes in) noexcept {
  int written = 0;
  return in.empty() || EVP_CipherUpdate(context, out, &written, in.data(), static_cast<int>(in.size())) == 1;
}

CipherContext keyed_context(const EVP_CIPHER* cipher, Bytes key, int direction) noexcept {
  CipherContext context(EVP_CIPHER_CTX_new());
  if (context == nullptr ||
      EVP_CipherInit_ex(context.get(), cipher, nullptr, key.data(), nullptr, direction) != 1) {
    return nullptr;
  }
  return context;
}

// AES-GCM (RFC 7714): the roll-over counter is in the nonce, so it needs no place in the associated data.
class GcmCipher final : public PacketCipher {
 public:
  GcmCipher(CipherContext context, Bytes salt) noexcept : context_(std::move(context)) {
    std::copy_n(salt.begin(), salt_.size(), salt_.begin());
  }
  GcmCipher(const GcmCipher&) = delete;
  GcmCipher& operator=(const GcmCipher&) = delete;
  ~GcmCipher() override { OPENSSL_cleanse(salt_.data(), salt_.size()); }

  [[nodiscard]] bool seal(const PacketIdentity& identity, std::span<const Bytes> parts, MutableBytes body,
                          MutableBytes tag, SealBatch* /*batch*/) noexcept override {
    if (!start(identity, kEncrypt)) {
      return false;
    }
    std::size_t written = 0;
    for (const Bytes part : parts) {
      if (!update(context_.get(), body.subspan(written).data(), part)) {
        return false;
      }
      written += part.size();
    }
    return finish() && EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG,
                                           static_cast<int>(kGcmTagBytes), tag.data()) == 1;
  }

  [[nodiscard]] bool open(const PacketIdentity& identity, Bytes body, Bytes tag,
                          MutableBytes out) noexcept override {
    std::array<std::uint8_t, kGcmTagBytes> expected{};
    std::copy_n(tag.begin(), expected.size(), expected.begin());
    return start(identity, kDecrypt) && update(context_.get(), out.data(), body) &&
           EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(kGcmTagBytes),
                               expected.data()) == 1 &&
           finish();
  }

 private:
  bool start(const PacketIdentity& identity, int direction) noexcept {
    const GcmNonce nonce = gcm_nonce(salt_, identity);
    return EVP_CipherInit_ex(context_.get(), nullptr, nullptr, nullptr, nonce.data(), direction) == 1 &&
           update(context_.get(), nullptr, identity.header) &&
           update(context_.get(), nullptr, identity.trailer);
  }

  bool finish() noexcept {
    std::array<std::uint8_t, kGcmTagBytes> rest{};
    int written = 0;
    return EVP_CipherFinal_ex(context_.get(), rest.data(), &written) == 1;
  }

  CipherContext context_;
  GcmNonce salt_{};
};

// AES counter mode with HMAC-SHA1, the tag cut to 80 bits (RFC 3711 4.1.1, 4.2).
class CounterModeCipher final : public PacketCipher {
 public:
  CounterModeCipher(CipherContext context, MacContext mac, Bytes salt, KeyUse use) noexcept
      : context_(std::move(context)), mac_(std::move(mac)), use_(use) {
    std::copy_n(salt.begin(), kCounterSaltBytes, salt_.begin());
  }
  CounterModeCipher(const CounterModeCipher&) = delete;
  CounterModeCipher& operator=(const CounterModeCipher&) = delete;
  ~CounterModeCipher() override { OPENSSL_cleanse(salt_.data(), salt_.size()); }

  [[nodiscard]] bool seal(const PacketIdentity& identity, std::span<const Bytes> parts, MutableBytes body,
                          MutableBytes tag, SealBatch* /*batch*/) noexcept override {
    if (!start(identity)) {
      return false;
    }
    std::size_t written = 0;
    for (const Bytes part : parts) {
      if (!update(context_.get(), body.subspan(written).data(), part)) {
        return false;
      }
      written += part.size();
    }
    std::array<std::uint8_t, kSha1DigestBytes> digest{};
    if (!authenticate(identity, body, digest)) {
      return false;
    }
    std::copy_n(digest.begin(), tag.size(), tag.begin());
    return true;
  }

  [[nodiscard]] bool open(const PacketIdentity& identity, Bytes body, Bytes tag,
                          MutableBytes out) noexcept override {
    std::array<std::uint8_t, kSha1DigestBytes> digest{};
    return authenticate(identity, body, digest) &&
           CRYPTO_memcmp(digest.data(), tag.data(), tag.size()) == 0 && start(identity) &&
           update(context_.get(), out.data(), body);
  }

 private:
  bool start(const PacketIdentity& identity) noexcept {
    const CounterBlock counter = first_counter_block(salt_, identity);
    return EVP_CipherInit_ex(context_.get(), nullptr, nullptr, nullptr, counter.data(), kEncrypt) == 1;
  }

  bool authenticate(const PacketIdentity& identity, Bytes body,
                    std::array<std::uint8_t, kSha1DigestBytes>& digest) noexcept {
    const auto counter = roll_over_counter_bytes(identity.index);
    const Bytes last = use_ == KeyUse::Rtp ? Bytes(counter) : identity.trailer;
    std::size_t written = 0;
    return EVP_MAC_init(mac_.get(), nullptr, 0, nullptr) == 1 &&
           EVP_MAC_update(mac_.get(), identity.header.data(), identity.header.size()) == 1 &&
           EVP_MAC_update(mac_.get(), body.data(), body.size()) == 1 &&
           EVP_MAC_update(mac_.get(), last.data(), last.size()) == 1 &&
           EVP_MAC_final(mac_.get(), digest.data(), &written, digest.size()) == 1 && written == digest.size();
  }

  CipherContext context_;
  MacContext mac_;
  CounterBlock salt_{};  // shifted left by 16 bits, as the formula wants it
  KeyUse use_;
};

MacContext keyed_hmac_sha1(Bytes key) noexcept {
  const Mac mac(EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr));
  MacContext context(mac == nullptr ? nullptr : EVP_MAC_CTX_new(mac.get()));
  std::array<char, 5> digest{"SHA1"};
  const std::array<OSSL_PARAM, 2> parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0), OSSL_PARAM_construct_end()};
  if (context == nullptr || EVP_MAC_init(context.get(), key.data(), key.size(), parameters.data()) != 1) {
    return nullptr;
  }
  return context;
}

class OpensslBackend final : public CryptoBackend {
 public:
  [[nodiscard]] std::string name() const override {
    return std::string("OpenSSL ") + OpenSSL_version(OPENSSL_VERSION_STRING);
  }

  [[nodiscard]] std::unique_ptr<PacketCipher> make_cipher(SrtpProfile profile, const SessionKeys& keys,
                                                          KeyUse use, Direction direction) override {
    const SrtpProfileSizes sizes = srtp_sizes(profile);
    const Bytes key = Bytes(keys.cipher_key).first(sizes.key_bytes);
    const Bytes salt = Bytes(keys.salt).first(sizes.salt_bytes);
    if (profile == SrtpProfile::AesCm128HmacSha1_80) {
      CipherContext context = keyed_context(EVP_aes_128_ctr(), key, kEncrypt);
      MacContext mac = keyed_hmac_sha1(keys.auth_key);
      if (context == nullptr || mac == nullptr) {
        return nullptr;
      }
      return std::make_unique<CounterModeCipher>(std::move(context), std::move(mac), salt, use);
    }
    const EVP_CIPHER* const cipher =
        profile == SrtpProfile::AeadAes256Gcm ? EVP_aes_256_gcm() : EVP_aes_128_gcm();
    CipherContext context = keyed_context(cipher, key, direction == Direction::Seal ? kEncrypt : kDecrypt);
    if (context == nullptr) {
      return nullptr;
    }
    return std::make_unique<GcmCipher>(std::move(context), salt);
  }
};

}  // namespace

std::unique_ptr<CryptoBackend> open_openssl_backend() {
  return std::make_unique<OpensslBackend>();
}

}  // namespace tandem
