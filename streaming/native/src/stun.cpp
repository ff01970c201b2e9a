#include "stun.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

namespace tandem {

namespace {

// Attribute types (RFC 8489 18.3, RFC 8445 16.1).
enum class Attribute : std::uint16_t {
  MappedAddress = 0x0001,
  Username = 0x0006,
  MessageIntegrity = 0x0008,
  ErrorCode = 0x0009,
  UnknownAttributes = 0x000A,
  Realm = 0x0014,
  Nonce = 0x0015,
  MessageIntegritySha256 = 0x001C,
  PasswordAlgorithm = 0x001D,
  UserHash = 0x001E,
  XorMappedAddress = 0x0020,
  Priority = 0x0024,
  UseCandidate = 0x0025,
  Fingerprint = 0x8028,
  IceControlled = 0x8029,
  IceControlling = 0x802A,
};

constexpr std::size_t kAttributeHeaderBytes = 4;
constexpr std::size_t kIntegrityBytes = 20;
constexpr std::size_t kIntegrityAttributeBytes = kAttributeHeaderBytes + kIntegrityBytes;
constexpr std::size_t kFingerprintBytes = 4;
constexpr std::size_t kFingerprintAttributeBytes = kAttributeHeaderBytes + kFingerprintBytes;
constexpr std::size_t kMaxMessageBytes = 2048;
constexpr std::size_t kWordBytes = 4;
constexpr std::size_t kLengthOffset = 2;
constexpr std::uint16_t kFirstOptional = 0x8000;
constexpr std::uint32_t kFingerprintMask = 0x5354554E;  // "STUN"
constexpr std::uint8_t kFamilyV4 = 1;
constexpr std::uint8_t kFamilyV6 = 2;
constexpr std::size_t kV4Bytes = 4;
constexpr std::size_t kV6Bytes = 16;

constexpr std::size_t padded(std::size_t bytes) noexcept {
  return (bytes + kWordBytes - 1) / kWordBytes * kWordBytes;
}

constexpr std::array<std::uint32_t, 256> make_crc_table() noexcept {
  constexpr std::uint32_t kReversedPolynomial = 0xEDB88320;  // ITU V.42, as RFC 8489 14.7 wants it
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value & 1U) != 0 ? (value >> 1U) ^ kReversedPolynomial : value >> 1U;
    }
    table.at(i) = value;
  }
  return table;
}

std::uint32_t crc32(Bytes bytes) noexcept {
  static constexpr std::array<std::uint32_t, 256> kTable = make_crc_table();
  std::uint32_t crc = ~std::uint32_t{0};
  for (const std::uint8_t byte : bytes) {
    crc = kTable[(crc ^ byte) & 0xFFU] ^ (crc >> 8U);
  }
  return ~crc;
}

using Digest = std::array<std::uint8_t, kIntegrityBytes>;

bool hmac_sha1(std::string_view key, Bytes bytes, Digest& digest) noexcept {
  unsigned written = 0;
  return HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), bytes.data(), bytes.size(), digest.data(),
              &written) != nullptr &&
         written == digest.size();
}

// The bytes before an attribute, with the header's length reaching to the attribute's end (RFC
// 8489 14.5, 14.7).
class CoveredBytes {
 public:
  CoveredBytes(Bytes message, std::size_t attribute_offset, std::size_t attribute_bytes) noexcept
      : size_(std::min(attribute_offset, bytes_.size())) {
    std::copy_n(message.begin(), size_, bytes_.begin());
    const std::size_t length = attribute_offset + attribute_bytes - kStunHeaderBytes;
    ByteWriter(MutableBytes(bytes_).subspan(kLengthOffset)).u16(static_cast<std::uint16_t>(length));
  }
  [[nodiscard]] Bytes view() const noexcept { return Bytes(bytes_).first(size_); }

 private:
  std::array<std::uint8_t, kMaxMessageBytes> bytes_{};
  std::size_t size_;
};

template <typename Number>
bool read_number(Bytes value, std::optional<Number>& number) noexcept {
  if (value.size() != sizeof(Number)) {
    return false;
  }
  ByteReader reader(value);
  number = sizeof(Number) == sizeof(std::uint32_t) ? static_cast<Number>(reader.u32())
                                                   : static_cast<Number>(reader.u64());
  return true;
}

bool read_error_code(Bytes value, std::uint16_t& code) noexcept {
  constexpr std::uint16_t kHundred = 100;
  ByteReader reader(value);
  reader.skip(2);
  const unsigned hundreds = reader.u8() & 0x07U;
  const unsigned rest = reader.u8();
  code = static_cast<std::uint16_t>((hundreds * kHundred) + rest);
  return reader.ok();
}

