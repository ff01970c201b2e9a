#include "demux.hpp"
#include "require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto kind = tandem::classify_datagram({data, size});
  tandem::fuzzing::require(size >= 2 || kind == tandem::DatagramKind::Unknown);
  return 0;
}
