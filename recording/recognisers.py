"""SHELL: who turns a piece of speech into text: PocketSphinx in this process, or a program of the school's.

A program is started once. For each piece it reads a line, the path of a WAV file (16 kHz, one channel,
16 bits), and writes a line, the text in UTF-8; an empty one where it understood nothing. It ends when its
input ends. docs/resources.md tells what bounds it.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import selectors
import shlex
import subprocess
import tempfile
import time
import wave
from pathlib import Path
from typing import Final, Protocol

import numpy as np

RECOGNISER_HZ: Final = 16_000
POCKETSPHINX: Final = "pocketsphinx"
COMMAND: Final = "command "
_ANSWER_S: Final = 120.0
_MOST_ANSWER_BYTES: Final = 1 << 16
_END_S: Final = 3.0
_ROOM_NOISE: Final = 100
"""Of samples. Its model knows rooms, no silence of zeros as between packets: of 50 words 40 were wrong in
that, with this noise 15.
"""


class RecogniserMissing(Exception):
    """It is not on this machine."""


class RecogniserFailed(Exception):
    """It broke its contract: too slow, too much, gone. Tried again with the job."""


class Recogniser(Protocol):
    """`recognise`: the text of 16-bit samples, RECOGNISER_HZ, one channel."""

    def recognise(self, samples: bytes) -> str: ...
    def close(self) -> None: ...


def open_recogniser(said: str, answer_s: float = _ANSWER_S) -> Recogniser:
    """`said`: as TANDEM_RECOGNISER says it. Raises RecogniserMissing."""
    if said == POCKETSPHINX:
        return PocketSphinx()
    return Program(shlex.split(said.removeprefix(COMMAND)), answer_s)


class PocketSphinx:
    """English, with the model that its package carries."""

    def __init__(self) -> None:
        try:
            pocketsphinx = importlib.import_module("pocketsphinx")  # an extra: others recognise otherwise
        except ImportError:
            raise RecogniserMissing(POCKETSPHINX) from None
        self._decoder = pocketsphinx.Decoder(samprate=RECOGNISER_HZ, loglevel="FATAL")

    def recognise(self, samples: bytes) -> str:
        heard = np.frombuffer(samples, np.int16)
        noise = np.random.default_rng(1).normal(0, _ROOM_NOISE, len(heard))
        noisy = np.clip(heard + noise, -32_768, 32_767).astype(np.int16)
        self._decoder.start_utt()
        self._decoder.process_raw(noisy.tobytes(), full_utt=True)
        self._decoder.end_utt()
        found = self._decoder.hyp()
        return str(found.hypstr) if found is not None else ""

    def close(self) -> None:
        """Nothing is open."""


class Program:
    """Invariant: for each line written one was read, so that a text is of the piece it is said to be of."""

    def __init__(self, command: list[str], answer_s: float) -> None:
        self._answer_s = answer_s
        self._folder = tempfile.TemporaryDirectory(prefix="tandem-speech-")
        # What the server has in its environment (secrets of sign-in, storage, records) is not for others.
        environment = {"PATH": os.defpath, "HOME": self._folder.name, "LANG": "C.UTF-8"}
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=self._folder.name,
                env=environment,
            )
        except OSError:
            self._folder.cleanup()
            raise RecogniserMissing(command[0]) from None
        assert self._process.stdout is not None
        os.set_blocking(self._process.stdout.fileno(), False)

    def recognise(self, samples: bytes) -> str:
        path = Path(self._folder.name) / "piece.wav"
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RECOGNISER_HZ)
            file.writeframes(samples)
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{path}\n".encode())
            self._process.stdin.flush()
        except BrokenPipeError:
            raise RecogniserFailed("the program has ended") from None
        return self._read_line()

    def _read_line(self) -> str:
        assert self._process.stdout is not None
        give_up_s = time.monotonic() + self._answer_s
        found = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while not found.endswith(b"\n"):
                left_s = give_up_s - time.monotonic()
                if left_s <= 0 or not selector.select(left_s):
                    raise RecogniserFailed(f"no answer in {self._answer_s} s")
                read = os.read(self._process.stdout.fileno(), _MOST_ANSWER_BYTES)
                if not read:
                    raise RecogniserFailed("the program has ended")
                found += read
                if len(found) > _MOST_ANSWER_BYTES or b"\n" in found[:-1]:
                    raise RecogniserFailed("more than one line, or too long a one")
        return found.decode("utf-8", "replace")

    def close(self) -> None:
        """It may end by itself, and is killed when it does not."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._folder.cleanup()