// Takes one attribute into the message; false if its value has the wrong size.
bool note_attribute(std::uint16_t type, Bytes value, std::size_t offset, StunMessage& message) noexcept {
  // RFC 8489 14.5: what follows MESSAGE-INTEGRITY, FINGERPRINT apart, is not protected by it and is ignored.
  const bool is_fingerprint = type == static_cast<std::uint16_t>(Attribute::Fingerprint);
  if (message.integrity_offset && !is_fingerprint) {
    return true;
  }
  switch (static_cast<Attribute>(type)) {
    case Attribute::Username:
      message.username = as_text(value);
      return !value.empty();
    case Attribute::Priority:
      return read_number(value, message.priority);
    case Attribute::IceControlled:
      return read_number(value, message.ice_controlled);
    case Attribute::IceControlling:
      return read_number(value, message.ice_controlling);
    case Attribute::UseCandidate:
      message.use_candidate = true;
      return value.empty();
    case Attribute::MessageIntegrity:
      message.integrity_offset = offset;
      return value.size() == kIntegrityBytes;
    case Attribute::Fingerprint:
      message.fingerprint_offset = offset;
      return value.size() == kFingerprintBytes;
    case Attribute::ErrorCode:
      return read_error_code(value, message.error_code);
    case Attribute::MappedAddress:
    case Attribute::UnknownAttributes:
    case Attribute::Realm:
    case Attribute::Nonce:
    case Attribute::MessageIntegritySha256:
    case Attribute::PasswordAlgorithm:
    case Attribute::UserHash:
    case Attribute::XorMappedAddress:
      return true;
  }
  if (type < kFirstOptional && !message.unknown_attribute) {
    message.unknown_attribute = type;
  }
  return true;
}

// Writes one message: header first, then attributes, then what seals it. The length is right after each step.
class MessageWriter {
 public:
  MessageWriter(MutableBytes out, StunClass message_class, const TransactionId& transaction_id) noexcept
      : writer_(out) {
    const auto class_bits = static_cast<unsigned>(message_class);
    writer_.u16(
        static_cast<std::uint16_t>(kStunBinding | ((class_bits & 1U) << 4U) | ((class_bits & 2U) << 7U)));
    writer_.u16(0);
    writer_.u32(kStunMagicCookie);
    writer_.bytes(transaction_id);
  }

  ByteWriter& begin(Attribute type, std::size_t value_bytes) noexcept {
    writer_.u16(static_cast<std::uint16_t>(type));
    writer_.u16(static_cast<std::uint16_t>(value_bytes));
    return writer_;
  }

  void add_text(Attribute type, std::string_view value) noexcept {
    begin(type, value.size());
    add_characters(value);
  }

  // The characters of a value and its padding.
  void add_characters(std::string_view value) noexcept {
    writer_.bytes(as_octets(value));
    writer_.zeros(padded(writer_.position()) - writer_.position());
  }

  void add_integrity(std::string_view pwd) noexcept {
    Digest digest{};
    set_length(kIntegrityAttributeBytes);
    if (!writer_.ok() || !hmac_sha1(pwd, writer_.written(), digest)) {
      writer_.fail();
      return;
    }
    begin(Attribute::MessageIntegrity, kIntegrityBytes).bytes(digest);
  }

  // Ends the message; returns its size, 0 if it did not fit.
  std::size_t finish() noexcept {
    set_length(kFingerprintAttributeBytes);
    const std::uint32_t fingerprint = crc32(writer_.written()) ^ kFingerprintMask;
    begin(Attribute::Fingerprint, kFingerprintBytes).u32(fingerprint);
    return writer_.ok() ? writer_.position() : 0;
  }

 private:
  void set_length(std::size_t coming_bytes) noexcept {
    const std::size_t length = writer_.position() + coming_bytes - kStunHeaderBytes;
    writer_.patch_u16(kLengthOffset, static_cast<std::uint16_t>(length));
  }

  ByteWriter writer_;
};

// XOR-MAPPED-ADDRESS (RFC 8489 14.2): the port with the cookie's upper half, the address with cookie +
// transaction id.
std::array<std::uint8_t, kV6Bytes> address_mask(const TransactionId& transaction_id) noexcept {
  std::array<std::uint8_t, kV6Bytes> mask{};
  ByteWriter writer(mask);
  writer.u32(kStunMagicCookie);
  writer.bytes(transaction_id);
  return mask;
}

