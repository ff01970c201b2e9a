"""What the ladder makes, played by hls.js in Chromium: each size, and from one to another without a gap."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Page
from typing_extensions import override

from recording.ladder import make
from tests.e2e.browser import chromium, eventually
from tests.recording.fast_replays import ROOT, camera, plan_of

pytestmark = pytest.mark.timeout(180)

LENGTH_S = 12
WAIT_S = 60
SIZES = ["426x240", "852x480"]
HLS = ROOT / "web_client" / "node_modules" / "hls.js" / "dist" / "hls.min.js"
PAGE = """<!doctype html><video muted playsinline></video><script src=hls.min.js></script><script>
const video = document.querySelector("video");
const seen = {levels: [], loaded: [], errors: [], frames: []};
const hls = new Hls({startLevel: 0});
const wanted = new URLSearchParams(location.search).get("level");
hls.on(Hls.Events.MANIFEST_PARSED, (_, {levels}) => {
    seen.levels = levels.map((level) => `${level.width}x${level.height}`);
    hls.loadLevel = Number(wanted ?? 0);
});
hls.on(Hls.Events.FRAG_LOADED, (_, {frag}) => {
    if (frag.type !== "main") return;
    seen.loaded.push(frag.level);
    if (wanted === null) hls.loadLevel = 1 - frag.level;
});
hls.on(Hls.Events.ERROR, (_, {fatal, details, type}) => {
    // A request is given up where another size is wanted; a busy machine may show its pictures late.
    const isOfNoAccount = ["aborted", "bufferStalledError", "bufferNudgeOnStall"].includes(details);
    if (fatal || !isOfNoAccount) seen.errors.push(`${type}: ${details}`);
});
function look(_, shown) { seen.frames.push(shown.mediaTime); video.requestVideoFrameCallback(look); }
video.requestVideoFrameCallback(look);
hls.loadSource("teacher.m3u8");
hls.attachMedia(video);
function looked() {
    const {buffered} = video, spans = [];
    for (let at = 0; at < buffered.length; at++) spans.push([buffered.start(at), buffered.end(at)]);
    return {...seen, spans, size: `${video.videoWidth}x${video.videoHeight}`, isOver: video.ended};
}
</script>"""


class _Files(SimpleHTTPRequestHandler):
    @override
    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a version of a lesson of 12 s lies, with a page that plays it."""
    data_dir = tmp_path_factory.mktemp("ladder")
    camera(data_dir, "res_teacher", LENGTH_S, size=(852, 480))
    plan = plan_of([("teacher", "res_teacher")], (0, LENGTH_S * 1000))
    make(data_dir, plan, 2)
    folder = data_dir / plan.folder
    (folder / "hls.min.js").symlink_to(HLS)
    (folder / "play.html").write_text(PAGE)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/play.html"
        server.shutdown()


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with chromium() as browser:
        yield browser.new_page()


def look(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate("looked()")
    return found


def is_whole(found: dict[str, Any]) -> bool:
    """Whether all of the lesson is in the buffer, without a hole."""
    spans = found["spans"]
    return len(spans) == 1 and spans[0][0] < 0.05 and spans[0][1] > LENGTH_S - 0.1


@pytest.mark.parametrize(("level", "size"), list(enumerate(SIZES)))
def test_each_size_plays_from_the_beginning_to_the_end(
    address: str, page: Page, level: int, size: str
) -> None:
    page.goto(f"{address}?level={level}")
    eventually(lambda: is_whole(look(page)), WAIT_S, f"all of {size} in the buffer")
    page.evaluate("(to) => { video.currentTime = to; video.play(); }", LENGTH_S - 1)
    eventually(lambda: look(page)["isOver"], WAIT_S, "its end")
    found = look(page)
    assert found["levels"] == SIZES
    assert (found["size"], found["errors"]) == (size, [])
    assert set(found["loaded"]) == {level}
    assert max(found["frames"]) > LENGTH_S - 0.5


def test_from_one_size_to_the_other_it_plays_without_a_gap(address: str, page: Page) -> None:
    page.goto(address)
    eventually(lambda: is_whole(look(page)), WAIT_S, "all of it in the buffer")
    page.evaluate("video.play()")
    eventually(lambda: look(page)["isOver"], WAIT_S, "the end")
    found = look(page)
    assert set(found["loaded"]) == {0, 1}
    assert found["errors"] == []
    # Pictures stand on one grid in all sizes, none is shown twice or goes back, and they last to the end.
    shown = found["frames"]
    assert shown == sorted(set(shown))
    assert all(abs(at * 30 - round(at * 30)) < 0.01 for at in shown)
    assert shown[0] < 1 < LENGTH_S - 1 < shown[-1]
