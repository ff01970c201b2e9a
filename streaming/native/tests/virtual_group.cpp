#include "virtual_group.hpp"

#include <algorithm>

namespace tandem::test {

VirtualGroup::VirtualGroup()
    : workers{Dataplane{sinks[0], events[0], counters[0], NtpTime{1} << 40U, 7, testing::openssl()},
              Dataplane{sinks[1], events[1], counters[1], NtpTime{1} << 40U, 8, testing::openssl()}} {
  for (std::size_t i = 0; i < workers.size(); ++i) {
    workers[i].join(neighbours[i]);
  }
  connect(publisher, 0);
  connect(subscriber, 1);
  workers[0].set_track(kPicture, VirtualLesson::picture_spec());
}

void VirtualGroup::connect(Peer& peer, std::size_t owner) {
  workers[owner].set_transport(peer.transport, peer.spec(true), now_ns);
  workers[1 - owner].set_routes(peer.transport, static_cast<WorkerIndex>(owner), {peer.ufrag});
  give(owner, peer, peer.check(true));
}

void VirtualGroup::open_mirror(std::uint64_t feed) {
  workers[1].open_mirror(kPicture, mirror_of(VirtualLesson::picture_spec()), mirror_of(publisher.spec(true)),
                         0, feed, now_ns);
  workers[0].open_feed(kPicture, 1, feed);
}

void VirtualGroup::subscribe(TrackId track) {
  workers[1].set_subscription(1, specs.subscription_spec(track), now_ns);
  settle();
}

void VirtualGroup::unsubscribe(std::uint64_t feed) {
  workers[1].remove_subscription(1);
  workers[1].retire_mirror(kPicture, feed);
}

void VirtualGroup::give(std::size_t at, const Peer& peer, std::vector<std::uint8_t> datagram) {
  workers[at].handle_datagram(peer.path, datagram, now_ns);
  settle();
}

void VirtualGroup::publish_frame(std::int64_t sequence_number, bool keyframe, std::size_t at) {
  give(at, publisher,
       publisher.seal({.ssrc = kPictureSsrc,
                       .sequence_number = sequence_number,
                       .timestamp = static_cast<std::uint32_t>(sequence_number * 3000),
                       .payload = vp8(static_cast<std::uint16_t>(sequence_number & 0x7FFF), keyframe,
                                      static_cast<std::uint8_t>(sequence_number)),
                       .marker = true,
                       .extensions = {}}));
}

void VirtualGroup::settle() {
  while (!records.empty()) {
    HandoverRecord record = std::move(records.front());
    records.pop_front();
    workers[record.to].handle_handover(record.from, record.kind, record.bytes, now_ns);
  }
  for (Dataplane& worker : workers) {
    while (!worker.is_idle()) {
      worker.run_slice(now_ns);
    }
  }
  publisher.take(sinks[0].sent);
  subscriber.take(sinks[1].sent);
}

void VirtualGroup::advance(std::int64_t duration_ns) {
  const std::int64_t end_ns = now_ns + duration_ns;
  while (now_ns < end_ns) {
    now_ns = std::min(now_ns + Dataplane::kTickNs, end_ns);
    for (Dataplane& worker : workers) {
      worker.handle_time(now_ns);
    }
    settle();
  }
}

std::vector<std::int64_t> VirtualGroup::got() const {
  std::vector<std::int64_t> numbers;
  const std::vector<const Opened*> packets = subscriber.of(kOutSsrc);
  for (const Opened* packet : packets) {
    numbers.push_back(static_cast<std::int64_t>(packet->index - packets.front()->index));
  }
  return numbers;
}

bool VirtualGroup::is_balanced() const {
  std::uint64_t fates = 0;
  for (std::size_t i = 0; i < kCounterCount; ++i) {
    const bool is_fate = kCounterNames[i].starts_with("accepted_") || kCounterNames[i].starts_with("drop_");
    fates += is_fate ? count(static_cast<Counter>(i)) : 0;
  }
  return fates == count(Counter::InDatagrams);
}

}  // namespace tandem::test