struct ErrorText {
  std::uint16_t code = 0;
  std::string_view reason;
};
ErrorText error_text(StunVerdict verdict) noexcept {
  switch (verdict) {
    case StunVerdict::BadRequest:
      return {.code = 400, .reason = "Bad Request"};
    case StunVerdict::Unauthorized:
      return {.code = 401, .reason = "Unauthenticated"};
    case StunVerdict::UnknownAttribute:
      return {.code = 420, .reason = "Unknown Attribute"};
    case StunVerdict::RoleConflict:
      return {.code = 487, .reason = "Role Conflict"};
    case StunVerdict::Accept:
    case StunVerdict::Ignore:
      break;
  }
  return {};
}

}  // namespace

std::string_view StunMessage::receiver_ufrag() const noexcept {
  const std::size_t colon = username.find(':');
  return colon == std::string_view::npos ? std::string_view{} : username.substr(0, colon);
}

std::string_view StunMessage::sender_ufrag() const noexcept {
  const std::size_t colon = username.find(':');
  return colon == std::string_view::npos ? std::string_view{} : username.substr(colon + 1);
}

std::optional<StunMessage> parse_stun(Bytes datagram) noexcept {
  constexpr std::uint16_t kLeadingZeroBits = 0xC000;
  if (datagram.size() > kMaxMessageBytes) {
    return std::nullopt;
  }
  ByteReader reader(datagram);
  const std::uint16_t type = reader.u16();
  const std::size_t length = reader.u16();
  const std::uint32_t cookie = reader.u32();
  const Bytes transaction_id = reader.take(TransactionId{}.size());
  if (!reader.ok() || (type & kLeadingZeroBits) != 0 || cookie != kStunMagicCookie ||
      length % kWordBytes != 0 || length != reader.remaining()) {
    return std::nullopt;
  }
  StunMessage message;
  message.message_class = static_cast<StunClass>(((type >> 4U) & 1U) | ((type >> 7U) & 2U));
  message.method =
      static_cast<std::uint16_t>((type & 0x000FU) | ((type >> 1U) & 0x0070U) | ((type >> 2U) & 0x0F80U));
  std::copy(transaction_id.begin(), transaction_id.end(), message.transaction_id.begin());
  message.bytes = datagram;
  while (reader.remaining() != 0) {
    if (message.fingerprint_offset) {
      return std::nullopt;  // RFC 8489 14.7: FINGERPRINT is the last attribute
    }
    const std::size_t offset = reader.position();
    const std::uint16_t attribute = reader.u16();
    const std::size_t value_bytes = reader.u16();
    const Bytes value = reader.take(value_bytes);
    reader.skip(padded(value_bytes) - value_bytes);
    if (!reader.ok() || !note_attribute(attribute, value, offset, message)) {
      return std::nullopt;
    }
  }
  return message;
}

bool verify_stun_integrity(const StunMessage& message, std::string_view pwd) noexcept {
  if (!message.integrity_offset) {
    return false;
  }
  const CoveredBytes covered(message.bytes, *message.integrity_offset, kIntegrityAttributeBytes);
  Digest digest{};
  const Bytes received =
      message.bytes.subspan(*message.integrity_offset + kAttributeHeaderBytes, kIntegrityBytes);
  return hmac_sha1(pwd, covered.view(), digest) &&
         CRYPTO_memcmp(digest.data(), received.data(), digest.size()) == 0;
}

bool verify_stun_fingerprint(const StunMessage& message) noexcept {
  if (!message.fingerprint_offset) {
    return false;
  }
  const Bytes covered = message.bytes.first(*message.fingerprint_offset);
  const Bytes received =
      message.bytes.subspan(*message.fingerprint_offset + kAttributeHeaderBytes, kFingerprintBytes);
  return (crc32(covered) ^ kFingerprintMask) == ByteReader(received).u32();
}

StunVerdict judge_binding_request(const StunMessage& message, std::string_view local_ufrag,
                                  std::string_view local_pwd, std::string_view remote_ufrag) noexcept {
  const bool is_request = message.message_class == StunClass::Request && message.method == kStunBinding;
  if (!is_request || (message.fingerprint_offset && !verify_stun_fingerprint(message))) {
    return StunVerdict::Ignore;
  }
  if (message.username.empty() || !message.integrity_offset) {
    return StunVerdict::BadRequest;
  }
  const bool is_for_us = message.receiver_ufrag() == local_ufrag && !local_ufrag.empty() &&
                         (remote_ufrag.empty() || message.sender_ufrag() == remote_ufrag);
  if (!is_for_us || !verify_stun_integrity(message, local_pwd)) {
    return StunVerdict::Unauthorized;
  }
  if (message.unknown_attribute) {
    return StunVerdict::UnknownAttribute;
  }
  return message.ice_controlled ? StunVerdict::RoleConflict : StunVerdict::Accept;
}

