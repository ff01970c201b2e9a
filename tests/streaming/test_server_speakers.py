"""Many open microphones of one lesson through a whole media server: the loudest few are heard."""

from __future__ import annotations

from collections.abc import Mapping

from aiortc import RTCSessionDescription

from streaming.identifiers import PeerId, PublicationId
from streaming.session.media import Publication
from tests.streaming.aiortc_peers import Tone, new_connection
from tests.streaming.media_stage import ALL, Stage, run
from tests.waiting import until

AMPLITUDES = (16_000, 4_000, 1_000, 250, 60, 20)
LOST_PACKETS = 5
"""100 ms of voice."""


async def speak(at: Stage, tone: Tone) -> Publication:
    """A publisher with a microphone alone, which is live."""
    connection = new_connection()
    at.publishers.append(connection)
    connection.addTrack(tone)
    await connection.setLocalDescription(await connection.createOffer())
    _, answer, (voice,) = await at.server.open_publisher(
        connection.localDescription.sdp, sources=None, allowed=ALL, stream_name="seat"
    )
    await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    await at.until_live(voice)
    return voice


def sent(at: Stage, voice: Publication) -> int:
    return at.server.statistics(voice.peer).publications[voice.id][""]["packets"]


def heard(at: Stage, listeners: Mapping[PublicationId, PeerId], voice: Publication) -> int:
    return at.server.statistics(listeners[voice.id]).subscriptions[voice.id]["packets"]


def test_of_six_microphones_three_are_heard_and_the_masters_always() -> None:
    async def scenario(at: Stage) -> None:
        tones = [Tone(amplitude) for amplitude in AMPLITUDES]
        rooms = [await speak(at, tone) for tone in tones]
        master = await speak(at, Tone(10))
        for voice in rooms:
            at.server.set_speaker_group(voice.id, "lesson")
        # aiortc answers no offer of two voices: a listener for each.
        listeners = {voice.id: (await at.subscribe(voice))[0] for voice in (master, *rooms)}
        await until(lambda: all(at.server.statistics(p).state == "connected" for p in listeners.values()))

        async def pass_by(packets: int) -> None:
            before = sent(at, master)
            await until(lambda: sent(at, master) >= before + packets)

        async def forwarded(packets: int) -> list[float]:
            """The share of each voice that was heard meanwhile, the master's first."""
            before = [(sent(at, v), heard(at, listeners, v)) for v in (master, *rooms)]
            await pass_by(packets)
            after = [(sent(at, v), heard(at, listeners, v)) for v in (master, *rooms)]
            return [(h - h0) / (s - s0) for (s0, h0), (s, h) in zip(before, after, strict=True)]

        await pass_by(25)
        shares = await forwarded(50)
        assert min(shares[:4]) > 0.9, shares
        assert max(shares[4:]) == 0, shares

        newcomer, its_tone = rooms[5], tones[5]
        sent_before, heard_before = sent(at, newcomer), heard(at, listeners, newcomer)
        its_tone.amplitude = 16_000
        await until(lambda: heard(at, listeners, newcomer) > heard_before + 10)
        heard_now = heard(at, listeners, newcomer) - heard_before
        assert sent(at, newcomer) - sent_before - heard_now <= LOST_PACKETS
        shares = await forwarded(50)
        assert min(*shares[:3], shares[6]) > 0.9, shares
        assert max(shares[3:6]) == 0, shares

    run(scenario)
