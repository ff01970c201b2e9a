"""Which rule each route of the REST face follows. What is not here answers nobody: a test walks them all."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from classroom_api.access import Ability, Door, Rule, Seats

PREFIX: Final = "/api/v1"

_LESSON = "/lessons/{lesson_id}"
_RECORDS: Final = {
    "organizations": (Ability.ORGANIZATIONS_READ, Ability.ORGANIZATIONS_WRITE),
    "users": (Ability.USERS_READ, Ability.USERS_WRITE),
    "role-grants": (Ability.GRANTS_READ, Ability.GRANTS_WRITE),
    "endpoints": (Ability.ENDPOINTS_READ, Ability.ENDPOINTS_WRITE),
    "student-groups": (Ability.GROUPS_READ, Ability.GROUPS_WRITE),
    "pairings": (Ability.PAIRINGS_READ, Ability.PAIRINGS_WRITE),
    "courses": (Ability.COURSES_READ, Ability.COURSES_WRITE),
    "units": (Ability.UNITS_READ, Ability.UNITS_WRITE),
    "webhooks": (Ability.WEBHOOKS_READ, Ability.WEBHOOKS_WRITE),
    "retention-policies": (Ability.RETENTION_READ, Ability.RETENTION_WRITE),
}

_SINGLE: Final[dict[tuple[str, str], Rule | Door]] = {
    ("POST", "/lessons"): Rule(Ability.LESSONS_WRITE),
    ("GET", "/lessons"): Rule(Ability.LESSONS_READ),
    ("GET", _LESSON): Rule(Ability.LESSONS_READ, Seats.ANY),
    ("PUT", _LESSON): Rule(Ability.LESSONS_WRITE),
    ("POST", f"{_LESSON}/start"): Rule(Ability.LESSONS_RUN, Seats.MASTER),
    ("POST", f"{_LESSON}/end"): Rule(Ability.LESSONS_RUN, Seats.MASTER),
    ("POST", f"{_LESSON}/schedule"): Rule(Ability.LESSONS_WRITE),
    ("POST", f"{_LESSON}/cancel"): Rule(Ability.LESSONS_WRITE),
    ("POST", f"{_LESSON}/publish"): Rule(Ability.LESSONS_PUBLISH),
    ("POST", f"{_LESSON}/withdraw"): Rule(Ability.LESSONS_PUBLISH),
    ("POST", f"{_LESSON}/archive"): Rule(Ability.LESSONS_PUBLISH),
    ("GET", f"{_LESSON}/seats"): Rule(Ability.LESSONS_READ),
    ("POST", f"{_LESSON}/control"): Rule(Ability.LESSONS_RUN),
    ("POST", f"{_LESSON}/invitations"): Rule(Ability.LESSONS_RUN, Seats.MASTER),
    ("POST", f"{_LESSON}/join"): Door.SEAT,
    ("POST", f"{_LESSON}/decks"): Rule(Ability.LESSONS_WRITE, Seats.MASTER),
    ("GET", f"{_LESSON}/decks"): Rule(Ability.LESSONS_READ, Seats.ANY),
    ("DELETE", f"{_LESSON}/decks/{{deck_id}}"): Rule(Ability.LESSONS_WRITE, Seats.MASTER),
    ("POST", f"{_LESSON}/photos"): Rule(Ability.LESSONS_RUN, Seats.ANY),
    ("GET", f"{_LESSON}/photos"): Rule(Ability.LESSONS_RUN, Seats.ANY),
    ("GET", f"{_LESSON}/probe"): Rule(Ability.LESSONS_READ, Seats.ANY),
    ("POST", f"{_LESSON}/probe"): Rule(Ability.LESSONS_READ, Seats.ANY),
    ("GET", f"{_LESSON}/live"): Rule(Ability.RESOURCES_READ, Seats.ANY),
    ("GET", f"{_LESSON}/resources"): Rule(Ability.RESOURCES_READ, Seats.ANY),
    ("GET", "/resources/{resource_id}"): Rule(Ability.RESOURCES_READ, Seats.ANY),
    ("GET", "/resources/{resource_id}/timeline"): Rule(Ability.RESOURCES_READ, Seats.ANY),
    ("GET", "/jobs"): Rule(Ability.RESOURCES_READ),
    ("GET", "/jobs/{record_id}"): Rule(Ability.RESOURCES_READ),
    ("POST", "/jobs/{record_id}/cancel"): Rule(Ability.LESSONS_PUBLISH),
    ("POST", "/jobs/{record_id}/retry"): Rule(Ability.LESSONS_PUBLISH),
    ("GET", "/resources/{resource_id}/replay"): Rule(Ability.RESOURCES_READ, Seats.ANY),
    ("POST", "/resources/{resource_id}/views"): Rule(Ability.RESOURCES_READ, Seats.ANY),
    ("PUT", "/views/{view_id}"): Rule(Ability.RESOURCES_READ, Seats.ANY),
    ("GET", f"{_LESSON}/versions"): Rule(Ability.VERSIONS_PROPOSE, Seats.MASTER),
    ("POST", f"{_LESSON}/versions"): Rule(Ability.VERSIONS_PROPOSE, Seats.MASTER),
    ("GET", "/versions/{record_id}"): Rule(Ability.VERSIONS_PROPOSE, Seats.MASTER),
    ("PUT", "/versions/{record_id}"): Rule(Ability.VERSIONS_PROPOSE, Seats.MASTER),
    ("POST", "/versions/{record_id}/make"): Rule(Ability.VERSIONS_PUBLISH, Seats.MASTER),
    ("POST", "/versions/{record_id}/publish"): Rule(Ability.VERSIONS_PUBLISH, Seats.MASTER),
    ("POST", "/versions/{record_id}/package"): Rule(Ability.VERSIONS_PUBLISH, Seats.MASTER),
    ("POST", "/versions/{record_id}/withdraw"): Rule(Ability.VERSIONS_WITHDRAW),
    ("GET", f"{_LESSON}/captions"): Rule(Ability.RESOURCES_READ, Seats.ANY),
    ("POST", f"{_LESSON}/captions"): Rule(Ability.RESOURCES_WRITE, Seats.MASTER),
    ("GET", f"{_LESSON}/recognition"): Rule(Ability.RESOURCES_WRITE, Seats.MASTER),
    ("POST", f"{_LESSON}/recognition"): Rule(Ability.RESOURCES_WRITE, Seats.MASTER),
    ("GET", "/captions/{record_id}.vtt"): Rule(Ability.RESOURCES_READ, Seats.ANY),
    ("GET", "/captions/{record_id}"): Rule(Ability.RESOURCES_WRITE, Seats.MASTER),
    ("PUT", "/captions/{record_id}"): Rule(Ability.RESOURCES_WRITE, Seats.MASTER),
    ("DELETE", "/captions/{record_id}"): Rule(Ability.RESOURCES_WRITE, Seats.MASTER),
    ("GET", "/replays"): Rule(Ability.RESOURCES_READ, Seats.ANY),
    ("GET", "/timetable"): Rule(Ability.LESSONS_READ),
    ("GET", f"{_LESSON}/report"): Rule(Ability.REPORTS_READ, Seats.MASTER),
    ("GET", f"{_LESSON}/report.csv"): Rule(Ability.REPORTS_READ, Seats.MASTER),
    ("GET", "/reports"): Rule(Ability.REPORTS_READ),
    ("GET", "/reports.csv"): Rule(Ability.REPORTS_READ),
    ("GET", "/audit"): Rule(Ability.AUDIT_READ),
    ("GET", "/search"): Rule(Ability.SEARCH),
    ("POST", "/imports/{table}"): Rule(Ability.IMPORT),
    ("POST", "/webhooks/{record_id}/secret"): Rule(Ability.WEBHOOKS_WRITE),
    ("POST", "/webhooks/{record_id}/ping"): Rule(Ability.WEBHOOKS_WRITE),
    ("GET", "/webhooks/{record_id}/deliveries"): Rule(Ability.WEBHOOKS_READ),
    ("POST", "/webhooks/{record_id}/deliveries/{delivery_id}/retry"): Rule(Ability.WEBHOOKS_WRITE),
    ("POST", "/erasures"): Rule(Ability.ERASURES_WRITE),
    ("GET", "/erasures"): Rule(Ability.ERASURES_READ),
    ("GET", "/erasures/{record_id}"): Rule(Ability.ERASURES_READ),
    ("GET", "/erasures/{record_id}/listing"): Rule(Ability.ERASURES_READ),
    ("GET", f"{_LESSON}/xapi"): Rule(Ability.LESSONS_READ),
    ("GET", "/consents"): Rule(Ability.CONSENTS_READ),
    ("POST", "/consents"): Rule(Ability.CONSENTS_WRITE),
    ("GET", "/sign-in"): Door.OPEN,
    ("POST", "/sign-in"): Door.OPEN,
    ("GET", "/sign-in/oidc"): Door.OPEN,
    ("GET", "/sign-in/oidc/callback"): Door.OPEN,
    ("POST", "/sign-out"): Door.SIGNED_IN,
    ("GET", "/me"): Door.KNOWN,
    ("PUT", "/me/password"): Door.SIGNED_IN,
    ("PUT", "/users/{record_id}/password"): Rule(Ability.USERS_WRITE),
    ("GET", "/api-keys"): Rule(Ability.KEYS_READ),
    ("POST", "/api-keys"): Rule(Ability.KEYS_WRITE),
    ("DELETE", "/api-keys/{record_id}"): Rule(Ability.KEYS_WRITE),
    ("POST", "/endpoints/{record_id}/enrolment"): Rule(Ability.ENDPOINTS_WRITE),
    ("DELETE", "/endpoints/{record_id}/key"): Rule(Ability.ENDPOINTS_WRITE),
    ("POST", "/device/enrol"): Door.OPEN,
    ("POST", "/device/key"): Door.DEVICE,
    ("GET", "/device/lessons"): Door.DEVICE,
    ("POST", "/device/lessons/{lesson_id}/invitation"): Door.DEVICE,
}


def _routes() -> dict[tuple[str, str], Rule | Door]:
    routes = {(method, PREFIX + path): rule for (method, path), rule in _SINGLE.items()}
    for name, (read, write) in _RECORDS.items():
        one = f"{PREFIX}/{name}/{{record_id}}"
        routes |= {
            ("GET", f"{PREFIX}/{name}"): Rule(read),
            ("POST", f"{PREFIX}/{name}"): Rule(write),
            ("GET", one): Rule(read),
            ("PUT", one): Rule(write),
            ("DELETE", one): Rule(write),
        }
    return routes


ROUTES: Final[Mapping[tuple[str, str], Rule | Door]] = MappingProxyType(_routes())


def route_table() -> str:
    """Every route and whom it answers, as docs/api.md shows them (Markdown)."""
    lines = ["| route | answers |", "|---|---|"]
    for (method, path), rule in sorted(ROUTES.items(), key=lambda route: (route[0][1], route[0][0])):
        whom = rule.value if isinstance(rule, Door) else f"`{rule.ability}`"
        if isinstance(rule, Rule) and rule.seats is not Seats.NONE:
            whom += f", {rule.seats.value}"
        lines.append(f"| `{method} {path.removeprefix(PREFIX)}` | {whom} |")
    return "\n".join(lines)
