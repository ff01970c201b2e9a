from __future__ import annotations

import doctest
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom_api.jobs import lines
from classroom_api.jobs.lines import Progress, Refusal, Result, Waiting, parse_line


def test_the_example_holds() -> None:
    assert doctest.testmod(lines).failed == 0


def test_what_a_job_can_say() -> None:
    assert parse_line(b'{"progress": 7, "step": "x"}\n') == Progress(1.0, "x")
    assert parse_line(b'{"result": {"a": 1}}') == Result({"a": 1})
    assert parse_line(b'{"refused": "no_input"}') == Refusal("no_input")
    assert parse_line(b'{"waits": "storage"}') == Waiting("storage")


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"warning: x",
        b"[]",
        b"1",
        b'{"progress": NaN, "step": ""}',
        b'{"progress": "1", "step": ""}',
        b'{"refused": "A B"}',
        b'{"result": []}',
        b"\xff",
        b'{"waits": ""}',
        b"[" * 200_000,
    ],
)
def test_what_means_nothing(line: bytes) -> None:
    assert parse_line(line) is None


def test_a_step_is_short_and_can_be_stored() -> None:
    said = parse_line(json.dumps({"progress": 0, "step": "a\0\ud800" + "b" * 99}).encode())
    assert said == Progress(0.0, "a" + "b" * 37)


@given(st.binary(max_size=200))
def test_nothing_breaks_it(line: bytes) -> None:
    parse_line(line)
