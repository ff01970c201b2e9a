#include "codec.hpp"
#include "h264.hpp"
#include "require.hpp"

using tandem::fuzzing::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const tandem::Bytes payload(data, size);
  const auto parsed = tandem::parse_h264(payload);
  require(!parsed || !parsed->has_idr || parsed->has_slice);
  require(tandem::starts_keyframe(tandem::Codec::H264, payload) == (parsed && parsed->has_sps));
  return 0;
}
