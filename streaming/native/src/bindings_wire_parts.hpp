// Shared by the files that make up the wire layer's test face.
#pragma once

#include <nanobind/nanobind.h>

#include <string_view>
#include <vector>

#include "cursor.hpp"

namespace tandem {

using Buffer = std::vector<std::uint8_t>;
inline constexpr std::size_t kBufferBytes = 4096;

inline Bytes view(const nanobind::bytes& bytes) {
  return {static_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}
inline nanobind::bytes to_bytes(Bytes bytes) {
  return nanobind::bytes(bytes.data(), bytes.size());
}
inline nanobind::str to_str(std::string_view text) {
  return nanobind::str(text.data(), text.size());
}

void bind_srtp(nanobind::module_& wire);
void bind_rtp(nanobind::module_& wire);
void bind_codecs(nanobind::module_& wire);
void bind_rtcp(nanobind::module_& wire);
void bind_stun(nanobind::module_& wire);

}  // namespace tandem
