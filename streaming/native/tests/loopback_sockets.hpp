// What tests of the shell need of real sockets.
#pragma once

#include <doctest/doctest.h>
#include <poll.h>

#include <algorithm>
#include <vector>

#include "socket_address.hpp"
#include "udp_socket.hpp"
#include "virtual_lesson.hpp"

namespace tandem::test {

inline Address loopback() {
  Address address;
  REQUIRE(parse_address("127.0.0.1", 0, address));
  return address;
}

inline void receive(UdpSocket& socket, std::vector<Sent>& received, const Path& as, int timeout_ms) {
  pollfd readable{.fd = socket.descriptor(), .events = POLLIN, .revents = 0};
  ::poll(&readable, 1, timeout_ms);
  for (const ReceivedDatagram& datagram : socket.receive()) {
    received.push_back({.path = as, .bytes = {datagram.bytes.begin(), datagram.bytes.end()}});
  }
}

// Receives until `done`, or fails after five seconds.
template <typename Done>
void receive_until(UdpSocket& socket, std::vector<Sent>& received, const Path& as, Done done) {
  for (int round = 0; round < 500 && !done(); ++round) {
    receive(socket, received, as, 10);
  }
  REQUIRE(done());
}

inline void send(UdpSocket& socket, const Address& to, const std::vector<std::uint8_t>& bytes) {
  const MutableBytes out = socket.batch().reserve();
  std::ranges::copy(bytes, out.begin());
  socket.batch().commit(to, bytes.size(), 0, false);
  socket.flush(0);
}

}  // namespace tandem::test
