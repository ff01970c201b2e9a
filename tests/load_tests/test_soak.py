"""What a soak calls sound."""

from __future__ import annotations

from load_tests.hostile import DROPPED
from load_tests.soak import PREFIX, Soak
from tests.load_tests.made_up import make_outcome


def make_soak(samples: tuple[int, ...], in_datagrams: int) -> Soak:
    counters = {
        f'{PREFIX}in_datagrams"}}': float(in_datagrams),
        f'{PREFIX}accepted_rtp"}}': 90.0,
        f'{DROPPED}reason="unknown_protocol"}}': 10.0,
        f'{PREFIX}out_rtp"}}': 500.0,
    }
    return Soak(samples, 5, 10, counters, make_outcome().result)


def test_flat_memory_and_whole_counters_are_sound() -> None:
    soak = make_soak((100, 101, 100, 102, 101, 101), 100)
    assert soak.is_sound()
    assert soak.text().endswith("\nsound")


def test_growth_or_a_lost_count_is_not() -> None:
    assert not make_soak((100, 100, 110, 120, 130, 140), 100).is_sound()
    missing = make_soak((100, 100, 100), 103)
    assert missing.unaccounted() == 3
    assert missing.text().endswith("NOT SOUND")
