#include <doctest/doctest.h>

#include <array>

#include "demux.hpp"

using tandem::Bytes;
using tandem::classify_datagram;
using tandem::DatagramKind;

namespace {

DatagramKind kind_of(std::uint8_t first, std::uint8_t second, std::size_t size) {
  std::array<std::uint8_t, 64> datagram{};
  datagram[0] = first;
  datagram[1] = second;
  return classify_datagram(Bytes(datagram).first(size));
}

}  // namespace

TEST_CASE("every first byte falls into the class of RFC 7983") {
  for (unsigned first = 0; first < 256; ++first) {
    DatagramKind expected = DatagramKind::Unknown;
    if (first <= 3) {
      expected = DatagramKind::Stun;
    } else if (first >= 16 && first <= 19) {
      expected = DatagramKind::Zrtp;
    } else if (first >= 20 && first <= 63) {
      expected = DatagramKind::Dtls;
    } else if (first >= 64 && first <= 79) {
      expected = DatagramKind::TurnChannel;
    } else if (first >= 128 && first <= 191) {
      expected = DatagramKind::Rtp;
    }
    CHECK(kind_of(static_cast<std::uint8_t>(first), 96, 64) == expected);
  }
}

TEST_CASE("RTCP is told from RTP by packet types 192 to 223, with or without a marker bit") {
  CHECK(kind_of(0x80, 191, 64) == DatagramKind::Rtp);
  CHECK(kind_of(0x80, 192, 64) == DatagramKind::Rtcp);
  CHECK(kind_of(0x81, 200, 64) == DatagramKind::Rtcp);
  CHECK(kind_of(0x80, 223, 64) == DatagramKind::Rtcp);
  CHECK(kind_of(0x80, 224, 64) == DatagramKind::Rtp);
  CHECK(kind_of(0x80, 0x80 | 96, 64) == DatagramKind::Rtp);
  CHECK(kind_of(0x80, 72, 64) == DatagramKind::Rtp);
}

TEST_CASE("what is shorter than its protocol's header is unknown") {
  CHECK(classify_datagram({}) == DatagramKind::Unknown);
  CHECK(kind_of(0, 1, 1) == DatagramKind::Unknown);
  CHECK(kind_of(0, 1, 19) == DatagramKind::Unknown);
  CHECK(kind_of(0, 1, 20) == DatagramKind::Stun);
  CHECK(kind_of(22, 254, 12) == DatagramKind::Unknown);
  CHECK(kind_of(22, 254, 13) == DatagramKind::Dtls);
  CHECK(kind_of(0x80, 96, 11) == DatagramKind::Unknown);
  CHECK(kind_of(0x80, 96, 12) == DatagramKind::Rtp);
  CHECK(kind_of(0x80, 201, 7) == DatagramKind::Unknown);
  CHECK(kind_of(0x80, 201, 8) == DatagramKind::Rtcp);
}
