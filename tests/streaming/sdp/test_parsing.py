"""Parsing: real offers of real clients, bounds, and mutations that may raise one kind of error only."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.errors import RemoteProtocolError
from streaming.sdp.attributes import Direction, Setup
from streaming.sdp.parsing import (
    MAX_LINES,
    MAX_MEDIA_SECTIONS,
    MAX_TEXT_CHARACTERS,
    AttributeLines,
    parse_description,
    parse_media_line,
    parse_mid,
    parse_origin,
    split_lines,
    split_sections,
)
from streaming.sdp.serializing import serialize_description

VECTORS = Path(__file__).parents[2] / "vectors" / "sdp"
REAL = sorted(VECTORS.glob("*.sdp"))
HEAD = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
MUTATIONS = 10_000


def read(path: Path) -> str:
    return path.read_bytes().decode()


def test_vectors_of_every_client_are_there() -> None:
    clients = {path.name.partition("_")[0] for path in REAL}
    assert clients >= {"aiortc", "chromium", "ffmpeg", "firefox", "gstreamer"}


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_real_descriptions_lose_no_line(path: Path) -> None:
    text = read(path)
    description = parse_description(text)
    again = serialize_description(description)
    assert parse_description(again) == description
    lines = {line.lower() for line in text.replace("\r", "").split("\n") if line}
    assert lines <= {line.lower() for line in again.replace("\r", "").split("\n")}


def test_chromium_simulcast_in_detail() -> None:
    description = parse_description(read(VECTORS / "chromium_publish_simulcast.sdp"))
    audio, video = description.media
    assert description.bundle_mids == ("0", "1")
    assert description.is_extmap_allow_mixed
    assert (audio.kind, audio.mid, audio.direction) == ("audio", "0", Direction.SENDONLY)
    assert video.transport.setup is Setup.ACTPASS
    assert [rid.id for rid in video.rids] == ["q", "h", "f"]
    assert video.simulcast is not None
    assert [streams[0].rid for streams in video.simulcast.send] == ["q", "h", "f"]
    assert video.fmtp_parameters(97) == {"apt": "96"}


def test_a_section_inherits_the_session_direction() -> None:
    description = parse_description(HEAD + "a=inactive\nm=audio 9 X 0\nm=audio 9 X 0\na=sendonly\n")
    assert [media.direction for media in description.media] == [Direction.INACTIVE, Direction.SENDONLY]


def test_codec_lines_of_a_data_channel_section_are_left_alone() -> None:
    text = HEAD + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\na=fmtp:webrtc-datachannel x\n"
    (media,) = parse_description(text).media
    assert [attribute.name for attribute in media.other] == ["fmtp"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "v=1\n",
        "o=- 1 1 IN IP4 x\n",
        "v=0\ns=-\n",
        "v=0\no=- 1 1\n",
        "v=0\no=- a 1 IN IP4 x\n",
        HEAD + "m=audio 9\n",
        HEAD + "m=audio 99999 X 0\n",
        HEAD + "m=audio 9 UDP/TLS/RTP/SAVPF" + " 0" * 129 + "\n",
        HEAD + "m=audio 9 UDP/TLS/RTP/SAVPF 300\n",
        HEAD + "not a line\n",
        HEAD + "a=\n",
        HEAD + "a=x\x00y\n",
        HEAD + "a=x\ry\n",
        HEAD + "m=audio 9 X 0\na=mid:0\nm=audio 9 X 0\na=mid:0\n",
        HEAD + "m=audio 9 X 0\na=mid:0\na=mid:1\n",
        HEAD + "m=audio 9 X 0\na=sendonly\na=recvonly\n",
        HEAD + "m=audio 9 X 0\na=ice-ufrag:a b\n",
        HEAD + "m=audio 9 X 0\na=ice-pwd:" + "a" * 257 + "\n",
        HEAD + "m=audio 9 X 0\na=setup:sometimes\n",
    ],
)
def test_malformed(text: str) -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        parse_description(text)
    assert caught.value.code == "sdp_malformed"


@pytest.mark.parametrize(
    "text",
    [
        "a" * (MAX_TEXT_CHARACTERS + 1),
        HEAD + "a=x\n" * MAX_LINES,
        HEAD + "m=audio 9 X 0\n" * (MAX_MEDIA_SECTIONS + 1),
    ],
)
def test_too_large(text: str) -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        parse_description(text)
    assert caught.value.code == "sdp_too_large"


def _mutated(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    for _ in range(chance.randint(1, 4)):
        index = chance.randrange(len(lines))
        line = lines[index]
        match chance.randrange(5):
            case 0:
                lines.insert(chance.randrange(len(lines)), line)
            case 1:
                lines[index] = line[: chance.randrange(len(line) + 1)]
            case 2:
                cut = chance.randrange(len(line) + 1)
                lines[index] = line[:cut] + chance.choice("0 :/;=é\x00-~9,") + line[cut + 1 :]
            case 3:
                lines[index], lines[0] = lines[0], line
            case _:
                del lines[index]
        if not lines:
            break
    return "\n".join(lines)


def test_mutated_offers_raise_one_kind_of_error_only() -> None:
    chance = random.Random(8866)
    texts = [read(path) for path in REAL]
    parsed = 0
    codes = set()
    for _ in range(MUTATIONS):
        try:
            description = parse_description(_mutated(chance.choice(texts), chance))
        except RemoteProtocolError as error:
            codes.add(error.code)
        else:
            parsed += 1
            if parsed % 10 == 0:
                text = serialize_description(description)
                assert serialize_description(parse_description(text)) == text
    assert codes == {"sdp_malformed"}
    assert 0 < parsed < MUTATIONS


@given(st.text(max_size=300))
def test_any_text_raises_one_kind_of_error_only(text: str) -> None:
    for whole in (text, HEAD + text, HEAD + "m=video 9 RTP/SAVPF 96\na=" + text):
        with suppress(RemoteProtocolError):
            parse_description(whole)


def test_parts() -> None:
    assert split_lines("v=0\r\n\r\na=x \n") == [("v", "0"), ("a", "x")]
    assert split_sections([("v", "0"), ("m", "x"), ("a", "y")]) == ([("v", "0")], [[("m", "x"), ("a", "y")]])
    assert parse_media_line("audio 9/2 RTP/SAVPF 0 8").formats == ("0", "8")
    assert parse_origin("mozilla 5063188758498277663 0 IN IP4 0.0.0.0").version == 0
    assert parse_mid(" video0 ") == "video0"
    attributes = AttributeLines([("a", "one:1"), ("a", "flag"), ("c", "x"), ("a", "left")])
    assert attributes.flag("flag")
    assert attributes.single("one", str) == "1"
    assert [attribute.name for attribute in attributes.rest()] == ["left"]
