// The kernel's choice among the sockets of a port, and when those without media are looked at.
#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "control_pace.hpp"
#include "loopback_sockets.hpp"
#include "udp_steering.hpp"

namespace tandem::test {

namespace {

constexpr std::uint32_t kWorkers = 3;

Address loopback_of(bool is_v6) {
  Address address;
  REQUIRE(parse_address(is_v6 ? "::1" : "127.0.0.1", 0, address));
  return address;
}

// In the order in which workers open them: of each worker the media's, then the other.
std::vector<std::unique_ptr<UdpReceiver>> open_port(bool is_v6) {
  std::vector<std::unique_ptr<UdpReceiver>> sockets;
  sockets.push_back(std::make_unique<UdpReceiver>(loopback_of(is_v6), UdpReceiver::Port::Opened));
  while (sockets.size() < 2 * std::size_t{kWorkers}) {
    sockets.push_back(std::make_unique<UdpReceiver>(sockets[0]->address(), UdpReceiver::Port::Joined));
  }
  REQUIRE(steer_by_kind(sockets[0]->descriptor(), is_v6, kWorkers));
  return sockets;
}

// Which socket has got the one datagram that is under way.
std::size_t find_receiver(const std::vector<std::unique_ptr<UdpReceiver>>& sockets) {
  std::vector<pollfd> readable;
  for (const auto& socket : sockets) {
    readable.push_back({.fd = socket->descriptor(), .events = POLLIN, .revents = 0});
  }
  REQUIRE(::poll(readable.data(), readable.size(), 5000) == 1);
  for (std::size_t index = 0; index < sockets.size(); ++index) {
    if (readable[index].revents != 0) {
      CHECK(sockets[index]->receive().size() == 1);
      return index;
    }
  }
  FAIL("poll said that there was one");
  return 0;
}

std::vector<std::uint8_t> datagram(std::uint8_t first, std::uint8_t second) {
  std::vector<std::uint8_t> bytes(20, 0);
  bytes[0] = first;
  bytes[1] = second;
  return bytes;
}

}  // namespace

TEST_CASE("steering: RTP comes to one socket of a worker, all else to the other, a sender to one worker") {
  struct Kind {
    std::vector<std::uint8_t> bytes;
    bool is_media;
  };
  const std::array kinds{
      Kind{datagram(0x80, 96), true},   Kind{datagram(0xBF, 0xFF), true},  // marker and payload type 127
      Kind{datagram(0x90, 191), true},  Kind{datagram(0x80, 224), true},
      Kind{datagram(0x80, 192), false}, Kind{datagram(0x8F, 205), false},  // RTCP, NACK
      Kind{datagram(0x80, 223), false}, Kind{datagram(0x00, 1), false},    // STUN
      Kind{datagram(22, 254), false},   Kind{datagram(0xFF, 0xFF), false},
      Kind{datagram(0x40, 96), false},  Kind{datagram(0xC0, 96), false},
  };
  for (const bool is_v6 : {false, true}) {
    const auto sockets = open_port(is_v6);
    Counters counters;
    std::set<std::size_t> heard_by;
    for (int sender = 0; sender < 48; ++sender) {
      UdpSocket socket(loopback_of(is_v6), counters);
      std::optional<std::size_t> worker;
      for (const Kind& kind : kinds) {
        send(socket, sockets[0]->address(), kind.bytes);
        const std::size_t found = find_receiver(sockets);
        CHECK((found % 2 == 0) == kind.is_media);
        CHECK(worker.value_or(found / 2) == found / 2);
        worker = found / 2;
      }
      heard_by.insert(*worker);
    }
    CHECK(heard_by.size() == kWorkers);
  }
}

TEST_CASE("steering: datagrams too short to be anything come somewhere, and harm nobody") {
  const auto sockets = open_port(false);
  Counters counters;
  UdpSocket socket(loopback_of(false), counters);
  send(socket, sockets[0]->address(), {});
  CHECK(find_receiver(sockets) == 0);
  send(socket, sockets[0]->address(), {0x80});
  CHECK(find_receiver(sockets) == 0);
}

TEST_CASE(
    "control pace: the first is seen at once; while more comes nobody is woken, and none waits over 5 ms") {
  ControlPace pace;
  std::int64_t now_ns = 100 * kMillisecond;
  CHECK(pace.is_armed());
  CHECK(pace.is_due(now_ns, true));
  pace.handle_look(now_ns, true, false);
  CHECK_FALSE(pace.is_armed());
  CHECK(pace.due_ns() == now_ns + ControlPace::kPatienceNs);
  CHECK_FALSE(pace.is_due(now_ns + kMillisecond, false));
  CHECK(pace.is_due(now_ns + ControlPace::kGapNs, false));  // something else woke the worker
  now_ns += ControlPace::kPatienceNs;
  pace.handle_look(now_ns, true, true);
  CHECK(pace.is_due(now_ns, false));  // there was more than one look holds
  pace.handle_look(now_ns, false, false);
  CHECK(pace.is_armed());
  CHECK(pace.due_ns() > now_ns + kSecond);
}

}  // namespace tandem::test
