// ipsec-mb against OpenSSL: the same bytes, at every size, split and way; and tags that are left open.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <random>
#include <span>
#include <vector>

#include "crypto_backend.hpp"
#include "crypto_suites.hpp"
#include "rtp_packet.hpp"
#include "srtp.hpp"
#include "vectors.hpp"

using namespace tandem;
using tandem::testing::identity;
using tandem::testing::ipsec_mb;
using tandem::testing::kProfiles;
using tandem::testing::Octets;
using tandem::testing::openssl;

namespace {

using Random = std::mt19937;

constexpr std::size_t kLargestPayload = 1400;

std::size_t below(Random& random, std::size_t limit) {
  return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
}

Octets random_octets(Random& random, std::size_t size) {
  Octets octets(size);
  std::ranges::generate(octets, [&] { return static_cast<std::uint8_t>(random()); });
  return octets;
}

struct MasterKey {
  MasterKey(Random& random, SrtpProfile profile)
      : key(random_octets(random, srtp_sizes(profile).key_bytes)),
        salt(random_octets(random, srtp_sizes(profile).salt_bytes)) {}
  Octets key;
  Octets salt;
};

SrtpSender sender(CryptoBackend& crypto, SrtpProfile profile, const MasterKey& master) {
  return SrtpSender::create(crypto, profile, master.key, master.salt).value();
}
SrtpReceiver receiver(CryptoBackend& crypto, SrtpProfile profile, const MasterKey& master) {
  return SrtpReceiver::create(crypto, profile, master.key, master.salt).value();
}

// A header of 12 to 12 + 4 * 15 bytes.
Octets random_header(Random& random, std::uint16_t sequence_number) {
  Octets header = random_octets(random, kRtpFixedHeaderBytes + 4 * below(random, 16));
  header[0] = static_cast<std::uint8_t>(0x80U | ((header.size() - kRtpFixedHeaderBytes) / 4));
  header[2] = static_cast<std::uint8_t>(sequence_number >> 8U);
  header[3] = static_cast<std::uint8_t>(sequence_number);
  return header;
}

// Up to four parts, empty ones among them.
std::vector<Bytes> random_split(Random& random, Bytes payload) {
  std::vector<Bytes> parts;
  for (std::size_t cuts = below(random, 4); cuts > 0; --cuts) {
    const std::size_t size = below(random, payload.size() + 1);
    parts.push_back(payload.first(size));
    payload = payload.subspan(size);
  }
  parts.push_back(payload);
  return parts;
}

Octets protect(SrtpSender& srtp, const Octets& header, std::span<const Bytes> parts,
               std::size_t payload_bytes, std::uint32_t roc) {
  Octets out(header.size() + payload_bytes + kMaxSrtpGrowthBytes);
  const SrtpResult result = srtp.protect_rtp(header, parts, roc, out, nullptr);
  REQUIRE(result.ok());
  out.resize(result.length);
  return out;
}

Octets joined(const Octets& header, const Octets& payload) {
  Octets packet = header;
  packet.insert(packet.end(), payload.begin(), payload.end());
  return packet;
}

// Opens `packet` where it lies; empty: refused.
Octets opened(SrtpReceiver& srtp, Octets packet) {
  const SrtpResult result = srtp.unprotect_rtp(packet, packet);
  packet.resize(result.ok() ? result.length : 0);
  return packet;
}

}  // namespace

TEST_CASE("crypto backend: one is always chosen, and says its name or what it lacks") {
  const CryptoChoice choice = choose_crypto_backend();
  REQUIRE(choice.backend != nullptr);
  if (ipsec_mb() != nullptr) {
    CHECK(choice.backend->name().starts_with("ipsec-mb "));
    CHECK(choice.advice.empty());
  } else {
    CHECK(choice.backend->name().starts_with("OpenSSL 3."));
    CHECK_FALSE(choice.advice.empty());
    MESSAGE("ipsec-mb is not tested here: " << choice.advice);
  }
}

TEST_CASE(
    "crypto backend: RTP by ipsec-mb and by OpenSSL is the same, each opens the other's, tampering is "
    "refused") {
  if (ipsec_mb() == nullptr) {
    return;
  }
  Random random(1);
  for (const SrtpProfile profile : kProfiles) {
    const MasterKey master(random, profile);
    SrtpSender fast = sender(*ipsec_mb(), profile, master);
    SrtpSender plain = sender(openssl(), profile, master);
    for (std::size_t size = 0; size <= kLargestPayload; ++size) {
      const auto roc = static_cast<std::uint32_t>(size % 3 == 0 ? 0 : random() & 0xFFFFU);
      const Octets header = random_header(random, static_cast<std::uint16_t>(random()));
      const Octets payload = random_octets(random, size);
      const std::vector<Bytes> parts = random_split(random, payload);
      Octets packet = protect(fast, header, parts, size, roc);
      REQUIRE(packet == protect(plain, header, std::array{Bytes(payload)}, size, roc));
      if (roc != 0) {
        continue;  // a receiver begins at 0
      }
      SrtpReceiver fast_receiver = receiver(*ipsec_mb(), profile, master);
      SrtpReceiver plain_receiver = receiver(openssl(), profile, master);
      Octets tampered = packet;
      tampered[kRtpFixedHeaderBytes + below(random, tampered.size() - kRtpFixedHeaderBytes)] ^=
          static_cast<std::uint8_t>(1U << below(random, 8));
      REQUIRE(opened(fast_receiver, tampered).empty());
      REQUIRE(opened(fast_receiver, packet) == joined(header, payload));
      REQUIRE(opened(plain_receiver, packet) == joined(header, payload));
    }
  }
}

