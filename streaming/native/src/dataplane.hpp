// The packet worker's core: datagrams, commands and time in; datagrams and events out. It reads no clock and
// knows no socket: `worker.hpp` is its shell, and tests drive it in virtual time.
//
// Several Dataplanes, each on its own thread, may share one media port: what they tell each other goes
// through a HandoverSink and comes in by handle_handover.
//
// Contract: after handle_datagram calls, run_slice until is_idle, and again at next_due_ns; handle_time about
// every kTickNs. One thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "counters.hpp"
#include "datagram_sink.hpp"
#include "events.hpp"
#include "fanout.hpp"
#include "feeds.hpp"
#include "handover.hpp"
#include "ice_responder.hpp"
#include "media_ingress.hpp"
#include "pacer.hpp"
#include "rtcp_egress.hpp"
#include "rtcp_ingress.hpp"
#include "tables.hpp"

namespace tandem {

using Figures = std::map<std::string, std::int64_t>;

class Dataplane {
 public:
  static constexpr std::int64_t kTickNs = 10 * kMillisecond;
  // Publishers are looked at each tick, everybody else once in so many: they are a thousand, and cold.
  static constexpr std::size_t kTicksPerRound = 10;

  // `ntp_at_zero`: the server's NTP clock at monotonic time 0. `seed`: see Tables.
  Dataplane(DatagramSink& sink, EventSink& events, Counters& counters, NtpTime ntp_at_zero,
            std::uint64_t seed, CryptoBackend& crypto);

  // -- Packets --
  // `datagram` may be changed.
  void handle_datagram(const Path& path, MutableBytes datagram, std::int64_t now_ns);
  // Whether nothing is to be sent now. What is held or paced is due at `next_due_ns`, far in the future when
  // nothing is.
  [[nodiscard]] bool is_idle() const noexcept { return fanout_.is_idle(); }
  [[nodiscard]] std::int64_t next_due_ns() const noexcept {
    return std::min(fanout_.next_due_ns(), pacer_.next_due_ns());
  }
  void run_slice(std::int64_t now_ns);
  void handle_time(std::int64_t now_ns);

  // -- Commands of the control plane --
  void set_transport(TransportId id, TransportSpec spec, std::int64_t now_ns);
  void remove_transport(TransportId id);
  void set_track(TrackId id, TrackSpec spec);
  void remove_track(TrackId id);
  void set_subscription(SubscriptionId id, SubscriptionSpec spec, std::int64_t now_ns);
  void remove_subscription(SubscriptionId id);
  void request_keyframe(TrackId id, std::int64_t now_ns);
  // How fast pictures, repairs and probes go out to a transport (pacing.hpp); see Pacer for the limits.
  void set_pacing(TransportId id, std::int64_t bits_per_s, std::int64_t now_ns);
  void probe(TransportId id, std::int64_t bits_per_s, std::int64_t duration_ns, std::int64_t now_ns);
  void open_tap(TrackId id, std::shared_ptr<TapRing> tap, std::int64_t now_ns);
  // False: there is no address yet, or no room.
  bool send_datagram(TransportId id, Bytes data);

  // -- Of several workers (dataplane_group.cpp) --
  // Before the first packet.
  void join(HandoverSink& neighbours) noexcept;
  // A record of another worker's; `record` may be changed.
  void handle_handover(WorkerIndex from, HandoverKind kind, MutableBytes record, std::int64_t now_ns);
  void set_routes(TransportId id, WorkerIndex owner, const std::vector<std::string>& ufrags);
  void remove_routes(TransportId id);
  // The owner's side: `worker` mirrors the track from now on.
  void open_feed(TrackId id, WorkerIndex worker, std::uint64_t feed);
  // The mirror's side. The specifications are the owner's without what a mirror has no use for
  // (ownership.hpp).
  void open_mirror(TrackId id, TrackSpec track, TransportSpec transport, WorkerIndex owner,
                   std::uint64_t feed, std::int64_t now_ns);
  // It goes when its last subscriber has left it.
  void retire_mirror(TrackId id, std::uint64_t feed);
  // Changes of the owner's; where there is no mirror (any more), nothing happens.
  void update_mirror(TrackId id, TrackSpec spec);
  void update_mirror_transport(TransportId id, TransportSpec spec, std::int64_t now_ns);

  // -- Figures; empty when the id is not known --
  [[nodiscard]] Figures transport_figures(TransportId id, std::int64_t now_ns) const;
  [[nodiscard]] Figures track_figures(TrackId id) const;
  [[nodiscard]] Figures subscription_figures(SubscriptionId id) const;
  [[nodiscard]] bool has_transports() const noexcept { return !tables_.transports().empty(); }

 private:
  void dispatch(const Path& path, MutableBytes datagram, std::int64_t now_ns);
  void handle_dtls(const Path& path, Bytes datagram, std::int64_t now_ns);
  void handle_handed_datagram(WorkerIndex from, const Path& path, MutableBytes datagram, std::int64_t now_ns);
  void handle_feed_packet(const FeedPacket& fed, MutableBytes packet, std::int64_t now_ns);
  void handle_feed_report(const FeedReport& report);
  void close_idle_mirrors(std::int64_t now_ns);
  void handle_ready(Transport& transport, std::int64_t now_ns);

  DatagramSink& sink_;
  EventSink& events_;
  Counters& counters_;
  Tables tables_;
  Pacer pacer_;
  Handover handover_;
  Feeds feeds_;
  RtcpEgress rtcp_egress_;
  Fanout fanout_;
  IceResponder ice_;
  MediaIngress media_;
  RtcpIngress rtcp_;
  std::size_t tick_ = 0;
};

}  // namespace tandem
