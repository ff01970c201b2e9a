#include "require.hpp"
#include "rtp_packet.hpp"

using tandem::fuzzing::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const tandem::Bytes packet(data, size);
  const auto header_bytes = tandem::rtp_header_bytes(packet);
  const auto parsed = tandem::parse_rtp(packet);
  if (!parsed) {
    return 0;
  }
  require(header_bytes == parsed->header_bytes);
  require(parsed->header_bytes + parsed->payload.size() + parsed->padding_bytes == size);
  require(parsed->extension.size() % 4 == 0);
  return 0;
}
