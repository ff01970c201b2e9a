// One encoding that a publisher sends: its packets, what is missing of them, and who wants them.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "active_speakers.hpp"
#include "counters.hpp"
#include "events.hpp"
#include "frame_pace.hpp"
#include "handover_records.hpp"
#include "keyframe_requests.hpp"
#include "layer_reader.hpp"
#include "nack_generator.hpp"
#include "packet_ring.hpp"
#include "receive_statistics.hpp"
#include "sender_clock.hpp"
#include "specs.hpp"
#include "tap_ring.hpp"

namespace tandem {

class Subscription;
class Transport;

struct TrackStatistics {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;
  std::uint64_t recovered_by_rtx = 0;
  std::uint64_t nacks = 0;  // sequence numbers asked for
  std::uint64_t plis = 0;   // and FIRs
  std::uint64_t keyframes = 0;
  std::uint64_t duplicates = 0;
  std::int32_t level_dbov = -127;
};

// Another worker that mirrors this track.
struct TrackFeed {
  WorkerIndex worker = 0;
  std::uint64_t feed = 0;
  std::uint32_t count = 0;  // of the next packet
};

// A track that is fed by another worker. Records of feeds from `first_feed` on are its own.
struct MirrorState {
  WorkerIndex owner = 0;
  std::uint64_t first_feed = 0;
  std::uint64_t feed = 0;
  std::optional<std::uint32_t> next_count;
  bool is_retired = false;  // no subscription is meant for it any more
  std::optional<std::int64_t> idle_since_ns;
};

class Track {
 public:
  enum class Verdict : std::uint8_t { Stored, Unheard, Duplicate, TooOld };

  Track(TrackId id, TrackSpec spec, Transport& transport);

  [[nodiscard]] TrackId id() const noexcept { return id_; }
  [[nodiscard]] const TrackSpec& spec() const noexcept { return spec_; }
  void apply(TrackSpec spec);
  [[nodiscard]] Transport& transport() const noexcept { return *transport_; }
  [[nodiscard]] bool is_video() const noexcept { return spec_.kind == MediaKind::Video; }

  // A new media SSRC: the first, or that of a restarted encoder.
  void start(std::uint32_t ssrc) noexcept;
  [[nodiscard]] std::uint32_t ssrc() const noexcept { return ssrc_; }
  [[nodiscard]] std::uint32_t generation() const noexcept { return generation_; }
  // A mirror takes over its owner's state before each packet.
  void follow(std::uint32_t ssrc, std::uint32_t generation) noexcept;
  // Whether the track was bound to this SSRC before its present one: a straggler must not bring it back.
  [[nodiscard]] bool was_bound_to(std::uint32_t ssrc) const noexcept;
  [[nodiscard]] bool has_media() const noexcept { return statistics_in_.started(); }
  // The extended sequence number that a retransmission's OSN stands for.
  [[nodiscard]] std::int64_t extend(std::uint16_t sequence_number) const noexcept;

  // A packet of the media stream, or one recovered. `packet` is what `view` was parsed from. Unheard:
  // it is good, but of a microphone that is not among the loudest; subscribers do not get it, now or later.
  Verdict store(const RtpView& view, Bytes packet, std::int64_t sequence_number, Origin origin,
                std::int64_t now_ns, EventSink& events);
  // Whether the packet has not come yet and would be taken.
  [[nodiscard]] bool lacks(std::int64_t sequence_number) const noexcept;
  // A packet that must not go on, now or later by way of a retransmission. It counts as received in reports.
  void handle_forbidden(const RtpView& view, std::int64_t sequence_number, std::int64_t now_ns) noexcept;
  void handle_audio_level(std::uint8_t minus_dbov, std::int64_t now_ns, EventSink& events);
  void handle_sender_report(const ReportedClock& clock, std::uint32_t compact) noexcept;
  // For this track's receiver report.
  [[nodiscard]] ReportBlock take_report(std::int64_t now_ns) noexcept;

  void add_subscriber(Subscription& subscription) { subscribers.push_back(&subscription); }
  void remove_subscriber(const Subscription& subscription) noexcept;

  void open_tap(std::shared_ptr<TapRing> tap) { taps_.push_back(std::move(tap)); }
  void tap(TapRecordKind kind, Bytes data, Bytes rest, std::int64_t now_ns, Counters& counters);

  PacketRing ring;
  NackGenerator nacks;
  KeyframeRequests keyframes;
  FramePace pace;
  TrackStatistics statistics;
  Speaker speaker;
  std::vector<Subscription*> subscribers;
  std::uint8_t fir_command = 0;
  std::vector<TrackFeed> feeds;       // the owner's; kept by Feeds
  std::optional<MirrorState> mirror;  // kept by Feeds
  // Kept by Fanout: how many subscribers are yet to be visited, and with whom to go on.
  std::size_t unvisited = 0;
  std::size_t next_subscriber = 0;

  [[nodiscard]] const std::optional<ReportedClock>& clock() const noexcept { return clock_; }
  [[nodiscard]] std::int64_t last_arrival_ns() const noexcept { return last_arrival_ns_; }
  [[nodiscard]] std::uint32_t last_timestamp() const noexcept { return last_timestamp_; }
  [[nodiscard]] std::uint32_t jitter_ticks() const noexcept { return statistics_in_.jitter_ticks(); }
  [[nodiscard]] std::int64_t lost() const noexcept { return statistics_in_.lost(); }
  // What the packet's dependency descriptor was read with; null without one.
  [[nodiscard]] const DependencyStructure* structure_of(const CachedPacket& packet) const noexcept {
    return packet.layer.has_descriptor ? layers_->structure(packet.layer.structure) : nullptr;
  }
  [[nodiscard]] bool has_taps() const noexcept { return !taps_.empty(); }

 private:
  static constexpr std::int64_t kNothingForbidden = std::numeric_limits<std::int64_t>::min();
  // Whether the packet belongs to a time when this voice is heard.
  [[nodiscard]] bool is_heard(std::int64_t sequence_number) noexcept;
  void read_marks(const RtpView& view, CachedPacket& cached) noexcept;
  [[nodiscard]] bool detect_keyframe(Bytes payload) noexcept;
  void handle_keyframe(std::uint32_t timestamp, std::int64_t now_ns, EventSink& events);

  TrackId id_;
  TrackSpec spec_;
  Transport* transport_;
  std::uint32_t ssrc_ = 0;
  std::array<std::uint32_t, 4> former_ssrcs_{};
  std::uint32_t generation_ = 0;
  ReceiveStatistics statistics_in_;
  ArrivalWindow window_;
  std::int64_t forbidden_up_to_ = kNothingForbidden;
  std::int64_t unheard_up_to_ = kNothingForbidden;
  bool was_heard_ = true;
  std::uint32_t turn_ = 0;
  std::optional<ReportedClock> clock_;
  std::uint32_t report_compact_ = 0;
  std::int64_t last_arrival_ns_ = 0;
  std::uint32_t last_timestamp_ = 0;
  bool has_parameter_sets_ = false;      // H264: the stream carries its SPS itself
  std::unique_ptr<LayerReader> layers_;  // of video
  std::optional<std::uint32_t> keyframe_timestamp_;
  std::int64_t keyframe_event_ns_ = 0;
  std::int64_t level_event_ns_ = 0;
  std::int32_t level_reported_dbov_ = -127;
  std::int32_t level_peak_dbov_ = -127;
  std::vector<std::shared_ptr<TapRing>> taps_;
};

}  // namespace tandem
