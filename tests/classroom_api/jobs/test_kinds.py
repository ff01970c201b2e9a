from __future__ import annotations

from pathlib import Path

from classroom_api.jobs.kinds import job_kinds
from classroom_api.settings import load_settings
from classroom_api.store.resource_schema import JobRow


def test_each_kind_has_a_name_that_its_column_holds(tmp_path: Path) -> None:
    kinds = job_kinds(load_settings({"data_dir": tmp_path}))
    length = getattr(JobRow.__table__.c.kind.type, "length", 0)
    assert all(kind.name == name and 0 < len(name) <= length for name, kind in kinds.items())
