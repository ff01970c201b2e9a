"""One master, three classrooms with assistants: stage, round, whisper, forbid all, a master who is lost."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.bare_clients import chromium
from tests.e2e.conftest import House
from tests.e2e.protocol_seats import ProtocolSeat, take_seat
from tests.e2e.replay import playable

pytestmark = [pytest.mark.alone, pytest.mark.timeout(300)]

log = logging.getLogger(__name__)

TURNS = 20
STAGE_P95_MS = 1000
FORBIDDEN_AFTER_MS = 300
MARKER = "Example 2"
UNTIL_AT = """async start_s => {
    const video = document.querySelector("video");
    const later = () => new Promise(done => video.addEventListener("timeupdate", done, {once: true}));
    while (video.currentTime < start_s) await later();
}"""
ROOMS = ("Hill", "River", "Wood")


@dataclass(frozen=True, slots=True)
class Plan:
    """A lesson as planned through the API: its places, by the names of their classrooms."""

    lesson: str
    places: dict[str, str]

    def invitation(self, house: House, role: str, room: str | None) -> str:
        body = {"role": role, "name": f"{room or ''} {role}".strip(), "classroom": room and self.places[room]}
        answer = house.admin.post(f"/api/v1/lessons/{self.lesson}/invitations", json=body)
        return str(answer.raise_for_status().json()["invitation"])


def planned(house: House, refusing: str) -> Plan:
    """Three groups grant recording but one."""

    def make(records: str, /, **values: object) -> str:
        answer = house.admin.post(f"/api/v1/{records}", json=values)
        return str(answer.raise_for_status().json().get("id"))

    county = make("organizations", kind="region", name="Hill county")
    places = {}
    for room in ROOMS:
        group = make("student-groups", organization_id=county, name=room, grade_levels=[3, 4], size=12)
        places[room] = make("pairings", organization_id=county, name=room, student_group_id=group)
        for kind in ("live_video", "live_voice"):
            make("consents", student_group_id=group, kind=kind, decision="granted")
        decision = "refused" if room == refusing else "granted"
        make("consents", student_group_id=group, kind="recording", decision=decision)
    lesson = make(
        "lessons",
        title="Fractions",
        organization_id=county,
        pairings=list(places.values()),
        recording_policy="stage",
    )
    return Plan(lesson, places)


@dataclass(frozen=True, slots=True)
class Class:
    """All who are there."""

    house: House
    plan: Plan
    browser: Browser
    master: ProtocolSeat
    rooms: dict[str, ProtocolSeat]
    assistants: dict[str, ProtocolSeat]

    @property
    def everybody(self) -> list[ProtocolSeat]:
        return [self.master, *self.rooms.values(), *self.assistants.values()]

    def others(self, *seats: ProtocolSeat) -> list[ProtocolSeat]:
        return [one for one in self.everybody if one not in seats]


async def seated(
    house: House, plan: Plan, browser: Browser, key: str, role: str, room: str | None
) -> ProtocolSeat:
    """In a page of its own, publishing and subscribed."""
    page = await (await browser.new_context()).new_page()
    await page.goto(f"{house.server.url}/")
    seat = await take_seat(page, key, house.server.url, plan.lesson, plan.invitation(house, role, room))
    await seat.publish("microphone", "camera")
    await seat.ask("subscribe")
    return seat


async def gathered(house: House, plan: Plan, browser: Browser) -> Class:
    master = await seated(house, plan, browser, "master", "master", None)
    await master.ask("lesson_start")
    rooms = {room: await seated(house, plan, browser, room, "classroom", room) for room in ROOMS}
    assistants = {room: await seated(house, plan, browser, room, "assistant", room) for room in ROOMS}
    return Class(house, plan, browser, master, rooms, assistants)


async def everybody_hears(listeners: list[ProtocolSeat], speaker: ProtocolSeat, from_ms: float) -> float:
    """How long after `from_ms` the last of them heard the speaker."""
    heard = [one.first_voice(speaker.id, "microphone", from_ms) for one in listeners]
    return max(await asyncio.gather(*heard)) - from_ms


async def turns_on_stage(klass: Class) -> None:
    """From the master's invitation to the first voice in every other room."""
    waits = []
    for room in islice(cycle(ROOMS), TURNS):
        speaker = klass.rooms[room]
        await klass.assistants[room].ask("floor_request", seat=speaker.id)
        asked_ms = await klass.master.asked_ms("floor_grant", seat=speaker.id)
        async with asyncio.timeout(15):
            waits.append(await everybody_hears(klass.others(speaker), speaker, asked_ms))
        await klass.master.ask("floor_revoke", seat=speaker.id)
    log.info("invitation to voice in all rooms, ms: %s", sorted(round(wait) for wait in waits))
    assert sorted(waits)[int(0.95 * TURNS) - 1] < STAGE_P95_MS, waits


async def a_round(klass: Class) -> None:
    opened = await klass.master.ask("round_open", prompt="How many got 3/4?", answer="count", choices=[])
    number = opened["round"]
    await klass.master.ask("round_phase", round=number, phase="local", local_s=60)
    for room, assistant in klass.assistants.items():
        await assistant.event("round_phase", round=number, phase="local")
        await assistant.ask("round_ready", round=number)
        await klass.master.event("round_ready", classroom=klass.plan.places[room])
    await klass.master.ask("round_phase", round=number, phase="report")
    for right, room in enumerate(ROOMS):
        await klass.assistants[room].ask("round_answer", round=number, counts=[right, 12])
    await klass.master.ask("round_phase", round=number, phase="stage", seats=[klass.rooms["Hill"].id])
    for seat in klass.others(klass.rooms["Hill"]):
        await seat.event("round_phase", round=number, phase="stage")
    await klass.master.ask("round_phase", round=number, phase="closed")
    await klass.master.ask("marker", label=MARKER)
    answered = [
        one["event"] for one in await klass.rooms["Wood"].events() if one["event"]["type"] == "round_answered"
    ]
    assert answered[-1]["tally"] == [3, 36]
    await klass.master.ask("stage", seats=[])


