// Several workers on one port, over loopback sockets: threads, rings, the kernel's choice of socket (run
// under the sanitizers, the thread sanitizer among them).
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <stop_token>
#include <thread>

#include "loopback_sockets.hpp"
#include "virtual_lesson.hpp"
#include "worker_group.hpp"

namespace tandem::test {

namespace {

using namespace std::chrono_literals;

template <typename Done>
void wait_until(Done done) {
  bool is_done = done();
  for (int round = 0; round < 5000 && !is_done; ++round) {
    std::this_thread::sleep_for(1ms);
    is_done = done();
  }
  REQUIRE(is_done);
}

// A socket whose datagrams the kernel gives to `worker`: the hash is the kernel's, so ports are tried.
std::unique_ptr<UdpSocket> socket_heard_by(WorkerGroup& group, std::size_t worker, Counters& counters) {
  for (int attempt = 0; attempt < 64; ++attempt) {
    auto socket = std::make_unique<UdpSocket>(loopback(), counters);
    const std::uint64_t all = group.count(Counter::DropUnknownProtocol);
    const std::uint64_t there = group.count(worker, Counter::DropUnknownProtocol);
    send(*socket, group.addresses()[0], {0xFF, 0xFF});
    wait_until([&] { return group.count(Counter::DropUnknownProtocol) == all + 1; });
    if (group.count(worker, Counter::DropUnknownProtocol) == there + 1) {
      return socket;
    }
  }
  FAIL("the kernel gives nothing to this worker");
  return nullptr;
}

// A peer with a socket of its own. `heard_by`: whose socket gets what it sends.
struct Remote {
  Remote(WorkerGroup& group, TransportId id, std::size_t heard_by)
      : peer(id, static_cast<std::uint16_t>(5000 + id)),
        server(group.addresses()[0]),
        socket(socket_heard_by(group, heard_by, counters)) {
    group.set_transport(id, peer.spec(true));
    worker = static_cast<std::size_t>(group.transport_figures(id).at("worker"));
    send_bytes(peer.check(true));
    until([this] { return peer.stun == 1; });
  }
  void send_bytes(const std::vector<std::uint8_t>& bytes) const { send(*socket, server, bytes); }
  template <typename Done>
  void until(Done done) {
    receive_until(*socket, received, peer.path, [&] {
      peer.take(received);
      return done();
    });
  }
  void take() {
    receive(*socket, received, peer.path, 0);
    peer.take(received);
  }
  [[nodiscard]] std::size_t pictures() const { return peer.of(kOutSsrc).size(); }

