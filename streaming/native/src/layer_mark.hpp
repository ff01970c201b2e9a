// What a packet says of its frame's place among the layers of its track: read once, at ingress, whatever the
// codec.
#pragma once

#include <cstdint>
#include <limits>

#include "dependency_descriptor.hpp"

namespace tandem {

inline constexpr std::uint8_t kMaxLayer = 7;  // spatial and temporal ids have three bits
inline constexpr LayerId kAllLayers{.spatial = kMaxLayer, .temporal = kMaxLayer};

struct LayerMark {
  // What a receiver of fewer layers may do at the frame that begins here.
  enum class SwitchUp : std::uint8_t {
    None,
    ToThis,    // take this frame's layer: it leans on the lowest temporal layer alone (VP8's Y)
    ToHigher,  // take higher temporal layers: none of what follows leans on theirs from before (VP9's U)
  };

  LayerId id;
  LayerId needs;          // with a descriptor: the highest layers among the frames that this one refers to
  bool is_known = false;  // the packet carries layer ids
  bool starts_frame = false;  // of one spatial layer
  bool ends_frame = false;
  bool refers_back = true;  // to earlier pictures (VP9's P)
  SwitchUp switch_up = SwitchUp::None;

  // With a dependency descriptor:
  bool has_descriptor = false;
  std::uint8_t structure = 0;  // which of the track's structures it was read with
  std::uint8_t first_template_id = 0;
  std::uint8_t template_count = 0;
  std::uint16_t frame_number = 0;
  bool has_structure = false;
  Indications indications;

  // An encoder that starts anew by itself, as Chromium's of H264 at a cut of scene, is described as if it
  // went on: receivers wait for the frames that the descriptor names.
  [[nodiscard]] bool may_start_keyframe() const noexcept { return !has_descriptor || has_structure; }
};

}  // namespace tandem
