"""Seats of a lesson as a stranger would build them from the protocol's page: many in one Chromium page.

Each is a socket, a publish and a subscribe connection of its own; pictures are small, so that two processors
carry a whole lesson.
"""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Page

SCRIPT = """
class Seat {
    constructor(origin, lesson, invitation) {
        Object.assign(this, {origin, lesson, invitation, next: 1, events: [], told: [], sections: [],
            pending: new Map(), waiters: new Set()});
    }
    async open() {
        const answer = await fetch(`${this.origin}/api/v1/lessons/${this.lesson}/join`,
            {method: "POST", headers: {Authorization: `Bearer ${this.invitation}`}});
        const joined = this.joined = await answer.json();
        if (!answer.ok) throw new Error(joined.code);
        this.socket = new WebSocket(joined.ws_url, ["tandem.v1"]);
        this.socket.onmessage = ({data}) => this.hear(JSON.parse(data));
        this.socket.onclose = ({reason, code}) => this.told.push({type: "closed", code, reason});
        await new Promise(done => { this.socket.onopen = done; });
        this.socket.send(JSON.stringify({type: "hello", access_token: joined.access_token}));
        this.welcome = await this.until(() => this.told.find(one => one.type === "welcome"));
        return joined.seat.id;
    }
    hear(message) {
        if (message.type === "event") this.events.push(message);
        else if (message.type === "events")
            this.events.push(...message.events.map(one => ({...one, epoch: message.epoch})));
        else if (message.type === "subscribe_offer") this.answer(message);
        else if (this.pending.has(message.id)) {
            const {done, failed} = this.pending.get(message.id);
            this.pending.delete(message.id);
            if (message.type === "error") failed(new Error(message.code)); else done(message);
        } else this.told.push(message);
        for (const look of [...this.waiters]) look();
    }
    until(look) {
        return new Promise(done => {
            const again = () => {
                const found = look();
                if (found) { this.waiters.delete(again); done(found); }
            };
            this.waiters.add(again);
            again();
        });
    }
    event(type, fields = {}) {
        const fits = ({event}) => event.type === type
            && Object.entries(fields).every(([name, value]) => event[name] === value);
        return this.until(() => this.events.find(fits));
    }
    ask(type, fields = {}) {
        const id = String(this.next++);
        this.socket.send(JSON.stringify({type, id, ...fields}));
        return new Promise((done, failed) => this.pending.set(id, {done, failed}));
    }
    // Again: the same connection, renegotiated.
    async publish(...sources) {
        const pc = this.publishing ??= new RTCPeerConnection();
        const all = this.published = [...(this.published ?? []), ...sources];
        for (const source of sources) {
            const track = source === "camera" ? picture() : tone();
            pc.addTransceiver(track, {direction: "sendonly", streams: [new MediaStream([track])]});
        }
        await pc.setLocalDescription();
        const mids = Object.fromEntries(pc.getTransceivers().map((one, at) => [one.mid, all[at]]));
        const fields = {sdp: pc.localDescription.sdp, sources: mids, peer: this.peer ?? null};
        const made = await this.ask("publish", fields);
        this.peer = made.peer;
        await pc.setRemoteDescription({type: "answer", sdp: made.sdp});
        return made.publications;
    }
    async subscribe() { await this.ask("subscribe"); }
    async answer({peer, offer_id, sdp, sections}) {
        const pc = this.receiving ??= listening();
        await pc.setRemoteDescription({type: "offer", sdp});
        await pc.setLocalDescription();
        this.sections = sections;
        await this.ask("subscribe_answer", {peer, offer_id, sdp: pc.localDescription.sdp});
    }
    // What comes of one seat: a receiver for each section.
    receivers(seat, source) {
        const fits = one => one.seat === seat && one.source === source;
        const mids = this.sections.filter(fits).map(one => one.mid);
        return (this.receiving?.getTransceivers() ?? []).filter(one => mids.includes(one.mid))
            .map(one => one.receiver);
    }
    // When this seat first hears `seat` after `from_ms`, in ms since 1970.
    async first_voice(seat, source, from_ms) {
        while (true) {
            for (const receiver of this.receivers(seat, source))
                for (const {timestamp, audioLevel} of receiver.getSynchronizationSources())
                    if (audioLevel > 0.01 && timestamp > from_ms) return Math.max(timestamp, from_ms);
            await new Promise(done => setTimeout(done, 10));
        }
    }
    async packets(seat) {
        const mids = this.sections.filter(one => one.seat === seat).map(one => one.mid);
        const report = this.receiving ? await this.receiving.getStats() : new Map();
        return [...report.values()].filter(one => one.type === "inbound-rtp" && mids.includes(one.mid))
            .reduce((sum, one) => sum + one.packetsReceived, 0);
    }
    close() {
        this.socket.onclose = null;
        this.socket.close();
        this.publishing?.close();
        this.receiving?.close();
    }
}
function listening() {
    const pc = new RTCPeerConnection();
    pc.ontrack = ({track}) => {
        if (track.kind !== "audio") return;  // what nobody plays is not decoded
        const speaker = new Audio();
        speaker.srcObject = new MediaStream([track]);
        speaker.play();
    };
    return pc;
}
function picture() {
    const canvas = document.createElement("canvas");
    canvas.width = 160; canvas.height = 90;
    const context = canvas.getContext("2d");
    let at = 0;
    setInterval(() => {
        context.fillStyle = `hsl(${at = (at + 9) % 360} 60% 50%)`;
        context.fillRect(0, 0, 160, 90);
    }, 100);
    return canvas.captureStream(10).getVideoTracks()[0];
}
function tone() {
    const context = globalThis.sound ??= new AudioContext();
    const oscillator = context.createOscillator();
    const out = context.createMediaStreamDestination();
    oscillator.connect(out);
    oscillator.start();
    return out.stream.getAudioTracks()[0];
}
globalThis.seats = {};
globalThis.sit = async ({key, origin, lesson, invitation}) => {
    const seat = seats[key] = new Seat(origin, lesson, invitation);
    return seat.open();
};
"""


