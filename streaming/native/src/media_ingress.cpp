#include "media_ingress.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "rtp_packet.hpp"

namespace tandem {

namespace {

constexpr std::size_t kOsnBytes = 2;  // original sequence number, RFC 4588 4
constexpr std::int64_t kSilentNs = 2 * kSecond;

// Takes the one candidate, or none if there are several.
class OnlyOne {
 public:
  void offer(Track* track, bool is_rtx) noexcept {
    found_ = count_++ == 0 ? track : nullptr;
    is_rtx_ = is_rtx;
  }
  [[nodiscard]] Track* track() const noexcept { return found_; }
  [[nodiscard]] bool is_rtx() const noexcept { return is_rtx_; }

 private:
  Track* found_ = nullptr;
  std::size_t count_ = 0;
  bool is_rtx_ = false;
};

// What a packet that was taken counts as. What RED brought again is no datagram of its own.
Counter fate_of(Origin origin, const RtpView& view) noexcept {
  switch (origin) {
    case Origin::RecoveredByRtx:
      return Counter::AcceptedRtx;
    case Origin::RecoveredByRed:
      return Counter::RecoveredByRed;
    case Origin::Published:
    case Origin::PublishedRedundant:
      break;
  }
  return view.payload.empty() ? Counter::AcceptedRtpPadding : Counter::AcceptedRtp;
}

}  // namespace

Track* find_track_of(Transport& transport, const RtpView& view, std::string_view mid, std::string_view rid,
                     std::string_view repaired_rid, bool& is_rtx) noexcept {
  const std::string_view encoding = repaired_rid.empty() ? rid : repaired_rid;
  OnlyOne only;
  for (Track* track : transport.tracks()) {
    const TrackSpec& spec = track->spec();
    const bool is_media_type =
        view.payload_type == spec.payload_type || view.payload_type == spec.red_payload_type;
    const bool is_rtx_type = view.payload_type == spec.rtx_payload_type;
    const bool other_section = !mid.empty() && !spec.mid.empty() && mid != spec.mid;
    const bool other_encoding = !encoding.empty() && !spec.rid.empty() && encoding != spec.rid;
    if ((is_media_type || is_rtx_type) && !other_section && !other_encoding) {
      only.offer(track, is_rtx_type);
    }
  }
  is_rtx = only.is_rtx();
  return only.track();
}

void MediaIngress::read_extensions(const ExtensionMap& map, Arrived& arrived) noexcept {
  ExtensionIterator iterator(arrived.view);
  ExtensionElement element;
  while (iterator.next(element)) {
    switch (map.kind(element.id)) {
      case ExtensionKind::Mid:
        arrived.mid = as_text(element.value);
        break;
      case ExtensionKind::Rid:
        arrived.rid = as_text(element.value);
        break;
      case ExtensionKind::RepairedRid:
        arrived.repaired_rid = as_text(element.value);
        break;
      case ExtensionKind::TransportCc:
        arrived.transport_cc = read_transport_cc(element.value);
        break;
      case ExtensionKind::AudioLevel:
        arrived.audio_level = read_audio_level(element.value);
        break;
      default:
        break;
    }
  }
}

void MediaIngress::count_refused(SrtpStatus status) noexcept {
  switch (status) {
    case SrtpStatus::Replayed:
      counters_.add(Counter::DropSrtpReplayed);
      return;
    case SrtpStatus::AuthFailed:
      counters_.add(Counter::DropSrtpAuth);
      return;
    case SrtpStatus::TooManySsrcs:
      counters_.add(Counter::DropSrtpTooManySsrcs);
      return;
    case SrtpStatus::Ok:
    case SrtpStatus::Malformed:
    case SrtpStatus::NoSpace:
    case SrtpStatus::Exhausted:
      counters_.add(Counter::DropSrtpMalformed);
      return;
  }
}

void MediaIngress::handle_datagram(Transport& transport, MutableBytes datagram, std::int64_t now_ns) {
  SrtpReceiver* receiver = transport.receiver();
  if (receiver == nullptr) {
    counters_.add(Counter::DropNoKeys);
    return;
  }
  const SrtpResult opened = receiver->unprotect_rtp(datagram, datagram);
  if (!opened.ok()) {
    count_refused(opened.status);
    return;
  }
  transport.handle_authentic_media(now_ns);
  ++transport.statistics.received_packets;
  transport.statistics.received_bytes += opened.length;
  const MutableBytes packet = datagram.first(opened.length);
  const std::optional<RtpView> view = parse_rtp(packet);
  if (!view) {
    counters_.add(Counter::DropRtpMalformed);
    return;
  }
  Arrived arrived;
  arrived.view = *view;
  arrived.packet = packet;
  arrived.index = static_cast<std::int64_t>(opened.index);
  read_extensions(transport.spec().extensions, arrived);
  if (arrived.transport_cc && transport.spec().transport_cc) {
    transport.arrivals.handle_packet(*arrived.transport_cc, now_ns);
  }
  const SsrcBinding* binding = transport.find_binding(view->ssrc);
  if (binding == nullptr) {
    binding = bind(transport, arrived, now_ns);
  }
  if (binding == nullptr) {
    ++transport.statistics.unbound_packets;
    counters_.add(Counter::DropUnboundSsrc);
    return;
  }
  Track& track = *binding->track;
  if (binding->is_rtx) {
    handle_rtx(track, arrived, now_ns);
  } else {
    handle_media(track, arrived, now_ns);
  }
}

const SsrcBinding* MediaIngress::bind(Transport& transport, const Arrived& arrived, std::int64_t now_ns) {
  bool is_rtx = false;
  Track* track =
      find_track_of(transport, arrived.view, arrived.mid, arrived.rid, arrived.repaired_rid, is_rtx);
  if (track == nullptr) {
    return nullptr;
  }
  // By payload type alone a second SSRC is believed only when the first has fallen silent; so is a former
  // one.
  const bool is_taken = !is_rtx && track->has_media() && now_ns - track->last_arrival_ns() < kSilentNs;
  if (is_taken && (arrived.mid.empty() || track->was_bound_to(arrived.view.ssrc))) {
    return nullptr;
  }
  transport.bind(arrived.view.ssrc, *track, is_rtx);
  return transport.find_binding(arrived.view.ssrc);
}

void MediaIngress::handle_media(Track& track, Arrived& arrived, std::int64_t now_ns) {
  const bool is_red = arrived.view.payload_type == track.spec().red_payload_type;
  if (arrived.view.payload_type != track.spec().payload_type && !is_red) {
    counters_.add(Counter::DropPayloadType);
    return;
  }
  if (track.ssrc() != arrived.view.ssrc) {
    track.start(arrived.view.ssrc);
    events_.push({.kind = EventKind::Bound,
                  .id = track.id(),
                  .number = arrived.view.ssrc,
                  .address = {},
                  .bytes = {}});
  }
  if (track.spec().forbidden) {
    track.handle_forbidden(arrived.view, arrived.index, now_ns);
    counters_.add(Counter::DropForbidden);
    return;
  }
  if (is_red) {
    handle_red(track, arrived, now_ns);
  } else {
    store(track, arrived, Origin::Published, now_ns);
  }
}

void MediaIngress::handle_red(Track& track, Arrived& arrived, std::int64_t now_ns) {
  const std::optional<RedPayload> red = parse_red(arrived.view.payload);
  if (!red) {
    counters_.add(Counter::DropRtpMalformed);
    return;
  }
  if (red->primary.payload_type != track.spec().payload_type) {
    counters_.add(Counter::DropPayloadType);
    return;
  }
  // Oldest first, and before the packet itself: subscribers see no gap.
  std::int64_t number = arrived.index - static_cast<std::int64_t>(red->block_count);
  for (const RedBlock& block : red->redundant()) {
    recover(track, block, number++, arrived.view.timestamp - block.ticks, now_ns);
  }
  drop_front(arrived, arrived.view.payload.size() - red->primary.payload.size());
  store(track, arrived, Origin::PublishedRedundant, now_ns);
}

void MediaIngress::recover(Track& track, const RedBlock& block, std::int64_t sequence_number,
                           std::uint32_t timestamp, std::int64_t now_ns) {
  const bool is_voice = block.payload_type == track.spec().payload_type && !block.payload.empty();
  if (!is_voice || !track.lacks(sequence_number)) {
    return;
  }
  std::array<std::uint8_t, kRtpFixedHeaderBytes + kMaxRedBlockBytes> buffer{};
  ByteWriter writer(buffer);
  write_rtp_header(writer, {.payload_type = block.payload_type,
                            .sequence_number = static_cast<std::uint16_t>(sequence_number),
                            .timestamp = timestamp,
                            .ssrc = track.ssrc()});
  writer.bytes(block.payload);
  Arrived recovered;
  recovered.packet = MutableBytes(buffer).first(kRtpFixedHeaderBytes + block.payload.size());
  if (const std::optional<RtpView> view = parse_rtp(recovered.packet)) {
    recovered.view = *view;
    recovered.index = sequence_number;
    store(track, recovered, Origin::RecoveredByRed, now_ns);
  }
}

void MediaIngress::drop_front(Arrived& arrived, std::size_t count) noexcept {
  std::memmove(arrived.packet.data() + count, arrived.packet.data(), arrived.view.header_bytes);
  arrived.packet = arrived.packet.subspan(count);
  arrived.view.payload = arrived.view.payload.subspan(count);
  if (arrived.view.has_extension) {
    arrived.view.extension = Bytes(arrived.view.extension.data() + count, arrived.view.extension.size());
  }
}

void MediaIngress::handle_rtx(Track& track, Arrived& arrived, std::int64_t now_ns) {
  if (track.spec().forbidden) {
    counters_.add(Counter::DropForbidden);
    return;
  }
  if (arrived.view.payload.size() <= kOsnBytes) {
    counters_.add(Counter::AcceptedRtxProbe);
    return;
  }
  if (!track.has_media()) {
    counters_.add(Counter::DropRtxBeforeMedia);
    return;
  }
  // The original sequence number becomes its own.
  const std::uint16_t original = ByteReader(arrived.view.payload).u16();
  drop_front(arrived, kOsnBytes);
  arrived.view.sequence_number = original;
  arrived.view.ssrc = track.ssrc();
  arrived.index = track.extend(original);
  store(track, arrived, Origin::RecoveredByRtx, now_ns);
}

void MediaIngress::listen(Track& track, std::optional<AudioLevel> level, std::int64_t now_ns) {
  if (track.subscribers.empty()) {
    track.speaker.step_back();  // nobody here listens to it: it takes no place
    return;
  }
  track.speaker.handle_packet(level ? std::optional(level->level) : std::nullopt, now_ns);
}

void MediaIngress::store(Track& track, const Arrived& arrived, Origin origin, std::int64_t now_ns) {
  if (track.speaker.competes() && !is_recovered(origin)) {
    listen(track, arrived.audio_level, now_ns);
  }
  const Track::Verdict verdict =
      track.store(arrived.view, arrived.packet, arrived.index, origin, now_ns, events_);
  switch (verdict) {
    case Track::Verdict::Duplicate:
      counters_.add(Counter::DropDuplicate);
      return;
    case Track::Verdict::TooOld:
      counters_.add(Counter::DropTooOld);
      return;
    case Track::Verdict::Unheard:
    case Track::Verdict::Stored:
      break;
  }
  counters_.add(fate_of(origin, arrived.view));
  if (arrived.audio_level && !is_recovered(origin)) {
    track.handle_audio_level(arrived.audio_level->level, now_ns, events_);
  }
  if (track.has_taps() || !track.feeds.empty()) {
    copy_out(track, arrived, origin, now_ns);
  }
  forward(track, verdict, arrived.view.marker || is_recovered(origin), now_ns);
}

void MediaIngress::forward(Track& track, Track::Verdict verdict, bool ends_frame, std::int64_t now_ns) {
  if (verdict == Track::Verdict::Stored) {
    fanout_.mark(track, ends_frame, now_ns);
  } else if (verdict == Track::Verdict::Unheard && !track.subscribers.empty()) {
    counters_.add(Counter::VoiceUnheard);
  }
}

void MediaIngress::copy_out(Track& track, const Arrived& arrived, Origin origin, std::int64_t now_ns) {
  const Bytes packet = arrived.packet;
  std::array<std::uint8_t, kRtpFixedHeaderBytes> fixed{};
  std::memcpy(fixed.data(), packet.data(), fixed.size());
  ByteWriter writer(fixed);
  constexpr std::uint8_t kPaddingBit = 0x20;
  writer.u8(static_cast<std::uint8_t>(packet[0] & ~kPaddingBit));
  writer.u8(static_cast<std::uint8_t>((arrived.view.marker ? 0x80U : 0U) |
                                      static_cast<unsigned>(track.spec().payload_type)));
  writer.u16(arrived.view.sequence_number);
  writer.u32(arrived.view.timestamp);
  writer.u32(track.ssrc());
  const std::size_t length = arrived.view.header_bytes + arrived.view.payload.size();
  const Bytes rest = packet.subspan(fixed.size(), length - fixed.size());
  if (!arrived.view.payload.empty()) {
    track.tap(TapRecordKind::Rtp, fixed, rest, now_ns, counters_);
  }
  feeds_.publish(track, arrived.index, origin, fixed, rest, now_ns);
}

void MediaIngress::handle_feed(Track& mirror, const FeedPacket& fed, MutableBytes packet) {
  const std::optional<RtpView> view = parse_rtp(packet);
  if (!view) {
    return;
  }
  mirror.follow(fed.ssrc, fed.generation);
  if (mirror.speaker.competes() && !is_recovered(fed.origin)) {
    const std::optional<Bytes> level =
        find_extension(*view, mirror.transport().spec().extensions, ExtensionKind::AudioLevel);
    listen(mirror, level ? read_audio_level(*level) : std::nullopt, fed.arrival_ns);
  }
  Silence silence;
  const Track::Verdict verdict =
      mirror.store(*view, packet, fed.sequence_number, fed.origin, fed.arrival_ns, silence);
  forward(mirror, verdict, view->marker || is_recovered(fed.origin), fed.arrival_ns);
}

}  // namespace tandem
