// A subscription of a transport with a limit: its picture waits in the track's ring, at the cursor, until the
// pacing lets it go; so numbers, send times and records are those of the moment it goes.
#include <algorithm>
#include <array>

#include "subscription.hpp"
#include "tables.hpp"

namespace tandem {

namespace {

constexpr std::int64_t kPatienceNs = 4 * kSecond;

}  // namespace

std::optional<std::int64_t> Subscription::waiting_since_ns() const noexcept {
  const Track* track = current_.track;
  if (track == nullptr || !track->is_video() || spec_.paused || waiting_packets() == 0) {
    return std::nullopt;
  }
  const CachedPacket* next = track->ring.find(current_.cursor);
  return next == nullptr ? 0 : next->arrival_ns;
}

void Subscription::forward_paced(Pacing& pacing, EgressContext& context) {
  const Track& track = *current_.track;
  const std::uint64_t head = track.ring.head();
  if (track.is_video()) {
    pass_over_stale(context);
  }
  const auto may_go = [&] {
    return !track.is_video() ||
           (pacing.is_open(context.now_ns) && context.sink.has_room(transport_->nominated()));
  };
  while (current_.cursor < head && may_go()) {
    take_next(track, context);
    pacing.settle(*transport_, context.now_ns);
  }
  if (current_.cursor < head) {
    pacing.wait(*transport_, context.now_ns);
  }
}

void Subscription::forward_waiting(EgressContext& context) {
  pass_over_stale(context);
  if (waiting_packets() != 0) {
    Track& track = *current_.track;
    track.ring.prepare(track.transport(), *transport_);
    take_next(track, context);
  }
}

void Subscription::pass_over_stale(EgressContext& context) {
  const std::uint64_t waiting = waiting_packets();
  if (waiting == 0) {
    return;
  }
  const PacketRing& ring = current_.track->ring;
  const CachedPacket* next = ring.find(current_.cursor);
  const bool is_too_long = next == nullptr || waiting > Pacing::kMaxWaitingPackets;
  // A frame that has begun is sent to its end.
  const bool has_begun = !waiting_ && next != nullptr &&
                         next->timestamp + numbering_.timestamp_shift() == numbering_.last_timestamp();
  const bool is_too_old =
      next != nullptr && context.now_ns - next->arrival_ns > Pacing::kMaxWaitNs && !has_begun;
  if (!is_too_long && !is_too_old) {
    return;
  }
  const std::uint64_t first = is_too_long ? current_.cursor + 1 : current_.cursor;
  for (std::uint64_t position = ring.head(); position-- > first;) {
    const CachedPacket* packet = ring.find(position);
    if (packet != nullptr && packet->starts_keyframe) {
      pass_over(position, context);
      return;
    }
  }
  if (!waiting_) {
    may_ask_from_ns_ = std::max(asked_ns_ + kPatienceNs, context.now_ns);
  }
  pass_over(ring.head(), context);
}

// Whole frames up to a keyframe's, here or yet to come: the decoder never sees a picture whose reference is
// missing.
void Subscription::pass_over(std::uint64_t end, EgressContext& context) {
  if (end == current_.cursor) {
    return;
  }
  context.counters.add(Counter::EgressDropPaced, end - current_.cursor);
  current_.cursor = end;
  if (numbering_.started() && !waiting_) {
    const TrackSpec& same = current_.track->spec();
    lineage_ =
        Lineage{.source = same.source, .clock_rate_hz = same.clock_rate_hz, .clock = current_.track->clock()};
  }
  waiting_ = true;
}

void Subscription::repair(std::int64_t sequence_number, const Tables& tables, EgressContext& context) {
  if (SendRecord* record = records_.find(sequence_number)) {
    record->mark_resent(context.now_ns);
    resend(*record, sequence_number, tables, context);
  } else {
    context.counters.add(Counter::NackUnknown);
  }
}

bool Subscription::send_padding(EgressContext& context) {
  const MutableBytes out = can_pad() ? context.sink.reserve(transport_->nominated()) : MutableBytes{};
  if (out.empty()) {
    return false;
  }
  // As much as RTP lets one packet have (RFC 3550 5.1), in fours.
  static constexpr std::array<std::uint8_t, 252> kPadding = [] {
    std::array<std::uint8_t, 252> padding{};
    padding.back() = static_cast<std::uint8_t>(padding.size());
    return padding;
  }();
  const std::int64_t sequence_number = next_rtx_++;
  const TransportSpec& own = transport_->spec();
  const std::size_t header_bytes =
      write_forwarded_header({},
                             {.payload_type = static_cast<std::uint8_t>(format_->rtx_payload_type),
                              .has_padding = true,
                              .sequence_number = static_cast<std::uint16_t>(sequence_number),
                              .timestamp = numbering_.last_timestamp(),
                              .ssrc = spec_.rtx_ssrc},
                             {}, own.extensions, overrides_now(context), own.extmap_allow_mixed, out);
  const std::array<Bytes, 1> parts{kPadding};
  const bool is_sent =
      protect(out.first(header_bytes), parts, roll_over_counter(sequence_number), out, context);
  context.counters.add(Counter::OutProbe, is_sent ? 1 : 0);
  return is_sent;
}

}  // namespace tandem
