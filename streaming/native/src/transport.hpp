// One ICE + DTLS + SRTP association: where it is, how it is protected, and what of it is bound to which
// track.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "address.hpp"
#include "arrival_log.hpp"
#include "counters.hpp"
#include "datagram_sink.hpp"
#include "header_template.hpp"
#include "pacing.hpp"
#include "packet_memory.hpp"
#include "prefetch.hpp"
#include "sender_clock.hpp"
#include "specs.hpp"
#include "srtp.hpp"

namespace tandem {

class Track;
class Subscription;

// An SSRC that arrives on a transport, once it is known whose it is.
struct SsrcBinding {
  std::uint32_t ssrc = 0;
  Track* track = nullptr;
  bool is_rtx = false;
};

struct ValidatedPath {
  Path path;
  std::int64_t last_check_ns = 0;
};

struct TransportStatistics {
  std::uint64_t received_packets = 0;
  std::uint64_t received_bytes = 0;
  std::uint64_t sent_packets = 0;
  std::uint64_t sent_bytes = 0;
  std::uint64_t unbound_packets = 0;
  std::uint64_t remb_bps = 0;
  std::int64_t round_trip_ns = 0;  // by the remote side's reports; 0: none yet
};

class Transport : public InPacketMemory {
 public:
  static constexpr std::int64_t kConsentNs = 30 * kSecond;  // RFC 7675 5.1
  static constexpr std::size_t kMaxPaths = 8;
  static constexpr std::size_t kMaxBindings = 64;

  Transport(TransportId id, std::uint32_t feedback_ssrc, std::int64_t now_ns) noexcept
      : id_(id), feedback_ssrc_(feedback_ssrc), last_check_ns_(now_ns) {}

  [[nodiscard]] TransportId id() const noexcept { return id_; }
  // The SSRC under which the worker's own feedback goes out.
  [[nodiscard]] std::uint32_t feedback_ssrc() const noexcept { return feedback_ssrc_; }
  [[nodiscard]] const TransportSpec& spec() const noexcept { return spec_; }
  // The same keys again leave the SRTP contexts as they are. False: the keys do not fit their profile.
  bool apply(TransportSpec spec, CryptoBackend& crypto);

  // -- Where (RFC 8445, RFC 7675) --
  // An authenticated check arrived on `path`. Returns a path that was forgotten to make room.
  std::optional<Path> handle_check(const Path& path, std::int64_t now_ns);
  // Authentic, fresh media arrived. To a peer that only publishes we send but feedback, and studio encoders
  // (libnice without consent freshness) send no checks after the first: its media says that it is there.
  // Whoever receives media must send checks.
  void handle_authentic_media(std::int64_t now_ns) noexcept;
  // Egress moves to `path`; true if that is a change.
  bool nominate(const Path& path);
  // The path now belongs to another transport.
  void forget(const Path& path) noexcept;
  // True once, when consent has run out; egress stops.
  bool take_expired(std::int64_t now_ns) noexcept;
  // Nominated, else the last validated; null: none.
  [[nodiscard]] const Path* reply_path() const noexcept;
  [[nodiscard]] std::span<const ValidatedPath> paths() const noexcept { return paths_; }
  [[nodiscard]] std::int64_t last_check_ns() const noexcept { return last_check_ns_; }
  // Whether the newest credentials have nominated, so that older ones are void.
  [[nodiscard]] bool has_retired_credentials() const noexcept { return retired_credentials_; }
  void set_retired_credentials(bool retired) noexcept { retired_credentials_ = retired; }

  // -- Protection --
  [[nodiscard]] SrtpReceiver* receiver() noexcept { return receiver_ ? &*receiver_ : nullptr; }
  [[nodiscard]] SrtpSender* sender() noexcept { return sender_ ? &*sender_ : nullptr; }
  // What forwarding a packet touches, asked for in advance; the keys when that has come.
  void prefetch() const noexcept { prefetch_between(&statistics, &id_); }
  void prefetch_keys() const noexcept {
    if (sender_) {
      sender_->prefetch_keys();
    }
  }
  [[nodiscard]] bool can_send() const noexcept { return sender_.has_value() && nominated_.has_value(); }
  [[nodiscard]] const Path& nominated() const noexcept { return *nominated_; }
  [[nodiscard]] const ExtensionKey& extension_key() const noexcept { return extension_key_; }
  // Grows with each change of what an outgoing header looks like: an older packet cannot be written again.
  [[nodiscard]] std::uint32_t layout() const noexcept { return layout_; }
  // Sends what was written into the sink's reservation.
  void commit(DatagramSink& sink, std::size_t length);
  // Protects a compound and sends it; false (counted) when that is not possible now.
  bool send_rtcp(Bytes compound, DatagramSink& sink, Counters& counters);

  // -- How fast; null: no limit --
  [[nodiscard]] Pacing* pacing() const noexcept { return pacing_.get(); }
  void set_pacing(std::unique_ptr<Pacing> pacing) noexcept { pacing_ = std::move(pacing); }

  // -- Binding --
  [[nodiscard]] const SsrcBinding* find_binding(std::uint32_t ssrc) const noexcept;
  void bind(std::uint32_t ssrc, Track& track, bool is_rtx);
  void unbind(const Track& track) noexcept;
  std::vector<Track*>& tracks() noexcept { return tracks_; }
  std::vector<Subscription*>& subscriptions() noexcept { return subscriptions_; }
  [[nodiscard]] const std::vector<Subscription*>& subscriptions() const noexcept { return subscriptions_; }
  [[nodiscard]] Subscription* find_subscription(std::uint32_t ssrc) const noexcept;

  // -- Numbers that belong to the association --
  // Null where transport-wide numbers were not negotiated.
  std::optional<std::uint16_t> take_transport_cc_number() noexcept {
    return numbers_packets_ ? std::optional(next_transport_cc_++) : std::nullopt;
  }
  // Where an SSRC's outgoing sequence numbers go on, should it come back under the same keys (a GCM nonce
  // never repeats).
  void retire_ssrc(std::uint32_t ssrc, std::int64_t next_sequence_number) {
    retired_[ssrc] = next_sequence_number;
  }
  [[nodiscard]] std::optional<std::int64_t> retired(std::uint32_t ssrc) const;

  ArrivalLog arrivals;
  ClockOffset clock_offset;         // of this publisher's NTP clock
  bool uses_server_clock = false;   // sender reports to this subscriber: since a switch between sources
  std::int64_t next_report_ns = 0;  // receiver reports
  TransportStatistics statistics;   // the first of what each forwarded packet touches (see prefetch)

 private:
  std::optional<SrtpSender> sender_;
  std::optional<Path> nominated_;
  std::unique_ptr<Pacing> pacing_;
  ExtensionKey extension_key_{};
  std::uint32_t layout_ = 0;
  std::uint16_t next_transport_cc_ = 1;
  bool numbers_packets_ = false;  // transport-wide, as negotiated
  TransportId id_;                // from here on of no interest to a forwarded packet
  std::uint32_t feedback_ssrc_;
  TransportSpec spec_;
  std::vector<ValidatedPath> paths_;
  std::int64_t last_check_ns_;
  bool expired_ = false;
  bool retired_credentials_ = false;
  std::optional<SrtpReceiver> receiver_;
  std::vector<SsrcBinding> bindings_;
  std::vector<Track*> tracks_;
  std::vector<Subscription*> subscriptions_;
  std::unordered_map<std::uint32_t, std::int64_t> retired_;
};

}  // namespace tandem
