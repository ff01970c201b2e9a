"""A publisher in a process of its own, which ends when its standard input does."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

HERE = Path(__file__).parent
SYSTEM_PYTHON = "/usr/bin/python3"  # GStreamer's bindings belong to the system
END_TIMEOUT_S = 20.0


@contextlib.asynccontextmanager
async def publishing(script: str, *arguments: str, python: str = sys.executable) -> AsyncIterator[Child]:
    """Runs a script of this folder; what it says lies in its output."""
    process = await asyncio.create_subprocess_exec(
        python,
        str(HERE / script),
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=HERE.parents[1],
        env={**os.environ, "PYTHONPATH": str(HERE.parents[1])},
    )
    child = Child(process)
    try:
        yield child
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


class Child:
    """A running publisher."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def says(self, timeout_s: float = 30) -> str:
        """The next line that it prints."""
        assert self._process.stdout is not None
        async with asyncio.timeout(timeout_s):
            line = await self._process.stdout.readline()
        assert line, "the publisher ended"
        return line.decode()

    async def end(self) -> int:
        """Lets it end by itself; its exit status."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        async with asyncio.timeout(END_TIMEOUT_S):
            return await self._process.wait()
