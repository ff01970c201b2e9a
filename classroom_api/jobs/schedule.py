"""When a job is tried again, and when it is given up.

Delays double from five seconds to ten minutes, half of each at random. An attempt counts when the job itself
is to blame, and is forgotten when the next gets further. Not when its worker died, which a job cannot kill;
and where the world failed (no storage), a job waits as long as that takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

FIRST_DELAY_MS = 5_000
LONGEST_DELAY_MS = 600_000
ATTEMPTS_LIMIT = 5
_LONGEST_WAIT_MS = 60_000


class Ending(StrEnum):
    """How one attempt ended."""

    DONE = "done"
    DIED = "died"
    """Again later."""
    WAITS = "waits"
    """Something it needs is away: again later, and it does not count."""
    REFUSED = "refused"
    """It can never be done."""
    CANCELLED = "cancelled"
    STOPPED = "stopped"
    """Its worker ends: another goes on at once, and it does not count."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a job that did not finish. `retry_at_ms` None: it failed."""

    retry_at_ms: int | None
    counts: bool


def delay_ms(attempts: int, chance: float) -> int:
    """Until the attempt after `attempts` failed ones. `chance`: of [0, 1).

    >>> delay_ms(1, 0.0), delay_ms(3, 0.5), delay_ms(99, 0.0)
    (2500, 15000, 300000)
    """
    whole: int = min(FIRST_DELAY_MS << min(max(attempts, 1) - 1, 20), LONGEST_DELAY_MS)
    return whole // 2 + int(whole // 2 * chance)


def judge(ending: Ending, attempts: int, now_ms: int, chance: float) -> Verdict:
    """After the `attempts`-th attempt, of one that is not done."""
    match ending:
        case Ending.STOPPED:
            return Verdict(now_ms, counts=False)
        case Ending.WAITS:
            return Verdict(now_ms + min(delay_ms(attempts, chance), _LONGEST_WAIT_MS), counts=False)
        case Ending.DIED if attempts < ATTEMPTS_LIMIT:
            return Verdict(now_ms + delay_ms(attempts, chance), counts=True)
    return Verdict(None, counts=True)
