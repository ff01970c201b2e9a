// Which datagrams belong to another packet worker: the kernel picks a socket of the shared port by a hash of
// the addresses, whoever owns the transport.
//
// A check is routed by its local ufrag, which the control plane tells every worker. All else is routed by
// path, which the owner tells after a check that was handed to it has authenticated. Alone, a worker hands
// nothing over.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "counters.hpp"
#include "handover_records.hpp"

namespace tandem {

class Handover {
 public:
  static constexpr std::size_t kMaxPaths = 16'384;
  static constexpr std::int64_t kUnusedNs = 30 * kSecond;

  explicit Handover(Counters& counters) noexcept : counters_(counters) {}

  void join(HandoverSink& neighbours) noexcept { neighbours_ = &neighbours; }
  [[nodiscard]] bool is_alone() const noexcept { return neighbours_ == nullptr; }

  // -- Routes --
  // The ufrags of a transport that `worker` owns; those it had before are void.
  void set_routes(TransportId transport, WorkerIndex worker, const std::vector<std::string>& ufrags);
  void remove_routes(TransportId transport);
  // `worker` says that the path is its own; whoever had it before is told.
  void learn(const Path& path, WorkerIndex worker, std::int64_t now_ns);
  // The path has become this worker's own.
  void claim(const Path& path);
  // To the worker that handed a check over: its path is ours.
  void announce(const Path& path, WorkerIndex to);
  [[nodiscard]] std::size_t path_count() const noexcept { return paths_.size(); }

  // -- Datagrams. True: it is another worker's, and its fate is told there (or it is dropped and counted). --
  bool pass_check(std::string_view local_ufrag, const Path& path, Bytes datagram);
  bool pass(const Path& path, Bytes datagram, std::int64_t now_ns);
  // What was handed to us is not handed on.
  void set_final(bool is_final) noexcept { is_final_ = is_final; }

 private:
  struct Route {
    TransportId transport = 0;
    WorkerIndex worker = 0;
  };
  struct ForeignPath {
    WorkerIndex worker = 0;
    std::int64_t last_used_ns = 0;
  };
  struct TextHash {
    using is_transparent = void;
    [[nodiscard]] std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };
  void send(WorkerIndex to, const Path& path, Bytes datagram);
  [[nodiscard]] bool make_room(std::int64_t now_ns);

  Counters& counters_;
  HandoverSink* neighbours_ = nullptr;
  bool is_final_ = false;
  std::unordered_map<std::string, Route, TextHash, std::equal_to<>> ufrags_;
  std::unordered_map<TransportId, std::vector<std::string>> ufrags_of_;
  std::unordered_map<Path, ForeignPath, PathHash> paths_;
  std::int64_t swept_ns_ = 0;
};

}  // namespace tandem
