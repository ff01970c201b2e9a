// The dependency descriptor, a header extension that tells how frames depend on each other (AV1 RTP payload
// format 1.0, appendix A). It goes with any codec.
//
// A keyframe's first packet brings the structure (templates, decode targets); the others refer to it.
// Worked example:  c5 0102   starts and ends a frame, template 5, frame number 258.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "cursor.hpp"

namespace tandem {

inline constexpr std::size_t kMaxDecodeTargets = 32;
inline constexpr std::size_t kMaxTemplates = 64;
inline constexpr std::size_t kMaxDescriptorBytes = 255;  // of a two-byte header extension

// What a frame is to a decode target (A.8.3.4), two bits each.
enum class Indication : std::uint8_t { NotPresent = 0, Discardable = 1, Switch = 2, Required = 3 };

// The indications of up to 32 decode targets, target 0 in the lowest two bits.
class Indications {
 public:
  [[nodiscard]] constexpr Indication of(std::size_t target) const noexcept {
    return static_cast<Indication>((bits_ >> (2 * target)) & 3U);
  }
  constexpr void set(std::size_t target, Indication indication) noexcept {
    bits_ &= ~(std::uint64_t{3} << (2 * target));
    bits_ |= static_cast<std::uint64_t>(indication) << (2 * target);
  }
  constexpr bool operator==(const Indications&) const = default;

 private:
  std::uint64_t bits_ = 0;
};

struct LayerId {
  std::uint8_t spatial = 0;
  std::uint8_t temporal = 0;
  constexpr bool operator==(const LayerId&) const = default;
  [[nodiscard]] constexpr bool within(LayerId limit) const noexcept {
    return spatial <= limit.spatial && temporal <= limit.temporal;
  }
};

// Which frames one refers to: how many frame numbers back each is.
struct FrameReferences {
  static constexpr std::size_t kMax = 8;
  std::array<std::uint16_t, kMax> differences{};
  std::uint8_t count = 0;
  bool is_complete = true;  // false: there are more than fit

  void add(std::uint16_t difference) noexcept {
    if (count == kMax) {
      is_complete = false;
    } else {
      differences[count++] = difference;
    }
  }
  bool operator==(const FrameReferences&) const = default;
};

struct FrameTemplate {
  LayerId layer;
  Indications indications;
  FrameReferences references;
  bool operator==(const FrameTemplate&) const = default;
};

struct DependencyStructure {
  std::uint8_t first_template_id = 0;
  std::uint8_t template_count = 0;
  std::uint8_t target_count = 0;
  std::uint8_t chain_count = 0;
  std::array<FrameTemplate, kMaxTemplates> templates{};
  std::array<LayerId, kMaxDecodeTargets> targets{};  // the highest layers that belong to each
  bool operator==(const DependencyStructure&) const = default;

  // The decode targets within `limit`, as a bitmask.
  [[nodiscard]] std::uint32_t targets_within(LayerId limit) const noexcept;
  // The highest of them; 0 if there is none.
  [[nodiscard]] std::size_t best_target(LayerId limit) const noexcept;
};

struct DependencyDescriptor {
  bool starts_frame = false;
  bool ends_frame = false;
  std::uint8_t template_id = 0;
  std::uint16_t frame_number = 0;
  bool has_structure = false;  // template_dependency_structure_present_flag
  bool has_active_targets = false;
  std::uint32_t active_targets = 0;
  LayerId layer;
  Indications indications;
  FrameReferences references;
  std::size_t structure_end_bit = 0;  // where the fields behind the structure (or its place) begin
};

// Reads a descriptor by the structure in force (null: none yet), or by the one that it brings, which is put
// into `brought`. nullopt if it is cut, or means no template of its structure.
[[nodiscard]] std::optional<DependencyDescriptor> parse_dependency_descriptor(
    Bytes value, const DependencyStructure* known, std::optional<DependencyStructure>& brought) noexcept;

// How a subscriber's descriptor differs from the publisher's.
struct DescriptorShift {
  std::uint16_t frame_number = 0;  // added, modulo 2^16
  std::uint8_t template_id = 0;    // added, modulo 64; to the structure's offset as well
  bool states_targets = false;     // whether `active_targets` is written, where the publisher's allow them
  std::uint32_t active_targets = 0;
};

// Writes the descriptor with the shift applied. `structure`: the one that the descriptor was read with.
// Returns the length, 0 if it does not fit or cannot be read.
std::size_t write_dependency_descriptor(Bytes value, const DependencyStructure& structure,
                                        const DescriptorShift& shift, MutableBytes out) noexcept;

}  // namespace tandem
