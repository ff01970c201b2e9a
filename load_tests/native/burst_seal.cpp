#include "burst_seal.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

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
    throw std::runtime_error("without ipsec-mb the ceiling knows AEAD_AES_128_GCM alone");
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

  [[nodiscard]] std::size_t tag_bytes() const override { return kGcmTagBytes; }

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

  [[nodiscard]] std::size_t tag_bytes() const override { return kGcmTagBytes; }

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

// Tags of many packets at a time.
class HmacBurst {
 public:
  // The message ends where the tag begins; its last four bytes, the roll-over counter, stand in the tag's
  // place.
  void add(const std::uint8_t* inner, const std::uint8_t* outer, Bytes message, std::uint8_t* tag) {
    if (count_ == jobs_.size()) {
      run();
    }
    IMB_JOB& job = jobs_[count_];
    job = {};
    job.hash_alg = IMB_AUTH_HMAC_SHA_1;
    job.src = message.data();
    job.msg_len_to_hash_in_bytes = message.size();
    job.u.HMAC._hashed_auth_key_xor_ipad = inner;
    job.u.HMAC._hashed_auth_key_xor_opad = outer;
    job.auth_tag_output = digests_[count_].data();
    job.auth_tag_output_len_in_bytes = digests_[count_].size();
    tags_[count_++] = tag;
  }

  void run() {
    if (count_ != 0 &&
        IMB_SUBMIT_HASH_BURST(shared_manager(), jobs_.data(), static_cast<std::uint32_t>(count_),
                              IMB_AUTH_HMAC_SHA_1) != count_) {
      throw std::runtime_error("ipsec-mb made no tags");
    }
    for (std::size_t i = 0; i < count_; ++i) {
      std::copy_n(digests_[i].begin(), kCmTagBytes, tags_[i]);
    }
    count_ = 0;
  }

 private:
  std::array<IMB_JOB, 64> jobs_{};
  std::array<std::array<std::uint8_t, 20>, 64> digests_{};
  std::array<std::uint8_t*, 64> tags_{};
  std::size_t count_ = 0;
};

HmacBurst& hmac_burst() {
  static HmacBurst burst;
  return burst;
}

class IpsecMbCmSeal final : public BurstSeal {
 public:
  explicit IpsecMbCmSeal(const SessionKey& key) : manager_(shared_manager()) {
    alignas(16) std::array<std::uint32_t, 44> unused{};
    IMB_AES_KEYEXP_128(manager_, key.data(), round_keys_.data(), unused.data());
    std::copy_n(key.begin() + kKeyBytes, kCmSaltBytes, salt_.begin());
    // RFC 2104: what SHA-1 has made of the padded key.
    for (const auto& [pad, state] : {std::pair(0x36, &inner_), std::pair(0x5C, &outer_)}) {
      std::array<std::uint8_t, 64> padded{};
      std::copy_n(key.begin() + kKeyBytes + kCmSaltBytes, kCmAuthBytes, padded.begin());
      for (std::uint8_t& byte : padded) {
        byte ^= static_cast<std::uint8_t>(pad);
      }
      IMB_SHA1_ONE_BLOCK(manager_, padded.data(), state->data());
    }
  }

  [[nodiscard]] std::size_t tag_bytes() const override { return kCmTagBytes; }

  void seal(std::span<std::uint8_t> out, std::size_t header_bytes, Bytes payload,
            std::uint32_t rollover_counter) override {
    // RFC 3711 4.1.1: salt, xor SSRC at 4, xor packet index at 8; the block counter begins at 14.
    std::array<std::uint8_t, 16> block = salt_;
    for (std::size_t i = 0; i < 4; ++i) {
      block[4 + i] ^= out[8 + i];
      block[8 + i] ^= static_cast<std::uint8_t>(rollover_counter >> (24U - 8U * i));
    }
    block[12] ^= out[2];
    block[13] ^= out[3];
    IMB_JOB job{};
    job.cipher_mode = IMB_CIPHER_CNTR;
    job.cipher_direction = IMB_DIR_ENCRYPT;
    job.enc_keys = round_keys_.data();
    job.key_len_in_bytes = kKeyBytes;
    job.iv = block.data();
    job.iv_len_in_bytes = block.size();
    job.src = payload.data();
    job.dst = out.data() + header_bytes;
    job.msg_len_to_cipher_in_bytes = payload.size();
    IMB_SUBMIT_CIPHER_BURST(manager_, &job, 1, IMB_CIPHER_CNTR, IMB_DIR_ENCRYPT, IMB_KEY_128_BYTES);
    std::uint8_t* const tag = out.data() + header_bytes + payload.size();
    for (std::size_t i = 0; i < 4; ++i) {
      tag[i] = static_cast<std::uint8_t>(rollover_counter >> (24U - 8U * i));
    }
    hmac_burst().add(inner_.data(), outer_.data(), Bytes(out.data(), header_bytes + payload.size() + 4), tag);
  }

 private:
  IMB_MGR* manager_;
  alignas(16) std::array<std::uint32_t, 44> round_keys_{};
  std::array<std::uint8_t, 16> salt_{};
  alignas(16) std::array<std::uint8_t, 20> inner_{};
  alignas(16) std::array<std::uint8_t, 20> outer_{};
};
#endif

}  // namespace

void finish_burst() {
#if LIGHT_HAS_IPSEC_MB
  hmac_burst().run();
#endif
}

std::unique_ptr<BurstSeal> make_burst_seal(const SessionKey& key, bool uses_ipsec_mb) {
  if (!uses_ipsec_mb) {
    return std::make_unique<OpenSslSeal>(key);
  }
#if LIGHT_HAS_IPSEC_MB
  if (key.size() == kKeyBytes + kCmSaltBytes + kCmAuthBytes) {
    return std::make_unique<IpsecMbCmSeal>(key);
  }
  return std::make_unique<IpsecMbSeal>(key);
#else
  throw std::runtime_error("built without ipsec-mb");
#endif
}

}  // namespace light
