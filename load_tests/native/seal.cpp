#include "seal.hpp"

namespace light {
namespace {

constexpr std::size_t kRtcpClearBytes = 8;
constexpr std::size_t kIndexBytes = 4;

void xor_u32(std::array<std::uint8_t, kSaltBytes>& nonce, std::size_t offset, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) {
    nonce[offset + i] ^= static_cast<std::uint8_t>(value >> (24U - 8U * i));
  }
}

}  // namespace

Gcm::Gcm(const SessionKey& key, bool encrypts)
    : context_(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free), salt_(key.salt) {
  EVP_CipherInit_ex(context_.get(), EVP_aes_128_gcm(), nullptr, key.key.data(), nullptr, encrypts ? 1 : 0);
}

// RFC 7714 8.1: 00 00 | SSRC | ROC | SEQ, xor salt.
Gcm::Nonce Gcm::rtp_nonce(Bytes packet, std::uint32_t rollover_counter) const {
  Nonce nonce = salt_;
  xor_u32(nonce, 2, read_u32(packet, 8));
  xor_u32(nonce, 6, rollover_counter);
  nonce[10] ^= packet[2];
  nonce[11] ^= packet[3];
  return nonce;
}

// RFC 7714 9.1: 00 00 | SSRC | 00 00 | 0 + index, xor salt.
Gcm::Nonce Gcm::rtcp_nonce(Bytes packet, std::uint32_t index) const {
  Nonce nonce = salt_;
  xor_u32(nonce, 2, read_u32(packet, 4));
  xor_u32(nonce, 8, index);
  return nonce;
}

void Gcm::encrypt(const Nonce& nonce, Bytes associated, std::span<std::uint8_t> text, std::uint8_t* tag) {
  EVP_CIPHER_CTX* const context = context_.get();
  int written = 0;
  EVP_EncryptInit_ex(context, nullptr, nullptr, nullptr, nonce.data());
  EVP_EncryptUpdate(context, nullptr, &written, associated.data(), static_cast<int>(associated.size()));
  EVP_EncryptUpdate(context, text.data(), &written, text.data(), static_cast<int>(text.size()));
  EVP_EncryptFinal_ex(context, text.data(), &written);
  EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, kTagBytes, tag);
}

bool Gcm::decrypt(const Nonce& nonce, Bytes associated, Bytes more, std::span<std::uint8_t> text,
                  std::uint8_t* tag) {
  EVP_CIPHER_CTX* const context = context_.get();
  int written = 0;
  EVP_DecryptInit_ex(context, nullptr, nullptr, nullptr, nonce.data());
  EVP_DecryptUpdate(context, nullptr, &written, associated.data(), static_cast<int>(associated.size()));
  if (!more.empty()) {
    EVP_DecryptUpdate(context, nullptr, &written, more.data(), static_cast<int>(more.size()));
  }
  EVP_DecryptUpdate(context, text.data(), &written, text.data(), static_cast<int>(text.size()));
  EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, kTagBytes, tag);
  return EVP_DecryptFinal_ex(context, text.data(), &written) > 0;
}

void Gcm::seal_rtp(std::vector<std::uint8_t>& packet, std::size_t header_bytes,
                   std::uint32_t rollover_counter) {
  const std::size_t plain = packet.size();
  packet.resize(plain + kTagBytes);
  const std::span<std::uint8_t> bytes(packet);
  encrypt(rtp_nonce(bytes, rollover_counter), bytes.first(header_bytes),
          bytes.subspan(header_bytes, plain - header_bytes), packet.data() + plain);
}

int Gcm::open_rtp(std::span<std::uint8_t> packet, std::size_t header_bytes, std::uint32_t rollover_counter) {
  if (packet.size() < header_bytes + kTagBytes) {
    return -1;
  }
  const std::size_t text = packet.size() - header_bytes - kTagBytes;
  std::uint8_t* const tag = packet.data() + header_bytes + text;
  if (!decrypt(rtp_nonce(packet, rollover_counter), packet.first(header_bytes), {},
               packet.subspan(header_bytes, text), tag)) {
    return -1;
  }
  return static_cast<int>(text);
}

void Gcm::seal_rtcp(std::vector<std::uint8_t>& packet, std::uint32_t index) {
  const std::size_t plain = packet.size();
  Writer trailer;
  trailer.u32(index | 0x8000'0000U);
  packet.resize(plain + kTagBytes);
  packet.insert(packet.end(), trailer.bytes().begin(), trailer.bytes().end());
  const std::span<std::uint8_t> bytes(packet);
  std::vector<std::uint8_t> associated(packet.begin(), packet.begin() + kRtcpClearBytes);
  associated.insert(associated.end(), trailer.bytes().begin(), trailer.bytes().end());
  encrypt(rtcp_nonce(bytes, index), associated, bytes.subspan(kRtcpClearBytes, plain - kRtcpClearBytes),
          packet.data() + plain);
}

int Gcm::open_rtcp(std::span<std::uint8_t> packet) {
  if (packet.size() < kRtcpClearBytes + kTagBytes + kIndexBytes) {
    return -1;
  }
  const std::size_t plain = packet.size() - kTagBytes - kIndexBytes;
  const Bytes trailer = packet.last(kIndexBytes);
  const std::uint32_t index = read_u32(trailer, 0) & 0x7FFF'FFFFU;
  if (!decrypt(rtcp_nonce(packet, index), packet.first(kRtcpClearBytes), trailer,
               packet.subspan(kRtcpClearBytes, plain - kRtcpClearBytes), packet.data() + plain)) {
    return -1;
  }
  return static_cast<int>(plain);
}

}  // namespace light
