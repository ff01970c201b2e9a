// A packet is forwarded under two id maps; what comes out must parse and must carry no element twice.
#include <array>

#include "require.hpp"
#include "rtp_extension.hpp"

using namespace tandem;
using tandem::fuzzing::require;

namespace {

// Kind k has id k on the way in; on the way out kinds change places, some with ids that need two bytes.
ExtensionMap map_with_stride(unsigned stride) {
  ExtensionMap map;
  for (unsigned kind = 1; kind < kExtensionKinds; ++kind) {
    map.add(static_cast<std::uint8_t>(kind * stride), static_cast<ExtensionKind>(kind));
  }
  return map;
}

void forward(const RtpView& packet, const ExtensionMap& egress, bool allow_two_byte) {
  static const ExtensionMap kIngress = map_with_stride(1);
  std::array<std::uint8_t, 2048> out{};
  const ExtensionOverrides overrides{.mid = "12", .transport_cc = std::uint16_t{7}, .abs_send_time = 9};
  const std::size_t size = write_forwarded_header(packet, RtpHeader{.payload_type = 100}, kIngress, egress,
                                                  overrides, allow_two_byte, out);
  if (size == 0) {
    return;
  }
  const auto written = parse_rtp(Bytes(out).first(size));
  require(written.has_value());
  require(allow_two_byte || !written->has_extension ||
          written->extension_profile == kOneByteExtensionProfile);
  std::array<bool, 256> seen{};
  ExtensionIterator iterator(*written);
  for (ExtensionElement element; iterator.next(element);) {
    require(!seen[element.id] && egress.kind(element.id) != ExtensionKind::None);
    seen[element.id] = true;
  }
  require(!iterator.is_malformed());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ExtensionMap kSame = map_with_stride(1);
  static const ExtensionMap kWide = map_with_stride(3);
  const auto packet = parse_rtp({data, size});
  if (packet) {
    for (const bool allow_two_byte : {false, true}) {
      forward(*packet, kSame, allow_two_byte);
      forward(*packet, kWide, allow_two_byte);
    }
  }
  return 0;
}
