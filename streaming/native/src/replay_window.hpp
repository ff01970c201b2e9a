// Which of the last packets have been seen (RFC 3711 3.3.2). A window of 128 refuses retransmissions; this
// one holds 2,048.
#pragma once

#include <array>
#include <cstdint>

namespace tandem {

// Invariant: bit (index mod size) tells of the one index with that residue in (highest - size, highest].
class ReplayWindow {
 public:
  static constexpr std::uint64_t kSize = 2048;

  // Whether `index` is neither seen nor too old to tell.
  [[nodiscard]] bool is_fresh(std::uint64_t index) const noexcept;
  // Marks an index that was fresh; call it only after authentication.
  void mark(std::uint64_t index) noexcept;
  [[nodiscard]] std::uint64_t highest() const noexcept { return highest_; }
  [[nodiscard]] bool is_started() const noexcept { return started_; }

 private:
  static constexpr std::uint64_t kWordBits = 64;
  std::array<std::uint64_t, kSize / kWordBits> words_{};
  std::uint64_t highest_ = 0;
  bool started_ = false;
};

}  // namespace tandem
