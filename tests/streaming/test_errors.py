"""The four kinds of error carry a stable code."""

from __future__ import annotations

import pytest

from streaming.errors import LocalProtocolError, Refused, RemoteProtocolError, TandemError, Unavailable


@pytest.mark.parametrize("kind", [RemoteProtocolError, LocalProtocolError, Refused, Unavailable])
def test_code_and_detail_are_kept_and_read_well(kind: type[TandemError]) -> None:
    error = kind("stage_full", "three seats are on stage")
    assert (error.code, error.detail) == ("stage_full", "three seats are on stage")
    assert str(error) == "stage_full: three seats are on stage"
    assert str(kind("stage_full")) == "stage_full"


def test_what_is_unavailable_says_when_to_come_back() -> None:
    assert Unavailable("too_many_participants").retry_after_s > 0
    assert Unavailable("too_many_participants", retry_after_s=30).retry_after_s == 30
