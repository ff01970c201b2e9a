from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import av
import httpx
import numpy as np
import pytest
from aiortc import RTCPeerConnection, RTCSessionDescription

from classroom_api.synthetic_teacher import LESSON_FILE, SyntheticTeacher
from load_tests.run import free_port
from load_tests.server_process import ServerProcess

LESSONS = "/api/v1/lessons"
VECTORS = Path(__file__).parents[2] / "vectors" / "sdp"


@pytest.fixture
def offer() -> str:
    return (VECTORS / "aiortc_publish.sdp").read_bytes().decode()


def token_of(admin: httpx.Client, lesson: str, role: str) -> str:
    return str(admin.post(f"{LESSONS}/{lesson}/invitations", json={"role": role}).json()["invitation"])


def headers(token: str, content_type: str = "application/sdp") -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Content-Type": content_type}


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_preflight_lets_any_origin_in(anyone: httpx.Client) -> None:
    for path in ("/whip/les_x", "/whep/les_x", "/whip/les_x/peer_x"):
        answer = anyone.options(path, headers={"Origin": "https://school.example"})
        assert answer.status_code == 204
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "PATCH" in answer.headers["access-control-allow-methods"]
        assert "Location" in answer.headers["access-control-expose-headers"]


def test_refusals_are_readable_from_any_origin(
    anyone: httpx.Client, admin: httpx.Client, lesson: str, offer: str
) -> None:
    token = token_of(admin, lesson, "observer")
    refusals = [
        anyone.request("GET", f"/whip/{lesson}"),
        anyone.post(f"/whep/{lesson}", content=offer),
        anyone.post(f"/whep/{lesson}?source=nobody", content=offer, headers=headers(token)),
        anyone.post(f"/whep/{lesson}?max_bitrate=1", content=offer, headers=headers(token)),
        anyone.post(f"/whep/{lesson}?max_bitrate=fast", content=offer, headers=headers(token)),
        anyone.post(f"/whep/{lesson}", content="", headers=headers(token, "text/plain")),
    ]
    assert [answer.status_code for answer in refusals] == [405, 401, 400, 400, 400, 415]
    for answer in refusals:
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "Retry-After" in answer.headers["access-control-expose-headers"]
    assert "access-control-allow-origin" not in anyone.get("/api/v1/lessons").headers


def test_a_viewer_says_what_its_path_carries(
    anyone: httpx.Client, admin: httpx.Client, lesson: str, offer: str
) -> None:
    viewing = offer.replace("a=sendonly", "a=recvonly").replace("a=sendrecv", "a=recvonly")
    url = f"/whep/{lesson}?max_bitrate=500000"
    made = anyone.post(url, content=viewing, headers=headers(token_of(admin, lesson, "observer")))
    assert made.status_code == 201


def test_what_whip_refuses(anyone: httpx.Client, admin: httpx.Client, lesson: str, offer: str) -> None:
    url = f"/whip/{lesson}"
    master, observer = token_of(admin, lesson, "master"), token_of(admin, lesson, "observer")
    nobody = {"Content-Type": "application/sdp"}
    assert refused(anyone.post(url, content=offer, headers=nobody)) == (
        401,
        "token_missing",
    )
    assert refused(anyone.post(url, content=offer, headers=headers("x"))) == (401, "token_invalid")
    assert refused(anyone.post("/whip/les_x", content=offer, headers=headers(master))) == (
        404,
        "lesson_unknown",
    )
    assert refused(anyone.post(url, content=offer, headers=headers(observer))) == (
        403,
        "publish_not_permitted",
    )
    wrong_type = anyone.post(url, content=offer, headers=headers(master, "text/plain"))
    assert refused(wrong_type) == (415, "content_type_unsupported")
    assert refused(anyone.post(url, content="v=0\r\nhello", headers=headers(master))) == (
        400,
        "sdp_malformed",
    )
    assert refused(anyone.post(url, content=b"\xff\xfe", headers=headers(master))) == (400, "sdp_malformed")
    assert refused(anyone.post(url, content="v=0\r\n" * 200_000, headers=headers(master))) == (
        400,
        "sdp_too_large",
    )
    for method in ("GET", "PUT", "HEAD"):
        assert anyone.request(method, url).status_code == 405


