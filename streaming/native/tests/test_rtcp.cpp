#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "rtcp.hpp"
#include "vectors.hpp"

using namespace tandem;
using tandem::testing::load_vectors;
using tandem::testing::number;
using tandem::testing::Octets;
using tandem::testing::VectorFile;

namespace {

const VectorFile& vectors() {
  static const VectorFile kVectors = load_vectors("rtcp.hex");
  return kVectors;
}

RtcpPacket only_packet(const Octets& compound) {
  RtcpIterator iterator(compound);
  RtcpPacket packet;
  REQUIRE(iterator.next(packet));
  RtcpPacket second;
  REQUIRE_FALSE(iterator.next(second));
  REQUIRE_FALSE(iterator.is_malformed());
  return packet;
}

// Runs a writer and compares what it wrote with a golden packet.
template <typename Write>
void check_written(const Octets& expected, Write write) {
  std::array<std::uint8_t, 256> buffer{};
  ByteWriter writer(buffer);
  CHECK(write(writer));
  CHECK(std::ranges::equal(writer.written(), expected));
  for (std::size_t room = 0; room < expected.size(); ++room) {
    ByteWriter short_writer(MutableBytes(buffer).first(room));
    CHECK_FALSE(write(short_writer));
  }
}

}  // namespace

TEST_CASE("a sender report parses and is written back") {
  const auto& fields = vectors().at("sender_report");
  const auto report = parse_sender_report(only_packet(fields.at("packet")));
  REQUIRE(report);
  CHECK(report->ssrc == number(fields.at("ssrc")));
  CHECK(report->ntp_time == number(fields.at("ntp_time")));
  CHECK(report->rtp_timestamp == number(fields.at("rtp_timestamp")));
  CHECK(report->packet_count == number(fields.at("packet_count")));
  CHECK(report->octet_count == number(fields.at("octet_count")));
  REQUIRE(report->reports.count == 1);
  const ReportBlock& block = report->reports.blocks[0];
  CHECK(block.ssrc == number(fields.at("block_ssrc")));
  CHECK(block.fraction_lost == number(fields.at("block_fraction_lost")));
  CHECK(block.cumulative_lost == -2);
  CHECK(block.highest_sequence_number == number(fields.at("block_highest_sequence_number")));
  CHECK(block.jitter_ticks == number(fields.at("block_jitter_ticks")));
  CHECK(block.last_sender_report == number(fields.at("block_last_sender_report")));
  CHECK(block.delay_since_last_sr == number(fields.at("block_delay_since_last_sr")));
  check_written(fields.at("packet"), [&](ByteWriter& out) { return write_sender_report(out, *report); });
}

TEST_CASE("cumulative loss is clamped to 24 signed bits") {
  for (const std::int32_t lost : {std::numeric_limits<std::int32_t>::min(), -0x800000, 0, 0x7FFFFF,
                                  std::numeric_limits<std::int32_t>::max()}) {
    std::array<std::uint8_t, 32> buffer{};
    ByteWriter writer(buffer);
    const std::array<ReportBlock, 1> blocks{ReportBlock{.ssrc = 1, .cumulative_lost = lost}};
    REQUIRE(write_receiver_report(writer, 1, blocks));
    RtcpIterator iterator(writer.written());
    RtcpPacket packet;
    REQUIRE(iterator.next(packet));
    const auto report = parse_receiver_report(packet);
    REQUIRE(report);
    CHECK(report->reports.blocks[0].cumulative_lost == std::clamp(lost, -0x800000, 0x7FFFFF));
  }
}

TEST_CASE("receiver report, source description, bye, PLI and FIR parse and are written back") {
  const auto& receiver = vectors().at("receiver_report");
  const auto report = parse_receiver_report(only_packet(receiver.at("packet")));
  REQUIRE(report);
  CHECK(report->ssrc == number(receiver.at("ssrc")));
  CHECK(report->reports.count == 0);
  check_written(receiver.at("packet"),
                [&](ByteWriter& out) { return write_receiver_report(out, report->ssrc, {}); });

  const auto& description = vectors().at("source_description");
  const auto source = parse_source_description(only_packet(description.at("packet")));
  REQUIRE(source);
  CHECK(source->cname == "tandem");
  check_written(description.at("packet"),
                [&](ByteWriter& out) { return write_source_description(out, source->ssrc, source->cname); });

  const auto bye = parse_bye(only_packet(vectors().at("bye").at("packet")));
  REQUIRE(bye);
  REQUIRE(bye->count == 2);
  CHECK(bye->ssrcs[0] == 0x11111111);
  CHECK(bye->ssrcs[1] == 0x22222222);

  check_written(vectors().at("pli").at("packet"),
                [](ByteWriter& out) { return write_pli(out, 0x11111111, 0x22222222); });

  const auto& fir = vectors().at("fir");
  const RtcpPacket fir_packet = only_packet(fir.at("packet"));
  CHECK(fir_packet.count_or_format == kFormatFir);
  FirIterator entries(parse_feedback(fir_packet)->control);
  FirEntry entry;
  REQUIRE(entries.next(entry));
  CHECK(entry.ssrc == number(fir.at("ssrc")));
  CHECK(entry.command_sequence_number == number(fir.at("command_sequence_number")));
  check_written(fir.at("packet"), [&](ByteWriter& out) { return write_fir(out, 0x11111111, entry); });
  CHECK_FALSE(entries.next(entry));
}

TEST_CASE("a written bye reads back") {
  std::array<std::uint8_t, 32> buffer{};
  ByteWriter writer(buffer);
  const std::array<std::uint32_t, 2> ssrcs{7, 8};
  REQUIRE(write_bye(writer, ssrcs));
  RtcpIterator iterator(writer.written());
  RtcpPacket packet;
  REQUIRE(iterator.next(packet));
  const auto bye = parse_bye(packet);
  REQUIRE(bye);
  CHECK(bye->count == 2);
  CHECK(bye->ssrcs[1] == 8);
}

