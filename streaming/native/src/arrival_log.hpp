// Arrival times of a publisher's packets by transport-wide sequence number, until they are reported back to
// it.
#pragma once

#include <cstdint>
#include <vector>

#include "sequence.hpp"
#include "specs.hpp"
#include "transport_cc.hpp"

namespace tandem {

class ArrivalLog {
 public:
  static constexpr std::int64_t kReportIntervalNs = 50 * kMillisecond;

  void handle_packet(std::uint16_t transport_sequence_number, std::int64_t arrival_ns) noexcept;
  [[nodiscard]] bool is_due(std::int64_t now_ns) const noexcept;
  // Appends one feedback packet; false when nothing is left to report (or nothing fits).
  bool write_feedback(ByteWriter& out, std::uint32_t sender_ssrc, std::uint32_t media_ssrc,
                      std::int64_t now_ns) noexcept;

 private:
  static constexpr std::size_t kCapacity = 1024;
  static constexpr std::int64_t kMaxHole = 4096;
  void sort() noexcept;

  std::vector<TransportCcArrival> arrivals_;  // whoever only receives never takes its 16 KiB
  std::size_t count_ = 0;
  SequenceUnwrapper unwrapper_;
  std::int64_t next_base_ = 0;
  std::int64_t last_report_ns_ = 0;
  bool has_base_ = false;
  std::uint8_t feedback_count_ = 0;
};

}  // namespace tandem
