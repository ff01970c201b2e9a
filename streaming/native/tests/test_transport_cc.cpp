#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <random>
#include <vector>

#include "transport_cc.hpp"
#include "vectors.hpp"

using namespace tandem;
using tandem::testing::load_vectors;
using tandem::testing::Octets;

namespace {

using Arrivals = std::vector<TransportCcArrival>;

struct Decoded {
  TransportCcHeader header;
  std::vector<TransportCcStatus> statuses;
  bool is_malformed = false;
};

Decoded decode(Bytes compound) {
  RtcpIterator packets(compound);
  RtcpPacket packet;
  REQUIRE(packets.next(packet));
  CHECK(packet.count_or_format == kFormatTransportCc);
  const auto feedback = parse_feedback(packet);
  REQUIRE(feedback);
  TransportCcIterator iterator(feedback->control);
  Decoded decoded{.header = iterator.header(), .statuses = {}};
  TransportCcStatus status;
  while (iterator.next(status)) {
    decoded.statuses.push_back(status);
  }
  decoded.is_malformed = iterator.is_malformed();
  return decoded;
}

// Encodes, decodes and compares: every arrival at its time (to 250 us), everything else lost.
void check_round_trip(std::int64_t base, const Arrivals& arrivals) {
  std::array<std::uint8_t, 4096> buffer{};
  ByteWriter writer(buffer);
  REQUIRE(write_transport_cc(writer, 1, 2, 3, base, arrivals) == arrivals.size());
  CHECK(writer.position() % 4 == 0);
  const Decoded decoded = decode(writer.written());
  REQUIRE_FALSE(decoded.is_malformed);
  REQUIRE(decoded.statuses.size() == static_cast<std::size_t>(arrivals.back().sequence_number - base + 1));
  std::size_t next = 0;
  for (std::size_t i = 0; i < decoded.statuses.size(); ++i) {
    const std::int64_t sequence_number = base + static_cast<std::int64_t>(i);
    const TransportCcStatus& status = decoded.statuses[i];
    CHECK(status.sequence_number == static_cast<std::uint16_t>(sequence_number));
    const bool is_received = arrivals[next].sequence_number == sequence_number;
    REQUIRE(status.is_received == is_received);
    if (is_received) {
      CHECK(status.arrival_us == arrivals[next].arrival_us / kTransportCcDeltaUs * kTransportCcDeltaUs);
      ++next;
    }
  }
  CHECK(next == arrivals.size());
}

}  // namespace

