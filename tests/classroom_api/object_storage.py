"""S3 for the tests, over HTTP: a server of this process that can go away and come back with what it holds."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from moto.server import ThreadedMotoServer

BUCKET = "lessons"


class ObjectServer:
    """One bucket. `url`: as `--storage` takes it."""

    def __init__(self) -> None:
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self._server.start()
        self.port = self._server.get_host_and_port()[1]
        self.endpoint = f"http://127.0.0.1:{self.port}"
        httpx.post(f"{self.endpoint}/moto-api/reset").raise_for_status()
        httpx.put(f"{self.endpoint}/{BUCKET}").raise_for_status()
        self.url = f"s3://{BUCKET}/tandem?endpoint={self.endpoint}"

    def stop(self) -> None:
        self._server.stop()

    def start_again(self) -> None:
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=self.port, verbose=False)
        self._server.start()


@contextmanager
def object_server() -> Iterator[ObjectServer]:
    """With keys for whoever is started meanwhile."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "tests")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "tests")
        server = ObjectServer()
        try:
            yield server
        finally:
            server.stop()
