"""`tandem serve`: the application under uvicorn, with the words a person needs to reach it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from ipaddress import IPv4Address, IPv6Address
from types import FrameType

import typer
import uvicorn
from typing_extensions import override

from classroom_api.app import create_app
from classroom_api.bounded_http import BoundedHttp
from classroom_api.client import ServerAddress, write_server_file
from classroom_api.frame_socket import FrameSocket
from classroom_api.service import Service
from classroom_api.settings import Settings
from signaling.server import HEARTBEAT_S, HEARTBEAT_TIMEOUT_S
from streaming.dataplane import crypto_choice
from streaming.errors import Unavailable

_BACKLOG = 1024
_GRACE_S = 5
_EVERYWHERE = frozenset({str(IPv4Address(0)), str(IPv6Address(0))})


class HttpServer(uvicorn.Server):
    """uvicorn's own looks ten times a second whether it should end: beside a lesson that is felt. This one is
    told, and wakes once a second for the Date header.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = asyncio.Event()

    def end(self) -> None:
        """Finish what was begun and end. From any thread; idempotent."""
        self.should_exit = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._ended.set)

    @override
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self.end()

    @override
    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        seconds = 0
        while not await self.on_tick(seconds * 10):  # it counts in tenths
            seconds += 1
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self._ended.wait()
        self._loop = None


def bind_http(settings: Settings) -> socket.socket:
    """The HTTP listener. Unavailable: the port is taken, or the address is not this machine's."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # Named as TCP, or asyncio leaves Nagle's algorithm on: 40 ms in each answer of two writes.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.http_port))
    except OSError as error:
        listener.close()
        raise Unavailable(
            "unavailable",
            f"Cannot listen on {settings.host}, port {settings.http_port}: {error.strerror}."
            " Choose another --host or --http-port.",
        ) from error
    return listener


def base_url(settings: Settings, port: int) -> str:
    """The address that a browser on this machine opens."""
    host = settings.host
    if host in _EVERYWHERE:
        host = settings.media().addresses[0].advertised
    if ":" in host:
        host = f"[{host}]"
    return f"{'https' if settings.has_tls else 'http'}://{host}:{port}"


def make_server(settings: Settings, listener: socket.socket) -> tuple[HttpServer, Service, str]:
    """The application's server (not yet running), its service, its address (written down for commands)."""
    app = create_app(settings)
    service: Service = app.state.service
    url = base_url(settings, listener.getsockname()[1])
    config = uvicorn.Config(
        app,
        log_level="warning",
        loop="uvloop",
        http=BoundedHttp,
        ws=FrameSocket,
        ws_ping_interval=HEARTBEAT_S,
        ws_ping_timeout=HEARTBEAT_TIMEOUT_S,
        ws_per_message_deflate=False,  # a broadcast to 600 sockets would be compressed 600 times
        timeout_graceful_shutdown=_GRACE_S,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
        backlog=_BACKLOG,
        proxy_headers=True,
    )
    certificate = str(settings.tls_cert) if settings.tls_cert is not None else None
    address = ServerAddress(url, service.keys.admin_key, os.getpid(), certificate)
    write_server_file(settings.data_dir, address)
    return HttpServer(config), service, url


def run_server(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM. Refused: recording_key_wrong, before anything is opened."""
    settings.recording().layout().require_keys()
    with bind_http(settings) as listener:
        server, service, url = make_server(settings, listener)
        for line in describe(settings, url, service.keys.admin_key):
            typer.echo(line)
        with contextlib.suppress(KeyboardInterrupt):
            server.run(sockets=[listener])
    if not server.started:
        raise Unavailable("unavailable", "The server could not start: the lines above say why.")


def describe(settings: Settings, url: str, admin_key: str) -> list[str]:
    """What to open, where media goes and who encrypts it, and which addresses will have no camera."""
    addresses = ", ".join(entry.advertised for entry in settings.media().addresses)
    threads = "1 thread" if settings.packet_workers == 1 else f"{settings.packet_workers} threads"
    lines = [
        f"Tandem is at {url}",
        f"  admin key    {admin_key}  (also in {settings.data_dir / 'server.json'})",
        f"  media        UDP {settings.media_port} at {addresses}, SRTP by {crypto_choice()[0]}, {threads}",
        f"  data         {settings.data_dir.resolve()}",
    ]
    is_local = url.startswith(("http://127.", "http://localhost", "http://[::1]"))
    if not settings.has_tls and not is_local:
        lines.append(
            f"  no camera    browsers opening {url} get no camera or microphone without HTTPS:"
            " give --tls-cert and --tls-key, or open it as localhost"
        )
    return lines
