"""Roles that a user is granted in an organization. A seat's role in a lesson is `signaling.roles.Role`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class GrantRole(StrEnum):
    ADMIN = "admin"
    EDITOR = "editor"
    MASTER = "master"
    ASSISTANT = "assistant"
    OBSERVER = "observer"


@dataclass(frozen=True, slots=True)
class Grant:
    """A role in the organizations whose path begins with `path`."""

    role: GrantRole
    path: str
