"""The native packet worker (C++, streaming/native). `streaming.dataplane` is its typed face."""

class Worker:
    def __init__(
        self, sockets: list[tuple[str, int]], *, workers: int = 1, events_limit: int = 65536
    ) -> None: ...
    def addresses(self) -> list[tuple[str, int]]: ...
    def fileno(self) -> int: ...
    def take_events(self, limit: int) -> list[tuple[int, int, object]]: ...
    def send_datagram(self, transport: int, data: bytes) -> bool: ...
    def set_transport(
        self,
        id: int,
        *,
        credentials: list[tuple[str, str, str]],
        srtp: tuple[str, bytes, bytes] | None,
        extensions: dict[int, int],
        extmap_allow_mixed: bool,
        cname: str,
        transport_cc: bool,
    ) -> None: ...
    def remove_transport(self, id: int) -> None: ...
    def set_track(
        self,
        id: int,
        *,
        transport: int,
        source: int,
        kind: int,
        codec: int,
        clock_rate_hz: int,
        payload_type: int,
        rtx_payload_type: int,
        red_payload_type: int,
        ssrc: int,
        rtx_ssrc: int,
        mid: str,
        rid: str,
        nack: bool,
        pli: bool,
        fir: bool,
        forbidden: bool,
        speaker_group: int,
        speaker_limit: int,
    ) -> None: ...
    def remove_track(self, id: int) -> None: ...
    def set_subscription(
        self,
        id: int,
        *,
        transport: int,
        track: int,
        kind: int,
        ssrc: int,
        rtx_ssrc: int,
        mid: str,
        formats: list[tuple[int, int, int, int]],
        cname: str,
        paused: bool,
        spatial_layer: int,
        temporal_layer: int,
    ) -> None: ...
    def remove_subscription(self, id: int) -> None: ...
    def request_keyframe(self, track: int) -> None: ...
    def open_tap(self, track: int, ring_bytes: int) -> Tap: ...
    def counters(self) -> dict[str, int]: ...
    def crypto_name(self) -> str: ...
    def transport_stats(self, id: int) -> dict[str, int]: ...
    def track_stats(self, id: int) -> dict[str, int]: ...
    def subscription_stats(self, id: int) -> dict[str, int]: ...
    def close(self) -> None: ...

def crypto_choice() -> tuple[str, str]: ...

class Tap:
    def take(self, limit_bytes: int) -> bytes: ...
    def overflows(self) -> int: ...
    def close(self) -> None: ...
