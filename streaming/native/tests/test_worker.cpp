// The shell, over loopback sockets: threads, queues and descriptors (run under the sanitizers).
#include <doctest/doctest.h>
#include <poll.h>

#include <array>
#include <atomic>
#include <thread>

#include "virtual_lesson.hpp"
#include "worker.hpp"

namespace tandem::test {

namespace {

Address loopback() {
  Address address;
  REQUIRE(parse_address("127.0.0.1", 0, address));
  return address;
}

// Receives until `done`, or fails after five seconds.
template <typename Done>
void receive_until(UdpSocket& socket, std::vector<Sent>& received, const Path& as, Done done) {
  for (int round = 0; round < 500 && !done(); ++round) {
    pollfd readable{.fd = socket.descriptor(), .events = POLLIN, .revents = 0};
    ::poll(&readable, 1, 10);
    for (const ReceivedDatagram& datagram : socket.receive()) {
      received.push_back({.path = as, .bytes = {datagram.bytes.begin(), datagram.bytes.end()}});
    }
  }
  REQUIRE(done());
}

void send(UdpSocket& socket, const Address& to, const std::vector<std::uint8_t>& bytes) {
  const MutableBytes out = socket.batch().reserve();
  std::ranges::copy(bytes, out.begin());
  socket.batch().commit(to, bytes.size(), 0, false);
  socket.flush(0);
}

void carry_a_keyframe(std::unique_ptr<CryptoBackend> crypto, SrtpProfile profile) {
  Counters peer_counters;
  Worker worker({loopback()}, 1000, std::move(crypto));
  const Address server = worker.addresses()[0];
  UdpSocket publisher_socket(loopback(), peer_counters);
  UdpSocket subscriber_socket(loopback(), peer_counters);
  VirtualLesson specs;  // for its peers and specifications
  Peer publisher(1, 5001, profile);
  Peer subscriber(2, 5002, profile);
  std::vector<Sent> received;
  worker.post([&](Dataplane& dataplane, std::int64_t now_ns) {
    dataplane.set_transport(1, publisher.spec(), now_ns);
    dataplane.set_transport(2, subscriber.spec(), now_ns);
    dataplane.set_track(kPicture, VirtualLesson::picture_spec());
    dataplane.set_subscription(1, specs.subscription_spec(), now_ns);
  });
  send(publisher_socket, server, publisher.check(true));
  send(subscriber_socket, server, subscriber.check(true));
  const auto take = [&] {
    subscriber.take(received);
    return subscriber.stun == 1;
  };
  receive_until(subscriber_socket, received, subscriber.path, take);
  std::vector<std::uint8_t> payload = vp8(1, true);
  payload.resize(1100);
  for (std::int64_t number = 0; number < 40; ++number) {
    send(publisher_socket, server,
         publisher.seal({.ssrc = kPictureSsrc,
                         .sequence_number = number,
                         .timestamp = 1,
                         .payload = payload,
                         .extensions = {}}));
  }
  receive_until(subscriber_socket, received, subscriber.path, [&] {
    subscriber.take(received);
    return subscriber.of(kOutSsrc).size() == 40;
  });
  CHECK(worker.counters().get(Counter::OutMessages) <= worker.counters().get(Counter::OutDatagrams));
  CHECK(
      worker
          .ask<Figures>([](Dataplane& dataplane, std::int64_t) { return dataplane.track_figures(kPicture); })
          .at("packets") == 40);
  worker.close();
  CHECK_FALSE(worker.post([](Dataplane&, std::int64_t) {}));
}

}  // namespace

TEST_CASE("worker: a keyframe of forty packets reaches a subscriber in few messages, whoever encrypts") {
  for (const SrtpProfile profile : testing::kProfiles) {
    carry_a_keyframe(open_openssl_backend(), profile);
    carry_a_keyframe(choose_crypto_backend().backend, profile);
  }
}

TEST_CASE("checklist 28: where segmented messages fail, their destination gets plain sends from then on") {
  Counters counters;
  UdpSocket sender(loopback(), counters);
  UdpSocket receiver(loopback(), counters);
  const int on = 1;  // the kernel refuses UDP_SEGMENT without checksums (EINVAL), as some paths do
  REQUIRE(::setsockopt(sender.descriptor(), SOL_SOCKET, SO_NO_CHECK, &on, sizeof on) == 0);
  std::vector<Sent> received;
  for (std::size_t round = 1; round <= 2; ++round) {
    for (int i = 0; i < 5; ++i) {
      REQUIRE(!sender.batch().reserve().empty());
      sender.batch().commit(receiver.address(), 1000, 0, sender.may_segment(receiver.address()));
    }
    sender.flush(0);
    receive_until(receiver, received, {}, [&] { return received.size() == 5 * round; });
  }
  CHECK(counters.get(Counter::EgressGsoFallbacks) == 1);
  CHECK(counters.get(Counter::EgressSendErrors) == 0);
  CHECK(counters.get(Counter::OutDatagrams) == 10);
  CHECK_FALSE(sender.may_segment(receiver.address()));
  CHECK(sender.may_segment(sender.address()));
}

TEST_CASE("worker: commands from several threads while datagrams pour in, then close") {
  Counters peer_counters;
  Worker worker({loopback()}, 10);
  UdpSocket socket(loopback(), peer_counters);
  std::atomic<int> applied{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 500; ++n) {
        worker.post([&](Dataplane&, std::int64_t) { ++applied; });
      }
    });
  }
  for (int n = 0; n < 500; ++n) {
    send(socket, worker.addresses()[0], std::vector<std::uint8_t>(static_cast<std::size_t>(n), 0x80));
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  worker.close();
  CHECK(applied == 1500);
}

TEST_CASE("worker: an address that cannot be bound is an error that names it") {
  Address address;
  REQUIRE(parse_address("192.0.2.1", 0, address));
  CHECK_THROWS_WITH_AS(Worker({address}, 10), doctest::Contains("192.0.2.1"), std::system_error);
}

TEST_CASE("events: a full queue loses the newest and counts; datagrams leave room for the rest") {
  Counters counters;
  EventQueue queue(8, counters);
  for (int i = 0; i < 4; ++i) {
    queue.push({.kind = EventKind::Datagram, .id = 1, .number = 0, .address = {}, .bytes = {1}});
  }
  CHECK(counters.get(Counter::EventsLost) == 2);
  for (int i = 0; i < 8; ++i) {
    queue.push({.kind = EventKind::Keyframe, .id = 1, .number = 0, .address = {}, .bytes = {}});
  }
  CHECK(counters.get(Counter::EventsLost) == 4);
  CHECK(queue.take(5).size() == 5);
  CHECK(queue.take(5).size() == 3);
  CHECK(queue.take(5).empty());
}

}  // namespace tandem::test
