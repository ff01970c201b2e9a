"""Clocks: wrap, drift, late reports, a clock that is set, suspended time."""

from __future__ import annotations

import random

import pytest

from recording.timeline import SECOND_NS, LessonClock, PeerClock, TrackClock, WindowedMinimum

MS = SECOND_NS // 1000


def test_positions_leave_suspended_time_out() -> None:
    clock = LessonClock(100, ((200, 300), (400, None)))
    assert [clock.position_ns(wall) for wall in (50, 150, 200, 250, 300, 350, 400, 900)] == [
        -50, 50, 100, 100, 100, 150, 200, 200,
    ]  # fmt: skip
    assert [clock.is_suspended(wall) for wall in (199, 200, 299, 300, 400, 900)] == [
        False, True, True, False, True, True,
    ]  # fmt: skip
    assert [clock.wall_ns(position) for position in (0, 99, 100, 150)] == [100, 199, 300, 350]


def test_the_smallest_value_of_half_a_minute() -> None:
    assert WindowedMinimum().value is None
    smallest = WindowedMinimum()
    for second in range(40):
        smallest.add(100 + second, second * SECOND_NS)
    assert smallest.value == 110
    assert smallest.newest_ns == 39 * SECOND_NS
    smallest.clear()
    assert smallest.newest_ns == 0


def test_before_a_report_the_fastest_packet_counts() -> None:
    clock = TrackClock(90_000, PeerClock())
    for index, delay_ms in enumerate((80, 20, 60)):
        clock.observe_packet(index * 90_000, index * SECOND_NS + delay_ms * MS)
    assert clock.server_ns(0) == 20 * MS
    assert not clock.has_report


def test_two_tracks_of_a_peer_keep_their_distance_whatever_their_delays() -> None:
    """The picture's packets take 150 ms longer, its timestamps begin elsewhere; reports put both together."""
    chance = random.Random(1)
    peer = PeerClock()
    voice, picture = TrackClock(48_000, peer), TrackClock(90_000, peer)
    for index in range(100):
        at_ns = index * 100 * MS
        voice.observe_packet(5_000 + index * 4_800, at_ns + 20 * MS + chance.randrange(10) * MS)
        picture.observe_packet(77_000 + index * 9_000, at_ns + 170 * MS + chance.randrange(30) * MS)
    ntp_ns = 123_456 * SECOND_NS
    voice.observe_report(ntp_ns + 5 * SECOND_NS, 5_000 + 5 * 48_000)
    picture.observe_report(ntp_ns + 7 * SECOND_NS, 77_000 + 7 * 90_000)
    voice_at, picture_at = voice.server_ns(5_000 + 6 * 48_000), picture.server_ns(77_000 + 6 * 90_000)
    assert abs(voice_at - picture_at) < MS
    assert voice_at == pytest.approx(6 * SECOND_NS + 20 * MS, abs=2 * MS)


def test_a_late_report_corrects_without_a_jump() -> None:
    clock = TrackClock(90_000, PeerClock())
    clock.observe_packet(0, 200 * MS)
    before = clock.server_ns(0)
    clock.observe_report(10 * SECOND_NS, 0)
    peer_delay = TrackClock(48_000, PeerClock())
    assert peer_delay.server_ns(0) == 0
    clock.observe_packet(90_000, SECOND_NS + 50 * MS)
    places = [clock.server_ns(index * 3_000) - index * SECOND_NS // 30 for index in range(1, 3000)]
    steps = [abs(after - earlier) for earlier, after in zip([before, *places], places, strict=False)]
    assert max(steps) <= SECOND_NS // 30 * 0.006
    assert places[-1] == 50 * MS


def test_drift_is_followed() -> None:
    """A publisher's clock that runs 100 ppm fast, for ten minutes: never more than a few ms from arrival."""
    peer = PeerClock()
    clock = TrackClock(48_000, peer)
    worst = 0
    for second in range(600):
        arrival = second * SECOND_NS
        ticks = round(second * 48_000 * 1.0001)
        clock.observe_packet(ticks, arrival)
        if second % 5 == 2:
            clock.observe_report(1000 * SECOND_NS + round(arrival * 1.0001), ticks)
        if second > 10:
            worst = max(worst, abs(clock.server_ns(ticks) - arrival))
    assert worst < 5 * MS


def test_a_publishers_clock_that_is_set_moves_neither_track() -> None:
    peer = PeerClock()
    voice, picture = TrackClock(48_000, peer), TrackClock(90_000, peer)
    for second in range(20):
        set_ns = 3600 * SECOND_NS if second >= 10 else 0
        voice.observe_packet(second * 48_000, second * SECOND_NS)
        picture.observe_packet(second * 90_000, second * SECOND_NS)
        voice.observe_report(second * SECOND_NS + set_ns, second * 48_000)
        assert abs(picture.server_ns(second * 90_000) - second * SECOND_NS) < 5 * MS
        picture.observe_report(second * SECOND_NS + set_ns, second * 90_000)
        assert abs(voice.server_ns(second * 48_000) - second * SECOND_NS) < 5 * MS
    assert peer.generation == 1
