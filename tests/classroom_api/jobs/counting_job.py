"""A job for tests: FILE UNTIL [MODE]. Counts in a file, a line each, and goes on where the file ends.

It says in the file itself when it was not alone, so that two workers with one job are found out.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import signal
import sys
from pathlib import Path

_WORK = 60_000


def say(**line: object) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def whole_lines(descriptor: int) -> int:
    """How many there are; a torn last one is cut off."""
    content = os.pread(descriptor, 1 << 20, 0)
    end = content.rfind(b"\n") + 1
    os.ftruncate(descriptor, end)
    return content[:end].count(b"\n")


def count(file: Path, until: int, mode: str) -> None:
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.write(descriptor, b"not alone\n")
        raise
    for number in range(whole_lines(descriptor), until):
        hashlib.pbkdf2_hmac("sha256", b"work", b"salt", _WORK)
        os.write(descriptor, f"{number}\n".encode())
        say(progress=(number + 1) / until, step="counting")
        if mode == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if mode == "hang":
            signal.pause()
    say(result={"counted": until})


if __name__ == "__main__":
    count(Path(sys.argv[1]), int(sys.argv[2]), (sys.argv[3:] or [""])[0])
