#include "pacing.hpp"

#include <algorithm>
#include <limits>

#include "transport.hpp"

namespace tandem {

namespace {

constexpr std::int64_t kBitsPerByte = 8;

}  // namespace

void LeakyBucket::set_rate(std::int64_t bits_per_s, std::int64_t now_ns) noexcept {
  // At most a second's worth is owed, so the product stays far below 2^63.
  const std::int64_t owed_bits = debt_ns(now_ns) / 1'000 * bits_per_s_ / 1'000'000;
  bits_per_s_ = bits_per_s;
  paid_until_ns_ = now_ns;
  charge(static_cast<std::uint64_t>(owed_bits / kBitsPerByte), now_ns);
}

void LeakyBucket::charge(std::uint64_t bytes, std::int64_t now_ns) noexcept {
  constexpr std::uint64_t kMostBytes = 1U << 30U;
  const auto bits = static_cast<std::int64_t>(std::min(bytes, kMostBytes)) * kBitsPerByte;
  const std::int64_t cost_ns = bits / bits_per_s_ * kSecond + bits % bits_per_s_ * kSecond / bits_per_s_;
  paid_until_ns_ = std::min(std::max(paid_until_ns_, now_ns) + cost_ns, now_ns + kMaxChargedNs);
}

std::uint64_t LeakyBucket::bytes_in(std::int64_t duration_ns) const noexcept {
  return static_cast<std::uint64_t>(bits_per_s_ / kBitsPerByte * (duration_ns / 1'000) / 1'000'000);
}

void Pacing::set_rate(std::int64_t bits_per_s, std::int64_t now_ns) noexcept {
  rate_ = bits_per_s;
  is_lifted_ = false;
  if (!is_probing() || bits_per_s >= bucket_.bits_per_s()) {
    end_probe(now_ns);
  }
}

void Pacing::lift(std::int64_t now_ns) noexcept {
  end_probe(now_ns);
  is_lifted_ = true;
  due_ns_ = now_ns;
}

void Pacing::probe(Transport& transport, std::int64_t bits_per_s, std::int64_t duration_ns,
                   std::int64_t now_ns) {
  if (is_lifted_ || bits_per_s <= rate_) {
    return;
  }
  bucket_.set_rate(bits_per_s, now_ns);
  probe_until_ns_ = now_ns + duration_ns;
  due_ns_ = now_ns;
  enlist(transport);
}

void Pacing::end_probe(std::int64_t now_ns) noexcept {
  probe_until_ns_ = 0;
  bucket_.set_rate(rate_, now_ns);
}

void Pacing::settle(const Transport& transport, std::int64_t now_ns) noexcept {
  const std::uint64_t sent = transport.statistics.sent_bytes;
  bucket_.charge(is_lifted_ ? 0 : sent - settled_bytes_, now_ns);
  settled_bytes_ = sent;
}

std::size_t Pacing::most_message_bytes() const noexcept {
  return is_lifted_ ? std::numeric_limits<std::size_t>::max() : bucket_.bytes_in(kStepNs);
}

void Pacing::enlist(Transport& transport) {
  if (!is_listed_) {
    is_listed_ = true;
    waiting_.push_back(&transport);
  }
}

void Pacing::wait(Transport& transport, std::int64_t now_ns) {
  has_backlog_ = true;
  due_ns_ = has_room(now_ns) ? now_ns : bucket_.when_owed(LeakyBucket::kMaxDebtNs - kStepNs);
  enlist(transport);
}

void Pacing::wait_for_padding() noexcept {
  has_backlog_ = false;
  due_ns_ = std::min(bucket_.when_owed(0), probe_until_ns_);
}

bool Pacing::has_repair(const Repair& repair) const noexcept {
  return std::ranges::find(repairs_, repair) != repairs_.end();
}

bool Pacing::push_repair(const Repair& repair) {
  if (repairs_.size() == kMaxRepairs) {
    return false;
  }
  repairs_.push_back(repair);
  return true;
}

std::optional<Pacing::Repair> Pacing::take_repair() noexcept {
  if (repairs_.empty()) {
    return std::nullopt;
  }
  const Repair repair = repairs_.front();
  repairs_.pop_front();
  return repair;
}

}  // namespace tandem
