"""The rooms of a process: media through the whole stack, restarts, a full disk, WHIP and WHEP."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiortc import RTCPeerConnection, RTCSessionDescription

from signaling.board_events import Deck
from signaling.commands import ViewSource
from signaling.ports import LessonState, RecordingPolicy, RecordingState
from signaling.rooms import Rooms, RoomsConfig
from streaming.errors import Refused, RemoteProtocolError, Unavailable
from streaming.identifiers import LessonId, PeerId, SeatId
from tests.signaling.room_driver import LESSON, claims
from tests.signaling.stack import MemoryLog, SocketClient, Stack, stack
from tests.streaming.aiortc_peers import Receiver, new_connection, publish_offer
from tests.waiting import until

MASTER = claims("master", consent=True)
CLASSROOM_A = claims("classroom_a")
OBSERVER = claims("observer")


def run(
    scenario: Callable[[Stack], Awaitable[None]],
    log: MemoryLog | None = None,
    config: RoomsConfig | None = None,
) -> None:
    async def staged() -> None:
        async with stack(log, config) as running:
            await scenario(running)

    asyncio.run(staged())


async def publish(client: SocketClient) -> RTCPeerConnection:
    """Publish pictures and a tone over the socket."""
    connection = new_connection()
    offer = await publish_offer(connection, "VP8")
    sources = {t.mid: "camera" if t.kind == "video" else "microphone" for t in connection.getTransceivers()}
    result = await client.request("publish", sdp=offer, sources=sources, peer=None)
    assert {p["source"] for p in result["publications"]} == {"camera", "microphone"}
    await connection.setRemoteDescription(RTCSessionDescription(result["sdp"], "answer"))
    return connection


async def answer_offers(client: SocketClient, receiver: Receiver) -> None:
    """Answer subscribe offers until cancelled."""
    while True:
        offer = await client.next("subscribe_offer")
        answer = await receiver.answer(offer["sdp"])
        members = {"peer": offer["peer"], "offer_id": offer["offer_id"], "sdp": answer}
        await client.send({"type": "subscribe_answer", "id": f"a{offer['offer_id']}", **members})


def test_two_seats_publish_and_receive_through_the_whole_stack() -> None:
    """A master and a classroom over real sockets: picture and voice both ways, voice only on stage."""

    async def scenario(running: Stack) -> None:
        master, classroom = await running.seat("master"), await running.seat("classroom_a")
        published = [await publish(master), await publish(classroom)]
        receivers = [Receiver(), Receiver()]
        tasks: list[asyncio.Task[None]] = []
        for client, receiver in zip((master, classroom), receivers, strict=True):
            assert (await client.request("subscribe"))["type"] == "result"
            tasks.append(asyncio.create_task(answer_offers(client, receiver)))
        try:
            await receivers[1].until_decoded("video", 10)
            assert (await receivers[1].until_decoded("audio", 20)).loudest > 1000
            await receivers[0].until_decoded("video", 10)
            assert all(voice.frames == 0 for voice in receivers[0].of_kind("audio"))  # held
            await master.send({"type": "floor_grant", "id": "g", "seat": "classroom_a"})
            assert (await receivers[0].until_decoded("audio", 20)).loudest > 1000
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for connection in published:
                await connection.close()
            for receiver in receivers:
                await receiver.close()

    run(scenario)


def test_whip_publishes_whep_views_and_the_recorder_hears_of_it() -> None:
    async def scenario(running: Stack) -> None:
        rooms, connection, receiver = running.rooms, new_connection(), Receiver()
        peer, answer = await rooms.whip(MASTER, await publish_offer(connection, "VP8"))
        await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        await until(lambda: rooms.summaries()[0].publications == 2)
        await rooms.start_lesson(LESSON)
        viewer, answer = await rooms.whep(OBSERVER, await receiver.view_offer(), ViewSource.STAGE)
        await receiver.accept(answer)
        await receiver.until_decoded("video", 10)
        assert len(await rooms.ice_ufrag(OBSERVER, viewer)) >= 4
        assert await rooms.patch(OBSERVER, viewer, "a=end-of-candidates\r\n") is None
        with pytest.raises(Refused, match="peer_unknown"):
            await rooms.end_resource(CLASSROOM_A, viewer)
        summary = rooms.summary(LESSON)
        assert summary is not None
        assert (summary.participants, summary.connected, summary.viewers) == (2, 2, 1)
        await rooms.end_resource(OBSERVER, viewer)
        await rooms.end_resource(MASTER, peer)
        assert rooms.occupancy(LESSON).participants == 0
        await until(lambda: len(running.recorder.told) == 5)
        assert sorted(running.recorder.told[1:3]) == ["start master camera", "start master microphone"]
        assert running.recorder.told[0] == "lesson master_only"
        assert running.recorder.told[3:] == ["stop", "stop"]
        await connection.close()
        await receiver.close()

    run(scenario)


def test_what_a_role_may_not_publish_is_refused() -> None:
    async def scenario(running: Stack) -> None:
        connection = new_connection()
        offer = await publish_offer(connection, "VP8")
        with pytest.raises(Refused, match="publish_not_permitted"):
            await running.rooms.whip(OBSERVER, offer)
        assert running.rooms.occupancy(LESSON).participants == 0
        student = await running.seat("student_a")
        sources = {"0": "microphone", "1": "camera"}
        answer = await student.request("publish", sdp=offer, sources=sources, peer=None)
        assert answer["code"] == "publish_not_permitted"
        answer = await student.request("publish", sdp="v=0", sources={}, peer=None)
        assert answer["code"].startswith("sdp_")
        answer = await student.request("unpublish", peer="peer_of_nobody")
        assert answer["code"] == "peer_unknown"
        with pytest.raises(RemoteProtocolError, match="sdp_"):
            await running.rooms.whip(MASTER, "hello")
        await connection.close()

    run(scenario)


def test_viewers_are_limited() -> None:
    async def scenario(running: Stack) -> None:
        receiver = Receiver()
        with pytest.raises(Unavailable, match="too_many_participants"):
            await running.rooms.whep(OBSERVER, await receiver.view_offer())
        await receiver.close()

    run(scenario, config=RoomsConfig(max_viewers=0))


def test_after_a_restart_the_same_epoch_goes_on() -> None:
    log = MemoryLog()
    last: dict[str, object] = {}

    async def before(running: Stack) -> None:
        master = await running.seat("master")
        await running.seat("classroom_a")
        await master.request("floor_grant", seat="classroom_a")
        await master.request("lesson_start")
        last.update(epoch=master.messages[0]["epoch"], seq=master.messages[-2]["seq"])

    async def after(running: Stack) -> None:
        summary = running.rooms.summary(LESSON)
        assert summary is not None
        assert (summary.state, summary.connected, summary.on_stage) == (LessonState.MASTER_LOST, 0, 1)
        await until(lambda: running.recorder.told == ["lesson master_only", "lesson continued"])
        master = await running.client()
        welcome = await master.hello("master", resume=last)
        assert (welcome["resumed"], welcome["epoch"]) == (True, last["epoch"])
        missed = [await master.next("event") for _ in range(welcome["seq"] - int(str(last["seq"])))]
        kinds = [m["event"]["type"] for m in missed]
        assert {*kinds} == {"seat_connection", "lesson_interrupted"}
        await master.event("lesson_interrupted", state="live")

    run(before, log)
    run(after, log)


def test_seats_that_do_not_return_leave() -> None:
    async def scenario(running: Stack) -> None:
        client = await running.seat("master")
        await client.connection.close()
        await until(lambda: running.rooms.occupancy(LESSON).participants == 0)
        (rows,) = running.log.rows.values()
        await until(lambda: list(rows.values())[-1][1].kind == "seat_left")

    run(scenario, config=RoomsConfig(seat_timeout_s=0.1))


def test_a_full_disk_does_not_stop_the_lesson(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told once; events go out in a new epoch, are kept, and are stored when there is room again."""
    monkeypatch.setattr("signaling.outbox.STORE_RETRY_S", 0.05)

    async def scenario(running: Stack) -> None:
        master, classroom = await running.seat("master"), await running.seat("classroom_a")
        await master.request("lesson_start")
        epoch = master.messages[0]["epoch"]
        running.log.is_full = True
        await classroom.request("floor_request")
        await master.request("floor_grant", seat="classroom_a")
        await classroom.event("floor_granted")
        await master.request("ping")
        events = [m for m in master.messages if m["type"] == "event"]
        told = [m for m in events if m["event"]["type"] == "recording_state"]
        assert [m["event"]["reason"] for m in told] == [None, "storage_full"]
        assert events[-1]["epoch"] != epoch
        summary = running.rooms.summary(LESSON)
        assert summary is not None
        assert summary.unstored_events >= 3
        running.log.is_full = False
        await master.event("recording_state", state="recording")
        await until(lambda: running.rooms.summaries()[0].unstored_events == 0)
        assert len(running.log.rows[LESSON]) == running.rooms.summaries()[0].events

    run(scenario)


