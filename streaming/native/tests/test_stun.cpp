#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "stun.hpp"
#include "vectors.hpp"

using namespace tandem;
using tandem::testing::load_vectors;
using tandem::testing::number;
using tandem::testing::Octets;
using tandem::testing::VectorFile;

namespace {

const VectorFile& vectors() {
  static const VectorFile kVectors = load_vectors("stun.hex");
  return kVectors;
}

std::string pwd() {
  const Octets& text = vectors().at("rfc5769_request").at("pwd");
  return {text.begin(), text.end()};
}

constexpr TransactionId kTransaction{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
constexpr std::string_view kLocalPwd = "local-password-of-22-ch";

Octets check_message(const StunCheck& check, std::string_view password = kLocalPwd) {
  Octets out(256);
  const std::size_t size = write_stun_check(out, check, password);
  REQUIRE(size != 0);
  out.resize(size);
  return out;
}

StunVerdict judge(const Octets& message, std::string_view remote_ufrag = "them") {
  const auto parsed = parse_stun(message);
  REQUIRE(parsed);
  return judge_binding_request(*parsed, "us", kLocalPwd, remote_ufrag);
}

const StunCheck kCheck{.transaction_id = kTransaction,
                       .username = "us:them",
                       .priority = 0x6E0001FF,
                       .tie_breaker = 0x1122334455667788,
                       .is_controlling = true,
                       .use_candidate = true};

// Inserts an attribute in front of MESSAGE-INTEGRITY; the message then no longer verifies.
Octets with_attribute(Octets message, const Octets& attribute) {
  message.insert(message.begin() + static_cast<std::ptrdiff_t>(kStunHeaderBytes), attribute.begin(),
                 attribute.end());
  message[3] = static_cast<std::uint8_t>(message.size() - kStunHeaderBytes);
  return message;
}

}  // namespace

TEST_CASE("RFC 5769 2.1: the sample request") {
  const auto message = parse_stun(vectors().at("rfc5769_request").at("message"));
  REQUIRE(message);
  CHECK(message->message_class == StunClass::Request);
  CHECK(message->method == kStunBinding);
  CHECK(message->username == "evtj:h6vY");
  CHECK(message->receiver_ufrag() == "evtj");
  CHECK(message->sender_ufrag() == "h6vY");
  CHECK(message->priority == 0x6E0001FF);
  CHECK(message->ice_controlled == 0x932FF9B151263B36);
  CHECK_FALSE(message->ice_controlling);
  CHECK_FALSE(message->use_candidate);
  CHECK(verify_stun_integrity(*message, pwd()));
  CHECK_FALSE(verify_stun_integrity(*message, "another password"));
  CHECK(verify_stun_fingerprint(*message));
}

TEST_CASE("RFC 5769 2.2 and 2.3: the sample responses") {
  for (const auto* name : {"rfc5769_response_v4", "rfc5769_response_v6"}) {
    const auto& fields = vectors().at(name);
    const auto message = parse_stun(fields.at("message"));
    REQUIRE(message);
    CHECK(message->message_class == StunClass::Success);
    CHECK(verify_stun_integrity(*message, pwd()));
    CHECK(verify_stun_fingerprint(*message));
    const auto mapped = stun_mapped_address(*message);
    REQUIRE(mapped);
    CHECK(mapped->port == number(fields.at("port")));
    CHECK(std::ranges::equal(Bytes(mapped->address).first(mapped->is_v6 ? 16 : 4), fields.at("address")));
  }
}

TEST_CASE("a right check is accepted, with or without the sender's ufrag known") {
  const Octets message = check_message(kCheck);
  CHECK(judge(message) == StunVerdict::Accept);
  CHECK(judge(message, "") == StunVerdict::Accept);
  const auto parsed = parse_stun(message);
  CHECK(parsed->use_candidate);
  CHECK(parsed->ice_controlling == kCheck.tie_breaker);
  CHECK(parsed->priority == kCheck.priority);
  CHECK(parsed->transaction_id == kTransaction);
}

TEST_CASE("wrong credentials are 401") {
  CHECK(judge(check_message(kCheck, "another password")) == StunVerdict::Unauthorized);
  CHECK(judge(check_message(kCheck), "other") == StunVerdict::Unauthorized);
  StunCheck check = kCheck;
  check.username = "someone:them";
  CHECK(judge(check_message(check)) == StunVerdict::Unauthorized);
  check.username = "us";
  CHECK(judge(check_message(check)) == StunVerdict::Unauthorized);
}

TEST_CASE("a peer that claims to be controlled is 487") {
  StunCheck check = kCheck;
  check.is_controlling = false;
  CHECK(judge(check_message(check)) == StunVerdict::RoleConflict);
}

TEST_CASE("missing credentials are 400") {
  const Octets bare = tandem::testing::from_hex("00010000 2112a442 0102030405060708090a0b0c");
  CHECK(judge(bare) == StunVerdict::BadRequest);
  const Octets only_user =
      tandem::testing::from_hex("00010008 2112a442 0102030405060708090a0b0c 00060004 75733a74");
  CHECK(judge(only_user) == StunVerdict::BadRequest);
}

TEST_CASE("a flipped bit up to the end of MESSAGE-INTEGRITY is never accepted") {
  const Octets message = check_message(kCheck);
  const std::size_t protected_bytes = parse_stun(message)->fingerprint_offset.value();
  for (std::size_t bit = 0; bit < protected_bytes * 8; ++bit) {
    Octets flipped = message;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    const auto parsed = parse_stun(flipped);
    const bool is_accepted =
        parsed && judge_binding_request(*parsed, "us", kLocalPwd, "them") == StunVerdict::Accept;
    CHECK_FALSE(is_accepted);
  }
}

TEST_CASE("what is no binding request is ignored") {
  CHECK(judge(vectors().at("rfc5769_response_v4").at("message")) == StunVerdict::Ignore);
  Octets indication = check_message(kCheck);
  indication[1] = 0x11;
  CHECK(judge(indication) == StunVerdict::Ignore);
}

TEST_CASE("framing that is wrong does not parse") {
  const Octets good = check_message(kCheck);
  for (std::size_t size = 0; size < good.size(); ++size) {
    CHECK_FALSE(parse_stun(Bytes(good).first(size)));
  }
  Octets trailing = good;
  trailing.push_back(0);
  CHECK_FALSE(parse_stun(trailing));
  Octets cookie = good;
  cookie[4] ^= 1U;
  CHECK_FALSE(parse_stun(cookie));
  Octets behind_fingerprint = good;
  behind_fingerprint.insert(behind_fingerprint.end(), {0x00, 0x25, 0x00, 0x00});
  behind_fingerprint[3] = static_cast<std::uint8_t>(behind_fingerprint[3] + 4);
  CHECK_FALSE(parse_stun(behind_fingerprint));
  CHECK_FALSE(parse_stun(Octets(4096)));
}

TEST_CASE("an unknown attribute counts if comprehension is required") {
  const Octets message = check_message(kCheck);
  const auto required = parse_stun(with_attribute(message, tandem::testing::from_hex("7FFF0000")));
  REQUIRE(required);
  CHECK(required->unknown_attribute == 0x7FFF);
  const auto optional = parse_stun(with_attribute(message, tandem::testing::from_hex("C0570000")));
  REQUIRE(optional);
  CHECK_FALSE(optional->unknown_attribute);
}

TEST_CASE("what follows MESSAGE-INTEGRITY is not believed") {
  Octets message = check_message(StunCheck{.transaction_id = kTransaction, .username = "us:them"});
  message.resize(message.size() - 8);  // the fingerprint
  message.insert(message.end(), {0x00, 0x25, 0x00, 0x00});
  message[3] = static_cast<std::uint8_t>(message.size() - kStunHeaderBytes);
  const auto parsed = parse_stun(message);
  REQUIRE(parsed);
  CHECK_FALSE(parsed->use_candidate);
  CHECK(judge(message) == StunVerdict::Accept);
}

TEST_CASE("a success response tells the address, v4 and v6, and verifies") {
  for (const bool is_v6 : {false, true}) {
    StunAddress mapped{.is_v6 = is_v6, .port = 65535, .address = {}};
    for (std::size_t i = 0; i < (is_v6 ? 16U : 4U); ++i) {
      mapped.address.at(i) = static_cast<std::uint8_t>(200 + i);
    }
    std::array<std::uint8_t, kStunMaxResponseBytes> out{};
    const std::size_t size = write_stun_success(out, kTransaction, mapped, kLocalPwd);
    REQUIRE(size != 0);
    const auto message = parse_stun(Bytes(out).first(size));
    REQUIRE(message);
    CHECK(message->message_class == StunClass::Success);
    CHECK(message->transaction_id == kTransaction);
    CHECK(verify_stun_integrity(*message, kLocalPwd));
    CHECK(verify_stun_fingerprint(*message));
    const auto read = stun_mapped_address(*message);
    REQUIRE(read);
    CHECK(read->is_v6 == is_v6);
    CHECK(read->port == mapped.port);
    CHECK(read->address == mapped.address);
    for (std::size_t room = 0; room < size; ++room) {
      CHECK(write_stun_success(MutableBytes(out).first(room), kTransaction, mapped, kLocalPwd) == 0);
    }
  }
}

TEST_CASE("error responses carry their code, and integrity only where the request had it right") {
  const auto request =
      parse_stun(with_attribute(check_message(kCheck), tandem::testing::from_hex("7FFF0000"))).value();
  const auto answer = [&](StunVerdict verdict) {
    static std::array<std::uint8_t, kStunMaxResponseBytes> out{};
    const std::size_t size = write_stun_error(out, request, verdict, kLocalPwd);
    return parse_stun(Bytes(out).first(size));
  };
  struct Expected {
    StunVerdict verdict;
    std::uint16_t code;
    bool has_integrity;
  };
  for (const auto& [verdict, code, has_integrity] :
       {Expected{StunVerdict::BadRequest, 400, false}, Expected{StunVerdict::Unauthorized, 401, false},
        Expected{StunVerdict::UnknownAttribute, 420, true}, Expected{StunVerdict::RoleConflict, 487, true}}) {
    const auto message = answer(verdict);
    REQUIRE(message);
    CHECK(message->message_class == StunClass::Error);
    CHECK(message->error_code == code);
    CHECK(verify_stun_integrity(*message, kLocalPwd) == has_integrity);
    CHECK(verify_stun_fingerprint(*message));
  }
  CHECK_FALSE(answer(StunVerdict::Accept));
  CHECK_FALSE(answer(StunVerdict::Ignore));
}
