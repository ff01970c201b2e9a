#include "crypto_backend.hpp"

#include <algorithm>
#include <utility>

namespace tandem {

namespace {

constexpr std::uint8_t kConstantTagByte = 0x5A;

class IdentityCipher final : public PacketCipher {
 public:
  [[nodiscard]] bool seal(const PacketIdentity& /*identity*/, std::span<const Bytes> parts, MutableBytes body,
                          MutableBytes tag, SealBatch* /*batch*/) noexcept override {
    std::ranges::fill(tag, kConstantTagByte);
    ByteWriter writer(body);
    for (const Bytes part : parts) {
      writer.bytes(part);
    }
    return writer.ok();
  }

  [[nodiscard]] bool open(const PacketIdentity& /*identity*/, Bytes body, Bytes /*tag*/,
                          MutableBytes out) noexcept override {
    return body.data() == out.data() || ByteWriter(out).bytes(body);
  }
};

class IdentityBackend final : public CryptoBackend {
 public:
  [[nodiscard]] std::string name() const override { return "identity"; }
  [[nodiscard]] std::unique_ptr<PacketCipher> make_cipher(SrtpProfile /*profile*/,
                                                          const SessionKeys& /*keys*/, KeyUse /*use*/,
                                                          Direction /*direction*/) override {
    return std::make_unique<IdentityCipher>();
  }
};

}  // namespace

std::unique_ptr<CryptoBackend> open_identity_backend() {
  return std::make_unique<IdentityBackend>();
}

CryptoChoice choose_crypto_backend() {
  std::string reason;
  if (auto backend = open_ipsec_mb_backend(reason)) {
    return {.backend = std::move(backend), .advice = {}};
  }
  return {.backend = open_openssl_backend(), .advice = std::move(reason)};
}

}  // namespace tandem
