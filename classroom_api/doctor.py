"""`tandem doctor`: what this machine has, what it lacks, and what to do about it."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from classroom_api.pages import find_pages
from classroom_api.settings import Settings

_WANTED_FREE_BYTES = 5 << 30
_WANTED_BUFFER_BYTES = 4 << 20
_REDIS_ANSWER_S = 3
_REDIS_WANTED = (6, 2)
_RECEIVE_BUFFER_LIMIT = Path("/proc/sys/net/core/rmem_max")


class Verdict(StrEnum):
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report: what was looked at, how it is, and what to do (or what was found)."""

    subject: str
    verdict: Verdict
    sentence: str


def _native_extension(_: Settings) -> Finding:
    try:
        from streaming import dataplane
    except ImportError as error:
        return Finding("packet worker", Verdict.BAD, str(error))
    return Finding(
        "packet worker", Verdict.GOOD, f"loaded ({Path(dataplane.__file__).parent.name}._dataplane)"
    )


def _encryption(_: Settings) -> Finding:
    try:
        from streaming.dataplane import crypto_choice
    except ImportError:
        return Finding("encryption", Verdict.BAD, "comes with the packet worker")
    name, advice = crypto_choice()
    if advice:
        return Finding(
            "encryption",
            Verdict.WARNING,
            f"{name}, at three to five times the cost of ipsec-mb: {advice}",
        )
    return Finding("encryption", Verdict.GOOD, name)


def _pages(_: Settings) -> Finding:
    pages = find_pages()
    if pages is None:
        return Finding("pages", Verdict.BAD, "not built: run `make setup`")
    return Finding("pages", Verdict.GOOD, "built")


def _encoders(_: Settings) -> Finding:
    import av

    missing = [name for name in ("libx264", "aac") if name not in av.codecs_available]
    if missing:
        return Finding("encoders", Verdict.BAD, f"FFmpeg in PyAV lacks {', '.join(missing)}: reinstall `av`")
    return Finding("encoders", Verdict.GOOD, "H264 and AAC")


def _disk(settings: Settings) -> Finding:
    place = settings.data_dir if settings.data_dir.exists() else Path()
    free = shutil.disk_usage(place).free
    sentence = f"{free / (1 << 30):.1f} GiB free for recordings"
    if free < _WANTED_FREE_BYTES:
        return Finding(
            "disk", Verdict.WARNING, f"{sentence}: an hour at 720p takes about 1.6 GiB, log and replay"
        )
    return Finding("disk", Verdict.GOOD, sentence)


def _buffers(_: Settings) -> Finding:
    try:
        limit = int(_RECEIVE_BUFFER_LIMIT.read_text())
    except OSError:
        return Finding("UDP buffers", Verdict.WARNING, "the kernel's limit cannot be read here")
    if limit < _WANTED_BUFFER_BYTES:
        return Finding(
            "UDP buffers",
            Verdict.WARNING,
            f"{limit >> 10} KiB: `sysctl -w net.core.rmem_max={_WANTED_BUFFER_BYTES}`",
        )
    return Finding("UDP buffers", Verdict.GOOD, f"{limit >> 10} KiB")


def _addresses(settings: Settings) -> Finding:
    addresses = [entry.advertised for entry in settings.media().addresses]
    for entry in settings.media().addresses:
        family = socket.AF_INET6 if ":" in entry.bind else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind((entry.bind, 0))
            except OSError as error:
                return Finding(
                    "addresses", Verdict.BAD, f"{entry.bind}: {error.strerror}: mend --public-address"
                )
    return Finding("addresses", Verdict.GOOD, f"media at {', '.join(addresses)}, UDP {settings.media_port}")


def _tls(settings: Settings) -> Finding:
    if not settings.has_tls:
        return Finding(
            "TLS", Verdict.WARNING, "off: browsers give a camera only to https:// and to localhost"
        )
    assert settings.tls_cert is not None
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(settings.tls_cert, settings.tls_key)
    except (ssl.SSLError, OSError) as error:
        return Finding("TLS", Verdict.BAD, f"certificate and key do not fit: {error}")
    return Finding("TLS", Verdict.GOOD, str(settings.tls_cert))


def _redis(settings: Settings) -> Finding:
    if settings.redis_url is None:
        return Finding("Redis", Verdict.GOOD, "not used: the database hands out jobs")
    from redis import Redis
    from redis.exceptions import RedisError

    url = settings.redis_url.get_secret_value()
    advice = "the database hands out jobs meanwhile; mend TANDEM_REDIS_URL or start it"
    try:
        with Redis.from_url(
            url, socket_connect_timeout=_REDIS_ANSWER_S, socket_timeout=_REDIS_ANSWER_S
        ) as redis:
            version = str(redis.info("server")["redis_version"])
    except (RedisError, OSError) as error:
        return Finding("Redis", Verdict.BAD, f"{error}: {advice}")
    if tuple(map(int, version.split(".")[:2])) < _REDIS_WANTED:
        return Finding("Redis", Verdict.BAD, f"{version} cannot give jobs of dead workers back: 6.2 can")
    return Finding("Redis", Verdict.GOOD, f"{version} hands out jobs")


def _cores(_: Settings) -> Finding:
    return Finding("processors", Verdict.GOOD, f"{os.cpu_count()}")


_CHECKS: tuple[Callable[[Settings], Finding], ...] = (
    _native_extension,
    _encryption,
    _pages,
    _encoders,
    _addresses,
    _buffers,
    _disk,
    _tls,
    _redis,
    _cores,
)


def examine(settings: Settings) -> Iterator[Finding]:
    """One finding per check, in the order to read them."""
    for check in _CHECKS:
        yield check(settings)
