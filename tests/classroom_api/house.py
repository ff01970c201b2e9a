"""A running server of this process for planning's tests: real HTTP, on either database, with people in it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import httpx
import uvicorn
from sqlalchemy.orm import Session

from classroom_api.roles import GrantRole
from classroom_api.serve import bind_http, make_server
from classroom_api.service import Service
from classroom_api.settings import load_settings
from classroom_api.store.credentials import CredentialKind, new_credential
from classroom_api.store.database import engine_of
from classroom_api.store.planning_schema import CredentialRow

API = "/api/v1"
_NUMBERS = count(1)


@dataclass(frozen=True, slots=True)
class House:
    """A server and its database. `admin` shows the admin key, `anyone` nothing."""

    url: str
    database_url: str
    service: Service
    admin: httpx.Client
    anyone: httpx.Client

    def make(self, kind: str, /, **values: object) -> str:
        """A record's id."""
        answer = self.admin.post(f"{API}/{kind}", json=values)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def organization(self, parent: str | None = None, name: str = "Hill county") -> str:
        kind = "region" if parent is None else "school"
        return self.make("organizations", kind=kind, name=name, parent_id=parent)

    def user(self, organization: str, name: str = "Ms Lin") -> str:
        login = f"user{next(_NUMBERS)}"
        return self.make("users", organization_id=organization, login=login, name=name)

    def key(
        self, organization: str, role: GrantRole, scopes: list[str] | None = None, *, user: str | None = None
    ) -> httpx.Client:
        """A client with an API key of `role`, or with a session of `user`, who gets the role."""
        client = httpx.Client(base_url=self.url, timeout=30)
        kind = CredentialKind.SESSION if user is not None else CredentialKind.API_KEY
        now_ms = self.service.planning.now_ms()
        row, text = new_credential(kind, now_ms, 3_600_000)
        row.user_id, row.scopes = user, scopes
        if user is not None:
            self.make("role-grants", organization_id=organization, user_id=user, role=role)
        else:
            row.organization_id, row.role = organization, role
        self._add(row)
        client.headers["Authorization"] = f"Bearer {text}"
        return client

    def _add(self, row: CredentialRow) -> None:
        engine = engine_of(self.database_url)
        with Session(engine) as session, session.begin():
            session.add(row)
        engine.dispose()


@contextmanager
def open_planning_house(data_dir: Path, database_url: str, **flags: str) -> Iterator[House]:
    """A server that stops with the context."""
    settings = load_settings(
        {
            "data_dir": data_dir,
            "database_url": database_url,
            "http_port": 0,
            "media_port": 0,
            "parallel_jobs": 0,
            **flags,
        }
    )
    with bind_http(settings) as listener:
        server, service, url = make_server(settings, listener)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            bearer = {"Authorization": f"Bearer {service.keys.admin_key}"}
            with (
                httpx.Client(base_url=url, headers=bearer, timeout=30) as admin,
                httpx.Client(base_url=url, timeout=30) as anyone,
            ):
                _wait_ready(server, thread)
                yield House(url, database_url, service, admin, anyone)
        finally:
            server.end()
            thread.join()


def _wait_ready(server: uvicorn.Server, thread: threading.Thread) -> None:
    while not server.started:
        assert thread.is_alive()
        thread.join(0.01)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, str(answer.json()["code"])
