#include "dependency_descriptor.hpp"

#include <algorithm>

#include "bit_cursor.hpp"

namespace tandem {

namespace {

constexpr std::size_t kMandatoryBytes = 3;
constexpr std::size_t kMandatoryBits = 24;
constexpr std::size_t kFlagBits = 5;
constexpr std::size_t kTemplateIdBits = 6;
constexpr std::uint8_t kTemplateIdMask = 0x3F;
constexpr std::uint8_t kMaxSpatialId = 3;
constexpr std::uint8_t kMaxTemporalId = 7;

struct Flags {
  bool has_structure = false;
  bool has_active_targets = false;
  bool has_custom_indications = false;
  bool has_custom_references = false;
  bool has_custom_chains = false;
};

Flags read_flags(BitReader& reader) noexcept {
  Flags flags;
  flags.has_structure = reader.flag();
  flags.has_active_targets = reader.flag();
  flags.has_custom_indications = reader.flag();
  flags.has_custom_references = reader.flag();
  flags.has_custom_chains = reader.flag();
  return flags;
}

void read_template_layers(BitReader& reader, DependencyStructure& structure) noexcept {
  enum : std::uint8_t { kSame = 0, kNextTemporal = 1, kNextSpatial = 2, kNoMore = 3 };
  LayerId layer;
  for (;;) {
    structure.templates[structure.template_count++].layer = layer;
    const std::uint32_t next = reader.bits(2);
    if (next == kNoMore || !reader.ok()) {
      return;
    }
    if (next == kNextTemporal) {
      ++layer.temporal;
    } else if (next == kNextSpatial) {
      layer = {.spatial = static_cast<std::uint8_t>(layer.spatial + 1), .temporal = 0};
    }
    if (layer.spatial > kMaxSpatialId || layer.temporal > kMaxTemporalId ||
        structure.template_count == kMaxTemplates) {
      reader.fail();
      return;
    }
  }
}

Indications read_indications(BitReader& reader, std::size_t target_count) noexcept {
  Indications indications;
  for (std::size_t target = 0; target < target_count; ++target) {
    indications.set(target, static_cast<Indication>(reader.bits(2)));
  }
  return indications;
}

FrameReferences read_template_references(BitReader& reader) noexcept {
  constexpr std::size_t kDifferenceBits = 4;
  FrameReferences references;
  while (reader.flag()) {
    references.add(static_cast<std::uint16_t>(reader.bits(kDifferenceBits) + 1));
  }
  return references;
}

FrameReferences read_frame_references(BitReader& reader) noexcept {
  constexpr std::size_t kNibbleBits = 4;
  FrameReferences references;
  for (std::uint32_t nibbles = reader.bits(2); nibbles != 0; nibbles = reader.bits(2)) {
    references.add(static_cast<std::uint16_t>(reader.bits(kNibbleBits * nibbles) + 1));
  }
  return references;
}

void read_chains(BitReader& reader, DependencyStructure& structure) noexcept {
  constexpr std::size_t kChainDifferenceBits = 4;
  structure.chain_count =
      static_cast<std::uint8_t>(reader.non_symmetric(std::uint32_t{structure.target_count} + 1));
  if (structure.chain_count == 0) {
    return;
  }
  for (std::size_t target = 0; target < structure.target_count; ++target) {
    (void)reader.non_symmetric(structure.chain_count);
  }
  for (std::size_t i = 0; i < std::size_t{structure.template_count} * structure.chain_count; ++i) {
    (void)reader.bits(kChainDifferenceBits);
  }
}

// A.8.2, decode_target_layers(): a target reaches as high as the frames that belong to it.
void derive_target_layers(DependencyStructure& structure) noexcept {
  for (std::size_t target = 0; target < structure.target_count; ++target) {
    LayerId& highest = structure.targets[target];
    for (const FrameTemplate& one : std::span(structure.templates).first(structure.template_count)) {
      if (one.indications.of(target) != Indication::NotPresent) {
        highest.spatial = std::max(highest.spatial, one.layer.spatial);
        highest.temporal = std::max(highest.temporal, one.layer.temporal);
      }
    }
  }
}

std::optional<DependencyStructure> read_structure(BitReader& reader) noexcept {
  constexpr std::size_t kTargetCountBits = 5;
  constexpr std::size_t kResolutionBits = 32;
  DependencyStructure structure;
  structure.first_template_id = static_cast<std::uint8_t>(reader.bits(kTemplateIdBits));
  structure.target_count = static_cast<std::uint8_t>(reader.bits(kTargetCountBits) + 1);
  read_template_layers(reader, structure);
  const auto templates = std::span(structure.templates).first(structure.template_count);
  for (FrameTemplate& one : templates) {
    one.indications = read_indications(reader, structure.target_count);
  }
  for (FrameTemplate& one : templates) {
    one.references = read_template_references(reader);
  }
  read_chains(reader, structure);
  derive_target_layers(structure);
  const bool has_resolutions = reader.flag();
  if (has_resolutions && reader.ok()) {
    for (std::size_t spatial = 0; spatial <= templates.back().layer.spatial; ++spatial) {
      (void)reader.bits(kResolutionBits);
    }
  }
  return reader.ok() ? std::optional(structure) : std::nullopt;
}

// What stands behind the active decode targets: where this frame differs from its template.
void read_definition(BitReader& reader, const Flags& flags, const DependencyStructure& structure,
                     DependencyDescriptor& descriptor) noexcept {
  const auto index =
      static_cast<std::size_t>(descriptor.template_id - structure.first_template_id) & kTemplateIdMask;
  if (index >= structure.template_count) {
    reader.fail();
    return;
  }
  descriptor.layer = structure.templates[index].layer;
  descriptor.indications = flags.has_custom_indications ? read_indications(reader, structure.target_count)
                                                        : structure.templates[index].indications;
  descriptor.references =
      flags.has_custom_references ? read_frame_references(reader) : structure.templates[index].references;
  if (flags.has_custom_chains) {
    constexpr std::size_t kChainBits = 8;
    for (std::size_t chain = 0; chain < structure.chain_count; ++chain) {
      (void)reader.bits(kChainBits);
    }
  }
}

}  // namespace

std::uint32_t DependencyStructure::targets_within(LayerId limit) const noexcept {
  std::uint32_t mask = 0;
  for (std::size_t target = 0; target < target_count; ++target) {
    mask |= targets[target].within(limit) ? 1U << target : 0U;
  }
  return mask;
}

std::size_t DependencyStructure::best_target(LayerId limit) const noexcept {
  std::size_t best = 0;
  bool found = false;
  for (std::size_t target = 0; target < target_count; ++target) {
    const LayerId candidate = targets[target];
    const LayerId present = targets[best];
    const bool is_higher = candidate.spatial != present.spatial ? candidate.spatial > present.spatial
                                                                : candidate.temporal > present.temporal;
    if (candidate.within(limit) && (!found || is_higher)) {
      best = target;
      found = true;
    }
  }
  return best;
}

std::optional<DependencyDescriptor> parse_dependency_descriptor(
    Bytes value, const DependencyStructure* known, std::optional<DependencyStructure>& brought) noexcept {
  brought.reset();
  BitReader reader(value);
  DependencyDescriptor descriptor;
  descriptor.starts_frame = reader.flag();
  descriptor.ends_frame = reader.flag();
  descriptor.template_id = static_cast<std::uint8_t>(reader.bits(kTemplateIdBits));
  descriptor.frame_number = static_cast<std::uint16_t>(reader.bits(16));
  Flags flags;
  if (value.size() > kMandatoryBytes) {
    flags = read_flags(reader);
    if (flags.has_structure) {
      brought = read_structure(reader);
    }
  }
  const DependencyStructure* structure = brought ? &*brought : known;
  if (!reader.ok() || structure == nullptr) {
    return std::nullopt;
  }
  descriptor.structure_end_bit = reader.position();
  descriptor.has_structure = flags.has_structure;
  descriptor.has_active_targets = flags.has_active_targets;
  const auto all_targets = static_cast<std::uint32_t>((std::uint64_t{1} << structure->target_count) - 1);
  descriptor.active_targets = flags.has_active_targets ? reader.bits(structure->target_count) : all_targets;
  read_definition(reader, flags, *structure, descriptor);
  return reader.ok() ? std::optional(descriptor) : std::nullopt;
}

std::size_t write_dependency_descriptor(Bytes value, const DependencyStructure& structure,
                                        const DescriptorShift& shift, MutableBytes out) noexcept {
  std::optional<DependencyStructure> brought;
  const std::optional<DependencyDescriptor> descriptor =
      parse_dependency_descriptor(value, &structure, brought);
  if (!descriptor) {
    return 0;
  }
  const bool is_extended = value.size() > kMandatoryBytes;
  const bool states = shift.states_targets || descriptor->has_active_targets;
  const std::uint32_t targets =
      descriptor->active_targets & (shift.states_targets ? shift.active_targets : ~std::uint32_t{0});
  BitWriter writer(out);
  writer.copy(value, 0, 2);
  writer.bits((descriptor->template_id + shift.template_id) & kTemplateIdMask, kTemplateIdBits);
  writer.bits(static_cast<std::uint16_t>(descriptor->frame_number + shift.frame_number), 16);
  if (!is_extended && !states) {
    return writer.finish();
  }
  constexpr std::size_t kCustomFlagsBit = kMandatoryBits + 2;
  constexpr std::size_t kStructureBit = kMandatoryBits + kFlagBits;
  writer.bits(descriptor->has_structure ? 1 : 0, 1);
  writer.bits(states ? 1 : 0, 1);
  if (is_extended) {
    writer.copy(value, kCustomFlagsBit, kStructureBit);
  } else {
    writer.bits(0, kStructureBit - kCustomFlagsBit);
  }
  if (descriptor->has_structure) {
    writer.bits((structure.first_template_id + shift.template_id) & kTemplateIdMask, kTemplateIdBits);
    writer.copy(value, kStructureBit + kTemplateIdBits, descriptor->structure_end_bit);
  }
  if (states) {
    writer.bits(targets, structure.target_count);
  }
  const std::size_t rest =
      descriptor->structure_end_bit + (descriptor->has_active_targets ? structure.target_count : 0U);
  writer.copy(value, rest, value.size() * 8);
  return writer.finish();
}

}  // namespace tandem
