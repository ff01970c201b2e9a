from __future__ import annotations

import httpx
from prometheus_client.parser import text_string_to_metric_families


def test_a_running_server_is_healthy_and_ready(anyone: httpx.Client) -> None:
    assert anyone.get("/healthz").json() == {"status": "ok"}
    assert anyone.get("/readyz").json() == {"status": "ready"}


def test_metrics_are_prometheus_text(anyone: httpx.Client) -> None:
    families = {family.name: family for family in text_string_to_metric_families(anyone.get("/metrics").text)}
    assert families["tandem_rooms"].samples[0].value >= 0
    assert any(sample.labels.get("reason") for sample in families["tandem_media_dropped_packets"].samples)


def refusals(anyone: httpx.Client, code: str) -> float:
    """How often the server has refused so; other tests ask it too."""
    name = f'tandem_http_refusals_total{{code="{code}"}} '
    lines = anyone.get("/metrics").text.splitlines()
    return sum(float(line.removeprefix(name)) for line in lines if line.startswith(name))


def test_what_is_refused_is_counted_by_its_code(anyone: httpx.Client) -> None:
    codes = {"not_found": "/api/v1/nothing", "token_missing": "/api/v1/lessons"}
    for code, path in codes.items():
        before = refusals(anyone, code)
        assert anyone.get(path).json()["code"] == code
        assert refusals(anyone, code) == before + 1
