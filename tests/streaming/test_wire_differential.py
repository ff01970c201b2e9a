"""The native wire formats against their pure Python twins in `streaming.rtp`: equal on whatever comes.

Inputs are noise, noise with a plausible head, and golden vectors with a few bits turned, so that both the
refusals and the fields are compared.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path
from typing import Any, Final

from aioice import stun
from hypothesis import given
from hypothesis import strategies as st

from streaming.rtp.av1 import parse_av1
from streaming.rtp.dependency_descriptor import parse_dependency_descriptor
from streaming.rtp.extensions import parse_elements
from streaming.rtp.feedback import (
    FORMAT_APPLICATION,
    FORMAT_FIR,
    FORMAT_NACK,
    FirEntry,
    Remb,
    parse_feedback,
    parse_fir,
    parse_nack,
    parse_remb,
    serialize_fir,
    serialize_nack,
    serialize_pli,
    serialize_remb,
)
from streaming.rtp.h264 import parse_h264
from streaming.rtp.packet import ExtensionBlock, parse_packet
from streaming.rtp.red import parse_red
from streaming.rtp.rtcp import (
    ReportBlock,
    RtcpPacket,
    RtcpType,
    SenderReport,
    SourceDescription,
    parse_bye,
    parse_compound,
    parse_receiver_report,
    parse_sender_report,
    parse_source_description,
    serialize_sender_report,
    serialize_source_description,
)
from streaming.rtp.sequence import SEQUENCE_BITS, TIMESTAMP_BITS, Unwrapper, serial_distance
from streaming.rtp.transport_cc import (
    TransportCc,
    parse_transport_cc_feedback,
    serialize_transport_cc_feedback,
)
from streaming.rtp.vp8 import parse_vp8
from streaming.rtp.vp9 import parse_vp9

wire: Final[Any] = importlib.import_module("streaming._dataplane").wire

VECTORS: Final = Path(__file__).parents[1] / "vectors"
REMB_SATURATION_BPS: Final = (1 << 64) - 1


def vector_packets(name: str) -> Iterator[bytes]:
    """Every value of a vector file whose key begins with `packet`."""
    vectors = ConfigParser()
    vectors.read(VECTORS / name)
    for case in vectors.sections():
        for key, text in vectors[case].items():
            if key.startswith("packet"):
                yield bytes.fromhex(text)


@st.composite
def bent(draw: st.DrawFn, name: str) -> bytes:
    """A golden packet with some bits turned and perhaps its end cut off."""
    packet = bytearray(draw(st.sampled_from(list(vector_packets(name)))))
    for bit in draw(st.lists(st.integers(0, 8 * len(packet) - 1), max_size=4)):
        packet[bit // 8] ^= 1 << bit % 8
    return bytes(packet[: draw(st.integers(0, len(packet)))] if draw(st.booleans()) else packet)


def headed(head: bytes, size: int = 80) -> st.SearchStrategy[bytes]:
    return st.binary(max_size=size).map(lambda tail: head + tail)


u16 = st.integers(0, 0xFFFF)
u32 = st.integers(0, 0xFFFF_FFFF)
rtp_inputs = st.one_of(bent("rtp.hex"), st.binary(max_size=80), headed(b"\x90\x60"), headed(b"\xb1\xe0"))
rtcp_inputs = st.one_of(
    bent("rtcp.hex"),
    st.binary(max_size=80),
    st.builds(
        lambda kind, count, body: bytes((0x80 | count, kind)) + (len(body) // 4).to_bytes(2, "big") + body,
        st.integers(198, 208),
        st.integers(0, 31),
        st.binary(max_size=60).map(lambda data: data[: len(data) // 4 * 4]),
    ),
)


@given(rtp_inputs)
def test_rtp_packets_parse_alike(data: bytes) -> None:
    """checklist 5: padding included."""
    native, twin = wire.parse_rtp(data), parse_packet(data)
    if native is None or twin is None:
        assert native is twin
        return
    extension = (
        ExtensionBlock(native["extension_profile"], native["extension"]) if native["has_extension"] else None
    )
    assert extension == twin.extension
    assert (native["payload"], native["padding_bytes"]) == (twin.payload, twin.padding_bytes)
    assert native["csrc_count"] == len(twin.csrcs)
    for field in ("payload_type", "marker", "sequence_number", "timestamp", "ssrc"):
        assert native[field] == getattr(twin, field)


@given(
    st.sampled_from((0xBEDE, 0x1000, 0x100F)),
    st.binary(max_size=64).map(lambda data: data[: len(data) // 4 * 4]),
)
def test_extension_elements_parse_alike(profile: int, data: bytes) -> None:
    block = ExtensionBlock(profile, data)
    head = bytes.fromhex("90600001 00000001 00000002") + profile.to_bytes(2, "big")
    native = wire.parse_rtp(head + (len(data) // 4).to_bytes(2, "big") + data)
    assert native is not None
    twin = parse_elements(block)
    assert native["is_extension_malformed"] == (twin is None)
    if twin is not None:
        first_of_each: dict[int, bytes] = {}
        for number, value in native["elements"]:
            first_of_each.setdefault(number, value)
        assert first_of_each == twin


def twin_fields(packet: RtcpPacket) -> dict[str, Any] | None:
    """The fields of an RTCP packet as the native side names them; None where the twin refuses them."""
    blocks = [tuple(getattr(block, name) for name in ReportBlock.__slots__) for block in block_list(packet)]
    if sender := parse_sender_report(packet):
        names = ("ssrc", "ntp_time", "rtp_timestamp", "packet_count", "octet_count")
        return {name: getattr(sender, name) for name in names} | {"reports": blocks}
    if receiver := parse_receiver_report(packet):
        return {"ssrc": receiver.ssrc, "reports": blocks}
    if source := parse_source_description(packet):
        return {"ssrc": source.ssrc}
    if bye := parse_bye(packet):
        return {"ssrcs": list(bye.ssrcs)}
    if feedback := parse_feedback(packet):
        return {"sender_ssrc": feedback.sender_ssrc, "media_ssrc": feedback.media_ssrc}
    return None


def block_list(packet: RtcpPacket) -> tuple[ReportBlock, ...]:
    report = parse_sender_report(packet) or parse_receiver_report(packet)
    return report.blocks if report else ()


@given(rtcp_inputs)
def test_rtcp_compounds_parse_alike(data: bytes) -> None:
    packets, is_malformed = wire.parse_rtcp(data)
    twins = parse_compound(data)
    assert is_malformed == (twins is None and data != b"")
    for native, twin in zip(packets, twins or (), strict=False):
        assert (native["type"], native["count_or_format"], native["body"]) == (
            twin.type,
            twin.count,
            twin.body,
        )
        fields = twin_fields(twin)
        assert {name: native.get(name) for name in fields or ()} == (fields or {})
        assert (fields is None) == (native.keys() == {"type", "count_or_format", "body"})


@given(rtcp_inputs)
def test_feedback_parses_alike(data: bytes) -> None:
    packets, _ = wire.parse_rtcp(data)
    for native in packets:
        twin = parse_feedback(RtcpPacket(native["type"], native["count_or_format"], native["body"]))
        if twin is None:
            continue
        lost, entries, remb = parse_nack(twin), parse_fir(twin), parse_remb(twin)
        if lost is not None:
            assert native["lost"] == list(lost)
        if entries is not None:
            assert native["entries"] == [(entry.ssrc, entry.command_sequence_number) for entry in entries]
        if twin.type == RtcpType.PAYLOAD_FEEDBACK and twin.format == FORMAT_APPLICATION:
            assert native.get("bitrate_bps") == (remb and min(remb.bitrate_bps, REMB_SATURATION_BPS))


@given(u32, u32, st.lists(u16, min_size=1, max_size=60), st.integers(0, 255), st.integers(0, 1 << 40))
def test_feedback_is_written_alike(
    sender: int, media: int, lost: list[int], command: int, bitrate_bps: int
) -> None:
    assert wire.write_nack(sender, media, lost) == serialize_nack(sender, media, lost)
    assert wire.write_pli(sender, media) == serialize_pli(sender, media)
    assert wire.write_fir(sender, media, command) == serialize_fir(sender, [FirEntry(media, command)])
    assert wire.write_remb(sender, bitrate_bps, [media]) == serialize_remb(
        sender, Remb(bitrate_bps, (media,))
    )
    assert {FORMAT_NACK, FORMAT_FIR} == {1, 4}


@given(u32, st.integers(0, (1 << 64) - 1), u32, u32, u32, st.text(max_size=60))
def test_reports_are_written_alike(
    ssrc: int, ntp_time: int, timestamp: int, packets: int, octets: int, cname: str
) -> None:
    report = SenderReport(ssrc, ntp_time, timestamp, packets, octets)
    assert wire.write_sender_report(ssrc, ntp_time, timestamp, packets, octets) == serialize_sender_report(
        report
    )
    description = serialize_source_description(SourceDescription(ssrc, cname))
    assert wire.write_source_description(ssrc, cname) == description


@given(st.lists(u16 | st.integers(65_500, 65_535) | st.integers(0, 30), min_size=1, max_size=60))
def test_sequence_numbers_extend_alike(values: list[int]) -> None:
    unwrapper = Unwrapper()
    assert wire.unwrap(values) == [unwrapper.unwrap(value) for value in values]


@given(u16, u16, u32, u32)
def test_serial_distances_agree(origin: int, target: int, origin_32: int, target_32: int) -> None:
    assert wire.serial_distance(origin, target) == serial_distance(origin, target, SEQUENCE_BITS)
    assert wire.serial_distance_32(origin_32, target_32) == serial_distance(
        origin_32, target_32, TIMESTAMP_BITS
    )


arrival_steps_us = st.none() | st.integers(-2_000, 30_000) | st.integers(60_000, 200_000)


@given(u16, st.integers(0, 255), st.lists(arrival_steps_us, max_size=120).map(lambda steps: [0, *steps, 500]))
def test_transport_cc_of_either_is_read_by_the_other(base: int, count: int, steps: list[int | None]) -> None:
    now_us = 10_000_000
    arrivals: list[int | None] = []
    for step in steps:
        now_us += step or 0
        arrivals.append(None if step is None else now_us // 250 * 250)
    pairs = [(base + i, arrival) for i, arrival in enumerate(arrivals) if arrival is not None]
    native, taken = wire.write_transport_cc(1, 2, count, base, pairs)
    assert taken == len(pairs)
    expected = TransportCc(1, 2, base, count, tuple(arrivals))
    (packet,) = parse_compound(native) or ()
    feedback = parse_feedback(packet)
    assert feedback is not None
    assert parse_transport_cc_feedback(feedback) == expected
    (fields,), is_malformed = wire.parse_rtcp(serialize_transport_cc_feedback(expected))
    assert not is_malformed
    assert [arrival for _, _, arrival in fields["statuses"]] == arrivals


@given(rtcp_inputs | headed(b"\x8f\xcd\x00\x06" + bytes(8), 16))
def test_transport_cc_feedback_is_refused_alike(data: bytes) -> None:
    packets, _ = wire.parse_rtcp(data)
    for native in packets:
        feedback = parse_feedback(RtcpPacket(native["type"], native["count_or_format"], native["body"]))
        if feedback is None or "statuses" not in native:
            continue
        twin = parse_transport_cc_feedback(feedback)
        assert native["is_malformed"] == (twin is None)
        if twin is not None:
            assert [arrival for _, _, arrival in native["statuses"]] == list(twin.arrivals_us)


def payloads(codec: int) -> st.SearchStrategy[bytes]:
    """Noise, and the golden payloads of a codec with a few bits turned."""
    vectors = ConfigParser()
    vectors.read(VECTORS / "codecs.hex")
    golden = [vectors[case] for case in vectors.sections()]
    seeds = [bytes.fromhex(case["payload"]) for case in golden if int(case["codec"], 16) == codec]
    noise = st.binary(max_size=24)
    return noise | st.builds(bend, st.sampled_from(seeds), st.lists(st.integers(0, 200), max_size=3))


def bend(payload: bytes, bits: list[int]) -> bytes:
    bent_payload = bytearray(payload)
    for bit in bits:
        bent_payload[bit // 8 % len(payload)] ^= 1 << bit % 8
    return bytes(bent_payload)


VP8, VP9, AV1, H264 = 2, 3, 4, 5


@given(payloads(VP8), st.integers(0, 0x7FFF), st.integers(0, 255))
def test_vp8_descriptors_parse_alike_and_keep_their_width(
    payload: bytes, picture_id: int, tl0picidx: int
) -> None:
    """checklist 15, seen by the twin: width kept, values replaced, all else untouched."""
    native, twin = wire.parse_vp8(payload), parse_vp8(payload)
    if native is None or twin is None:
        assert native is twin
        return
    assert (native["length"], native["is_keyframe"]) == (twin.length, twin.is_keyframe)
    assert native["picture_id"] == (twin.picture_id or 0)
    rewritten = parse_vp8(wire.rewrite_vp8(payload, picture_id, tl0picidx))
    assert rewritten is not None
    assert rewritten.picture_id_bits == twin.picture_id_bits
    mask = (1 << twin.picture_id_bits) - 1
    assert rewritten.picture_id == (None if twin.picture_id is None else picture_id & mask)
    assert rewritten.tl0picidx == (None if twin.tl0picidx is None else tl0picidx)
    assert (rewritten.temporal_layer, rewritten.is_keyframe) == (twin.temporal_layer, twin.is_keyframe)


@st.composite
def red_payloads(draw: st.DrawFn) -> bytes:
    """Noise, and whole payloads that may be cut."""
    if draw(st.booleans()):
        return draw(st.binary(max_size=60))
    blocks = draw(st.lists(st.tuples(st.integers(0, 0x3FFF), st.binary(max_size=12)), max_size=10))
    heads = [(0xEF << 24 | ticks << 10 | len(data)).to_bytes(4, "big") for ticks, data in blocks]
    whole = b"".join([*heads, b"\x6f", *(data for _, data in blocks), draw(st.binary(max_size=9))])
    return whole[: draw(st.integers(0, len(whole)))] if draw(st.booleans()) else whole


@given(red_payloads())
def test_red_is_read_alike(payload: bytes) -> None:
    twin = parse_red(payload)
    blocks = None if twin is None else [(b.payload_type, b.ticks, b.payload) for b in twin]
    assert wire.parse_red(payload) == blocks


@given(payloads(VP9), payloads(AV1), payloads(H264))
def test_keyframe_starts_are_seen_alike(vp9: bytes, av1: bytes, h264: bytes) -> None:
    """checklist 16: an H264 keyframe starts at its SPS, wherever in the payload that is."""
    vp9_twin, av1_twin, h264_twin = parse_vp9(vp9), parse_av1(av1), parse_h264(h264)
    assert wire.starts_keyframe(VP9, vp9) == (vp9_twin is not None and vp9_twin.starts_keyframe)
    assert wire.starts_keyframe(AV1, av1) == (av1_twin is not None and av1_twin.starts_keyframe)
    assert wire.starts_keyframe(H264, h264) == (h264_twin is not None and h264_twin.starts_keyframe)


def descriptors(*, of_keyframes: bool) -> st.SearchStrategy[bytes]:
    """Noise, and the golden dependency descriptors with a few bits turned."""
    vectors = ConfigParser()
    vectors.read(VECTORS / "dependency_descriptor.hex")
    golden = [vectors[case] for case in vectors.sections()]
    seeds = [bytes.fromhex(case["value"]) for case in golden if ("templates" in case) == of_keyframes]
    noise = st.binary(max_size=40)
    return noise | st.builds(bend, st.sampled_from(seeds), st.lists(st.integers(0, 500), max_size=3))


@given(descriptors(of_keyframes=True), descriptors(of_keyframes=False))
def test_dependency_descriptors_parse_alike(keyframe: bytes, later: bytes) -> None:
    first = parse_dependency_descriptor(keyframe)
    known = first.structure if first is not None else None
    for value, twin in ((keyframe, first), (later, parse_dependency_descriptor(later, known))):
        native = wire.parse_dependency_descriptor(keyframe if value is later else b"", value)
        if native is None or twin is None:
            assert native is twin
            continue
        assert native["frame_number"] == twin.frame_number
        assert native["layer"] == (twin.frame.layer.spatial, twin.frame.layer.temporal)
        indications = [int(one) for one in twin.frame.indications]
        assert native["indications"][: len(indications)] == indications
        assert native["references"] == list(twin.frame.references[:8])
        assert native["active_targets"] == twin.active_targets
        brought = twin.structure
        assert native["targets"] == (
            None if brought is None else [(one.spatial, one.temporal) for one in brought.targets]
        )


@given(descriptors(of_keyframes=False), u16, st.integers(0, 63), st.none() | st.integers(0, 7))
def test_rewritten_dependency_descriptors_say_the_same_of_other_numbers(
    value: bytes, frame_number: int, template_id: int, targets: int | None
) -> None:
    """checklist 18, seen by the twin."""
    vectors = ConfigParser()
    vectors.read(VECTORS / "dependency_descriptor.hex")
    keyframe = bytes.fromhex(vectors["l1t3_keyframe"]["value"])
    shift = (frame_number, template_id, targets)
    moved_keyframe = wire.rewrite_dependency_descriptor(keyframe, keyframe, *shift)
    known, moved = parse_dependency_descriptor(keyframe), parse_dependency_descriptor(moved_keyframe)
    assert known is not None
    assert moved is not None
    before = parse_dependency_descriptor(value, known.structure)
    rewritten = wire.rewrite_dependency_descriptor(keyframe, value, *shift)
    if before is None or before.structure is not None:
        return
    after = parse_dependency_descriptor(rewritten, moved.structure)
    assert after is not None
    assert after.frame_number == (before.frame_number + frame_number) % (1 << 16)
    assert after.template_id == (before.template_id + template_id) % 64
    assert after.frame == before.frame
    assert after.active_targets == before.active_targets & (7 if targets is None else targets)


ufrags = st.text("abcdefghijklmnopqrstuvwxyz0123456789+/", min_size=4, max_size=32)
pwds = st.text("abcdefghijklmnopqrstuvwxyz0123456789+/", min_size=22, max_size=64)


@given(st.binary(min_size=12, max_size=12), ufrags, pwds, ufrags, u32, st.booleans())
def test_native_answers_the_checks_of_aioice(
    transaction_id: bytes, local: str, pwd: str, remote: str, priority: int, use_candidate: bool
) -> None:
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, transaction_id)
    request.attributes["USERNAME"] = f"{local}:{remote}"
    request.attributes["PRIORITY"] = priority
    request.attributes["ICE-CONTROLLING"] = 7
    if use_candidate:
        request.attributes["USE-CANDIDATE"] = None
    request.add_message_integrity(pwd.encode())
    request.add_fingerprint()
    native = wire.parse_stun(bytes(request))
    assert (native["priority"], native["use_candidate"]) == (priority, use_candidate)
    address = bytes((192, 0, 2, 7))
    verdict, answer = wire.answer_stun(bytes(request), local, pwd, remote, address, 40_000)
    assert verdict == "accept"
    response = stun.parse_message(answer)
    assert response.check_message_integrity(pwd.encode())
    assert response.message_class is stun.Class.RESPONSE
    assert response.transaction_id == transaction_id
    assert response.attributes["XOR-MAPPED-ADDRESS"] == ("192.0.2.7", 40_000)
    assert wire.answer_stun(bytes(request), local, pwd + "x", remote, address, 40_000)[0] == "unauthorized"


@given(st.binary(min_size=12, max_size=12), ufrags, pwds, st.integers(0, (1 << 64) - 1))
def test_aioice_reads_the_checks_of_native(
    transaction_id: bytes, ufrag: str, pwd: str, tie_breaker: int
) -> None:
    check = wire.write_stun_check(transaction_id, f"{ufrag}:us", 1, tie_breaker, True, True, pwd)
    message = stun.parse_message(check)
    assert message.check_message_integrity(pwd.encode())
    assert message.attributes["USERNAME"] == f"{ufrag}:us"
    assert message.attributes["ICE-CONTROLLING"] == tie_breaker
    assert "USE-CANDIDATE" in message.attributes
