from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recording.edit import Kept
from recording.webvtt import (
    MAX_BYTES,
    MAX_CUES,
    MAX_LINE_CHARACTERS,
    CaptionsRefused,
    Cue,
    is_too_long,
    parse_captions,
    placed,
    plain_text,
    serialize_captions,
)

ORDINARY = """\ufeffWEBVTT - 分数\r
X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\r
\r
STYLE\r
::cue { background: url(https://example.org/spy) }\r
\r
REGION\r
id:fred\r
\r
NOTE made by hand\r
over two lines\r
\r
1 - an identifier\r
00:01.000 --> 00:02.5 align:start position:10%\r
<v 林老师><b>把一个苹果</b>&amp;分成<c.loud>两半</c>\r
<00:00:01.500>then\r
\r
100:00:00.000 --> 100:00:01.000 \r
late\r
"""


def test_times_and_plain_text_are_kept_and_nothing_else() -> None:
    with pytest.raises(CaptionsRefused) as refused:
        parse_captions(ORDINARY.encode())
    assert (refused.value.code, refused.value.line) == ("captions_malformed", 18)
    early = ORDINARY.replace("100:00", "01:00")
    assert parse_captions(early.encode()) == (
        Cue(1000, 2500, "把一个苹果&分成两半\nthen"),
        Cue(3_600_000, 3_601_000, "late"),
    )


def test_subrip_is_taken_too() -> None:
    second = "2\n00:00:03,000 --> 00:00:04,000\n{\\an8}<i>second</i>\n"
    text = f"{second}\n1\n00:00:01,000 --> 00:00:02,500\n1 < 2 > 0\n"
    assert parse_captions(text.encode()) == (Cue(1000, 2500, "1 < 2 > 0"), Cue(3000, 4000, "second"))


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<script>alert(1)</script>", "alert(1)"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;", "<script>alert(1)</script>"),
        ("<img src=x onerror=alert(1)>seen", "seen"),
        ("<<b>script>x", "<script>x"),
        ("a&#0;b&#xD800;c&zznoentity;\x00\x1b[0m", "a\ufffdb\ufffdc&zznoentity;[0m"),
        ("one\u2028two\x0bthree", "onetwothree"),
        ("&#10;&#10;00:00:01.000 --&gt; x", "00:00:01.000 --> x"),
    ],
)
def test_a_text_stays_text(text: str, plain: str) -> None:
    [cue] = parse_captions(f"WEBVTT\n\n00:01.000 --> 00:02.000\n{text}\n".encode())
    assert cue.text == plain
    written = serialize_captions([cue])
    assert "<" not in written
    assert parse_captions(written.encode()) == (cue,)


HEAD = "WEBVTT\n\n"
TIMING = "00:01.000 --> 00:02.000\n"


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        (b"", "captions_malformed", 1),
        (b"\xef\xbb\xbf\r\n \r\n", "captions_malformed", 1),
        (b"PK\x03\x04 a zip", "captions_malformed", 1),
        (b"WEBVTTX\n\n", "captions_malformed", 1),
        ("WEBVTT\n\n".encode("utf-16"), "captions_malformed", 1),
        ("WEBVTT\n\n分".encode("gb18030"), "captions_malformed", 3),
        ((HEAD + "00:02.000 --> 00:01.000\nx").encode(), "captions_malformed", 3),
        ((HEAD + "00:01.000 --> 00:01.000\nx").encode(), "captions_malformed", 3),
        ((HEAD + "id\n00:61.000 --> 00:62.000\nx").encode(), "captions_malformed", 4),
        ((HEAD + "1:2:3:4.000 --> 5\nx").encode(), "captions_malformed", 3),
        ((HEAD + "-1:00.000 --> 00:02.000\nx").encode(), "captions_malformed", 3),
        ((HEAD + "words\nand more words\n").encode(), "captions_malformed", 4),
        ((HEAD + TIMING + "x" * (MAX_LINE_CHARACTERS + 1)).encode(), "captions_too_large", 3),
        ((HEAD + TIMING + "x\n" * 5).encode(), "captions_too_large", 3),
        ((HEAD + (TIMING + "x\n\n") * (MAX_CUES + 1)).encode(), "captions_too_large", 3 + 3 * MAX_CUES),
        (b"WEBVTT" + bytes(MAX_BYTES), "captions_too_large", 1),
    ],
)
def test_what_is_refused_says_where(data: bytes, code: str, line: int) -> None:
    with pytest.raises(CaptionsRefused) as refused:
        parse_captions(data)
    assert (refused.value.code, refused.value.line) == (code, line)
    assert refused.value.detail.startswith(f"Line {line}: ")


def test_a_file_of_nothing_but_notes_has_no_captions() -> None:
    assert parse_captions(b"WEBVTT\n\nNOTE nothing yet\n\n00:01.000 --> 00:02.000\n<b></b>\n") == ()


CUES = st.builds(
    lambda begin, length, text: Cue(begin, begin + length, plain_text(text)),
    st.integers(0, 80_000_000),
    st.integers(1, 1_000_000),
    st.text(max_size=60),
).filter(lambda cue: cue.text != "" and not is_too_long(cue.text))


@settings(max_examples=40)
@given(st.lists(CUES, max_size=4))
def test_what_is_written_is_read_back(cues: list[Cue]) -> None:
    in_order = tuple(sorted(cues, key=lambda cue: (cue.begin_ms, cue.end_ms)))
    assert parse_captions(serialize_captions(in_order).encode()) == in_order


@given(st.binary(max_size=300) | st.text("WEBVTT\n 0:1.->\r<&;", max_size=300).map(str.encode))
def test_anything_else_is_read_or_refused(data: bytes) -> None:
    try:
        cues = parse_captions(data)
    except CaptionsRefused as refused:
        cues, line = (), refused.line
    else:
        line = 1
    assert all(0 <= cue.begin_ms < cue.end_ms and cue.text for cue in cues)
    assert 1 <= line <= data.count(b"\n") + data.count(b"\r") + 1


def test_cues_follow_an_edit() -> None:
    kept = Kept(((1000, 2000), (3000, 4000)))
    cues = (
        Cue(0, 1000, "before"),
        Cue(500, 1500, "into"),
        Cue(1800, 3200, "around the cut"),
        Cue(2100, 2900, "cut"),
        Cue(3900, 5000, "out of"),
    )
    assert placed(cues, kept) == (
        Cue(0, 500, "into"),
        Cue(800, 1200, "around the cut"),
        Cue(1900, 2000, "out of"),
    )
