#include "handover.hpp"

namespace tandem {

namespace {
constexpr std::int64_t kSweepIntervalNs = 1 * kSecond;
}

void Handover::set_routes(TransportId transport, WorkerIndex worker, const std::vector<std::string>& ufrags) {
  remove_routes(transport);
  for (const std::string& ufrag : ufrags) {
    ufrags_[ufrag] = {.transport = transport, .worker = worker};
  }
  ufrags_of_[transport] = ufrags;
}

void Handover::remove_routes(TransportId transport) {
  const auto known = ufrags_of_.find(transport);
  if (known == ufrags_of_.end()) {
    return;
  }
  for (const std::string& ufrag : known->second) {
    const auto route = ufrags_.find(ufrag);
    if (route != ufrags_.end() && route->second.transport == transport) {
      ufrags_.erase(route);
    }
  }
  ufrags_of_.erase(known);
}

bool Handover::make_room(std::int64_t now_ns) {
  if (paths_.size() < kMaxPaths) {
    return true;
  }
  if (now_ns - swept_ns_ < kSweepIntervalNs) {
    return false;
  }
  swept_ns_ = now_ns;
  std::erase_if(paths_, [&](const auto& entry) { return now_ns - entry.second.last_used_ns >= kUnusedNs; });
  return paths_.size() < kMaxPaths;
}

void Handover::learn(const Path& path, WorkerIndex worker, std::int64_t now_ns) {
  if (const auto known = paths_.find(path); known != paths_.end()) {
    if (known->second.worker != worker && neighbours_ != nullptr) {
      hand_over(*neighbours_, known->second.worker, PathTaken{.path = path});
    }
    known->second = {.worker = worker, .last_used_ns = now_ns};
  } else if (make_room(now_ns)) {
    paths_.emplace(path, ForeignPath{.worker = worker, .last_used_ns = now_ns});
  }
}

void Handover::claim(const Path& path) {
  if (paths_.empty() || is_final_) {
    return;
  }
  if (const auto known = paths_.find(path); known != paths_.end()) {
    hand_over(*neighbours_, known->second.worker, PathTaken{.path = path});
    paths_.erase(known);
  }
}

void Handover::announce(const Path& path, WorkerIndex to) {
  hand_over(*neighbours_, to, PathLearned{.path = path});
}

bool Handover::pass_check(std::string_view local_ufrag, const Path& path, Bytes datagram) {
  if (is_alone() || is_final_) {
    return false;
  }
  const auto route = ufrags_.find(local_ufrag);
  if (route == ufrags_.end()) {
    return false;
  }
  send(route->second.worker, path, datagram);
  return true;
}

bool Handover::pass(const Path& path, Bytes datagram, std::int64_t now_ns) {
  if (is_alone() || is_final_) {
    return false;
  }
  const auto known = paths_.find(path);
  if (known == paths_.end()) {
    return false;
  }
  known->second.last_used_ns = now_ns;
  send(known->second.worker, path, datagram);
  return true;
}

void Handover::send(WorkerIndex to, const Path& path, Bytes datagram) {
  const bool fits = hand_over(*neighbours_, to, HandedDatagram{.path = path}, {datagram});
  counters_.add(fits ? Counter::HandedOver : Counter::DropHandoverFull);
}

}  // namespace tandem
