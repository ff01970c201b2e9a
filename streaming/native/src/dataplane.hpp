// The packet worker's core: datagrams, commands and time in; datagrams and events out. It reads no clock and
// knows no socket: `worker.hpp` is its shell, and tests drive it in virtual time.
//
// Contract: after handle_datagram calls, run_slice until is_idle, and again at next_due_ns; handle_time every
// kTickNs. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "counters.hpp"
#include "datagram_sink.hpp"
#include "events.hpp"
#include "fanout.hpp"
#include "ice_responder.hpp"
#include "media_ingress.hpp"
#include "rtcp_egress.hpp"
#include "rtcp_ingress.hpp"
#include "tables.hpp"

namespace tandem {

using Figures = std::map<std::string, std::int64_t>;

class Dataplane {
 public:
  static constexpr std::int64_t kTickNs = 10 * kMillisecond;

  // `ntp_at_zero`: the server's NTP clock at monotonic time 0. `seed`: see Tables.
  Dataplane(DatagramSink& sink, EventSink& events, Counters& counters, NtpTime ntp_at_zero,
            std::uint64_t seed, CryptoBackend& crypto);

  // -- Packets --
  // `datagram` may be changed.
  void handle_datagram(const Path& path, MutableBytes datagram, std::int64_t now_ns);
  // Whether nothing is to be sent now. What is held is due at `next_due_ns`, far in the future when nothing
  // is.
  [[nodiscard]] bool is_idle() const noexcept { return fanout_.is_idle(); }
  [[nodiscard]] std::int64_t next_due_ns() const noexcept { return fanout_.next_due_ns(); }
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
  void open_tap(TrackId id, std::shared_ptr<TapRing> tap, std::int64_t now_ns);
  // False: there is no address yet, or no room.
  bool send_datagram(TransportId id, Bytes data);

  // -- Figures; empty when the id is not known --
  [[nodiscard]] Figures transport_figures(TransportId id, std::int64_t now_ns) const;
  [[nodiscard]] Figures track_figures(TrackId id) const;
  [[nodiscard]] Figures subscription_figures(SubscriptionId id) const;
  [[nodiscard]] bool has_transports() const noexcept { return !tables_.transports().empty(); }

 private:
  void handle_dtls(const Path& path, Bytes datagram);
  void handle_ready(Transport& transport, std::int64_t now_ns);

  DatagramSink& sink_;
  EventSink& events_;
  Counters& counters_;
  Tables tables_;
  Fanout fanout_;
  RtcpEgress rtcp_egress_;
  IceResponder ice_;
  MediaIngress media_;
  RtcpIngress rtcp_;
};

}  // namespace tandem