  Counters counters;
  Peer peer;
  Address server;
  std::unique_ptr<UdpSocket> socket;
  std::size_t worker = 0;
  std::vector<Sent> received;
};

std::vector<std::uint8_t> frame(Peer& publisher, std::int64_t number, bool keyframe = false) {
  std::vector<std::uint8_t> payload = vp8(static_cast<std::uint16_t>(number & 0x7FFF), keyframe);
  payload.resize(1100);
  return publisher.seal({.ssrc = kPictureSsrc,
                         .sequence_number = number,
                         .timestamp = static_cast<std::uint32_t>(number * 3000),
                         .payload = payload,
                         .marker = true,
                         .extensions = {}});
}

SubscriptionSpec to_picture(TransportId transport) {
  SubscriptionSpec spec = VirtualLesson().subscription_spec();
  spec.transport = transport;
  return spec;
}

bool is_balanced(const WorkerGroup& group) {
  std::uint64_t fates = 0;
  for (std::size_t i = 0; i < kCounterCount; ++i) {
    const bool is_fate = kCounterNames[i].starts_with("accepted_") || kCounterNames[i].starts_with("drop_");
    fates += is_fate ? group.count(static_cast<Counter>(i)) : 0;
  }
  return fates == group.count(Counter::InDatagrams);
}

}  // namespace

TEST_CASE(
    "worker group: one lesson on both workers, its datagrams at the wrong one, a keyframe asked across") {
  WorkerGroup group({loopback()}, 2, 1000);
  // Owners go by turns; the kernel is made to choose the other worker for three of four.
  Remote publisher(group, 1, 1);
  Remote near(group, 3, 0);
  Remote far(group, 2, 0);
  Remote far_too(group, 4, 1);
  CHECK(publisher.worker == 0);
  group.set_track(kPicture, VirtualLesson::picture_spec());
  for (const Remote* remote : {&near, &far, &far_too}) {
    group.set_subscription(remote->peer.transport, to_picture(remote->peer.transport));
  }
  std::map<std::size_t, int> owners;
  for (const Remote* remote : {&near, &far, &far_too}) {
    ++owners[remote->worker];
  }
  CHECK(owners.size() == 2);
  constexpr std::int64_t kFrames = 300;
  for (std::int64_t number = 0; number < kFrames; ++number) {
    publisher.send_bytes(frame(publisher.peer, number, number == 0));
    if (number % 20 == 19) {
      for (Remote* remote : {&near, &far, &far_too}) {
        remote->until([&] { return remote->pictures() == static_cast<std::size_t>(number) + 1; });
      }
    }
  }
  CHECK(group.count(Counter::HandedOver) >= kFrames);
  CHECK(group.count(Counter::FeedPackets) == kFrames);
  CHECK(group.count(Counter::FeedOverflows) == 0);
  CHECK(group.count(0, Counter::OutRtp) > 0);
  CHECK(group.count(1, Counter::OutRtp) > 0);
  CHECK(group.count(0, Counter::AcceptedRtp) == kFrames);
  CHECK(group.count(1, Counter::AcceptedRtp) == 0);
  CHECK(group.track_figures(kPicture).at("subscribers") == 3);
  // A subscriber on the other worker has lost its picture. A new keyframe first: it satisfies whatever
  // request was still to follow, so that the next one is the subscriber's.
  publisher.send_bytes(frame(publisher.peer, kFrames, true));
  for (Remote* remote : {&near, &far, &far_too}) {
    remote->until([&] { return remote->pictures() == static_cast<std::size_t>(kFrames) + 1; });
  }
  const auto plis = [&] {
    publisher.take();
    return VirtualLesson::reports(publisher.peer, RtcpType::PayloadFeedback, kFormatPli).size();
  };
  const std::size_t before = plis();
  std::array<std::uint8_t, 64> buffer{};
  ByteWriter writer(buffer);
  write_pli(writer, 9, kOutSsrc);
  Remote& across = far.worker == 0 ? near : far;
  across.send_bytes(across.peer.seal_rtcp(writer.written()));
  wait_until([&] { return plis() == before + 1; });
  wait_until([&] { return is_balanced(group); });
}

TEST_CASE("worker group: joins, leaves and ends while packets flow") {
  WorkerGroup group({loopback()}, 2, 1000);
  Remote publisher(group, 1, 1);
  std::vector<std::unique_ptr<Remote>> remotes;
  for (TransportId id = 2; id <= 5; ++id) {
    remotes.push_back(std::make_unique<Remote>(group, id, id % 2));
  }
  group.set_track(kPicture, VirtualLesson::picture_spec());
  std::atomic<std::int64_t> shot{0};
  std::jthread camera([&](const std::stop_token& stop) {
    for (; !stop.stop_requested(); ++shot) {
      publisher.send_bytes(frame(publisher.peer, shot, shot % 10 == 0));
      std::this_thread::sleep_for(200us);  // the camera's pace
    }
  });
  for (int round = 0; round < 150; ++round) {
    for (const auto& remote : remotes) {
      group.set_subscription(remote->peer.transport, to_picture(remote->peer.transport));
      remote->take();
    }
    Remote& leaving = *remotes[static_cast<std::size_t>(round) % remotes.size()];
    group.remove_subscription(leaving.peer.transport);
    if (round % 5 == 0) {
      group.remove_track(kPicture);
      group.set_track(kPicture, VirtualLesson::picture_spec());
    }
    // The first stays: under the same keys a transport must not begin anew, and the peer would not have it.
    if (round % 7 == 0 && &leaving != remotes.front().get()) {
      group.remove_transport(leaving.peer.transport);
      group.set_transport(leaving.peer.transport, leaving.peer.spec());
      leaving.send_bytes(leaving.peer.check(true));
    }
    if (round % 11 == 0) {
      TrackSpec spec = VirtualLesson::picture_spec();
      spec.forbidden = round % 2 == 0;
      group.set_track(kPicture, spec);
      group.request_keyframe(kPicture);
    }
    wait_until([&, enough = shot + 5] { return shot >= enough; });
  }
  group.set_track(kPicture, VirtualLesson::picture_spec());
  const std::size_t before = remotes.front()->pictures();
  for (const auto& remote : remotes) {
    group.set_subscription(remote->peer.transport, to_picture(remote->peer.transport));
  }
  remotes.front()->until([&] { return remotes.front()->pictures() > before; });
  group.remove_transport(1);
  camera.request_stop();
  camera.join();
  wait_until([&] { return is_balanced(group); });
  group.close();
  group.close();
  CHECK(group.events().take(10'000).size() > 0);
}

TEST_CASE("worker group: mirrors open and close with their subscriptions") {
  WorkerGroup group({loopback()}, 2, 1000);
  Remote publisher(group, 1, 0);
  Remote subscriber(group, 2, 0);
  REQUIRE(subscriber.worker != publisher.worker);
  group.set_track(kPicture, VirtualLesson::picture_spec());
  group.set_subscription(1, to_picture(2));
  publisher.send_bytes(frame(publisher.peer, 1, true));
  subscriber.until([&] { return subscriber.pictures() == 1; });
  group.remove_subscription(1);
  CHECK(group.subscription_figures(1).empty());
  // The mirror goes a second after its last subscription: from then on no packet is fed.
  std::int64_t number = 2;
  wait_until([&] {
    const std::uint64_t fed = group.count(Counter::FeedPackets);
    publisher.send_bytes(frame(publisher.peer, number));
    wait_until([&] { return group.count(Counter::AcceptedRtp) == static_cast<std::uint64_t>(number); });
    ++number;
    CHECK_FALSE(
        group.track_figures(kPicture).empty());  // an answer of the worker's: it is through with the packet
    return group.count(Counter::FeedPackets) == fed;
  });
  CHECK(group.track_figures(kPicture).at("subscribers") == 0);
}

TEST_CASE("worker group: one worker has the port for itself; several share it with nobody else") {
  for (const std::size_t workers : {1, 3}) {
    CAPTURE(workers);
    WorkerGroup group({loopback(), loopback()}, workers, 10);
    CHECK(group.worker_count() == workers);
    const std::vector<Address> addresses = group.addresses();
    REQUIRE(addresses.size() == 2);
    CHECK(addresses[0].port != 0);
    CHECK(addresses[0] != addresses[1]);
    CHECK_THROWS_AS(WorkerGroup({addresses[0]}, 1, 10), std::system_error);
    CHECK_THROWS_AS(WorkerGroup({addresses[1]}, 2, 10), std::system_error);
  }
}

TEST_CASE("worker group: what is not known is nowhere, and harmless") {
  WorkerGroup group({loopback()}, 2, 10);
  group.remove_transport(9);
  group.remove_track(9);
  group.remove_subscription(9);
  group.set_track(9, VirtualLesson::picture_spec());
  group.set_subscription(9, to_picture(2));
  group.request_keyframe(9);
  group.open_tap(9, std::make_shared<TapRing>(4096));
  CHECK_FALSE(group.send_datagram(9, {1, 2}));
  CHECK(group.transport_figures(9).empty());
  CHECK(group.track_figures(9).empty());
  CHECK(group.subscription_figures(9).empty());
  group.close();
  CHECK_FALSE(group.send_datagram(9, {1, 2}));
}

}  // namespace tandem::test
