#include "av1.hpp"
#include "codec.hpp"
#include "require.hpp"

using tandem::fuzzing::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const tandem::Bytes payload(data, size);
  const auto parsed = tandem::parse_av1(payload);
  require(tandem::starts_keyframe(tandem::Codec::Av1, payload) == (parsed && parsed->starts_keyframe()));
  return 0;
}
