"""SHELL: a process that makes captions of a voice.

    python -m recording.recognition --data-dir D --resource R --recogniser pocketsphinx --language en

Its result, a JSON line, is {"language": "en", "cues": [[begin_ms, end_ms, text], …]}, positions of the
replay. What was understood of each piece is kept until the end: killed and started again, it goes on.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import av
import numpy as np

from recording.container import AUDIO_HZ, VIDEO_HZ
from recording.fast_replay import FastReplay, SoundReader, SourceMissing
from recording.recognisers import (
    RECOGNISER_HZ,
    Recogniser,
    RecogniserFailed,
    RecogniserMissing,
    open_recogniser,
)
from recording.speech_pieces import FRAME_SAMPLES, Levels, Piece, cues_of, measure_frames, pieces_of
from recording.store import Layout, alone_in, replace_file
from recording.transcoder import Pcm
from recording.webvtt import MAX_CUES, is_too_long

_FORM: Final = 1
"""Of how pieces are cut: what was understood of others is not gone on with."""
_WORK_NAME: Final = "work"
_BLOCK_FRAMES: Final = 500
_LISTENING: Final = 0.1
"""Of all progress: the rest is recognition."""
_MOST_LINE_BYTES: Final = (1 << 20) - 1024


def say(message: dict[str, object]) -> None:
    """One line of standard output."""
    sys.stdout.write(json.dumps(message, ensure_ascii=False) + "\n")
    sys.stdout.flush()


class Understood:
    """What was understood of each piece so far, on disk as well: a line each, behind one that tells of what.

    A line that a kill tore goes.
    """

    def __init__(self, folder: Path, of: str) -> None:
        """Raises FileNotFoundError: the replay is gone."""
        folder.mkdir(exist_ok=True)
        self._folder, self._path = folder, folder / "speech.jsonl"
        self.texts: dict[Piece, str] = {}
        head = json.dumps({"of": of})
        lines = self._path.read_text("utf-8", "replace").split("\n") if self._path.exists() else []
        if lines[:1] == [head]:
            for line in lines[1:-1]:
                begin, end, text = json.loads(line)
                self.texts[Piece(begin, end)] = text
        kept = [json.dumps([piece.begin, piece.end, text]) for piece, text in self.texts.items()]
        replace_file(self._path, ("\n".join([head, *kept]) + "\n").encode())
        self._file = self._path.open("a", encoding="utf-8")

    def keep(self, piece: Piece, text: str) -> None:
        self._file.write(json.dumps([piece.begin, piece.end, text]) + "\n")
        self._file.flush()
        self.texts[piece] = text

    def close(self, *, is_done: bool) -> None:
        self._file.close()
        if is_done:
            self._path.unlink(missing_ok=True)
            if not any(self._folder.iterdir()):
                self._folder.rmdir()


def listen(reader: SoundReader, length_samples: int) -> Levels:
    """How loud the voice is, frame by frame."""
    blocks = [np.zeros(0)]
    step = _BLOCK_FRAMES * FRAME_SAMPLES
    for begin in range(0, length_samples, step):
        blocks.append(measure_frames(reader.read(begin, min(begin + step, length_samples))))
        say({"progress": round(_LISTENING * begin / length_samples, 3), "step": "voice"})
    return np.concatenate(blocks)


def for_recognisers(sound: Pcm) -> bytes:
    """16-bit samples, RECOGNISER_HZ, one channel."""
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound), format="fltp", layout="stereo")
    frame.sample_rate = AUDIO_HZ
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RECOGNISER_HZ)
    resampled = [*resampler.resample(frame), *resampler.resample(None)]
    return b"".join(each.to_ndarray().tobytes() for each in resampled)


def recognise(replay: FastReplay, recogniser: Recogniser, understood: Understood) -> list[list[object]]:
    """The captions, as lists."""
    reader = SoundReader(replay)
    pieces = pieces_of(listen(reader, replay.segments[-1].end_ticks * AUDIO_HZ // VIDEO_HZ))
    total, done = sum(piece.end - piece.begin for piece in pieces), 0
    cues: list[list[object]] = []
    for piece in pieces:
        if piece not in understood.texts:
            sound = reader.read(piece.begin * FRAME_SAMPLES, piece.end * FRAME_SAMPLES)
            understood.keep(piece, recogniser.recognise(for_recognisers(sound)))
        found = cues_of(piece, understood.texts[piece])
        cues += [[cue.begin_ms, cue.end_ms, cue.text] for cue in found if not is_too_long(cue.text)]
        done += piece.end - piece.begin
        say({"progress": round(_LISTENING + (1 - _LISTENING) * done / total, 3), "step": "speech"})
    return cues


def run(data_dir: Path, resource: str, said: str, language: str) -> int:
    """The exit code."""
    folder = Layout(data_dir).resource(resource)
    try:
        with alone_in(folder):
            replay = FastReplay(folder)
            of = hashlib.sha256(f"{_FORM} {said} {language} {replay.wall_ms}".encode()).hexdigest()
            return _understand(replay, Understood(folder / _WORK_NAME, of), said, language)
    except (SourceMissing, FileNotFoundError):
        return _refuse("source_missing")


def _understand(replay: FastReplay, understood: Understood, said: str, language: str) -> int:
    is_done = False
    try:
        recogniser = open_recogniser(said)
        try:
            cues = recognise(replay, recogniser, understood)
        finally:
            recogniser.close()
        result: dict[str, object] = {"result": {"language": language, "cues": cues}}
        is_done = True
        if not cues:
            return _refuse("speech_missing")
        if len(cues) > MAX_CUES or len(json.dumps(result, ensure_ascii=False).encode()) > _MOST_LINE_BYTES:
            return _refuse("captions_too_large")
        say(result)
    except RecogniserMissing:
        return _refuse("recogniser_missing")
    except RecogniserFailed as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        understood.close(is_done=is_done)
    return 0


def _refuse(code: str) -> int:
    say({"refused": code})
    return 2


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line, as docs/resources.md says of jobs; the exit code."""
    parser = argparse.ArgumentParser(prog="recording.recognition")
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--resource", required=True)
    parser.add_argument("--recogniser", required=True)
    parser.add_argument("--language", required=True)
    given = parser.parse_args(arguments)
    return run(given.data_dir, given.resource, given.recogniser, given.language)


if __name__ == "__main__":
    sys.exit(main())
