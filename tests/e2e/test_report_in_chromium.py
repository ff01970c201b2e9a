"""A lesson of bare sockets, and its report as an inspector sees it: the page says what the JSON says."""

from __future__ import annotations

import asyncio

import pytest
from playwright.sync_api import Page

from tests.e2e.accessibility import findings
from tests.e2e.browser import chromium, open_page
from tests.e2e.conftest import House
from tests.e2e.socket_seats import seated

pytestmark = pytest.mark.timeout(120)

ROOMS = {"c1": "青山小学", "c2": "Hill school"}


async def hold_lesson(house: House, lesson: str) -> None:
    """Two rooms: a hand, a turn on stage, a round that one answers, and a connection lost and found again."""
    hill = house.token(lesson, "classroom", ROOMS["c2"], "c2")
    async with (
        seated(house, lesson, house.token(lesson, "master", "Ms Lin")) as master,
        seated(house, lesson, house.token(lesson, "classroom", ROOMS["c1"], "c1")) as green,
    ):
        await master.ask("lesson_start")
        async with seated(house, lesson, hill):
            pass  # the socket closes without a farewell: the link is lost
        await green.ask("floor_request")
        async with seated(house, lesson, hill) as back:
            await master.ask("floor_grant", seat=green.seat)
            opened = await master.ask("round_open", prompt="1/2 + 1/3?", answer="count")
            await master.ask("round_phase", round=opened.get("round", 1), phase="report")
            await back.ask("round_answer", round=opened.get("round", 1), counts=[9, 12])
            await master.ask("floor_revoke", seat=green.seat)
            await master.ask("lesson_end")


def figures_shown(page: Page, room: str) -> dict[str, str]:
    cells: dict[str, str] = page.evaluate(
        """(room) => Object.fromEntries([...document.querySelectorAll(
            `[data-testid="figures-${room}"] [data-figure]`)].map((cell) =>
            [cell.dataset.figure, cell.textContent]))""",
        room,
    )
    return cells


def test_the_page_says_what_the_json_says(house: House) -> None:
    planned = {"title": "分数的初步认识", "recording_policy": "off"}
    lesson = house.admin.post("/api/v1/lessons", json=planned).raise_for_status().json()["id"]
    house.token(lesson, "classroom", "Far school", "c3")
    asyncio.run(hold_lesson(house, lesson))
    report = house.admin.get(f"/api/v1/lessons/{lesson}/report").json()
    figures = report["figures"]
    rooms = {room["classroom"]: room for room in figures["rooms"]}
    assert (report["is_final"], figures["rounds_opened"]) == (True, 1)
    assert (rooms["c1"]["turns"], rooms["c1"]["stage_ratio"], rooms["c1"]["waits"]["hands"]) == (1, 1, 1)
    assert (rooms["c2"]["rounds_answered"], rooms["c2"]["reconnects"]) == (1, 1)
    assert rooms["c2"]["disconnected_ms"] > 0
    assert rooms["c3"]["present_ms"] == 0
    key = house.admin.headers["Authorization"].removeprefix("Bearer ")
    with chromium() as browser:
        page = open_page(browser, f"{house.server.url}/reports#token={key}", size=(1440, 900))
        page.get_by_role("link", name="分数的初步认识").click()
        page.get_by_role("heading", name="分数的初步认识").wait_for()
        for room in rooms.values():
            shown = figures_shown(page, room["classroom"])
            assert shown["joins"] == f"{room['joins']} / {room['reconnects']}"
            assert shown["turns"] == str(room["turns"])
            assert shown["hands"] == f"{room['waits']['hands']} / {room['waits']['unanswered']}"
            assert shown["rounds"] == f"{room['rounds_answered']} / {figures['rounds_opened']}"
            assert f"({round(room['stage_ratio'] * 100)}%)" in shown["stage"]
            assert int(shown["reduced"].split()[0]) == room["reduced_ms"] // 60_000
            assert page.get_by_test_id(f"timeline-{room['classroom']}").is_visible()
        assert "2 of 3" in page.get_by_test_id("tile-rooms").inner_text()
        with page.expect_download() as download:
            page.get_by_test_id("download-CSV").click()
        assert download.value.path().read_bytes().startswith("\ufeff".encode())
        assert findings(page) == []
        page.emulate_media(media="print")
        assert not page.get_by_test_id("download-CSV").is_visible()
    told = house.admin.get("/api/v1/audit", params={"record_id": lesson}).json()
    assert {"GET /api/v1/lessons/{lesson_id}/report.csv"} <= {entry["action"] for entry in told}
