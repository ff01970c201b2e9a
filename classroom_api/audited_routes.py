"""Which requests leave an audit entry: every change, and what an administration looks at.

Pages that seats keep open would fill the book with nothing: what a lesson's seat does at the REST face is in
the lesson's own events, except that it reads a report.
"""

from __future__ import annotations

from typing import Final

from classroom_api.access import Door, Rule
from classroom_api.access_routes import PREFIX, ROUTES
from classroom_api.auth import Principal

_VIEWS: Final = frozenset(
    f"{PREFIX}{path}"
    for path in (
        "/lessons/{lesson_id}/report",
        "/lessons/{lesson_id}/report.csv",
        "/reports",
        "/reports.csv",
        "/audit",
        "/lessons/{lesson_id}/live",
        "/lessons/{lesson_id}/resources",
        "/resources/{resource_id}",
        "/resources/{resource_id}/timeline",
        "/resources/{resource_id}/replay",
        "/versions/{record_id}",
        "/lessons/{lesson_id}/captions",
        "/captions/{record_id}",
        "/captions/{record_id}.vtt",
        "/users",
        "/users/{record_id}",
        "/role-grants",
        "/role-grants/{record_id}",
        "/api-keys",
        "/consents",
        "/lessons/{lesson_id}/xapi",
        "/erasures",
        "/erasures/{record_id}",
        "/erasures/{record_id}/listing",
        "/lessons/{lesson_id}/photos",
    )
)
_BY_SEATS: Final = frozenset(path for path in _VIEWS if "report" in path)
OWN_CREDENTIALS: Final = frozenset(
    {
        ("POST", f"{PREFIX}/sign-in"),
        ("GET", f"{PREFIX}/sign-in/oidc/callback"),
        ("PUT", f"{PREFIX}/me/password"),
        ("POST", f"{PREFIX}/device/enrol"),
        ("POST", f"{PREFIX}/device/key"),
    }
)
"""Sessions, passwords and keys that somebody makes for itself."""
_OWN_VIEWS: Final = frozenset({f"{PREFIX}/resources/{{resource_id}}/views", f"{PREFIX}/views/{{view_id}}"})
"""Where a viewer is: told every few seconds, and nothing that is administered."""


def is_audited(method: str, path: str) -> bool:
    """Whether a route (its path as it is declared) can leave an entry."""
    rule = ROUTES.get((method, path))
    if (method, path) in OWN_CREDENTIALS:
        return True
    if rule is None or isinstance(rule, Door) or path in _OWN_VIEWS:
        return False
    return path in _VIEWS if method == "GET" else isinstance(rule, Rule)


def leaves_entry(method: str, path: str, principal: Principal, *, is_refused: bool) -> bool:
    """Whether this caller does. Refusals count for who administers: a seat's would be without bound."""
    if principal.claims is not None:
        return path in _BY_SEATS and not is_refused
    if principal.user is None and not principal.grants and not principal.is_admin:
        return (method, path) in OWN_CREDENTIALS and not is_refused
    return True
