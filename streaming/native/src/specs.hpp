// What the control plane tells the packet worker: values only, no behaviour. streaming/dataplane.py explains
// each field.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "codec.hpp"
#include "layer_mark.hpp"
#include "rtp_extension.hpp"
#include "srtp_cipher.hpp"

namespace tandem {

using TransportId = std::uint64_t;
using TrackId = std::uint64_t;  // counted from 1, never used twice; send records keep 32 bits of it
using SubscriptionId = std::uint64_t;

inline constexpr TrackId kNoTrack = 0;
inline constexpr std::int16_t kNoPayloadType = -1;

inline constexpr std::int64_t kMillisecond = 1'000'000;
inline constexpr std::int64_t kSecond = 1'000 * kMillisecond;

// How a packet that is stored came.
enum class Origin : std::uint8_t {
  Published,
  PublishedRedundant,  // with earlier ones (RFC 2198), which are taken off
  RecoveredByRtx,
  RecoveredByRed,
};

[[nodiscard]] constexpr bool is_recovered(Origin origin) noexcept {
  return origin == Origin::RecoveredByRtx || origin == Origin::RecoveredByRed;
}

enum class MediaKind : std::uint8_t { Audio = 0, Video = 1 };

struct IceCredentials {
  std::string local_ufrag;
  std::string local_pwd;
  std::string remote_ufrag;  // empty: not known yet, any is accepted
  bool operator==(const IceCredentials&) const = default;
};

struct SrtpKeys {
  SrtpProfile profile = SrtpProfile::AeadAes128Gcm;
  std::vector<std::uint8_t> local;   // master key, then master salt: what we send with
  std::vector<std::uint8_t> remote;  // what we receive with
  bool operator==(const SrtpKeys&) const = default;
};

struct TransportSpec {
  std::vector<IceCredentials> credentials;  // newest first, at most two
  std::optional<SrtpKeys> srtp;
  ExtensionMap extensions;
  bool extmap_allow_mixed = false;
  std::string cname;
  bool transport_cc = false;
  bool is_mirror = false;  // of another worker's transport: without credentials, keys or paths
};

struct TrackSpec {
  TransportId transport = 0;
  std::uint64_t source = 0;
  MediaKind kind = MediaKind::Audio;
  Codec codec = Codec::Other;
  std::uint32_t clock_rate_hz = 90'000;
  std::int16_t payload_type = kNoPayloadType;
  std::int16_t rtx_payload_type = kNoPayloadType;
  std::int16_t red_payload_type = kNoPayloadType;
  std::uint32_t ssrc = 0;
  std::uint32_t rtx_ssrc = 0;
  std::string mid;
  std::string rid;
  bool nack = false;
  bool pli = false;
  bool fir = false;
  bool forbidden = false;
  std::uint64_t speaker_group = 0;  // 0: none, forwarded always
  std::uint8_t speaker_limit = 0;   // how many of the group's voices are forwarded
};

struct Format {
  Codec codec = Codec::Other;
  std::uint8_t payload_type = 0;
  std::int16_t rtx_payload_type = kNoPayloadType;
  std::int16_t red_payload_type = kNoPayloadType;
  bool operator==(const Format&) const = default;
};

struct SubscriptionSpec {
  TransportId transport = 0;
  TrackId track = kNoTrack;
  MediaKind kind = MediaKind::Audio;
  std::uint32_t ssrc = 0;
  std::uint32_t rtx_ssrc = 0;
  std::string mid;
  std::vector<Format> formats;
  std::string cname;
  bool paused = false;
  LayerId layers = kAllLayers;  // the highest wanted
};

}  // namespace tandem
