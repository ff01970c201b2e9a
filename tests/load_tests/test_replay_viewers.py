from __future__ import annotations

import re
from pathlib import Path

from load_tests.replay_viewers import Fetched, measure


def test_figures_of_what_was_fetched() -> None:
    got = Fetched(took_s=[0.01, 0.02, 5.0])
    assert (got.quantile_ms(0.5), got.quantile_ms(0.99), got.late) == (20.0, 5000.0, 1)
    assert Fetched().quantile_ms(0.5) == 0.0


def test_a_few_viewers_get_their_segments(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    told = measure(data_dir, 5, 200_000, 5)
    found = re.match(r"5 viewers at 0.2 Mbit/s: (\d+) Mbit/s, (\d+) segments", told)
    assert found is not None, told
    assert int(found[2]) >= 5
