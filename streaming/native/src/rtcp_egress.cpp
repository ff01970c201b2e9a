#include "rtcp_egress.hpp"

#include <algorithm>
#include <span>

#include "rtcp.hpp"

namespace tandem {

namespace {

constexpr std::int64_t kReportIntervalNs = 1 * kSecond;
constexpr std::int64_t kReportPatienceNs = 100 * kMillisecond;
constexpr std::int64_t kSilentNs = 2 * kSecond;
constexpr std::size_t kNacksPerPacket = 256;

// An SSRC that the publisher sends under: Chromium does not read transport-wide feedback that names another,
// such as that of an encoding which rests (0), and lowers its rate for want of any.
std::uint32_t heard_ssrc(std::span<Track* const> tracks) noexcept {
  const auto heard = std::ranges::find_if(tracks, [](const Track* track) { return track->ssrc() != 0; });
  return heard == tracks.end() ? 0 : (*heard)->ssrc();
}

}  // namespace

RtcpEgress::Compound::Compound(const Transport& transport) noexcept : writer_(buffer_) {
  write_receiver_report(writer_, transport.feedback_ssrc(), {});
  write_source_description(writer_, transport.feedback_ssrc(), transport.spec().cname);
}

void RtcpEgress::request_keyframe(Track& track, std::int64_t now_ns) {
  if (track.is_video() && !track.spec().forbidden && track.keyframes.request(now_ns)) {
    send_keyframe_request(track);
  }
}

void RtcpEgress::send_keyframe_request(Track& track) {
  if (track.mirror) {
    feeds_.request_keyframe(track);
    return;
  }
  Transport& transport = track.transport();
  // Before its first packet the track may have a declared SSRC; without one there is nothing to ask.
  const std::uint32_t ssrc = track.ssrc() != 0 ? track.ssrc() : track.spec().ssrc;
  if (ssrc == 0 || !transport.can_send()) {
    return;
  }
  Compound compound(transport);
  if (track.spec().pli) {
    write_pli(compound.writer(), transport.feedback_ssrc(), ssrc);
  } else if (track.spec().fir) {
    write_fir(compound.writer(), transport.feedback_ssrc(),
              {.ssrc = ssrc, .command_sequence_number = ++track.fir_command});
  } else {
    return;
  }
  if (transport.send_rtcp(compound.bytes(), sink_, counters_)) {
    ++track.statistics.plis;
    counters_.add(Counter::KeyframeRequestsSent);
  }
}

void RtcpEgress::send_nacks(Track& track, std::int64_t now_ns) {
  std::array<std::uint16_t, kNacksPerPacket> numbers{};
  const std::size_t count = track.nacks.take_due(now_ns, numbers);
  Transport& transport = track.transport();
  if (count == 0 || !transport.can_send()) {
    return;
  }
  Compound compound(transport);
  write_nack(compound.writer(), transport.feedback_ssrc(), track.ssrc(), std::span(numbers).first(count));
  if (compound.writer().ok() && transport.send_rtcp(compound.bytes(), sink_, counters_)) {
    track.statistics.nacks += count;
    counters_.add(Counter::NacksSent, count);
  }
}

void RtcpEgress::handle_track_time(Track& track, std::int64_t now_ns) {
  if (track.spec().forbidden) {
    return;
  }
  send_nacks(track, now_ns);
  if (track.nacks.take_given_up()) {
    request_keyframe(track, now_ns);
  }
  if (track.keyframes.take_trailing(now_ns)) {
    send_keyframe_request(track);
  }
}

void RtcpEgress::handle_publisher_time(Transport& transport, std::int64_t now_ns) {
  if (!transport.can_send()) {
    return;
  }
  while (transport.arrivals.is_due(now_ns)) {
    Compound compound(transport);
    if (!transport.arrivals.write_feedback(compound.writer(), transport.feedback_ssrc(),
                                           heard_ssrc(transport.tracks()), now_ns)) {
      break;
    }
    if (transport.send_rtcp(compound.bytes(), sink_, counters_)) {
      counters_.add(Counter::TransportFeedbackSent);
    }
  }
  if (now_ns >= transport.next_report_ns) {
    transport.next_report_ns = now_ns + kReportIntervalNs;
    send_receiver_report(transport, now_ns);
  }
}

void RtcpEgress::send_receiver_report(Transport& transport, std::int64_t now_ns) {
  std::array<ReportBlock, kMaxReportBlocks> blocks{};
  std::size_t count = 0;
  for (Track* track : transport.tracks()) {
    if (track->has_media() && count < blocks.size()) {
      blocks[count++] = track->take_report(now_ns);
    }
  }
  if (count == 0) {
    return;
  }
  std::array<std::uint8_t, kMaxOwnDatagramBytes - kMaxSrtpGrowthBytes> buffer{};
  ByteWriter writer(buffer);
  write_receiver_report(writer, transport.feedback_ssrc(), std::span(blocks).first(count));
  write_source_description(writer, transport.feedback_ssrc(), transport.spec().cname);
  if (writer.ok()) {
    transport.send_rtcp(writer.written(), sink_, counters_);
  }
}

void RtcpEgress::handle_subscription_time(Subscription& subscription, std::int64_t now_ns) {
  // Whoever still waits for a keyframe asks again; merging makes that one request a second. A silent track is
  // left alone.
  Track* awaited = subscription.awaits_keyframe_of();
  if (awaited != nullptr && now_ns - awaited->last_arrival_ns() < kSilentNs &&
      subscription.take_keyframe_request(now_ns)) {
    request_keyframe(*awaited, now_ns);
  }
  // Mostly it has gone behind a packet by then.
  if (subscription.is_report_due(now_ns - kReportPatienceNs)) {
    send_report(subscription, now_ns);
  }
}

void RtcpEgress::send_report(Subscription& subscription, std::int64_t now_ns) {
  std::array<std::uint8_t, kMaxOwnDatagramBytes - kMaxSrtpGrowthBytes> buffer{};
  ByteWriter writer(buffer);
  write_sender_report(writer, subscription.take_report(now_ns, server_ntp(now_ns)));
  write_source_description(writer, subscription.spec().ssrc, subscription.spec().cname);
  if (writer.ok()) {
    subscription.transport().send_rtcp(writer.written(), sink_, counters_);
  }
}

void RtcpEgress::send_bye(Transport& transport, std::span<const std::uint32_t> ssrcs) {
  if (!transport.can_send() || ssrcs.empty()) {
    return;
  }
  Compound compound(transport);
  write_bye(compound.writer(), ssrcs);
  if (compound.writer().ok()) {
    transport.send_rtcp(compound.bytes(), sink_, counters_);
  }
}

}  // namespace tandem
