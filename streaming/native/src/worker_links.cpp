#include "worker_links.hpp"

#include <algorithm>

namespace tandem {

MutableBytes WorkerLinks::reserve(WorkerIndex to, HandoverKind kind, std::size_t length) {
  HandoverRing& ring = *links_[to].out;
  // A flood of datagrams leaves room for media and for what the workers have to tell each other.
  const std::size_t spare_bytes = kind == HandoverKind::Datagram ? ring.capacity_bytes() / 2 : 0;
  return ring.reserve(static_cast<std::uint32_t>(kind), length, spare_bytes);
}

void WorkerLinks::commit(WorkerIndex to) {
  links_[to].out->commit();
  links_[to].is_touched = true;
}

void WorkerLinks::wake() noexcept {
  for (Link& link : links_) {
    if (link.is_touched) {
      link.is_touched = false;
      link.bell->ring_if_asleep();
    }
  }
}

bool WorkerLinks::has_input() const noexcept {
  return std::ranges::any_of(links_,
                             [](const Link& link) { return link.in != nullptr && !link.in->is_empty(); });
}

}  // namespace tandem
