"""Where a lesson stands in its room, and what follows what: one table.

`scheduled` and everything after `ended` are the timetable's and the recording's.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from signaling.ports import LessonState
from streaming.errors import Refused

MASTER_GRACE_MS: Final = 60_000
"""So long the lesson waits for a lost master before an assistant may end it or go on locally."""

TRANSITIONS: Final[Mapping[LessonState, frozenset[LessonState]]] = MappingProxyType(
    {
        LessonState.LOBBY: frozenset({LessonState.LIVE, LessonState.ENDED}),
        LessonState.LIVE: frozenset({LessonState.SUSPENDED, LessonState.MASTER_LOST, LessonState.ENDED}),
        LessonState.SUSPENDED: frozenset({LessonState.LIVE, LessonState.MASTER_LOST, LessonState.ENDED}),
        LessonState.MASTER_LOST: frozenset({LessonState.LIVE, LessonState.SUSPENDED, LessonState.ENDED}),
        LessonState.ENDED: frozenset(),
    }
)
RUNNING: Final = frozenset({LessonState.LIVE, LessonState.SUSPENDED, LessonState.MASTER_LOST})
"""Started and not ended: a recording is open."""
INTERRUPTED: Final = RUNNING - {LessonState.LIVE}


def check_transition(before: LessonState, after: LessonState) -> None:
    """Raises Refused("lesson_state_conflict")."""
    if after not in TRANSITIONS[before]:
        raise Refused("lesson_state_conflict", f"The lesson is {before.replace('_', ' ')}.")


def states_table() -> str:
    """The table as docs/protocol.md shows it (Markdown)."""
    lines = ["| from | to |", "|---|---|"]
    for before, after in TRANSITIONS.items():
        targets = ", ".join(f"`{state}`" for state in LessonState if state in after)
        lines.append(f"| `{before}` | {targets or '-'} |")
    return "\n".join(lines)
