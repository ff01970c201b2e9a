// SRTP's ciphers on ipsec-mb. Compiled only where its header is installed.
#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "crypto_backend.hpp"
#include "ipsec_mb.hpp"
#include "packet_nonce.hpp"

namespace tandem {

namespace {

// The library wants what it reads in one piece: one part is read where it lies (a track's ring), more are
// joined in the packet itself and encrypted there, which costs less than the library's scatter-gather calls.
Bytes joined(std::span<const Bytes> parts, MutableBytes body) noexcept {
  if (parts.size() == 1) {
    return parts.front();
  }
  ByteWriter writer(body);
  for (const Bytes part : parts) {
    writer.bytes(part);
  }
  return body;
}

class GcmCipher final : public PacketCipher {
 public:
  GcmCipher(std::shared_ptr<IpsecMb> library, const SessionKeys& keys, bool is_256) noexcept
      : library_(std::move(library)) {
    const IMB_MGR& functions = library_->functions();
    seal_ = is_256 ? functions.gcm256_enc : functions.gcm128_enc;
    open_ = is_256 ? functions.gcm256_dec : functions.gcm128_dec;
    (is_256 ? functions.gcm256_pre : functions.gcm128_pre)(keys.cipher_key.data(), &key_);
    std::copy_n(keys.salt.begin(), salt_.size(), salt_.begin());
  }
  GcmCipher(const GcmCipher&) = delete;
  GcmCipher& operator=(const GcmCipher&) = delete;
  ~GcmCipher() override {
    OPENSSL_cleanse(&key_, sizeof key_);
    OPENSSL_cleanse(salt_.data(), salt_.size());
  }

  [[nodiscard]] std::size_t state_bytes() const noexcept override { return sizeof *this; }

  [[nodiscard]] bool seal(const PacketIdentity& identity, std::span<const Bytes> parts, MutableBytes body,
                          MutableBytes tag, SealBatch* /*batch*/) noexcept override {
    run(seal_, identity, joined(parts, body), body, tag);
    return true;
  }

  [[nodiscard]] bool open(const PacketIdentity& identity, Bytes body, Bytes tag,
                          MutableBytes out) noexcept override {
    std::array<std::uint8_t, kGcmTagBytes> expected{};
    run(open_, identity, body, out, expected);
    return CRYPTO_memcmp(expected.data(), tag.data(), expected.size()) == 0;
  }

 private:
  void run(aes_gcm_enc_dec_t function, const PacketIdentity& identity, Bytes in, MutableBytes out,
           MutableBytes tag) noexcept {
    const GcmNonce nonce = gcm_nonce(salt_, identity);
    Bytes associated = identity.header;
    if (!identity.trailer.empty()) {  // SRTCP: its short header, then E and index
      ByteWriter writer(library_->scratch());
      writer.bytes(identity.header);
      writer.bytes(identity.trailer);
      associated = writer.written();
    }
    function(&key_, &library_->gcm_context(), out.data(), in.data(), in.size(), nonce.data(),
             associated.data(), associated.size(), tag.data(), kGcmTagBytes);
  }

  alignas(64) gcm_key_data key_{};
  std::shared_ptr<IpsecMb> library_;
  aes_gcm_enc_dec_t seal_ = nullptr;
  aes_gcm_enc_dec_t open_ = nullptr;
  GcmNonce salt_{};
};

// HMAC-SHA1 tags of many packets at a time.
class HmacBatch final : public SealBatch {
 public:
  explicit HmacBatch(std::shared_ptr<IpsecMb> library) noexcept : library_(std::move(library)) {}
  HmacBatch(const HmacBatch&) = delete;
  HmacBatch& operator=(const HmacBatch&) = delete;
  ~HmacBatch() override { OPENSSL_cleanse(states_.data(), sizeof states_); }

  // `message` and behind it, partly inside, the tag's place. The states are copied: a transport may go before
  // the batch is run.
  void add(const HmacStates& states, Bytes message, MutableBytes tag) noexcept {
    if (count_ == jobs_.size()) {
      run();
    }
    states_[count_] = states;
    tags_[count_] = tag;
    IpsecMb::set_hmac_job(jobs_[count_], states_[count_], message, digests_[count_]);
    ++count_;
  }

  void run() noexcept override {
    if (count_ == 0) {
      return;
    }
    const bool done = library_->run_hmac(std::span(jobs_).first(count_));
    for (std::size_t i = 0; done && i < count_; ++i) {
      std::copy_n(digests_[i].begin(), tags_[i].size(), tags_[i].begin());
    }
    count_ = 0;
  }

