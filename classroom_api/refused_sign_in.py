"""A sign-in through the provider that failed: a person sees the sign-in page, which says what to do.

A program, which does not ask for HTML, gets the problem document.
"""

from __future__ import annotations

from typing import Final

from fastapi import Request
from fastapi.responses import RedirectResponse

from classroom_api.access_routes import PREFIX

BEGINNING: Final = f"{PREFIX}/sign-in/oidc"
CALLBACK: Final = f"{BEGINNING}/callback"


def page_of_refusal(request: Request, code: str) -> RedirectResponse | None:
    """Where to send the browser; None: this is not a person on the way through the provider."""
    is_person = "text/html" in request.headers.get("accept", "")
    if not is_person or request.url.path not in (BEGINNING, CALLBACK):
        return None
    return RedirectResponse(f"/#sign-in={code}", 303)
