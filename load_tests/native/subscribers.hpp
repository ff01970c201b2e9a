// Many light subscribers on one thread: drain, know each packet by its number, answer as a receiver does,
// measure delay. One packet in `verify_every` is opened and authenticated; between two such the sequence
// number tells which packet of the publisher's it is.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <vector>

#include "feedback.hpp"
#include "ledger.hpp"
#include "plan.hpp"
#include "seal.hpp"
#include "wire.hpp"

namespace light {

// One packet that one subscriber received on its first way.
struct Sample {
  std::uint32_t number;
  std::uint32_t subscriber;
  std::uint64_t at_ns;
};

struct Delivery {
  std::array<std::uint64_t, kStreamKinds> distinct{};  // packets of the window that arrived
  std::uint64_t recovered = 0;                         // of those: after a NACK
  std::uint64_t taken_for_lost = 0;                    // arrivals that were thrown away, as the plan wants
  std::uint64_t duplicates = 0;
  std::uint64_t not_authentic = 0;
  std::uint64_t renumbered = 0;        // an authenticated packet was not the one that its number promised
  std::uint64_t socket_overflows = 0;  // our own receive buffer: not the server's fault
  std::uint64_t reports = 0;
  std::array<std::uint64_t, kStreamKinds> longest_gap_us{};  // between two arrivals in the window
};

class Subscribers {
 public:
  Subscribers(const Plan& plan, const Window& window, Ledger& ledger);

  // Runs until the window is over and the sockets have been silent for 300 ms.
  void run();

  // By stream; those of one subscriber in the order of their arrival.
  [[nodiscard]] const std::array<std::vector<Sample>, kStreamKinds>& samples() const { return samples_; }
  [[nodiscard]] const std::vector<Delivery>& deliveries() const { return deliveries_; }

 private:
  struct Track {
    ReceivedStream received;
    std::int64_t number_shift = 0;  // publisher's number less extended sequence number
    std::uint32_t until_verified = 0;
    std::uint64_t last_arrival_ns = 0;
    std::vector<bool> seen;
    std::map<std::uint32_t, std::uint32_t> missing;  // extended sequence number -> NACKs sent
  };
  struct Subscriber {
    Subscriber(const SubscriberPlan& plan, std::size_t numbers);
    const SubscriberPlan& plan;
    std::unique_ptr<Seal> rtp;
    std::unique_ptr<Seal> rtcp;
    std::uint32_t rtcp_index = 0;
    std::array<Track, kStreamKinds> tracks;
    std::vector<Arrival> arrivals;
    std::uint32_t overflows = 0;
    std::uint8_t feedback_count = 0;
    bool has_asked_keyframe = false;
  };
  // When the next of a kind of duty falls due; subscribers take turns, evenly spread over the interval.
  struct Duty {
    std::uint64_t interval_ns = 0;
    std::uint64_t next_ns = 0;
    std::uint64_t turn = 0;
  };
  struct Datagram;
  struct Packet {
    std::span<std::uint8_t> bytes;
    std::size_t header_bytes;
    std::uint64_t arrived_ns;
  };

  void drain(std::size_t index);
  void drain_null_path();
  void take(std::size_t index, std::span<std::uint8_t> datagram, std::uint64_t arrived_ns);
  void take_media(std::size_t index, std::size_t stream, const Packet& packet);
  void take_rtx(std::size_t index, const Packet& packet);
  bool verify(std::size_t index, Track& track, const Packet& packet, std::uint32_t extended);
  void note_gap(std::size_t index, std::size_t stream, std::uint32_t extended);
  void count(std::size_t index, std::size_t stream, std::uint32_t extended, std::uint64_t arrived_ns,
             bool is_recovered);
  void send_due(std::uint64_t now_ns);
  template <typename Action>
  void take_turns(Duty& duty, std::uint64_t now_ns, Action&& action);
  void send_report(Subscriber& subscriber);
  void send_check(Subscriber& subscriber);
  void send_feedback(Subscriber& subscriber);
  void send_nacks(Subscriber& subscriber);
  void send_rtcp(Subscriber& subscriber, Writer packet);

  const Plan& plan_;
  const Window& window_;
  Ledger& ledger_;
  std::vector<std::unique_ptr<Subscriber>> subscribers_;
  std::vector<Delivery> deliveries_;
  std::array<std::vector<Sample>, kStreamKinds> samples_;
  std::uint64_t last_arrival_ns_ = 0;
  std::minstd_rand chance_{1};
  Duty reports_;
  Duty checks_;
  Duty feedback_;
  Duty nacks_;
};

}  // namespace light