def test_the_recorder_can_fail_and_recover() -> None:
    async def scenario(running: Stack) -> None:
        master = await running.seat("master")
        await running.rooms.start_lesson(LESSON)
        await running.rooms.recording_state(LESSON, RecordingState.FAILED, "storage_full")
        await master.event("recording_state", state="failed", reason="storage_full")
        await running.rooms.recording_state(LESSON, RecordingState.RECORDING, None)
        await master.event("recording_state", state="recording", reason=None)
        await running.rooms.recording_state(LessonId("les_other"), RecordingState.OFF, None)

    run(scenario)


def test_the_end_by_an_administrator() -> None:
    async def scenario(running: Stack) -> None:
        rooms, master = running.rooms, await running.seat("master")
        with pytest.raises(Refused, match="lesson_unknown"):
            await rooms.start_lesson(LessonId("les_other"))
        await rooms.start_lesson(LESSON)
        with pytest.raises(Refused, match="lesson_state_conflict"):
            await rooms.start_lesson(LESSON)
        await rooms.end_lesson(LESSON)
        assert await master.closed() == (4410, None)
        await until(lambda: rooms.summary(LESSON) is None)
        assert running.recorder.told[-1] == "lesson ended"
        with pytest.raises(Refused, match="lesson_ended"):
            await rooms.end_lesson(LESSON)
        late = await running.client()
        await late.send({"type": "hello", "access_token": "master"})
        assert await late.closed() == (4410, "lesson_ended")

    run(scenario, MemoryLog(RecordingPolicy.STAGE))


