#include "pacer.hpp"

#include <algorithm>
#include <limits>
#include <memory>

namespace tandem {

namespace {

// Of the pictures that wait, the one that has waited longest; null: none.
Subscription* longest_waiting(const Transport& transport) noexcept {
  Subscription* oldest = nullptr;
  std::int64_t since_ns = std::numeric_limits<std::int64_t>::max();
  for (Subscription* subscription : transport.subscriptions()) {
    const std::optional<std::int64_t> waiting_ns = subscription->waiting_since_ns();
    if (waiting_ns && *waiting_ns < since_ns) {
      since_ns = *waiting_ns;
      oldest = subscription;
    }
  }
  return oldest;
}

}  // namespace

void Pacer::set_rate(Transport& transport, std::int64_t bits_per_s, std::int64_t now_ns) {
  Pacing* pacing = transport.pacing();
  if (pacing != nullptr && bits_per_s != 0) {
    pacing->set_rate(bits_per_s, now_ns);
  } else if (pacing != nullptr && pacing->is_listed()) {
    pacing->lift(now_ns);
  } else if (bits_per_s == 0) {
    transport.set_pacing(nullptr);
  } else {
    transport.set_pacing(std::make_unique<Pacing>(bits_per_s, transport.statistics.sent_bytes, waiting_));
  }
}

void Pacer::probe(Transport& transport, std::int64_t bits_per_s, std::int64_t duration_ns,
                  std::int64_t now_ns) {
  Pacing* pacing = transport.pacing();
  if (pacing != nullptr && std::ranges::any_of(transport.subscriptions(), &Subscription::can_pad)) {
    pacing->probe(transport, bits_per_s, duration_ns, now_ns);
  }
}

void Pacer::forget(Transport& transport) noexcept {
  std::erase(waiting_, &transport);
  transport.set_pacing(nullptr);
}

std::int64_t Pacer::next_due_ns() const noexcept {
  std::int64_t due_ns = std::numeric_limits<std::int64_t>::max();
  for (const Transport* transport : waiting_) {
    due_ns = std::min(due_ns, transport->pacing()->due_ns());
  }
  return due_ns;
}

void Pacer::run(EgressContext& context) {
  std::size_t served = 0;
  for (std::size_t i = 0; i < waiting_.size() && served < kSlicePackets;) {
    Transport& transport = *waiting_[i];
    if (transport.pacing()->due_ns() <= context.now_ns) {
      served += serve(transport, kSlicePackets - served, context);
    }
    if (transport.pacing()->is_listed()) {
      ++i;
      continue;
    }
    if (transport.pacing()->is_lifted()) {
      transport.set_pacing(nullptr);
    }
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

std::size_t Pacer::serve(Transport& transport, std::size_t budget, EgressContext& context) {
  Pacing& pacing = *transport.pacing();
  if (pacing.is_probing() && context.now_ns >= pacing.probe_until_ns()) {
    pacing.end_probe(context.now_ns);
  }
  pacing.settle(transport, context.now_ns);
  std::size_t served = 0;
  for (; served < budget && pacing.has_room(context.now_ns); ++served) {
    if (transport.can_send() && !context.sink.has_room(transport.nominated())) {
      pacing.wait_for_socket(context.now_ns);
      return served;
    }
    if (!send_next(transport, context)) {
      return served + pad(transport, budget - served, context);
    }
    pacing.settle(transport, context.now_ns);
  }
  pacing.wait(transport, context.now_ns);
  return served;
}

bool Pacer::send_next(Transport& transport, EgressContext& context) {
  if (!transport.can_send()) {
    return false;
  }
  if (const std::optional<Pacing::Repair> repair = transport.pacing()->take_repair()) {
    if (Subscription* subscription = transport.find_subscription(repair->ssrc)) {
      subscription->repair(repair->sequence_number, tables_, context);
    }
    return true;
  }
  Subscription* subscription = longest_waiting(transport);
  if (subscription == nullptr) {
    return false;
  }
  subscription->forward_waiting(context);
  return true;
}

std::size_t Pacer::pad(Transport& transport, std::size_t budget, EgressContext& context) {
  Pacing& pacing = *transport.pacing();
  std::size_t padded = 0;
  while (padded < budget && pacing.wants_padding(context.now_ns)) {
    const bool is_sent = transport.can_send() && context.sink.has_room(transport.nominated()) &&
                         std::ranges::any_of(transport.subscriptions(),
                                             [&](Subscription* one) { return one->send_padding(context); });
    if (!is_sent) {
      pacing.end_probe(context.now_ns);
    }
    pacing.settle(transport, context.now_ns);
    ++padded;
  }
  if (pacing.is_probing()) {
    pacing.wait_for_padding();
  } else {
    pacing.rest();
  }
  return padded;
}

}  // namespace tandem
