#include "egress_batch.hpp"

#include <algorithm>

namespace tandem {

MutableBytes EgressBatch::reserve() noexcept {
  if (count_ == kMaxMessages || arena_.size() - used_ < kEgressSlotBytes) {
    return {};
  }
  return MutableBytes(arena_).subspan(used_, kEgressSlotBytes);
}

void EgressBatch::commit(const Address& destination, std::size_t length, std::int64_t now_ns, bool may_join,
                         std::size_t most_bytes) noexcept {
  if (count_ > sent_) {
    EgressMessage& last = messages_[count_ - 1];
    if (may_join && !last.is_closed && length <= last.segment_bytes && last.segments < kMaxSegments &&
        last.bytes + length <= std::min(last.most_bytes, most_bytes) && last.destination == destination) {
      last.bytes += length;
      last.most_bytes = std::min(last.most_bytes, most_bytes);
      last.is_closed = length < last.segment_bytes;
      ++last.segments;
      used_ += length;
      return;
    }
  }
  messages_[count_++] = {.destination = destination,
                         .offset = used_,
                         .bytes = length,
                         .segment_bytes = length,
                         .most_bytes = most_bytes,
                         .queued_ns = now_ns,
                         .segments = 1,
                         .is_closed = !may_join};
  used_ += length;
}

std::size_t EgressBatch::drop_older(std::int64_t oldest_ns) noexcept {
  std::size_t dropped = 0;
  while (!is_empty() && pending().front().queued_ns < oldest_ns) {
    dropped += pending().front().segments;
    pop(1);
  }
  return dropped;
}

void EgressBatch::pop(std::size_t count) noexcept {
  sent_ += count;
  if (sent_ == count_) {
    sent_ = 0;
    count_ = 0;
    used_ = 0;
  }
}

}  // namespace tandem
