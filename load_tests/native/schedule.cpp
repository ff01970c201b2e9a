#include "schedule.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace light {
namespace {

constexpr std::uint64_t kLoopGapNs = 15'000'000;  // between the last packet and the first of the next round
constexpr std::uint32_t kSmallestPayloadBytes = 28;  // room for the stamp
constexpr std::uint32_t kLargestPayloadBytes = 1200;

PacketKind kind_of(const std::string& letter) {
  if (letter == "v") {
    return PacketKind::kVoice;
  }
  if (letter != "d" && letter != "k") {
    throw std::runtime_error("unknown packet kind in the trace: " + letter);
  }
  return letter == "k" ? PacketKind::kKeyframe : PacketKind::kDelta;
}

}  // namespace

std::vector<PlannedPacket> read_trace(const std::string& path) {
  std::ifstream file(path);
  std::vector<PlannedPacket> packets;
  std::uint64_t at_ns = 0;
  bool is_frame_start = true;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#' || line[0] == 'g') {
      continue;
    }
    std::istringstream fields(line);
    std::string gap_us;
    std::string kind;
    std::string payload_bytes;
    std::string marker;
    std::getline(fields, gap_us, ',');
    std::getline(fields, kind, ',');
    std::getline(fields, payload_bytes, ',');
    std::getline(fields, marker, ',');
    at_ns += std::stoull(gap_us) * 1000;
    const auto bytes = static_cast<std::uint32_t>(std::stoul(payload_bytes));
    PlannedPacket packet{.at_ns = at_ns,
                         .kind = kind_of(kind),
                         .payload_bytes = std::clamp(bytes, kSmallestPayloadBytes, kLargestPayloadBytes),
                         .marker = marker == "1"};
    if (packet.kind != PacketKind::kVoice) {
      packet.is_frame_start = is_frame_start;
      is_frame_start = packet.marker;
    }
    packets.push_back(packet);
  }
  if (std::none_of(packets.begin(), packets.end(),
                   [](const PlannedPacket& packet) { return packet.kind == PacketKind::kKeyframe; })) {
    throw std::runtime_error("no trace with a keyframe: " + path);
  }
  return packets;
}

Schedule::Schedule(std::vector<PlannedPacket> trace, std::uint64_t start_ns)
    : trace_(std::move(trace)), base_ns_(start_ns) {
  for (const PlannedPacket& packet : trace_) {
    if (packet.kind != PacketKind::kKeyframe || (keyframe_.empty() && !packet.is_frame_start)) {
      continue;
    }
    keyframe_.push_back(packet);
    if (packet.marker) {
      break;
    }
  }
  const std::uint64_t begin_ns = keyframe_.front().at_ns;
  for (PlannedPacket& packet : keyframe_) {
    packet.at_ns -= begin_ns;
  }
  fill();
}

void Schedule::pop() {
  waiting_.pop();
  fill();
}

// What waits reaches at least as far as the trace's cursor, so that nothing overtakes.
void Schedule::fill() {
  while (waiting_.empty() || base_ns_ + trace_[cursor_].at_ns <= waiting_.top().at_ns) {
    PlannedPacket packet = trace_[cursor_];
    packet.at_ns += base_ns_;
    if (++cursor_ == trace_.size()) {
      cursor_ = 0;
      base_ns_ = packet.at_ns + kLoopGapNs;
    }
    if (packet.kind == PacketKind::kVoice) {
      waiting_.push(packet);
      continue;
    }
    if (packet.is_frame_start) {
      is_skipping_frame_ = wants_keyframe_ && packet.kind == PacketKind::kDelta;
      if (is_skipping_frame_) {
        put_in_keyframe(packet.at_ns);
      }
      wants_keyframe_ = false;
    }
    if (!is_skipping_frame_) {
      put_video(packet);
    }
  }
}

void Schedule::put_in_keyframe(std::uint64_t at_ns) {
  for (PlannedPacket packet : keyframe_) {
    packet.at_ns += at_ns;
    put_video(packet);
  }
}

// Pictures do not overlap, even where a keyframe takes longer than the frame in whose place it stands.
void Schedule::put_video(PlannedPacket packet) {
  packet.at_ns = std::max(packet.at_ns, last_video_ns_ + 1000);
  last_video_ns_ = packet.at_ns;
  waiting_.push(packet);
}

}  // namespace light
