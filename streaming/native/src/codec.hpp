// The codecs that the data plane looks into, and the one question it asks all of them.
#pragma once

#include <cstdint>

#include "cursor.hpp"

namespace tandem {

// The numbers are those of the extension module's `codec`.
enum class Codec : std::uint8_t { Other = 0, Opus = 1, Vp8 = 2, Vp9 = 3, Av1 = 4, H264 = 5 };

// Whether a decoder may start with the packet that carries this payload. Always true for codecs without
// keyframes.
[[nodiscard]] bool starts_keyframe(Codec codec, Bytes payload) noexcept;

}  // namespace tandem
