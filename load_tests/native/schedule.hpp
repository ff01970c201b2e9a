// What the teacher sends and when: a packet trace, repeated, with a keyframe put in where one is asked for.
#pragma once

#include <cstdint>
#include <queue>
#include <string>
#include <vector>

#include "wire.hpp"

namespace light {

struct PlannedPacket {
  std::uint64_t at_ns = 0;  // since the schedule's start until `Schedule` adds it
  PacketKind kind = PacketKind::kVoice;
  std::uint32_t payload_bytes = 0;
  bool is_frame_start = false;
  bool marker = false;
};

// load_tests/trace.py has the format. Throws std::runtime_error for a file that is none or has no keyframe.
[[nodiscard]] std::vector<PlannedPacket> read_trace(const std::string& path);

class Schedule {
 public:
  Schedule(std::vector<PlannedPacket> trace, std::uint64_t start_ns);

  [[nodiscard]] const PlannedPacket& next() const { return waiting_.top(); }
  void pop();
  // The next frame that has not begun becomes a copy of the trace's first keyframe.
  void request_keyframe() { wants_keyframe_ = true; }

 private:
  struct Later {
    bool operator()(const PlannedPacket& left, const PlannedPacket& right) const {
      return left.at_ns > right.at_ns;
    }
  };
  void fill();
  void put_in_keyframe(std::uint64_t at_ns);
  void put_video(PlannedPacket packet);

  std::vector<PlannedPacket> trace_;
  std::vector<PlannedPacket> keyframe_;
  std::priority_queue<PlannedPacket, std::vector<PlannedPacket>, Later> waiting_;
  std::uint64_t base_ns_;
  std::uint64_t last_video_ns_ = 0;
  std::size_t cursor_ = 0;
  bool wants_keyframe_ = true;
  bool is_skipping_frame_ = false;
};

}  // namespace light
