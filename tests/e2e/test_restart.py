"""The server is killed in mid-lesson: everybody comes back, and the recording holds what was before."""

from __future__ import annotations

import json
import time

import pytest

from tests.e2e.browser import CameraFiles, chromium, eventually, inbound, open_page, skip_device_check
from tests.e2e.conftest import House
from tests.e2e.replay import fetch, playable
from tests.e2e.teacher import teaching

pytestmark = [pytest.mark.alone, pytest.mark.timeout(240)]


def _logs_grow_past(house: House, lesson: str, size_bytes: int) -> bool:
    logs = list((house.data_dir / "recordings" / lesson).rglob("*.rtplog"))
    return sum(log.stat().st_size for log in logs) > size_bytes


def test_a_kill_in_mid_lesson(house: House, camera: CameraFiles) -> None:
    lesson = house.lesson(record="master_only")
    master, link = house.token(lesson, "master", "Ms Lin"), house.link(lesson, "classroom", "Hill", "c1")
    with teaching(house.server.url, lesson, master), chromium(camera) as browser:
        room = open_page(browser, skip_device_check(link))
        eventually(lambda: any(one["frames"] > 25 for one in inbound(room, "video")), 30, "the picture")
        eventually(lambda: _logs_grow_past(house, lesson, 400_000), 40, "ten seconds of recording")
        house.server.kill()
        killed_ms = time.time_ns() // 1_000_000
        with house.server:
            back_s = time.monotonic()
            seen = {one["track"]: one["frames"] for one in inbound(room, "video")}
            eventually(
                lambda: any(one["frames"] > seen.get(one["track"], 0) + 5 for one in inbound(room, "video")),
                20,
                "the picture after the restart",
            )
            assert time.monotonic() - back_s < 12
            facts = house.admin.get(f"/api/v1/lessons/{lesson}").json()
            assert facts["state"] == "live"
            room.wait_for_timeout(3000)
            ended = house.admin.post(f"/api/v1/lessons/{lesson}/end").json()
            replay = fetch(house, playable(house, lesson))
            length_s = (ended["ended_at_ms"] - ended["started_at_ms"]) / 1000
            assert replay.is_closed
            assert abs(replay.playlist_s - length_s) < 1
            assert abs(replay.sound_s() - length_s) < 1
            before_s = (killed_ms - ended["started_at_ms"]) / 1000
            times = [at for at, _ in replay.pictures()]
            assert max(at for at in times if at < before_s + 0.5) > before_s - 1.5
            assert max(times) > before_s + 2
            manifest = (house.data_dir / "recordings" / lesson / "manifest.jsonl").read_text()
            gaps = [entry for entry in map(json.loads, manifest.splitlines()) if entry["type"] == "gap"]
            assert any(gap["reason"] == "crash" for gap in gaps), gaps
