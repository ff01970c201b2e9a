"""What a run counts as the server's own."""

from __future__ import annotations

from load_tests.run import Stage, Window


def test_counters_are_those_of_the_window() -> None:
    readings = iter([{"in": 100.0, "drop": 7.0}, {"in": 250.0, "drop": 7.0, "late": 2.0}])
    window = Window(Stage("", [], [], server_counters=lambda: next(readings)))
    window.open()
    window.close()
    assert window.counters == {"in": 150.0, "drop": 0.0, "late": 2.0}
    assert window.kernel_drops == 0
