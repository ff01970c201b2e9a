// What this process is told on standard input: one line each of `run` and of `publisher` or `ceiling`, and
// any number of `subscriber`, with key=value words. Sockets are inherited; but for the ceiling's they are
// connected.
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
  std::uint32_t transport_cc_extension = 0;  // 0: not negotiated
  SessionKey send_rtcp;
};

struct SubscriberPlan {
  Association association;
  SessionKey receive_rtp;
  std::uint32_t report_ssrc = 0;
  std::uint32_t rtx_payload_type = 0;  // of the picture; 0: not negotiated
};

struct PublisherPlan {
  Association association;
  int video_socket = -1;  // the association's, unless the server wants the picture elsewhere
  SessionKey send_rtp;
  SessionKey receive_rtcp;
  std::uint32_t voice_ssrc = 0;
  std::uint32_t video_ssrc = 0;
  std::uint32_t mid_extension = 0;  // 0: not negotiated
  std::uint32_t level_extension = 0;
  std::string capture_path;  // "": none; else the protected packets, each behind a 16-bit length
};

// The bare sending loop: no server, the subscribers' keys and addresses are known.
struct CeilingPlan {
  int socket = -1;
  bool uses_ipsec_mb = false;
  std::uint32_t voice_payload_type = 0;
  std::uint32_t video_payload_type = 0;
};

struct Plan {
  std::uint64_t warmup_ns = 0;
  std::uint64_t duration_ns = 0;
  std::uint64_t check_interval_ns = 0;  // 0: never, as with the others
  std::uint64_t report_interval_ns = 0;
  std::uint64_t feedback_interval_ns = 0;  // transport-cc
  std::uint32_t loss_permille = 0;         // of the packets that come, each subscriber takes so many for lost
  std::uint32_t verify_every = 1;          // packets of a stream of which one is opened and authenticated
  int null_send_socket = -1;               // the null path: straight from the teacher to the sinks
  int null_receive_socket = -1;
  int send_cpu = -1;  // -1: any
  int receive_cpu = -1;
  std::string trace_path;
  PublisherPlan publisher;
  CeilingPlan ceiling;
  std::vector<SubscriberPlan> subscribers;
};

// Throws std::runtime_error that names the line and the word.
[[nodiscard]] Plan read_plan(std::istream& input);

}  // namespace light
