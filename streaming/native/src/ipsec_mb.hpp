// Intel's multi-buffer library, found at run time: the header says what it looks like, `dlopen` whether it is
// here. Compiled only where the header is installed. One object per thread.
#pragma once

#include <intel-ipsec-mb.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "cursor.hpp"
#include "packet_nonce.hpp"

namespace tandem {

// A datagram is far shorter; lanes count bytes in 16 bits.
inline constexpr std::size_t kMaxSealedBytes = 4096;

// What an HMAC key comes to (RFC 2104 4): the digest's state after the inner and after the outer key block.
struct HmacStates {
  std::array<std::uint32_t, 5> inner{};
  std::array<std::uint32_t, 5> outer{};
};

class IpsecMb {
 public:
  // Two rounds of the widest lanes: what a burst hashes is still in the first cache from being encrypted.
  static constexpr std::size_t kMaxBurst = 32;
  struct ManagerFree {
    decltype(&free_mb_mgr) free = nullptr;  // the library's
    void operator()(IMB_MGR* manager) const noexcept { free(manager); }
  };
  using Manager = std::unique_ptr<IMB_MGR, ManagerFree>;

  // Null: not here, another version, or a CPU that it is no faster on. `reason` says which.
  [[nodiscard]] static std::shared_ptr<IpsecMb> open(std::string& reason);
  // `wide` uses the CPU's widest registers; `narrow` two streams of SHA instructions, which is faster while
  // few packets wait (null: the CPU has none).
  IpsecMb(Manager wide, Manager narrow, unsigned version);
  IpsecMb(const IpsecMb&) = delete;
  IpsecMb& operator=(const IpsecMb&) = delete;
  ~IpsecMb() = default;

  [[nodiscard]] std::string name() const;
  [[nodiscard]] const IMB_MGR& functions() const noexcept { return *wide_; }

  [[nodiscard]] HmacStates hmac_states(Bytes key) const noexcept;
  // AES-128 counter mode, at once; `key` as expanded by the library. `out` has the size of `in` and may be
  // it.
  [[nodiscard]] bool run_counter_mode(const void* key, const CounterBlock& first, Bytes in,
                                      MutableBytes out) noexcept;
  // Jobs that set_hmac_job has filled in: at most kMaxBurst.
  [[nodiscard]] bool run_hmac(std::span<IMB_JOB> jobs) noexcept;
  static void set_hmac_job(IMB_JOB& job, const HmacStates& states, Bytes message,
                           std::array<std::uint8_t, kSha1DigestBytes>& digest) noexcept;
  // Room to lay out one message.
  [[nodiscard]] MutableBytes scratch() noexcept { return scratch_; }
  // What GCM needs while it runs; nothing is kept in it.
  [[nodiscard]] gcm_context_data& gcm_context() noexcept { return gcm_context_; }

 private:
  Manager wide_;
  Manager narrow_;
  alignas(64) gcm_context_data gcm_context_{};
  std::size_t lanes_;
  unsigned version_;
  std::array<std::uint8_t, kMaxSealedBytes> scratch_{};
};

}  // namespace tandem
