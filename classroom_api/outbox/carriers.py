"""SHELL: carries the deliveries of a stream to a webhook, or as statements to a learning record store.

A carrier tries the deliveries of one claimed stream in order until one fails or its time is over, and says
how each that it tried ended. Those it did not come to are tried with the next claim.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from classroom_api.outbox.schedule import Outcome
from classroom_api.outbox.sender import Answer, Sender
from classroom_api.outbox.signature import keys_in_force, signed_headers
from classroom_api.outbox.statements import Narrator, Statement
from classroom_api.store.database import Database
from classroom_api.store.outbox import Result, Stream
from classroom_api.store.outbox_schema import DeliveryRow, WebhookRow
from classroom_api.store.statements import read_stated
from streaming.errors import Refused

_JSON = {"Content-Type": "application/json", "User-Agent": "Tandem"}
_SPLIT = frozenset({400, 409, 413, 422})
"""What an LRS answers to a batch because of one statement in it: then each half is tried alone."""
_KNOWN = 409
_REMEMBERED_LESSONS = 32
VIEW = "view"
"""The kind of a delivery that is a statement already; all others name an event by its number."""


@dataclass(frozen=True, slots=True)
class LrsConfig:
    """A learning record store. `home_page`: what accounts and activities belong to, https://host."""

    url: str
    key: str
    secret: str
    version: str
    home_page: str


class Carrier(Protocol):
    """Carries the deliveries of one kind of destination."""

    async def carry(self, stream: Stream) -> list[Result]: ...


class WebhookCarrier:
    """One request for each delivery, signed anew for each attempt."""

    def __init__(
        self, sender: Sender, database: Database, server_secret: str, clock_ms: Callable[[], int]
    ) -> None:
        self._sender, self._database = sender, database
        self._server_secret, self._clock_ms = server_secret, clock_ms

    async def carry(self, stream: Stream) -> list[Result]:
        webhook = await self._database.transaction(
            lambda session: session.get(WebhookRow, stream.destination)
        )
        if webhook is None:
            return [Result(row.sequence, Outcome.REJECTED, "deleted") for row in stream.deliveries]
        if not webhook.is_enabled:
            return [Result(stream.deliveries[0].sequence, Outcome.FAILED, "disabled")]
        ends_at_ms = self._clock_ms() + self._sender.timeout_s * 500
        results: list[Result] = []
        for row in stream.deliveries:
            answer = await self._post(webhook, row)
            outcome = Outcome.DELIVERED if answer.is_success else Outcome.FAILED
            results.append(Result(row.sequence, outcome, answer.reason, answer.wanted_ms))
            if not answer.is_success or self._clock_ms() >= ends_at_ms:
                break
        return results

    async def _post(self, webhook: WebhookRow, row: DeliveryRow) -> Answer:
        now_ms, body = self._clock_ms(), row.payload.encode()
        keys = keys_in_force(
            self._server_secret, webhook.id, webhook.secret_version, webhook.secret_renewed_at_ms, now_ms
        )
        headers = {**_JSON, **signed_headers(keys, row.id, now_ms // 1000, body)}
        return await self._sender.post_webhook(webhook.url, headers, body)


@dataclass(slots=True)
class _Told:
    """How far a lesson was told: the next batch reads no event again. `made`: from number `first` on."""

    narrator: Narrator = field(default_factory=Narrator)
    first: int = 0
    until: int = 0
    made: dict[int, Statement] = field(default_factory=dict)


class StatementCarrier:
    """Batches of statements. One that the store rejects is found by halving, and holds up no other."""

    def __init__(
        self, sender: Sender, database: Database, config: LrsConfig, clock_ms: Callable[[], int]
    ) -> None:
        self._sender, self._database, self._config, self._clock_ms = sender, database, config, clock_ms
        self._headers = {**_JSON, "X-Experience-API-Version": config.version}
        self._told: dict[str, _Told] = {}

    async def carry(self, stream: Stream) -> list[Result]:
        numbers = [int(row.payload) for row in stream.deliveries if row.kind != VIEW]
        try:
            made = await self._made(stream.lesson_id, numbers)
        except Refused as refused:
            return [Result(row.sequence, Outcome.REJECTED, refused.code) for row in stream.deliveries]
        results = []
        batch = []
        for row in stream.deliveries:
            statement = json.loads(row.payload) if row.kind == VIEW else made.get(int(row.payload))
            if statement is None:
                results.append(Result(row.sequence, Outcome.DELIVERED, "nothing to state"))
            else:
                batch.append((row.sequence, statement))
        return results + await self._carry_halving(batch)

    async def _made(self, lesson: str, numbers: Sequence[int]) -> Mapping[int, Statement]:
        """By the numbers of events. Refused: lesson_unknown."""
        told = self._told.pop(lesson, _Told())
        first, last = min(numbers, default=told.first), max(numbers, default=told.until)
        if first < told.first:
            told = _Told()
        read = await self._database.transaction(
            lambda session: read_stated(
                session, lesson, self._config.home_page, after=told.until, until=max(last, told.until)
            )
        )
        made = told.made | read.statements(told.narrator)
        told.made = {number: statement for number, statement in made.items() if number >= first}
        told.first, told.until = first, max(last, told.until)
        self._told[lesson] = told
        if len(self._told) > _REMEMBERED_LESSONS:
            del self._told[next(iter(self._told))]
        return told.made

    async def _carry_halving(self, statements: Sequence[tuple[int, Statement]]) -> list[Result]:
        ends_at_ms = self._clock_ms() + self._sender.timeout_s * 500
        results: list[Result] = []
        waiting = [statements] if statements else []
        while waiting and (not results or self._clock_ms() < ends_at_ms):
            batch = waiting.pop()
            body = json.dumps([statement for _, statement in batch], ensure_ascii=False).encode()
            config = self._config
            url = f"{config.url}/statements"
            answer = await self._sender.post(url, self._headers, body, config.key, config.secret)
            if answer.status in _SPLIT and len(batch) > 1:
                middle = len(batch) // 2
                waiting += [batch[middle:], batch[:middle]]
                continue
            outcome = _outcome_of(answer)
            results += [Result(number, outcome, answer.reason, answer.wanted_ms) for number, _ in batch]
            if outcome is Outcome.FAILED:
                break
        return results


def _outcome_of(answer: Answer) -> Outcome:
    """Of one statement, or of a batch that was not rejected. A known id was delivered before."""
    if answer.is_success or answer.status == _KNOWN:
        return Outcome.DELIVERED
    return Outcome.REJECTED if answer.status in _SPLIT else Outcome.FAILED
