from __future__ import annotations

import pytest

from classroom_api.access_routes import PREFIX, ROUTES
from classroom_api.audited_routes import is_audited, leaves_entry
from classroom_api.auth import ADMIN, Principal
from classroom_api.roles import Grant, GrantRole
from signaling.ports import SeatClaims
from signaling.roles import Role
from streaming.identifiers import LessonId, SeatId

USER = Principal("usr_a", grants=(Grant(GrantRole.OBSERVER, "/org_a/"),), user="usr_a")
DEVICE = Principal("end_a", endpoint="end_a")
SEAT = Principal("seat_a", SeatClaims(LessonId("les_a"), SeatId("seat_a"), Role.MASTER, "Lin", None, True))
REPORT = f"{PREFIX}/lessons/{{lesson_id}}/report"
START = f"{PREFIX}/lessons/{{lesson_id}}/start"
SIGN_IN = f"{PREFIX}/sign-in"


def test_every_change_of_what_is_administered_is_audited() -> None:
    changes = [(method, path) for (method, path) in ROUTES if method != "GET" and "/device/" not in path]
    without = {path for method, path in changes if not is_audited(method, path)}
    assert without == {
        f"{PREFIX}/lessons/{{lesson_id}}/join",
        f"{PREFIX}/sign-out",
        f"{PREFIX}/resources/{{resource_id}}/views",
        f"{PREFIX}/views/{{view_id}}",
    }


@pytest.mark.parametrize(
    ("path", "is_it"),
    [(REPORT, True), (f"{PREFIX}/audit", True), (f"{PREFIX}/lessons", False), ("/x", False)],
)
def test_what_is_looked_at(path: str, is_it: bool) -> None:
    assert is_audited("GET", path) is is_it


@pytest.mark.parametrize(
    ("method", "path", "who", "is_refused", "does"),
    [
        ("POST", START, ADMIN, False, True),
        ("POST", START, USER, True, True),
        ("POST", START, SEAT, False, False),
        ("GET", REPORT, SEAT, False, True),
        ("GET", REPORT, SEAT, True, False),
        ("GET", REPORT, DEVICE, True, False),
        ("POST", f"{PREFIX}/device/key", DEVICE, False, True),
        ("POST", SIGN_IN, Principal("usr_a", user="usr_a"), False, True),
    ],
)
def test_who_leaves_an_entry(method: str, path: str, who: Principal, is_refused: bool, does: bool) -> None:
    assert leaves_entry(method, path, who, is_refused=is_refused) is does
