// The codecs that the data plane looks into, and the one question it asks all of them.
#pragma once

#include <cstdint>

#include "cursor.hpp"

namespace tandem {

enum class Codec : std::uint8_t { Other, Opus, Vp8, Vp9, H264, Av1 };

// Whether a decoder may start with the packet that carries this payload. Always true for codecs without keyframes.
[[nodiscard]] bool starts_keyframe(Codec codec, Bytes payload) noexcept;

}  // namespace tandem
