#include "seal.hpp"

#include <openssl/crypto.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <stdexcept>

namespace light {
namespace {

constexpr std::size_t kRtcpClearBytes = 8;
constexpr std::size_t kIndexBytes = 4;

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;
using Tag = std::array<std::uint8_t, kCmTagBytes>;

void xor_u32(std::span<std::uint8_t> nonce, std::size_t offset, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) {
    nonce[offset + i] ^= static_cast<std::uint8_t>(value >> (24U - 8U * i));
  }
}

void append_u32(std::vector<std::uint8_t>& packet, std::uint32_t value) {
  Writer trailer;
  trailer.u32(value);
  packet.insert(packet.end(), trailer.bytes().begin(), trailer.bytes().end());
}

class Plain final : public Seal {
 public:
  void seal_rtp(std::vector<std::uint8_t>& /*packet*/, std::size_t /*header_bytes*/,
                std::uint32_t /*rollover_counter*/) override {}
  int open_rtp(std::span<std::uint8_t> packet, std::size_t header_bytes,
               std::uint32_t /*rollover_counter*/) override {
    return static_cast<int>(packet.size() - header_bytes);
  }
  void seal_rtcp(std::vector<std::uint8_t>& /*packet*/, std::uint32_t /*index*/) override {}
  int open_rtcp(std::span<std::uint8_t> packet) override { return static_cast<int>(packet.size()); }
};

class Gcm final : public Seal {
 public:
  Gcm(const SessionKey& key, bool encrypts) : context_(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free) {
    std::copy(key.begin() + kKeyBytes, key.end(), salt_.begin());
    EVP_CipherInit_ex(context_.get(), EVP_aes_128_gcm(), nullptr, key.data(), nullptr, encrypts ? 1 : 0);
  }

  void seal_rtp(std::vector<std::uint8_t>& packet, std::size_t header_bytes,
                std::uint32_t rollover_counter) override {
    const std::size_t plain = packet.size();
    packet.resize(plain + kGcmTagBytes);
    const std::span<std::uint8_t> bytes(packet);
    encrypt(rtp_nonce(bytes, rollover_counter), bytes.first(header_bytes),
            bytes.subspan(header_bytes, plain - header_bytes), packet.data() + plain);
  }

  int open_rtp(std::span<std::uint8_t> packet, std::size_t header_bytes,
               std::uint32_t rollover_counter) override {
    if (packet.size() < header_bytes + kGcmTagBytes) {
      return -1;
    }
    const std::size_t text = packet.size() - header_bytes - kGcmTagBytes;
    std::uint8_t* const tag = packet.data() + header_bytes + text;
    const bool is_authentic = decrypt(rtp_nonce(packet, rollover_counter), packet.first(header_bytes), {},
                                      packet.subspan(header_bytes, text), tag);
    return is_authentic ? static_cast<int>(text) : -1;
  }

