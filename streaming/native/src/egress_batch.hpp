// Outgoing datagrams of one socket, gathered into messages of equal segments for UDP_SEGMENT. Pure: no system
// calls.
//
// Invariants: the segments of a message lie back to back in the arena; all have `segment_bytes` but the last,
// which may be shorter and closes the message; messages leave in the order they were made.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "address.hpp"
#include "datagram_sink.hpp"

namespace tandem {

struct EgressMessage {
  Address destination;
  std::size_t offset = 0;
  std::size_t bytes = 0;
  std::size_t segment_bytes = 0;
  std::size_t most_bytes = 0;
  std::int64_t queued_ns = 0;
  std::uint16_t segments = 0;
  bool is_closed = false;
};

class EgressBatch {
 public:
  static constexpr std::size_t kMaxMessages = 64;
  static constexpr std::size_t kMaxSegments = 48;
  static constexpr std::size_t kMaxMessageBytes = 60'000;
  static constexpr std::size_t kArenaBytes = 512 * 1024;

  EgressBatch() : arena_(kArenaBytes) {}

  // Room for one more datagram; empty when the batch must be sent first.
  [[nodiscard]] MutableBytes reserve() noexcept;
  // `may_join`: the destination takes segmented messages. `most_bytes`: of the message that it joins, or
  // begins; one datagram may be longer.
  void commit(const Address& destination, std::size_t length, std::int64_t now_ns, bool may_join,
              std::size_t most_bytes = kMaxMessageBytes) noexcept;

  [[nodiscard]] std::span<const EgressMessage> pending() const noexcept {
    return std::span(messages_).first(count_).subspan(sent_);
  }
  [[nodiscard]] Bytes bytes(const EgressMessage& message) const noexcept {
    return Bytes(arena_).subspan(message.offset, message.bytes);
  }
  [[nodiscard]] bool is_empty() const noexcept { return sent_ == count_; }
  // Drops what was queued before `oldest_ns`. Returns the number of datagrams.
  std::size_t drop_older(std::int64_t oldest_ns) noexcept;
  // The first `count` pending messages have left, one way or another.
  void pop(std::size_t count) noexcept;

 private:
  std::vector<std::uint8_t> arena_;
  std::array<EgressMessage, kMaxMessages> messages_{};
  std::size_t used_ = 0;
  std::size_t count_ = 0;
  std::size_t sent_ = 0;
};

}  // namespace tandem
