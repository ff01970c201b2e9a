// A UDP socket bound to an address, non-blocking, and what arrives there: many datagrams a system call.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "address.hpp"
#include "cursor.hpp"

namespace tandem {

struct ReceivedDatagram {
  MutableBytes bytes;
  Address remote;
  bool is_truncated = false;
};

class UdpReceiver {
 public:
  static constexpr std::size_t kReceiveBatch = 64;
  static constexpr std::size_t kReceiveBytes = 2048;
  static constexpr int kKernelBufferBytes = 4 << 20;

  // Who may be bound to the address beside this socket.
  enum class Port : std::uint8_t {
    Own,     // nobody
    Opened,  // those that join; nobody was there before
    Joined,  // with the one that opened it: the kernel spreads datagrams (udp_steering.hpp)
  };

  // Throws std::system_error when the address cannot be bound.
  explicit UdpReceiver(const Address& address, Port port = Port::Own);
  ~UdpReceiver();
  UdpReceiver(const UdpReceiver&) = delete;
  UdpReceiver& operator=(const UdpReceiver&) = delete;

  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] const Address& address() const noexcept { return address_; }

  // What has arrived, at most kReceiveBatch; good until the next call. Empty: nothing (more) for now.
  std::span<const ReceivedDatagram> receive() noexcept;

 private:
  void open(const Address& address, Port port);

  int descriptor_ = -1;
  Address address_;
  std::vector<std::uint8_t> bytes_;
  std::array<iovec, kReceiveBatch> vectors_{};
  std::array<sockaddr_in6, kReceiveBatch> addresses_{};
  std::array<mmsghdr, kReceiveBatch> headers_{};
  std::array<ReceivedDatagram, kReceiveBatch> received_{};
};

}  // namespace tandem
