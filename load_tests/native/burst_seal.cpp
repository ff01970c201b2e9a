#include "burst_seal.hpp"

#include <algorithm>
#include <stdexcept>

#if LIGHT_HAS_IPSEC_MB
#include <intel-ipsec-mb.h>
#endif

namespace light {
namespace {

using Nonce = std::array<std::uint8_t, kGcmSaltBytes>;

// RFC 7714 8.1: 00 00 | SSRC | ROC | SEQ, xor salt.
Nonce nonce_of(const Nonce& salt, std::span<const std::uint8_t> packet, std::uint32_t rollover_counter) {
  Nonce nonce = salt;
  for (std::size_t i = 0; i < 4; ++i) {
    nonce[2 + i] ^= packet[8 + i];
    nonce[6 + i] ^= static_cast<std::uint8_t>(rollover_counter >> (24U - 8U * i));
  }
  nonce[10] ^= packet[2];
  nonce[11] ^= packet[3];
  return nonce;
}

Nonce salt_of(const SessionKey& key) {
  if (key.size() != kKeyBytes + kGcmSaltBytes) {
    throw std::runtime_error("the ceiling knows AEAD_AES_128_GCM alone");
  }
  Nonce salt{};
  std::copy(key.begin() + kKeyBytes, key.end(), salt.begin());
  return salt;
}

class OpenSslSeal final : public BurstSeal {
 public:
  explicit OpenSslSeal(const SessionKey& key)
      : context_(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free), salt_(salt_of(key)) {
    EVP_EncryptInit_ex(context_.get(), EVP_aes_128_gcm(), nullptr, key.data(), nullptr);
  }

  void seal(std::span<std::uint8_t> out, std::size_t header_bytes, Bytes payload,
            std::uint32_t rollover_counter) override {
    const Nonce nonce = nonce_of(salt_, out, rollover_counter);
    EVP_CIPHER_CTX* const context = context_.get();
    std::uint8_t* const text = out.data() + header_bytes;
    int written = 0;
    EVP_EncryptInit_ex(context, nullptr, nullptr, nullptr, nonce.data());
    EVP_EncryptUpdate(context, nullptr, &written, out.data(), static_cast<int>(header_bytes));
    EVP_EncryptUpdate(context, text, &written, payload.data(), static_cast<int>(payload.size()));
    EVP_EncryptFinal_ex(context, text + payload.size(), &written);
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, kGcmTagBytes, text + payload.size());
  }

 private:
  std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context_;
  Nonce salt_;
};

#if LIGHT_HAS_IPSEC_MB
IMB_MGR* shared_manager() {
  static const std::unique_ptr<IMB_MGR, decltype(&free_mb_mgr)> manager = [] {
    std::unique_ptr<IMB_MGR, decltype(&free_mb_mgr)> made(alloc_mb_mgr(0), &free_mb_mgr);
    init_mb_mgr_auto(made.get(), nullptr);
    return made;
  }();
  return manager.get();
}

class IpsecMbSeal final : public BurstSeal {
 public:
  explicit IpsecMbSeal(const SessionKey& key) : manager_(shared_manager()), salt_(salt_of(key)) {
    IMB_AES128_GCM_PRE(manager_, key.data(), &expanded_);
  }

  void seal(std::span<std::uint8_t> out, std::size_t header_bytes, Bytes payload,
            std::uint32_t rollover_counter) override {
    const Nonce nonce = nonce_of(salt_, out, rollover_counter);
    std::uint8_t* const text = out.data() + header_bytes;
    gcm_context_data context;
    IMB_AES128_GCM_ENC(manager_, &expanded_, &context, text, payload.data(), payload.size(), nonce.data(),
                       out.data(), header_bytes, text + payload.size(), kGcmTagBytes);
  }

 private:
  IMB_MGR* manager_;
  gcm_key_data expanded_{};
  Nonce salt_;
};
#endif

}  // namespace

std::unique_ptr<BurstSeal> make_burst_seal(const SessionKey& key, bool uses_ipsec_mb) {
  if (!uses_ipsec_mb) {
    return std::make_unique<OpenSslSeal>(key);
  }
#if LIGHT_HAS_IPSEC_MB
  return std::make_unique<IpsecMbSeal>(key);
#else
  throw std::runtime_error("built without ipsec-mb");
#endif
}

}  // namespace light
