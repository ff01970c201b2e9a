"""How commands talk to a running server: they find it through `server.json` in its data folder."""

from __future__ import annotations

import json
import ssl
from dataclasses import asdict, dataclass
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
    certificate: str | None = None
    """Path of the server's own TLS certificate."""


def write_server_file(data_dir: Path, address: ServerAddress) -> None:
    """Tell later commands where this server is. Mode 0600, whole or not at all."""
    part = data_dir / f"{SERVER_FILE}.part"
    part.touch(mode=0o600)
    part.write_text(json.dumps(asdict(address), indent=2) + "\n")
    part.replace(data_dir / SERVER_FILE)


def read_server_file(data_dir: Path) -> ServerAddress:
    """Unavailable: no server ever ran with this data folder."""
    path = data_dir / SERVER_FILE
    try:
        return ServerAddress(**json.loads(path.read_text()))
    except FileNotFoundError:
        raise Unavailable(
            "unavailable", f"No server has run here: start `tandem serve --data-dir {data_dir}` first."
        ) from None


def trust_of(certificate: str | None) -> ssl.SSLContext:
    """Trusts the server's own certificate, whatever host it names: the caller is on the same machine."""
    context = ssl.create_default_context(cafile=certificate)
    if certificate is not None:
        context.check_hostname = False
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


class ApiClient:
    """Calls the REST face as admin; a problem becomes an error with its code."""

    def __init__(self, address: ServerAddress) -> None:
        self._address = address
        self._http = httpx.Client(
            base_url=f"{address.url}/api/v1",
            headers={"Authorization": f"Bearer {address.admin_key}"},
            timeout=_TIMEOUT_S,
            verify=trust_of(address.certificate),
            trust_env=False,
        )

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """The decoded object. Refused and Unavailable carry the problem's code and detail."""
        content: dict[str, Any] = self._exchange(method, path, body).json()
        return content

    def lessons(self) -> list[dict[str, Any]]:
        """The newest lessons; errors as of `call`."""
        content: list[dict[str, Any]] = self._exchange("GET", "/lessons", None).json()
        return content

    def jobs(self, state: str | None = None) -> list[dict[str, Any]]:
        """The newest jobs; errors as of `call`."""
        query = f"?state={state}" if state is not None else ""
        content: list[dict[str, Any]] = self._exchange("GET", f"/jobs{query}", None).json()
        return content

    def _exchange(self, method: str, path: str, body: dict[str, Any] | None) -> httpx.Response:
        try:
            answer = self._http.request(method, path, json=body)
        except httpx.TransportError as error:
            detail = f"The server at {self._address.url} does not answer: {error}"
            raise Unavailable("unavailable", detail) from error
        if answer.is_error:
            problem = answer.json()
            raise Refused(str(problem.get("code", answer.status_code)), str(problem.get("detail", "")))
        return answer

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def connect(data_dir: Path) -> ApiClient:
    """A client of the server that runs on `data_dir`."""
    return ApiClient(read_server_file(data_dir))