async def a_whisper(klass: Class) -> str:
    """From an assistant to the master: the master hears it, nobody else has as much as a section for it."""
    assistant = klass.assistants["River"]
    publications = await assistant.publish("whisper")
    asked_ms = await klass.master.page.evaluate("Date.now()")
    async with asyncio.timeout(15):
        await klass.master.first_voice(assistant.id, "whisper", asked_ms)
    for seat in klass.others(klass.master, assistant):
        assert "whisper" not in await seat.sources_of(assistant.id)
        assert await seat.packets_of(assistant.id) == 0
    return next(one["id"] for one in publications if one["source"] == "whisper")


async def received_of(listeners: list[ProtocolSeat], speaker: ProtocolSeat) -> int:
    return sum(await asyncio.gather(*(one.packets_of(speaker.id) for one in listeners)))


async def forbidden(klass: Class) -> None:
    """A seat on stage falls silent, a reconnect changes nothing; lifted, it is heard again."""
    room = klass.rooms["Hill"]
    listeners = klass.others(room)
    asked_ms = await klass.master.asked_ms("floor_grant", seat=room.id)
    async with asyncio.timeout(15):
        await everybody_hears(listeners, room, asked_ms)

    await klass.master.ask("forbid_all", forbidden=True)
    await klass.master.page.wait_for_timeout(FORBIDDEN_AFTER_MS)
    before = await received_of(listeners, room)
    assert before > 0
    await klass.master.page.wait_for_timeout(1500)
    assert await received_of(listeners, room) == before

    await room.close()
    again = await seated(klass.house, klass.plan, klass.browser, "Hill", "classroom", "Hill")
    assert again.id == room.id
    klass.rooms["Hill"] = again
    await klass.master.ask("floor_grant", seat=room.id)
    await klass.master.page.wait_for_timeout(2000)
    assert await received_of(listeners, room) in (before, 0)  # 0: in new sections

    lifted_ms = await klass.master.asked_ms("forbid_all", forbidden=False)
    async with asyncio.timeout(15):
        await everybody_hears(listeners, again, lifted_ms)
    await klass.master.ask("stage", seats=[])


async def a_killed_tab(klass: Class) -> Class:
    """The master's page goes without a word; the same lesson goes on when it is opened again."""
    witness = klass.rooms["Wood"]
    await klass.master.page.close()
    async with asyncio.timeout(20):
        await witness.event("lesson_interrupted", state="master_lost")
    master = await seated(klass.house, klass.plan, klass.browser, "master", "master", None)
    assert master.id == klass.master.id
    async with asyncio.timeout(20):
        await witness.event("lesson_interrupted", state="live")
        await everybody_hears([*klass.rooms.values(), *klass.assistants.values()], master, 0)
    return Class(klass.house, klass.plan, klass.browser, master, klass.rooms, klass.assistants)


async def numbered_alike(klass: Class) -> None:
    """What two seats were both told is the same, in the same order, without a gap."""
    lists = [{one["seq"]: one["event"] for one in await seat.events()} for seat in klass.everybody]
    for events in lists:
        assert list(events) == list(range(min(events), max(events) + 1))
        for other in lists:
            common = events.keys() & other.keys()
            assert common
            assert all(events[seq] == other[seq] for seq in common)


def on_disk(folder: Path) -> dict[str, list[str]]:
    """The sources that were recorded, by seat."""
    return {one.name: [log.name for log in one.iterdir()] for one in folder.iterdir() if one.is_dir()}


async def replayed(house: House, plan: Plan, browser: Browser, master: str) -> None:
    """Its chapters lead to where things happened."""
    resource = str((await asyncio.to_thread(playable, house, plan.lesson))["id"])
    answer = await asyncio.to_thread(house.admin.get, f"/api/v1/resources/{resource}/timeline")
    timeline = answer.raise_for_status().json()
    assert [one["tally"] for one in timeline["questions"]] == [[3, 36]]
    [marked] = [one for one in timeline["chapters"] if one["title"] == MARKER]
    page = await (await browser.new_context()).new_page()
    await page.goto(f"{house.server.url}/watch/{resource}#token={master}")
    await page.get_by_role("button", name=MARKER).click(timeout=20_000)
    await page.evaluate(UNTIL_AT, marked["start_ms"] / 1000)
    chapter = page.locator(".chapters [aria-current=true]")
    await expect(chapter).to_contain_text(MARKER, timeout=20_000)


def test_a_dual_teacher_lesson(house: House) -> None:
    plan = planned(house, refusing="Wood")

    async def scenario() -> None:
        async with chromium() as opened:
            klass = await gathered(house, plan, opened.browser)
            await turns_on_stage(klass)
            await a_round(klass)
            whisper = await a_whisper(klass)
            await forbidden(klass)
            klass = await a_killed_tab(klass)
            await numbered_alike(klass)
            invitation = plan.invitation(house, "master", None)
            await klass.master.ask("lesson_end")
            await klass.rooms["Wood"].event("lesson_state", state="ended")
            await replayed(house, plan, opened.browser, invitation)
        recorded = on_disk(house.data_dir / "recordings" / plan.lesson)
        assert set(recorded) == {klass.master.id, klass.rooms["Hill"].id, klass.rooms["River"].id}
        assert not any(name.startswith(whisper) for names in recorded.values() for name in names)

    asyncio.run(scenario())
