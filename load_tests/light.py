"""Drives the native light participants: builds the program, hands it sockets and keys, reads its result."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from load_tests.keys import SessionKeys
from load_tests.offer import (
    AUDIO_LEVEL_URI,
    MID_URI,
    RTX_PAYLOAD_TYPE,
    TRANSPORT_CC_URI,
    VIDEO_PAYLOAD_TYPE,
    VOICE_PAYLOAD_TYPE,
)
from load_tests.participant import Participant
from load_tests.scenario import Engine, SubscriberShape
from load_tests.trace import trace_path

SOURCE = Path(__file__).parent / "native"
BUILD = Path(__file__).parents[1] / "build" / "load_tests"
PAYLOAD_TYPES = {"voice_type": VOICE_PAYLOAD_TYPE, "video_type": VIDEO_PAYLOAD_TYPE}


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Microseconds."""

    count: int
    p50: int
    p99: int
    max: int


@dataclass(frozen=True, slots=True)
class Delays:
    """Of one kind of packet: over all subscribers, and to the first and the last that it reached."""

    all: Quantiles
    first: Quantiles
    last: Quantiles


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one subscriber got of the window's packets (load_tests/native/subscribers.hpp)."""

    voice_packets: int
    video_packets: int
    recovered: int
    taken_for_lost: int
    duplicates: int
    not_authentic: int
    renumbered: int
    socket_overflows: int
    reports: int
    longest_voice_gap_us: int
    longest_video_gap_us: int


@dataclass(frozen=True, slots=True)
class Result:
    """One run. Published and delivered packets are those of the window between `begin` and `end`.

    Delays run to the kernel's time stamp at the subscriber: with a null path from the time at which the
    packet's copy came there without a server between, else from the scheduled time. A stall (voice, picture)
    is by how much the longest gap of any one subscriber exceeds the gap that the publisher had there.
    `usual`: voice and delta together.
    """

    published_voice: int
    published_video: int
    keyframe_requests: int
    send_failures: int
    sender_cpu_ns: int
    publisher_lateness_us: Quantiles
    null_path_us: Quantiles
    longest_stall_us: tuple[int, int]
    voice: Delays
    delta: Delays
    keyframe: Delays
    usual: Delays
    deliveries: tuple[Delivery, ...]

    def forwarded(self) -> int:
        """Packets of the window that all subscribers together received."""
        return sum(each.voice_packets + each.video_packets for each in self.deliveries)

    def lost(self) -> int:
        """Packets of the window that did not arrive, over all subscribers."""
        return len(self.deliveries) * (self.published_voice + self.published_video) - self.forwarded()

    def socket_overflows(self) -> int:
        """Packets that were lost in front of subscribers who did not read fast enough."""
        return sum(each.socket_overflows for each in self.deliveries)

    def longest_gap_us(self) -> tuple[int, int]:
        """(voice, picture) between two packets of any one subscriber."""
        return (
            max((each.longest_voice_gap_us for each in self.deliveries), default=0),
            max((each.longest_video_gap_us for each in self.deliveries), default=0),
        )


@dataclass(frozen=True, slots=True)
class Places:
    """Processors to stay on (None: any), and the null path's two sockets, if there is one."""

    send_cpu: int | None = None
    receive_cpu: int | None = None
    null_send: int | None = None
    null_receive: int | None = None

    def words(self) -> dict[str, object]:
        """For the plan."""
        return {name: "" if value is None else value for name, value in asdict(self).items()}

    def sockets(self) -> tuple[int, ...]:
        """File descriptors that the program inherits."""
        return tuple(fd for fd in (self.null_send, self.null_receive) if fd is not None)


