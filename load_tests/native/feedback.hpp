// What a receiver sends back: plain RTCP packets, to be sealed by their sender.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "wire.hpp"

namespace light {

struct ReceivedStream {
  std::uint32_t ssrc = 0;     // 0: nothing came yet
  std::uint32_t highest = 0;  // extended sequence number
};

// A receiver report of all streams (RFC 3550 6.4.2) with a CNAME.
[[nodiscard]] Writer make_receiver_report(std::uint32_t own_ssrc, std::span<const ReceivedStream> streams);

// RFC 4585 6.2.1; `numbers` ascend.
[[nodiscard]] Writer make_nack(std::uint32_t own_ssrc, std::uint32_t media_ssrc,
                               std::span<const std::uint16_t> numbers);

// RFC 4585 6.3.1.
[[nodiscard]] Writer make_keyframe_request(std::uint32_t own_ssrc, std::uint32_t media_ssrc);

struct Arrival {
  std::uint16_t number = 0;  // the header extension's
  std::uint64_t at_ns = 0;
};

// draft-holmer-rmcat-transport-wide-cc-extensions-01 3.1. `arrivals` has at least one and is brought into the
// order of its numbers.
[[nodiscard]] Writer make_transport_feedback(std::uint32_t own_ssrc, std::uint32_t media_ssrc,
                                             std::uint8_t count, std::vector<Arrival>& arrivals);

}  // namespace light
