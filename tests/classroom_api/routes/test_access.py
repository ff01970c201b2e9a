from __future__ import annotations

import httpx


def test_every_route_under_the_api_wants_a_credential(anyone: httpx.Client) -> None:
    document = anyone.get("/api/v1/openapi.json").json()
    open_to_all = {"/healthz", "/readyz", "/metrics", "/api/v1/sign-in", "/api/v1/device/enrol"}
    open_to_all |= {"/api/v1/sign-in/oidc", "/api/v1/sign-in/oidc/callback"}
    for path, methods in document["paths"].items():
        for method in methods:
            if path in open_to_all or method == "options":
                continue
            url = (
                path.replace("{lesson_id}", "les_x")
                .replace("{resource_id}", "res_x")
                .replace("{peer_id}", "peer_x")
            )
            answer = anyone.request(method.upper(), url, json={"title": "x", "role": "student"})
            assert answer.status_code == 401, (method, path)
            assert answer.json()["code"] == "token_missing"
