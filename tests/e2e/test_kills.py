"""The server dies by SIGKILL at random moments of a lesson; `make kill-soak` makes it two hundred times."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.kill_soak import KILLS_A_LESSON, soak

pytestmark = [pytest.mark.alone, pytest.mark.timeout(480)]


def test_each_kill_leaves_a_playable_recording_that_lost_a_second_at_most(tmp_path: Path) -> None:
    found = soak(tmp_path, KILLS_A_LESSON, seed=5)
    assert found.faults == []
    assert len(found.lost_ms) >= KILLS_A_LESSON - 1
