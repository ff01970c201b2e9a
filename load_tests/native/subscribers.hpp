// Many light subscribers on one thread: drain, authenticate, count by the publisher's own numbers, measure
// delay.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "plan.hpp"
#include "publisher.hpp"
#include "seal.hpp"
#include "wire.hpp"

namespace light {

struct Delays {
  std::array<std::vector<std::uint32_t>, kPacketKinds> us;  // scheduled time -> the kernel's receive time
};

struct Delivery {
  std::array<std::uint64_t, kStreamKinds> distinct{};  // packets of the window that arrived
  std::uint64_t duplicates = 0;
  std::uint64_t not_authentic = 0;
  std::uint64_t socket_overflows = 0;  // our own receive buffer: not the server's fault
  std::uint64_t reports = 0;
};

class Subscribers {
 public:
  Subscribers(const Plan& plan, const Window& window);

  // Runs until the window is over and the sockets have been silent for 300 ms.
  void run();

  [[nodiscard]] Delays& delays() { return delays_; }
  [[nodiscard]] const std::vector<Delivery>& deliveries() const { return deliveries_; }

 private:
  struct Subscriber {
    Subscriber(const SubscriberPlan& plan, std::size_t numbers);
    const SubscriberPlan& plan;
    Gcm rtp;
    Gcm rtcp;
    std::uint32_t rtcp_index = 0;
    std::array<std::uint32_t, kStreamKinds> highest{};  // extended sequence numbers
    std::array<std::uint32_t, kStreamKinds> ssrc{};
    std::array<std::vector<bool>, kStreamKinds> seen;
    std::uint32_t overflows = 0;
  };
  struct Datagram;

  void drain(std::size_t index);
  void take(std::size_t index, std::span<std::uint8_t> datagram, std::uint64_t arrived_ns);
  void count(std::size_t index, std::size_t stream, const Stamp& stamp, std::uint64_t arrived_ns);
  void send_due(std::uint64_t now_ns);
  void send_report(Subscriber& subscriber);

  const Plan& plan_;
  const Window& window_;
  std::vector<std::unique_ptr<Subscriber>> subscribers_;
  std::vector<Delivery> deliveries_;
  Delays delays_;
  std::uint64_t last_arrival_ns_ = 0;
  std::uint64_t next_slot_ns_ = 0;
  std::uint64_t slot_ = 0;
};

}  // namespace light
