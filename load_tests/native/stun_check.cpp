#include "stun_check.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>

#include "wire.hpp"

namespace light {
namespace {

constexpr std::uint32_t kBindingRequest = 0x0001;
constexpr std::uint32_t kMagicCookie = 0x2112A442;
constexpr std::uint32_t kUsername = 0x0006;
constexpr std::uint32_t kMessageIntegrity = 0x0008;
constexpr std::uint32_t kPriority = 0x0024;
constexpr std::uint32_t kUseCandidate = 0x0025;
constexpr std::uint32_t kIceControlling = 0x802A;
constexpr std::uint32_t kFingerprint = 0x8028;
constexpr std::uint32_t kFingerprintMask = 0x5354554E;
constexpr std::size_t kHeaderBytes = 20;
constexpr std::size_t kIntegrityBytes = 20;

std::uint32_t crc32(Bytes bytes) {
  std::uint32_t crc = 0xFFFF'FFFFU;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xEDB8'8320U : 0U);
    }
  }
  return ~crc;
}

void attribute(Writer& out, std::uint32_t type, Bytes value) {
  out.u16(type);
  out.u16(static_cast<std::uint32_t>(value.size()));
  out.raw(value);
  out.fill((out.size() + 3) / 4 * 4);
}

}  // namespace

std::vector<std::uint8_t> make_check(const std::string& username, const std::string& password) {
  std::array<std::uint8_t, 12> transaction{};
  std::array<std::uint8_t, 8> tie_breaker{};
  RAND_bytes(transaction.data(), static_cast<int>(transaction.size()));
  RAND_bytes(tie_breaker.data(), static_cast<int>(tie_breaker.size()));
  constexpr std::array<std::uint8_t, 4> kHostPriority{0x6E, 0x00, 0x1E, 0xFF};

  Writer out;
  out.u16(kBindingRequest);
  out.u16(0);
  out.u32(kMagicCookie);
  out.raw(transaction);
  attribute(out, kUsername, {reinterpret_cast<const std::uint8_t*>(username.data()), username.size()});
  attribute(out, kPriority, kHostPriority);
  attribute(out, kIceControlling, tie_breaker);
  attribute(out, kUseCandidate, {});

  out.set_u16(2, static_cast<std::uint32_t>(out.size() - kHeaderBytes + 4 + kIntegrityBytes));
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned int digest_bytes = 0;
  HMAC(EVP_sha1(), password.data(), static_cast<int>(password.size()), out.bytes().data(), out.size(),
       digest.data(), &digest_bytes);
  attribute(out, kMessageIntegrity, Bytes(digest).first(kIntegrityBytes));

  out.set_u16(2, static_cast<std::uint32_t>(out.size() - kHeaderBytes + 8));
  const std::uint32_t fingerprint = crc32(out.bytes()) ^ kFingerprintMask;
  out.u16(kFingerprint);
  out.u16(4);
  out.u32(fingerprint);
  return out.bytes();
}

}  // namespace light
