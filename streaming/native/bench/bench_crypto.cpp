// Nanoseconds to seal one packet, per backend, profile and size. As egress does it: one plaintext, a hundred
// subscribers with keys of their own, packets side by side in a sending buffer, open tags run every 64
// packets. The rows of all backends are interleaved round by round, so that what else the machine does falls
// on all of them; medians with their quartiles.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "crypto_backend.hpp"
#include "srtp.hpp"

using namespace tandem;

namespace {

constexpr std::size_t kKeys = 100;
constexpr std::size_t kRounds = 41;
constexpr std::size_t kRepeats = 10;       // of all keys in a round
constexpr std::size_t kBurstPackets = 64;  // until tags are run and the buffer begins anew
constexpr std::size_t kSlotBytes = 1300;
constexpr std::size_t kHeaderBytes = 20;
constexpr std::size_t kDescriptorBytes = 4;

struct Row {
  std::string label;
  CryptoBackend* crypto = nullptr;
  SrtpProfile profile = SrtpProfile::AeadAes128Gcm;
  std::size_t payload_bytes = 0;
  bool is_split = false;  // a rewritten descriptor before the payload
  std::vector<SrtpSender> senders{};
  std::unique_ptr<SealBatch> batch{};
  std::vector<double> ns{};
};

std::vector<SrtpSender> make_senders(CryptoBackend& crypto, SrtpProfile profile) {
  const SrtpProfileSizes sizes = srtp_sizes(profile);
  std::vector<SrtpSender> senders;
  for (std::size_t i = 0; i < kKeys; ++i) {
    const std::vector<std::uint8_t> key(sizes.key_bytes, static_cast<std::uint8_t>(i + 1));
    const std::vector<std::uint8_t> salt(sizes.salt_bytes, static_cast<std::uint8_t>(i + 2));
    auto sender = SrtpSender::create(crypto, profile, key, salt);
    if (sender) {
      senders.push_back(std::move(*sender));
    }
  }
  return senders;
}

// One round of one row; false if a packet was refused.
bool run(Row& row, std::vector<std::uint8_t>& arena, std::uint16_t& sequence_number) {
  const std::vector<std::uint8_t> payload(row.payload_bytes, 0x42);
  const std::array<std::uint8_t, kDescriptorBytes> descriptor{};
  const std::array<Bytes, 2> parts{Bytes(descriptor), Bytes(payload).subspan(kDescriptorBytes)};
  const Bytes whole(payload);
  const std::span<const Bytes> pieces = row.is_split ? std::span<const Bytes>(parts) : std::span(&whole, 1);
  bool is_good = true;
  std::size_t slot = 0;
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t repeat = 0; repeat < kRepeats; ++repeat) {
    ++sequence_number;
    for (SrtpSender& sender : row.senders) {
      const MutableBytes out = MutableBytes(arena).subspan(slot * kSlotBytes, kSlotBytes);
      ByteWriter header(out);
      header.u16(0x8060);
      header.u16(sequence_number);
      header.zeros(kHeaderBytes - 4);
      is_good = sender.protect_rtp(header.written(), pieces, 0, out, row.batch.get()).ok() && is_good;
      if (++slot == kBurstPackets) {
        slot = 0;
        if (row.batch != nullptr) {
          row.batch->run();
        }
      }
    }
  }
  if (row.batch != nullptr) {
    row.batch->run();
  }
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
  row.ns.push_back(took.count() / static_cast<double>(kRepeats * kKeys));
  return is_good;
}

void add_rows(std::vector<Row>& rows, CryptoBackend& crypto) {
  struct Case {
    const char* label;
    SrtpProfile profile;
    std::size_t payload_bytes;
    bool is_split;
  };
  constexpr std::array<Case, 7> kCases{{
      {"AEAD_AES_128_GCM, 1200", SrtpProfile::AeadAes128Gcm, 1200, false},
      {"AEAD_AES_128_GCM, 4 + 1196", SrtpProfile::AeadAes128Gcm, 1200, true},
      {"AEAD_AES_128_GCM, 160", SrtpProfile::AeadAes128Gcm, 160, false},
      {"AEAD_AES_256_GCM, 1200", SrtpProfile::AeadAes256Gcm, 1200, false},
      {"AES_CM_128_HMAC_SHA1_80, 1200", SrtpProfile::AesCm128HmacSha1_80, 1200, false},
      {"AES_CM_128_HMAC_SHA1_80, 4 + 1196", SrtpProfile::AesCm128HmacSha1_80, 1200, true},
      {"AES_CM_128_HMAC_SHA1_80, 160", SrtpProfile::AesCm128HmacSha1_80, 160, false},
  }};
  for (const Case& one : kCases) {
    rows.push_back({.label = one.label,
                    .crypto = &crypto,
                    .profile = one.profile,
                    .payload_bytes = one.payload_bytes,
                    .is_split = one.is_split,
                    .senders = make_senders(crypto, one.profile),
                    .batch = crypto.make_seal_batch()});
  }
}

}  // namespace

int main() {
  std::string reason;
  const auto openssl = open_openssl_backend();
  const auto ipsec_mb = open_ipsec_mb_backend(reason);
  const auto identity = open_identity_backend();
  std::vector<Row> rows;
  add_rows(rows, *openssl);
  if (ipsec_mb != nullptr) {
    add_rows(rows, *ipsec_mb);
  } else {
    std::printf("without ipsec-mb: %s\n", reason.c_str());
  }
  add_rows(rows, *identity);
  std::vector<std::uint8_t> arena(kBurstPackets * kSlotBytes);
  std::uint16_t sequence_number = 0;
  for (std::size_t round = 0; round < kRounds; ++round) {
    for (Row& row : rows) {
      if (!run(row, arena, sequence_number)) {
        std::fprintf(stderr, "%s: a packet was refused\n", row.label.c_str());
        return 1;
      }
    }
  }
  std::printf("%-24s %-36s %8s %8s %8s\n", "backend", "profile, payload bytes", "ns", "lower", "upper");
  for (Row& row : rows) {
    std::ranges::sort(row.ns);
    std::printf("%-24s %-36s %8.0f %8.0f %8.0f\n", row.crypto->name().c_str(), row.label.c_str(),
                row.ns[kRounds / 2], row.ns[kRounds / 4], row.ns[3 * kRounds / 4]);
  }
  return 0;
}
