"""How many words a recogniser gets wrong: `PYTHONPATH=. python scripts/measure_recognition.py [RECOGNISER]`.

Sentences of lessons, spoken by Debian's espeak-ng, clean and with white noise 20 and 10 dB below; cut and
recognised as `recording.recognition` does it. RECOGNISER as TANDEM_RECOGNISER says it.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tempfile
import time
import wave
from pathlib import Path

import av
import numpy as np

from recording.recognisers import POCKETSPHINX, open_recogniser
from recording.recognition import for_recognisers
from recording.speech_pieces import FRAME_SAMPLES, measure_frames, pieces_of
from recording.transcoder import Pcm

SENTENCES = (
    "Good morning, everybody. Please open your books.",
    "Today we learn how plants make their food from light and water.",
    "The sun is a star, and the earth turns around it once a year.",
    "Which of these two numbers is larger, and why do you think so?",
    "Look at the picture on the left side of the page.",
    "Water boils at one hundred degrees and becomes steam.",
    "Please write your answer in the book and raise your hand.",
    "A river begins in the mountains and flows down to the sea.",
    "We will do this experiment together, step by step.",
    "That is all for today. Thank you, and see you next week.",
)
_PAUSE_S = 1.5


def speak(sentence: str, voice: str) -> Pcm:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "line.wav"
        subprocess.run(["espeak-ng", "-v", voice, "-s", "140", "-w", str(path), sentence], check=True)
        with wave.open(str(path)) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)[np.newaxis]
            frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
            frame.sample_rate = file.getframerate()
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=48_000)
    parts = [each.to_ndarray() for each in [*resampler.resample(frame), *resampler.resample(None)]]
    pause = np.zeros((2, int(_PAUSE_S * 48_000)), np.float32)
    return np.concatenate([*parts, pause], axis=1)


def words(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower())


def errors(said: list[str], heard: list[str]) -> int:
    """Words inserted, left out, replaced."""
    row = list(range(len(heard) + 1))
    for number, word in enumerate(said, 1):
        before, row = row, [number]
        for at, other in enumerate(heard, 1):
            row.append(min(before[at] + 1, row[-1] + 1, before[at - 1] + (word != other)))
    return row[-1]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("recogniser", nargs="?", default=POCKETSPHINX)
    parser.add_argument("--voice", default="en-us")
    given = parser.parse_args()
    clean = np.concatenate([speak(sentence, given.voice) for sentence in SENTENCES], axis=1)
    loud = float(np.sqrt(np.mean(clean[np.abs(clean) > 0.01] ** 2)))
    recogniser = open_recogniser(given.recogniser)
    said = words(" ".join(SENTENCES))
    for snr_db in (None, 20, 10):
        level = 0.0 if snr_db is None else loud * 10 ** (-snr_db / 20)
        sound = clean + np.random.default_rng(1).normal(0, 1, clean.shape).astype(np.float32) * level
        heard: list[str] = []
        began_s = time.monotonic()
        pieces = pieces_of(measure_frames(sound.astype(np.float32)))
        for piece in pieces:
            piece_sound = sound[:, piece.begin * FRAME_SAMPLES : piece.end * FRAME_SAMPLES]
            heard += words(recogniser.recognise(for_recognisers(piece_sound.astype(np.float32))))
        ratio = (time.monotonic() - began_s) / (sound.shape[1] / 48_000)
        rate = errors(said, heard) / len(said)
        name = "clean" if snr_db is None else f"noise {snr_db} dB below"
        print(
            f"{name}: {rate:.0%} of {len(said)} words wrong, {len(pieces)} pieces, {ratio:.2f} of real time"
        )
        print("   ", " ".join(heard)[:160])
    recogniser.close()


if __name__ == "__main__":
    main()
