// H.264 RTP payloads (RFC 6184): single NAL unit, STAP-A, FU-A.
#pragma once

#include <cstdint>
#include <optional>

#include "cursor.hpp"

namespace tandem {

// What NAL units begin in one packet's payload.
struct H264Payload {
  bool has_sps = false;
  bool has_pps = false;
  bool has_idr = false;         // an IDR slice begins here
  bool has_slice = false;       // any coded slice begins here
  bool is_fragment = false;     // FU-A
  bool starts_nal_unit = true;  // false in the later fragments of a FU-A
  bool ends_nal_unit = true;    // false in all but the last fragment

  // SPS, PPS and IDR may travel in separate packets of one timestamp: a keyframe starts at the SPS. An IDR
  // without one continues an access unit whose SPS came before, or repeats parameters that the receiver must
  // already have.
  [[nodiscard]] bool starts_keyframe() const noexcept { return has_sps; }
};

[[nodiscard]] std::optional<H264Payload> parse_h264(Bytes payload) noexcept;

}  // namespace tandem