def build() -> Path:
    """The program, built when it is missing or older than its sources."""
    subprocess.run(
        ["cmake", "-S", str(SOURCE), "-B", str(BUILD), "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    subprocess.run(["cmake", "--build", str(BUILD)], check=True, stdout=subprocess.DEVNULL)
    return BUILD / "light"


def plan_line(kind: str, words: Mapping[str, object]) -> str:
    """`kind key=value …`."""
    return " ".join([kind, *(f"{name}={value}" for name, value in words.items())])


def association_words(participant: Participant) -> dict[str, object]:
    """The words that publisher and subscriber lines share."""
    return PAYLOAD_TYPES | {
        "fd": participant.socket.fileno(),
        "username": participant.check_username(),
        "password": participant.remote.pwd,
        "transport_cc_extension": participant.remote.extensions.get(TRANSPORT_CC_URI, 0),
        "send_rtcp": participant.send_keys.rtcp.hex(),
    }


def publisher_line(publisher: Participant, capture: Path | None = None) -> str:
    """A publisher's keys, SSRCs and negotiated header extensions (0: none).

    `capture` names a file that gets the protected packets, each behind a 16-bit length.
    """
    extensions = publisher.remote.extensions
    words = association_words(publisher) | {
        "video_fd": publisher.socket.fileno(),
        "send_rtp": publisher.send_keys.rtp.hex(),
        "receive_rtcp": publisher.receive_keys.rtcp.hex(),
        "voice_ssrc": publisher.local.voice_ssrc,
        "video_ssrc": publisher.local.video_ssrc,
        "mid_extension": extensions.get(MID_URI, 0),
        "level_extension": extensions.get(AUDIO_LEVEL_URI, 0),
        "capture": capture or "",
    }
    return plan_line("publisher", words)


def plain_publisher_line(voice_fd: int, video_fd: int) -> str:
    """Plain RTP to two connected sockets, no checks: what Janus' streaming plugin is fed with."""
    words: dict[str, object] = {
        "fd": voice_fd,
        "video_fd": video_fd,
        "username": "",
        "password": "",
        "transport_cc_extension": 0,
        "send_rtcp": "",
        "send_rtp": "",
        "receive_rtcp": "",
        "voice_ssrc": 1001,
        "video_ssrc": 1002,
        "mid_extension": 0,
        "level_extension": 0,
        "capture": "",
    }
    return plan_line("publisher", PAYLOAD_TYPES | words)


def ceiling_line(fd: int, engine: Engine) -> str:
    """The bare loop in the publisher's place, sending from one socket to the subscribers' addresses."""
    return plan_line("ceiling", PAYLOAD_TYPES | {"fd": fd, "crypto": engine.value})


def subscriber_line(subscriber: Participant) -> str:
    """A subscriber's keys."""
    words = association_words(subscriber) | {
        "receive_rtp": subscriber.receive_keys.rtp.hex(),
        "report_ssrc": subscriber.local.voice_ssrc,
        "rtx_type": RTX_PAYLOAD_TYPE if subscriber.remote.has_rtx else 0,
    }
    return plan_line("subscriber", words)


def sink_line(fd: int, keys: SessionKeys) -> str:
    """A subscriber of the ceiling: nobody answers it, it answers nobody."""
    words: dict[str, object] = {
        "fd": fd,
        "username": "",
        "password": "",
        "transport_cc_extension": 0,
        "send_rtcp": keys.rtcp.hex(),
        "receive_rtp": keys.rtp.hex(),
        "report_ssrc": 1,
        "rtx_type": 0,
    }
    return plan_line("subscriber", PAYLOAD_TYPES | words)


def make_plan(
    sender: str,
    subscribers: Sequence[str],
    *,
    trace: str,
    subscriber_shape: SubscriberShape,
    warmup_ms: int,
    duration_ms: int,
    places: Places | None = None,
) -> str:
    """The program's standard input (load_tests/native/plan.hpp) from the lines of all who take part."""
    run_words = (
        {"warmup_ms": warmup_ms, "duration_ms": duration_ms, "trace": trace_path(trace)}
        | asdict(subscriber_shape)
        | (places or Places()).words()
    )
    return "\n".join([plan_line("run", run_words), sender, *subscribers]) + "\n"


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


def read_delays(values: Mapping[str, Mapping[str, int]]) -> Delays:
    """One kind's."""
    return Delays(**{name: Quantiles(**values[name]) for name in ("all", "first", "last")})


def read_result(line: str) -> Result:
    """The program's last line."""
    values = json.loads(line)
    return Result(
        published_voice=values["published"][0],
        published_video=values["published"][1],
        keyframe_requests=values["keyframe_requests"],
        send_failures=values["send_failures"],
        sender_cpu_ns=values["sender_cpu_ns"],
        publisher_lateness_us=Quantiles(**values["publisher_lateness_us"]),
        null_path_us=Quantiles(**values["null_path_us"]),
        longest_stall_us=tuple(values["longest_stall_us"]),
        voice=read_delays(values["delay_us"]["voice"]),
        delta=read_delays(values["delay_us"]["delta"]),
        keyframe=read_delays(values["delay_us"]["keyframe"]),
        usual=read_delays(values["delay_us"]["usual"]),
        deliveries=tuple(Delivery(*each) for each in values["subscribers"]),
    )
