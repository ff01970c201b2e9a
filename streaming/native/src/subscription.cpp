#include "subscription.hpp"

#include <algorithm>

#include "red.hpp"

namespace tandem {

namespace {

constexpr std::size_t kVideoRecords = 1024;
constexpr std::size_t kAudioRecords = 256;
constexpr std::uint64_t kCatchUpPackets = 256;
// A voice goes with redundancy for so long after a report of 2 % loss, of 256.
constexpr std::uint8_t kRedundantFromLoss = 5;
constexpr std::int64_t kRedundantNs = 10 * kSecond;
constexpr std::int64_t kFirstReportNs = 200 * kMillisecond;
constexpr std::int64_t kReportIntervalNs = 1 * kSecond;

}  // namespace

Subscription::Subscription(SubscriptionId id, Transport& transport, MediaKind kind,
                           std::int64_t first_sequence_number, std::int64_t first_rtx_sequence_number)
    : transport_(&transport),
      numbering_(first_sequence_number),
      records_(kind == MediaKind::Video ? kVideoRecords : kAudioRecords),
      id_(id),
      next_rtx_(first_rtx_sequence_number) {}

void Subscription::apply(SubscriptionSpec spec) {
  if (spec.mid != spec_.mid) {
    ++own_changes_;
    is_mid_known_ = false;
  }
  if (spec.formats != spec_.formats) {
    ++own_changes_;
  }
  if (spec.paused && !spec_.paused) {
    waiting_ = true;
  }
  selector_.set_target(spec.layers);
  spec_ = std::move(spec);
  format_.reset();
}

void Subscription::enter(Feed& feed, Track& track) {
  feed = {.track = &track, .cursor = track.ring.head()};
  track.add_subscriber(*this);
}

void Subscription::leave(Feed& feed) {
  if (feed.track == nullptr) {
    return;
  }
  if (&feed == &current_ && numbering_.started() && !waiting_) {
    const TrackSpec& left = feed.track->spec();
    lineage_ =
        Lineage{.source = left.source, .clock_rate_hz = left.clock_rate_hz, .clock = feed.track->clock()};
  }
  feed.track->remove_subscriber(*this);
  feed = Feed{};
}

void Subscription::switch_to(Track* track) {
  if (track != nullptr && track == pending_.track) {
    return;
  }
  leave(pending_);
  if (track == current_.track) {
    return;
  }
  const bool old_goes_on = track != nullptr && current_.track != nullptr && track->is_video() && !waiting_;
  if (old_goes_on) {
    enter(pending_, *track);
    return;
  }
  leave(current_);
  waiting_ = true;
  format_.reset();
  if (track != nullptr) {
    enter(current_, *track);
  }
}

void Subscription::detach(const Track& track) {
  if (pending_.track == &track) {
    leave(pending_);
  }
  if (current_.track == &track) {
    leave(current_);
    waiting_ = true;
    format_.reset();
    if (pending_.track != nullptr) {
      current_ = pending_;  // already among its subscribers
      pending_ = Feed{};
    }
  }
}

void Subscription::promote_pending() {
  leave(current_);
  current_ = pending_;
  pending_ = Feed{};
  waiting_ = true;
  format_.reset();
}

Track* Subscription::awaits_keyframe_of() const noexcept {
  if (pending_.track != nullptr) {
    return pending_.track;
  }
  const bool waits =
      current_.track != nullptr && current_.track->is_video() && (waiting_ || selector_.awaits_keyframe());
  return waits && !spec_.paused && transport_->can_send() ? current_.track : nullptr;
}

bool Subscription::select_format(const Track& track) noexcept {
  if (format_ && format_->codec == track.spec().codec) {
    return true;
  }
  const auto found = std::ranges::find(spec_.formats, track.spec().codec, &Format::codec);
  if (found == spec_.formats.end()) {
    format_.reset();
    return false;
  }
  format_ = *found;
  return true;
}

std::size_t Subscription::forward(Track& track, EgressContext& context) {
  Feed* feed = current_.track == &track ? &current_ : &pending_;
  const std::uint64_t head = track.ring.head();
  if (!transport_->can_send() || spec_.paused) {
    waiting_ = true;
    feed->cursor = head;
    return 0;
  }
  if (head - feed->cursor > track.ring.slot_count()) {
    context.counters.add(Counter::EgressDropOverrun, head - feed->cursor - track.ring.slot_count());
    feed->cursor = head - track.ring.slot_count();
  }
  if (feed == &pending_ && !reach_keyframe(track, context)) {
    return 0;
  }
  const std::uint64_t before = statistics.packets;
  if (Pacing* pacing = transport_->pacing()) {
    forward_paced(*pacing, context);
  } else {
    while (current_.cursor < head) {
      take_next(track, context);
    }
  }
  return static_cast<std::size_t>(statistics.packets - before);
}

void Subscription::take_next(const Track& track, EgressContext& context) {
  const CachedPacket* packet = track.ring.find(current_.cursor++);
  if (packet == nullptr) {
    context.counters.add(Counter::EgressDropOverrun);
    return;
  }
  handle_current(*packet, context);
}

bool Subscription::reach_keyframe(const Track& track, EgressContext& context) {
  const bool takes_codec =
      std::ranges::find(spec_.formats, track.spec().codec, &Format::codec) != spec_.formats.end();
  for (; pending_.cursor < track.ring.head(); ++pending_.cursor) {
    const CachedPacket* packet = track.ring.find(pending_.cursor);
    if (packet == nullptr) {
      context.counters.add(Counter::EgressDropOverrun);
    } else if (!takes_codec) {
      context.counters.add(Counter::EgressDropCodecNotNegotiated);
    } else if (packet->starts_keyframe) {
      // What waits of the old track is passed over: the new one begins afresh.
      context.counters.add(Counter::EgressDropPaced, transport_->pacing() == nullptr ? 0 : waiting_packets());
      promote_pending();
      return true;
    }
  }
  return false;
}

void Subscription::handle_current(const CachedPacket& packet, EgressContext& context) {
  const Track& track = *current_.track;
  if (!select_format(track)) {
    context.counters.add(Counter::EgressDropCodecNotNegotiated);
    return;
  }
  const bool begins = waiting_ || generation_ != packet.generation || turn_ != packet.turn;
  if (begins) {
    const bool may_begin = track.is_video() ? packet.starts_keyframe : !packet.is_padding_only();
    if (!may_begin) {
      waiting_ = true;
      context.counters.add(Counter::EgressDropWaitingKeyframe);
      return;
    }
    begin(packet);
    carry(packet, context);
    if (track.is_video()) {
      catch_up(packet, context);
    }
    return;
  }
  carry(packet, context);
}

void Subscription::carry(const CachedPacket& packet, EgressContext& context) {
  if (is_wanted(packet)) {
    send_once(packet, context);
    return;
  }
  context.counters.add(Counter::EgressDropLayer, packet.is_padding_only() ? 0 : 1);
  if (const std::optional<Placement> exposed = numbering_.skip(packet)) {
    fill_hole(*exposed, context);
  }
}

bool Subscription::is_wanted(const CachedPacket& packet) noexcept {
  return !packet.is_padding_only() &&
         selector_.takes(packet.layer, packet.starts_keyframe, packet.sequence_number,
                         current_.track->structure_of(packet));
}

void Subscription::begin(const CachedPacket& first) {
  const std::uint32_t timestamp = aligned_timestamp(first);
  if (lineage_ && lineage_->source != current_.track->spec().source) {
    transport_->uses_server_clock = true;
  }
  lineage_.reset();
  numbering_.begin(first, timestamp);
  selector_.restart(first.sequence_number);
  generation_ = first.generation;
  turn_ = first.turn;
  waiting_ = false;
}

void Subscription::catch_up(const CachedPacket& first, EgressContext& context) {
  const PacketRing& ring = current_.track->ring;
  const std::uint64_t oldest = first.position > kCatchUpPackets ? first.position - kCatchUpPackets : 0;
  for (std::uint64_t position = oldest; position < first.position; ++position) {
    const CachedPacket* packet = ring.find(position);
    const bool belongs = packet != nullptr && packet->generation == first.generation &&
                         packet->sequence_number > first.sequence_number;
    if (belongs) {
      carry(*packet, context);
    }
  }
}

const CachedPacket* Subscription::redundancy_for(const CachedPacket& packet,
                                                 std::int64_t now_ns) const noexcept {
  const bool is_due = packet.came_redundant || now_ns < redundant_until_ns_;
  if (format_->red_payload_type == kNoPayloadType || !is_due || packet.position == 0) {
    return nullptr;
  }
  const CachedPacket* before = current_.track->ring.find(packet.position - 1);
  const bool precedes = before != nullptr && before->sequence_number + 1 == packet.sequence_number &&
                        before->generation == packet.generation && !before->is_padding_only();
  const bool fits = precedes && before->payload_length <= kMaxRedBlockBytes &&
                    packet.payload_length <= kMaxRedBlockBytes &&
                    packet.timestamp - before->timestamp <= kMaxRedTicks;
  return fits ? before : nullptr;
}

std::uint32_t Subscription::aligned_timestamp(const CachedPacket& first) const noexcept {
  if (!numbering_.started()) {
    return first.timestamp;
  }
  if (!waiting_ && generation_ == first.generation) {
    return first.timestamp + numbering_.timestamp_shift();  // a voice that is heard again: its own clock
  }
  const Track& track = *current_.track;
  const std::uint32_t clock_rate_hz = track.spec().clock_rate_hz;
  if (lineage_ && lineage_->source == track.spec().source && lineage_->clock && track.clock()) {
    // Encodings of one publication: the same moment of capture gets the same outgoing timestamp.
    const NtpTime captured = track.clock()->ntp_of(first.timestamp, clock_rate_hz);
    return lineage_->clock->timestamp_of(captured, lineage_->clock_rate_hz) + numbering_.timestamp_shift();
  }
  const std::int64_t elapsed_ns = std::max<std::int64_t>(first.arrival_ns - numbering_.last_arrival_ns(), 0);
  return numbering_.last_timestamp() + static_cast<std::uint32_t>(ticks_from_ns(elapsed_ns, clock_rate_hz));
}

void Subscription::handle_report(const ReportBlock& block, std::int64_t now_ns) noexcept {
  is_mid_known_ = true;
  statistics.fraction_lost = block.fraction_lost;
  if (block.fraction_lost >= kRedundantFromLoss) {
    redundant_until_ns_ = now_ns + kRedundantNs;
  }
  if (block.last_sender_report == 0) {
    return;
  }
  auto* const known = std::ranges::find(sent_reports_, block.last_sender_report, &SentReport::compact);
  if (known == sent_reports_.end()) {
    return;
  }
  const std::int64_t measured_ns = std::clamp<std::int64_t>(
      now_ns - known->sent_ns - ns_from_compact(block.delay_since_last_sr), 0, 10 * kSecond);
  // Down at once, up slowly: one report that was held up must not keep repairs back for a second.
  constexpr std::int64_t kRising = 8;
  const bool is_lower = round_trip_ns_ == 0 || measured_ns < round_trip_ns_;
  round_trip_ns_ += is_lower ? measured_ns - round_trip_ns_ : (measured_ns - round_trip_ns_) / kRising;
  transport_->statistics.round_trip_ns = round_trip_ns_;
}

bool Subscription::is_report_due(std::int64_t now_ns) const noexcept {
  if (statistics.packets == 0 || waiting_ || current_.track == nullptr || !transport_->can_send()) {
    return false;
  }
  return has_reported_ ? now_ns - last_report_ns_ >= kReportIntervalNs
                       : now_ns - first_sent_ns_ >= kFirstReportNs;
}

SenderReport Subscription::take_report(std::int64_t now_ns, NtpTime server_ntp) noexcept {
  const Track& track = *current_.track;
  const ClockOffset& offset = track.transport().clock_offset;
  SenderReport report;
  report.ssrc = spec_.ssrc;
  report.packet_count = static_cast<std::uint32_t>(statistics.packets);
  report.octet_count = static_cast<std::uint32_t>(statistics.bytes);
  if (track.clock()) {
    // A point on the publisher's own line, moved up to now: arrival jitter does not touch it.
    const std::int64_t age_ns = now_ns - track.clock()->arrival_ns;
    report.ntp_time = track.clock()->ntp_time + ntp_from_ns(age_ns);
    report.rtp_timestamp = track.clock()->rtp_timestamp + numbering_.timestamp_shift() +
                           static_cast<std::uint32_t>(ticks_from_ns(age_ns, track.spec().clock_rate_hz));
    report.ntp_time += transport_->uses_server_clock ? offset.offset() : 0;
  } else {
    // No sender report from the publisher yet: arrival is the best guess of capture.
    const std::int64_t age_ns = now_ns - numbering_.last_arrival_ns();
    report.rtp_timestamp = numbering_.last_timestamp() +
                           static_cast<std::uint32_t>(ticks_from_ns(age_ns, track.spec().clock_rate_hz));
    report.ntp_time = server_ntp;
    report.ntp_time -= offset.is_known() && !transport_->uses_server_clock ? offset.offset() : 0;
  }
  has_reported_ = true;
  last_report_ns_ = now_ns;
  sent_reports_[sent_report_count_++ % sent_reports_.size()] = {.compact = compact_ntp(report.ntp_time),
                                                                .sent_ns = now_ns};
  return report;
}

}  // namespace tandem
