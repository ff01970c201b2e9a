#include <array>

#include "require.hpp"
#include "stun.hpp"

using namespace tandem;
using tandem::fuzzing::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto message = parse_stun({data, size});
  if (!message) {
    return 0;
  }
  require(message->bytes.size() == size);
  static_cast<void>(verify_stun_integrity(*message, "VOkJxbRl1RmTxUk/WvJxBt"));
  static_cast<void>(verify_stun_fingerprint(*message));
  static_cast<void>(stun_mapped_address(*message));
  // The sample request's own credentials, so that the fuzzer gets past the check.
  const StunVerdict verdict = judge_binding_request(*message, "evtj", "VOkJxbRl1RmTxUk/WvJxBt", "h6vY");
  std::array<std::uint8_t, kStunMaxResponseBytes> out{};
  const std::size_t answer_bytes =
      verdict == StunVerdict::Accept
          ? write_stun_success(out, message->transaction_id, StunAddress{.is_v6 = true, .port = 1}, "pwd")
          : write_stun_error(out, *message, verdict, "pwd");
  require(verdict == StunVerdict::Ignore ? answer_bytes == 0
                                         : parse_stun(Bytes(out).first(answer_bytes)).has_value());
  return 0;
}
