// What this process is told on standard input: one line each of `run`, `publisher`, and any number of
// `subscriber`, with key=value words. Sockets are inherited, already connected to the server's media address.
#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <vector>

#include "seal.hpp"

namespace light {

struct Association {
  int socket = -1;
  std::string check_username;
  std::string check_password;
  std::uint32_t voice_payload_type = 0;
  std::uint32_t video_payload_type = 0;
  SessionKey send_rtcp;
};

struct SubscriberPlan {
  Association association;
  SessionKey receive_rtp;
  std::uint32_t report_ssrc = 0;
};

struct PublisherPlan {
  Association association;
  SessionKey send_rtp;
  SessionKey receive_rtcp;
  std::uint32_t voice_ssrc = 0;
  std::uint32_t video_ssrc = 0;
  std::uint32_t mid_extension = 0;  // 0: not negotiated
  std::uint32_t level_extension = 0;
  std::uint32_t transport_cc_extension = 0;
  std::uint32_t frames_per_second = 30;
  std::uint32_t frame_packets = 5;
  std::uint32_t frame_packet_bytes = 1185;  // of all but a frame's last, which has one more: as Chromium does
  std::uint32_t keyframe_packets = 25;
  std::uint64_t keyframe_interval_ns = 0;
  std::uint64_t packet_spacing_ns = 100'000;
  std::string capture_path;  // "": none; else the protected packets, each behind a 16-bit length
};

struct Plan {
  std::uint64_t warmup_ns = 0;
  std::uint64_t duration_ns = 0;
  std::uint64_t check_interval_ns = 4'000'000'000;
  std::uint64_t report_interval_ns = 1'000'000'000;
  PublisherPlan publisher;
  std::vector<SubscriberPlan> subscribers;
};

// Throws std::runtime_error that names the line and the word.
[[nodiscard]] Plan read_plan(std::istream& input);

}  // namespace light
