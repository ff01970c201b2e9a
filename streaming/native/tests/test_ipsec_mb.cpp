// Which ipsec-mb is taken, and which is not. Compiled where its header is.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "ipsec_mb.hpp"
#include "vectors.hpp"

using namespace tandem;
using tandem::testing::from_hex;

TEST_CASE(
    "ipsec-mb: a file that is not there, that is another library, or of another version is refused with "
    "advice") {
  CHECK(load_ipsec_mb("libno-such-library.so.1", IMB_VERSION_NUM).refusal ==
        "libno-such-library.so.1 is not here: install libipsec-mb1");
  CHECK(load_ipsec_mb("libc.so.6", IMB_VERSION_NUM).refusal.starts_with("libc.so.6 lacks what is needed"));
  const std::string refusal = load_ipsec_mb("libIPSec_MB.so.1", IMB_VERSION_NUM + (1U << 8U)).refusal;
  CHECK((refusal.ends_with("install libipsec-mb-dev and build again") ||
         refusal.ends_with("install libipsec-mb1")));
  // The last part of a version changes no table.
  CHECK(load_ipsec_mb("libIPSec_MB.so.1", IMB_VERSION_NUM).refusal ==
        load_ipsec_mb("libIPSec_MB.so.1", IMB_VERSION_NUM + 1).refusal);
}

TEST_CASE("ipsec-mb: HMAC-SHA1 from prepared states (RFC 2202, case 1), one job or many, wide or narrow") {
  const auto key = from_hex("0b0b0b0b 0b0b0b0b 0b0b0b0b 0b0b0b0b 0b0b0b0b");
  const auto message = from_hex("4869 2054 6865 7265");
  const auto expected = from_hex("b6173186 55057264 e28bc0b6 fb378c8e f146be00");
  for (const CpuLevel level : {CpuLevel::All, CpuLevel::Avx2, CpuLevel::Sse}) {
    std::string reason;
    const auto library = IpsecMb::open(reason, level);
    if (library == nullptr) {
      MESSAGE("not tested here: " << reason);
      continue;
    }
    const HmacStates states = library->hmac_states(key);
    for (std::size_t count = 1; count <= IpsecMb::kMaxBurst; ++count) {
      std::vector<IMB_JOB> jobs(count);
      std::vector<std::array<std::uint8_t, kSha1DigestBytes>> digests(count);
      for (std::size_t i = 0; i < count; ++i) {
        IpsecMb::set_hmac_job(jobs[i], states, message, digests[i]);
      }
      REQUIRE(library->run_hmac(jobs));
      CHECK(std::ranges::all_of(digests,
                                [&](const auto& digest) { return std::ranges::equal(digest, expected); }));
    }
  }
}
