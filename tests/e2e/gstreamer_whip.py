"""Run by the system's Python (which has GStreamer's bindings): webrtcbin publishes to a WHIP address.

gstreamer_whip.py URL VP8|H264
"""

from __future__ import annotations

import sys
import urllib.request

VIDEO = {
    "VP8": "vp8enc deadline=1 keyframe-max-dist=30 target-bitrate=1500000 ! rtpvp8pay mtu=1400",
    "H264": "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=30 bitrate=1500"
    " ! video/x-h264,profile=constrained-baseline ! rtph264pay mtu=1400 config-interval=-1",
}
PIPELINE = """
    webrtcbin name=peer bundle-policy=max-bundle
    audiotestsrc is-live=true ! audioconvert ! audioresample ! opusenc ! rtpopuspay
      ! application/x-rtp,media=audio,encoding-name=OPUS,payload=111 ! peer.
    videotestsrc is-live=true pattern=ball ! video/x-raw,width=640,height=360,framerate=15/1 ! videoconvert
      ! {video} ! application/x-rtp,media=video,encoding-name={codec},payload=96 ! peer.
"""


def main(url: str, codec: str) -> None:
    """Offer once all candidates are gathered, take the answer, send until killed."""
    import gi

    gi.require_version("Gst", "1.0")
    gi.require_version("GstWebRTC", "1.0")
    gi.require_version("GstSdp", "1.0")
    from gi.repository import GLib, Gst, GstSdp, GstWebRTC

    Gst.init(None)
    pipeline = Gst.parse_launch(PIPELINE.format(video=VIDEO[codec], codec=codec))
    peer = pipeline.get_by_name("peer")

    def offer_made(promise: Gst.Promise) -> None:
        promise.wait()
        reply = promise.get_reply()  # owns the offer: it has to live as long as that
        peer.emit("set-local-description", reply.get_value("offer"), Gst.Promise.new())

    def gathered(*_: object) -> None:
        if peer.get_property("ice-gathering-state") != GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            return
        offer = peer.get_property("local-description").sdp.as_text().encode()
        request = urllib.request.Request(url, offer, {"Content-Type": "application/sdp"})
        with urllib.request.urlopen(request, timeout=10) as response:
            _, message = GstSdp.SDPMessage.new_from_text(response.read().decode())
        answer = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, message)
        peer.emit("set-remote-description", answer, Gst.Promise.new())

    def negotiate(*_: object) -> None:
        peer.emit("create-offer", None, Gst.Promise.new_with_change_func(offer_made))

    peer.connect("on-negotiation-needed", negotiate)
    peer.connect("notify::ice-gathering-state", gathered)
    pipeline.set_state(Gst.State.PLAYING)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main(*sys.argv[1:])