def test_a_room_is_loaded_once() -> None:
    async def scenario(running: Stack) -> None:
        rooms = running.rooms
        found = await asyncio.gather(*(rooms._room(LESSON) for _ in range(10)))
        assert len({id(room) for room in found}) == 1
        with pytest.raises(Refused, match="peer_unknown"):
            await rooms.end_resource(MASTER, PeerId("peer_1"))

    run(scenario)


def test_too_many_rooms() -> None:
    async def scenario(running: Stack) -> None:
        with pytest.raises(Unavailable, match="unavailable"):
            await running.rooms.start_lesson(LESSON)

    run(scenario, config=RoomsConfig(max_rooms=0))


def test_close_is_idempotent() -> None:
    async def scenario(running: Stack) -> None:
        await running.seat("master")
        rooms: Rooms = running.rooms
        await rooms.close()
        await rooms.close()
        assert rooms.summaries() == ()

    run(scenario)


def test_a_room_learns_its_decks_when_it_is_built_and_when_they_change() -> None:
    deck = Deck("deck_1", "Fractions", 30)

    async def scenario(running: Stack) -> None:
        await running.rooms.decks_changed(LESSON, ())  # no room yet: nothing to do
        master = await running.seat("master")
        assert master.messages[0]["snapshot"]["board"]["decks"][0]["id"] == deck.id
        assert (await master.request("slide", deck="deck_1", page=30))["type"] == "result"
        assert (await master.request("slide", deck="deck_1", page=31))["code"] == "deck_unknown"
        await running.rooms.decks_changed(LESSON, ())
        assert (await master.request("slide", deck="deck_1", page=1))["code"] == "deck_unknown"

    log = MemoryLog()
    log.decks = (deck,)
    run(scenario, log)


def test_a_photo_answers_where_the_room_took_it_and_goes_without_consent() -> None:
    async def scenario(running: Stack) -> None:
        master, classroom = await running.seat("master"), await running.seat("classroom_a")
        assert (await master.request("round_open", prompt="Show it.", answer="photo"))["type"] == "result"
        await master.request("round_phase", round=1, phase="report")
        answer = {"round": 1, "photo": "photo_1"}
        assert (await classroom.request("round_answer", **answer))["code"] == "photo_unknown"
        running.photos.taken.add((SeatId("classroom_a"), "photo_1"))
        assert (await classroom.request("round_answer", **answer))["type"] == "result"
        await master.request("lesson_start")
        await running.rooms.end_lesson(LESSON)
        await until(lambda: LESSON in running.photos.kept)
        assert running.photos.kept[LESSON] == {SeatId("master")}

    run(scenario)


def test_a_server_that_stops_right_after_the_end_has_settled_the_photos(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scenario(running: Stack) -> None:
        settle = running.photos.lesson_ended

        async def settle_slowly(lesson: LessonId, consenting: frozenset[SeatId]) -> None:
            for _ in range(200):
                await asyncio.sleep(0)
            await settle(lesson, consenting)

        monkeypatch.setattr(running.photos, "lesson_ended", settle_slowly)
        master = await running.seat("master")
        await master.request("lesson_start")
        await running.rooms.end_lesson(LESSON)
        assert LESSON not in running.photos.kept, "or this shows nothing"
        await running.rooms.close()
        assert running.photos.kept[LESSON] == {SeatId("master")}

    run(scenario)


def test_who_is_in_the_room() -> None:
    async def scenario(running: Stack) -> None:
        with pytest.raises(Refused, match="seat_unknown"):
            running.rooms.require_present(CLASSROOM_A)
        await running.seat("classroom_a")
        running.rooms.require_present(CLASSROOM_A)
        with pytest.raises(Refused, match="seat_unknown"):
            running.rooms.require_present(OBSERVER)

    run(scenario)
