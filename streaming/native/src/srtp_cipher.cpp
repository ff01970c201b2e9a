#include "srtp_cipher.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>

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

constexpr std::size_t kIndexBytes = 6;  // 48 bits in every nonce
constexpr std::size_t kSsrcBytes = 4;
constexpr int kDecrypt = 0;
constexpr int kEncrypt = 1;

// Exclusive-or of a big-endian number into bytes at an offset.
void mix(MutableBytes bytes, std::size_t offset, std::uint64_t value, std::size_t count) noexcept {
  for (std::size_t i = count; i-- > 0;) {
    bytes[offset + i] ^= static_cast<std::uint8_t>(value & 0xFFU);
    value >>= 8U;
  }
}

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
  static constexpr std::size_t kNonceBytes = 12;
  static constexpr std::size_t kTagBytes = 16;

  GcmCipher(CipherContext context, Bytes salt) noexcept : context_(std::move(context)) {
    std::copy_n(salt.begin(), salt_.size(), salt_.begin());
  }
  GcmCipher(const GcmCipher&) = delete;
  GcmCipher& operator=(const GcmCipher&) = delete;
  ~GcmCipher() override { OPENSSL_cleanse(salt_.data(), salt_.size()); }

  [[nodiscard]] bool seal(const PacketIdentity& identity, std::span<const Bytes> parts, MutableBytes body,
                          MutableBytes tag) noexcept override {
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
    return finish() && EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(kTagBytes),
                                           tag.data()) == 1;
  }

  [[nodiscard]] bool open(const PacketIdentity& identity, Bytes body, Bytes tag,
                          MutableBytes out) noexcept override {
    std::array<std::uint8_t, kTagBytes> expected{};
    std::copy_n(tag.begin(), expected.size(), expected.begin());
    return start(identity, kDecrypt) && update(context_.get(), out.data(), body) &&
           EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(kTagBytes),
                               expected.data()) == 1 &&
           finish();
  }

 private:
  // Nonce (RFC 7714 8.1, 9.1): two zero bytes, SSRC, 48-bit index; exclusive-or with the salt.
  bool start(const PacketIdentity& identity, int direction) noexcept {
    constexpr std::size_t kSsrcOffset = 2;
    constexpr std::size_t kIndexOffset = 6;
    std::array<std::uint8_t, kNonceBytes> nonce = salt_;
    mix(nonce, kSsrcOffset, identity.ssrc, kSsrcBytes);
    mix(nonce, kIndexOffset, identity.index, kIndexBytes);
    return EVP_CipherInit_ex(context_.get(), nullptr, nullptr, nullptr, nonce.data(), direction) == 1 &&
           update(context_.get(), nullptr, identity.header) &&
           update(context_.get(), nullptr, identity.trailer);
  }

  bool finish() noexcept {
    std::array<std::uint8_t, kTagBytes> rest{};
    int written = 0;
    return EVP_CipherFinal_ex(context_.get(), rest.data(), &written) == 1;
  }

  CipherContext context_;
  std::array<std::uint8_t, kNonceBytes> salt_{};
};

// AES counter mode with HMAC-SHA1, the tag cut to 80 bits (RFC 3711 4.1.1, 4.2).
class CounterModeCipher final : public PacketCipher {
 public:
  static constexpr std::size_t kCounterBytes = 16;
  static constexpr std::size_t kSaltBytes = 14;
  static constexpr std::size_t kDigestBytes = 20;

  CounterModeCipher(CipherContext context, MacContext mac, Bytes salt, KeyUse use) noexcept
      : context_(std::move(context)), mac_(std::move(mac)), use_(use) {
    std::copy_n(salt.begin(), kSaltBytes, salt_.begin());
  }
  CounterModeCipher(const CounterModeCipher&) = delete;
  CounterModeCipher& operator=(const CounterModeCipher&) = delete;
  ~CounterModeCipher() override { OPENSSL_cleanse(salt_.data(), salt_.size()); }

  [[nodiscard]] bool seal(const PacketIdentity& identity, std::span<const Bytes> parts, MutableBytes body,
                          MutableBytes tag) noexcept override {
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
    std::array<std::uint8_t, kDigestBytes> digest{};
    if (!authenticate(identity, body, digest)) {
      return false;
    }
    std::copy_n(digest.begin(), tag.size(), tag.begin());
    return true;
  }

  [[nodiscard]] bool open(const PacketIdentity& identity, Bytes body, Bytes tag,
                          MutableBytes out) noexcept override {
    std::array<std::uint8_t, kDigestBytes> digest{};
    return authenticate(identity, body, digest) &&
           CRYPTO_memcmp(digest.data(), tag.data(), tag.size()) == 0 && start(identity) &&
           update(context_.get(), out.data(), body);
  }

