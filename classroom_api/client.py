"""How commands talk to a running server: they find it through `server.json` in its data folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx

from streaming.errors import Refused, Unavailable

SERVER_FILE = "server.json"
_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where a server listens, as it wrote it down itself."""

    url: str
    admin_key: str
    process_id: int


def write_server_file(data_dir: Path, address: ServerAddress) -> None:
    """Tell later commands where this server is. Mode 0600, whole or not at all."""
    part = data_dir / f"{SERVER_FILE}.part"
    part.touch(mode=0o600)
    body = {"url": address.url, "admin_key": address.admin_key, "process_id": address.process_id}
    part.write_text(json.dumps(body, indent=2) + "\n")
    part.replace(data_dir / SERVER_FILE)


def read_server_file(data_dir: Path) -> ServerAddress:
    """Unavailable: no server ever ran with this data folder."""
    path = data_dir / SERVER_FILE
    try:
        body = json.loads(path.read_text())
        return ServerAddress(url=body["url"], admin_key=body["admin_key"], process_id=int(body["process_id"]))
    except FileNotFoundError:
        raise Unavailable(
            "unavailable", f"No server has run here: start `tandem serve --data-dir {data_dir}` first."
        ) from None


class ApiClient:
    """Calls the REST face as admin; a problem becomes an error with its code."""

    def __init__(self, address: ServerAddress) -> None:
        self._address = address
        # The server is this machine's own: its certificate names a public host, so it is not checked here.
        self._http = httpx.Client(
            base_url=f"{address.url}/api/v1",
            headers={"Authorization": f"Bearer {address.admin_key}"},
            timeout=_TIMEOUT_S,
            verify=False,  # noqa: S501
            trust_env=False,
        )

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 (JSON)
        """The decoded answer. Refused and Unavailable carry the problem's code and detail."""
        try:
            answer = self._http.request(method, path, json=body)
        except httpx.TransportError as error:
            detail = f"The server at {self._address.url} does not answer: {error}"
            raise Unavailable("unavailable", detail) from error
        content = answer.json()
        if answer.is_error:
            raise Refused(str(content.get("code", answer.status_code)), str(content.get("detail", "")))
        return content

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def connect(data_dir: Path) -> ApiClient:
    """A client of the server that runs on `data_dir`."""
    return ApiClient(read_server_file(data_dir))
