"""SHELL: what the server does beside its lessons, in a thread of its own: the courier of the outbox."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from classroom_api.background import Background
from classroom_api.outbox.carriers import StatementCarrier, WebhookCarrier
from classroom_api.outbox.courier import Courier
from classroom_api.outbox.sender import Sender
from classroom_api.settings import Settings
from classroom_api.store.database import Database
from classroom_api.store.outbox import Figures


class Upkeep:
    """Opened after the database, closed before it."""

    def __init__(
        self, settings: Settings, server_secret: str, database: Database, clock_ms: Callable[[], int]
    ) -> None:
        self._settings, self._server_secret = settings, server_secret
        self._database, self._clock_ms = database, clock_ms
        self._courier: Courier | None = None
        self._background = Background([("outbox", self._deliver)])

    async def open(self) -> None:
        await asyncio.to_thread(self._background.open)

    async def close(self) -> None:
        """What is under way is told again when the server is back. Idempotent."""
        await asyncio.to_thread(self._background.close)

    @property
    def outbox_figures(self) -> Figures:
        return self._courier.figures if self._courier is not None else Figures()

    async def _deliver(self) -> None:
        settings = self._settings
        timeout_s = settings.delivery_timeout_s
        sender = Sender(timeout_s, is_private_allowed=settings.webhook_private_addresses)
        lrs = settings.lrs()
        webhooks = WebhookCarrier(sender, self._database, self._server_secret, self._clock_ms)
        statements = None
        if lrs is not None:
            statements = StatementCarrier(sender, self._database, lrs, self._clock_ms)
        self._courier = Courier(self._database, webhooks, statements, timeout_s, self._clock_ms)
        try:
            await self._courier.run()
        finally:
            await sender.close()
