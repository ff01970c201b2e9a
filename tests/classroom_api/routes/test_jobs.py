from __future__ import annotations

import asyncio
from typing import Any

import httpx

from classroom_api.roles import GrantRole
from classroom_api.store import jobs
from tests.classroom_api.house import API, House, code_of
from tests.classroom_api.outbox.receiver import WAIT_S


def ask(house: House, lesson: str | None, key: str) -> str:
    """A job of a kind that this server's worker does not know, so that it waits. Its id."""
    planning = house.service.planning
    future = asyncio.run(
        planning.transaction(
            lambda session: jobs.enqueue(session, "unknown", key, {}, lesson, planning.now_ms())
        )
    )
    return future.id


def lesson_of(house: House, organization: str) -> str:
    return house.make("lessons", title="分数", organization_id=organization, recording_policy="off")


def listed(client: httpx.Client, **query: str) -> list[dict[str, Any]]:
    answer = client.get(f"{API}/jobs", params=query)
    assert answer.status_code == 200, answer.text
    body: list[dict[str, Any]] = answer.json()
    return body


def test_jobs_are_seen_in_the_organization_and_changed_by_who_publishes(house: House) -> None:
    region = house.organization()
    hill, lake = (house.organization(region, name) for name in ("Hill", "Lake"))
    lesson = lesson_of(house, hill)
    job = ask(house, lesson, f"k {lesson}")
    elsewhere = ask(house, lesson_of(house, lake), f"k {lake}")
    general = ask(house, None, f"k {region}")
    with house.key(hill, GrantRole.EDITOR) as editor, house.key(hill, GrantRole.OBSERVER) as observer:
        [found] = listed(editor)
        assert (found["id"], found["state"], found["progress"]) == (job, "pending", 0)
        assert listed(editor, lesson=lesson, state="pending") == [found]
        assert listed(editor, state="done") == []
        for hidden in (elsewhere, general):
            assert code_of(editor.get(f"{API}/jobs/{hidden}")) == (404, "job_unknown")
            assert code_of(editor.post(f"{API}/jobs/{hidden}/cancel")) == (404, "job_unknown")
        assert code_of(observer.get(f"{API}/jobs")) == (403, "not_permitted")
        cancelled = editor.post(f"{API}/jobs/{job}/cancel")
        assert (cancelled.status_code, cancelled.json()["state"]) == (202, "cancelled")
        assert code_of(editor.post(f"{API}/jobs/{job}/cancel")) == (409, "job_state_conflict")
        again = editor.post(f"{API}/jobs/{job}/retry")
        assert (again.status_code, again.json()["state"]) == (202, "pending")
        assert editor.get(f"{API}/jobs/{job}").json() == again.json()
    audit = house.admin.get(f"{API}/audit", params={"record_id": job}).json()
    actions = [(entry["action"], entry["outcome"], entry["organization_id"]) for entry in audit]
    assert (f"POST {API}/jobs/{{record_id}}/retry", "ok", hill) in actions
    assert (f"POST {API}/jobs/{{record_id}}/cancel", "job_state_conflict", hill) in actions


def test_the_list_comes_in_pages(house: House) -> None:
    lesson = lesson_of(house, house.organization())
    made = [ask(house, lesson, f"{lesson} {number}") for number in range(5)]
    url, seen = f"{API}/jobs?lesson={lesson}&limit=2", []
    while url:
        answer = house.admin.get(url)
        seen += [job["id"] for job in answer.json()]
        url = answer.links["next"]["url"] if "next" in answer.links else ""
    assert sorted(seen) == sorted(made)
    assert house.admin.get(f"{API}/jobs?state=nonsense").status_code == 400
    assert house.anyone.get(f"{API}/jobs").status_code == 401


def test_metrics_count_them(house: House) -> None:
    ask(house, None, "k metrics")
    give_up = WAIT_S
    text = ""
    with httpx.Client(base_url=house.url, timeout=give_up) as client:
        for _ in range(10_000):
            text = client.get("/metrics").text
            if 'tandem_jobs{kind="unknown",state="pending"}' in text:
                break
    assert 'tandem_jobs{kind="unknown",state="pending"}' in text
