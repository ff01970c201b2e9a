#include "codec.hpp"

#include "av1.hpp"
#include "h264.hpp"
#include "vp8.hpp"
#include "vp9.hpp"

namespace tandem {

bool starts_keyframe(Codec codec, Bytes payload) noexcept {
  switch (codec) {
    case Codec::Other:
    case Codec::Opus:
      return true;
    case Codec::Vp8: {
      const auto descriptor = parse_vp8(payload);
      return descriptor && descriptor->is_keyframe;
    }
    case Codec::Vp9: {
      const auto descriptor = parse_vp9(payload);
      return descriptor && descriptor->starts_keyframe();
    }
    case Codec::Av1: {
      const auto parsed = parse_av1(payload);
      return parsed && parsed->starts_keyframe();
    }
    case Codec::H264: {
      const auto parsed = parse_h264(payload);
      return parsed && parsed->starts_keyframe();
    }
  }
  return false;
}

}  // namespace tandem
