// One receiver's copy of a track: one outgoing SSRC, whatever track stands behind it.
//
// Invariants: under one outgoing sequence number goes one packet only, and a resend of it is the same bytes;
// video begins with a keyframe; while a switch waits for its keyframe the old track goes on.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "counters.hpp"
#include "datagram_sink.hpp"
#include "layer_selector.hpp"
#include "numbering.hpp"
#include "packet_memory.hpp"
#include "prefetch.hpp"
#include "rtcp.hpp"
#include "send_record.hpp"
#include "sender_clock.hpp"
#include "specs.hpp"
#include "track.hpp"
#include "transport.hpp"

namespace tandem {

class Tables;

// What the parts of the core share on the way out.
struct EgressContext {
  DatagramSink& sink;
  Counters& counters;
  std::int64_t now_ns = 0;
  std::uint32_t abs_send_time = tandem::abs_send_time(static_cast<std::uint64_t>(now_ns));
};

struct SubscriptionStatistics {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;  // of payload
  std::uint64_t nacks_received = 0;
  std::uint64_t retransmitted = 0;
  std::uint64_t plis_received = 0;
  std::uint8_t fraction_lost = 0;  // of 256, as last reported
};

class Subscription : public InPacketMemory {
 public:
  // First sequence numbers, of media and of RTX, are below 2^15 unless the SSRC has been in use before.
  Subscription(SubscriptionId id, Transport& transport, MediaKind kind, std::int64_t first_sequence_number,
               std::int64_t first_rtx_sequence_number);

  [[nodiscard]] SubscriptionId id() const noexcept { return id_; }
  [[nodiscard]] const SubscriptionSpec& spec() const noexcept { return spec_; }
  [[nodiscard]] Transport& transport() const noexcept { return *transport_; }
  void apply(SubscriptionSpec spec);

  // -- Tracks. A subscription enters itself in Track::subscribers and leaves them. --
  // Switches to `track` (null: nothing for now).
  void switch_to(Track* track);
  // The track is going away.
  void detach(const Track& track);
  [[nodiscard]] Track* current() const noexcept { return current_.track; }
  [[nodiscard]] Track* pending() const noexcept { return pending_.track; }
  // The track whose keyframe is being waited for, if any: to begin, to switch, or for a higher spatial layer.
  [[nodiscard]] Track* awaits_keyframe_of() const noexcept;
  // Until the transport can send, nothing is numbered; then it begins anew.
  void suspend() noexcept { waiting_ = true; }

  // -- Media --
  // What `forward` will read, asked for in advance; each step reads what the one before it asked for.
  void prefetch() const noexcept { prefetch_between(&statistics, &id_); }
  void prefetch_transport() const noexcept { transport_->prefetch(); }
  void prefetch_keys() const noexcept {
    records_.prefetch(numbering_.next());
    transport_->prefetch_keys();
  }
  // Sends what the track has received since the last call, as far as the transport's pacing lets it. Returns
  // the number of packets written.
  std::size_t forward(Track& track, EgressContext& context);

  // -- Of a transport with a limit (subscription_paced.cpp) --
  // Since when the oldest packet waits that has not gone out; null: none does, or voice.
  [[nodiscard]] std::optional<std::int64_t> waiting_since_ns() const noexcept;
  // Sends the next packet that waits, or passes over those that have waited too long.
  void forward_waiting(EgressContext& context);
  void repair(std::int64_t sequence_number, const Tables& tables, EgressContext& context);
  // Whether there is an RTX SSRC to send padding under.
  [[nodiscard]] bool can_pad() const noexcept {
    return spec_.rtx_ssrc != 0 && format_ && format_->rtx_payload_type != kNoPayloadType &&
           numbering_.started();
  }
  // A packet of padding under the RTX SSRC; false: there is none to send it under, or no room.
  bool send_padding(EgressContext& context);
  // Whether to ask for the keyframe that is waited for; remembered. A seat that falls behind again and again
  // must not make the publisher send keyframes to all; a switch does not wait for that.
  [[nodiscard]] bool take_keyframe_request(std::int64_t now_ns) noexcept {
    if (pending_.track == nullptr && now_ns < may_ask_from_ns_) {
      return false;
    }
    asked_ns_ = now_ns;
    return true;
  }
  [[nodiscard]] std::uint64_t waiting_packets() const noexcept {
    return current_.track == nullptr ? 0 : current_.track->ring.head() - current_.cursor;
  }

  // -- Feedback from the receiver --
  void handle_nack(std::uint16_t sequence_number, const Tables& tables, EgressContext& context);
  void handle_report(const ReportBlock& block, std::int64_t now_ns) noexcept;
  void handle_pli() noexcept { ++statistics.plis_received; }

  // -- Reports to the receiver --
  [[nodiscard]] bool is_report_due(std::int64_t now_ns) const noexcept;
  // `server_ntp`: the server's clock now.
  [[nodiscard]] SenderReport take_report(std::int64_t now_ns, NtpTime server_ntp) noexcept;

  [[nodiscard]] std::int64_t next_sequence_number() const noexcept { return numbering_.next(); }
  [[nodiscard]] std::int64_t next_rtx_sequence_number() const noexcept { return next_rtx_; }
  [[nodiscard]] std::int64_t round_trip_ns() const noexcept { return round_trip_ns_; }
  SubscriptionStatistics statistics;

