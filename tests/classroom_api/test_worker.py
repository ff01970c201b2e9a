from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

from redis import Redis
from typer.testing import CliRunner

from classroom_api.cli import app
from classroom_api.client import ServerAddress, write_server_file
from classroom_api.jobs.handout import FILLED, STREAM
from classroom_api.jobs.model import JobState
from classroom_api.jobs.storing import KIND
from classroom_api.settings import load_settings
from classroom_api.store.database import Database
from classroom_api.store.jobs import enqueue
from classroom_api.store.lessons import LessonState
from classroom_api.worker import database_url, do_jobs, is_served
from load_tests.server_process import ServerProcess
from tests.classroom_api.jobs.counting import now_ms, row_of
from tests.classroom_api.redis_server import RedisServer, redis_server
from tests.e2e.conftest import open_house
from tests.e2e.teacher import teaching
from tests.waiting import until, wait_until

RUN = CliRunner()


def test_beside_a_running_server_it_does_jobs_alone(server: ServerProcess, data_dir: Path) -> None:
    done = RUN.invoke(app, ["worker", "--until-idle", "--data-dir", str(data_dir)])
    assert done.exit_code == 0, done.output
    assert done.stdout == "No job waits.\n"


def test_a_folder_that_is_no_servers_is_named(tmp_path: Path) -> None:
    done = RUN.invoke(app, ["worker", "--data-dir", str(tmp_path)])
    assert done.exit_code == 1
    assert str(tmp_path) in done.stderr


def test_a_dead_server_does_not_count(tmp_path: Path) -> None:
    assert not is_served(tmp_path)
    write_server_file(tmp_path, ServerAddress("http://127.0.0.1:1", "adm", 2**22 + 1))
    assert not is_served(tmp_path)
    write_server_file(tmp_path, ServerAddress("http://127.0.0.1:1", "adm", os.getpid()))
    assert is_served(tmp_path)


def test_a_signal_ends_it_and_its_jobs_wait_for_another(tmp_path: Path) -> None:
    settings = load_settings({"data_dir": tmp_path})

    async def work() -> int:
        task = asyncio.create_task(do_jobs(settings, until_idle=False))
        await until(lambda: signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTERM)
        return await task

    assert asyncio.run(work()) == 0
    assert database_url(settings).endswith("tandem.db")


def test_where_redis_hands_out_jobs_it_is_given_them(tmp_path: Path) -> None:
    async def work(redis: RedisServer, client: Redis) -> None:
        settings = load_settings({"data_dir": tmp_path, "redis_url": redis.url})
        database = Database(database_url(settings))
        await database.open()
        task = asyncio.create_task(do_jobs(settings, until_idle=False))
        await until(lambda: exists(client, FILLED))
        client.set(FILLED, "for ever")
        row = await database.transaction(
            lambda session: enqueue(session, KIND, "store", {"folder": "resources/res_a"}, None, now_ms())
        )
        client.xadd(STREAM, {"job": row.id})

        async def is_refused() -> bool:
            return (await row_of(database, row.id)).state == JobState.FAILED

        await until(is_refused)
        task.cancel()
        await asyncio.wait({task})
        await database.close()

    with redis_server() as redis, redis.client() as client:
        asyncio.run(work(redis, client))


async def exists(client: Redis, name: str) -> bool:
    return client.exists(name) == 1


def test_it_finishes_what_a_killed_server_left(tmp_path: Path) -> None:
    with open_house(tmp_path, "127.0.0.1") as house:
        lesson = house.lesson(record="master_only")
        with teaching(house.server.url, lesson, house.token(lesson, "master")):
            logs = house.data_dir / "recordings" / lesson
            wait_until(lambda: sum(log.stat().st_size for log in logs.rglob("*.rtplog")) >= 100_000)
        house.admin.post(f"/api/v1/lessons/{lesson}/end").raise_for_status()
        house.server.kill()
        done = RUN.invoke(app, ["worker", "--until-idle", "--data-dir", str(house.data_dir)])
        assert done.exit_code == 0, done.output
        with house.server:
            assert house.admin.get(f"/api/v1/lessons/{lesson}").json()["state"] == LessonState.PUBLISHED
            [resource] = house.admin.get(f"/api/v1/lessons/{lesson}/resources").json()
            assert resource["state"] == "ready"
