"""What a soak calls sound."""

from __future__ import annotations

from dataclasses import replace

from load_tests.hostile import DROPPED
from load_tests.soak import PREFIX, Soak
from tests.load_tests.made_up import make_outcome


def make_soak(samples: tuple[int, ...], in_datagrams: int) -> Soak:
    counters = {
        f'{PREFIX}in_datagrams"}}': float(in_datagrams),
        f'{PREFIX}accepted_rtp"}}': 90.0,
        f'{DROPPED}reason="unknown_protocol"}}': 10.0,
        f'{PREFIX}out_rtp"}}': 500.0,
        f'{PREFIX}out_dtls"}}': 3.0,
        f'{PREFIX}out_datagrams"}}': 502.0,
        f'{PREFIX}egress_send_errors"}}': 1.0,
    }
    return Soak(
        seconds=60,
        pss_samples_bytes=samples,
        file_samples=(20, 21, 20),
        joined=5,
        garbage=10,
        layer_switches=14,
        counters=counters,
        result=make_outcome().result,
    )


SOUND = make_soak((100, 101, 100, 102, 101, 101), 100)


def test_flat_memory_and_files_and_whole_counters_are_sound() -> None:
    assert SOUND.is_sound()
    assert SOUND.text().endswith("\nsound")


def test_growth_or_a_lost_count_is_not() -> None:
    grown = make_soak((100, 100, 110, 120, 130, 140), 100)
    assert not grown.is_sound()
    assert grown.slope_bytes_per_minute() > 60
    assert not replace(SOUND, file_samples=(20, 30, 40)).is_sound()
    missing = make_soak((100, 100, 100), 103)
    assert missing.unaccounted() == 3
    assert missing.text().endswith("NOT SOUND")
    unsent = replace(SOUND, counters={**SOUND.counters, f'{PREFIX}out_rtx"}}': 2.0})
    assert unsent.unsent() == 2
    assert not unsent.is_sound()


def test_layers_must_have_switched() -> None:
    assert not replace(SOUND, layer_switches=3).is_sound()
