// STUN as an ICE-lite agent needs it (RFC 8489, RFC 8445): binding requests in, responses out.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "cursor.hpp"

namespace tandem {

inline constexpr std::uint32_t kStunMagicCookie = 0x2112A442;
inline constexpr std::size_t kStunHeaderBytes = 20;
inline constexpr std::size_t kStunMaxResponseBytes = 256;

enum class StunClass : std::uint8_t { Request = 0, Indication = 1, Success = 2, Error = 3 };
inline constexpr std::uint16_t kStunBinding = 0x001;

using TransactionId = std::array<std::uint8_t, 12>;

// A well-formed message: cookie, length and attribute framing are right. Nothing is authenticated yet.
struct StunMessage {
  StunClass message_class = StunClass::Request;
  std::uint16_t method = 0;
  TransactionId transaction_id{};
  std::string_view username{};  // empty: absent
  std::optional<std::uint32_t> priority{};
  std::optional<std::uint64_t> ice_controlling{};  // tie-breaker
  std::optional<std::uint64_t> ice_controlled{};
  bool use_candidate = false;
  std::optional<std::size_t> integrity_offset{};  // of the attribute's header
  std::optional<std::size_t> fingerprint_offset{};
  std::optional<std::uint16_t> unknown_attribute{};  // the first comprehension-required one that is not known
  std::uint16_t error_code = 0;                      // of an error response
  Bytes bytes{};                                     // the message itself

  // USERNAME of a check is "receiver's ufrag:sender's ufrag" (RFC 8445 7.2.2); empty if it has no colon.
  [[nodiscard]] std::string_view receiver_ufrag() const noexcept;
  [[nodiscard]] std::string_view sender_ufrag() const noexcept;
};

[[nodiscard]] std::optional<StunMessage> parse_stun(Bytes datagram) noexcept;
// A message without the attribute does not verify. The comparison of the HMAC takes constant time.
[[nodiscard]] bool verify_stun_integrity(const StunMessage& message, std::string_view pwd) noexcept;
[[nodiscard]] bool verify_stun_fingerprint(const StunMessage& message) noexcept;

enum class StunVerdict : std::uint8_t {
  Accept,            // answer with success
  Ignore,            // no answer: not a binding request, or a FINGERPRINT that is wrong
  BadRequest,        // 400: USERNAME or MESSAGE-INTEGRITY missing
  Unauthorized,      // 401: wrong user name or wrong integrity
  UnknownAttribute,  // 420
  RoleConflict,      // 487: the peer claims to be controlled, as an ICE-lite agent is
};

// Judges a check against the local credentials (RFC 8445 7.3). `remote_ufrag` may be empty: then any sender's
// is accepted (before the peer's description is known). PRIORITY is not asked for: an ICE-lite agent does
// nothing with it, and some encoders' muxers leave it out.
[[nodiscard]] StunVerdict judge_binding_request(const StunMessage& message, std::string_view local_ufrag,
                                                std::string_view local_pwd,
                                                std::string_view remote_ufrag) noexcept;

// The peer's transport address as XOR-MAPPED-ADDRESS gives it back.
struct StunAddress {
  bool is_v6 = false;
  std::uint16_t port = 0;
  std::array<std::uint8_t, 16> address{};  // network byte order; the first four bytes for IPv4
};

// Success: XOR-MAPPED-ADDRESS, MESSAGE-INTEGRITY, FINGERPRINT. Returns the length, 0 if it does not fit.
std::size_t write_stun_success(MutableBytes out, const TransactionId& transaction_id,
                               const StunAddress& mapped, std::string_view local_pwd) noexcept;
// The error response for a verdict (400, 401, 420, 487); with MESSAGE-INTEGRITY where the request had a right
// one (420, 487), always with FINGERPRINT. 0 for Accept and Ignore, or if it does not fit.
std::size_t write_stun_error(MutableBytes out, const StunMessage& request, StunVerdict verdict,
                             std::string_view local_pwd) noexcept;
// A binding request as a light client sends it (tests, load generators).
struct StunCheck {
  TransactionId transaction_id{};
  std::string_view username{};
  std::uint32_t priority = 0;
  std::uint64_t tie_breaker = 0;
  bool is_controlling = true;
  bool use_candidate = false;
};
std::size_t write_stun_check(MutableBytes out, const StunCheck& check, std::string_view remote_pwd) noexcept;

// XOR-MAPPED-ADDRESS of a message, if it has one.
[[nodiscard]] std::optional<StunAddress> stun_mapped_address(const StunMessage& message) noexcept;

}  // namespace tandem
