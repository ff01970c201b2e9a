"""The whole server is killed while it delivers: nothing is lost, and what is sent again has the id it had."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from contextlib import nullcontext
from pathlib import Path

import httpx
import pytest

from classroom_api.settings import load_settings
from classroom_api.store.database import Database
from classroom_api.upkeep import Upkeep
from load_tests.run import free_port
from load_tests.server_process import ServerProcess
from tests.classroom_api.jobs.counting import KINDS, add_lesson, ask, endings, now_ms, open_jobs
from tests.classroom_api.outbox.receiver import Lrs, Receiver, Reply, serving
from tests.classroom_api.redis_server import redis_server
from tests.waiting import until

API = "/api/v1"
LESSONS = 6


@pytest.mark.parametrize("with_redis", [False, True])
def test_a_job_begins_when_its_transaction_is_committed(tmp_path: Path, *, with_redis: bool) -> None:
    async def work(redis_url: str | None) -> None:
        database = Database(f"sqlite:///{tmp_path / 'queue.db'}")
        await database.open()
        await database.transaction(add_lesson)
        settings = load_settings({"data_dir": tmp_path, "redis_url": redis_url, "parallel_jobs": 1})
        upkeep = Upkeep(settings, "secret", database, KINDS, now_ms)
        database.committed = upkeep.committed
        await upkeep.open()

        async def is_looked_for() -> bool:
            return upkeep.job_figures.is_redis_up is (True if with_redis else None)

        async def is_idle() -> bool:
            return await open_jobs(database) == 0

        await ask(database, "a", command=["echo", '{"result": {"counted": 1}}'])
        await until(is_idle)
        await until(is_looked_for)
        assert await endings(database) == [("a", "1")]
        await upkeep.close()
        await database.close()

    with redis_server() if with_redis else nullcontext() as redis:
        asyncio.run(work(redis.url if redis is not None else None))


def server_beside(data_dir: Path, lrs_url: str) -> ServerProcess:
    settings = {
        "TANDEM_LRS_URL": f"{lrs_url}/xapi",
        "TANDEM_LRS_KEY": "key",
        "TANDEM_LRS_SECRET": "secret",
        "TANDEM_SITE_URL": "https://school.example",
        "TANDEM_WEBHOOK_PRIVATE_ADDRESSES": "true",
        "TANDEM_DELIVERY_TIMEOUT_S": "2",
    }
    return ServerProcess(
        data_dir,
        http_port=free_port(socket.SOCK_STREAM),
        media_port=free_port(socket.SOCK_DGRAM),
        command="classroom_api.cli",
        prefix=["env", *(f"{name}={value}" for name, value in settings.items()), sys.executable, "-m"],
    )


def test_a_killed_server_loses_no_delivery_and_doubles_none_by_id(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    lrs, receiver = Lrs(), Receiver()
    with serving(lrs) as lrs_url, serving(receiver) as url, server_beside(data_dir, lrs_url) as server:
        admin_key = json.loads((data_dir / "server.json").read_text())["admin_key"]
        headers = {"Authorization": f"Bearer {admin_key}"}
        with httpx.Client(base_url=server.url, headers=headers, timeout=30) as admin:
            school = admin.post(f"{API}/organizations", json={"kind": "school", "name": "Hill"}).json()["id"]
            hook = {"organization_id": school, "url": url, "events": ["lesson.started", "lesson.ended"]}
            assert admin.post(f"{API}/webhooks", json=hook).status_code == 201
            # From the third message on both take what comes and never say so: the server is killed meanwhile.
            receiver.answer = lambda _: Reply(hangs=len(receiver.received) >= 2)
            lrs.answer = lambda got: Reply(hangs=True) if lrs.order else lrs.store(got)
            body = {"title": "分数", "organization_id": school, "recording_policy": "off"}
            lessons = [admin.post(f"{API}/lessons", json=body).json()["id"] for _ in range(LESSONS)]
            for lesson in lessons:
                for step in ("start", "end"):
                    assert admin.post(f"{API}/lessons/{lesson}/{step}").is_success
            receiver.wait_count(3)
            lrs.wait_for(lambda: len(lrs.received) >= 2)
        server.kill()
        receiver.over.set()
        lrs.over.set()
        receiver.answer, lrs.answer = lambda _: Reply(), lrs.store
        with server:
            receiver.wait_for(
                lambda: len({got.headers["webhook-id"] for got in receiver.received}) == 2 * LESSONS
            )
            lrs.wait_for(lambda: len(lrs.stored) == 2 * LESSONS)
            with httpx.Client(base_url=server.url, headers=headers, timeout=30) as admin:
                for lesson in lessons:
                    exported = admin.get(f"{API}/lessons/{lesson}/xapi").json()
                    assert [lrs.stored[each["id"]] for each in exported] == exported
                    assert len(exported) == 2
    told = {
        got.headers["webhook-id"]: (got.message["data"]["lesson"], got.message["type"])
        for got in receiver.received
    }
    assert sorted(told.values()) == sorted(
        (lesson, kind) for lesson in lessons for kind in ("lesson.started", "lesson.ended")
    )
    assert len(lrs.order) == len(set(lrs.order)) == 2 * LESSONS
