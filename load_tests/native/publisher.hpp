// One synthetic teacher: voice every 20 ms and frames in bursts, each packet on its scheduled time.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "plan.hpp"
#include "seal.hpp"
#include "wire.hpp"

namespace light {

enum class StreamKind : std::uint8_t { kVoice = 0, kVideo = 1 };
inline constexpr std::size_t kStreamKinds = 2;

// The packets that count, by their numbers per stream: set by the publisher's thread, read by the
// subscribers'.
struct Window {
  std::array<std::atomic<std::uint32_t>, kStreamKinds> first{UINT32_MAX, UINT32_MAX};
  std::array<std::atomic<std::uint32_t>, kStreamKinds> end{UINT32_MAX, UINT32_MAX};
  std::atomic<bool> is_over{false};
};

class Publisher {
 public:
  Publisher(const Plan& plan, Window& window);

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

  void send_voice(std::uint64_t scheduled_ns);
  void send_video_packet(std::uint64_t scheduled_ns);
  void send_media(Stream& stream, Writer& packet, std::size_t header_bytes, std::uint64_t scheduled_ns);
  void start_frame(std::uint64_t scheduled_ns);
  std::size_t write_header(Writer& out, const Stream& stream, bool marker, const std::string& mid,
                           bool has_level);
  void send_reports(std::uint64_t now_ns);
  void send(const std::vector<std::uint8_t>& datagram);
  void wait_until(std::uint64_t deadline_ns);
  void take_feedback();
  void open_window();

  const Plan& plan_;
  const PublisherPlan& own_;
  Window& window_;
  Gcm rtp_;
  Gcm rtcp_;
  Gcm feedback_;
  std::array<Stream, kStreamKinds> streams_;
  std::uint32_t rtcp_index_ = 0;
  std::uint32_t transport_cc_number_ = 0;
  std::uint32_t picture_id_ = 0x7FF0;  // wraps soon, as counters in tests do
  std::uint32_t frame_packets_ = 0;
  std::uint32_t frame_position_ = 0;
  bool is_keyframe_ = false;
  bool wants_keyframe_ = true;
  std::uint64_t next_keyframe_ns_ = 0;
  std::uint64_t keyframe_requests_ = 0;
  std::uint64_t send_failures_ = 0;
  std::vector<std::uint32_t> lateness_us_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> capture_;
};

}  // namespace light