  void seal_rtcp(std::vector<std::uint8_t>& packet, std::uint32_t index) override {
    const std::size_t plain = packet.size();
    packet.resize(plain + kGcmTagBytes);
    append_u32(packet, index | 0x8000'0000U);
    const std::span<std::uint8_t> bytes(packet);
    std::vector<std::uint8_t> associated(packet.begin(), packet.begin() + kRtcpClearBytes);
    associated.insert(associated.end(), packet.end() - kIndexBytes, packet.end());
    encrypt(rtcp_nonce(bytes, index), associated, bytes.subspan(kRtcpClearBytes, plain - kRtcpClearBytes),
            packet.data() + plain);
  }

  int open_rtcp(std::span<std::uint8_t> packet) override {
    if (packet.size() < kRtcpClearBytes + kGcmTagBytes + kIndexBytes) {
      return -1;
    }
    const std::size_t plain = packet.size() - kGcmTagBytes - kIndexBytes;
    const Bytes trailer = packet.last(kIndexBytes);
    const std::uint32_t index = read_u32(trailer, 0) & 0x7FFF'FFFFU;
    const bool is_authentic =
        decrypt(rtcp_nonce(packet, index), packet.first(kRtcpClearBytes), trailer,
                packet.subspan(kRtcpClearBytes, plain - kRtcpClearBytes), packet.data() + plain);
    return is_authentic ? static_cast<int>(plain) : -1;
  }

 private:
  using Nonce = std::array<std::uint8_t, kGcmSaltBytes>;

  // RFC 7714 8.1: 00 00 | SSRC | ROC | SEQ, xor salt.
  [[nodiscard]] Nonce rtp_nonce(Bytes packet, std::uint32_t rollover_counter) const {
    Nonce nonce = salt_;
    xor_u32(nonce, 2, read_u32(packet, 8));
    xor_u32(nonce, 6, rollover_counter);
    nonce[10] ^= packet[2];
    nonce[11] ^= packet[3];
    return nonce;
  }

  // RFC 7714 9.1: 00 00 | SSRC | 00 00 | 0 + index, xor salt.
  [[nodiscard]] Nonce rtcp_nonce(Bytes packet, std::uint32_t index) const {
    Nonce nonce = salt_;
    xor_u32(nonce, 2, read_u32(packet, 4));
    xor_u32(nonce, 8, index);
    return nonce;
  }

  void encrypt(const Nonce& nonce, Bytes associated, std::span<std::uint8_t> text, std::uint8_t* tag) {
    EVP_CIPHER_CTX* const context = context_.get();
    int written = 0;
    EVP_EncryptInit_ex(context, nullptr, nullptr, nullptr, nonce.data());
    EVP_EncryptUpdate(context, nullptr, &written, associated.data(), static_cast<int>(associated.size()));
    EVP_EncryptUpdate(context, text.data(), &written, text.data(), static_cast<int>(text.size()));
    EVP_EncryptFinal_ex(context, text.data(), &written);
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, kGcmTagBytes, tag);
  }

  bool decrypt(const Nonce& nonce, Bytes associated, Bytes more, std::span<std::uint8_t> text,
               std::uint8_t* tag) {
    EVP_CIPHER_CTX* const context = context_.get();
    int written = 0;
    EVP_DecryptInit_ex(context, nullptr, nullptr, nullptr, nonce.data());
    EVP_DecryptUpdate(context, nullptr, &written, associated.data(), static_cast<int>(associated.size()));
    if (!more.empty()) {
      EVP_DecryptUpdate(context, nullptr, &written, more.data(), static_cast<int>(more.size()));
    }
    EVP_DecryptUpdate(context, text.data(), &written, text.data(), static_cast<int>(text.size()));
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, kGcmTagBytes, tag);
    return EVP_DecryptFinal_ex(context, text.data(), &written) > 0;
  }

  Context context_;
  Nonce salt_{};
};

class Cm final : public Seal {
 public:
  explicit Cm(const SessionKey& key)
      : context_(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free),
        authentication_(key.begin() + kKeyBytes + kCmSaltBytes, key.end()) {
    std::copy_n(key.begin() + kKeyBytes, kCmSaltBytes, salt_.begin());
    EVP_EncryptInit_ex(context_.get(), EVP_aes_128_ctr(), nullptr, key.data(), nullptr);
  }

  void seal_rtp(std::vector<std::uint8_t>& packet, std::size_t header_bytes,
                std::uint32_t rollover_counter) override {
    const std::span<std::uint8_t> bytes(packet);
    crypt(rtp_counter(bytes, rollover_counter), bytes.subspan(header_bytes));
    const Tag tag = tag_of(bytes, rollover_counter);
    packet.insert(packet.end(), tag.begin(), tag.end());
  }

  int open_rtp(std::span<std::uint8_t> packet, std::size_t header_bytes,
               std::uint32_t rollover_counter) override {
    if (packet.size() < header_bytes + kCmTagBytes) {
      return -1;
    }
    const std::span<std::uint8_t> sealed = packet.first(packet.size() - kCmTagBytes);
    if (!is_tag(tag_of(sealed, rollover_counter), packet.last(kCmTagBytes))) {
      return -1;
    }
    crypt(rtp_counter(packet, rollover_counter), sealed.subspan(header_bytes));
    return static_cast<int>(sealed.size() - header_bytes);
  }

