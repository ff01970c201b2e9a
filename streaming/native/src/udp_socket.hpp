// One UDP socket of the worker, bound to an advertised address: it receives, and sends many messages a system
// call.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <span>
#include <unordered_set>

#include "address.hpp"
#include "counters.hpp"
#include "egress_batch.hpp"
#include "udp_receiver.hpp"

namespace tandem {

class UdpSocket : public UdpReceiver {
 public:
  static constexpr std::int64_t kMaxQueueAgeNs = 100'000'000;

  // Throws std::system_error when the address cannot be bound. `seals` (null: none) is run before each flush.
  UdpSocket(const Address& address, Counters& counters, SealBatch* seals = nullptr, Port port = Port::Own);

  [[nodiscard]] EgressBatch& batch() noexcept { return batch_; }
  // Whether messages to `destination` may be segmented by the kernel, as far as is known.
  [[nodiscard]] bool may_segment(const Address& destination) const;
  // Sends what is pending. Afterwards the batch is empty, or `is_blocked()` and waits for EPOLLOUT.
  void flush(std::int64_t now_ns);
  [[nodiscard]] bool is_blocked() const noexcept { return blocked_; }

 private:
  std::size_t prepare(std::span<const EgressMessage> messages) noexcept;
  void handle_send_error(const EgressMessage& message, int error);
  void send_plainly(const EgressMessage& message);

  struct SendSlot {
    iovec vector{};
    sockaddr_in6 address{};
    alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(std::uint16_t))> control{};
  };

  Counters& counters_;
  SealBatch* seals_;
  bool blocked_ = false;
  bool kernel_segments_ = true;
  EgressBatch batch_;
  std::array<SendSlot, EgressBatch::kMaxMessages> send_slots_{};
  std::array<mmsghdr, EgressBatch::kMaxMessages> send_headers_{};
  std::unordered_set<Path, PathHash> plain_destinations_;  // segmented sends failed there; bounded
};

}  // namespace tandem
