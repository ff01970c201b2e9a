#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "crypto_suites.hpp"
#include "vectors.hpp"

using namespace tandem;
using tandem::testing::load_vectors;
using tandem::testing::number;
using tandem::testing::Octets;
using tandem::testing::openssl;
using tandem::testing::real_backends;
using tandem::testing::VectorCase;

namespace {

void set_keys(SessionKeys& keys, const VectorCase& fields) {
  std::ranges::copy(fields.at("session_key"), keys.cipher_key.begin());
  std::ranges::copy(fields.at("session_salt"), keys.salt.begin());
}

void check_gcm_rtp(CryptoBackend& crypto, SrtpProfile profile, const VectorCase& fields) {
  SessionKeys keys;
  set_keys(keys, fields);
  const Octets& header = fields.at("header");
  const Octets& payload = fields.at("payload");
  const Bytes expected(fields.at("protected"));
  const PacketIdentity identity{.ssrc = 0x5501a0b2, .index = 0xf17b, .header = header, .trailer = {}};
  const auto sealing = crypto.make_cipher(profile, keys, KeyUse::Rtp, Direction::Seal);
  REQUIRE(sealing);
  Octets body(payload.size());
  std::array<std::uint8_t, 16> tag{};
  // In two parts: the split must not show.
  const std::array<Bytes, 2> parts{Bytes(payload).first(5), Bytes(payload).subspan(5)};
  REQUIRE(sealing->seal(identity, parts, body, tag, nullptr));
  CHECK(std::ranges::equal(body, expected.subspan(header.size(), payload.size())));
  CHECK(std::ranges::equal(tag, expected.last(tag.size())));
  const auto opening = crypto.make_cipher(profile, keys, KeyUse::Rtp, Direction::Open);
  REQUIRE(opening);
  Octets plain(payload.size());
  REQUIRE(opening->open(identity, body, tag, plain));
  CHECK(plain == payload);
  tag[0] ^= 1U;
  CHECK_FALSE(opening->open(identity, body, tag, plain));
}

void check_gcm_rtcp(CryptoBackend& crypto, SrtpProfile profile, const VectorCase& fields) {
  SessionKeys keys;
  set_keys(keys, fields);
  const Bytes compound(fields.at("compound"));
  const Bytes expected(fields.at("protected"));
  const PacketIdentity identity{.ssrc = 0x4d617273,
                                .index = number(fields.at("index")),
                                .header = compound.first(8),
                                .trailer = expected.last(4)};
  const auto sealing = crypto.make_cipher(profile, keys, KeyUse::Rtcp, Direction::Seal);
  REQUIRE(sealing);
  Octets body(compound.size() - 8);
  std::array<std::uint8_t, 16> tag{};
  const std::array<Bytes, 1> parts{compound.subspan(8)};
  REQUIRE(sealing->seal(identity, parts, body, tag, nullptr));
  CHECK(std::ranges::equal(body, expected.subspan(8, body.size())));
  CHECK(std::ranges::equal(tag, expected.subspan(8 + body.size(), tag.size())));
}

Octets key_stream(CryptoBackend& crypto, const VectorCase& fields, std::size_t count) {
  SessionKeys keys;
  set_keys(keys, fields);
  const auto cipher =
      crypto.make_cipher(SrtpProfile::AesCm128HmacSha1_80, keys, KeyUse::Rtp, Direction::Seal);
  REQUIRE(cipher);
  const Octets zeros(count);
  Octets stream(count);
  std::array<std::uint8_t, 10> tag{};
  const std::array<Bytes, 1> parts{Bytes(zeros)};
  REQUIRE(cipher->seal(PacketIdentity{}, parts, stream, tag, nullptr));
  return stream;
}

}  // namespace

TEST_CASE("RFC 3711 B.2: the AES-CM key stream at its start") {
  const auto fields = load_vectors("srtp.hex").at("rfc3711_b2");
  for (CryptoBackend* crypto : real_backends()) {
    CHECK(std::ranges::equal(key_stream(*crypto, fields, 48), fields.at("keystream_0")));
  }
}

TEST_CASE("RFC 3711 B.2: the AES-CM key stream at block 0xFEFF, which no datagram reaches") {
  const auto fields = load_vectors("srtp.hex").at("rfc3711_b2");
  constexpr std::size_t kBlockBytes = 16;
  constexpr std::size_t kLastBlocks = 0xFEFF;
  const Octets stream = key_stream(openssl(), fields, (kLastBlocks + 3) * kBlockBytes);
  CHECK(std::ranges::equal(Bytes(stream).last(48), fields.at("keystream_feff")));
}

TEST_CASE("RFC 3711 B.3: key derivation") {
  const auto fields = load_vectors("srtp.hex").at("rfc3711_b3");
  SessionKeys keys;
  REQUIRE(derive_session_keys(SrtpProfile::AesCm128HmacSha1_80, fields.at("master_key"),
                              fields.at("master_salt"), KeyUse::Rtp, keys));
  CHECK(std::ranges::equal(Bytes(keys.cipher_key).first(16), fields.at("cipher_key")));
  CHECK(std::ranges::equal(keys.salt, fields.at("cipher_salt")));
  CHECK(std::ranges::equal(keys.auth_key, fields.at("auth_key")));
}

TEST_CASE("RFC 7714 16: AEAD SRTP, both key sizes") {
  const auto vectors = load_vectors("srtp.hex");
  for (CryptoBackend* crypto : real_backends()) {
    check_gcm_rtp(*crypto, SrtpProfile::AeadAes128Gcm, vectors.at("rfc7714_16_1"));
    check_gcm_rtp(*crypto, SrtpProfile::AeadAes256Gcm, vectors.at("rfc7714_16_2"));
  }
}

TEST_CASE("RFC 7714 17: AEAD SRTCP, both key sizes") {
  const auto vectors = load_vectors("srtp.hex");
  for (CryptoBackend* crypto : real_backends()) {
    check_gcm_rtcp(*crypto, SrtpProfile::AeadAes128Gcm, vectors.at("rfc7714_17_128"));
    check_gcm_rtcp(*crypto, SrtpProfile::AeadAes256Gcm, vectors.at("rfc7714_17_256"));
  }
}

TEST_CASE("master keys and salts of the wrong size give no session keys") {
  const Octets short_key(15);
  const Octets key(16);
  const Octets salt(14);
  const Octets aead_salt(12);
  const auto derives = [](SrtpProfile profile, const Octets& master_key, const Octets& master_salt) {
    SessionKeys keys;
    return derive_session_keys(profile, master_key, master_salt, KeyUse::Rtp, keys);
  };
  CHECK_FALSE(derives(SrtpProfile::AesCm128HmacSha1_80, short_key, salt));
  CHECK_FALSE(derives(SrtpProfile::AesCm128HmacSha1_80, key, aead_salt));
  CHECK_FALSE(derives(SrtpProfile::AeadAes256Gcm, key, aead_salt));
  CHECK(derives(SrtpProfile::AeadAes128Gcm, key, aead_salt));
  CHECK(derives(SrtpProfile::AesCm128HmacSha1_80, key, salt));
}
