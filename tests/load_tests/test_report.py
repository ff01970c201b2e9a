"""What a run amounts to."""

from __future__ import annotations

from dataclasses import replace

from load_tests.report import commit, machine, report
from load_tests.scenario import Acceptance
from tests.load_tests.made_up import make_outcome


def test_a_report_says_what_was_forwarded_and_lost() -> None:
    text = report(make_outcome(cpu_seconds=0.5))
    assert "lost        2 of 300" in text
    assert "596 forwarded packets per CPU-second" in text


def test_foreseen_drops_are_no_loss() -> None:
    outcome = make_outcome()
    counters = {
        'tandem_media_total{counter="egress_drop_age"}': 3.0,
        'tandem_media_total{counter="egress_drop_paced"}': 5.0,
        'tandem_media_total{counter="egress_drop_waiting_keyframe"}': 90.0,
        'tandem_media_total{counter="egress_send_errors"}': 1.0,
        'tandem_media_total{counter="out_rtp"}': 1000.0,
    }
    assert replace(outcome, counters=counters).egress_drops() == 9


def test_acceptance_is_held_to() -> None:
    outcome = make_outcome(cpu_seconds=1.0)
    strict = replace(outcome.scenario, acceptance=Acceptance(lost_packets=0, server_cores=2.0))
    lenient = replace(outcome.scenario, acceptance=Acceptance(lost_packets=2, server_cores=2.0))
    assert outcome.is_accepted()
    assert not replace(outcome, scenario=strict).is_accepted()
    assert replace(outcome, scenario=lenient).is_accepted()


def test_machine_and_commit_are_named() -> None:
    assert "Linux" in machine()
    assert commit()
