// The shell, over loopback sockets: threads, queues and descriptors (run under the sanitizers).
#include <doctest/doctest.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/udp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <thread>

#include "loopback_sockets.hpp"
#include "virtual_lesson.hpp"
#include "worker.hpp"

namespace tandem::test {

namespace {

// For this thread, `call` (getsockopt, setsockopt) fails from now on for `option` as in a kernel without it.
void pretend_missing(std::uint32_t call, std::uint32_t option) {
  std::array<sock_filter, 6> filter{{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args) + 2 * sizeof(std::uint64_t)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, option, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOPROTOOPT),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog program{.len = filter.size(), .filter = filter.data()};
  REQUIRE(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
  REQUIRE(::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

void drop_capabilities() {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  const std::array<__user_cap_data_struct, 2> none{};
  REQUIRE(::syscall(SYS_capset, &header, none.data()) == 0);
}

void carry_a_keyframe(std::unique_ptr<CryptoBackend> crypto, SrtpProfile profile) {
  Counters peer_counters;
  EventQueue events(1000, peer_counters);
  Worker worker({loopback()}, events, UdpSocket::Port::Opened, ntp_at_monotonic_zero(), std::move(crypto));
  worker.start();
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

TEST_CASE("a lesson runs without cryptography, for those who count everything else") {
  for (const SrtpProfile profile : testing::kProfiles) {
    VirtualLesson lesson(true, profile, testing::identity(), testing::identity());
    lesson.subscribe();
    lesson.publish_frame(1, true);
    CHECK(lesson.got().size() == 1);
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
  CHECK(counters.get(Counter::EgressGsoEinval) == 1);
  CHECK(counters.get(Counter::EgressSendErrors) == 0);
  CHECK(counters.get(Counter::OutDatagrams) == 10);
  CHECK_FALSE(sender.may_segment(receiver.address()));
  CHECK(sender.may_segment(sender.address()));
}

TEST_CASE("checklist 28: a kernel that cannot segment is found out, and gets plain sends") {
  Counters counters;
  UdpSocket receiver(loopback(), counters);
  std::thread([&] {
    pretend_missing(SYS_getsockopt, UDP_SEGMENT);  // until this thread ends
    UdpSocket sender(loopback(), counters);
    CHECK_FALSE(sender.may_segment(receiver.address()));
    for (int i = 0; i < 5; ++i) {
      REQUIRE(!sender.batch().reserve().empty());
      sender.batch().commit(receiver.address(), 1000, 0, sender.may_segment(receiver.address()));
    }
    sender.flush(0);
  }).join();
  std::vector<Sent> received;
  receive_until(receiver, received, {}, [&] { return received.size() == 5; });
  CHECK(counters.get(Counter::EgressGsoMissing) == 1);
  CHECK(counters.get(Counter::OutMessages) == 5);
}

TEST_CASE("worker: where the kernel does not part media from all else, both are heard, and it is said") {
  std::thread([] {
    pretend_missing(SYS_setsockopt, SO_ATTACH_REUSEPORT_CBPF);  // until this thread ends
    Counters peer_counters;
    EventQueue events(10, peer_counters);
    Worker worker({loopback()}, events);
    worker.start();
    CHECK(worker.counters().get(Counter::WithoutSteering) == 1);
    UdpSocket sender(loopback(), peer_counters);
    for (const std::uint8_t first : {std::uint8_t{0x80}, std::uint8_t{0xFF}}) {
      send(sender, worker.addresses()[0], std::vector<std::uint8_t>(20, first));
    }
    const auto dropped = [&] {
      return worker.counters().get(Counter::DropUnknownAddress) +
             worker.counters().get(Counter::DropUnknownProtocol);
    };
    for (int round = 0; round < 5000 && dropped() < 2; ++round) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    CHECK(dropped() == 2);
  }).join();
}

TEST_CASE("worker: its thread comes before others, or says that it may not") {
  Counters peer_counters;
  EventQueue events(10, peer_counters);
  const auto nice_of_worker = [&](std::uint64_t& refused) {
    Worker worker({loopback()}, events);
    worker.start();
    const int found = worker.ask<int>([](Dataplane&, std::int64_t) {
      return ::getpriority(PRIO_PROCESS, 0);  // of this thread
    });
    refused = worker.counters().get(Counter::WithoutPriority);
    return found;
  };
  const int own = ::getpriority(PRIO_PROCESS, 0);
  std::uint64_t refused = 0;
  const int found = nice_of_worker(refused);
  CHECK(found == (refused == 0 ? -10 : own));
  std::thread([&] {
    drop_capabilities();  // of this thread and those that it starts
    CHECK(nice_of_worker(refused) == own);
    CHECK(refused == 1);
  }).join();
}

TEST_CASE("worker: a long time between two looks at the sockets is counted") {
  Counters peer_counters;
  EventQueue events(10, peer_counters);
  Worker worker({loopback()}, events);
  worker.start();
  worker.ask<bool>([](Dataplane&, std::int64_t) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(11);
    while (std::chrono::steady_clock::now() < until) {
    }
    return true;
  });
  worker.close();
  CHECK(worker.counters().get(Counter::LapsOver10Ms) >= 1);
  CHECK(worker.counters().get(Counter::LapsOver2Ms) >= worker.counters().get(Counter::LapsOver10Ms));
  CHECK(worker.counters().get(Counter::Laps) >= worker.counters().get(Counter::LapsOver2Ms));
}

TEST_CASE("worker: commands from several threads while datagrams pour in, then close") {
  Counters peer_counters;
  EventQueue events(10, peer_counters);
  Worker worker({loopback()}, events);
  worker.start();
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
  Counters counters;
  EventQueue events(10, counters);
  CHECK_THROWS_WITH_AS(Worker({address}, events), doctest::Contains("192.0.2.1"), std::system_error);
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
