#include "track.hpp"

#include <algorithm>
#include <cstdlib>

#include "h264.hpp"
#include "sequence.hpp"
#include "transport.hpp"

namespace tandem {

namespace {

constexpr std::size_t kVideoSlots = 2048;
constexpr std::size_t kVideoBytes = 2U << 20U;
constexpr std::size_t kAudioSlots = 256;
constexpr std::size_t kAudioBytes = 128U << 10U;
constexpr std::int64_t kKeyframeEventNs = 250 * kMillisecond;
constexpr std::int64_t kLevelEventNs = 200 * kMillisecond;
constexpr std::int32_t kLevelStepDb = 3;

}  // namespace

Track::Track(TrackId id, TrackSpec spec, Transport& transport)
    : ring(spec.kind == MediaKind::Video ? kVideoSlots : kAudioSlots,
           spec.kind == MediaKind::Video ? kVideoBytes : kAudioBytes),
      id_(id),
      spec_(std::move(spec)),
      transport_(&transport),
      layers_(is_video() ? std::make_unique<LayerReader>() : nullptr),
      keyframe_event_ns_(-kKeyframeEventNs),
      level_event_ns_(-kLevelEventNs) {}

void Track::apply(TrackSpec spec) {
  if (spec_.forbidden && !spec.forbidden) {
    // What follows is a new beginning: nothing from before is asked for or let through.
    nacks.restart();
    ++generation_;
  }
  spec_ = std::move(spec);
}

void Track::start(std::uint32_t ssrc) noexcept {
  if (ssrc_ == ssrc) {
    return;
  }
  former_ssrcs_[generation_ % former_ssrcs_.size()] = ssrc_;
  ssrc_ = ssrc;
  ++generation_;
  statistics_in_.restart();
  window_.restart();
  nacks.restart();
  forbidden_up_to_ = kNothingForbidden;
  unheard_up_to_ = kNothingForbidden;
  clock_.reset();
  keyframe_timestamp_.reset();
}

void Track::follow(std::uint32_t ssrc, std::uint32_t generation) noexcept {
  start(ssrc);
  generation_ = generation;
}

bool Track::was_bound_to(std::uint32_t ssrc) const noexcept {
  return std::ranges::find(former_ssrcs_, ssrc) != former_ssrcs_.end();
}

void Track::remove_subscriber(const Subscription& subscription) noexcept {
  std::erase(subscribers, &subscription);
  // In the middle of a round the order has shifted: visit all again; who is up to date costs nothing.
  unvisited = unvisited == 0 ? 0 : subscribers.size();
  next_subscriber = 0;
}

std::int64_t Track::extend(std::uint16_t sequence_number) const noexcept {
  const std::int64_t highest = statistics_in_.highest();
  return highest + serial_distance(static_cast<std::uint16_t>(highest), sequence_number);
}

Track::Verdict Track::store(const RtpView& view, Bytes packet, std::int64_t sequence_number, Origin origin,
                            std::int64_t now_ns, EventSink& events) {
  if (!is_recovered(origin)) {
    statistics_in_.handle_packet(sequence_number, view.timestamp, now_ns, spec_.clock_rate_hz);
  }
  if (sequence_number <= forbidden_up_to_) {
    return Verdict::TooOld;
  }
  switch (window_.admit(sequence_number)) {
    case ArrivalWindow::Verdict::Duplicate:
      ++statistics.duplicates;
      return Verdict::Duplicate;
    case ArrivalWindow::Verdict::TooOld:
      return Verdict::TooOld;
    case ArrivalWindow::Verdict::New:
      break;
  }
  if (spec_.nack) {
    nacks.handle_packet(sequence_number, now_ns);
  }
  last_arrival_ns_ = now_ns;
  last_timestamp_ = view.timestamp;
  pace.handle_packet(view.timestamp, now_ns);
  ++statistics.packets;
  statistics.bytes += view.payload.size();
  statistics.recovered_by_rtx += origin == Origin::RecoveredByRtx ? 1U : 0U;
  if (!is_video() && !is_heard(sequence_number)) {
    return Verdict::Unheard;
  }
  CachedPacket& cached = ring.append(view, packet);
  cached.sequence_number = sequence_number;
  cached.arrival_ns = now_ns;
  cached.generation = generation_;
  cached.turn = turn_;
  cached.came_redundant = origin == Origin::PublishedRedundant;
  if (cached.is_padding_only()) {
    return Verdict::Stored;
  }
  if (is_video()) {
    read_marks(view, cached);
    cached.starts_keyframe = detect_keyframe(view.payload) && cached.layer.may_start_keyframe();
    if (cached.starts_keyframe) {
      handle_keyframe(view.timestamp, now_ns, events);
    }
  }
  return Verdict::Stored;
}

bool Track::lacks(std::int64_t sequence_number) const noexcept {
  return has_media() && sequence_number > forbidden_up_to_ && window_.lacks(sequence_number);
}

bool Track::is_heard(std::int64_t sequence_number) noexcept {
  if (!speaker.is_heard()) {
    was_heard_ = false;
    unheard_up_to_ = std::max(unheard_up_to_, sequence_number);
    return false;
  }
  if (!was_heard_) {
    // What is still missing of the pause is not let through: no number is kept for it.
    was_heard_ = true;
    ++turn_;
    unheard_up_to_ = std::max(unheard_up_to_, sequence_number - 1);
  }
  return sequence_number > unheard_up_to_;
}

void Track::handle_forbidden(const RtpView& view, std::int64_t sequence_number,
                             std::int64_t now_ns) noexcept {
  statistics_in_.handle_packet(sequence_number, view.timestamp, now_ns, spec_.clock_rate_hz);
  forbidden_up_to_ = std::max(forbidden_up_to_, sequence_number);
}

void Track::read_marks(const RtpView& view, CachedPacket& cached) noexcept {
  const ExtensionMap& extensions = transport_->spec().extensions;
  const std::optional<Bytes> descriptor =
      find_extension(view, extensions, ExtensionKind::DependencyDescriptor);
  const PayloadMarks marks = layers_->read(spec_.codec, view.payload, descriptor.value_or(Bytes{}));
  cached.picture = marks.picture;
  cached.layer = marks.layer;
}

bool Track::detect_keyframe(Bytes payload) noexcept {
  if (spec_.codec != Codec::H264) {
    return starts_keyframe(spec_.codec, payload);
  }
  const std::optional<H264Payload> h264 = parse_h264(payload);
  if (!h264) {
    return false;
  }
  has_parameter_sets_ = has_parameter_sets_ || h264->has_sps;
  // Where parameter sets travel in the session description alone, an IDR picture is the start.
  return h264->starts_keyframe() || (h264->has_idr && !has_parameter_sets_);
}

void Track::handle_keyframe(std::uint32_t timestamp, std::int64_t now_ns, EventSink& events) {
  if (keyframe_timestamp_ == timestamp) {
    return;
  }
  keyframe_timestamp_ = timestamp;
  keyframes.handle_keyframe();
  ++statistics.keyframes;
  if (now_ns - keyframe_event_ns_ >= kKeyframeEventNs) {
    keyframe_event_ns_ = now_ns;
    events.push({.kind = EventKind::Keyframe, .id = id_, .number = 0, .address = {}, .bytes = {}});
  }
}

void Track::handle_audio_level(std::uint8_t minus_dbov, std::int64_t now_ns, EventSink& events) {
  const auto level = -static_cast<std::int32_t>(minus_dbov);
  statistics.level_dbov = level;
  level_peak_dbov_ = std::max(level_peak_dbov_, level);
  if (now_ns - level_event_ns_ < kLevelEventNs) {
    return;
  }
  if (std::abs(level_peak_dbov_ - level_reported_dbov_) >= kLevelStepDb) {
    level_event_ns_ = now_ns;
    level_reported_dbov_ = level_peak_dbov_;
    events.push(
        {.kind = EventKind::AudioLevel, .id = id_, .number = level_peak_dbov_, .address = {}, .bytes = {}});
  }
  level_peak_dbov_ = level;
}

void Track::handle_sender_report(const ReportedClock& clock, std::uint32_t compact) noexcept {
  clock_ = clock;
  report_compact_ = compact;
}

ReportBlock Track::take_report(std::int64_t now_ns) noexcept {
  ReportBlock block = statistics_in_.take_report();
  block.ssrc = ssrc_;
  if (clock_) {
    block.last_sender_report = report_compact_;
    block.delay_since_last_sr = compact_ntp(ntp_from_ns(now_ns - clock_->arrival_ns));
  }
  return block;
}

void Track::tap(TapRecordKind kind, Bytes data, Bytes rest, std::int64_t now_ns, Counters& counters) {
  std::erase_if(taps_, [](const std::shared_ptr<TapRing>& tap) { return tap->is_closed(); });
  for (const std::shared_ptr<TapRing>& tap : taps_) {
    if (!tap->append(kind, now_ns, data, rest)) {
      counters.add(Counter::TapOverflows);
    }
  }
}

}  // namespace tandem
