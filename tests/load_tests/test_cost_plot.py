"""The plot is well-formed and has a line and a name for each series."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from load_tests.cost_plot import cost_plot

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("cost", [0.04, 2.0, 31.0])
def test_each_series_is_drawn_and_named(cost: float) -> None:
    series = {
        "tandem": [(100.0, cost), (500.0, cost), (1000.0, cost * 1.2)],
        "one & only": [(100.0, cost * 2)],
    }
    root = ElementTree.fromstring(cost_plot("made up", series))
    assert len(root.findall(f"{SVG}polyline")) == 2
    assert len(root.findall(f"{SVG}circle")) == 4
    labels = [each.text for each in root.findall(f"{SVG}text")]
    assert {"tandem", "one & only", "100", "1000", "subscribers"} <= set(labels)
