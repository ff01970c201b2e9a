// The first byte chooses profile and backend, the rest is the packet. Nothing can authenticate by
// chance, so every packet must be refused and leave no trace; then the packet is taken as plaintext and must
// come back.
#include <algorithm>
#include <array>
#include <vector>

#include "require.hpp"
#include "rtp_packet.hpp"
#include "srtp.hpp"

using namespace tandem;
using tandem::fuzzing::require;

namespace {

constexpr std::array<std::uint8_t, 32> kKey{1, 2, 3, 4};
constexpr std::array<std::uint8_t, 14> kSalt{5, 6, 7, 8};

void refuse(SrtpReceiver& receiver, Bytes packet) {
  std::vector<std::uint8_t> out(packet.size());
  require(!receiver.unprotect_rtp(packet, out).ok());
  require(!receiver.unprotect_rtcp(packet, out).ok());
  require(receiver.ssrc_count() == 0);
}

void round_trip(SrtpProfile profile, SrtpSender& sender, SrtpReceiver& receiver, Bytes packet) {
  std::vector<std::uint8_t> sealed(packet.size() + kMaxSrtpGrowthBytes);
  std::vector<std::uint8_t> plain(sealed.size());
  if (const auto header_bytes = rtp_header_bytes(packet)) {
    const SrtpResult sent =
        sender.protect_rtp(packet.first(*header_bytes), packet.subspan(*header_bytes), 0, sealed);
    require(sent.ok() && sent.length == packet.size() + srtp_sizes(profile).tag_bytes);
    const SrtpResult received = receiver.unprotect_rtp(Bytes(sealed).first(sent.length), plain);
    require(received.ok() && std::ranges::equal(Bytes(plain).first(received.length), packet));
  }
  const SrtpResult sent = sender.protect_rtcp(packet, sealed);
  if (sent.ok() && (packet[0] >> 6U) == 2) {
    const SrtpResult received = receiver.unprotect_rtcp(Bytes(sealed).first(sent.length), plain);
    require(received.ok() && std::ranges::equal(Bytes(plain).first(received.length), packet));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array<SrtpProfile, 3> kProfiles{SrtpProfile::AesCm128HmacSha1_80, SrtpProfile::AeadAes128Gcm,
                                                 SrtpProfile::AeadAes256Gcm};
  if (size == 0) {
    return 0;
  }
  static const std::unique_ptr<CryptoBackend> kOpenssl = open_openssl_backend();
  static const CryptoChoice kBest = choose_crypto_backend();
  const SrtpProfile profile = kProfiles.at(data[0] % kProfiles.size());
  CryptoBackend& crypto = (data[0] & 0x80U) == 0 ? *kBest.backend : *kOpenssl;
  const SrtpProfileSizes sizes = srtp_sizes(profile);
  const Bytes key = Bytes(kKey).first(sizes.key_bytes);
  const Bytes salt = Bytes(kSalt).first(sizes.salt_bytes);
  auto sender = SrtpSender::create(crypto, profile, key, salt);
  auto receiver = SrtpReceiver::create(crypto, profile, key, salt);
  require(sender && receiver);
  const Bytes packet = Bytes(data, size).subspan(1);
  refuse(*receiver, packet);
  round_trip(profile, *sender, *receiver, packet);
  return 0;
}
