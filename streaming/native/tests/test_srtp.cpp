#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "crypto_suites.hpp"
#include "rtp_packet.hpp"
#include "srtp.hpp"
#include "vectors.hpp"

using namespace tandem;
using tandem::testing::all_suites;
using tandem::testing::from_hex;
using tandem::testing::Octets;
using tandem::testing::openssl;
using tandem::testing::real_suites;
using tandem::testing::Suite;

namespace {

struct Keys {
  Octets key;
  Octets salt;
};
Keys keys_for(SrtpProfile profile) {
  const SrtpProfileSizes sizes = srtp_sizes(profile);
  Keys keys{.key = Octets(sizes.key_bytes), .salt = Octets(sizes.salt_bytes)};
  for (std::size_t i = 0; i < keys.key.size(); ++i) {
    keys.key[i] = static_cast<std::uint8_t>(i * 7);
  }
  std::ranges::fill(keys.salt, std::uint8_t{0xA5});
  return keys;
}

// Both ends of one direction.
struct Pair {
  explicit Pair(const Suite& suite, std::size_t max_ssrcs = kDefaultMaxSsrcs)
      : Pair(suite, keys_for(suite.profile), max_ssrcs) {}
  Pair(const Suite& suite, const Keys& keys, std::size_t max_ssrcs)
      : sender(SrtpSender::create(*suite.crypto, suite.profile, keys.key, keys.salt).value()),
        receiver(SrtpReceiver::create(*suite.crypto, suite.profile, keys.key, keys.salt, max_ssrcs).value()) {
  }

  Octets protect(std::int64_t extended_sequence_number, std::uint32_t ssrc = 0x1234) {
    std::array<std::uint8_t, kRtpFixedHeaderBytes> header{};
    ByteWriter writer(header);
    write_rtp_header(writer,
                     RtpHeader{.payload_type = 96,
                               .sequence_number = static_cast<std::uint16_t>(extended_sequence_number),
                               .ssrc = ssrc});
    const Octets payload(100, static_cast<std::uint8_t>(extended_sequence_number));
    Octets out(header.size() + payload.size() + kMaxSrtpGrowthBytes);
    const SrtpResult result =
        sender.protect_rtp(header, payload, static_cast<std::uint32_t>(extended_sequence_number >> 16), out);
    REQUIRE(result.ok());
    out.resize(result.length);
    return out;
  }

  SrtpResult receive(const Octets& packet) {
    plain.assign(2048, 0);
    const SrtpResult result = receiver.unprotect_rtp(packet, plain);
    plain.resize(result.ok() ? result.length : 0);
    return result;
  }

  SrtpStatus status_of(std::int64_t extended_sequence_number) {
    return receive(protect(extended_sequence_number)).status;
  }

  SrtpSender sender;
  SrtpReceiver receiver;
  Octets plain;
};

const Octets kCompound = from_hex("80c90001 11111111 81ca0004 11111111 0106 74616e64656d 00000000");

Octets protect_compound(SrtpSender& sender) {
  Octets out(kCompound.size() + kMaxSrtpGrowthBytes);
  const SrtpResult result = sender.protect_rtcp(kCompound, out);
  REQUIRE(result.ok());
  out.resize(result.length);
  return out;
}

}  // namespace

TEST_CASE("RTP comes through every profile, with the packet index") {
  for (const Suite& suite : all_suites()) {
    Pair pair(suite);
    const Octets packet = pair.protect(65535);
    CHECK(packet.size() == 112 + srtp_sizes(suite.profile).tag_bytes);
    const SrtpResult result = pair.receive(packet);
    REQUIRE(result.ok());
    CHECK(result.index == 65535);
    CHECK(pair.plain.size() == 112);
    CHECK(pair.plain[12] == 0xFF);
  }
}

TEST_CASE("RTP is unprotected in its own buffer") {
  for (const Suite& suite : all_suites()) {
    Pair pair(suite);
    Octets packet = pair.protect(1);
    const SrtpResult result = pair.receiver.unprotect_rtp(packet, packet);
    REQUIRE(result.ok());
    CHECK(result.length == 112);
    CHECK(packet[12] == 1);
  }
}

