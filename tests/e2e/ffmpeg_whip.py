"""FFmpeg's WHIP muxer publishes: a process of its own, for PyAV holds the interpreter while FFmpeg connects.

ffmpeg_whip.py URL CERT_FILE KEY_FILE
"""

from __future__ import annotations

import fractions
import signal
import sys
import threading

import av
import numpy as np

from tests.streaming.aiortc_peers import draw_number

FRAMES_A_SECOND = 25
VOICE_HZ = 48_000
VOICE_SAMPLES = 960
"""Opus takes 20 ms at a time: two to a picture."""


def tone(first_sample: int) -> av.AudioFrame:
    """20 ms of 440 Hz."""
    times = np.arange(first_sample, first_sample + VOICE_SAMPLES) / VOICE_HZ
    samples = np.repeat((np.sin(times * 2 * np.pi * 440) * 8000).astype(np.int16), 2).reshape(1, -1)
    sound = av.AudioFrame.from_ndarray(samples, format="s16", layout="stereo")
    sound.sample_rate, sound.pts, sound.time_base = VOICE_HZ, first_sample, fractions.Fraction(1, VOICE_HZ)
    return sound


def main(url: str, cert_file: str, key_file: str) -> None:
    """Numbered pictures in H264 and a tone in Opus until SIGTERM, at most a minute."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with av.open(url, "w", format="whip", options={"cert_file": cert_file, "key_file": key_file}) as out:
        video = out.add_stream("libx264", rate=FRAMES_A_SECOND)
        video.width, video.height, video.pix_fmt = 320, 240, "yuv420p"
        video.options = {"profile": "baseline", "tune": "zerolatency", "g": "25", "bf": "0"}
        audio = out.add_stream("libopus", rate=VOICE_HZ, layout="stereo")
        for number in range(60 * FRAMES_A_SECOND):
            if stop.wait(1 / FRAMES_A_SECOND):
                return
            picture = draw_number(number).reformat(format="yuv420p")
            picture.pts, picture.time_base = number, fractions.Fraction(1, FRAMES_A_SECOND)
            out.mux(video.encode(picture))
            for part in (2 * number, 2 * number + 1):
                out.mux(audio.encode(tone(part * VOICE_SAMPLES)))


if __name__ == "__main__":
    main(*sys.argv[1:])
