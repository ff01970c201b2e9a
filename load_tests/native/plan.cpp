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

  // A socket or a processor; -1 for none.
  [[nodiscard]] int optional_number(const std::string& name) const {
    const std::string value = text(name);
    return value.empty() ? -1 : std::stoi(value);
  }

  // Key, salt and authentication key in hexadecimal, back to back.
  [[nodiscard]] SessionKey key(const std::string& name) const {
    const std::string hex = text(name);
    SessionKey result;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
      result.push_back(static_cast<std::uint8_t>(std::stoul(hex.substr(i, 2), nullptr, 16)));
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
          .transport_cc_extension = words.small("transport_cc_extension"),
          .send_rtcp = words.key("send_rtcp")};
}

PublisherPlan read_publisher(const Words& words) {
  return {.association = read_association(words),
          .video_socket = static_cast<int>(words.number("video_fd")),
          .send_rtp = words.key("send_rtp"),
          .receive_rtcp = words.key("receive_rtcp"),
          .voice_ssrc = words.small("voice_ssrc"),
          .video_ssrc = words.small("video_ssrc"),
          .mid_extension = words.small("mid_extension"),
          .level_extension = words.small("level_extension"),
          .capture_path = words.text("capture")};
}

CeilingPlan read_ceiling(const Words& words) {
  return {.socket = static_cast<int>(words.number("fd")),
          .uses_ipsec_mb = words.text("crypto") == "ipsec-mb",
          .voice_payload_type = words.small("voice_type"),
          .video_payload_type = words.small("video_type")};
}

SubscriberPlan read_subscriber(const Words& words) {
  return {.association = read_association(words),
          .receive_rtp = words.key("receive_rtp"),
          .report_ssrc = words.small("report_ssrc"),
          .rtx_payload_type = words.small("rtx_type")};
}

void read_run(const Words& words, Plan& plan) {
  plan.warmup_ns = words.number("warmup_ms") * kNsPerMs;
  plan.duration_ns = words.number("duration_ms") * kNsPerMs;
  plan.check_interval_ns = words.number("check_ms") * kNsPerMs;
  plan.report_interval_ns = words.number("report_ms") * kNsPerMs;
  plan.feedback_interval_ns = words.number("feedback_ms") * kNsPerMs;
  plan.loss_permille = words.small("loss_permille");
  plan.verify_every = std::max(1U, words.small("verify_every"));
  plan.null_send_socket = words.optional_number("null_send");
  plan.null_receive_socket = words.optional_number("null_receive");
  plan.send_cpu = words.optional_number("send_cpu");
  plan.receive_cpu = words.optional_number("receive_cpu");
  plan.trace_path = words.text("trace");
}

}  // namespace

Plan read_plan(std::istream& input) {
  Plan plan;
  for (std::string line; std::getline(input, line);) {
    const Words words(line);
    if (words.kind() == "run") {
      read_run(words, plan);
    } else if (words.kind() == "publisher") {
      plan.publisher = read_publisher(words);
    } else if (words.kind() == "ceiling") {
      plan.ceiling = read_ceiling(words);
    } else if (words.kind() == "subscriber") {
      plan.subscribers.push_back(read_subscriber(words));
    } else if (!words.kind().empty()) {
      throw std::runtime_error("unknown line: " + line);
    }
  }
  if ((plan.publisher.association.socket < 0) == (plan.ceiling.socket < 0) || plan.duration_ns == 0) {
    throw std::runtime_error("the plan needs a `run` line, and a `publisher` or a `ceiling`");
  }
  return plan;
}

}  // namespace light
