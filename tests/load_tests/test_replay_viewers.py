from __future__ import annotations

import re
from pathlib import Path

from load_tests.replay_viewers import Fetched, Observed, Shape, measure


def test_figures_of_what_was_fetched() -> None:
    got = Fetched(took_s=[0.01, 0.02, 5.0])
    assert (got.quantile_ms(0.5), got.quantile_ms(0.99), got.late) == (20.0, 5000.0, 1)
    assert Fetched().quantile_ms(0.5) == 0.0


def test_rates_and_shares() -> None:
    seen = Observed(Fetched(bytes=1_000_000, took_s=[0.5]), passed_s=4.0, cpu_s=1.0)
    assert (seen.rate_bps, seen.core_ratio) == (2_000_000, 0.25)
    assert seen.text(4_000_000).startswith("2 Mbit/s (0.50 of what is needed), 1 segments, p50 500 ms")
    assert seen.flat_out_text() == "2 Mbit/s, 0.0 Gbit/s a core"


def test_a_few_viewers_get_their_segments(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    told = measure(data_dir, Shape(5, 200_000, 5))
    found = re.match(r"5 viewers at 0.2 Mbit/s: .* needed\), (\d+) segments", told)
    assert found is not None, told
    assert int(found[1]) >= 5
    ceiling = re.search(r"flat out ([\d.]+) of it$", told)
    assert ceiling is not None, told
    assert float(ceiling[1]) > 0
