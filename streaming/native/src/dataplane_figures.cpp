// Snapshots of single objects for the control plane.
#include <algorithm>

#include "dataplane.hpp"

namespace tandem {

namespace {

constexpr std::int64_t kNsPerUs = 1'000;

std::int64_t figure(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

}  // namespace

Figures Dataplane::transport_figures(TransportId id, std::int64_t now_ns) const {
  const Transport* transport = tables_.find_transport(id);
  if (transport == nullptr) {
    return {};
  }
  const TransportStatistics& statistics = transport->statistics;
  return {{"rtt_us", statistics.round_trip_ns / kNsPerUs},
          {"received_packets", figure(statistics.received_packets)},
          {"received_bytes", figure(statistics.received_bytes)},
          {"sent_packets", figure(statistics.sent_packets)},
          {"sent_bytes", figure(statistics.sent_bytes)},
          {"unbound_packets", figure(statistics.unbound_packets)},
          {"remb_bps", figure(statistics.remb_bps)},
          {"last_check_age_ms", (now_ns - transport->last_check_ns()) / kMillisecond},
          {"pacing_bps", transport->pacing() == nullptr ? 0 : transport->pacing()->bits_per_s()},
          {"validated_addresses", figure(transport->paths().size())},
          {"can_send", transport->can_send() ? 1 : 0}};
}

Figures Dataplane::track_figures(TrackId id) const {
  const Track* track = tables_.find_track(id);
  if (track == nullptr) {
    return {};
  }
  const TrackStatistics& statistics = track->statistics;
  return {{"packets", figure(statistics.packets)},
          {"bytes", figure(statistics.bytes)},
          {"lost", track->lost()},
          {"missing", figure(track->nacks.missing_count())},
          {"recovered_by_rtx", figure(statistics.recovered_by_rtx)},
          {"duplicates", figure(statistics.duplicates)},
          {"nacks_sent", figure(statistics.nacks)},
          {"plis_sent", figure(statistics.plis)},
          {"jitter_ticks", track->jitter_ticks()},
          {"level_dbov", statistics.level_dbov},
          {"keyframes", figure(statistics.keyframes)},
          {"subscribers", figure(track->subscribers.size())},
          {"rtt_us", track->nacks.round_trip_ns() / kNsPerUs},
          {"ssrc", track->ssrc()}};
}

Figures Dataplane::subscription_figures(SubscriptionId id) const {
  const Subscription* subscription = tables_.find_subscription(id);
  if (subscription == nullptr) {
    return {};
  }
  const SubscriptionStatistics& statistics = subscription->statistics;
  return {{"packets", figure(statistics.packets)},
          {"bytes", figure(statistics.bytes)},
          {"nacks_received", figure(statistics.nacks_received)},
          {"retransmitted", figure(statistics.retransmitted)},
          {"lost_reported", statistics.fraction_lost},
          {"plis_received", figure(statistics.plis_received)},
          {"rtt_us", subscription->round_trip_ns() / kNsPerUs},
          {"waiting_packets", figure(subscription->waiting_packets())},
          {"track", figure(subscription->current() == nullptr ? kNoTrack : subscription->current()->id())},
          {"waiting_for_keyframe", subscription->awaits_keyframe_of() == nullptr ? 0 : 1}};
}

}  // namespace tandem
