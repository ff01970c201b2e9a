"""Debian's Janus with its streaming plugin: plain RTP in, WebRTC out, one event loop. Janus takes no loopback
address, so it is given another one.
"""

from __future__ import annotations

import contextlib
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from load_tests.keys import Profile
from load_tests.network import Network
from load_tests.offer import VIDEO_PAYLOAD_TYPE, VOICE_PAYLOAD_TYPE, make_receiving_answer, read_answer
from load_tests.participant import Participant, associate, local_end, open_media

START_TIMEOUT_S = 20.0
EVENT_TIMEOUT_S = 20.0
STOP_TIMEOUT_S = 5.0
MOUNTPOINT = 1

GENERAL = """
general: {{
  configs_folder = "{folder}"
  plugins_folder = "{plugins}/plugins"
  transports_folder = "{plugins}/transports"
  events_folder = "{folder}"
  loggers_folder = "{folder}"
  debug_level = 3
  interface = "{address}"
  session_timeout = 0
  event_loops = 1
}}
nat: {{ ice_enforce_list = "{address}", full_trickle = false }}
media: {{ ipv6 = false, rtp_port_range = "20000-59999" }}
plugins: {{ disable = "{other_plugins}" }}
transports: {{ disable = "{other_transports}" }}
"""
HTTP = """
general: {{
  json = "compact"
  base_path = "/janus"
  http = true
  port = {port}
  ip = "{address}"
  https = false
}}
"""
STREAMING = """
lesson: {{
  type = "rtp"
  id = {mountpoint}
  audio = true
  audioport = {voice_port}
  audiopt = {voice_type}
  audiocodec = "opus"
  video = true
  videoport = {video_port}
  videopt = {video_type}
  videocodec = "vp8"
  threads = 0
}}
"""


def is_installed() -> bool:
    """Whether there is a Janus to compare with."""
    return shutil.which("janus") is not None and plugins_folder() is not None


def plugins_folder() -> Path | None:
    """Where the package keeps its plug-ins."""
    for root in (Path("/usr/lib"), Path("/usr/local/lib")):
        for found in root.glob("**/janus/plugins/libjanus_streaming.so"):
            return found.parent.parent
    return None


def others(folder: Path, wanted: str) -> str:
    """Every module of a folder but one, as Janus wants them listed."""
    return ",".join(sorted(path.name for path in folder.glob("*.so") if path.name != wanted))


def write_configuration(folder: Path, plugins: Path, address: str, ports: tuple[int, int, int]) -> None:
    """Three files: one plugin, one transport, one mountpoint. `ports`: HTTP, voice, picture."""
    http_port, voice_port, video_port = ports
    general = GENERAL.format(
        folder=folder,
        plugins=plugins,
        address=address,
        other_plugins=others(plugins / "plugins", "libjanus_streaming.so"),
        other_transports=others(plugins / "transports", "libjanus_http.so"),
    )
    streaming = STREAMING.format(
        mountpoint=MOUNTPOINT,
        voice_port=voice_port,
        video_port=video_port,
        voice_type=VOICE_PAYLOAD_TYPE,
        video_type=VIDEO_PAYLOAD_TYPE,
    )
    (folder / "janus.jcfg").write_text(general, encoding="ascii")
    (folder / "janus.transport.http.jcfg").write_text(
        HTTP.format(port=http_port, address=address), encoding="ascii"
    )
    (folder / "janus.plugin.streaming.jcfg").write_text(streaming, encoding="ascii")


class JanusProcess:
    """Starts on enter with its configuration in `folder` (which exists), is terminated on exit."""

    def __init__(self, folder: Path, network: Network) -> None:
        self._folder = folder
        self._network = network
        http_port = network.free_port(socket.SOCK_STREAM)
        voice_port = network.free_port(socket.SOCK_DGRAM)
        self._ports = (http_port, voice_port, voice_port + 2)
        self._client = httpx.Client(base_url=f"http://{network.server_address}:{http_port}", timeout=30)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        plugins = plugins_folder()
        if plugins is None:
            raise FileNotFoundError("janus is not installed")
        write_configuration(self._folder, plugins, self._network.server_address, self._ports)
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [*self._network.command_prefix(), "janus", f"--configs-folder={self._folder}"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            self._wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Terminates Janus; kills it when it does not go. Idempotent."""
        process, self._process = self._process, None
        self._client.close()
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _wait_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.HTTPError):
                if self._client.get("/janus/info").is_success:
                    return
            time.sleep(0.1)
        log = (self._folder / "log").read_text(encoding="utf-8", errors="replace")
        raise TimeoutError(f"janus is not ready:\n{log[-2000:]}")

    @property
    def pid(self) -> int:
        """Root of the process tree."""
        if self._process is None:
            raise RuntimeError("janus is not running")
        return self._process.pid

    def feeds(self) -> tuple[socket.socket, socket.socket]:
        """Connected sockets for the teacher's plain RTP: voice, picture."""
        _, voice_port, video_port = self._ports
        made = []
        for port in (voice_port, video_port):
            feed = self._network.participant_socket()
            feed.connect((self._network.server_address, port))
            made.append(feed)
        return made[0], made[1]

    def _ask(self, path: str, request: dict[str, Any]) -> dict[str, Any]:
        """One request of the REST API. Raises ConnectionError when Janus refuses it."""
        response = self._client.post(path, json={"transaction": secrets.token_hex(6)} | request)
        values: dict[str, Any] = response.raise_for_status().json()
        if values["janus"] == "error":
            raise ConnectionError(f"janus refuses: {values['error']}")
        return values

    def _event(self, session: str, wanted: str) -> dict[str, Any]:
        """The next event that has a member `wanted`; others are passed over. Raises TimeoutError."""
        deadline = time.monotonic() + EVENT_TIMEOUT_S
        while time.monotonic() < deadline:
            event: dict[str, Any] = self._client.get(session, params={"maxev": 1}).raise_for_status().json()
            if wanted in event:
                return event
        raise TimeoutError(f"janus sends no {wanted}")

    def subscribe(self, profile: Profile) -> Participant:
        """A light subscriber of the mountpoint: session, handle, its offer, our answer, the handshake."""
        session = f"/janus/{self._ask('/janus', {'janus': 'create'})['data']['id']}"
        attached = self._ask(session, {"janus": "attach", "plugin": "janus.plugin.streaming"})
        handle = f"{session}/{attached['data']['id']}"
        self._ask(handle, {"janus": "message", "body": {"request": "watch", "id": MOUNTPOINT}})
        offer = str(self._event(session, "jsep")["jsep"]["sdp"])
        local, remote = local_end(), replace(read_answer(offer), is_controlling=True)
        media = open_media(remote)
        answer = {"type": "answer", "sdp": make_receiving_answer(local, offer, media.getsockname())}
        self._ask(handle, {"janus": "message", "body": {"request": "start"}, "jsep": answer})
        self._event(session, "plugindata")  # a check before Janus knows our credentials comes to nothing
        return associate(media, local, remote, profile)


@contextlib.contextmanager
def running(folder: Path, network: Network) -> Iterator[JanusProcess]:
    """Janus while the context lasts. Makes `folder`."""
    folder.mkdir()
    with JanusProcess(folder, network) as process:
        yield process
