#include "layer_reader.hpp"

#include <algorithm>

#include "vp8.hpp"
#include "vp9.hpp"

namespace tandem {

namespace {

void read_vp8(Bytes payload, PayloadMarks& marks) noexcept {
  const std::optional<Vp8Descriptor> vp8 = parse_vp8(payload);
  if (!vp8) {
    return;
  }
  marks.picture = vp8->numbers();
  marks.layer.is_known = vp8->has_temporal_layer;
  marks.layer.id.temporal = vp8->temporal_layer;
  marks.layer.starts_frame = vp8->starts_frame();
  marks.layer.switch_up = vp8->is_layer_sync ? LayerMark::SwitchUp::ToThis : LayerMark::SwitchUp::None;
}

void read_vp9(Bytes payload, PayloadMarks& marks) noexcept {
  const std::optional<Vp9Descriptor> vp9 = parse_vp9(payload);
  if (!vp9) {
    return;
  }
  marks.picture = vp9->numbers();
  marks.layer.is_known = vp9->has_layer_indices;
  marks.layer.id = {.spatial = vp9->spatial_layer, .temporal = vp9->temporal_layer};
  marks.layer.starts_frame = vp9->starts_frame;
  marks.layer.ends_frame = vp9->ends_frame;
  marks.layer.refers_back = vp9->is_inter_picture;
  marks.layer.switch_up = vp9->is_switching_point ? LayerMark::SwitchUp::ToHigher : LayerMark::SwitchUp::None;
}

}  // namespace

PayloadMarks LayerReader::read(Codec codec, Bytes payload, Bytes descriptor) noexcept {
  PayloadMarks marks;
  if (codec == Codec::Vp8) {
    read_vp8(payload, marks);
  } else if (codec == Codec::Vp9) {
    read_vp9(payload, marks);
  }
  if (!descriptor.empty()) {
    read_descriptor(descriptor, marks.layer);
  }
  return marks;
}

const DependencyStructure* LayerReader::structure(std::uint8_t version) const noexcept {
  const auto age = static_cast<std::uint8_t>(next_version_ - version);
  return age == 0 || age > structure_count_ ? nullptr : &structures_[version % kStructures];
}

std::optional<DependencyDescriptor> LayerReader::parse(Bytes value, std::uint8_t& version) noexcept {
  // Mostly the newest structure; a packet recovered from before the last keyframe means the one before.
  std::optional<DependencyStructure> brought;
  for (std::uint8_t age = 1; age == 1 || age <= structure_count_; ++age) {
    version = static_cast<std::uint8_t>(next_version_ - age);
    const DependencyStructure* known = structure(version);
    const std::optional<DependencyDescriptor> descriptor = parse_dependency_descriptor(value, known, brought);
    if (!descriptor) {
      continue;
    }
    if (brought && (known == nullptr || *brought != *known)) {
      version = next_version_++;
      structure_count_ = static_cast<std::uint8_t>(std::min<std::size_t>(structure_count_ + 1U, kStructures));
      structures_[version % kStructures] = *brought;
    }
    return descriptor;
  }
  return std::nullopt;
}

LayerId LayerReader::needs_of(const DependencyDescriptor& descriptor) const noexcept {
  constexpr LayerId kUnknown{.spatial = kMaxLayer + 1, .temporal = kMaxLayer + 1};
  LayerId needs;
  const FrameReferences& references = descriptor.references;
  for (std::size_t i = 0; i < references.count; ++i) {
    const auto number = static_cast<std::uint16_t>(descriptor.frame_number - references.differences[i]);
    const KnownFrame& frame = frames_[number % kFrames];
    if (!frame.is_known || frame.number != number) {
      return kUnknown;
    }
    needs.spatial = std::max(needs.spatial, frame.layer.spatial);
    needs.temporal = std::max(needs.temporal, frame.layer.temporal);
  }
  return references.is_complete ? needs : kUnknown;
}

void LayerReader::read_descriptor(Bytes value, LayerMark& mark) noexcept {
  std::uint8_t version = 0;
  const std::optional<DependencyDescriptor> descriptor = parse(value, version);
  if (!descriptor) {
    return;
  }
  const DependencyStructure& structure = structures_[version % kStructures];
  mark.is_known = true;
  mark.id = descriptor->layer;
  mark.starts_frame = descriptor->starts_frame;
  mark.ends_frame = descriptor->ends_frame;
  mark.has_descriptor = true;
  mark.structure = version;
  mark.first_template_id = structure.first_template_id;
  mark.template_count = structure.template_count;
  mark.frame_number = descriptor->frame_number;
  mark.has_structure = descriptor->has_structure;
  mark.indications = descriptor->indications;
  mark.needs = needs_of(*descriptor);
  frames_[descriptor->frame_number % kFrames] = {
      .number = descriptor->frame_number, .is_known = true, .layer = descriptor->layer};
}

}  // namespace tandem