 private:
  // RFC 3711 4.1.1: (salt * 2^16) XOR (SSRC * 2^64) XOR (index * 2^16), the last 16 bits count blocks.
  bool start(const PacketIdentity& identity) noexcept {
    constexpr std::size_t kSsrcOffset = 4;
    constexpr std::size_t kIndexOffset = 8;
    std::array<std::uint8_t, kCounterBytes> counter = salt_;
    mix(counter, kSsrcOffset, identity.ssrc, kSsrcBytes);
    mix(counter, kIndexOffset, identity.index, kIndexBytes);
    return EVP_CipherInit_ex(context_.get(), nullptr, nullptr, nullptr, counter.data(), kEncrypt) == 1;
  }

  bool authenticate(const PacketIdentity& identity, Bytes body,
                    std::array<std::uint8_t, kDigestBytes>& digest) noexcept {
    // RFC 3711 4.2: RTP authenticates the roll-over counter behind the packet, which does not carry it.
    std::array<std::uint8_t, 4> counter{};
    ByteWriter(counter).u32(static_cast<std::uint32_t>(identity.index >> 16U));
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
  std::array<std::uint8_t, kCounterBytes> salt_{};  // shifted left by 16 bits, as the formula wants it
  KeyUse use_;
};

// Neither hides nor protects: measures everything but cryptography.
class IdentityCipher final : public PacketCipher {
 public:
  [[nodiscard]] bool seal(const PacketIdentity& /*identity*/, std::span<const Bytes> parts, MutableBytes body,
                          MutableBytes /*tag*/) noexcept override {
    ByteWriter writer(body);
    for (const Bytes part : parts) {
      writer.bytes(part);
    }
    return writer.ok();
  }

  [[nodiscard]] bool open(const PacketIdentity& /*identity*/, Bytes body, Bytes /*tag*/,
                          MutableBytes out) noexcept override {
    return ByteWriter(out).bytes(body);
  }
};

const EVP_CIPHER* counter_mode(std::size_t key_bytes) noexcept {
  constexpr std::size_t kAes256KeyBytes = 32;
  return key_bytes == kAes256KeyBytes ? EVP_aes_256_ctr() : EVP_aes_128_ctr();
}

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
  if (profile == SrtpProfile::Identity) {
    return true;
  }
  const CipherContext context = keyed_context(counter_mode(master_key.size()), master_key, kEncrypt);
  if (context == nullptr) {
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
    return EVP_CipherInit_ex(context.get(), nullptr, nullptr, nullptr, counter.data(), kEncrypt) == 1 &&
           update(context.get(), out.data(), Bytes(kZeros).first(out.size()));
  };
  const std::uint8_t first_label = use == KeyUse::Rtp ? 0 : 3;
  return derive(first_label, MutableBytes(keys.cipher_key).first(sizes.key_bytes)) &&
         derive(static_cast<std::uint8_t>(first_label + 1),
                MutableBytes(keys.auth_key).first(sizes.auth_key_bytes)) &&
         derive(static_cast<std::uint8_t>(first_label + 2), MutableBytes(keys.salt).first(sizes.salt_bytes));
}

std::unique_ptr<PacketCipher> make_packet_cipher(SrtpProfile profile, const SessionKeys& keys, KeyUse use,
                                                 Direction direction) {
  const SrtpProfileSizes sizes = srtp_sizes(profile);
  const Bytes key = Bytes(keys.cipher_key).first(sizes.key_bytes);
  const Bytes salt = Bytes(keys.salt).first(sizes.salt_bytes);
  switch (profile) {
    case SrtpProfile::AesCm128HmacSha1_80: {
      CipherContext context = keyed_context(EVP_aes_128_ctr(), key, kEncrypt);
      MacContext mac = keyed_hmac_sha1(keys.auth_key);
      if (context == nullptr || mac == nullptr) {
        return nullptr;
      }
      return std::make_unique<CounterModeCipher>(std::move(context), std::move(mac), salt, use);
    }
    case SrtpProfile::AeadAes128Gcm:
    case SrtpProfile::AeadAes256Gcm: {
      const EVP_CIPHER* const cipher =
          profile == SrtpProfile::AeadAes256Gcm ? EVP_aes_256_gcm() : EVP_aes_128_gcm();
      CipherContext context = keyed_context(cipher, key, direction == Direction::Seal ? kEncrypt : kDecrypt);
      if (context == nullptr) {
        return nullptr;
      }
      return std::make_unique<GcmCipher>(std::move(context), salt);
    }
    case SrtpProfile::Identity:
      return std::make_unique<IdentityCipher>();
  }
  return nullptr;
}

std::unique_ptr<PacketCipher> make_packet_cipher(SrtpProfile profile, Bytes master_key, Bytes master_salt,
                                                 KeyUse use, Direction direction) {
  SessionKeys keys;
  if (!derive_session_keys(profile, master_key, master_salt, use, keys)) {
    return nullptr;
  }
  return make_packet_cipher(profile, keys, use, direction);
}

}  // namespace tandem
