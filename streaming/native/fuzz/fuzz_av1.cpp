#include "av1.hpp"
#include "codec.hpp"
#include "require.hpp"

using tandem::fuzzing::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const tandem::Bytes payload(data, size);
  const auto parsed = tandem::parse_av1(payload);
  require(tandem::starts_keyframe(tandem::Codec::Av1, payload) == (parsed && parsed->starts_keyframe()));
  const auto descriptor = tandem::parse_dependency_descriptor(payload);
  require(descriptor.has_value() == (size >= 3));
  return 0;
}
