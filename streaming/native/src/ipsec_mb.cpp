#include "ipsec_mb.hpp"

#include <dlfcn.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

namespace tandem {

namespace {

constexpr unsigned kMajorMinorShift = 8;
constexpr const char* kLibraryName = "libIPSec_MB.so.1";

// The few entry points; all else goes through the manager's own table.
struct Library {
  decltype(&imb_get_version) version = nullptr;
  decltype(&alloc_mb_mgr) alloc = nullptr;
  decltype(&free_mb_mgr) free = nullptr;
  decltype(&init_mb_mgr_auto) init_auto = nullptr;
  decltype(&init_mb_mgr_sse) init_sse = nullptr;
  std::string refusal;  // empty: usable
};

std::string version_text(unsigned version) {
  return std::to_string(version >> 16U) + "." + std::to_string((version >> 8U) & 0xFFU);
}

template <typename Function>
bool find(void* library, const char* name, Function& function) noexcept {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

Library load_library() {
  Library library;
  // Never closed: ciphers call into it as long as the process lives.
  void* const handle = ::dlopen(kLibraryName, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    library.refusal = std::string(kLibraryName) + " is not installed: install libipsec-mb1";
    return library;
  }
  const bool complete =
      find(handle, "imb_get_version", library.version) && find(handle, "alloc_mb_mgr", library.alloc) &&
      find(handle, "free_mb_mgr", library.free) && find(handle, "init_mb_mgr_auto", library.init_auto) &&
      find(handle, "init_mb_mgr_sse", library.init_sse);
  if (!complete) {
    library.refusal = std::string(kLibraryName) + " is not the one that the build knew";
    return library;
  }
  // The manager is a table of functions whose order changes between minor versions.
  if (library.version() >> kMajorMinorShift != IMB_VERSION_NUM >> kMajorMinorShift) {
    library.refusal = "libipsec-mb is version " + version_text(library.version()) + ", built for " +
                      version_text(IMB_VERSION_NUM) + ": install libipsec-mb-dev and build again";
  }
  return library;
}

const Library& library() {
  static const Library kLibrary = load_library();
  return kLibrary;
}

std::size_t lanes_of(const IMB_MGR& manager) noexcept {
  constexpr std::size_t kWidestLanes = 16;
  switch (manager.used_arch) {
    case IMB_ARCH_AVX512:
      return kWidestLanes;
    case IMB_ARCH_AVX2:
      return kWidestLanes / 2;
    default:
      return kWidestLanes / 4;
  }
}

const char* architecture(const IMB_MGR& manager) noexcept {
  switch (manager.used_arch) {
    case IMB_ARCH_AVX512:
      return "AVX512";
    case IMB_ARCH_AVX2:
      return "AVX2";
    case IMB_ARCH_AVX:
      return "AVX";
    default:
      return "SSE";
  }
}

}  // namespace

IpsecMb::IpsecMb(Manager wide, Manager narrow, unsigned version)
    : wide_(std::move(wide)), narrow_(std::move(narrow)), lanes_(lanes_of(*wide_)), version_(version) {}

std::shared_ptr<IpsecMb> IpsecMb::open(std::string& reason) {
  const Library& functions = library();
  if (!functions.refusal.empty()) {
    reason = functions.refusal;
    return nullptr;
  }
  const auto allocate = [&] { return Manager(functions.alloc(0), {.free = functions.free}); };
  Manager wide = allocate();
  if (wide == nullptr) {
    reason = "libipsec-mb got no memory";
    return nullptr;
  }
  functions.init_auto(wide.get(), nullptr);
  if (wide->imb_errno != 0) {
    reason = "libipsec-mb failed its self-test";
    return nullptr;
  }
  if ((wide->features & IMB_FEATURE_AESNI) == 0) {
    reason = "the CPU has no AES instructions";
    return nullptr;
  }
  Manager narrow(nullptr, {.free = functions.free});
  if ((wide->features & IMB_FEATURE_SHANI) != 0) {
    narrow = allocate();
    if (narrow != nullptr) {
      functions.init_sse(narrow.get());
      if (narrow->imb_errno != 0) {
        narrow.reset();
      }
    }
  }
  return std::make_shared<IpsecMb>(std::move(wide), std::move(narrow), functions.version());
}

std::string IpsecMb::name() const {
  return "ipsec-mb " + version_text(version_) + " (" + architecture(*wide_) + ")";
}

HmacStates IpsecMb::hmac_states(Bytes key) const noexcept {
  constexpr std::uint8_t kInnerByte = 0x36;
  constexpr std::uint8_t kOuterByte = 0x5C;
  std::array<std::uint8_t, IMB_SHA1_BLOCK_SIZE> block{};
  const auto state_after = [&](std::uint8_t pad) {
    std::ranges::fill(block, pad);
    for (std::size_t i = 0; i < std::min(key.size(), block.size()); ++i) {
      block[i] ^= key[i];
    }
    std::array<std::uint32_t, 5> state{};
    wide_->sha1_one_block(block.data(), state.data());
    return state;
  };
  const HmacStates states{.inner = state_after(kInnerByte), .outer = state_after(kOuterByte)};
  OPENSSL_cleanse(block.data(), block.size());
  return states;
}

bool IpsecMb::run_counter_mode(const void* key, const CounterBlock& first, Bytes in,
                               MutableBytes out) noexcept {
  if (in.empty()) {
    return true;
  }
  IMB_JOB job{};
  job.enc_keys = key;
  job.key_len_in_bytes = IMB_KEY_128_BYTES;
  job.src = in.data();
  job.dst = out.data();
  job.msg_len_to_cipher_in_bytes = in.size();
  job.iv = first.data();
  job.iv_len_in_bytes = first.size();
  job.cipher_mode = IMB_CIPHER_CNTR;
  job.cipher_direction = IMB_DIR_ENCRYPT;
  job.hash_alg = IMB_AUTH_NULL;
  job.chain_order = IMB_ORDER_CIPHER_HASH;
  return wide_->submit_cipher_burst_nocheck(wide_.get(), &job, 1, IMB_CIPHER_CNTR, IMB_DIR_ENCRYPT,
                                            IMB_KEY_128_BYTES) == 1;
}

void IpsecMb::set_hmac_job(IMB_JOB& job, const HmacStates& states, Bytes message,
                           std::array<std::uint8_t, kSha1DigestBytes>& digest) noexcept {
  job.src = message.data();
  job.msg_len_to_hash_in_bytes = message.size();
  job.auth_tag_output = digest.data();
  job.auth_tag_output_len_in_bytes = digest.size();
  job.u.HMAC._hashed_auth_key_xor_ipad = reinterpret_cast<const std::uint8_t*>(states.inner.data());
  job.u.HMAC._hashed_auth_key_xor_opad = reinterpret_cast<const std::uint8_t*>(states.outer.data());
  job.cipher_mode = IMB_CIPHER_NULL;
  job.hash_alg = IMB_AUTH_HMAC_SHA_1;
  job.chain_order = IMB_ORDER_HASH_CIPHER;
  job.status = IMB_STATUS_BEING_PROCESSED;
}

bool IpsecMb::run_hmac(std::span<IMB_JOB> jobs) noexcept {
  // Wide lanes cost the same full or not: filled by less than this share, two narrow streams are done before.
  const bool remainder_is_wide = 8 * (jobs.size() % lanes_) > 5 * lanes_;
  const std::size_t wide_jobs =
      narrow_ == nullptr || remainder_is_wide ? jobs.size() : jobs.size() - jobs.size() % lanes_;
  const auto run = [](IMB_MGR* manager, std::span<IMB_JOB> burst) {
    return burst.empty() ||
           manager->submit_hash_burst_nocheck(manager, burst.data(), static_cast<std::uint32_t>(burst.size()),
                                              IMB_AUTH_HMAC_SHA_1) == burst.size();
  };
  const bool wide_done = run(wide_.get(), jobs.first(wide_jobs));
  return run(narrow_.get(), jobs.subspan(wide_jobs)) && wide_done;
}

}  // namespace tandem
