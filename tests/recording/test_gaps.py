"""Why something is missing, from what arrived when."""

from __future__ import annotations

from recording.gaps import GapWatch
from recording.manifest import Gap

SECOND = 1_000_000_000


def test_silence_with_reports_is_a_pause_and_without_a_reconnect() -> None:
    watch = GapWatch("pub", waits_for_keyframe=False)
    watch.media_arrived(1 * SECOND)
    watch.media_arrived(1 * SECOND + SECOND // 2)
    watch.report_arrived(5 * SECOND)
    watch.media_arrived(10 * SECOND)
    watch.media_arrived(20 * SECOND)
    assert watch.take(100 * SECOND) == [
        Gap("pub", "pause", 1500, 10_000),
        Gap("pub", "reconnect", 10_000, 20_000),
    ]
    assert watch.take(100 * SECOND) == []


def test_losses_near_each_other_are_one_gap_and_wait_until_they_cannot_grow() -> None:
    watch = GapWatch("pub", waits_for_keyframe=False)
    watch.packets_lost(1 * SECOND, 2 * SECOND)
    watch.packets_lost(3 * SECOND, 4 * SECOND)
    assert watch.take(5 * SECOND) == []
    watch.packets_lost(7 * SECOND, 8 * SECOND)
    assert watch.take(9 * SECOND) == [Gap("pub", "loss", 1000, 4000)]
    assert watch.take(99 * SECOND) == [Gap("pub", "loss", 7000, 8000)]


def test_a_pictures_loss_lasts_until_its_keyframe() -> None:
    watch = GapWatch("pub", waits_for_keyframe=True)
    watch.keyframe_arrived(1 * SECOND)
    watch.packets_lost(2 * SECOND, 3 * SECOND)
    watch.packets_lost(4 * SECOND, 5 * SECOND)
    watch.keyframe_arrived(6 * SECOND)
    watch.damaged(20 * SECOND, 21 * SECOND)
    assert watch.take(99 * SECOND) == [Gap("pub", "loss", 2000, 6000), Gap("pub", "damage", 20_000, 21_000)]


def test_a_damage_that_is_seen_before_what_lies_ahead_of_it_is_not_lost() -> None:
    watch = GapWatch("pub", waits_for_keyframe=False)
    watch.damaged(8 * SECOND, 9 * SECOND)
    watch.packets_lost(1 * SECOND, 2 * SECOND)
    assert watch.take(5 * SECOND) == [Gap("pub", "loss", 1000, 2000)]
    assert watch.take(20 * SECOND) == [Gap("pub", "damage", 8000, 9000)]
