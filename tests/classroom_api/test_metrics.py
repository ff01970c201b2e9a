from __future__ import annotations

import os

from prometheus_client.parser import text_string_to_metric_families

from classroom_api.jobs.model import JobFigures
from classroom_api.metrics import render_metrics
from classroom_api.store.outbox import Figures
from signaling.ports import LessonState, RecordingState
from signaling.rooms import RoomSummary
from streaming.identifiers import LessonId

FIGURES = Figures(pending=4, dead=1, oldest_age_ms=2500, outcomes={"webhook failed": 7, "lrs delivered": 9})

JOBS = JobFigures({("ladder", "pending"): 3, ("ladder", "failed"): 1}, 61_500, {"ladder": 12.5})


def test_drops_carry_their_reason_and_all_else_its_name() -> None:
    counters = {"drop_replayed": 3, "received_datagrams": 10}
    room = RoomSummary(
        lesson=LessonId("les_a"),
        state=LessonState.LIVE,
        participants=5,
        connected=4,
        on_stage=1,
        hands=0,
        publications=2,
        viewers=3,
        sockets=4,
        events=9,
        unstored_events=0,
        recording=RecordingState.OFF,
    )
    text = render_metrics(
        counters, "OpenSSL 3.0.17", (room, room), os.times(), FIGURES, JOBS, {"photo_malformed": 2}
    ).decode()
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert samples["tandem_media_dropped_packets_total", "replayed"] == 3
    assert samples["tandem_media_total", "received_datagrams"] == 10
    assert samples["tandem_media_crypto_info", "OpenSSL 3.0.17"] == 1
    assert samples["tandem_viewers",] == 6
    assert samples["tandem_cpu_seconds_total",] > 0
    assert ("tandem_jobs_redis_up",) not in samples
    assert samples["tandem_outbox_pending",] == 4
    assert samples["tandem_outbox_dead",] == 1
    assert samples["tandem_outbox_oldest_seconds",] == 2.5
    assert samples["tandem_outbox_deliveries_total", "webhook", "failed"] == 7
    assert samples["tandem_outbox_deliveries_total", "lrs", "delivered"] == 9
    assert samples["tandem_http_refusals_total", "photo_malformed"] == 2
    assert samples["tandem_jobs", "ladder", "pending"] == 3
    assert samples["tandem_jobs", "ladder", "failed"] == 1
    assert samples["tandem_jobs_oldest_seconds",] == 61.5
    assert samples["tandem_jobs_seconds_total", "ladder"] == 12.5


def test_a_redis_that_is_away_is_seen() -> None:
    for is_up in (False, True):
        text = render_metrics({}, "", (), os.times(), FIGURES, JobFigures(is_redis_up=is_up), {}).decode()
        assert f"tandem_jobs_redis_up {float(is_up)}" in text
