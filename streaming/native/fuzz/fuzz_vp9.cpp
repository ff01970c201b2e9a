#include "codec.hpp"
#include "require.hpp"
#include "vp9.hpp"

using tandem::fuzzing::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const tandem::Bytes payload(data, size);
  const auto descriptor = tandem::parse_vp9(payload);
  require(!descriptor || descriptor->length <= size);
  require(tandem::starts_keyframe(tandem::Codec::Vp9, payload) ==
          (descriptor && descriptor->starts_keyframe()));
  return 0;
}
