// RTCP: bounds-checked walk over compound packets, parsers and writers (RFC 3550, 4585, 5104, 5506, REMB
// draft). Transport-wide congestion control feedback has its own file, transport_cc.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "cursor.hpp"

namespace tandem {

enum class RtcpType : std::uint8_t {
  SenderReport = 200,
  ReceiverReport = 201,
  SourceDescription = 202,
  Bye = 203,
  Application = 204,
  TransportFeedback = 205,  // RTPFB
  PayloadFeedback = 206,    // PSFB
  ExtendedReport = 207,
};

inline constexpr std::uint8_t kFormatNack = 1;          // RTPFB
inline constexpr std::uint8_t kFormatTransportCc = 15;  // RTPFB
inline constexpr std::uint8_t kFormatPli = 1;           // PSFB
inline constexpr std::uint8_t kFormatFir = 4;           // PSFB
inline constexpr std::uint8_t kFormatAfb = 15;          // PSFB, application layer: REMB

// One packet of a compound, cut out and with its padding taken off.
struct RtcpPacket {
  std::uint8_t type = 0;             // compare with RtcpType
  std::uint8_t count_or_format = 0;  // RC, SC or FMT
  Bytes body{};                      // behind the four bytes of the common header
};

// Walks a compound (or reduced-size, RFC 5506) packet. `is_malformed` tells an honest end from a broken one.
class RtcpIterator {
 public:
  explicit RtcpIterator(Bytes compound) noexcept : reader_(compound) {}
  [[nodiscard]] bool next(RtcpPacket& packet) noexcept;
  [[nodiscard]] bool is_malformed() const noexcept { return malformed_; }

 private:
  ByteReader reader_;
  bool malformed_ = false;
};

struct ReportBlock {
  std::uint32_t ssrc = 0;
  std::uint8_t fraction_lost = 0;             // of 256
  std::int32_t cumulative_lost = 0;           // 24 bits, signed
  std::uint32_t highest_sequence_number = 0;  // extended
  std::uint32_t jitter_ticks = 0;
  std::uint32_t last_sender_report = 0;   // middle 32 bits of its NTP time
  std::uint32_t delay_since_last_sr = 0;  // in 1/65536 s
};

inline constexpr std::size_t kMaxReportBlocks = 31;

struct ReportBlocks {
  std::array<ReportBlock, kMaxReportBlocks> blocks{};
  std::size_t count = 0;
  [[nodiscard]] std::span<const ReportBlock> view() const noexcept { return std::span(blocks).first(count); }
};

struct SenderReport {
  std::uint32_t ssrc = 0;
  std::uint64_t ntp_time = 0;
  std::uint32_t rtp_timestamp = 0;
  std::uint32_t packet_count = 0;
  std::uint32_t octet_count = 0;
  ReportBlocks reports{};
};

struct ReceiverReport {
  std::uint32_t ssrc = 0;
  ReportBlocks reports{};
};

[[nodiscard]] std::optional<SenderReport> parse_sender_report(const RtcpPacket& packet) noexcept;
[[nodiscard]] std::optional<ReceiverReport> parse_receiver_report(const RtcpPacket& packet) noexcept;

struct SourceDescription {
  std::uint32_t ssrc = 0;
  std::string_view cname{};
};
// The first chunk that has a CNAME.
[[nodiscard]] std::optional<SourceDescription> parse_source_description(const RtcpPacket& packet) noexcept;

struct Bye {
  std::array<std::uint32_t, 31> ssrcs{};
  std::size_t count = 0;
};
[[nodiscard]] std::optional<Bye> parse_bye(const RtcpPacket& packet) noexcept;

// The common part of RTPFB and PSFB: sender, media source, feedback control information.
struct Feedback {
  std::uint32_t sender_ssrc = 0;
  std::uint32_t media_ssrc = 0;
  Bytes control{};
};
[[nodiscard]] std::optional<Feedback> parse_feedback(const RtcpPacket& packet) noexcept;

// Walks a generic NACK's sequence numbers, PID first and then its BLP bits in rising order.
class NackIterator {
 public:
  explicit NackIterator(Bytes control) noexcept : reader_(control) {}
  [[nodiscard]] bool next(std::uint16_t& sequence_number) noexcept;

 private:
  ByteReader reader_;
  std::uint16_t packet_id_ = 0;
  std::uint32_t pending_ = 0;  // bit 0 is the PID itself, bit i is PID + i
};

struct FirEntry {
  std::uint32_t ssrc = 0;
  std::uint8_t command_sequence_number = 0;
};
class FirIterator {
 public:
  explicit FirIterator(Bytes control) noexcept : reader_(control) {}
  [[nodiscard]] bool next(FirEntry& entry) noexcept;

 private:
  ByteReader reader_;
};

struct Remb {
  std::uint64_t bitrate_bps = 0;
  std::uint8_t ssrc_count = 0;
  Bytes ssrcs{};  // four bytes each
};
// nullopt if the application layer feedback is not REMB.
[[nodiscard]] std::optional<Remb> parse_remb(const Feedback& feedback) noexcept;

// Writers append one RTCP packet each; false (and `out` failed) if it does not fit or has too many entries.
bool write_sender_report(ByteWriter& out, const SenderReport& report) noexcept;
bool write_receiver_report(ByteWriter& out, std::uint32_t ssrc, std::span<const ReportBlock> blocks) noexcept;
bool write_source_description(ByteWriter& out, std::uint32_t ssrc, std::string_view cname) noexcept;
bool write_bye(ByteWriter& out, std::span<const std::uint32_t> ssrcs) noexcept;
// `sequence_numbers` in serial order, without duplicates; packed into as few PID/BLP pairs as that allows.
bool write_nack(ByteWriter& out, std::uint32_t sender_ssrc, std::uint32_t media_ssrc,
                std::span<const std::uint16_t> sequence_numbers) noexcept;
bool write_pli(ByteWriter& out, std::uint32_t sender_ssrc, std::uint32_t media_ssrc) noexcept;
bool write_fir(ByteWriter& out, std::uint32_t sender_ssrc, const FirEntry& entry) noexcept;
bool write_remb(ByteWriter& out, std::uint32_t sender_ssrc, std::uint64_t bitrate_bps,
                std::span<const std::uint32_t> ssrcs) noexcept;

}  // namespace tandem
