"""SQLite and PostgreSQL for the tests: one private cluster for all of them, a database for each that asks.

The cluster lies in a folder of its own and listens on a Unix socket alone. PostgreSQL refuses to run as
root: there it runs as the user that Debian's package makes.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

START_TIMEOUT_S = 60.0
_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=40")
_FRESH = ("-U", "tests", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
_NUMBERS = count(1)


def _folder_of_programs() -> Path:
    """Debian keeps each version's programs beside each other, off the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    assert on_path is not None, "PostgreSQL is missing: scripts/setup-system tests"
    return Path(on_path).parent


def _other_user(folder: Path) -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


class Cluster:
    """A running PostgreSQL."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def _address(self) -> str:
        return f"postgresql://tests@/postgres?host={self._folder}"

    def wait_ready(self, process: subprocess.Popen[bytes]) -> None:
        give_up = time.monotonic() + START_TIMEOUT_S
        while True:
            assert process.poll() is None, (self._folder / "log").read_text()
            try:
                psycopg.connect(self._address).close()
            except psycopg.OperationalError:
                assert time.monotonic() < give_up, (self._folder / "log").read_text()
            else:
                return

    def new_database(self) -> str:
        """Its URL. It goes when the cluster goes."""
        name = f"tandem_{next(_NUMBERS)}"
        with psycopg.connect(self._address, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return f"postgresql://tests@/{name}?host={self._folder}"


@contextmanager
def postgresql_cluster() -> Iterator[Cluster]:
    """A cluster that ends with the context."""
    programs = _folder_of_programs()
    with tempfile.TemporaryDirectory(prefix="tandem-pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        who = _other_user(folder)
        data = folder / "data"
        subprocess.run(
            [programs / "initdb", "-D", data, *_FRESH],
            check=True,
            capture_output=True,
            cwd=folder,
            **who,
        )
        options = [part for setting in _QUICK for part in ("-c", setting)]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [programs / "postgres", "-D", data, "-k", folder, "-h", "", *options],
                stdout=log,
                stderr=log,
                cwd=folder,
                **who,
            )
        try:
            cluster = Cluster(folder)
            cluster.wait_ready(process)
            yield cluster
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)
