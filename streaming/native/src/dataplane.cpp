#include "dataplane.hpp"

#include <array>
#include <cstring>

#include "demux.hpp"

namespace tandem {

namespace {

// One part in `count` of a table. Who comes or goes meanwhile may be met twice in a round, or not at all.
template <typename Map, typename Visit>
void visit_slice(const Map& map, std::size_t index, std::size_t count, Visit visit) {
  const std::size_t buckets = map.bucket_count();
  const std::size_t end = buckets * (index + 1) / count;
  for (std::size_t bucket = buckets * index / count; bucket < end; ++bucket) {
    for (auto entry = map.begin(bucket); entry != map.end(bucket); ++entry) {
      visit(*entry->second);
    }
  }
}

}  // namespace

Dataplane::Dataplane(DatagramSink& sink, EventSink& events, Counters& counters, NtpTime ntp_at_zero,
                     std::uint64_t seed, CryptoBackend& crypto)
    : sink_(sink),
      events_(events),
      counters_(counters),
      tables_(seed, crypto),
      pacer_(tables_),
      handover_(counters),
      feeds_(counters),
      rtcp_egress_(sink, feeds_, counters, ntp_at_zero),
      fanout_(rtcp_egress_),
      ice_(tables_, handover_, sink, events, counters),
      media_(fanout_, feeds_, events, counters),
      rtcp_(tables_, rtcp_egress_, feeds_, events, counters) {}

void Dataplane::handle_datagram(const Path& path, MutableBytes datagram, std::int64_t now_ns) {
  counters_.add(Counter::InDatagrams);
  counters_.add(Counter::InBytes, datagram.size());
  dispatch(path, datagram, now_ns);
}

void Dataplane::dispatch(const Path& path, MutableBytes datagram, std::int64_t now_ns) {
  switch (classify_datagram(datagram)) {
    case DatagramKind::Stun:
      if (Transport* moved = ice_.handle_datagram(path, datagram, now_ns)) {
        handle_ready(*moved, now_ns);
      }
      return;
    case DatagramKind::Dtls:
      handle_dtls(path, datagram, now_ns);
      return;
    case DatagramKind::Rtp:
    case DatagramKind::Rtcp:
      break;
    case DatagramKind::Zrtp:
    case DatagramKind::TurnChannel:
    case DatagramKind::Unknown:
      counters_.add(Counter::DropUnknownProtocol);
      return;
  }
  Transport* transport = tables_.find_path(path);
  if (transport == nullptr) {
    if (!handover_.pass(path, datagram, now_ns)) {
      counters_.add(Counter::DropUnknownAddress);
    }
  } else if (classify_datagram(datagram) == DatagramKind::Rtp) {
    media_.handle_datagram(*transport, datagram, now_ns);
  } else {
    EgressContext context{.sink = sink_, .counters = counters_, .now_ns = now_ns};
    rtcp_.handle_datagram(*transport, datagram, context);
  }
}

void Dataplane::handle_dtls(const Path& path, Bytes datagram, std::int64_t now_ns) {
  const Transport* transport = tables_.find_path(path);
  if (transport == nullptr) {
    if (!handover_.pass(path, datagram, now_ns)) {
      counters_.add(Counter::DropDtlsNotValidated);
    }
    return;
  }
  const bool queued = events_.push({.kind = EventKind::Datagram,
                                    .id = transport->id(),
                                    .number = 0,
                                    .address = {},
                                    .bytes = std::vector<std::uint8_t>(datagram.begin(), datagram.end())});
  counters_.add(queued ? Counter::AcceptedDtls : Counter::DropDtlsQueueFull);
}

void Dataplane::handle_ready(Transport& transport, std::int64_t now_ns) {
  if (!transport.can_send()) {
    return;
  }
  for (const Subscription* subscription : transport.subscriptions()) {
    if (Track* track = subscription->awaits_keyframe_of()) {
      rtcp_egress_.request_keyframe(*track, now_ns);
    }
  }
}

void Dataplane::run_slice(std::int64_t now_ns) {
  EgressContext context{.sink = sink_, .counters = counters_, .now_ns = now_ns};
  fanout_.run_slice(context);
  pacer_.run(context);
}

void Dataplane::handle_time(std::int64_t now_ns) {
  for (const auto& [id, track] : tables_.tracks()) {
    rtcp_egress_.handle_track_time(*track, now_ns);
    rtcp_egress_.handle_publisher_time(track->transport(), now_ns);
  }
  const std::size_t slice = tick_++ % kTicksPerRound;
  visit_slice(tables_.transports(), slice, kTicksPerRound, [&](Transport& transport) {
    if (transport.take_expired(now_ns)) {
      events_.push(
          {.kind = EventKind::Expired, .id = transport.id(), .number = 0, .address = {}, .bytes = {}});
    }
  });
  visit_slice(tables_.subscriptions(), slice, kTicksPerRound, [&](Subscription& subscription) {
    rtcp_egress_.handle_subscription_time(subscription, now_ns);
  });
  if (!handover_.is_alone()) {
    close_idle_mirrors(now_ns);
  }
}

void Dataplane::set_transport(TransportId id, TransportSpec spec, std::int64_t now_ns) {
  const Transport* known = tables_.find_transport(id);
  const bool could_send = known != nullptr && known->can_send();
  tables_.set_transport(id, std::move(spec), now_ns);
  if (!could_send) {
    handle_ready(*tables_.find_transport(id), now_ns);
  }
}

void Dataplane::remove_transport(TransportId id) {
  Transport* transport = tables_.find_transport(id);
  if (transport == nullptr) {
    return;
  }
  const std::array<std::uint32_t, 1> own{transport->feedback_ssrc()};
  rtcp_egress_.send_bye(*transport, own);
  for (const Track* track : transport->tracks()) {
    fanout_.forget(*track);
  }
  pacer_.forget(*transport);
  tables_.remove_transport(id);
}

void Dataplane::set_track(TrackId id, TrackSpec spec) {
  const Track* known = tables_.find_track(id);
  if (known != nullptr && known->transport().id() != spec.transport) {
    remove_track(id);
  }
  tables_.set_track(id, std::move(spec));
}

void Dataplane::remove_track(TrackId id) {
  if (const Track* track = tables_.find_track(id)) {
    fanout_.forget(*track);
    tables_.remove_track(id);
  }
}

void Dataplane::set_subscription(SubscriptionId id, SubscriptionSpec spec, std::int64_t now_ns) {
  const Subscription* subscription = tables_.set_subscription(id, std::move(spec));
  if (subscription == nullptr) {
    return;
  }
  if (Track* track = subscription->awaits_keyframe_of()) {
    rtcp_egress_.request_keyframe(*track, now_ns);
  }
}

void Dataplane::remove_subscription(SubscriptionId id) {
  if (Subscription* subscription = tables_.find_subscription(id)) {
    const std::array<std::uint32_t, 1> own{subscription->spec().ssrc};
    rtcp_egress_.send_bye(subscription->transport(), own);
    tables_.remove_subscription(id);
  }
}

void Dataplane::request_keyframe(TrackId id, std::int64_t now_ns) {
  if (Track* track = tables_.find_track(id)) {
    rtcp_egress_.request_keyframe(*track, now_ns);
  }
}

void Dataplane::set_pacing(TransportId id, std::int64_t bits_per_s, std::int64_t now_ns) {
  if (Transport* transport = tables_.find_transport(id)) {
    pacer_.set_rate(*transport, bits_per_s, now_ns);
  }
}

void Dataplane::probe(TransportId id, std::int64_t bits_per_s, std::int64_t duration_ns,
                      std::int64_t now_ns) {
  if (Transport* transport = tables_.find_transport(id)) {
    Pacer::probe(*transport, bits_per_s, duration_ns, now_ns);
  }
}

void Dataplane::open_tap(TrackId id, std::shared_ptr<TapRing> tap, std::int64_t now_ns) {
  if (Track* track = tables_.find_track(id)) {
    track->open_tap(std::move(tap));
    rtcp_egress_.request_keyframe(*track, now_ns);
  }
}

bool Dataplane::send_datagram(TransportId id, Bytes data) {
  const Transport* transport = tables_.find_transport(id);
  const Path* path = transport == nullptr ? nullptr : transport->reply_path();
  if (path == nullptr) {
    counters_.add(Counter::EgressDropNoAddress);
    return false;
  }
  const MutableBytes out = sink_.reserve(*path);
  if (data.empty() || data.size() > out.size()) {
    return false;
  }
  std::memcpy(out.data(), data.data(), data.size());
  sink_.commit(data.size());
  counters_.add(Counter::OutDtls);
  return true;
}

}  // namespace tandem