@dataclass(slots=True)
class ProtocolSeat:
    """One seat, in the page that carries it. Refusals come as Playwright's Error with the stable code."""

    page: Page
    key: str
    id: str

    async def ask(self, type: str, /, **fields: object) -> dict[str, Any]:
        """The result of a request."""
        result: dict[str, Any] = await self._run("seat.ask(...argument)", [type, fields])
        return result

    async def asked_ms(self, type: str, /, **fields: object) -> float:
        """Asks, and gives when it was asked, ms since 1970."""
        script = "(() => { const at = Date.now(); return seat.ask(...argument).then(() => at); })()"
        at_ms: float = await self._run(script, [type, fields])
        return at_ms

    async def publish(self, *sources: str) -> list[dict[str, str]]:
        """The publications of the connection."""
        publications: list[dict[str, str]] = await self._run("seat.publish(...argument)", sources)
        return publications

    async def event(self, type: str, /, **fields: object) -> None:
        """Waits for the first event of that kind."""
        await self._run("seat.event(...argument)", [type, fields])

    async def first_voice(self, speaker: str, source: str, from_ms: float) -> float:
        """When it was heard, ms since 1970."""
        at_ms: float = await self._run("seat.first_voice(...argument)", [speaker, source, from_ms])
        return at_ms

    async def packets_of(self, speaker: str) -> int:
        """All media packets received of a seat in the sections of now."""
        packets: int = await self._run("seat.packets(argument)", speaker)
        return packets

    async def sources_of(self, speaker: str) -> list[str]:
        """What this seat has sections for."""
        script = "seat.sections.filter(one => one.seat === argument).map(one => one.source)"
        sources: list[str] = await self._run(script, speaker)
        return sources

    async def events(self) -> list[dict[str, Any]]:
        """All events that came, with their numbers."""
        events: list[dict[str, Any]] = await self._run("seat.events")
        return events

    async def close(self) -> None:
        await self._run("seat.close()")

    def _run(self, script: str, argument: object = None) -> Awaitable[Any]:
        return self.page.evaluate(
            f"({{key, argument}}) => {{ const seat = seats[key]; return {script}; }}",
            {"key": self.key, "argument": argument},
        )


async def take_seat(page: Page, key: str, origin: str, lesson: str, invitation: str) -> ProtocolSeat:
    """Joins and waits for the welcome. The page shows some document of the server."""
    if not await page.evaluate("Boolean(globalThis.seats)"):
        await page.evaluate("source => (0, eval)(source)", SCRIPT)
    where = {"key": key, "origin": origin, "lesson": lesson, "invitation": invitation}
    return ProtocolSeat(page, key, await page.evaluate("where => sit(where)", where))
