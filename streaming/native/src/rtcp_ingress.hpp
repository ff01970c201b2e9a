// RTCP from either side of the house: a publisher's sender reports and BYE; a subscriber's reports, NACKs and
// keyframe requests.
#pragma once

#include "counters.hpp"
#include "events.hpp"
#include "feeds.hpp"
#include "rtcp.hpp"
#include "rtcp_egress.hpp"
#include "tables.hpp"

namespace tandem {

class RtcpIngress {
 public:
  RtcpIngress(Tables& tables, RtcpEgress& egress, Feeds& feeds, EventSink& events,
              Counters& counters) noexcept
      : tables_(tables), egress_(egress), feeds_(feeds), events_(events), counters_(counters) {}

  // `datagram` is opened in place.
  void handle_datagram(Transport& transport, MutableBytes datagram, EgressContext& context);

 private:
  void handle_packet(Transport& transport, const RtcpPacket& packet, EgressContext& context);
  void handle_sender_report(Transport& transport, const RtcpPacket& packet, std::int64_t now_ns);
  static void handle_blocks(Transport& transport, std::span<const ReportBlock> blocks, std::int64_t now_ns);
  void handle_transport_feedback(Transport& transport, const RtcpPacket& packet, EgressContext& context);
  void handle_payload_feedback(Transport& transport, const RtcpPacket& packet, std::int64_t now_ns);
  void handle_keyframe_request(Transport& transport, std::uint32_t ssrc, std::int64_t now_ns);
  void handle_bye(Transport& transport, const RtcpPacket& packet);

  Tables& tables_;
  RtcpEgress& egress_;
  Feeds& feeds_;
  EventSink& events_;
  Counters& counters_;
};

}  // namespace tandem
