#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "rtp_packet.hpp"
#include "vectors.hpp"

using tandem::Bytes;
using tandem::ByteWriter;
using tandem::parse_rtp;
using tandem::rtp_header_bytes;
using tandem::RtpHeader;
using tandem::testing::load_vectors;
using tandem::testing::number;
using tandem::testing::VectorCase;

namespace {

void check_case(const VectorCase& fields) {
  const auto packet = parse_rtp(fields.at("packet"));
  REQUIRE(packet);
  CHECK(packet->version == 2);
  CHECK(packet->payload_type == number(fields.at("payload_type")));
  CHECK(packet->marker == (number(fields.at("marker")) != 0));
  CHECK(packet->sequence_number == number(fields.at("sequence_number")));
  CHECK(packet->timestamp == number(fields.at("timestamp")));
  CHECK(packet->ssrc == number(fields.at("ssrc")));
  CHECK(packet->padding_bytes == number(fields.at("padding_bytes")));
  CHECK(std::ranges::equal(packet->payload, fields.at("payload")));
  CHECK(packet->has_extension == fields.contains("extension"));
  if (packet->has_extension) {
    CHECK(packet->extension_profile == number(fields.at("extension_profile")));
    CHECK(std::ranges::equal(packet->extension, fields.at("extension")));
  }
  CHECK(packet->header_bytes + packet->payload.size() + packet->padding_bytes == fields.at("packet").size());
}

}  // namespace

TEST_CASE("golden packets parse to their fields") {
  for (const auto& entry : load_vectors("rtp.hex")) {
    const auto& name = entry.first;
    const auto& fields = entry.second;
    CAPTURE(name);
    if (name != "malformed") {
      check_case(fields);
    }
  }
}

TEST_CASE("malformed packets are refused") {
  const VectorCase malformed = load_vectors("rtp.hex").at("malformed");
  for (const auto& entry : malformed) {
    const auto& name = entry.first;
    const auto& packet = entry.second;
    CAPTURE(name);
    CHECK_FALSE(parse_rtp(packet));
  }
}

TEST_CASE("every truncation of a golden packet's header is refused") {
  for (const auto& entry : load_vectors("rtp.hex")) {
    const auto& name = entry.first;
    const auto& fields = entry.second;
    if (name == "malformed") {
      continue;
    }
    const Bytes packet(fields.at("packet"));
    const std::size_t header_bytes = rtp_header_bytes(packet).value();
    for (std::size_t size = 0; size < header_bytes; ++size) {
      CHECK_FALSE(parse_rtp(packet.first(size)));
      CHECK_FALSE(rtp_header_bytes(packet.first(size)));
    }
    CHECK(rtp_header_bytes(packet.first(header_bytes)) == header_bytes);
  }
}

TEST_CASE("checklist 5: padding is cut off the payload and counted") {
  const auto vectors = load_vectors("rtp.hex");
  const auto padded = parse_rtp(vectors.at("padded").at("packet"));
  REQUIRE(padded);
  CHECK(padded->payload.size() == 4);
  CHECK(padded->padding_bytes == 4);
  const auto probe = parse_rtp(vectors.at("padding_only").at("packet"));
  REQUIRE(probe);
  CHECK(probe->payload.empty());
  CHECK(probe->padding_bytes == 8);
}

TEST_CASE("checklist 29: a packet that fills a 2 KB buffer parses") {
  std::vector<std::uint8_t> packet(2048, 0xAB);
  ByteWriter writer(packet);
  tandem::write_rtp_header(writer, RtpHeader{.payload_type = 96, .sequence_number = 1, .ssrc = 2});
  const auto parsed = parse_rtp(packet);
  REQUIRE(parsed);
  CHECK(parsed->payload.size() == 2048 - tandem::kRtpFixedHeaderBytes);
}

TEST_CASE("a written header reads back") {
  std::array<std::uint8_t, tandem::kRtpFixedHeaderBytes> buffer{};
  ByteWriter writer(buffer);
  const RtpHeader header{.payload_type = 127,
                         .marker = true,
                         .sequence_number = 65535,
                         .timestamp = 0xFFFFFFFF,
                         .ssrc = 0x80000001};
  REQUIRE(tandem::write_rtp_header(writer, header));
  const auto parsed = parse_rtp(buffer);
  REQUIRE(parsed);
  CHECK(parsed->payload_type == header.payload_type);
  CHECK(parsed->marker);
  CHECK(parsed->sequence_number == header.sequence_number);
  CHECK(parsed->timestamp == header.timestamp);
  CHECK(parsed->ssrc == header.ssrc);
  CHECK_FALSE(tandem::write_rtp_header(writer, header));
}
