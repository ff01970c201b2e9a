"""GStreamer's webrtcbin publishes numbered pictures and a tone through WHIP until standard input ends.

gstreamer_publisher.py URL TOKEN VP8|H264 BUNDLE_POLICY

Run by the system's Python, which has GStreamer's bindings and nothing of this project. Prints one line of
JSON: the status of the POST, and the offer, body and headers.
"""

from __future__ import annotations

import json
import sys
import threading
import urllib.error
import urllib.request

import gi

try:
    gi.require_version("Gst", "1.0")
    gi.require_version("GstWebRTC", "1.0")
    gi.require_version("GstSdp", "1.0")
    from gi.repository import GLib, Gst, GstSdp, GstWebRTC
except (ImportError, ValueError) as error:
    raise SystemExit(f"{error}: install python3-gst-1.0 and gir1.2-gst-plugins-bad-1.0") from error

WIDTH, HEIGHT, BARS, PICTURES_A_SECOND = 320, 240, 8, 15
ENCODERS = {
    "VP8": "vp8enc deadline=1 keyframe-max-dist=30 ! rtpvp8pay picture-id-mode=15-bit",
    "H264": "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=30 bitrate=500"
    " ! video/x-h264,profile=constrained-baseline"
    " ! rtph264pay config-interval=-1 aggregate-mode=zero-latency",
}
PIPELINE = """
    webrtcbin name=peer bundle-policy={policy}
    appsrc name=pictures is-live=true do-timestamp=true format=time
      caps=video/x-raw,format=GRAY8,width={width},height={height},framerate={rate}/1
      ! videoconvert ! video/x-raw,format=I420 ! {encoder}
      ! application/x-rtp,media=video,encoding-name={codec},payload=96 ! peer.
    audiotestsrc is-live=true freq=440 ! audioconvert ! audioresample ! opusenc ! rtpopuspay
      ! application/x-rtp,media=audio,encoding-name=OPUS,payload=97 ! peer.
"""


def numbered(number: int) -> bytes:
    """The low byte of a number as eight bars, as the browser pages draw it."""
    bar = WIDTH // BARS
    bits = ((number >> (BARS - 1 - index)) & 1 for index in range(BARS))
    return b"".join((b"\xeb" if bit else b"\x10") * bar for bit in bits) * HEIGHT


def post(url: str, token: str, offer: str) -> tuple[int, str, dict[str, str]]:
    """The exchange of RFC 9725: status, body, headers."""
    headers = {"Content-Type": "application/sdp", "Authorization": f"Bearer {token}"}
    request = urllib.request.Request(url, offer.encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, response.read().decode(), dict(response.headers)
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), dict(error.headers)


class Publisher:
    """One pipeline, from its offer to its end."""

    def __init__(self, url: str, token: str, codec: str, policy: str) -> None:
        self._url, self._token = url, token
        self._loop = GLib.MainLoop()
        self._number = 0
        self._pipeline = Gst.parse_launch(
            PIPELINE.format(
                policy=policy,
                width=WIDTH,
                height=HEIGHT,
                rate=PICTURES_A_SECOND,
                encoder=ENCODERS[codec],
                codec=codec,
            )
        )
        self._peer = self._pipeline.get_by_name("peer")
        self._pictures = self._pipeline.get_by_name("pictures")
        self._peer.connect("on-negotiation-needed", self._negotiate)
        self._peer.connect("notify::ice-gathering-state", self._gathered)

    def run(self) -> None:
        GLib.timeout_add(1000 // PICTURES_A_SECOND, self._draw)
        threading.Thread(target=self._until_input_ends, daemon=True).start()
        self._pipeline.set_state(Gst.State.PLAYING)
        self._loop.run()
        self._pipeline.set_state(Gst.State.NULL)

    def _until_input_ends(self) -> None:
        sys.stdin.read()
        GLib.idle_add(self._loop.quit)

    def _draw(self) -> bool:
        self._pictures.emit("push-buffer", Gst.Buffer.new_wrapped(numbered(self._number)))
        self._number += 1
        return True

    def _negotiate(self, peer: Gst.Element) -> None:
        peer.emit("create-offer", None, Gst.Promise.new_with_change_func(self._offered))

    def _offered(self, promise: Gst.Promise) -> None:
        reply = promise.get_reply()  # owns the offer: must live as long as that is used
        self._peer.emit("set-local-description", reply.get_value("offer"), Gst.Promise.new())

    def _gathered(self, peer: Gst.Element, _: object) -> None:
        if peer.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            GLib.idle_add(self._exchange)

    def _exchange(self) -> bool:
        offer = self._peer.get_property("local-description").sdp.as_text()
        status, body, headers = post(self._url, self._token, offer)
        told = {"status": status, "offer": offer, "body": body, "headers": headers}
        if status == 201:
            _, sdp = GstSdp.SDPMessage.new_from_text(body)
            answer = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, sdp)
            self._peer.emit("set-remote-description", answer, Gst.Promise.new())
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        return False


if __name__ == "__main__":
    Gst.init(None)
    Publisher(*sys.argv[1:]).run()
