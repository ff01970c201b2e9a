"""A Redis of its own for a test: on a Unix socket alone, to be killed and begun again."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

START_TIMEOUT_S = 30.0


class RedisServer:
    """`is_lasting`: what it held is there again when it begins again."""

    def __init__(self, folder: Path, *, is_lasting: bool) -> None:
        self._folder, self._is_lasting = folder, is_lasting
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"unix://{folder / 'redis.sock'}"

    def start(self) -> None:
        program = shutil.which("redis-server")
        assert program is not None, "Redis is missing: scripts/setup-system tests"
        options = ["--port", "0", "--unixsocket", f"{self._folder / 'redis.sock'}", "--save", ""]
        options += ["--appendonly", "yes" if self._is_lasting else "no", "--appendfsync", "no"]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen([program, *options], stdout=log, stderr=log, cwd=self._folder)
        give_up = time.monotonic() + START_TIMEOUT_S
        with self.client() as client:
            while not _answers(client):
                assert self._process.poll() is None, (self._folder / "log").read_text()
                assert time.monotonic() < give_up, (self._folder / "log").read_text()

    def client(self) -> Redis:
        return Redis.from_url(self.url, decode_responses=True)

    def kill(self) -> None:
        """Idempotent."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def _answers(client: Redis) -> bool:
    try:
        return bool(client.ping())
    except RedisError:
        return False


@contextmanager
def redis_server(*, is_lasting: bool = False) -> Iterator[RedisServer]:
    """It runs, and ends with the context."""
    with tempfile.TemporaryDirectory(prefix="tandem-redis-") as name:
        server = RedisServer(Path(name), is_lasting=is_lasting)
        server.start()
        try:
            yield server
        finally:
            server.kill()
