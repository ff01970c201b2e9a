"""A Chromium receiver through forced switches between the layers of a Chromium publisher, in every codec.

`make layer-switches` makes a hundred switches a case, of more cases; each run of the tests makes a few.
"""

from __future__ import annotations

import itertools
import logging
import os
from dataclasses import dataclass
from statistics import median
from typing import Any

import pytest
from playwright.async_api import Page

from streaming.identifiers import PeerId
from streaming.session.media import EncodingsWanted, LayerLimit, Publication, WantedTrack
from tests.e2e.media_studio import Studio, run, statistics

pytestmark = [pytest.mark.alone, pytest.mark.timeout(400)]

_logger = logging.getLogger(__name__)

SHORT_RUN = 6
SWITCHES = int(os.environ.get("TANDEM_LAYER_SWITCHES", SHORT_RUN))
STEP_MS = 350  # Chromium leaves keyframe requests unanswered for 300 ms after the last
LONGEST_FREEZE_MS = 300
WIDTHS = (240, 480, 960)  # of the layers, from the lowest; Chromium makes three from this size on
GAINED = ("framesDecoded", "keyFramesDecoded", "framesDropped", "freezeCount", "pliCount")


@dataclass(frozen=True, slots=True)
class Case:
    """What the publisher sends.  `descriptor`: both sides negotiate the dependency descriptor."""

    codec: str
    mode: str = ""
    descriptor: bool = False

    def encodings(self) -> list[dict[str, object]]:
        common = {"scalabilityMode": self.mode} if self.mode else {}
        return [
            {"rid": "h", "scaleResolutionDownBy": 1, "maxBitrate": 400_000, **common},
            {"rid": "m", "scaleResolutionDownBy": 2, "maxBitrate": 150_000, **common},
            {"rid": "l", "scaleResolutionDownBy": 4, "maxBitrate": 60_000, **common},
        ]

    @property
    def name(self) -> str:
        return "-".join([self.codec, self.mode or "plain", *(["descriptor"] if self.descriptor else [])])


def exhaustive(*cases: Case) -> tuple[Case, ...]:
    """Cases of the long run alone."""
    return cases if SWITCHES > SHORT_RUN else ()


@dataclass(frozen=True, slots=True)
class Audience:
    """A receiver with what it takes, and its decoder's counts when the test began."""

    at: Studio
    page: Page
    peer: PeerId
    picture: Publication
    before: dict[str, Any]

    def want(self, layers: LayerLimit) -> None:
        self.at.server.set_subscriptions(
            self.peer, [WantedTrack(self.picture.id, "seat_teacher", layers=layers)]
        )

    async def shown_width(self, width: int) -> None:
        await self.page.wait_for_function(
            "width => document.getElementById('shown').videoWidth === width", arg=width, timeout=20_000
        )

    async def rate(self, seconds: float) -> float:
        """Frames decoded a second."""
        before = await statistics(self.page, "inbound-rtp", "video")
        await self.page.wait_for_timeout(seconds * 1000)
        after = await statistics(self.page, "inbound-rtp", "video")
        elapsed_s = (after["timestamp"] - before["timestamp"]) / 1000
        return float((after["framesDecoded"] - before["framesDecoded"]) / elapsed_s)

    async def assert_undisturbed(self, case: Case) -> None:
        """No decoder asked for a keyframe or dropped a frame, and no two pictures were far apart."""
        after = await statistics(self.page, "inbound-rtp", "video")
        gained = {name: after[name] - self.before[name] for name in GAINED}
        gaps_ms = await self.page.evaluate("shown_ms.slice(1).map((at, i) => at - shown_ms[i])")
        worst_ms = max(gaps_ms)
        _logger.info(
            "%s: %d switches, %d pictures, %.0f ms apart (median), %.0f ms at worst; %s",
            *(case.name, SWITCHES, len(gaps_ms), median(gaps_ms), worst_ms, gained),
        )
        assert gained["pliCount"] == 0
        assert gained["framesDropped"] == 0
        assert gained["framesDecoded"] > 0
        assert worst_ms <= LONGEST_FREEZE_MS


async def audience(at: Studio, picture: Publication, *, descriptor: bool, width: int) -> Audience:
    page, peer = await at.subscribe(picture, descriptor=descriptor)
    await page.wait_for_function(
        "width => document.getElementById('shown').videoWidth === width", arg=width, timeout=40_000
    )
    await page.wait_for_function("shown_ms.length > 20")
    before = await statistics(page, "inbound-rtp", "video")
    await page.evaluate("shown_ms.length = 0")
    return Audience(at, page, peer, picture, before)


async def all_sent(sender: Page, encodings: int) -> None:
    await sender.wait_for_function(
        """async count => (await stats('outbound-rtp'))
            .filter(one => one.kind === 'video' && one.framesSent > 0).length === count""",
        arg=encodings,
        timeout=40_000,
    )


OBEY = """async rids => {
    const sender = pc.getSenders().find(one => one.track.kind === 'video');
    const parameters = sender.getParameters();
    for (const one of parameters.encodings) one.active = rids.includes(one.rid);
    await sender.setParameters(parameters);
}"""

SIMULCAST = [
    Case("VP8"),
    Case("H264"),
    Case("VP9", "L1T1"),
    Case("AV1", "L1T1"),
    *exhaustive(Case("VP8", descriptor=True), Case("AV1", "L1T3", descriptor=True)),
]


