// Transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01): RTPFB,
// FMT 15.
#pragma once

#include <cstdint>
#include <optional>

#include "cursor.hpp"
#include "rtcp.hpp"

namespace tandem {

inline constexpr std::int64_t kTransportCcDeltaUs = 250;
inline constexpr std::int64_t kTransportCcReferenceUs = 64'000;

// A packet that arrived. Sequence numbers are extended (see SequenceUnwrapper).
struct TransportCcArrival {
  std::int64_t sequence_number = 0;
  std::int64_t arrival_us = 0;
};

// Appends one feedback packet that covers `arrivals[0] .. arrivals[n - 1]` (sorted by sequence number, each
// once) and everything missing between them. Returns n: it is less than arrivals.size() where a delta does
// not fit 16 bits, the status count its field, or the bytes `out`; call again with the rest and the next
// `feedback_count`. 0: nothing fits. `base_sequence_number` is where the previous feedback ended + 1, so that
// losses at the border are reported; at most arrivals[0].sequence_number, and no more than 8,192 below it
// (older holes are forgotten).
std::size_t write_transport_cc(ByteWriter& out, std::uint32_t sender_ssrc, std::uint32_t media_ssrc,
                               std::uint8_t feedback_count, std::int64_t base_sequence_number,
                               std::span<const TransportCcArrival> arrivals) noexcept;

struct TransportCcHeader {
  std::uint16_t base_sequence_number = 0;
  std::uint16_t status_count = 0;
  std::uint32_t reference_time = 0;  // 24 bits, in 64 ms
  std::uint8_t feedback_count = 0;
};

struct TransportCcStatus {
  std::uint16_t sequence_number = 0;
  bool is_received = false;
  std::int64_t arrival_us = 0;  // reference time + all deltas so far; meaningful when received
};

// Walks the statuses of a feedback packet: one per sequence number from the base on.
class TransportCcIterator {
 public:
  explicit TransportCcIterator(Bytes control) noexcept;
  [[nodiscard]] const TransportCcHeader& header() const noexcept { return header_; }
  [[nodiscard]] bool next(TransportCcStatus& status) noexcept;
  [[nodiscard]] bool is_malformed() const noexcept { return malformed_; }

 private:
  [[nodiscard]] bool next_symbol(std::uint8_t& symbol) noexcept;

  TransportCcHeader header_;
  ByteReader chunks_;
  ByteReader deltas_;
  std::uint16_t reported_ = 0;
  std::uint16_t chunk_ = 0;
  std::uint16_t chunk_left_ = 0;  // symbols left in `chunk_`
  std::int64_t arrival_us_ = 0;
  bool malformed_ = false;
};

}  // namespace tandem
