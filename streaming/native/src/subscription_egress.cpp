// How a subscription's packets are written: once, again byte for byte, or again under the RTX SSRC (RFC
// 4588).
#include <algorithm>
#include <array>

#include "red.hpp"
#include "sequence.hpp"
#include "subscription.hpp"
#include "tables.hpp"

namespace tandem {

namespace {

constexpr std::uint8_t kPayloadTypeMask = 0x7F;
constexpr std::uint8_t kTemplateIdMask = 0x3F;
constexpr std::uint32_t kAbsSendTimeMask = 0xFFFFFF;
constexpr std::int64_t kMinNackIntervalNs = 20 * kMillisecond;
// Repair may take this much of what is sent, and always this many bytes a second; a burst is bounded.
constexpr std::int64_t kRepairShare = 2;
constexpr std::int64_t kRepairBytesPerSecond = 32'000;
constexpr std::int64_t kRepairBurstBytes = 256'000;

// The payload as this subscriber gets it: picture_id and tl0picidx (VP8, VP9) are its own.
class PayloadParts {
 public:
  // `padding_bytes` of RTP padding follow (RFC 3550 5.1).
  PayloadParts(const SendRecord& record, const CachedPacket& packet, Bytes payload,
               std::uint8_t padding_bytes) noexcept {
    const std::size_t length =
        write_picture_numbers(packet.picture, payload, record.picture_id, record.tl0picidx, prefix_);
    if (length != 0) {
      add(Bytes(prefix_).first(length));
      payload = payload.subspan(length);
    }
    add(payload);
    if (padding_bytes != 0) {  // at most kMaxGsoPaddingBytes
      padding_.back() = padding_bytes;
      add(Bytes(padding_).last(padding_bytes));
    }
  }
  // RED (RFC 2198): `before` as redundancy in front of the payload.
  void add_redundancy(std::uint8_t payload_type, std::uint32_t ticks, Bytes before) noexcept {
    ByteWriter writer(red_header_);
    write_red_header(writer, payload_type, ticks, before.size());
    add_front(before);
    add_front(red_header_);
  }
  void add_front(Bytes part) noexcept {
    std::ranges::copy_backward(std::span(parts_).first(count_),
                               parts_.begin() + static_cast<std::ptrdiff_t>(count_) + 1);
    parts_[0] = part;
    ++count_;
  }
  PayloadParts(const PayloadParts&) = delete;
  PayloadParts& operator=(const PayloadParts&) = delete;
  [[nodiscard]] std::span<const Bytes> view() const noexcept { return std::span(parts_).first(count_); }

 private:
  void add(Bytes part) noexcept { parts_[count_++] = part; }

  std::array<std::uint8_t, kMaxNumberedPrefixBytes> prefix_{};
  std::array<std::uint8_t, kRedHeaderBytes> red_header_{};
  std::array<std::uint8_t, PacketRing::kMaxGsoPaddingBytes> padding_{};
  std::array<Bytes, 4> parts_{};
  std::size_t count_ = 0;
};

bool takes_descriptor(const TransportSpec& receiver) noexcept {
  return receiver.extensions.has(ExtensionKind::DependencyDescriptor) && receiver.extmap_allow_mixed;
}

// The dependency descriptor as this subscriber gets it; empty where it gets none: not negotiated by it, or
// without two-byte extensions, since a structure that cannot be sent leaves the others without meaning.
class DescriptorValue {
 public:
  DescriptorValue(const SendRecord& record, const Track& track, const CachedPacket& packet,
                  const RtpView& view, const TransportSpec& receiver) noexcept {
    const DependencyStructure* structure = track.structure_of(packet);
    const std::optional<Bytes> published =
        find_extension(view, track.transport().spec().extensions, ExtensionKind::DependencyDescriptor);
    if (structure == nullptr || !published || !takes_descriptor(receiver)) {
      return;
    }
    const LayerId limit = record.layers();
    const DescriptorShift shift{
        .frame_number = record.frame_number_shift,
        .template_id = record.template_id_shift,
        .states_targets = record.states_targets != 0,
        .active_targets = record.states_targets != 0 ? structure->targets_within(limit) : 0};
    length_ = write_dependency_descriptor(*published, *structure, shift, bytes_);
  }
  DescriptorValue(const DescriptorValue&) = delete;
  DescriptorValue& operator=(const DescriptorValue&) = delete;
  [[nodiscard]] Bytes view() const noexcept { return Bytes(bytes_).first(length_); }

