"""How much disk recordings may take. Pure."""

from __future__ import annotations

from dataclasses import dataclass

BUDGET_REACHED = "budget_reached"
STORAGE_FULL = "storage_full"
_RESUME_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class DiskBudget:
    """lesson_bytes: all logs of one lesson; free_bytes: what is left to the rest of the machine."""

    lesson_bytes: int = 1 << 62
    free_bytes: int = 0

    def exceeded(self, lesson_bytes: int, free_bytes: int) -> str:
        """Why a recording has to stop; "" while it may go on."""
        if lesson_bytes >= self.lesson_bytes:
            return BUDGET_REACHED
        return STORAGE_FULL if free_bytes < self.free_bytes else ""

    def allows_again(self, lesson_bytes: int, free_bytes: int) -> bool:
        """Whether a recording that stopped may go on: with a megabyte to spare, or it stops again at once."""
        return lesson_bytes < self.lesson_bytes and free_bytes >= self.free_bytes + _RESUME_BYTES