@pytest.mark.parametrize("case", SIMULCAST, ids=lambda case: case.name)
def test_forced_switches_between_encodings_break_nothing(case: Case) -> None:
    async def scenario(at: Studio) -> None:
        sender, _, _, picture = await at.publish(
            codec=case.codec, width=960, height=540, encodings=case.encodings(), descriptor=case.descriptor
        )
        await all_sent(sender, 3)
        seat = await audience(at, picture, descriptor=case.descriptor, width=WIDTHS[-1])
        for target in itertools.islice(itertools.cycle([0, 2, 1, 0, 1, 2]), SWITCHES):
            seat.want(LayerLimit(spatial=target))
            await seat.shown_width(WIDTHS[target])
            await seat.page.wait_for_timeout(STEP_MS)
        await seat.assert_undisturbed(case)

    run(scenario)


def test_an_encoding_that_nobody_gets_rests_at_the_publisher_until_it_is_wanted_again() -> None:
    case = Case("VP8")

    async def scenario(at: Studio) -> None:
        sender, publisher, _, picture = await at.publish(
            codec=case.codec, width=960, height=540, encodings=case.encodings()
        )
        await all_sent(sender, 3)
        seat = await audience(at, picture, descriptor=False, width=WIDTHS[-1])
        seat.want(LayerLimit(spatial=0))
        low = await at.until(lambda event: event == EncodingsWanted(picture, ("l",)), 15)
        assert isinstance(low, EncodingsWanted)
        await sender.evaluate(OBEY, list(low.rids))
        received = at.server.statistics(publisher).publications[picture.id]["h"]["packets"]
        await seat.page.wait_for_timeout(2000)
        assert at.server.statistics(publisher).publications[picture.id]["h"]["packets"] <= received + 5
        await seat.shown_width(WIDTHS[0])
        at.events.clear()
        seat.want(LayerLimit())
        high = await at.until(lambda event: isinstance(event, EncodingsWanted) and "h" in event.rids, 5)
        assert isinstance(high, EncodingsWanted)
        await sender.evaluate(OBEY, list(high.rids))
        await seat.shown_width(WIDTHS[-1])
        await seat.assert_undisturbed(case)

    run(scenario)


TEMPORAL = [
    Case("VP9", "L1T3"),
    *exhaustive(
        Case("VP8", "L1T3"),
        Case("AV1", "L1T3", descriptor=True),
        Case("VP8", "L1T3", descriptor=True),
        Case("H264", "L1T3", descriptor=True),
    ),
]


@pytest.mark.parametrize("case", TEMPORAL, ids=lambda case: case.name)
def test_temporal_layers_are_left_out_and_taken_in_again(case: Case) -> None:
    """Of four frames the lowest layer has one, the lower two have two."""

    async def scenario(at: Studio) -> None:
        _, _, _, picture = await at.publish(
            codec=case.codec,
            width=640,
            height=360,
            encodings=[{"scalabilityMode": case.mode, "maxBitrate": 500_000}],
            descriptor=case.descriptor,
        )
        seat = await audience(at, picture, descriptor=case.descriptor, width=640)
        rates: dict[int | None, float] = {}
        for target in (0, 1, None):
            seat.want(LayerLimit(temporal=target))
            await seat.page.wait_for_timeout(500)
            rates[target] = await seat.rate(2)
        for target in itertools.islice(itertools.cycle([0, None, 1, 0, 1, None]), SWITCHES):
            seat.want(LayerLimit(temporal=target))
            await seat.page.wait_for_timeout(STEP_MS)
        counts = at.server.counters()
        await seat.assert_undisturbed(case)  # the lowest layer alone has 200 ms between two frames
        assert 2 < rates[0] < rates[None] * 0.4  # a quarter
        assert rates[0] < rates[1] < rates[None] * 0.7  # a half
        assert counts["egress_drop_layer"] > 0

    run(scenario)


SPATIAL = [
    Case("AV1", "L3T3_KEY", descriptor=True),
    *exhaustive(Case("VP9", "L3T3_KEY"), Case("VP9", "L2T2"), Case("AV1", "L2T2", descriptor=True)),
]


@pytest.mark.parametrize("case", SPATIAL, ids=lambda case: case.name)
def test_spatial_layers_of_one_encoding_are_left_out_and_taken_in_again(case: Case) -> None:
    async def scenario(at: Studio) -> None:
        _, _, _, picture = await at.publish(
            codec=case.codec,
            width=960,
            height=540,
            encodings=[{"scalabilityMode": case.mode, "maxBitrate": 1_000_000}],
            descriptor=case.descriptor,
        )
        seat = await audience(at, picture, descriptor=case.descriptor, width=WIDTHS[-1])
        widths = WIDTHS if case.mode.startswith("L3") else WIDTHS[1:]
        steps = (0, 2, 1, 0, 1, 2) if case.mode.startswith("L3") else (0, 1)
        for target in itertools.islice(itertools.cycle(steps), SWITCHES):
            seat.want(LayerLimit(spatial=target))
            await seat.shown_width(widths[target])
            await seat.page.wait_for_timeout(STEP_MS)
        await seat.assert_undisturbed(case)

    run(scenario)