 private:
  std::array<std::uint8_t, kMaxDescriptorBytes> bytes_{};
  std::size_t length_ = 0;
};

std::size_t write_described_header(const SendRecord& record, const Track& track, const CachedPacket& packet,
                                   const RtpView& view, const RtpHeader& header,
                                   const TransportSpec& receiver, ExtensionOverrides& overrides,
                                   MutableBytes out) noexcept {
  const ExtensionMap& published = track.transport().spec().extensions;
  if (!packet.layer.has_descriptor) {
    return write_forwarded_header(view, header, published, receiver.extensions, overrides,
                                  receiver.extmap_allow_mixed, out);
  }
  const DescriptorValue descriptor(record, track, packet, view, receiver);
  overrides.dependency_descriptor = descriptor.view();
  return write_forwarded_header(view, header, published, receiver.extensions, overrides,
                                receiver.extmap_allow_mixed, out);
}

// The last packet of a picture that goes out has the marker, also where higher spatial layers stay behind.
bool ends_picture(const SendRecord& record, const CachedPacket& packet) noexcept {
  return packet.marker || (packet.layer.ends_frame && packet.layer.id.spatial == record.layers().spatial);
}

}  // namespace

bool Subscription::states_targets(const CachedPacket& packet) noexcept {
  const DependencyStructure* structure = current_.track->structure_of(packet);
  if (structure == nullptr || !packet.layer.starts_frame) {
    return false;
  }
  const bool is_due = selector_.take_announcement();
  const bool leaves_out =
      structure->targets_within(selector_.current()) != structure->targets_within(kAllLayers);
  return is_due || (packet.layer.has_structure && leaves_out);
}

void Subscription::send_once(const CachedPacket& packet, EgressContext& context) {
  const std::optional<Placement> place = numbering_.place(packet);
  if (!place || !is_unused(place->sequence_number)) {
    context.counters.add(Counter::EgressDropLate);
    return;
  }
  SendRecord& record = records_.add(place->sequence_number);
  record.position = packet.position & ((std::uint64_t{1} << PacketRing::kPositionBits) - 1);
  record.track = static_cast<std::uint32_t>(current_.track->id());
  record.timestamp = place->timestamp;
  record.picture_id = place->picture_id;
  record.tl0picidx = place->tl0picidx;
  record.frame_number_shift = place->descriptor.frame_number;
  record.template_id_shift = place->descriptor.template_id & kTemplateIdMask;
  record.spatial_layer = selector_.current().spatial & kMaxLayer;
  record.temporal_layer = selector_.current().temporal & kMaxLayer;
  record.states_targets = states_targets(packet);
  record.payload_type = format_->payload_type & kPayloadTypeMask;
  record.has_redundancy = redundancy_for(packet, context.now_ns) != nullptr;
  record.layout = layout(*current_.track);
  record.has_mid = !is_mid_known_ && !spec_.mid.empty();
  const bool is_template = is_template_for(record, *current_.track, packet);
  record.is_padded = packet.gso_padding_bytes != 0 && is_template;
  record.abs_send_time = context.abs_send_time & kAbsSendTimeMask;
  record.transport_cc = transport_->take_transport_cc_number().value_or(0);
  if (statistics.packets == 0) {
    first_sent_ns_ = context.now_ns;
  }
  ++statistics.packets;
  statistics.bytes += packet.payload_length;
  repair_budget_bytes_ =
      std::min(repair_budget_bytes_ + packet.payload_length / kRepairShare, kRepairBurstBytes);
  if (write_media(record, place->sequence_number, *current_.track, packet, is_template, context)) {
    context.counters.add(Counter::OutRtp);
  }
}

bool Subscription::write_media(const SendRecord& record, std::int64_t sequence_number, const Track& track,
                               const CachedPacket& packet, bool is_template, EgressContext& context) {
  const MutableBytes out = context.sink.reserve(transport_->nominated());
  if (out.empty()) {
    return false;
  }
  const RtpHeader header{
      .payload_type = record.has_redundancy ? red_payload_type(record.payload_type) : record.payload_type,
      .marker = ends_picture(record, packet),
      .has_padding = record.is_padded != 0,
      .sequence_number = static_cast<std::uint16_t>(sequence_number),
      .timestamp = record.timestamp,
      .ssrc = spec_.ssrc};
  const std::size_t header_bytes =
      is_template ? packet.header.write(header, record.transport_cc, record.abs_send_time, out)
                  : write_header(record, track, packet, header, out);
  PayloadParts parts(record, packet, track.ring.payload(packet),
                     record.is_padded != 0 ? packet.gso_padding_bytes : std::uint8_t{0});
  if (record.has_redundancy) {
    const CachedPacket* before = track.ring.find(packet.position - 1);
    if (before == nullptr) {
      context.counters.add(Counter::NackUnknown);  // asked for too late: what it went with is gone
      return false;
    }
    parts.add_redundancy(record.payload_type, packet.timestamp - before->timestamp,
                         track.ring.payload(*before));
    context.counters.add(Counter::OutRedundant);
  }
  return protect(out.first(header_bytes), parts.view(), roll_over_counter(sequence_number), out, context);
}

std::uint8_t Subscription::red_payload_type(std::uint8_t payload_type) const noexcept {
  const auto format = std::ranges::find(spec_.formats, payload_type, &Format::payload_type);
  return format == spec_.formats.end() ? payload_type : static_cast<std::uint8_t>(format->red_payload_type);
}

bool Subscription::is_template_for(const SendRecord& record, const Track& track,
                                   const CachedPacket& packet) const noexcept {
  const bool has_own_descriptor = packet.layer.has_descriptor && takes_descriptor(transport_->spec());
  return !record.has_mid && !has_own_descriptor && packet.header.fits(track.transport(), *transport_);
}

std::size_t Subscription::write_header(const SendRecord& record, const Track& track,
                                       const CachedPacket& packet, const RtpHeader& header,
                                       MutableBytes out) const noexcept {
  const TransportSpec& own = transport_->spec();
  ExtensionOverrides overrides;
  overrides.mid = record.has_mid ? std::string_view(spec_.mid) : std::string_view();
  overrides.transport_cc = record.transport_cc;
  overrides.abs_send_time = record.abs_send_time;
  return write_described_header(record, track, packet, track.ring.view(packet), header, own, overrides, out);
}

ExtensionOverrides Subscription::overrides_now(const EgressContext& context) noexcept {
  ExtensionOverrides overrides;
  overrides.mid = is_mid_known_ ? std::string_view() : std::string_view(spec_.mid);
  overrides.transport_cc = transport_->take_transport_cc_number();
  overrides.abs_send_time = context.abs_send_time;
  return overrides;
}

bool Subscription::write_rtx(const SendRecord& record, const Track& track, const CachedPacket& packet,
                             std::uint8_t payload_type, EgressContext& context) {
  const MutableBytes out = context.sink.reserve(transport_->nominated());
  if (out.empty()) {
    return false;
  }
  const RtpView view = track.ring.view(packet);
  const std::int64_t sequence_number = next_rtx_++;
  const RtpHeader header{.payload_type = payload_type,
                         .marker = ends_picture(record, packet),
                         .sequence_number = static_cast<std::uint16_t>(sequence_number),
                         .timestamp = record.timestamp,
                         .ssrc = spec_.rtx_ssrc};
  ExtensionOverrides overrides = overrides_now(context);
  const std::size_t header_bytes =
      write_described_header(record, track, packet, view, header, transport_->spec(), overrides, out);
  std::array<std::uint8_t, 2> original{};
  ByteWriter(original).u16(static_cast<std::uint16_t>(record.sequence_number));
  PayloadParts parts(record, packet, view.payload, 0);
  parts.add_front(original);
  return protect(out.first(header_bytes), parts.view(), roll_over_counter(sequence_number), out, context);
}

bool Subscription::write_filler(const SendRecord& record, std::int64_t sequence_number,
                                EgressContext& context) {
  const MutableBytes out = context.sink.reserve(transport_->nominated());
  if (out.empty()) {
    return false;
  }
  ByteWriter writer(out);
  write_rtp_header(writer, {.payload_type = record.payload_type,
                            .has_padding = true,
                            .sequence_number = static_cast<std::uint16_t>(sequence_number),
                            .timestamp = record.timestamp,
                            .ssrc = spec_.ssrc});
  const std::array<std::uint8_t, 1> padding{1};
  const std::array<Bytes, 1> parts{padding};
  return protect(writer.written(), parts, roll_over_counter(sequence_number), out, context);
}

bool Subscription::protect(Bytes header, std::span<const Bytes> parts, std::uint32_t roc, MutableBytes out,
                           EgressContext& context) {
  SrtpResult sealed;
  if (!header.empty()) {
    sealed = transport_->sender()->protect_rtp(header, parts, roc, out, context.sink.seal_batch());
  }
  if (!sealed.ok()) {
    context.counters.add(Counter::EgressDropProtect);
    return false;
  }
  transport_->commit(context.sink, sealed.length);
  return true;
}

void Subscription::handle_nack(std::uint16_t sequence_number, const Tables& tables, EgressContext& context) {
  ++statistics.nacks_received;
  const std::int64_t highest = numbering_.next() - 1;
  const std::int64_t extended =
      highest + serial_distance(static_cast<std::uint16_t>(highest), sequence_number);
  if (!numbering_.started() || !transport_->can_send() || extended > highest) {
    context.counters.add(Counter::NackUnknown);
    return;
  }
  SendRecord* record = records_.find(extended);
  if (record == nullptr) {
    context.counters.add(Counter::NackUnknown);
    return;
  }
  // A quarter early: the round trip measured last may be the longer one, and who asks again for a lost repair
  // would otherwise wait for one more of his own intervals.
  const std::int64_t interval_ns = std::max(round_trip_ns_ * 3 / 4, kMinNackIntervalNs);
  if (record->was_resent_within(context.now_ns, interval_ns)) {
    context.counters.add(Counter::NackSuppressed);
    return;
  }
  Pacing* pacing = transport_->pacing();
  if (pacing == nullptr) {
    record->mark_resent(context.now_ns);
    resend(*record, extended, tables, context);
    return;
  }
  const Pacing::Repair repair{.ssrc = spec_.ssrc, .sequence_number = extended};
  if (pacing->has_repair(repair)) {
    context.counters.add(Counter::NackSuppressed);
  } else if (pacing->push_repair(repair)) {
    pacing->wait(*transport_, context.now_ns);
  } else {
    context.counters.add(Counter::NackOverBudget);
  }
}

void Subscription::resend(const SendRecord& record, std::int64_t sequence_number, const Tables& tables,
                          EgressContext& context) {
  if (record.is_filler != 0) {
    context.counters.add(Counter::OutFiller, write_filler(record, sequence_number, context) ? 1 : 0);
    return;
  }
  const Track* track = tables.find_track(record.track);
  const CachedPacket* packet =
      track == nullptr ? nullptr : track->ring.find(track->ring.position_of(record.position));
  const auto format = std::ranges::find(spec_.formats, record.payload_type, &Format::payload_type);
  const bool has_rtx =
      spec_.rtx_ssrc != 0 && format != spec_.formats.end() && format->rtx_payload_type != kNoPayloadType;
  if (packet == nullptr || (!has_rtx && record.layout != layout(*track))) {
    context.counters.add(Counter::NackUnknown);
    return;
  }
  if (!take_repair_budget(packet->length, context.now_ns)) {
    context.counters.add(Counter::NackOverBudget);
    return;
  }
  if (has_rtx) {
    const auto payload_type = static_cast<std::uint8_t>(format->rtx_payload_type);
    context.counters.add(Counter::OutRtx, write_rtx(record, *track, *packet, payload_type, context) ? 1 : 0);
  } else {
    const bool is_template = is_template_for(record, *track, *packet);
    const bool is_written = write_media(record, sequence_number, *track, *packet, is_template, context);
    context.counters.add(Counter::OutResent, is_written ? 1 : 0);
  }
  ++statistics.retransmitted;
}

bool Subscription::is_unused(std::int64_t sequence_number) const noexcept {
  return records_.is_free(sequence_number) &&
         numbering_.next() - sequence_number <= static_cast<std::int64_t>(records_.capacity());
}

void Subscription::fill_hole(const Placement& place, EgressContext& context) {
  if (!is_unused(place.sequence_number)) {
    context.counters.add(Counter::EgressDropLate);
    return;
  }
  SendRecord& record = records_.add(place.sequence_number);
  record.is_filler = true;
  record.timestamp = place.timestamp;
  record.payload_type = format_->payload_type & kPayloadTypeMask;
  const bool is_written = write_filler(record, place.sequence_number, context);
  context.counters.add(Counter::OutFiller, is_written ? 1 : 0);
}

bool Subscription::take_repair_budget(std::size_t bytes, std::int64_t now_ns) noexcept {
  const std::int64_t elapsed_ns = std::min(now_ns - repair_refilled_ns_, 10 * kSecond);
  repair_refilled_ns_ = now_ns;
  repair_budget_bytes_ =
      std::min(repair_budget_bytes_ + elapsed_ns * kRepairBytesPerSecond / kSecond, kRepairBurstBytes);
  const auto wanted = static_cast<std::int64_t>(bytes);
  if (repair_budget_bytes_ < wanted) {
    return false;
  }
  repair_budget_bytes_ -= wanted;
  return true;
}

}  // namespace tandem
