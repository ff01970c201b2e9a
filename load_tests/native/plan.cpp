#include "plan.hpp"

#include <algorithm>
#include <map>
#include <sstream>
#include <stdexcept>

namespace light {
namespace {

constexpr std::uint64_t kNsPerMs = 1'000'000;

class Words {
 public:
  explicit Words(const std::string& line) : line_(line) {
    std::istringstream stream(line);
    stream >> kind_;
    for (std::string word; stream >> word;) {
      const std::size_t equals = word.find('=');
      values_[word.substr(0, equals)] = equals == std::string::npos ? "" : word.substr(equals + 1);
    }
  }

  [[nodiscard]] const std::string& kind() const { return kind_; }

  [[nodiscard]] std::string text(const std::string& name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) {
      throw std::runtime_error("no `" + name + "` in: " + line_);
    }
    return found->second;
  }

  [[nodiscard]] std::uint64_t number(const std::string& name) const { return std::stoull(text(name)); }
  [[nodiscard]] std::uint32_t small(const std::string& name) const {
    return static_cast<std::uint32_t>(number(name));
  }

  // Key and salt in hexadecimal, back to back.
  [[nodiscard]] SessionKey key(const std::string& name) const {
    const std::string hex = text(name);
    if (hex.size() != 2 * (kKeyBytes + kSaltBytes)) {
      throw std::runtime_error("`" + name + "` is not key and salt in: " + line_);
    }
    SessionKey result;
    for (std::size_t i = 0; i < kKeyBytes + kSaltBytes; ++i) {
      const auto byte = static_cast<std::uint8_t>(std::stoul(hex.substr(2 * i, 2), nullptr, 16));
      (i < kKeyBytes ? result.key[i] : result.salt[i - kKeyBytes]) = byte;
    }
    return result;
  }

 private:
  std::string line_;
  std::string kind_;
  std::map<std::string, std::string> values_;
};

Association read_association(const Words& words) {
  return {.socket = static_cast<int>(words.number("fd")),
          .check_username = words.text("username"),
          .check_password = words.text("password"),
          .voice_payload_type = words.small("voice_type"),
          .video_payload_type = words.small("video_type"),
          .send_rtcp = words.key("send_rtcp")};
}

PublisherPlan read_publisher(const Words& words) {
  return {.association = read_association(words),
          .send_rtp = words.key("send_rtp"),
          .receive_rtcp = words.key("receive_rtcp"),
          .voice_ssrc = words.small("voice_ssrc"),
          .video_ssrc = words.small("video_ssrc"),
          .mid_extension = words.small("mid_extension"),
          .level_extension = words.small("level_extension"),
          .transport_cc_extension = words.small("transport_cc_extension"),
          .frames_per_second = std::max(1U, words.small("frames_per_second")),
          .frame_packets = words.small("frame_packets"),
          .frame_packet_bytes = std::clamp(words.small("frame_packet_bytes"), 64U, 1300U),
          .keyframe_packets = words.small("keyframe_packets"),
          .keyframe_interval_ns = words.number("keyframe_interval_ms") * kNsPerMs,
          .packet_spacing_ns = words.number("packet_spacing_us") * 1000,
          .capture_path = words.text("capture")};
}

}  // namespace

Plan read_plan(std::istream& input) {
  Plan plan;
  for (std::string line; std::getline(input, line);) {
    const Words words(line);
    if (words.kind() == "run") {
      plan.warmup_ns = words.number("warmup_ms") * kNsPerMs;
      plan.duration_ns = words.number("duration_ms") * kNsPerMs;
      plan.check_interval_ns = words.number("check_ms") * kNsPerMs;
      plan.report_interval_ns = words.number("report_ms") * kNsPerMs;
    } else if (words.kind() == "publisher") {
      plan.publisher = read_publisher(words);
    } else if (words.kind() == "subscriber") {
      plan.subscribers.push_back({.association = read_association(words),
                                  .receive_rtp = words.key("receive_rtp"),
                                  .report_ssrc = words.small("report_ssrc")});
    } else if (!words.kind().empty()) {
      throw std::runtime_error("unknown line: " + line);
    }
  }
  if (plan.publisher.association.socket < 0 || plan.duration_ns == 0) {
    throw std::runtime_error("the plan needs a `run` and a `publisher` line");
  }
  return plan;
}

}  // namespace light
