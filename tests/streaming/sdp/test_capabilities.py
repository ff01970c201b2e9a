"""The tables fit each other and the rules of BUNDLE."""

from __future__ import annotations

import pytest

from streaming.sdp.capabilities import (
    CODECS,
    EXTENSIONS,
    OFFERED_EXTENSION_IDS,
    OFFERED_FORMATS,
    OFFERED_H264_FORMATS,
    PUBLISH_PREFERENCE,
    SENT_EXTENSIONS,
    CodecName,
    H264Profile,
    HeaderExtension,
    MediaKind,
    h264_profile,
)


def test_offered_payload_types_mean_one_thing_each() -> None:
    rows = [*OFFERED_FORMATS.values(), *OFFERED_H264_FORMATS.values()]
    numbers = [row.payload_type for row in rows]
    numbers += [row.rtx_payload_type for row in rows if row.rtx_payload_type is not None]
    assert len(set(numbers)) == len(numbers)
    # RFC 5761 section 4: 64-95 would collide with RTCP packet types.
    assert all(number in range(35, 64) or number in range(96, 128) for number in numbers)


def test_every_codec_is_offered_and_preferred() -> None:
    assert set(OFFERED_FORMATS) | {CodecName.H264} == set(CODECS) == set(CodecName) == set(PUBLISH_PREFERENCE)
    assert PUBLISH_PREFERENCE.index(CodecName.H264) < PUBLISH_PREFERENCE.index(CodecName.VP8)
    assert set(OFFERED_H264_FORMATS) == set(H264Profile)


def test_every_sent_extension_has_a_one_byte_number() -> None:
    assert len(set(OFFERED_EXTENSION_IDS.values())) == len(OFFERED_EXTENSION_IDS)
    assert all(1 <= number <= 14 for number in OFFERED_EXTENSION_IDS.values())
    for kind in MediaKind:
        assert set(SENT_EXTENSIONS[kind]) <= set(OFFERED_EXTENSION_IDS) & set(EXTENSIONS[kind])
        assert HeaderExtension.RID not in SENT_EXTENSIONS[kind]


@pytest.mark.parametrize(
    ("profile_level_id", "profile"),
    [
        ("42e01f", H264Profile.CONSTRAINED_BASELINE),
        ("42c015", H264Profile.CONSTRAINED_BASELINE),
        ("4d8028", H264Profile.CONSTRAINED_BASELINE),
        ("58c00a", H264Profile.CONSTRAINED_BASELINE),
        ("42000d", H264Profile.BASELINE),
        ("", H264Profile.BASELINE),
        ("4D0032", H264Profile.MAIN),
        ("640c34", H264Profile.HIGH),
        ("58001f", None),
        ("6e001f", None),
        ("42e0", None),
        ("zz", None),
        ("42e01f00", None),
    ],
)
def test_h264_profile(profile_level_id: str, profile: H264Profile | None) -> None:
    assert h264_profile(profile_level_id) is profile
