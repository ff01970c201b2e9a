#include "rtcp_ingress.hpp"

#include <algorithm>
#include <array>

namespace tandem {

void RtcpIngress::handle_datagram(Transport& transport, MutableBytes datagram, EgressContext& context) {
  SrtpReceiver* receiver = transport.receiver();
  if (receiver == nullptr) {
    counters_.add(Counter::DropNoKeys);
    return;
  }
  const SrtpResult opened = receiver->unprotect_rtcp(datagram, datagram);
  if (!opened.ok()) {
    counters_.add(opened.status == SrtpStatus::Replayed     ? Counter::DropSrtcpReplayed
                  : opened.status == SrtpStatus::AuthFailed ? Counter::DropSrtcpAuth
                                                            : Counter::DropSrtcpMalformed);
    return;
  }
  ++transport.statistics.received_packets;
  transport.statistics.received_bytes += opened.length;
  RtcpIterator iterator(datagram.first(opened.length));
  RtcpPacket packet;
  while (iterator.next(packet)) {
    handle_packet(transport, packet, context);
  }
  counters_.add(iterator.is_malformed() ? Counter::DropRtcpMalformed : Counter::AcceptedRtcp);
}

void RtcpIngress::handle_packet(Transport& transport, const RtcpPacket& packet, EgressContext& context) {
  switch (static_cast<RtcpType>(packet.type)) {
    case RtcpType::SenderReport:
      handle_sender_report(transport, packet, context.now_ns);
      return;
    case RtcpType::ReceiverReport:
      if (const auto report = parse_receiver_report(packet)) {
        handle_blocks(transport, report->reports.view(), context.now_ns);
      }
      return;
    case RtcpType::Bye:
      handle_bye(transport, packet);
      return;
    case RtcpType::TransportFeedback:
      handle_transport_feedback(transport, packet, context);
      return;
    case RtcpType::PayloadFeedback:
      handle_payload_feedback(transport, packet, context.now_ns);
      return;
    case RtcpType::SourceDescription:
    case RtcpType::Application:
    case RtcpType::ExtendedReport:
      return;
  }
}

void RtcpIngress::handle_sender_report(Transport& transport, const RtcpPacket& packet, std::int64_t now_ns) {
  const auto report = parse_sender_report(packet);
  if (!report) {
    return;
  }
  handle_blocks(transport, report->reports.view(), now_ns);
  const SsrcBinding* binding = transport.find_binding(report->ssrc);
  if (binding == nullptr || binding->is_rtx || report->ntp_time == 0) {
    return;
  }
  transport.clock_offset.handle_report(report->ntp_time, egress_.server_ntp(now_ns));
  Track& track = *binding->track;
  track.handle_sender_report(
      {.ntp_time = report->ntp_time, .rtp_timestamp = report->rtp_timestamp, .arrival_ns = now_ns},
      compact_ntp(report->ntp_time));
  feeds_.publish_report(track);
  if (track.has_taps() && !track.spec().forbidden) {
    std::array<std::uint8_t, 4> header{};
    ByteWriter writer(header);
    constexpr std::uint8_t kVersion = 0x80;
    writer.u8(static_cast<std::uint8_t>(kVersion | packet.count_or_format));
    writer.u8(packet.type);
    writer.u16(static_cast<std::uint16_t>(packet.body.size() / 4));
    track.tap(TapRecordKind::SenderReport, header, packet.body, now_ns, counters_);
  }
}

void RtcpIngress::handle_blocks(Transport& transport, std::span<const ReportBlock> blocks,
                                std::int64_t now_ns) {
  for (const ReportBlock& block : blocks) {
    if (Subscription* subscription = transport.find_subscription(block.ssrc)) {
      subscription->handle_report(block, now_ns);
    }
  }
}

void RtcpIngress::handle_transport_feedback(Transport& transport, const RtcpPacket& packet,
                                            EgressContext& context) {
  const auto feedback = parse_feedback(packet);
  if (!feedback || packet.count_or_format != kFormatNack) {
    return;  // transport-cc from subscribers waits for an estimator
  }
  Subscription* subscription = transport.find_subscription(feedback->media_ssrc);
  if (subscription == nullptr) {
    return;
  }
  NackIterator numbers(feedback->control);
  std::uint16_t number = 0;
  while (numbers.next(number)) {
    subscription->handle_nack(number, tables_, context);
  }
}

void RtcpIngress::handle_payload_feedback(Transport& transport, const RtcpPacket& packet,
                                          std::int64_t now_ns) {
  const auto feedback = parse_feedback(packet);
  if (!feedback) {
    return;
  }
  switch (packet.count_or_format) {
    case kFormatPli:
      handle_keyframe_request(transport, feedback->media_ssrc, now_ns);
      return;
    case kFormatFir: {
      FirIterator entries(feedback->control);
      FirEntry entry;
      while (entries.next(entry)) {
        handle_keyframe_request(transport, entry.ssrc, now_ns);
      }
      return;
    }
    case kFormatAfb:
      if (const auto remb = parse_remb(*feedback)) {
        transport.statistics.remb_bps = remb->bitrate_bps;
      }
      return;
    default:
      return;
  }
}

void RtcpIngress::handle_keyframe_request(Transport& transport, std::uint32_t ssrc, std::int64_t now_ns) {
  Subscription* subscription = transport.find_subscription(ssrc);
  if (subscription == nullptr) {
    return;
  }
  subscription->handle_pli();
  if (Track* track = subscription->current()) {
    egress_.request_keyframe(*track, now_ns);
  }
}

void RtcpIngress::handle_bye(Transport& transport, const RtcpPacket& packet) {
  const auto bye = parse_bye(packet);
  if (!bye) {
    return;
  }
  for (const std::uint32_t ssrc : std::span(bye->ssrcs).first(bye->count)) {
    const SsrcBinding* binding = transport.find_binding(ssrc);
    if (binding != nullptr && !binding->is_rtx) {
      events_.push(
          {.kind = EventKind::Bye, .id = binding->track->id(), .number = ssrc, .address = {}, .bytes = {}});
    }
  }
}

}  // namespace tandem