 private:
  std::shared_ptr<IpsecMb> library_;
  std::array<IMB_JOB, IpsecMb::kMaxBurst> jobs_{};
  std::array<HmacStates, IpsecMb::kMaxBurst> states_{};
  std::array<std::array<std::uint8_t, kSha1DigestBytes>, IpsecMb::kMaxBurst> digests_{};
  std::array<MutableBytes, IpsecMb::kMaxBurst> tags_{};
  std::size_t count_ = 0;
};

// Counter mode gains nothing from batches (its blocks are independent as it is) and runs at once.
class CounterModeCipher final : public PacketCipher {
 public:
  CounterModeCipher(std::shared_ptr<IpsecMb> library, const SessionKeys& keys, KeyUse use) noexcept
      : library_(std::move(library)), hmac_(library_->hmac_states(keys.auth_key)), use_(use) {
    ExpandedKey unused{};  // decryption's, which counter mode has no use for
    library_->functions().keyexp_128(keys.cipher_key.data(), key_.data(), unused.data());
    OPENSSL_cleanse(unused.data(), sizeof unused);
    std::copy_n(keys.salt.begin(), kCounterSaltBytes, salt_.begin());
  }
  CounterModeCipher(const CounterModeCipher&) = delete;
  CounterModeCipher& operator=(const CounterModeCipher&) = delete;
  ~CounterModeCipher() override {
    OPENSSL_cleanse(key_.data(), sizeof key_);
    OPENSSL_cleanse(&hmac_, sizeof hmac_);
    OPENSSL_cleanse(salt_.data(), salt_.size());
  }

  [[nodiscard]] std::size_t state_bytes() const noexcept override { return sizeof *this; }

  [[nodiscard]] bool seal(const PacketIdentity& identity, std::span<const Bytes> parts, MutableBytes body,
                          MutableBytes tag, SealBatch* batch) noexcept override {
    if (!library_->run_counter_mode(key_.data(), first_counter_block(salt_, identity), joined(parts, body),
                                    body)) {
      return false;
    }
    if (batch != nullptr && use_ == KeyUse::Rtp &&
        identity.header.size() + body.size() + tag.size() <= kMaxSealedBytes) {
      // The roll-over counter stands where the tag will.
      std::ranges::copy(roll_over_counter_bytes(identity.index), tag.begin());
      const Bytes message(identity.header.data(),
                          identity.header.size() + body.size() + kRollOverCounterBytes);
      static_cast<HmacBatch*>(batch)->add(hmac_, message, tag);
      return true;
    }
    Digest digest{};
    if (!authenticate(identity, body, digest)) {
      return false;
    }
    std::copy_n(digest.begin(), tag.size(), tag.begin());
    return true;
  }

  [[nodiscard]] bool open(const PacketIdentity& identity, Bytes body, Bytes tag,
                          MutableBytes out) noexcept override {
    Digest digest{};
    return authenticate(identity, body, digest) &&
           CRYPTO_memcmp(digest.data(), tag.data(), tag.size()) == 0 &&
           library_->run_counter_mode(key_.data(), first_counter_block(salt_, identity), body, out);
  }

 private:
  static constexpr std::size_t kRollOverCounterBytes = 4;
  static constexpr std::size_t kRoundKeyWords = 44;
  using Digest = std::array<std::uint8_t, kSha1DigestBytes>;
  struct alignas(16) ExpandedKey : std::array<std::uint32_t, kRoundKeyWords> {};

  [[nodiscard]] bool authenticate(const PacketIdentity& identity, Bytes body, Digest& digest) noexcept {
    ByteWriter message(library_->scratch());
    message.bytes(identity.header);
    message.bytes(body);
    const auto counter = roll_over_counter_bytes(identity.index);
    message.bytes(use_ == KeyUse::Rtp ? Bytes(counter) : identity.trailer);
    IMB_JOB job{};
    IpsecMb::set_hmac_job(job, hmac_, message.written(), digest);
    return message.ok() && library_->run_hmac(std::span(&job, 1));
  }

  ExpandedKey key_{};
  std::shared_ptr<IpsecMb> library_;
  HmacStates hmac_;
  CounterBlock salt_{};
  KeyUse use_;
};

class IpsecMbBackend final : public CryptoBackend {
 public:
  explicit IpsecMbBackend(std::shared_ptr<IpsecMb> library) noexcept : library_(std::move(library)) {}

  [[nodiscard]] std::string name() const override { return library_->name(); }

  [[nodiscard]] std::unique_ptr<PacketCipher> make_cipher(SrtpProfile profile, const SessionKeys& keys,
                                                          KeyUse use, Direction /*direction*/) override {
    if (profile == SrtpProfile::AesCm128HmacSha1_80) {
      return std::make_unique<CounterModeCipher>(library_, keys, use);
    }
    return std::make_unique<GcmCipher>(library_, keys, profile == SrtpProfile::AeadAes256Gcm);
  }

  [[nodiscard]] std::unique_ptr<SealBatch> make_seal_batch() override {
    return std::make_unique<HmacBatch>(library_);
  }

 private:
  std::shared_ptr<IpsecMb> library_;
};

}  // namespace

std::unique_ptr<CryptoBackend> open_ipsec_mb_backend(std::string& reason, CpuLevel level) {
  auto library = IpsecMb::open(reason, level);
  return library == nullptr ? nullptr : std::make_unique<IpsecMbBackend>(std::move(library));
}

}  // namespace tandem