TEST_CASE("a header that stands in the output already, and a payload in parts, give the same bytes") {
  for (const Suite& suite : all_suites()) {
    Pair pair(suite);
    const Octets expected = pair.protect(5);
    Octets out(expected.size());
    std::copy_n(expected.begin(), kRtpFixedHeaderBytes, out.begin());
    const Octets payload(100, 5);
    const std::array<Bytes, 4> parts{Bytes(payload).first(2), Bytes(payload).subspan(2, 50), Bytes{},
                                     Bytes(payload).subspan(52)};
    const SrtpResult result =
        pair.sender.protect_rtp(Bytes(out).first(kRtpFixedHeaderBytes), parts, 0, out, nullptr);
    REQUIRE(result.ok());
    CHECK(out == expected);
  }
}

TEST_CASE("checklist 1: the roll-over counter follows across 65535 -> 0, late packets keep their own") {
  for (const Suite& suite : real_suites()) {
    Pair pair(suite);
    CHECK(pair.status_of(65534) == SrtpStatus::Ok);
    CHECK(pair.status_of(65536) == SrtpStatus::Ok);
    CHECK(pair.receiver.roll_over_counter(0x1234) == 1);
    CHECK(pair.status_of(65535) == SrtpStatus::Ok);
    CHECK(pair.receiver.roll_over_counter(0x1234) == 1);
    CHECK(pair.status_of(65537) == SrtpStatus::Ok);
    CHECK(pair.status_of(65535) == SrtpStatus::Replayed);
  }
}

TEST_CASE("checklist 1: what fails to authenticate changes neither the roll-over counter nor the window") {
  for (const Suite& suite : real_suites()) {
    Pair pair(suite);
    REQUIRE(pair.status_of(65530) == SrtpStatus::Ok);
    // A forged packet that would turn the counter over and move the window.
    Octets forged = pair.protect(65600);
    forged.back() ^= 1U;
    CHECK(pair.receive(forged).status == SrtpStatus::AuthFailed);
    CHECK(pair.receiver.roll_over_counter(0x1234) == 0);
    CHECK(pair.status_of(65531) == SrtpStatus::Ok);
    // A tampered copy does not use up the index of the true packet.
    Octets packet = pair.protect(65532);
    for (std::size_t i = 0; i < packet.size(); ++i) {
      Octets tampered = packet;
      tampered[i] ^= 0x40U;
      CHECK_FALSE(pair.receive(tampered).ok());
    }
    CHECK(pair.receive(packet).ok());
    CHECK(pair.receive(packet).status == SrtpStatus::Replayed);
  }
}

TEST_CASE("checklist 1: an unauthenticated SSRC takes no place in the table") {
  Pair pair(Suite{.crypto = &openssl()}, 2);
  for (std::uint32_t ssrc = 1; ssrc < 100; ++ssrc) {
    Octets forged = pair.protect(1, ssrc);
    forged.back() ^= 1U;
    CHECK(pair.receive(forged).status == SrtpStatus::AuthFailed);
  }
  CHECK(pair.receiver.ssrc_count() == 0);
  CHECK(pair.receive(pair.protect(1, 1)).ok());
  CHECK(pair.receive(pair.protect(1, 2)).ok());
  CHECK(pair.receive(pair.protect(1, 3)).status == SrtpStatus::TooManySsrcs);
  CHECK(pair.receive(pair.protect(2, 2)).ok());
}

TEST_CASE("checklist 2: a retransmission 1,024 packets late is accepted, once") {
  for (const Suite& suite : real_suites()) {
    Pair pair(suite);
    REQUIRE(pair.status_of(60000) == SrtpStatus::Ok);
    const Octets late = pair.protect(60001);
    for (std::int64_t sequence_number = 60002; sequence_number <= 61100; ++sequence_number) {
      REQUIRE(pair.status_of(sequence_number) == SrtpStatus::Ok);
    }
    CHECK(pair.receive(late).ok());
    CHECK(pair.receive(late).status == SrtpStatus::Replayed);
  }
}

