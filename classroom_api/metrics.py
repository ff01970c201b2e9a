"""`/metrics`: each counter of the packet workers is a label, so that no list of them is copied by hand."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.registry import Collector
from typing_extensions import override

from classroom_api.jobs.model import JobFigures
from classroom_api.jobs.worker import figures_by_state
from classroom_api.outbox.courier import outcomes_by_label
from classroom_api.store.outbox import Figures
from signaling.rooms import RoomSummary

_DROP = "drop_"


class _Snapshot(Collector):
    def __init__(
        self,
        packets: Mapping[str, int],
        crypto: str,
        rooms: Sequence[RoomSummary],
        times: os.times_result,
        outbox: Figures,
        jobs: JobFigures,
        refusals: Mapping[str, int],
    ) -> None:
        self._packets, self._crypto, self._rooms, self._times = packets, crypto, rooms, times
        self._outbox, self._jobs, self._refusals = outbox, jobs, refusals

    @override
    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily | InfoMetricFamily]:
        dropped = CounterMetricFamily(
            "tandem_media_dropped_packets", "Packets the media plane dropped.", labels=["reason"]
        )
        other = CounterMetricFamily("tandem_media", "Counters of the packet workers.", labels=["counter"])
        for name, value in sorted(self._packets.items()):
            if name.startswith(_DROP):
                dropped.add_metric([name.removeprefix(_DROP)], value)
            else:
                other.add_metric([name], value)
        yield dropped
        yield other
        yield InfoMetricFamily(
            "tandem_media_crypto", "The library that encrypts SRTP.", value={"library": self._crypto}
        )
        for name, value, sentence in (
            ("rooms", len(self._rooms), "Rooms open now."),
            ("seats", sum(room.connected for room in self._rooms), "Seats connected now."),
            ("viewers", sum(room.viewers for room in self._rooms), "WHEP viewers now."),
            ("publications", sum(room.publications for room in self._rooms), "Publications live now."),
            ("unstored_events", sum(room.unstored_events for room in self._rooms), "Events not on disk yet."),
        ):
            yield GaugeMetricFamily(f"tandem_{name}", sentence, value=value)
        yield from self._collect_outbox()
        yield from self._collect_jobs()
        refused = CounterMetricFamily("tandem_http_refusals", "Problems answered, by code.", labels=["code"])
        for code, count in sorted(self._refusals.items()):
            refused.add_metric([code], count)
        yield refused
        cpu_s = (
            self._times.user + self._times.system + self._times.children_user + self._times.children_system
        )
        yield CounterMetricFamily(
            "tandem_cpu_seconds", "Processor time of the server and its ended children.", cpu_s
        )

    def _collect_outbox(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        outbox = self._outbox
        for name, value, sentence in (
            ("pending", outbox.pending, "Deliveries that wait, of all servers of this database."),
            ("dead", outbox.dead, "Deliveries given up, until they are forgotten or tried again."),
            ("oldest_seconds", outbox.oldest_age_ms / 1000, "Age of the oldest delivery that waits."),
        ):
            yield GaugeMetricFamily(f"tandem_outbox_{name}", sentence, value=value)
        tried = CounterMetricFamily(
            "tandem_outbox_deliveries", "Attempts of this server.", labels=["destination", "outcome"]
        )
        for kind, outcome, count in outcomes_by_label(outbox.outcomes):
            tried.add_metric([kind, outcome], count)
        yield tried

    def _collect_jobs(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        there = GaugeMetricFamily(
            "tandem_jobs", "Jobs of all servers of this database.", labels=["kind", "state"]
        )
        for kind, state, count in figures_by_state(self._jobs.counts):
            there.add_metric([kind, state], count)
        yield there
        yield GaugeMetricFamily(
            "tandem_jobs_oldest_seconds",
            "How long the oldest job waits that could run.",
            value=self._jobs.oldest_age_ms / 1000,
        )
        if self._jobs.is_redis_up is not None:
            yield GaugeMetricFamily(
                "tandem_jobs_redis_up", "Whether Redis hands out the jobs.", value=self._jobs.is_redis_up
            )
        took = CounterMetricFamily("tandem_jobs_seconds", "What jobs of this server took.", labels=["kind"])
        for kind, seconds in sorted(self._jobs.seconds.items()):
            took.add_metric([kind], seconds)
        yield took


def render_metrics(
    packets: Mapping[str, int],
    crypto: str,
    rooms: Sequence[RoomSummary],
    times: os.times_result,
    outbox: Figures,
    jobs: JobFigures,
    refusals: Mapping[str, int],
) -> bytes:
    """Prometheus text. `crypto` names the library that encrypts SRTP, `refusals` are by code."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Snapshot(packets, crypto, rooms, times, outbox, jobs, refusals))
    return generate_latest(registry)
