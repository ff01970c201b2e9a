// The small pure parts under the worker, each by itself.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "arrival_log.hpp"
#include "counters.hpp"
#include "egress_batch.hpp"
#include "keyframe_requests.hpp"
#include "nack_generator.hpp"
#include "numbering.hpp"
#include "packet_ring.hpp"
#include "receive_statistics.hpp"
#include "send_record.hpp"
#include "sender_clock.hpp"
#include "tap_ring.hpp"

namespace tandem {

TEST_CASE("counters: every name is its own") {
  const std::set<std::string_view> names(kCounterNames.begin(), kCounterNames.end());
  CHECK(names.size() == kCounterCount);
}

TEST_CASE("sequence map: ranges of closed gaps, the oldest forgotten") {
  SequenceMap map;
  map.restart({.first = 100, .sequence = -90});
  map.close_gap_before(103);
  map.close_gap_before(104);  // nothing went out between them: one range
  CHECK(map.find(99) == nullptr);
  CHECK(map.find(102)->sequence == -90);
  CHECK(map.find(104)->sequence == -92);
  for (std::int64_t first = 200; first < 400; first += 2) {
    map.close_gap_before(first);
  }
  CHECK(map.find(150) == nullptr);
  CHECK(map.find(399)->sequence == -192);
}

TEST_CASE("packet ring: slot and generation, and bytes that were overwritten") {
  PacketRing ring(4, 4096);
  std::array<std::uint8_t, 1212> packet{};
  packet[0] = 0x80;
  const auto append = [&](std::uint8_t mark) {
    packet[12] = mark;
    return ring.append(*parse_rtp(packet), packet).position;
  };
  for (std::uint8_t i = 0; i < 3; ++i) {
    CHECK(append(i) == i);
  }
  CHECK(ring.payload(*ring.find(0))[0] == 0);
  append(3);  // the arena holds three
  CHECK(ring.find(0) == nullptr);
  CHECK(ring.payload(*ring.find(3))[0] == 3);
  CHECK(ring.find(4) == nullptr);
  CHECK(ring.view(*ring.find(2)).payload.size() == 1200);
}

TEST_CASE("send records: a number is free once") {
  SendRecords records(4);
  CHECK(records.is_free(65536));
  records.add(65536);
  CHECK_FALSE(records.is_free(65536));
  CHECK_FALSE(records.is_free(65532));  // its slot holds a newer one
  CHECK(records.is_free(65540));
  CHECK(records.find(65536) != nullptr);
  records.add(65540);
  CHECK(records.find(65536) == nullptr);
}

TEST_CASE("NACK generator: gaps over the wrap, retries by round trip, giving up") {
  NackGenerator nacks;
  std::array<std::uint16_t, 16> out{};
  nacks.handle_packet(65534, 0);
  nacks.handle_packet(65537, 0);
  CHECK(nacks.take_due(0, out) == 0);  // they may only be late
  CHECK(nacks.take_due(NackGenerator::kReorderingNs, out) == 2);
  CHECK(out[0] == 65535);
  CHECK(out[1] == 0);
  nacks.handle_packet(65535, 45 * kMillisecond);
  CHECK(nacks.round_trip_ns() < 100 * kMillisecond);
  CHECK(nacks.take_due(50 * kMillisecond, out) == 0);
  CHECK(nacks.take_due(150 * kMillisecond, out) == 1);
  CHECK(nacks.is_missing(65536));
  CHECK_FALSE(nacks.take_given_up());
  CHECK(nacks.take_due(2 * kSecond, out) == 0);
  CHECK(nacks.take_given_up());
  CHECK_FALSE(nacks.take_given_up());
  nacks.handle_packet(70'000, 2 * kSecond);  // too much at once: a keyframe is cheaper
  CHECK(nacks.take_given_up());
  CHECK(nacks.missing_count() == 0);
}

TEST_CASE("receive statistics: fraction, cumulative loss and jitter of RFC 3550") {
  ReceiveStatistics statistics;
  for (std::int64_t number = 65530; number < 65550; ++number) {
    if (number % 4 != 0) {
      statistics.handle_packet(number, static_cast<std::uint32_t>(number * 900), number * 10 * kMillisecond,
                               90'000);
    }
  }
  const ReportBlock block = statistics.take_report();
  CHECK(block.cumulative_lost == 5);
  CHECK(block.fraction_lost == 5 * 256 / 20);
  CHECK(block.highest_sequence_number == 65549);
  CHECK(block.jitter_ticks == 0);
  CHECK(statistics.take_report().fraction_lost == 0);
}

TEST_CASE("arrival window: a packet goes on once") {
  ArrivalWindow window;
  using Verdict = ArrivalWindow::Verdict;
  CHECK_FALSE(window.lacks(5));  // nothing is missing before the first
  CHECK(window.admit(5) == Verdict::New);
  CHECK_FALSE(window.lacks(5));
  CHECK(window.lacks(4));
  CHECK(window.lacks(6));
  CHECK(window.admit(-3) == Verdict::New);
  CHECK(window.admit(5) == Verdict::Duplicate);
  CHECK(window.admit(4000) == Verdict::New);
  CHECK(window.admit(4096 + 5) == Verdict::New);
  CHECK(window.admit(5) == Verdict::TooOld);
  CHECK_FALSE(window.lacks(4));
  CHECK(window.admit(4096 + 5) == Verdict::Duplicate);
  CHECK(window.admit(100'000) == Verdict::New);
  CHECK(window.admit(99'999) == Verdict::New);
}

TEST_CASE("keyframe requests: a keyframe satisfies the trailing one") {
  KeyframeRequests requests;
  CHECK(requests.request(0));
  CHECK_FALSE(requests.request(1));
  requests.handle_keyframe();
  CHECK_FALSE(requests.take_trailing(2 * kSecond));
  CHECK(requests.request(2 * kSecond));
}

TEST_CASE("arrival log: feedback continues where the last ended, over the wrap") {
  ArrivalLog log;
  log.handle_packet(65534, kSecond);
  log.handle_packet(1, kSecond + kMillisecond);
  log.handle_packet(0, kSecond + 2 * kMillisecond);
  CHECK(log.is_due(2 * kSecond));
  std::array<std::uint8_t, 512> buffer{};
  ByteWriter writer(buffer);
  CHECK(log.write_feedback(writer, 1, 2, 2 * kSecond));
  CHECK_FALSE(log.is_due(3 * kSecond));
  log.handle_packet(4, 3 * kSecond);
  ByteWriter second(buffer);
  CHECK(log.write_feedback(second, 1, 2, 3 * kSecond));
  RtcpIterator iterator(second.written());
  RtcpPacket packet;
  REQUIRE(iterator.next(packet));
  TransportCcIterator statuses(parse_feedback(packet)->control);
  CHECK(statuses.header().base_sequence_number == 2);
  CHECK(statuses.header().status_count == 3);
  CHECK(statuses.header().feedback_count == 1);
}

TEST_CASE("checklist 28: messages hold equal segments, the last may be shorter; destinations do not mix") {
  EgressBatch batch;
  Address first;
  first.port = 1;
  Address second;
  second.port = 2;
  const auto send = [&](const Address& to, std::size_t length, bool may_join = true) {
    REQUIRE(!batch.reserve().empty());
    batch.commit(to, length, 0, may_join);
  };
  send(first, 1200);
  send(first, 1200);
  send(first, 1199);
  send(first, 1199);  // the shorter one closed the message
  send(first, 1200);  // a longer one cannot follow
  send(second, 1200);
  send(second, 1200, false);
  send(second, 1200, false);
  std::vector<std::uint16_t> segments;
  for (const EgressMessage& message : batch.pending()) {
    segments.push_back(message.segments);
  }
  CHECK(segments == std::vector<std::uint16_t>{3, 1, 1, 1, 1, 1});
  batch.pop(6);
  CHECK(batch.is_empty());
  for (std::size_t i = 0; i < EgressBatch::kMaxMessages; ++i) {
    send(first, 2000, false);
  }
  CHECK(batch.reserve().empty());
}

TEST_CASE("checklist 34: a message keeps within the limits of all that it holds") {
  EgressBatch batch;
  const Address to;
  const auto send = [&](std::size_t most_bytes) {
    REQUIRE(!batch.reserve().empty());
    batch.commit(to, 1000, 0, true, most_bytes);
  };
  for (int i = 0; i < 5; ++i) {
    send(2500);
  }
  send(EgressBatch::kMaxMessageBytes);  // joins the fifth, whose limit stands
  send(EgressBatch::kMaxMessageBytes);
  send(100);  // a datagram that is longer than its limit is alone
  send(EgressBatch::kMaxMessageBytes);
  std::vector<std::uint16_t> segments;
  for (const EgressMessage& message : batch.pending()) {
    segments.push_back(message.segments);
  }
  CHECK(segments == std::vector<std::uint16_t>{2, 2, 2, 1, 1, 1});
}

TEST_CASE("checklist 28: what a blocked socket keeps is dropped by age, oldest first") {
  EgressBatch batch;
  const auto queue = [&](std::uint16_t port, std::int64_t now_ns) {
    REQUIRE(!batch.reserve().empty());
    Address address;
    address.port = port;
    batch.commit(address, 100, now_ns, true);
  };
  queue(1, 0);
  queue(1, 10);  // joins the first
  queue(2, 50);
  CHECK(batch.drop_older(0) == 0);
  CHECK(batch.drop_older(20) == 2);
  CHECK(batch.pending().size() == 1);
  CHECK(batch.drop_older(51) == 1);
  CHECK(batch.is_empty());
}

TEST_CASE("tap ring: whole records, over the wrap; what does not fit is counted") {
  TapRing ring(1);
  std::array<std::uint8_t, 1000> data{};
  for (std::uint8_t round = 0; round < 20; ++round) {
    data.fill(round);
    REQUIRE(ring.append(TapRecordKind::Rtp, round, Bytes(data).first(300), Bytes(data).subspan(300)));
    const std::vector<std::uint8_t> records = ring.take(1);
    REQUIRE(records.size() == 1016);
    ByteReader reader(records);
    CHECK(reader.u32() == 1000);
    CHECK(reader.u8() == 1);
    reader.skip(3);
    CHECK(reader.u64() == round);
    const Bytes rest = reader.rest();
    CHECK(std::ranges::all_of(rest, [&](std::uint8_t byte) { return byte == round; }));
  }
  CHECK(ring.take(100).empty());
  for (int i = 0; i < 5; ++i) {
    ring.append(TapRecordKind::SenderReport, 0, data);
  }
  CHECK(ring.overflows() == 1);
  CHECK(ring.take(2500).size() == 2032);
}

TEST_CASE("sender clock: NTP and ticks convert both ways, across seconds and signs") {
  CHECK(ntp_from_ns(kSecond) == NtpTime{1} << 32U);
  CHECK(ns_from_ntp(ntp_from_ns(-1'500'000'000)) == -1'500'000'000);
  CHECK(ticks_from_ns(-kSecond, 48'000) == -48'000);
  const ReportedClock clock{.ntp_time = NtpTime{9} << 32U, .rtp_timestamp = 100, .arrival_ns = 0};
  CHECK(clock.ntp_of(100 - 90'000, 90'000) == NtpTime{8} << 32U);
  CHECK(clock.timestamp_of(NtpTime{10} << 32U, 90'000) == 90'100);
  ClockOffset offset;
  offset.handle_report(1000, 5000);
  offset.handle_report(2000, 5500);
  CHECK(offset.offset() == 3500);
}

}  // namespace tandem
