#include <array>

#include "dependency_descriptor.hpp"
#include "require.hpp"

using namespace tandem;
using tandem::fuzzing::require;

// The first byte splits the input: a keyframe's descriptor, then one that refers to it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input(data, size);
  if (input.empty()) {
    return 0;
  }
  const std::size_t first = std::min<std::size_t>(input[0], size - 1);
  const Bytes keyframe = input.subspan(1, first);
  const Bytes later = input.subspan(1 + first);
  std::optional<DependencyStructure> structure;
  if (!parse_dependency_descriptor(keyframe, nullptr, structure) || !structure) {
    return 0;
  }
  for (const Bytes value : {keyframe, later}) {
    std::optional<DependencyStructure> brought;
    const auto read = parse_dependency_descriptor(value, &*structure, brought);
    if (!read || value.size() > kMaxDescriptorBytes || (brought && *brought != *structure)) {
      continue;
    }
    std::array<std::uint8_t, kMaxDescriptorBytes + 8> out{};
    const DescriptorShift shift{
        .frame_number = 5, .template_id = 9, .states_targets = true, .active_targets = 1};
    const std::size_t length = write_dependency_descriptor(value, *structure, shift, out);
    require(length != 0);
    DependencyStructure moved = *structure;
    moved.first_template_id = static_cast<std::uint8_t>((moved.first_template_id + 9) & 0x3F);
    const auto again = parse_dependency_descriptor(Bytes(out).first(length), &moved, brought);
    require(again && again->frame_number == static_cast<std::uint16_t>(read->frame_number + 5));
    require(again->layer == read->layer && again->indications == read->indications &&
            again->references == read->references && again->active_targets == (read->active_targets & 1U));
  }
  return 0;
}
