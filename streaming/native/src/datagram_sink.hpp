// Where the core puts outgoing datagrams: sockets in the worker, a list in tests.
#pragma once

#include "address.hpp"
#include "cursor.hpp"
#include "seal_batch.hpp"

namespace tandem {

// What is sent is at most this long; a buffer of this size holds any packet that came in 2 KB plus what SRTP
// adds.
inline constexpr std::size_t kEgressSlotBytes = 2304;
// Datagrams whose size is ours to choose (RTCP, STUN).
inline constexpr std::size_t kMaxOwnDatagramBytes = 1232;

class DatagramSink {
 public:
  DatagramSink() = default;
  DatagramSink(const DatagramSink&) = delete;
  DatagramSink& operator=(const DatagramSink&) = delete;
  virtual ~DatagramSink() = default;

  // kEgressSlotBytes for the next datagram to `path`, good until the next call; empty when there is no room
  // (counted).
  [[nodiscard]] virtual MutableBytes reserve(const Path& path) = 0;
  // Sends the first `length` bytes of what was reserved last. Without it the reservation lapses.
  virtual void commit(std::size_t length) = 0;
  // What is committed next joins a message only if that holds at most `bytes` then, and nothing makes it
  // longer: to a slow seat a long one would be a burst.
  virtual void limit_message(std::size_t bytes) noexcept { static_cast<void>(bytes); }
  // Whether what can wait should be written now; false while the socket is blocked.
  [[nodiscard]] virtual bool has_room(const Path& path) {
    static_cast<void>(path);
    return true;
  }
  // Runs before anything that was committed leaves, so that tags may be left to it; null: what is committed
  // must be complete.
  [[nodiscard]] virtual SealBatch* seal_batch() noexcept { return nullptr; }
};

}  // namespace tandem
