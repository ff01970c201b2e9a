from __future__ import annotations

from classroom_api.jobs.model import OPEN, JobState
from classroom_api.store.resource_schema import JobRow


def test_a_job_is_open_until_it_has_ended() -> None:
    assert set(JobState) - OPEN == {JobState.DONE, JobState.FAILED, JobState.CANCELLED}


def test_the_states_fit_their_column() -> None:
    length = getattr(JobRow.__table__.c.state.type, "length", 0)
    assert all(len(state) <= length for state in JobState)
