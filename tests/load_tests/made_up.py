"""Results that nobody measured, for the tests of what is made of them."""

from __future__ import annotations

from load_tests.light import Delays, Delivery, Quantiles, Result
from load_tests.report import Outcome
from load_tests.scenario import Scenario, Target

SOME = Quantiles(count=100, p50=500, p99=2000, max=3000)
DELAYS = Delays(all=SOME, first=SOME, last=SOME)


def make_delivery(voice: int, video: int) -> Delivery:
    return Delivery(voice, video, 0, 0, 0, 0, 0, 0, 5, 21_000, 35_000)


def make_outcome(
    target: Target = Target.TANDEM, *, cpu_seconds: float = 0.5, subscribers: int = 3, title: str = "tandem"
) -> Outcome:
    """100 packets to three subscribers, of which two did not arrive."""
    result = Result(
        published_voice=25,
        published_video=75,
        keyframe_requests=1,
        send_failures=0,
        sender_cpu_ns=0,
        publisher_lateness_us=SOME,
        null_path_us=SOME,
        longest_stall_us=(1000, 2000),
        voice=DELAYS,
        delta=DELAYS,
        keyframe=DELAYS,
        usual=DELAYS,
        deliveries=(make_delivery(25, 75), make_delivery(25, 75), make_delivery(24, 74)),
    )
    scenario = Scenario(
        name=f"{target}-{subscribers}",
        title=title,
        subscribers=subscribers,
        warmup_s=0,
        duration_s=1,
        trace="chromium_vp8_720p30",
        target=target,
    )
    return Outcome(scenario, result, cpu_seconds, server_kernel_drops=0)
