#include "rtcp.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include "sequence.hpp"

namespace tandem {

namespace {

constexpr std::uint8_t kVersion = 2;
constexpr std::size_t kWordBytes = 4;
constexpr std::size_t kHeaderBytes = 4;
constexpr std::size_t kMaxCount = 31;
constexpr std::uint8_t kSdesEnd = 0;
constexpr std::uint8_t kSdesCname = 1;
constexpr std::uint32_t kRembIdentifier = 0x52454D42;  // "REMB"
constexpr unsigned kRembMantissaBits = 18;

bool is_type(const RtcpPacket& packet, RtcpType type) noexcept {
  return packet.type == static_cast<std::uint8_t>(type);
}

void write_header(ByteWriter& out, std::size_t count_or_format, RtcpType type,
                  std::size_t body_bytes) noexcept {
  out.u8(static_cast<std::uint8_t>((unsigned{kVersion} << 6U) | (count_or_format & 0x1FU)));
  out.u8(static_cast<std::uint8_t>(type));
  out.u16(static_cast<std::uint16_t>(body_bytes / kWordBytes));
}

std::int32_t sign_extend_24(std::uint32_t value) noexcept {
  return static_cast<std::int32_t>(value << 8U) >> 8U;
}

bool read_report_blocks(ByteReader& reader, std::size_t count, ReportBlocks& reports) noexcept {
  for (ReportBlock& block : std::span(reports.blocks).first(count)) {
    block.ssrc = reader.u32();
    block.fraction_lost = reader.u8();
    block.cumulative_lost = sign_extend_24(reader.u24());
    block.highest_sequence_number = reader.u32();
    block.jitter_ticks = reader.u32();
    block.last_sender_report = reader.u32();
    block.delay_since_last_sr = reader.u32();
  }
  reports.count = count;
  return reader.ok();
}

void write_report_blocks(ByteWriter& out, std::span<const ReportBlock> blocks) noexcept {
  constexpr std::int32_t kMostLost = 0x7FFFFF;
  for (const ReportBlock& block : blocks) {
    // RFC 3550 6.4.1 and A.3: the count is clamped to what 24 signed bits hold.
    const std::int32_t lost = std::clamp(block.cumulative_lost, -kMostLost - 1, kMostLost);
    out.u32(block.ssrc);
    out.u8(block.fraction_lost);
    out.u24(static_cast<std::uint32_t>(lost) & 0xFFFFFFU);
    out.u32(block.highest_sequence_number);
    out.u32(block.jitter_ticks);
    out.u32(block.last_sender_report);
    out.u32(block.delay_since_last_sr);
  }
}

constexpr std::size_t kReportBlockBytes = 24;

bool refuse(ByteWriter& out) noexcept {
  out.fail();
  return false;
}

}  // namespace

bool RtcpIterator::next(RtcpPacket& packet) noexcept {
  if (malformed_ || reader_.remaining() == 0) {
    return false;
  }
  const std::uint8_t first = reader_.u8();
  packet.type = reader_.u8();
  packet.count_or_format = first & 0x1FU;
  const std::size_t words = reader_.u16();
  packet.body = reader_.take(words * kWordBytes);
  malformed_ = !reader_.ok() || (first >> 6U) != kVersion;
  const bool has_padding = (first & 0x20U) != 0;
  if (has_padding && !malformed_) {
    // RFC 3550 6.4.1 wants a multiple of four in the last packet alone; libwebrtc pads each transport-cc
    // feedback by one to three bytes, also inside a compound.
    const std::size_t padding = packet.body.empty() ? 0 : packet.body.back();
    malformed_ = padding == 0 || padding > packet.body.size();
    if (!malformed_) {
      packet.body = packet.body.first(packet.body.size() - padding);
    }
  }
  return !malformed_;
}

std::optional<SenderReport> parse_sender_report(const RtcpPacket& packet) noexcept {
  if (!is_type(packet, RtcpType::SenderReport)) {
    return std::nullopt;
  }
  ByteReader reader(packet.body);
  SenderReport report;
  report.ssrc = reader.u32();
  report.ntp_time = reader.u64();
  report.rtp_timestamp = reader.u32();
  report.packet_count = reader.u32();
  report.octet_count = reader.u32();
  if (!read_report_blocks(reader, packet.count_or_format, report.reports)) {
    return std::nullopt;
  }
  return report;
}

std::optional<ReceiverReport> parse_receiver_report(const RtcpPacket& packet) noexcept {
  if (!is_type(packet, RtcpType::ReceiverReport)) {
    return std::nullopt;
  }
  ByteReader reader(packet.body);
  ReceiverReport report;
  report.ssrc = reader.u32();
  if (!read_report_blocks(reader, packet.count_or_format, report.reports)) {
    return std::nullopt;
  }
  return report;
}

std::optional<SourceDescription> parse_source_description(const RtcpPacket& packet) noexcept {
  if (!is_type(packet, RtcpType::SourceDescription)) {
    return std::nullopt;
  }
  ByteReader reader(packet.body);
  for (std::size_t chunk = 0; chunk < packet.count_or_format && reader.ok(); ++chunk) {
    SourceDescription description;
    description.ssrc = reader.u32();
    for (std::uint8_t item = reader.u8(); reader.ok() && item != kSdesEnd; item = reader.u8()) {
      const Bytes text = reader.take(reader.u8());
      if (item == kSdesCname && reader.ok()) {
        description.cname = as_text(text);
        return description;
      }
    }
    // RFC 3550 6.5: the list ends with one to four null octets, up to the next word boundary.
    reader.skip((kWordBytes - (reader.position() % kWordBytes)) % kWordBytes);
  }
  return std::nullopt;
}

std::optional<Bye> parse_bye(const RtcpPacket& packet) noexcept {
  if (!is_type(packet, RtcpType::Bye)) {
    return std::nullopt;
  }
  ByteReader reader(packet.body);
  Bye bye;
  bye.count = packet.count_or_format;
  for (std::uint32_t& ssrc : std::span(bye.ssrcs).first(bye.count)) {
    ssrc = reader.u32();
  }
  return reader.ok() ? std::optional(bye) : std::nullopt;
}

std::optional<Feedback> parse_feedback(const RtcpPacket& packet) noexcept {
  if (!is_type(packet, RtcpType::TransportFeedback) && !is_type(packet, RtcpType::PayloadFeedback)) {
    return std::nullopt;
  }
  ByteReader reader(packet.body);
  Feedback feedback;
  feedback.sender_ssrc = reader.u32();
  feedback.media_ssrc = reader.u32();
  if (!reader.ok()) {
    return std::nullopt;
  }
  feedback.control = reader.rest();
  return feedback;
}

bool NackIterator::next(std::uint16_t& sequence_number) noexcept {
  if (pending_ == 0) {
    if (reader_.remaining() < kWordBytes) {
      return false;
    }
    packet_id_ = reader_.u16();
    pending_ = (std::uint32_t{reader_.u16()} << 1U) | 1U;
  }
  const int offset = std::countr_zero(pending_);
  pending_ &= pending_ - 1;
  sequence_number = static_cast<std::uint16_t>(packet_id_ + offset);
  return true;
}

bool FirIterator::next(FirEntry& entry) noexcept {
  constexpr std::size_t kEntryBytes = 8;
  constexpr std::size_t kReservedBytes = 3;
  if (reader_.remaining() < kEntryBytes) {
    return false;
  }
  entry.ssrc = reader_.u32();
  entry.command_sequence_number = reader_.u8();
  return reader_.skip(kReservedBytes);
}

std::optional<Remb> parse_remb(const Feedback& feedback) noexcept {
  ByteReader reader(feedback.control);
  const std::uint32_t identifier = reader.u32();
  Remb remb;
  remb.ssrc_count = reader.u8();
  const std::uint32_t rate = reader.u24();
  remb.ssrcs = reader.take(remb.ssrc_count * kWordBytes);
  if (!reader.ok() || identifier != kRembIdentifier) {
    return std::nullopt;
  }
  const unsigned exponent = rate >> kRembMantissaBits;
  const std::uint64_t mantissa = rate & ((1U << kRembMantissaBits) - 1);
  // A 6-bit exponent can shift 18 bits out of 64: the rate saturates.
  const bool is_too_large = mantissa != 0 && exponent > static_cast<unsigned>(std::countl_zero(mantissa));
  remb.bitrate_bps = is_too_large ? std::numeric_limits<std::uint64_t>::max() : mantissa << exponent;
  return remb;
}

bool write_sender_report(ByteWriter& out, const SenderReport& report) noexcept {
  constexpr std::size_t kSenderInfoBytes = 24;
  const auto blocks = report.reports.view();
  write_header(out, blocks.size(), RtcpType::SenderReport,
               kSenderInfoBytes + (blocks.size() * kReportBlockBytes));
  out.u32(report.ssrc);
  out.u64(report.ntp_time);
  out.u32(report.rtp_timestamp);
  out.u32(report.packet_count);
  out.u32(report.octet_count);
  write_report_blocks(out, blocks);
  return out.ok();
}

bool write_receiver_report(ByteWriter& out, std::uint32_t ssrc,
                           std::span<const ReportBlock> blocks) noexcept {
  if (blocks.size() > kMaxReportBlocks) {
    return refuse(out);
  }
  write_header(out, blocks.size(), RtcpType::ReceiverReport,
               kWordBytes + (blocks.size() * kReportBlockBytes));
  out.u32(ssrc);
  write_report_blocks(out, blocks);
  return out.ok();
}

bool write_source_description(ByteWriter& out, std::uint32_t ssrc, std::string_view cname) noexcept {
  if (cname.size() > std::numeric_limits<std::uint8_t>::max()) {
    return refuse(out);
  }
  constexpr std::size_t kItemHeaderBytes = 2;
  const std::size_t text_end = kWordBytes + kItemHeaderBytes + cname.size();
  const std::size_t body_bytes = (text_end / kWordBytes + 1) * kWordBytes;  // at least one null octet
  write_header(out, 1, RtcpType::SourceDescription, body_bytes);
  out.u32(ssrc);
  out.u8(kSdesCname);
  out.u8(static_cast<std::uint8_t>(cname.size()));
  out.bytes(as_octets(cname));
  return out.zeros(body_bytes - text_end);
}

bool write_bye(ByteWriter& out, std::span<const std::uint32_t> ssrcs) noexcept {
  if (ssrcs.size() > kMaxCount) {
    return refuse(out);
  }
  write_header(out, ssrcs.size(), RtcpType::Bye, ssrcs.size() * kWordBytes);
  for (const std::uint32_t ssrc : ssrcs) {
    out.u32(ssrc);
  }
  return out.ok();
}

bool write_nack(ByteWriter& out, std::uint32_t sender_ssrc, std::uint32_t media_ssrc,
                std::span<const std::uint16_t> sequence_numbers) noexcept {
  constexpr std::int64_t kBitmaskPackets = 16;
  if (sequence_numbers.empty()) {
    return refuse(out);
  }
  const std::size_t start = out.position();
  write_header(out, kFormatNack, RtcpType::TransportFeedback, 0);
  out.u32(sender_ssrc);
  out.u32(media_ssrc);
  std::size_t next = 0;
  while (next < sequence_numbers.size() && out.ok()) {
    const std::uint16_t packet_id = sequence_numbers[next++];
    std::uint32_t bitmask = 0;
    for (; next < sequence_numbers.size(); ++next) {
      const std::int64_t distance = serial_distance(packet_id, sequence_numbers[next]);
      if (distance < 1 || distance > kBitmaskPackets) {
        break;
      }
      bitmask |= 1U << static_cast<unsigned>(distance - 1);
    }
    out.u16(packet_id);
    out.u16(static_cast<std::uint16_t>(bitmask));
  }
  const std::size_t words = (out.position() - start - kHeaderBytes) / kWordBytes;
  return words <= std::numeric_limits<std::uint16_t>::max()
             ? out.patch_u16(start + 2, static_cast<std::uint16_t>(words))
             : refuse(out);
}

bool write_pli(ByteWriter& out, std::uint32_t sender_ssrc, std::uint32_t media_ssrc) noexcept {
  write_header(out, kFormatPli, RtcpType::PayloadFeedback, 2 * kWordBytes);
  out.u32(sender_ssrc);
  return out.u32(media_ssrc);
}

bool write_fir(ByteWriter& out, std::uint32_t sender_ssrc, const FirEntry& entry) noexcept {
  constexpr std::size_t kReservedBytes = 3;
  write_header(out, kFormatFir, RtcpType::PayloadFeedback, 4 * kWordBytes);
  out.u32(sender_ssrc);
  out.u32(0);  // RFC 5104 4.3.1.2: the media source is not used, the entry names it
  out.u32(entry.ssrc);
  out.u8(entry.command_sequence_number);
  return out.zeros(kReservedBytes);
}

bool write_remb(ByteWriter& out, std::uint32_t sender_ssrc, std::uint64_t bitrate_bps,
                std::span<const std::uint32_t> ssrcs) noexcept {
  if (ssrcs.size() > std::numeric_limits<std::uint8_t>::max()) {
    return refuse(out);
  }
  unsigned exponent = 0;
  while ((bitrate_bps >> exponent) >= (1U << kRembMantissaBits)) {
    ++exponent;
  }
  const auto mantissa = static_cast<std::uint32_t>(bitrate_bps >> exponent);
  write_header(out, kFormatAfb, RtcpType::PayloadFeedback, (4 + ssrcs.size()) * kWordBytes);
  out.u32(sender_ssrc);
  out.u32(0);
  out.u32(kRembIdentifier);
  out.u8(static_cast<std::uint8_t>(ssrcs.size()));
  out.u24((exponent << kRembMantissaBits) | mantissa);
  for (const std::uint32_t ssrc : ssrcs) {
    out.u32(ssrc);
  }
  return out.ok();
}

}  // namespace tandem
