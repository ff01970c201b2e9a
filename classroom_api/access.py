"""Who may do what at the REST face: two tables, deny by default.

`RULES`: which grant lets whom use an ability, and how far it reaches. `ROUTES`: which ability a route takes,
and whether a lesson's seats may use it. A route that stands in no table answers nobody. Everything else asks
this module; the table in docs/api.md is checked against `access_table()` by a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from classroom_api.auth import Principal
from classroom_api.roles import GrantRole
from streaming.errors import Refused


class Reach(StrEnum):
    """How far an ability goes."""

    SUBTREE = "organization"
    """The organization of the grant and all below it."""

    OWN = "own lessons"
    """Lessons which the user teaches or has a seat in."""

    TAUGHT = "lessons taught"
    """Lessons which the user teaches: a seat in another's gives nothing."""


class Ability(StrEnum):
    """What can be permitted; also the scopes that an API key may be limited to."""

    ORGANIZATIONS_READ = "organizations:read"
    ORGANIZATIONS_WRITE = "organizations:write"
    USERS_READ = "users:read"
    USERS_WRITE = "users:write"
    GRANTS_READ = "role-grants:read"
    GRANTS_WRITE = "role-grants:write"
    ENDPOINTS_READ = "endpoints:read"
    ENDPOINTS_WRITE = "endpoints:write"
    GROUPS_READ = "student-groups:read"
    GROUPS_WRITE = "student-groups:write"
    PAIRINGS_READ = "pairings:read"
    PAIRINGS_WRITE = "pairings:write"
    COURSES_READ = "courses:read"
    COURSES_WRITE = "courses:write"
    UNITS_READ = "units:read"
    UNITS_WRITE = "units:write"
    CONSENTS_READ = "consents:read"
    CONSENTS_WRITE = "consents:write"
    LESSONS_READ = "lessons:read"
    LESSONS_WRITE = "lessons:write"
    LESSONS_RUN = "lessons:run"
    LESSONS_PUBLISH = "lessons:publish"
    RESOURCES_READ = "resources:read"
    VERSIONS_PROPOSE = "versions:propose"
    VERSIONS_PUBLISH = "versions:publish"
    VERSIONS_WITHDRAW = "versions:withdraw"
    RESOURCES_WRITE = "resources:write"
    KEYS_READ = "api-keys:read"
    KEYS_WRITE = "api-keys:write"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"
    RETENTION_READ = "retention:read"
    RETENTION_WRITE = "retention:write"
    ERASURES_READ = "erasures:read"
    ERASURES_WRITE = "erasures:write"
    REPORTS_READ = "reports:read"
    AUDIT_READ = "audit:read"
    SEARCH = "search:read"
    IMPORT = "imports:write"


_ALL, _OWN = Reach.SUBTREE, Reach.OWN
_ADMIN, _EDITOR, _MASTER, _ASSISTANT, _OBSERVER = GrantRole
_ONLY_ADMIN: Final = {_ADMIN: _ALL}
_STAFF: Final = {_ADMIN: _ALL, _EDITOR: _ALL, _MASTER: _ALL, _ASSISTANT: _ALL}
_EVERYBODY: Final = {**_STAFF, _OBSERVER: _ALL}
_TEACHES: Final = {_ADMIN: _ALL, _MASTER: Reach.TAUGHT}

