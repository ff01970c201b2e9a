"""A person who was not signed in is shown a page; a program a problem document."""

from __future__ import annotations

import pytest
from fastapi import Request

from classroom_api.refused_sign_in import BEGINNING, CALLBACK, page_of_refusal

BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"


def asked(path: str, accept: str) -> Request:
    return Request(
        {"type": "http", "path": path, "headers": [(b"accept", accept.encode())], "server": ("h", 80)}
    )


@pytest.mark.parametrize("path", [BEGINNING, CALLBACK])
def test_a_person_is_led_to_the_sign_in_page(path: str) -> None:
    page = page_of_refusal(asked(path, BROWSER), "sign_in_refused")
    assert page is not None
    assert (page.status_code, page.headers["location"]) == (303, "/#sign-in=sign_in_refused")


@pytest.mark.parametrize(
    ("path", "accept"), [(CALLBACK, "*/*"), (CALLBACK, "application/json"), ("/api/v1/me", BROWSER)]
)
def test_a_program_is_not(path: str, accept: str) -> None:
    assert page_of_refusal(asked(path, accept), "sign_in_refused") is None
