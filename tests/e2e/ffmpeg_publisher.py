"""FFmpeg's WHIP muxer, as PyAV carries it: numbered pictures and a tone until standard input ends.

ffmpeg_publisher.py URL TOKEN CERT_FILE KEY_FILE active|passive

The last is its role in the DTLS handshake (FFmpeg by itself offers to be passive).
"""

from __future__ import annotations

import sys
import threading
import time
from fractions import Fraction

import av
import numpy as np

from tests.streaming.aiortc_peers import HEIGHT, WIDTH, draw_number

PICTURES_A_SECOND = 15
VOICE_HZ = 48_000
VOICE_SAMPLES = 960


def main(url: str, token: str, cert_file: str, key_file: str, dtls_role: str) -> None:
    """Publish at the pace of the clock; closing the container ends the WHIP resource."""
    options = {"authorization": token, "cert_file": cert_file, "key_file": key_file}
    options["whip_flags"] = "+dtls_active" if dtls_role == "active" else "-dtls_active"
    is_over = threading.Event()
    threading.Thread(target=until_input_ends, args=(is_over,), daemon=True).start()
    with av.open(url, "w", format="whip", options=options) as container:
        picture = container.add_stream("libx264", rate=PICTURES_A_SECOND)
        picture.width, picture.height, picture.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        picture.options = {"preset": "ultrafast", "tune": "zerolatency", "profile": "baseline", "g": "15"}
        voice = container.add_stream("libopus", rate=VOICE_HZ, layout="stereo")
        start_s = time.monotonic()
        sample = 0
        for number in range(1_000_000):
            while sample / VOICE_HZ <= number / PICTURES_A_SECOND:
                container.mux(voice.encode(tone(sample)))
                sample += VOICE_SAMPLES
            frame = draw_number(number)
            frame.pts, frame.time_base = number, Fraction(1, PICTURES_A_SECOND)
            container.mux(picture.encode(frame))
            if is_over.wait(max(0.0, start_s + number / PICTURES_A_SECOND - time.monotonic())):
                return


def until_input_ends(is_over: threading.Event) -> None:
    sys.stdin.read()
    is_over.set()


def tone(sample: int) -> av.AudioFrame:
    """Twenty milliseconds of 440 Hz."""
    wave = np.sin(2 * np.pi * 440 / VOICE_HZ * np.arange(sample, sample + VOICE_SAMPLES)) * 8000
    stereo = np.repeat(wave.astype(np.int16), 2).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(stereo, format="s16", layout="stereo")
    frame.sample_rate, frame.pts, frame.time_base = VOICE_HZ, sample, Fraction(1, VOICE_HZ)
    return frame


if __name__ == "__main__":
    main(*sys.argv[1:])
