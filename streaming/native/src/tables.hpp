// Who owns whom: transports own their tracks' and subscriptions' lives; this table owns all three, and every
// way to find one. Edits come from the control plane, in order; removing what is not there does nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>

#include "address.hpp"
#include "specs.hpp"
#include "subscription.hpp"
#include "track.hpp"
#include "transport.hpp"

namespace tandem {

class Tables {
 public:
  // `seed`: of SSRCs and first sequence numbers; none of them is a secret.
  Tables(std::uint64_t seed, CryptoBackend& crypto) : random_(seed), crypto_(crypto) {}

  // False: the keys do not fit their profile (the transport then has none).
  bool set_transport(TransportId id, TransportSpec spec, std::int64_t now_ns);
  void remove_transport(TransportId id);
  // Null when the transport is not known.
  Track* set_track(TrackId id, TrackSpec spec);
  void remove_track(TrackId id);
  Subscription* set_subscription(SubscriptionId id, SubscriptionSpec spec);
  void remove_subscription(SubscriptionId id);

  [[nodiscard]] Transport* find_transport(TransportId id) const;
  [[nodiscard]] Track* find_track(TrackId id) const;
  [[nodiscard]] Subscription* find_subscription(SubscriptionId id) const;

  // -- By what datagrams carry --
  struct UfragOwner {
    Transport* transport = nullptr;
    std::size_t credentials = 0;  // index in its specification
  };
  [[nodiscard]] UfragOwner find_ufrag(std::string_view local_ufrag) const;
  [[nodiscard]] Transport* find_path(const Path& path) const;
  // The path belongs to `transport` from now on, whoever had it.
  void bind_path(const Path& path, Transport& transport, std::int64_t now_ns);
  // The path is another worker's from now on.
  void release_path(const Path& path);
  // The newest credentials have nominated: the older ones are void.
  void retire_old_credentials(Transport& transport);

  [[nodiscard]] const auto& transports() const noexcept { return transports_; }
  [[nodiscard]] const auto& tracks() const noexcept { return tracks_; }
  [[nodiscard]] const auto& subscriptions() const noexcept { return subscriptions_; }

 private:
  struct TextHash {
    using is_transparent = void;
    [[nodiscard]] std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };
  void forget_ufrags(const Transport& transport);
  void join_speakers(Track& track);
  std::int64_t first_sequence_number(const Transport& transport, std::uint32_t ssrc);

  std::mt19937_64 random_;
  CryptoBackend& crypto_;
  std::unordered_map<TransportId, std::unique_ptr<Transport>> transports_;
  std::unordered_map<TrackId, std::unique_ptr<Track>> tracks_;
  std::unordered_map<std::uint64_t, std::weak_ptr<ActiveSpeakers>> speakers_;  // kept by their voices
  std::unordered_map<SubscriptionId, std::unique_ptr<Subscription>> subscriptions_;
  std::unordered_map<std::string, UfragOwner, TextHash, std::equal_to<>> ufrags_;
  std::unordered_map<Path, Transport*, PathHash> paths_;
};

}  // namespace tandem
