// What no server on this machine does better: header, encryption from shared plaintext, one segmented message
// a subscriber and burst. A frame leaves when its last packet is due; its packets are padded to one size.
#pragma once

#include <netinet/in.h>

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "burst_seal.hpp"
#include "ledger.hpp"
#include "plan.hpp"
#include "schedule.hpp"

namespace light {

class Ceiling {
 public:
  Ceiling(const Plan& plan, Window& window, Ledger& ledger);
  Ceiling(const Ceiling&) = delete;
  Ceiling& operator=(const Ceiling&) = delete;
  Ceiling(Ceiling&&) = delete;
  Ceiling& operator=(Ceiling&&) = delete;
  ~Ceiling();

  // As Publisher::run.
  void run();

  [[nodiscard]] std::uint64_t send_failures() const { return send_failures_; }
  [[nodiscard]] std::uint64_t window_cpu_ns() const { return window_cpu_ns_; }

 private:
  struct Sink {
    sockaddr_in address{};
    std::unique_ptr<BurstSeal> seal;
    std::uint32_t transport_cc_number = 0;
  };
  struct Stream {
    std::uint32_t ssrc = 0;
    std::uint32_t payload_type = 0;
    std::uint32_t next_number = 0;
    std::uint32_t timestamp = 0;
  };
  struct Plain {
    std::vector<std::uint8_t> payload;  // padded
    std::uint32_t sequence_number = 0;
    std::uint32_t timestamp = 0;
    std::size_t stream = 0;
    bool marker = false;
    bool is_padded = false;
  };
  struct Messages;

  void take(const PlannedPacket& planned);
  void equalize();
  void send_burst();
  std::size_t write(Sink& sink, const Plain& plain, std::uint8_t* out);
  void flush(Messages& messages);

  const Plan& plan_;
  Window& window_;
  Ledger& ledger_;
  std::uint64_t start_ns_;
  Schedule schedule_;
  std::array<Stream, kStreamKinds> streams_;
  std::vector<Sink> sinks_;
  std::vector<Plain> burst_;  // equal sizes once equalized
  std::vector<Plain> frame_;
  std::unique_ptr<Messages> messages_;
  std::uint32_t picture_id_ = 0;
  std::uint64_t send_failures_ = 0;
  std::uint64_t window_cpu_ns_ = 0;
};

}  // namespace light
