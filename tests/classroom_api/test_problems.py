from __future__ import annotations

import json

import pytest

from classroom_api.problems import PROBLEM_TYPE, problem, problem_of
from streaming.errors import LocalProtocolError, Refused, RemoteProtocolError, TandemError, Unavailable


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Refused("lesson_unknown"), 404),
        (Refused("token_invalid"), 401),
        (Refused("publish_not_permitted"), 403),
        (RemoteProtocolError("sdp_malformed"), 400),
        (RemoteProtocolError("never_heard_of"), 400),
        (Unavailable("too_many_participants"), 503),
        (LocalProtocolError("a_bug"), 500),
    ],
)
def test_an_error_has_its_status_and_code(error: TandemError, status: int) -> None:
    answer = problem_of(error)
    body = json.loads(bytes(answer.body))
    assert answer.status_code == body["status"] == status
    assert body["code"] == error.code
    assert body["detail"]
    assert answer.headers["content-type"] == PROBLEM_TYPE


def test_a_full_house_says_when_to_come_back() -> None:
    assert problem_of(Unavailable("too_many_participants", retry_after_s=7)).headers["retry-after"] == "7"


def test_a_missing_token_says_which_scheme() -> None:
    assert problem_of(Refused("token_missing")).headers["www-authenticate"] == "Bearer"


def test_a_title_is_the_statuses_own() -> None:
    assert json.loads(bytes(problem(404, "not_found", "x").body))["title"] == "Not Found"
