"""The dependency descriptor (AV1 RTP payload format 1.0, appendix A): how frames depend on each other.

A keyframe's first packet brings the structure; the others refer to it.  `C1 00 06` with Chromium's L1T3
structure: starts and ends a frame, template 1 (spatial layer 0, temporal layer 0), frame number 6.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum

from streaming.rtp.cursor import BitReader

_MANDATORY_BYTES = 3
_TEMPLATE_IDS = 64
_MAX_SPATIAL_ID, _MAX_TEMPORAL_ID = 3, 7


class Indication(IntEnum):
    """What a frame is to a decode target (A.8.3.4)."""

    NOT_PRESENT = 0
    DISCARDABLE = 1
    SWITCH = 2
    REQUIRED = 3


class _NextLayer(IntEnum):
    SAME = 0
    TEMPORAL = 1
    SPATIAL = 2
    NO_MORE = 3


@dataclass(frozen=True, slots=True)
class LayerId:
    spatial: int = 0
    temporal: int = 0


@dataclass(frozen=True, slots=True)
class FrameTemplate:
    """`references`: how many frame numbers back each frame lies that this one refers to."""

    layer: LayerId
    indications: tuple[Indication, ...] = ()
    references: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class DependencyStructure:
    """`targets`: the highest layers that belong to each decode target."""

    first_template_id: int
    templates: tuple[FrameTemplate, ...]
    targets: tuple[LayerId, ...]
    chain_count: int


@dataclass(frozen=True, slots=True)
class DependencyDescriptor:
    """One packet's descriptor. `structure` is the one that it brings, `active_targets` a bitmask."""

    starts_frame: bool
    ends_frame: bool
    template_id: int
    frame_number: int
    structure: DependencyStructure | None
    has_active_targets: bool
    active_targets: int
    frame: FrameTemplate


def _layers(reader: BitReader) -> list[LayerId]:
    found: list[LayerId] = []
    layer = LayerId()
    while True:
        found.append(layer)
        step = _NextLayer(reader.read(2))
        if step is _NextLayer.NO_MORE or not reader.is_ok:
            return found
        if step is _NextLayer.TEMPORAL:
            layer = replace(layer, temporal=layer.temporal + 1)
        elif step is _NextLayer.SPATIAL:
            layer = LayerId(layer.spatial + 1)
        is_too_high = layer.spatial > _MAX_SPATIAL_ID or layer.temporal > _MAX_TEMPORAL_ID
        if is_too_high or len(found) == _TEMPLATE_IDS:
            reader.fail()
            return found


def _indications(reader: BitReader, count: int) -> tuple[Indication, ...]:
    return tuple(Indication(reader.read(2)) for _ in range(count))


def _template_references(reader: BitReader) -> tuple[int, ...]:
    found = []
    while reader.flag():
        found.append(reader.read(4) + 1)
    return tuple(found)


def _frame_references(reader: BitReader) -> tuple[int, ...]:
    found = []
    while nibbles := reader.read(2):
        found.append(reader.read(4 * nibbles) + 1)
    return tuple(found)


def _skip_chains(reader: BitReader, template_count: int, target_count: int) -> int:
    """The number of chains, which are read over."""
    count = reader.non_symmetric(target_count + 1)
    if count:
        for _ in range(target_count):
            reader.non_symmetric(count)
        reader.read(4 * template_count * count)
    return count


def _target_layer(templates: list[FrameTemplate], target: int) -> LayerId:
    present = [one.layer for one in templates if one.indications[target] is not Indication.NOT_PRESENT]
    spatial = max((layer.spatial for layer in present), default=0)
    return LayerId(spatial, max((layer.temporal for layer in present), default=0))


def _structure(reader: BitReader) -> DependencyStructure:
    first_template_id = reader.read(6)
    target_count = reader.read(5) + 1
    layers = _layers(reader)
    indications = [_indications(reader, target_count) for _ in layers]
    references = [_template_references(reader) for _ in layers]
    templates = [FrameTemplate(*fields) for fields in zip(layers, indications, references, strict=True)]
    chain_count = _skip_chains(reader, len(layers), target_count)
    if reader.flag():
        reader.read(32 * (layers[-1].spatial + 1))
    targets = tuple(_target_layer(templates, target) for target in range(target_count))
    return DependencyStructure(first_template_id, tuple(templates), targets, chain_count)


def _frame(
    reader: BitReader, structure: DependencyStructure, template_id: int, *, own: tuple[bool, bool, bool]
) -> FrameTemplate | None:
    """The template with the frame's `own` indications, references and chains instead of its."""
    index = (template_id - structure.first_template_id) % _TEMPLATE_IDS
    if index >= len(structure.templates):
        return None
    frame = structure.templates[index]
    has_indications, has_references, has_chains = own
    if has_indications:
        frame = replace(frame, indications=_indications(reader, len(structure.targets)))
    if has_references:
        frame = replace(frame, references=_frame_references(reader))
    if has_chains:
        reader.read(8 * structure.chain_count)
    return frame if reader.is_ok else None


def parse_dependency_descriptor(
    value: bytes, known: DependencyStructure | None = None
) -> DependencyDescriptor | None:
    """The descriptor in a header extension's value, read by `known` or by the structure that it brings.

    None if it is cut, or means no template of its structure.
    """
    reader = BitReader(value)
    starts_frame, ends_frame = reader.flag(), reader.flag()
    template_id, frame_number = reader.read(6), reader.read(16)
    flags = [reader.flag() for _ in range(5)] if len(value) > _MANDATORY_BYTES else [False] * 5
    has_structure, has_active_targets, has_indications, has_references, has_chains = flags
    brought = _structure(reader) if has_structure else None
    structure = brought or known
    if not reader.is_ok or structure is None:
        return None
    target_count = len(structure.targets)
    active = reader.read(target_count) if has_active_targets else (1 << target_count) - 1
    frame = _frame(reader, structure, template_id, own=(has_indications, has_references, has_chains))
    if frame is None:
        return None
    return DependencyDescriptor(
        starts_frame, ends_frame, template_id, frame_number, brought, has_active_targets, active, frame
    )