 private:
  struct Feed {
    Track* track = nullptr;
    std::uint64_t cursor = 0;
  };
  struct SentReport {
    std::uint32_t compact = 0;
    std::int64_t sent_ns = 0;
  };
  // What is still known of the track that was left.
  struct Lineage {
    std::uint64_t source = 0;
    std::uint32_t clock_rate_hz = 0;
    std::optional<ReportedClock> clock;
  };

  void enter(Feed& feed, Track& track);
  void leave(Feed& feed);
  void promote_pending();
  bool select_format(const Track& track) noexcept;
  // Of the present track, the next packet.
  void take_next(const Track& track, EgressContext& context);
  // Passes over what comes of the pending track before a keyframe. True: it has begun, and is the present
  // one.
  bool reach_keyframe(const Track& track, EgressContext& context);
  void forward_paced(Pacing& pacing, EgressContext& context);
  void pass_over_stale(EgressContext& context);
  void pass_over(std::uint64_t end, EgressContext& context);
  void handle_current(const CachedPacket& packet, EgressContext& context);
  // A packet of the source that has begun: sent, or, if it is only padding, its number given up.
  void carry(const CachedPacket& packet, EgressContext& context);
  void begin(const CachedPacket& first);
  // What arrived before the keyframe's first packet did, but belongs behind it.
  void catch_up(const CachedPacket& first, EgressContext& context);
  // Whether the packet belongs to the layers that go out now.
  [[nodiscard]] bool is_wanted(const CachedPacket& packet) noexcept;
  [[nodiscard]] std::uint32_t aligned_timestamp(const CachedPacket& first) const noexcept;
  void send_once(const CachedPacket& packet, EgressContext& context);
  // Whether the receiver must be told which decode targets go on.
  [[nodiscard]] bool states_targets(const CachedPacket& packet) noexcept;

  // -- Writing (subscription_egress.cpp) --
  // A record keeps the low bits of `sequence_number`.
  // `is_template`: is_template_for the same.
  bool write_media(const SendRecord& record, std::int64_t sequence_number, const Track& track,
                   const CachedPacket& packet, bool is_template, EgressContext& context);
  [[nodiscard]] std::uint8_t red_payload_type(std::uint8_t payload_type) const noexcept;
  // Whether the packet's header is written already, but for its numbers.
  [[nodiscard]] bool is_template_for(const SendRecord& record, const Track& track,
                                     const CachedPacket& packet) const noexcept;
  [[nodiscard]] std::size_t write_header(const SendRecord& record, const Track& track,
                                         const CachedPacket& packet, const RtpHeader& header,
                                         MutableBytes out) const noexcept;
  // Of a packet that goes out now under the RTX SSRC.
  [[nodiscard]] ExtensionOverrides overrides_now(const EgressContext& context) noexcept;
  bool write_rtx(const SendRecord& record, const Track& track, const CachedPacket& packet,
                 std::uint8_t payload_type, EgressContext& context);
  bool write_filler(const SendRecord& record, std::int64_t sequence_number, EgressContext& context);
  // The packet that goes with `packet` as redundancy, if the publisher sent it so or the receiver loses some;
  // null: none now.
  [[nodiscard]] const CachedPacket* redundancy_for(const CachedPacket& packet,
                                                   std::int64_t now_ns) const noexcept;
  bool protect(Bytes header, std::span<const Bytes> parts, std::uint32_t roc, MutableBytes out,
               EgressContext& context);
  // A padding-only packet under a number that the receiver already misses. It stands where the publisher
  // padded, which is behind a marker; a lost packet of a frame is never passed off as padding.
  void fill_hole(const Placement& place, EgressContext& context);
  [[nodiscard]] bool is_unused(std::int64_t sequence_number) const noexcept;
  bool take_repair_budget(std::size_t bytes, std::int64_t now_ns) noexcept;
  void resend(const SendRecord& record, std::int64_t sequence_number, const Tables& tables,
              EgressContext& context);
  // Whatever outgoing bytes depend on beside the packet itself; each part only grows.
  [[nodiscard]] std::uint16_t layout(const Track& track) const noexcept {
    return static_cast<std::uint16_t>(transport_->layout() + track.transport().layout() + own_changes_);
  }

  // What each forwarded packet touches, together with the statistics.
  Transport* transport_;
  Feed current_;
  Feed pending_;
  std::uint32_t generation_ = 0;
  std::uint32_t turn_ = 0;
  bool waiting_ = true;
  bool has_reported_ = false;
  bool is_mid_known_ = false;  // the receiver has reported on this SSRC: it needs no mid any more
  std::optional<Format> format_;
  std::uint32_t own_changes_ = 0;  // of mid and formats
  Numbering numbering_;
  LayerSelector selector_;
  SendRecords records_;
  std::int64_t redundant_until_ns_ = 0;
  std::int64_t repair_budget_bytes_ = 0;
  std::int64_t first_sent_ns_ = 0;
  std::int64_t last_report_ns_ = 0;
  SubscriptionSpec spec_;
  // What it does not.
  SubscriptionId id_;
  std::optional<Lineage> lineage_;
  std::int64_t next_rtx_;
  std::int64_t round_trip_ns_ = 0;
  std::array<SentReport, 8> sent_reports_{};
  std::size_t sent_report_count_ = 0;
  std::int64_t repair_refilled_ns_ = 0;
  std::int64_t asked_ns_ = 0;         // for a keyframe
  std::int64_t may_ask_from_ns_ = 0;  // since it fell behind last
};

}  // namespace tandem