RULES: Final[Mapping[Ability, Mapping[GrantRole, Reach]]] = MappingProxyType(
    {
        Ability.ORGANIZATIONS_READ: _EVERYBODY,
        Ability.ORGANIZATIONS_WRITE: _ONLY_ADMIN,
        Ability.USERS_READ: _ONLY_ADMIN,
        Ability.USERS_WRITE: _ONLY_ADMIN,
        Ability.GRANTS_READ: _ONLY_ADMIN,
        Ability.GRANTS_WRITE: _ONLY_ADMIN,
        Ability.ENDPOINTS_READ: {_ADMIN: _ALL, _ASSISTANT: _ALL},
        Ability.ENDPOINTS_WRITE: _ONLY_ADMIN,
        Ability.GROUPS_READ: _STAFF,
        Ability.GROUPS_WRITE: _ONLY_ADMIN,
        Ability.PAIRINGS_READ: _STAFF,
        Ability.PAIRINGS_WRITE: _ONLY_ADMIN,
        Ability.COURSES_READ: _EVERYBODY,
        Ability.COURSES_WRITE: {_ADMIN: _ALL, _EDITOR: _ALL},
        Ability.UNITS_READ: _EVERYBODY,
        Ability.UNITS_WRITE: {_ADMIN: _ALL, _EDITOR: _ALL},
        Ability.CONSENTS_READ: _STAFF,
        Ability.CONSENTS_WRITE: {_ADMIN: _ALL, _ASSISTANT: _ALL},
        Ability.LESSONS_READ: {**_EVERYBODY, _MASTER: _OWN, _ASSISTANT: _OWN},
        Ability.LESSONS_WRITE: _TEACHES,
        Ability.LESSONS_RUN: _TEACHES,
        Ability.LESSONS_PUBLISH: {_ADMIN: _ALL, _EDITOR: _ALL},
        Ability.RESOURCES_READ: {_ADMIN: _ALL, _EDITOR: _ALL, _MASTER: Reach.TAUGHT},
        Ability.VERSIONS_PROPOSE: {
            _ADMIN: _ALL,
            _EDITOR: _ALL,
            _MASTER: Reach.TAUGHT,
            _ASSISTANT: _OWN,
        },
        Ability.VERSIONS_PUBLISH: {_ADMIN: _ALL, _EDITOR: _ALL, _MASTER: Reach.TAUGHT},
        Ability.VERSIONS_WITHDRAW: {_ADMIN: _ALL, _EDITOR: _ALL},
        Ability.RESOURCES_WRITE: {_ADMIN: _ALL, _EDITOR: _ALL, _MASTER: Reach.TAUGHT},
        Ability.KEYS_READ: _ONLY_ADMIN,
        Ability.KEYS_WRITE: _ONLY_ADMIN,
        Ability.WEBHOOKS_READ: _ONLY_ADMIN,
        Ability.WEBHOOKS_WRITE: _ONLY_ADMIN,
        Ability.RETENTION_READ: {_ADMIN: _ALL, _EDITOR: _ALL},
        Ability.RETENTION_WRITE: _ONLY_ADMIN,
        Ability.ERASURES_READ: _ONLY_ADMIN,
        Ability.ERASURES_WRITE: _ONLY_ADMIN,
        Ability.REPORTS_READ: {_ADMIN: _ALL, _MASTER: Reach.TAUGHT, _OBSERVER: _ALL},
        Ability.AUDIT_READ: _ONLY_ADMIN,
        Ability.SEARCH: _EVERYBODY,
        Ability.IMPORT: _ONLY_ADMIN,
    }
)


class Seats(StrEnum):
    """Whether a lesson's own tokens open a route."""

    NONE = "-"
    MASTER = "master's seat"
    ANY = "any seat"


class Door(StrEnum):
    """Routes that ask for no ability."""

    OPEN = "everybody"
    SEAT = "a lesson's token"
    SIGNED_IN = "a user"
    KNOWN = "a user, an API key, the admin key"
    DEVICE = "a device"


@dataclass(frozen=True, slots=True)
class Rule:
    """Whom a route answers."""

    ability: Ability
    seats: Seats = Seats.NONE


@dataclass(frozen=True, slots=True)
class Scope:
    """The records that somebody may touch: all (`paths` is None), those of organizations whose path begins
    with one of `paths`, and the lessons that `own` teaches (or, unless `is_taught`, sits in), which may be
    made below `own_paths`.
    """

    paths: tuple[str, ...] | None = ()
    own: str | None = None
    own_paths: tuple[str, ...] = ()
    is_taught: bool = False

    @property
    def is_empty(self) -> bool:
        return self.paths == () and self.own is None

    def covers(self, path: str) -> bool:
        return self.paths is None or path.startswith(self.paths)


EVERYTHING: Final = Scope(None)


def scope_of(principal: Principal, ability: Ability) -> Scope:
    """How far `principal` may use `ability`; empty when it may not at all."""
    if principal.is_admin:
        return EVERYTHING
    if principal.scopes is not None and ability.value not in principal.scopes:
        return Scope()
    rules = RULES.get(ability, {})
    reaches = [(grant.path, rules.get(grant.role)) for grant in principal.grants]
    paths = tuple(sorted({path for path, reach in reaches if reach is Reach.SUBTREE}))
    own = {(path, reach) for path, reach in reaches if reach in (Reach.OWN, Reach.TAUGHT)}
    own_paths = tuple(sorted({path for path, _ in own}))
    is_taught = all(reach is Reach.TAUGHT for _, reach in own)
    return Scope(paths, principal.user if own else None, own_paths, is_taught and bool(own))


def abilities_of(principal: Principal) -> dict[str, Reach]:
    """Each ability that `principal` has, and the furthest that it goes."""
    scopes = {ability: scope_of(principal, ability) for ability in Ability}
    return {ability.value: _reach(scope) for ability, scope in scopes.items() if not scope.is_empty}


def _reach(scope: Scope) -> Reach:
    if scope.paths != ():
        return Reach.SUBTREE
    return Reach.TAUGHT if scope.is_taught else Reach.OWN


def require(principal: Principal, ability: Ability) -> Scope:
    """Refused: not_permitted."""
    scope = scope_of(principal, ability)
    if scope.is_empty:
        raise Refused("not_permitted", f"This needs a role that may use {ability}.")
    return scope


def access_table() -> str:
    """The table as docs/api.md shows it (Markdown)."""
    lines = ["| ability | " + " | ".join(GrantRole) + " |", "|---|" + "---|" * len(GrantRole)]
    for ability in Ability:
        cells = [RULES[ability][role].value if role in RULES[ability] else "-" for role in GrantRole]
        lines.append(f"| `{ability}` | " + " | ".join(cells) + " |")
    return "\n".join(lines)