TEST_CASE("the golden feedback is written and read") {
  const auto fields = load_vectors("rtcp.hex").at("transport_cc");
  constexpr std::int64_t kBase = 65534;
  const Arrivals arrivals{{kBase, 129'000}, {kBase + 1, 129'250}, {kBase + 4, 229'250}};
  std::array<std::uint8_t, 64> buffer{};
  ByteWriter writer(buffer);
  REQUIRE(write_transport_cc(writer, 0x11111111, 0x22222222, 9, kBase, arrivals) == 3);
  CHECK(std::ranges::equal(writer.written(), fields.at("packet")));
  const Decoded decoded = decode(fields.at("packet"));
  CHECK(decoded.header.base_sequence_number == 0xFFFE);
  CHECK(decoded.header.status_count == 5);
  CHECK(decoded.header.reference_time == 2);
  CHECK(decoded.header.feedback_count == 9);
  CHECK(decode(load_vectors("rtcp.hex").at("padded_feedback").at("packet")).statuses.size() == 5);
  check_round_trip(kBase, arrivals);
}

TEST_CASE("long runs, holes and wraps round-trip") {
  Arrivals steady;
  for (std::int64_t i = 0; i < 200; ++i) {
    steady.push_back({65500 + i, 1'000'000 + (i * 1000)});
  }
  check_round_trip(65500, steady);
  check_round_trip(65400, steady);
  check_round_trip(10, {{10, 0}, {5000, 3'000'000}, {5001, 3'000'250}});
  check_round_trip(0, {{8192, 500'000}});
  check_round_trip(70000, {{70000, 64'000}, {70001, 63'000}, {70002, 8'000'000}});  // backwards and by much
}

TEST_CASE("random losses and delays round-trip") {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    Arrivals arrivals;
    std::int64_t sequence_number = 65000 + static_cast<std::int64_t>(random() % 1000);
    const std::int64_t base = sequence_number;
    std::int64_t time_us = 10'000'000;
    const std::uint64_t loss = random() % 60;
    while (arrivals.size() < 1 + random() % 150) {
      time_us += static_cast<std::int64_t>(random() % 3 == 0 ? random() % 100'000 : random() % 2'000) - 500;
      if (random() % 100 >= loss) {
        arrivals.push_back({sequence_number, time_us});
      }
      ++sequence_number;
    }
    check_round_trip(base, arrivals);
  }
}

TEST_CASE("a delta that does not fit 16 bits ends the packet; the rest goes into the next") {
  const Arrivals arrivals{{1, 0}, {2, 20'000'000}, {3, 20'000'250}};
  std::array<std::uint8_t, 64> buffer{};
  ByteWriter writer(buffer);
  CHECK(write_transport_cc(writer, 1, 2, 0, 1, arrivals) == 1);
  ByteWriter again(buffer);
  CHECK(write_transport_cc(again, 1, 2, 1, 2, std::span(arrivals).subspan(1)) == 2);
}

TEST_CASE("a small buffer takes a part, a tiny one nothing, and neither is overrun") {
  Arrivals arrivals;
  for (std::int64_t i = 0; i < 100; ++i) {
    arrivals.push_back({i * 3, i * 70'000});
  }
  std::array<std::uint8_t, 256> buffer{};
  for (std::size_t room = 0; room < buffer.size(); ++room) {
    ByteWriter writer(MutableBytes(buffer).first(room));
    const std::size_t taken = write_transport_cc(writer, 1, 2, 0, 0, arrivals);
    CHECK(taken < arrivals.size());
    CHECK(writer.ok());
    CHECK((taken == 0) == (writer.position() == 0));
    if (taken != 0) {
      CHECK(decode(writer.written()).statuses.back().sequence_number == arrivals[taken - 1].sequence_number);
    }
  }
}

TEST_CASE("holes older than the limit are forgotten, disorder ends the packet, nothing gives nothing") {
  std::array<std::uint8_t, 256> buffer{};
  ByteWriter writer(buffer);
  const Arrivals late{{100'000, 0}};
  REQUIRE(write_transport_cc(writer, 1, 2, 0, 0, late) == 1);
  CHECK(decode(writer.written()).header.status_count == 8193);
  ByteWriter disorder(buffer);
  const Arrivals disordered{{5, 0}, {5, 250}};
  CHECK(write_transport_cc(disorder, 1, 2, 0, 5, disordered) == 1);
  CHECK(write_transport_cc(disorder, 1, 2, 0, 5, {}) == 0);
}

TEST_CASE("malformed feedback is told: truncated, a reserved symbol, an empty run") {
  const Octets packet = load_vectors("rtcp.hex").at("transport_cc").at("packet");
  const Bytes control = Bytes(packet).subspan(12);
  for (std::size_t size = 0; size < 8; ++size) {
    CHECK(TransportCcIterator(control.first(size)).is_malformed());
  }
  const auto ends_malformed = [](Octets bytes) {
    TransportCcIterator iterator(bytes);
    TransportCcStatus status;
    while (iterator.next(status)) {
    }
    return iterator.is_malformed();
  };
  CHECK(ends_malformed(tandem::testing::from_hex("0001 0005 000002 09 d420 04 01")));
  CHECK(ends_malformed(tandem::testing::from_hex("0001 0001 000002 09 6001 0000")));
  CHECK(ends_malformed(tandem::testing::from_hex("0001 0001 000002 09 2000 0000")));
  CHECK(ends_malformed(tandem::testing::from_hex("0001 ffff 000002 09 2001 0000")));
  CHECK_FALSE(ends_malformed(tandem::testing::from_hex("0001 0001 000002 09 2001 05")));
}