TEST_CASE("a NACK across the wrap parses and is packed again") {
  const auto& fields = vectors().at("nack");
  const RtcpPacket packet = only_packet(fields.at("packet"));
  CHECK(packet.count_or_format == kFormatNack);
  const auto feedback = parse_feedback(packet);
  REQUIRE(feedback);
  CHECK(feedback->media_ssrc == number(fields.at("media_ssrc")));
  std::vector<std::uint16_t> lost;
  NackIterator iterator(feedback->control);
  for (std::uint16_t sequence_number = 0; iterator.next(sequence_number);) {
    lost.push_back(sequence_number);
  }
  CHECK(lost == std::vector<std::uint16_t>{65534, 65535, 0, 14, 100});
  check_written(fields.at("packet"),
                [&](ByteWriter& out) { return write_nack(out, 0x11111111, 0x22222222, lost); });
}

TEST_CASE("a NACK of 17 packets in a row takes one pair, of 18 two") {
  std::array<std::uint8_t, 64> buffer{};
  std::vector<std::uint16_t> lost;
  for (std::uint16_t i = 0; i < 17; ++i) {
    lost.push_back(static_cast<std::uint16_t>(65530 + i));
  }
  ByteWriter one(buffer);
  REQUIRE(write_nack(one, 1, 2, lost));
  CHECK(one.position() == 16);
  lost.push_back(static_cast<std::uint16_t>(65530 + 17));
  ByteWriter two(buffer);
  REQUIRE(write_nack(two, 1, 2, lost));
  CHECK(two.position() == 20);
  ByteWriter none(buffer);
  CHECK_FALSE(write_nack(none, 1, 2, {}));
}

TEST_CASE("REMB parses, is written, and saturates") {
  const auto& fields = vectors().at("remb");
  const auto feedback = parse_feedback(only_packet(fields.at("packet")));
  REQUIRE(feedback);
  const auto remb = parse_remb(*feedback);
  REQUIRE(remb);
  CHECK(remb->bitrate_bps == 1'500'000);
  CHECK(remb->ssrc_count == 1);
  const std::array<std::uint32_t, 1> ssrcs{0x22222222};
  check_written(fields.at("packet"),
                [&](ByteWriter& out) { return write_remb(out, 0x11111111, 1'500'000, ssrcs); });
  Octets huge = fields.at("packet");
  huge[17] = 0xFF;  // exponent 63
  CHECK(parse_remb(*parse_feedback(only_packet(huge)))->bitrate_bps ==
        std::numeric_limits<std::uint64_t>::max());
  Octets other = fields.at("packet");
  other[12] = 'X';
  CHECK_FALSE(parse_remb(*parse_feedback(only_packet(other))));
}

TEST_CASE("a compound is walked packet by packet, with padding in any of them") {
  for (const auto* name : {"compound", "padding_inside"}) {
    const auto& fields = vectors().at(name);
    RtcpIterator iterator(fields.at("packet"));
    RtcpPacket packet;
    Octets types;
    while (iterator.next(packet)) {
      types.push_back(packet.type);
    }
    CHECK(types == fields.at("types"));
    CHECK_FALSE(iterator.is_malformed());
  }
}

TEST_CASE("padding is taken off, also libwebrtc's that is no multiple of four") {
  const RtcpPacket feedback = only_packet(vectors().at("padded_feedback").at("packet"));
  CHECK(feedback.body.size() == 22);
  const Octets padded = tandem::testing::from_hex("a0c90002 11111111 00000004");
  const auto report = parse_receiver_report(only_packet(padded));
  REQUIRE(report);
  CHECK(report->ssrc == 0x11111111);
  CHECK(only_packet(padded).body.size() == 4);
}

TEST_CASE("malformed compounds are told") {
  for (const auto& entry : vectors().at("malformed")) {
    const auto& name = entry.first;
    const auto& compound = entry.second;
    CAPTURE(name);
    RtcpIterator iterator(compound);
    RtcpPacket packet;
    while (iterator.next(packet)) {
    }
    CHECK(iterator.is_malformed());
    CHECK_FALSE(iterator.next(packet));
  }
}

TEST_CASE("a count that promises more than the body holds is refused") {
  for (const auto* name : {"sender_report", "receiver_report", "bye"}) {
    Octets compound = vectors().at(name).at("packet");
    compound[0] |= 0x1FU;
    const RtcpPacket packet = only_packet(compound);
    CHECK_FALSE(parse_sender_report(packet));
    CHECK_FALSE(parse_receiver_report(packet));
    CHECK_FALSE(parse_bye(packet));
  }
}

TEST_CASE("a parser refuses another type's packet") {
  const RtcpPacket pli = only_packet(vectors().at("pli").at("packet"));
  CHECK_FALSE(parse_sender_report(pli));
  CHECK_FALSE(parse_receiver_report(pli));
  CHECK_FALSE(parse_source_description(pli));
  CHECK_FALSE(parse_bye(pli));
  CHECK_FALSE(parse_feedback(only_packet(vectors().at("bye").at("packet"))));
}

TEST_CASE("the first chunk with a CNAME is taken, items of other kinds are passed over") {
  // chunk 1: NAME "ab"; chunk 2: NOTE "" and CNAME "x"
  const Octets compound =
      tandem::testing::from_hex("82ca0006 00000001 0202616200 000000 00000002 0700 010178 000000");
  const auto source = parse_source_description(only_packet(compound));
  REQUIRE(source);
  CHECK(source->ssrc == 2);
  CHECK(source->cname == "x");
}
