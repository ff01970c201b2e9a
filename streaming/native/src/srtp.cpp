#include "srtp.hpp"

#include <algorithm>
#include <array>

#include "rtp_packet.hpp"
#include "sequence.hpp"

namespace tandem {

namespace {

constexpr std::size_t kRtcpClearBytes = 8;  // header and sender's SSRC stay in clear
constexpr std::size_t kRtcpIndexBytes = 4;  // E bit and 31-bit index
constexpr std::size_t kRtpSsrcOffset = 8;
constexpr std::size_t kRtcpSsrcOffset = 4;
constexpr std::size_t kSequenceNumberOffset = 2;
constexpr std::uint32_t kEncryptedBit = 0x80000000;
constexpr std::uint64_t kIndexLimit = std::uint64_t{1} << 48U;

std::uint32_t u32_at(Bytes bytes, std::size_t offset) noexcept {
  return ByteReader(bytes.subspan(offset)).u32();
}
std::uint16_t u16_at(Bytes bytes, std::size_t offset) noexcept {
  return ByteReader(bytes.subspan(offset)).u16();
}

constexpr bool is_aead(SrtpProfile profile) noexcept {
  return profile == SrtpProfile::AeadAes128Gcm || profile == SrtpProfile::AeadAes256Gcm;
}

void place(Bytes clear, MutableBytes out) noexcept {
  if (clear.data() != out.data()) {
    std::copy(clear.begin(), clear.end(), out.begin());
  }
}

// Null if the master key's or salt's size is wrong or the library refuses.
std::unique_ptr<PacketCipher> make_cipher(CryptoBackend& crypto, SrtpProfile profile, Bytes master_key,
                                          Bytes master_salt, KeyUse use, Direction direction) {
  SessionKeys keys;
  if (!derive_session_keys(profile, master_key, master_salt, use, keys)) {
    return nullptr;
  }
  return crypto.make_cipher(profile, keys, use, direction);
}

}  // namespace

std::optional<SrtpReceiver> SrtpReceiver::create(CryptoBackend& crypto, SrtpProfile profile, Bytes master_key,
                                                 Bytes master_salt, std::size_t max_ssrcs) {
  SrtpReceiver receiver;
  receiver.rtp_cipher_ = make_cipher(crypto, profile, master_key, master_salt, KeyUse::Rtp, Direction::Open);
  receiver.rtcp_cipher_ =
      make_cipher(crypto, profile, master_key, master_salt, KeyUse::Rtcp, Direction::Open);
  if (receiver.rtp_cipher_ == nullptr || receiver.rtcp_cipher_ == nullptr) {
    return std::nullopt;
  }
  receiver.rtp_.reserve(max_ssrcs);
  receiver.rtcp_.reserve(max_ssrcs);
  receiver.max_ssrcs_ = max_ssrcs;
  receiver.tag_bytes_ = srtp_sizes(profile).tag_bytes;
  receiver.tag_before_index_ = is_aead(profile);
  return receiver;
}

SrtpReceiver::Source* SrtpReceiver::find(std::vector<Source>& sources, std::uint32_t ssrc) noexcept {
  const auto found = std::find_if(sources.begin(), sources.end(),
                                  [ssrc](const Source& source) { return source.ssrc == ssrc; });
  return found == sources.end() ? nullptr : &*found;
}

// Called for authenticated packets alone: the only place that changes a window, and so a roll-over counter.
SrtpStatus SrtpReceiver::admit(std::vector<Source>& sources, Source* known, std::uint32_t ssrc,
                               std::uint64_t index) noexcept {
  if (known == nullptr) {
    if (sources.size() == max_ssrcs_) {
      return SrtpStatus::TooManySsrcs;
    }
    known = &sources.emplace_back(Source{.ssrc = ssrc, .window = {}});
  }
  known->window.mark(index);
  return SrtpStatus::Ok;
}

SrtpResult SrtpReceiver::unprotect_rtp(Bytes in, MutableBytes out) noexcept {
  const auto header_bytes = rtp_header_bytes(in);
  if (!header_bytes || in.size() < *header_bytes + tag_bytes_) {
    return {.status = SrtpStatus::Malformed};
  }
  const std::size_t body_bytes = in.size() - *header_bytes - tag_bytes_;
  if (out.size() < *header_bytes + body_bytes) {
    return {.status = SrtpStatus::NoSpace};
  }
  const std::uint32_t ssrc = u32_at(in, kRtpSsrcOffset);
  const std::uint16_t sequence_number = u16_at(in, kSequenceNumberOffset);
  Source* const source = find(rtp_, ssrc);
  std::uint64_t index = sequence_number;
  if (source != nullptr) {
    // RFC 3711 3.3.1: the index nearest to the highest authenticated one.
    const std::uint64_t highest = source->window.highest();
    index = highest +
            static_cast<std::uint64_t>(serial_distance(static_cast<std::uint16_t>(highest), sequence_number));
    if (index >= kIndexLimit || !source->window.is_fresh(index)) {
      return {.status = SrtpStatus::Replayed};
    }
  }
  const Bytes header = in.first(*header_bytes);
  const MutableBytes body = out.subspan(*header_bytes, body_bytes);
  const PacketIdentity identity{.ssrc = ssrc, .index = index, .header = header, .trailer = {}};
  if (!rtp_cipher_->open(identity, in.subspan(*header_bytes, body_bytes), in.last(tag_bytes_), body)) {
    return {.status = SrtpStatus::AuthFailed};
  }
  const SrtpStatus admitted = admit(rtp_, source, ssrc, index);
  if (admitted != SrtpStatus::Ok) {
    return {.status = admitted};
  }
  place(header, out);
  return {.status = SrtpStatus::Ok, .length = *header_bytes + body_bytes, .index = index};
}

SrtpResult SrtpReceiver::unprotect_rtcp(Bytes in, MutableBytes out) noexcept {
  const std::size_t overhead = tag_bytes_ + kRtcpIndexBytes;
  if (in.size() < kRtcpClearBytes + overhead || (in[0] >> 6U) != 2) {
    return {.status = SrtpStatus::Malformed};
  }
  const std::size_t body_bytes = in.size() - kRtcpClearBytes - overhead;
  if (out.size() < kRtcpClearBytes + body_bytes) {
    return {.status = SrtpStatus::NoSpace};
  }
  const Bytes end = in.last(overhead);
  const Bytes tag = tag_before_index_ ? end.first(tag_bytes_) : end.last(tag_bytes_);
  const Bytes trailer = tag_before_index_ ? end.last(kRtcpIndexBytes) : end.first(kRtcpIndexBytes);
  const std::uint32_t encrypted_and_index = u32_at(trailer, 0);
  if ((encrypted_and_index & kEncryptedBit) == 0) {
    return {.status = SrtpStatus::Malformed};  // WebRTC never sends RTCP in clear (RFC 8827 6.5)
  }
  const std::uint32_t ssrc = u32_at(in, kRtcpSsrcOffset);
  const std::uint64_t index = encrypted_and_index & ~kEncryptedBit;
  Source* const source = find(rtcp_, ssrc);
  if (source != nullptr && !source->window.is_fresh(index)) {
    return {.status = SrtpStatus::Replayed};
  }
  const Bytes header = in.first(kRtcpClearBytes);
  const PacketIdentity identity{.ssrc = ssrc, .index = index, .header = header, .trailer = trailer};
  if (!rtcp_cipher_->open(identity, in.subspan(kRtcpClearBytes, body_bytes), tag,
                          out.subspan(kRtcpClearBytes, body_bytes))) {
    return {.status = SrtpStatus::AuthFailed};
  }
  const SrtpStatus admitted = admit(rtcp_, source, ssrc, index);
  if (admitted != SrtpStatus::Ok) {
    return {.status = admitted};
  }
  place(header, out);
  return {.status = SrtpStatus::Ok, .length = kRtcpClearBytes + body_bytes, .index = index};
}

std::uint32_t SrtpReceiver::roll_over_counter(std::uint32_t ssrc) const noexcept {
  const auto found =
      std::find_if(rtp_.begin(), rtp_.end(), [ssrc](const Source& source) { return source.ssrc == ssrc; });
  return found == rtp_.end() ? 0 : static_cast<std::uint32_t>(found->window.highest() >> 16U);
}

std::optional<SrtpSender> SrtpSender::create(CryptoBackend& crypto, SrtpProfile profile, Bytes master_key,
                                             Bytes master_salt) {
  SrtpSender sender;
  sender.rtp_cipher_ = make_cipher(crypto, profile, master_key, master_salt, KeyUse::Rtp, Direction::Seal);
  sender.rtcp_cipher_ = make_cipher(crypto, profile, master_key, master_salt, KeyUse::Rtcp, Direction::Seal);
  if (sender.rtp_cipher_ == nullptr || sender.rtcp_cipher_ == nullptr) {
    return std::nullopt;
  }
  sender.state_bytes_ = sender.rtp_cipher_->state_bytes();
  sender.tag_bytes_ = srtp_sizes(profile).tag_bytes;
  sender.tag_before_index_ = is_aead(profile);
  return sender;
}

SrtpResult SrtpSender::protect_rtp(Bytes header, std::span<const Bytes> payload_parts, std::uint32_t roc,
                                   MutableBytes out, SealBatch* batch) noexcept {
  if (header.size() < kRtpFixedHeaderBytes) {
    return {.status = SrtpStatus::Malformed};
  }
  std::size_t body_bytes = 0;
  for (const Bytes part : payload_parts) {
    body_bytes += part.size();
  }
  const std::size_t length = header.size() + body_bytes + tag_bytes_;
  if (out.size() < length) {
    return {.status = SrtpStatus::NoSpace};
  }
  const std::uint64_t index = (std::uint64_t{roc} << 16U) | u16_at(header, kSequenceNumberOffset);
  place(header, out);
  const PacketIdentity identity{.ssrc = u32_at(header, kRtpSsrcOffset),
                                .index = index,
                                .header = out.first(header.size()),
                                .trailer = {}};
  if (!rtp_cipher_->seal(identity, payload_parts, out.subspan(header.size(), body_bytes),
                         out.subspan(header.size() + body_bytes, tag_bytes_), batch)) {
    return {.status = SrtpStatus::AuthFailed};
  }
  return {.status = SrtpStatus::Ok, .length = length, .index = index};
}

SrtpResult SrtpSender::protect_rtp(Bytes header, Bytes payload, std::uint32_t roc,
                                   MutableBytes out) noexcept {
  return protect_rtp(header, std::span(&payload, 1), roc, out, nullptr);
}

SrtpResult SrtpSender::protect_rtcp(Bytes compound, MutableBytes out) noexcept {
  if (compound.size() < kRtcpClearBytes) {
    return {.status = SrtpStatus::Malformed};
  }
  const std::size_t overhead = rtcp_overhead_bytes();
  if (out.size() < compound.size() + overhead) {
    return {.status = SrtpStatus::NoSpace};
  }
  if (rtcp_index_ == kEncryptedBit) {
    return {.status = SrtpStatus::Exhausted};
  }
  const MutableBytes end = out.subspan(compound.size(), overhead);
  const MutableBytes tag = tag_before_index_ ? end.first(tag_bytes_) : end.last(tag_bytes_);
  const MutableBytes trailer = tag_before_index_ ? end.last(kRtcpIndexBytes) : end.first(kRtcpIndexBytes);
  ByteWriter(trailer).u32(kEncryptedBit | rtcp_index_);
  const Bytes header = compound.first(kRtcpClearBytes);
  const std::array<Bytes, 1> body{compound.subspan(kRtcpClearBytes)};
  const PacketIdentity identity{
      .ssrc = u32_at(compound, kRtcpSsrcOffset), .index = rtcp_index_, .header = header, .trailer = trailer};
  if (!rtcp_cipher_->seal(identity, body, out.subspan(kRtcpClearBytes, body[0].size()), tag, nullptr)) {
    return {.status = SrtpStatus::AuthFailed};
  }
  place(header, out);
  return {.status = SrtpStatus::Ok, .length = compound.size() + overhead, .index = rtcp_index_++};
}

}  // namespace tandem
