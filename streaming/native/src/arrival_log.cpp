#include "arrival_log.hpp"

#include <algorithm>
#include <span>

namespace tandem {

void ArrivalLog::handle_packet(std::uint16_t transport_sequence_number, std::int64_t arrival_ns) noexcept {
  if (count_ == kCapacity) {
    return;  // the publisher sends faster than 20,000 packets a second: it learns of this as loss
  }
  if (arrivals_.empty()) {
    arrivals_.resize(kCapacity);
  }
  constexpr std::int64_t kNsPerUs = 1'000;
  arrivals_[count_++] = {.sequence_number = unwrapper_.unwrap(transport_sequence_number),
                         .arrival_us = arrival_ns / kNsPerUs};
}

bool ArrivalLog::is_due(std::int64_t now_ns) const noexcept {
  return count_ != 0 && (now_ns - last_report_ns_ >= kReportIntervalNs || count_ > kCapacity / 2);
}

void ArrivalLog::sort() noexcept {
  const std::span<TransportCcArrival> all(arrivals_.data(), count_);
  std::ranges::stable_sort(all, {}, &TransportCcArrival::sequence_number);
  const auto is_repeated = [](const TransportCcArrival& one, const TransportCcArrival& next) {
    return one.sequence_number == next.sequence_number;
  };
  count_ = static_cast<std::size_t>(std::unique(all.begin(), all.end(), is_repeated) - all.begin());
}

bool ArrivalLog::write_feedback(ByteWriter& out, std::uint32_t sender_ssrc, std::uint32_t media_ssrc,
                                std::int64_t now_ns) noexcept {
  last_report_ns_ = now_ns;
  if (count_ == 0) {
    return false;
  }
  sort();
  const std::int64_t first = arrivals_[0].sequence_number;
  const bool is_continuous = has_base_ && next_base_ <= first && first - next_base_ <= kMaxHole;
  const std::span<const TransportCcArrival> pending(arrivals_.data(), count_);
  const std::size_t written = write_transport_cc(out, sender_ssrc, media_ssrc, feedback_count_,
                                                 is_continuous ? next_base_ : first, pending);
  if (written == 0) {
    count_ = 0;
    return false;
  }
  ++feedback_count_;
  next_base_ = std::max(has_base_ ? next_base_ : 0, pending[written - 1].sequence_number + 1);
  has_base_ = true;
  std::ranges::copy(pending.subspan(written), arrivals_.begin());
  count_ -= written;
  return true;
}

}  // namespace tandem
