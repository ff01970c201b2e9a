"""When a delivery is tried again, and when it is given up.

Delays double from two seconds to an hour, half of each at random, so that destinations that come back are
not met by all at once. What a day of trying has not delivered is dead: it holds up nothing and waits for
somebody who asks for it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

FIRST_DELAY_MS = 2_000
LONGEST_DELAY_MS = 3_600_000
GIVEN_UP_AFTER_MS = 86_400_000


class Outcome(StrEnum):
    """How one attempt ended."""

    DELIVERED = "delivered"
    FAILED = "failed"
    """Again later, and until then all that comes behind it waits."""
    REJECTED = "rejected"
    """The destination will never take it: no other attempt, and what comes behind goes on."""


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a delivery. `retry_at_ms`: of one that stays pending."""

    state: DeliveryState
    retry_at_ms: int | None = None


def delay_ms(attempts: int, chance: float, wanted_ms: int = 0) -> int:
    """Until the attempt after `attempts` failed ones. `chance`: of [0, 1). `wanted_ms`: the destination's
    own Retry-After, followed up to the longest delay.

    >>> delay_ms(1, 0.0), delay_ms(3, 0.5), delay_ms(99, 0.0), delay_ms(1, 0.0, 60_000)
    (1000, 6000, 1800000, 60000)
    """
    whole = min(FIRST_DELAY_MS << min(attempts - 1, 20), LONGEST_DELAY_MS)
    return max(whole // 2 + int(whole // 2 * chance), min(wanted_ms, LONGEST_DELAY_MS))


def judge(
    outcome: Outcome, attempts: int, tried_since_ms: int, now_ms: int, chance: float, wanted_ms: int = 0
) -> Verdict:
    """After an attempt, the `attempts`-th since `tried_since_ms`."""
    match outcome:
        case Outcome.DELIVERED:
            return Verdict(DeliveryState.DELIVERED)
        case Outcome.REJECTED:
            return Verdict(DeliveryState.DEAD)
        case Outcome.FAILED:
            retry_at_ms = now_ms + delay_ms(attempts, chance, wanted_ms)
            if retry_at_ms - tried_since_ms > GIVEN_UP_AFTER_MS:
                return Verdict(DeliveryState.DEAD)
            return Verdict(DeliveryState.PENDING, retry_at_ms)