  void seal_rtcp(std::vector<std::uint8_t>& packet, std::uint32_t index) override {
    const std::span<std::uint8_t> bytes(packet);
    crypt(counter(read_u32(bytes, 4), 0, index), bytes.subspan(kRtcpClearBytes));
    const Tag tag = tag_of(bytes, index | 0x8000'0000U);
    append_u32(packet, index | 0x8000'0000U);
    packet.insert(packet.end(), tag.begin(), tag.end());
  }

  int open_rtcp(std::span<std::uint8_t> packet) override {
    if (packet.size() < kRtcpClearBytes + kIndexBytes + kCmTagBytes) {
      return -1;
    }
    const std::size_t plain = packet.size() - kIndexBytes - kCmTagBytes;
    const std::uint32_t index = read_u32(packet, plain);
    if (!is_tag(tag_of(packet.first(plain), index), packet.last(kCmTagBytes))) {
      return -1;
    }
    crypt(counter(read_u32(packet, 4), 0, index & 0x7FFF'FFFFU),
          packet.subspan(kRtcpClearBytes, plain - kRtcpClearBytes));
    return static_cast<int>(plain);
  }

 private:
  using Counter = std::array<std::uint8_t, 16>;

  // RFC 3711 4.1.1: salt x 2^16 xor SSRC x 2^64 xor index x 2^16.
  [[nodiscard]] Counter counter(std::uint32_t ssrc, std::uint32_t index_high, std::uint32_t index_low) const {
    Counter result{};
    std::copy(salt_.begin(), salt_.end(), result.begin());
    xor_u32(result, 4, ssrc);
    xor_u32(result, 6, index_high);
    xor_u32(result, 10, index_low);
    return result;
  }

  [[nodiscard]] Counter rtp_counter(Bytes packet, std::uint32_t rollover_counter) const {
    return counter(read_u32(packet, 8), rollover_counter >> 16U,
                   rollover_counter << 16U | read_u16(packet, 2));
  }

  void crypt(const Counter& counter, std::span<std::uint8_t> text) {
    int written = 0;
    EVP_EncryptInit_ex(context_.get(), nullptr, nullptr, nullptr, counter.data());
    EVP_EncryptUpdate(context_.get(), text.data(), &written, text.data(), static_cast<int>(text.size()));
  }

  // Over the packet and four more bytes: the roll-over counter, or E bit and SRTCP index.
  [[nodiscard]] Tag tag_of(Bytes packet, std::uint32_t more) const {
    std::vector<std::uint8_t> message(packet.begin(), packet.end());
    append_u32(message, more);
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
    unsigned int digest_bytes = 0;
    HMAC(EVP_sha1(), authentication_.data(), static_cast<int>(authentication_.size()), message.data(),
         message.size(), digest.data(), &digest_bytes);
    Tag tag{};
    std::copy_n(digest.begin(), tag.size(), tag.begin());
    return tag;
  }

  [[nodiscard]] static bool is_tag(const Tag& tag, Bytes other) {
    return CRYPTO_memcmp(tag.data(), other.data(), tag.size()) == 0;
  }

  Context context_;
  std::array<std::uint8_t, kCmSaltBytes> salt_{};
  std::vector<std::uint8_t> authentication_;
};

}  // namespace

std::unique_ptr<Seal> make_seal(const SessionKey& key, bool encrypts) {
  switch (key.size()) {
    case 0:
      return std::make_unique<Plain>();
    case kKeyBytes + kGcmSaltBytes:
      return std::make_unique<Gcm>(key, encrypts);
    case kKeyBytes + kCmSaltBytes + kCmAuthBytes:
      return std::make_unique<Cm>(key);
    default:
      throw std::runtime_error("a session key of no profile");
  }
}

}  // namespace light