TEST_CASE("checklist 29: a packet of 2 KB goes through") {
  for (const Suite& suite : all_suites()) {
    Pair pair(suite);
    const Octets header = from_hex("80600001 00000001 00000002");
    const Octets payload(2048 - kMaxTagBytes - header.size(), 0x5A);
    Octets out(2048);
    const SrtpResult result = pair.sender.protect_rtp(header, payload, 0, out);
    REQUIRE(result.ok());
    out.resize(result.length);
    CHECK(pair.receive(out).ok());
  }
}

TEST_CASE("malformed and truncated packets are refused without a trace") {
  for (const Suite& suite : real_suites()) {
    Pair pair(suite);
    const Octets packet = pair.protect(1);
    for (std::size_t size = 0; size < packet.size(); ++size) {
      CHECK_FALSE(
          pair.receive(Octets(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(size))).ok());
    }
    CHECK(pair.receiver.ssrc_count() == 0);
    std::array<std::uint8_t, 111> small{};
    CHECK(pair.receiver.unprotect_rtp(packet, small).status == SrtpStatus::NoSpace);
    CHECK(pair.sender.protect_rtp(Bytes(packet).first(12), Bytes(packet).subspan(12), 0, small).status ==
          SrtpStatus::NoSpace);
    CHECK(pair.sender.protect_rtp(Bytes(packet).first(11), Bytes{}, 0, small).status ==
          SrtpStatus::Malformed);
  }
}

TEST_CASE("RTCP comes through every profile with a rising index, and not twice") {
  for (const Suite& suite : all_suites()) {
    Pair pair(suite);
    Octets plain(256);
    const Octets first = protect_compound(pair.sender);
    const Octets second = protect_compound(pair.sender);
    CHECK(first.size() == kCompound.size() + pair.sender.rtcp_overhead_bytes());
    const SrtpResult later = pair.receiver.unprotect_rtcp(second, plain);
    REQUIRE(later.ok());
    CHECK(later.index == 1);
    CHECK(pair.receiver.unprotect_rtcp(second, plain).status == SrtpStatus::Replayed);
    const SrtpResult earlier = pair.receiver.unprotect_rtcp(first, plain);
    REQUIRE(earlier.ok());
    plain.resize(earlier.length);
    CHECK(plain == kCompound);
  }
}

TEST_CASE("tampered, truncated and unencrypted RTCP is refused without a trace") {
  for (const Suite& suite : real_suites()) {
    Pair pair(suite);
    Octets plain(256);
    const Octets packet = protect_compound(pair.sender);
    for (std::size_t i = 0; i < packet.size(); ++i) {
      Octets tampered = packet;
      tampered[i] ^= 0x20U;
      CHECK_FALSE(pair.receiver.unprotect_rtcp(tampered, plain).ok());
      CHECK_FALSE(pair.receiver.unprotect_rtcp(Bytes(packet).first(i), plain).ok());
    }
    Octets in_clear = packet;
    const std::size_t flag =
        suite.profile == SrtpProfile::AesCm128HmacSha1_80 ? packet.size() - 14 : packet.size() - 4;
    in_clear[flag] &= 0x7FU;
    CHECK(pair.receiver.unprotect_rtcp(in_clear, plain).status == SrtpStatus::Malformed);
    CHECK(pair.receiver.unprotect_rtcp(packet, plain).ok());
  }
}

TEST_CASE("keys of the wrong size make no receiver and no sender") {
  const Octets key(16);
  const Octets salt(14);
  CHECK_FALSE(SrtpReceiver::create(openssl(), SrtpProfile::AeadAes128Gcm, key, salt));
  CHECK_FALSE(SrtpSender::create(openssl(), SrtpProfile::AeadAes256Gcm, key, salt));
  CHECK(SrtpSender::create(openssl(), SrtpProfile::AesCm128HmacSha1_80, key, salt));
}