std::size_t write_stun_success(MutableBytes out, const TransactionId& transaction_id,
                               const StunAddress& mapped, std::string_view local_pwd) noexcept {
  constexpr std::size_t kFamilyAndPortBytes = 4;
  MessageWriter message(out, StunClass::Success, transaction_id);
  const std::size_t address_bytes = mapped.is_v6 ? kV6Bytes : kV4Bytes;
  const auto mask = address_mask(transaction_id);
  ByteWriter& writer = message.begin(Attribute::XorMappedAddress, kFamilyAndPortBytes + address_bytes);
  writer.u8(0);
  writer.u8(mapped.is_v6 ? kFamilyV6 : kFamilyV4);
  writer.u16(mapped.port ^ static_cast<std::uint16_t>(kStunMagicCookie >> 16U));
  for (std::size_t i = 0; i < address_bytes; ++i) {
    writer.u8(mapped.address.at(i) ^ mask.at(i));
  }
  message.add_integrity(local_pwd);
  return message.finish();
}

std::size_t write_stun_error(MutableBytes out, const StunMessage& request, StunVerdict verdict,
                             std::string_view local_pwd) noexcept {
  constexpr std::size_t kErrorHeaderBytes = 4;
  constexpr std::uint16_t kHundred = 100;
  const ErrorText error = error_text(verdict);
  if (error.code == 0) {
    return 0;
  }
  MessageWriter message(out, StunClass::Error, request.transaction_id);
  ByteWriter& writer = message.begin(Attribute::ErrorCode, kErrorHeaderBytes + error.reason.size());
  writer.u16(0);
  writer.u8(static_cast<std::uint8_t>(error.code / kHundred));
  writer.u8(static_cast<std::uint8_t>(error.code % kHundred));
  message.add_characters(error.reason);
  if (verdict == StunVerdict::UnknownAttribute && request.unknown_attribute) {
    message.begin(Attribute::UnknownAttributes, sizeof(std::uint16_t)).u16(*request.unknown_attribute);
    writer.u16(0);  // padding
  }
  // RFC 8489 9.1.3: answers to requests without right credentials carry no integrity.
  if (verdict == StunVerdict::UnknownAttribute || verdict == StunVerdict::RoleConflict) {
    message.add_integrity(local_pwd);
  }
  return message.finish();
}

std::size_t write_stun_check(MutableBytes out, const StunCheck& check, std::string_view remote_pwd) noexcept {
  MessageWriter message(out, StunClass::Request, check.transaction_id);
  message.add_text(Attribute::Username, check.username);
  message.begin(Attribute::Priority, sizeof(check.priority)).u32(check.priority);
  message
      .begin(check.is_controlling ? Attribute::IceControlling : Attribute::IceControlled,
             sizeof(check.tie_breaker))
      .u64(check.tie_breaker);
  if (check.use_candidate) {
    message.begin(Attribute::UseCandidate, 0);
  }
  message.add_integrity(remote_pwd);
  return message.finish();
}

std::optional<StunAddress> stun_mapped_address(const StunMessage& message) noexcept {
  ByteReader reader(message.bytes);
  reader.skip(kStunHeaderBytes);
  while (reader.remaining() != 0) {
    const std::uint16_t type = reader.u16();
    const std::size_t value_bytes = reader.u16();
    ByteReader value(reader.take(value_bytes));
    reader.skip(padded(value_bytes) - value_bytes);
    if (type != static_cast<std::uint16_t>(Attribute::XorMappedAddress)) {
      continue;
    }
    StunAddress mapped;
    value.skip(1);
    const std::uint8_t family = value.u8();
    mapped.is_v6 = family == kFamilyV6;
    mapped.port = value.u16() ^ static_cast<std::uint16_t>(kStunMagicCookie >> 16U);
    const auto mask = address_mask(message.transaction_id);
    for (std::size_t i = 0; i < (mapped.is_v6 ? kV6Bytes : kV4Bytes); ++i) {
      mapped.address.at(i) = value.u8() ^ mask.at(i);
    }
    const bool is_known = family == kFamilyV4 || family == kFamilyV6;
    return value.ok() && is_known ? std::optional(mapped) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace tandem
