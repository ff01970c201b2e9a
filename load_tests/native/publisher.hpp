// The teacher: replays a trace, each packet on its scheduled time, and puts in a keyframe where one is asked
// for.
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "ledger.hpp"
#include "plan.hpp"
#include "schedule.hpp"
#include "seal.hpp"
#include "wire.hpp"

namespace light {

class Publisher {
 public:
  Publisher(const Plan& plan, Window& window, Ledger& ledger);

  // Sends for warm-up and duration; prints `begin` and `end` on standard output as the window opens and
  // closes.
  void run();

  [[nodiscard]] std::uint64_t keyframe_requests() const { return keyframe_requests_; }
  [[nodiscard]] std::uint64_t send_failures() const { return send_failures_; }
  [[nodiscard]] std::vector<std::uint32_t>& lateness_us() { return lateness_us_; }

 private:
  struct Stream {
    std::uint32_t ssrc = 0;
    std::uint32_t payload_type = 0;
    std::uint32_t next_number = 0;
    std::uint32_t sequence_number = 0;  // extended: the upper half is the roll-over counter
    std::uint32_t octets = 0;
    std::uint32_t timestamp = 0;
  };

  void send_media(const PlannedPacket& planned);
  void send_to_null_path(const Stamp& stamp, std::size_t size);
  void capture(const std::vector<std::uint8_t>& packet);
  std::size_t write_header(Writer& out, const Stream& stream, bool marker, const std::string& mid,
                           bool has_level);
  void send_reports(std::uint64_t now_ns);
  void send(int socket, const std::vector<std::uint8_t>& datagram);
  void wait_until(std::uint64_t deadline_ns);
  void take_feedback();
  void open_window();
  void close_window();

  const Plan& plan_;
  const PublisherPlan& own_;
  Window& window_;
  Ledger& ledger_;
  std::unique_ptr<Seal> rtp_;
  std::unique_ptr<Seal> rtcp_;
  std::unique_ptr<Seal> feedback_;
  std::uint64_t start_ns_;
  Schedule schedule_;
  std::array<Stream, kStreamKinds> streams_;
  std::uint32_t rtcp_index_ = 0;
  std::uint32_t transport_cc_number_ = 0;
  std::uint32_t picture_id_ = 0x7FF0;  // wraps soon, as counters in tests do
  std::uint64_t keyframe_requests_ = 0;
  std::uint64_t send_failures_ = 0;
  std::vector<std::uint32_t> lateness_us_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> capture_;
};

}  // namespace light
