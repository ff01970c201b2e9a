from __future__ import annotations

from streaming.dataplane import Worker
from streaming.notices import NOTICES, Notices


def test_a_cause_is_told_once() -> None:
    notices = Notices()
    assert notices.apply({"egress_gso_eio": 0, "out_rtp": 7}) == []
    [sentence] = notices.apply({"egress_gso_eio": 3})
    assert "EIO" in sentence
    assert notices.apply({"egress_gso_eio": 4}) == []
    assert len(notices.apply(dict.fromkeys(NOTICES, 1))) == len(NOTICES) - 1


def test_the_packet_workers_count_all_causes() -> None:
    worker = Worker([("127.0.0.1", 0)])
    try:
        assert worker.counters().keys() >= NOTICES.keys()
    finally:
        worker.close()
