// Of many open microphones of one lesson the loudest few, by the levels that packets carry (RFC 6464).
//
// A voice is taken as loud as the quieter of its last two packets: a click of one packet is nobody speaking,
// and a word is in with its second packet. From its last peak a voice counts as that loud for kHoldNs, the
// pause between two words, and then fades. Who is not heard takes the place of the weakest when it is louder
// by kMarginDb, so that equals do not take turns; the silent take nobody's place. A free place is anybody's.
//
// Pure: time comes in. A group and its voices are one thread's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace tandem {

class ActiveSpeakers;

// A microphone. Outside a group it is always heard.
class Speaker {
 public:
  Speaker() = default;
  Speaker(const Speaker&) = delete;
  Speaker& operator=(const Speaker&) = delete;
  ~Speaker() { join(nullptr); }

  // Into another group, or, by null, out of any.
  void join(std::shared_ptr<ActiveSpeakers> group) noexcept;
  [[nodiscard]] bool competes() const noexcept { return group_ != nullptr; }
  [[nodiscard]] bool is_heard() const noexcept { return !competes() || is_heard_; }

  // Of a voice that competes: a packet came. `minus_dbov`: its level, 127 for silence; none: it says nothing.
  void handle_packet(std::optional<std::uint8_t> minus_dbov, std::int64_t now_ns);
  // Its place is free for others.
  void step_back() noexcept;

 private:
  friend class ActiveSpeakers;
  // In dB over silence.
  [[nodiscard]] std::int64_t loudness(std::int64_t now_ns) const noexcept;

  std::shared_ptr<ActiveSpeakers> group_;
  bool is_heard_ = false;
  std::int64_t last_db_ = 0;
  std::int64_t peak_db_ = 0;
  std::int64_t peak_ns_ = 0;
};

class ActiveSpeakers {
 public:
  static constexpr std::int64_t kHoldNs = 400'000'000;
  static constexpr std::int64_t kFadeDbPerSecond = 60;
  static constexpr std::int64_t kMarginDb = 6;
  // A publisher that gives no levels: quieter than speech, louder than a room.
  static constexpr std::uint8_t kUnknownMinusDbov = 50;

  void set_limit(std::size_t limit) noexcept;

 private:
  friend class Speaker;
  void challenge(Speaker& voice, std::int64_t sure_db, std::int64_t now_ns);
  void remove(Speaker& voice) noexcept;

  std::size_t limit_ = 0;
  std::vector<Speaker*> heard_;
};

}  // namespace tandem
