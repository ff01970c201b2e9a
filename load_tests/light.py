"""Drives the native light participants: builds the program, hands it sockets and keys, reads its result."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from load_tests.offer import (
    AUDIO_LEVEL_URI,
    MID_URI,
    TRANSPORT_CC_URI,
    VIDEO_PAYLOAD_TYPE,
    VOICE_PAYLOAD_TYPE,
)
from load_tests.participant import Participant
from load_tests.scenario import PublisherShape, SubscriberShape

SOURCE = Path(__file__).parent / "native"
BUILD = Path(__file__).parents[1] / "build" / "load_tests"


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Microseconds."""

    count: int
    p50: int
    p99: int
    max: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one subscriber got of the window's packets."""

    voice_packets: int
    video_packets: int
    duplicates: int
    not_authentic: int
    socket_overflows: int
    reports: int


@dataclass(frozen=True, slots=True)
class Result:
    """One run. Published and delivered packets are those of the window between `begin` and `end`.

    Delays run from a packet's scheduled time to the kernel's time stamp there: the publisher's own
    lateness is in them and also told apart.
    """

    published_voice: int
    published_video: int
    keyframe_requests: int
    send_failures: int
    publisher_lateness_us: Quantiles
    voice_delay_us: Quantiles
    delta_delay_us: Quantiles
    keyframe_delay_us: Quantiles
    deliveries: tuple[Delivery, ...]

    def forwarded(self) -> int:
        """Packets of the window that all subscribers together received."""
        return sum(each.voice_packets + each.video_packets for each in self.deliveries)

    def lost(self) -> int:
        """Packets of the window that did not arrive, over all subscribers."""
        return len(self.deliveries) * (self.published_voice + self.published_video) - self.forwarded()


def build() -> Path:
    """The program, built when it is missing or older than its sources."""
    subprocess.run(
        ["cmake", "-S", str(SOURCE), "-B", str(BUILD), "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    subprocess.run(["cmake", "--build", str(BUILD)], check=True, stdout=subprocess.DEVNULL)
    return BUILD / "light"


def association_words(participant: Participant) -> dict[str, object]:
    """The words that publisher and subscriber lines share."""
    return {
        "fd": participant.socket.fileno(),
        "username": participant.check_username(),
        "password": participant.remote.pwd,
        "voice_type": VOICE_PAYLOAD_TYPE,
        "video_type": VIDEO_PAYLOAD_TYPE,
        "send_rtcp": participant.send_keys.rtcp.hex(),
    }


def publisher_words(publisher: Participant, capture: Path | None) -> dict[str, object]:
    """A publisher's keys, SSRCs and negotiated header extensions (0: none)."""
    extensions = publisher.remote.extensions
    return association_words(publisher) | {
        "send_rtp": publisher.send_keys.rtp.hex(),
        "receive_rtcp": publisher.receive_keys.rtcp.hex(),
        "voice_ssrc": publisher.local.voice_ssrc,
        "video_ssrc": publisher.local.video_ssrc,
        "mid_extension": extensions.get(MID_URI, 0),
        "level_extension": extensions.get(AUDIO_LEVEL_URI, 0),
        "transport_cc_extension": extensions.get(TRANSPORT_CC_URI, 0),
        "capture": capture or "",
    }


def subscriber_words(subscriber: Participant) -> dict[str, object]:
    """A subscriber's keys."""
    return association_words(subscriber) | {
        "receive_rtp": subscriber.receive_keys.rtp.hex(),
        "report_ssrc": subscriber.local.voice_ssrc,
    }


def plan_line(kind: str, words: Mapping[str, object]) -> str:
    """`kind key=value …`."""
    return " ".join([kind, *(f"{name}={value}" for name, value in words.items())])


def make_plan(
    publisher: Participant,
    subscribers: Sequence[Participant],
    *,
    shape: PublisherShape,
    subscriber_shape: SubscriberShape,
    warmup_ms: int,
    duration_ms: int,
    capture: Path | None = None,
) -> str:
    """The program's standard input (load_tests/native/plan.hpp).

    `capture` names a file that gets the publisher's protected packets, each behind a 16-bit length.
    """
    run_words = {"warmup_ms": warmup_ms, "duration_ms": duration_ms} | asdict(subscriber_shape)
    lines = [
        plan_line("run", run_words),
        plan_line("publisher", publisher_words(publisher, capture) | asdict(shape)),
        *(plan_line("subscriber", subscriber_words(each)) for each in subscribers),
    ]
    return "\n".join(lines) + "\n"


def run(
    program: Path,
    plan: str,
    sockets: Sequence[int],
    *,
    on_begin: Callable[[], None],
    on_end: Callable[[], None],
) -> Result:
    """Runs a plan; calls back as the window opens and closes.

    Raises CalledProcessError when the program fails.
    """
    with subprocess.Popen(
        [str(program)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        pass_fds=tuple(sockets),
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(plan)
        process.stdin.close()
        result = None
        for line in process.stdout:
            match line.strip():
                case "begin":
                    on_begin()
                case "end":
                    on_end()
                case other:
                    result = read_result(other)
    if process.returncode != 0 or result is None:
        raise subprocess.CalledProcessError(process.returncode, str(program))
    return result


def read_result(line: str) -> Result:
    """The program's last line."""
    values = json.loads(line)
    return Result(
        published_voice=values["published"][0],
        published_video=values["published"][1],
        keyframe_requests=values["keyframe_requests"],
        send_failures=values["send_failures"],
        publisher_lateness_us=Quantiles(**values["publisher_lateness_us"]),
        voice_delay_us=Quantiles(**values["delay_us"]["voice"]),
        delta_delay_us=Quantiles(**values["delay_us"]["delta"]),
        keyframe_delay_us=Quantiles(**values["delay_us"]["keyframe"]),
        deliveries=tuple(Delivery(*each) for each in values["subscribers"]),
    )
