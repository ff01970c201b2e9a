"""`tandem serve` as a child process, used as an operator would: command line, HTTP."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 15.0


@dataclass(frozen=True, slots=True)
class LessonLinks:
    """A lesson and the invitations that a load test needs."""

    lesson: str
    master: str
    classroom: str


def tandem_command() -> str:
    """`tandem` of the environment that runs this process."""
    return str(Path(sys.executable).parent / "tandem")


def post_offer(client: httpx.Client, url: str, invitation: str, offer: str) -> str:
    """WHIP or WHEP: the answer. Raises httpx.HTTPStatusError with the problem's text when refused."""
    response = client.post(
        url,
        content=offer,
        headers={"Content-Type": "application/sdp", "Authorization": f"Bearer {invitation}"},
    )
    if response.status_code != httpx.codes.CREATED:
        raise httpx.HTTPStatusError(response.text, request=response.request, response=response)
    return response.text


class ServerProcess:
    """Starts on enter, is terminated on exit. `data_dir` exists; the log lies beside it.

    `prefix` stands in front of the command: what puts the server elsewhere (taskset, ip netns).
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        http_port: int,
        media_port: int,
        command: str | None = None,
        host: str = "127.0.0.1",
        prefix: Sequence[str] = (),
    ) -> None:
        self._command = command or tandem_command()
        self._prefix = list(prefix)
        self._data_dir = data_dir
        self._host = host
        self._http_port = http_port
        self.media_port = media_port
        self.url = f"http://{host}:{http_port}"
        self._process: subprocess.Popen[bytes] | None = None
        self._log = data_dir.with_name(data_dir.name + ".log")

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    *self._prefix,
                    self._command,
                    "serve",
                    f"--host={self._host}",
                    f"--http-port={self._http_port}",
                    f"--media-port={self.media_port}",
                    f"--public-address={self._host}",
                    f"--data-dir={self._data_dir}",
                ],
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
        """Terminates the server; kills it when it does not go. Idempotent."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def kill(self) -> None:
        """SIGKILL, as a crash would be; enter again to start a new one on the same data."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def log(self) -> str:
        """What the server has printed."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def _wait_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if self._running().poll() is not None:
                raise RuntimeError(f"tandem serve ended at once:\n{self.log()}")
            try:
                if httpx.get(f"{self.url}/readyz", timeout=2).is_success:
                    return
            except httpx.HTTPError:
                time.sleep(0.1)
        raise TimeoutError(f"tandem serve is not ready:\n{self.log()}")

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("the server is not running")
        return self._process

    def tandem(self, *arguments: str) -> str:
        """Runs one `tandem` command against this server; what it prints, stripped."""
        done = subprocess.run(
            [self._command, *arguments, f"--data-dir={self._data_dir}"],
            check=True,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        return done.stdout.strip()

    def start_lesson(self) -> LessonLinks:
        """A running lesson that records nothing."""
        lesson = self.tandem("lesson", "create", "--title=Load", "--record=off")
        self.tandem("lesson", "start", lesson)
        return LessonLinks(
            lesson,
            master=self.tandem("token", f"--lesson={lesson}", "--role=master", "--name=Master"),
            classroom=self.tandem("token", f"--lesson={lesson}", "--role=classroom", "--name=Room"),
        )

    def post_offer(self, client: httpx.Client, path: str, invitation: str, offer: str) -> str:
        """WHIP or WHEP: the answer. Raises httpx.HTTPStatusError with the problem's text when refused."""
        return post_offer(client, f"{self.url}{path}", invitation, offer)

    @property
    def pid(self) -> int:
        """Root of the server's process tree."""
        return self._running().pid

    def metrics(self) -> dict[str, float]:
        """Samples of /metrics by their full name with labels."""
        samples = {}
        for line in httpx.get(f"{self.url}/metrics", timeout=10).raise_for_status().text.splitlines():
            if line and not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                samples[name] = float(value)
        return samples
