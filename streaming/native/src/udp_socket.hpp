// One UDP socket of the worker: bound to an advertised address, non-blocking, many datagrams a system call.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "address.hpp"
#include "counters.hpp"
#include "egress_batch.hpp"

namespace tandem {

// A text address ("192.0.2.1", "2001:db8::1", "fe80::1%eth0"); false if it is none.
bool parse_address(const std::string& text, std::uint16_t port, Address& address);
[[nodiscard]] std::string format_address(const Address& address);

struct ReceivedDatagram {
  MutableBytes bytes;
  Address remote;
  bool is_truncated = false;
};

class UdpSocket {
 public:
  static constexpr std::size_t kReceiveBatch = 64;
  static constexpr std::size_t kReceiveBytes = 2048;
  static constexpr int kKernelBufferBytes = 4 << 20;
  static constexpr std::int64_t kMaxQueueAgeNs = 100'000'000;

  // Who may be bound to the address beside this socket.
  enum class Port : std::uint8_t {
    Own,     // nobody
    Opened,  // those that join; nobody was there before
    Joined,  // with the one that opened it: the kernel spreads datagrams by a hash of the addresses
  };

  // Throws std::system_error when the address cannot be bound. `seals` (null: none) is run before each flush.
  UdpSocket(const Address& address, Counters& counters, SealBatch* seals = nullptr, Port port = Port::Own);
  ~UdpSocket();
  UdpSocket(const UdpSocket&) = delete;
  UdpSocket& operator=(const UdpSocket&) = delete;

  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] const Address& address() const noexcept { return address_; }

  // What has arrived, at most kReceiveBatch; good until the next call. Empty: nothing (more) for now.
  std::span<const ReceivedDatagram> receive() noexcept;

  [[nodiscard]] EgressBatch& batch() noexcept { return batch_; }
  // Whether messages to `destination` may be segmented by the kernel, as far as is known.
  [[nodiscard]] bool may_segment(const Address& destination) const;
  // Sends what is pending. Afterwards the batch is empty, or `is_blocked()` and waits for EPOLLOUT.
  void flush(std::int64_t now_ns);
  [[nodiscard]] bool is_blocked() const noexcept { return blocked_; }

 private:
  void open(const Address& address, Port port);
  std::size_t prepare(std::span<const EgressMessage> messages) noexcept;
  void handle_send_error(const EgressMessage& message, int error);
  void send_plainly(const EgressMessage& message);

  struct SendSlot {
    iovec vector{};
    sockaddr_in6 address{};
    alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(std::uint16_t))> control{};
  };

  int descriptor_ = -1;
  Address address_;
  Counters& counters_;
  SealBatch* seals_;
  bool blocked_ = false;
  bool kernel_segments_ = true;
  EgressBatch batch_;
  std::vector<std::uint8_t> receive_bytes_;
  std::array<iovec, kReceiveBatch> receive_vectors_{};
  std::array<sockaddr_in6, kReceiveBatch> receive_addresses_{};
  std::array<mmsghdr, kReceiveBatch> receive_headers_{};
  std::array<ReceivedDatagram, kReceiveBatch> received_{};
  std::array<SendSlot, EgressBatch::kMaxMessages> send_slots_{};
  std::array<mmsghdr, EgressBatch::kMaxMessages> send_headers_{};
  std::unordered_set<Path, PathHash> plain_destinations_;  // segmented sends failed there; bounded
};

}  // namespace tandem
