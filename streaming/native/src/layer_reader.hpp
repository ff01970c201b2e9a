// Reads the layer marks of one track's packets, from the payload descriptor (VP8, VP9) or from the dependency
// descriptor, whose structure it keeps.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "codec.hpp"
#include "layer_mark.hpp"
#include "picture_numbers.hpp"

namespace tandem {

struct PayloadMarks {
  PictureNumbers picture;
  LayerMark layer;
};

class LayerReader {
 public:
  // `descriptor`: the value of the header extension, empty where there is none.
  [[nodiscard]] PayloadMarks read(Codec codec, Bytes payload, Bytes descriptor) noexcept;
  // Null once it has been replaced by several others.
  [[nodiscard]] const DependencyStructure* structure(std::uint8_t version) const noexcept;

 private:
  static constexpr std::size_t kStructures = 4;
  static constexpr std::size_t kFrames = 256;
  struct KnownFrame {
    std::uint16_t number = 0;
    bool is_known = false;
    LayerId layer;
  };

  void read_descriptor(Bytes value, LayerMark& mark) noexcept;
  std::optional<DependencyDescriptor> parse(Bytes value, std::uint8_t& version) noexcept;
  [[nodiscard]] LayerId needs_of(const DependencyDescriptor& descriptor) const noexcept;

  std::array<DependencyStructure, kStructures> structures_{};
  std::uint8_t next_version_ = 0;
  std::uint8_t structure_count_ = 0;
  std::array<KnownFrame, kFrames> frames_{};
};

}  // namespace tandem