def test_a_resource_is_patched_and_deleted(
    anyone: httpx.Client, admin: httpx.Client, lesson: str, offer: str
) -> None:
    token = token_of(admin, lesson, "master")
    made = anyone.post(f"/whip/{lesson}", content=offer, headers=headers(token))
    assert made.status_code == 201
    assert made.headers["content-type"] == "application/sdp"
    assert "a=ice-lite" in made.text
    location, etag = made.headers["location"], made.headers["etag"]
    fragment = headers(token, "application/trickle-ice-sdpfrag")
    candidates = (
        "a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\n"
        "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n"
        "a=candidate:1 1 UDP 2130706431 192.0.2.1 5000 typ host\r\na=end-of-candidates\r\n"
    )
    stale = anyone.patch(location, content=candidates, headers={**fragment, "If-Match": '"another"'})
    assert refused(stale) == (412, "precondition_failed")
    restarted = anyone.patch(location, content=candidates, headers={**fragment, "If-Match": "*"})
    assert restarted.status_code == 200
    assert "a=ice-ufrag:" in restarted.text
    assert restarted.headers["etag"] != etag
    trickled = anyone.patch(
        location, content=candidates, headers={**fragment, "If-Match": restarted.headers["etag"]}
    )
    assert trickled.status_code == 204
    other = token_of(admin, lesson, "student")
    assert refused(anyone.delete(location, headers=headers(other))) == (404, "peer_unknown")
    assert anyone.delete(location, headers=headers(token)).status_code == 200
    assert refused(anyone.delete(location, headers=headers(token))) == (404, "peer_unknown")


def test_a_second_whip_replaces_the_first(
    anyone: httpx.Client, admin: httpx.Client, lesson: str, offer: str
) -> None:
    token = token_of(admin, lesson, "master")
    first, second = (anyone.post(f"/whip/{lesson}", content=offer, headers=headers(token)) for _ in range(2))
    assert first.headers["location"] != second.headers["location"]
    assert refused(anyone.delete(first.headers["location"], headers=headers(token))) == (404, "peer_unknown")
    assert anyone.delete(second.headers["location"], headers=headers(token)).status_code == 200


async def _watch(server: ServerProcess, lesson: str, token: str) -> tuple[av.VideoFrame, av.AudioFrame]:
    """The first picture and the first audible sound of a WHEP viewer."""
    peer = RTCPeerConnection()
    receivers = {
        kind: peer.addTransceiver(kind, direction="recvonly").receiver for kind in ("audio", "video")
    }
    async with httpx.AsyncClient(base_url=server.url) as http:
        await peer.setLocalDescription(await peer.createOffer())
        answer = await http.post(f"/whep/{lesson}", content=peer.localDescription.sdp, headers=headers(token))
        answer.raise_for_status()
        await peer.setRemoteDescription(RTCSessionDescription(sdp=answer.text, type="answer"))
        tracks = {kind: receiver.track for kind, receiver in receivers.items()}
        try:
            picture = await tracks["video"].recv()
            assert isinstance(picture, av.VideoFrame)
            while True:
                sound = await tracks["audio"].recv()
                assert isinstance(sound, av.AudioFrame)
                if np.abs(sound.to_ndarray()).max() >= 1000:
                    return picture, sound
        finally:
            await peer.close()
            await http.delete(answer.headers["location"], headers=headers(token))


def test_what_the_synthetic_teacher_publishes_is_seen_and_heard(
    server: ServerProcess, admin: httpx.Client, lesson: str
) -> None:
    teacher = SyntheticTeacher(f"{server.url}/whip/{lesson}", token_of(admin, lesson, "master"), LESSON_FILE)

    async def run() -> None:
        publishing = asyncio.create_task(teacher.run())
        picture, sound = await asyncio.wait_for(
            _watch(server, lesson, token_of(admin, lesson, "student")), 20
        )
        publishing.cancel()
        await asyncio.gather(publishing, return_exceptions=True)
        assert (picture.width, picture.height) == (1280, 720)
        assert sound.sample_rate == 48_000

    asyncio.run(run())


def test_a_full_lesson_says_when_to_come_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_MAX_PARTICIPANTS", "2")
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    viewing = (VECTORS / "chromium_view_recvonly.sdp").read_bytes().decode()
    http_port, media_port = free_port(socket.SOCK_STREAM), free_port(socket.SOCK_DGRAM)
    with (
        ServerProcess(data_dir, http_port=http_port, media_port=media_port) as server,
        httpx.Client(base_url=server.url) as client,
    ):
        links = server.start_lesson()
        answers = [
            client.post(f"/whep/{links.lesson}", content=viewing, headers=headers(token))
            for token in (links.classroom,) * 3
        ]
        assert [answer.status_code for answer in answers] == [201, 201, 503]
        assert answers[2].json()["code"] == "too_many_participants"
        assert int(answers[2].headers["retry-after"]) > 0