TEST_CASE(
    "crypto backend: RTCP by ipsec-mb and by OpenSSL is the same, each opens the other's, tampering is "
    "refused") {
  if (ipsec_mb() == nullptr) {
    return;
  }
  Random random(2);
  for (const SrtpProfile profile : kProfiles) {
    const MasterKey master(random, profile);
    SrtpSender fast = sender(*ipsec_mb(), profile, master);
    SrtpSender plain = sender(openssl(), profile, master);
    SrtpReceiver fast_receiver = receiver(*ipsec_mb(), profile, master);
    SrtpReceiver plain_receiver = receiver(openssl(), profile, master);
    for (std::size_t size = 8; size < 600; ++size) {
      Octets compound = random_octets(random, size);
      compound[0] = 0x80;
      compound[4] = compound[5] = compound[6] = compound[7] = 1;  // one SSRC
      Octets packet(size + kMaxSrtpGrowthBytes);
      Octets expected(packet.size());
      const SrtpResult sealed = fast.protect_rtcp(compound, packet);
      REQUIRE(sealed.ok());
      REQUIRE(plain.protect_rtcp(compound, expected).length == sealed.length);
      REQUIRE(packet == expected);
      packet.resize(sealed.length);
      Octets out(size);
      Octets tampered = packet;
      tampered[8 + below(random, tampered.size() - 8)] ^= static_cast<std::uint8_t>(1U << below(random, 8));
      REQUIRE_FALSE(fast_receiver.unprotect_rtcp(tampered, out).ok());
      REQUIRE(fast_receiver.unprotect_rtcp(packet, out).ok());
      REQUIRE(out == compound);
      REQUIRE(plain_receiver.unprotect_rtcp(packet, out).ok());
      REQUIRE(out == compound);
    }
  }
}

TEST_CASE("seal batch: packets of any number, size and key are complete once it has been run") {
  if (ipsec_mb() == nullptr) {
    return;
  }
  Random random(3);
  for (const SrtpProfile profile : kProfiles) {
    const auto batch = ipsec_mb()->make_seal_batch();
    for (std::size_t count = 0; count <= 100; ++count) {
      std::vector<Octets> packets;
      std::vector<Octets> expected;
      for (std::size_t i = 0; i < count; ++i) {
        // The sender dies before the batch is run, as a transport may.
        const MasterKey master(random, profile);
        SrtpSender fast = sender(*ipsec_mb(), profile, master);
        SrtpSender plain = sender(openssl(), profile, master);
        const Octets header = random_header(random, static_cast<std::uint16_t>(i));
        const Octets payload = random_octets(random, below(random, kLargestPayload + 1));
        const auto roc = static_cast<std::uint32_t>(random());
        const std::vector<Bytes> parts = random_split(random, payload);
        expected.push_back(protect(plain, header, parts, payload.size(), roc));
        packets.emplace_back(expected.back().size());
        REQUIRE(fast.protect_rtp(header, parts, roc, packets.back(), batch.get()).ok());
      }
      batch->run();
      REQUIRE(packets == expected);
    }
  }
}

TEST_CASE("crypto backend: what no datagram holds is refused, not written beyond") {
  if (ipsec_mb() == nullptr) {
    return;
  }
  Random random(4);
  const MasterKey master(random, SrtpProfile::AesCm128HmacSha1_80);
  SrtpSender fast = sender(*ipsec_mb(), SrtpProfile::AesCm128HmacSha1_80, master);
  const auto batch = ipsec_mb()->make_seal_batch();
  const Octets header = random_header(random, 1);
  const Octets payload = random_octets(random, 65'000);
  const std::array<Bytes, 1> parts{payload};
  Octets out(header.size() + payload.size() + kMaxSrtpGrowthBytes);
  CHECK_FALSE(fast.protect_rtp(header, parts, 0, out, nullptr).ok());
  CHECK_FALSE(fast.protect_rtp(header, parts, 0, out, batch.get()).ok());
}

TEST_CASE("identity backend: payload in clear, a constant tag, lengths as with the profile") {
  Random random(5);
  for (const SrtpProfile profile : kProfiles) {
    const MasterKey master(random, profile);
    SrtpSender clear = sender(identity(), profile, master);
    const Octets header = random_header(random, 1);
    const Octets payload = random_octets(random, 100);
    const Octets packet = protect(clear, header, std::array{Bytes(payload)}, payload.size(), 0);
    const std::size_t plain_bytes = header.size() + payload.size();
    CHECK(packet.size() == plain_bytes + srtp_sizes(profile).tag_bytes);
    CHECK(std::ranges::equal(Bytes(packet).first(plain_bytes), joined(header, payload)));
    CHECK(std::ranges::all_of(Bytes(packet).subspan(plain_bytes), [](std::uint8_t b) { return b == 0x5A; }));
  }
  CHECK(identity().make_seal_batch() == nullptr);
  CHECK(identity().name() == "identity");
}
