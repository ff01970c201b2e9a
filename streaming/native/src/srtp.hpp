// SRTP and SRTCP (RFC 3711, RFC 7714), one direction per object. Not thread-safe: an object belongs to one
// worker.
//
// Two rules that the callers rely on: a receiver's roll-over counter and replay window change only after a
// packet authenticated (RFC 3711 3.3); a sender never sees two different plaintexts under one (SSRC, ROC,
// sequence number). The second is the caller's to keep: resend byte for byte, or use RTX.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "crypto_backend.hpp"
#include "cursor.hpp"
#include "prefetch.hpp"
#include "replay_window.hpp"

namespace tandem {

enum class SrtpStatus : std::uint8_t {
  Ok,
  Malformed,  // not RTP/RTCP, too short, or unencrypted SRTCP
  Replayed,   // seen before, or older than the window
  AuthFailed,
  TooManySsrcs,  // authentic, but the table of SSRCs is full
  NoSpace,       // `out` is too small
  Exhausted,     // SRTCP index used up: the keys must be replaced
};

struct SrtpResult {
  SrtpStatus status = SrtpStatus::Malformed;
  std::size_t length = 0;  // bytes written to `out`
  std::uint64_t index =
      0;  // of a packet that is Ok: RTP's roll-over counter << 16 | sequence number, or SRTCP's index
  [[nodiscard]] bool ok() const noexcept { return status == SrtpStatus::Ok; }
};

inline constexpr std::size_t kDefaultMaxSsrcs = 64;

class SrtpReceiver {
 public:
  // nullopt if the key or salt has the wrong size for the profile.
  [[nodiscard]] static std::optional<SrtpReceiver> create(CryptoBackend& crypto, SrtpProfile profile,
                                                          Bytes master_key, Bytes master_salt,
                                                          std::size_t max_ssrcs = kDefaultMaxSsrcs);

  // `out` needs in.size() bytes; it may be the very buffer of `in` (same start). What `out` holds after a
  // status other than Ok must not be used.
  [[nodiscard]] SrtpResult unprotect_rtp(Bytes in, MutableBytes out) noexcept;
  [[nodiscard]] SrtpResult unprotect_rtcp(Bytes in, MutableBytes out) noexcept;

  // The packet index that the next in-order packet with this sequence number would be given (for tests and
  // counters).
  [[nodiscard]] std::uint32_t roll_over_counter(std::uint32_t ssrc) const noexcept;
  [[nodiscard]] std::size_t ssrc_count() const noexcept { return rtp_.size(); }

 private:
  struct Source {
    std::uint32_t ssrc = 0;
    ReplayWindow window;
  };

  SrtpReceiver() = default;
  [[nodiscard]] static Source* find(std::vector<Source>& sources, std::uint32_t ssrc) noexcept;
  [[nodiscard]] SrtpStatus admit(std::vector<Source>& sources, Source* known, std::uint32_t ssrc,
                                 std::uint64_t index) noexcept;

  std::unique_ptr<PacketCipher> rtp_cipher_;
  std::unique_ptr<PacketCipher> rtcp_cipher_;
  std::vector<Source> rtp_;  // reserved to max_ssrcs_ at creation: never reallocates
  std::vector<Source> rtcp_;
  std::size_t max_ssrcs_ = 0;
  std::size_t tag_bytes_ = 0;
  bool tag_before_index_ = false;  // SRTCP: AEAD puts its tag before E and index, HMAC behind
};

class SrtpSender {
 public:
  [[nodiscard]] static std::optional<SrtpSender> create(CryptoBackend& crypto, SrtpProfile profile,
                                                        Bytes master_key, Bytes master_salt);

  // Writes header and encrypted payload to `out`. `header` may already stand at the start of `out`; the
  // payload comes from anywhere else, in parts that are joined (OSN + cached payload; rewritten descriptor +
  // rest; padding), and is only read. `out` needs header + payload + overhead_bytes(). The caller keeps the
  // roll-over counter. With a batch (null: none) the packet is complete only when that has been run.
  [[nodiscard]] SrtpResult protect_rtp(Bytes header, std::span<const Bytes> payload_parts, std::uint32_t roc,
                                       MutableBytes out, SealBatch* batch) noexcept;
  [[nodiscard]] SrtpResult protect_rtp(Bytes header, Bytes payload, std::uint32_t roc,
                                       MutableBytes out) noexcept;

  // The key schedule of outgoing RTP is wanted soon.
  void prefetch_keys() const noexcept { prefetch_bytes(rtp_cipher_.get(), state_bytes_); }

  // `compound` is plaintext RTCP (its first packet's SSRC rules) and must not overlap `out`.
  [[nodiscard]] SrtpResult protect_rtcp(Bytes compound, MutableBytes out) noexcept;

  [[nodiscard]] std::size_t rtp_overhead_bytes() const noexcept { return tag_bytes_; }
  [[nodiscard]] std::size_t rtcp_overhead_bytes() const noexcept { return tag_bytes_ + 4; }

 private:
  SrtpSender() = default;

  std::unique_ptr<PacketCipher> rtp_cipher_;
  std::unique_ptr<PacketCipher> rtcp_cipher_;
  std::size_t tag_bytes_ = 0;
  std::size_t state_bytes_ = 0;  // of the cipher of RTP
  std::uint32_t rtcp_index_ = 0;
  bool tag_before_index_ = false;
};

}  // namespace tandem
