#include "active_speakers.hpp"

#include <algorithm>
#include <utility>

namespace tandem {

namespace {

constexpr std::int64_t kSilence = 127;
constexpr std::int64_t kNsPerSecond = 1'000'000'000;

}  // namespace

void Speaker::join(std::shared_ptr<ActiveSpeakers> group) noexcept {
  if (group != group_) {
    step_back();
    group_ = std::move(group);
  }
}

void Speaker::step_back() noexcept {
  if (is_heard_) {
    group_->remove(*this);
  }
}

std::int64_t Speaker::loudness(std::int64_t now_ns) const noexcept {
  const std::int64_t fading_ns = std::max<std::int64_t>(now_ns - peak_ns_ - ActiveSpeakers::kHoldNs, 0);
  const std::int64_t faded_db =
      std::min(fading_ns, kNsPerSecond * kSilence) * ActiveSpeakers::kFadeDbPerSecond / kNsPerSecond;
  return std::max<std::int64_t>(peak_db_ - faded_db, 0);
}

void Speaker::handle_packet(std::optional<std::uint8_t> minus_dbov, std::int64_t now_ns) {
  const std::int64_t level_db =
      kSilence - std::min<std::int64_t>(minus_dbov.value_or(ActiveSpeakers::kUnknownMinusDbov), kSilence);
  const std::int64_t sure_db = std::min(level_db, last_db_);
  last_db_ = level_db;
  if (sure_db >= loudness(now_ns)) {
    peak_db_ = sure_db;
    peak_ns_ = now_ns;
  }
  if (!is_heard_) {
    group_->challenge(*this, sure_db, now_ns);
  }
}

void ActiveSpeakers::set_limit(std::size_t limit) noexcept {
  limit_ = limit;
  while (heard_.size() > limit_) {
    remove(*heard_.back());
  }
}

void ActiveSpeakers::challenge(Speaker& voice, std::int64_t sure_db, std::int64_t now_ns) {
  if (heard_.size() >= limit_) {
    const auto loudness = [now_ns](const Speaker* heard) { return heard->loudness(now_ns); };
    const auto weakest = std::ranges::min_element(heard_, {}, loudness);
    if (weakest == heard_.end() || sure_db < loudness(*weakest) + kMarginDb) {
      return;
    }
    remove(**weakest);
  }
  voice.is_heard_ = true;
  heard_.push_back(&voice);
}

void ActiveSpeakers::remove(Speaker& voice) noexcept {
  voice.is_heard_ = false;
  std::erase(heard_, &voice);
}

}  // namespace tandem
