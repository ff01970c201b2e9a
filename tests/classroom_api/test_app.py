from __future__ import annotations

import httpx

from classroom_api.app import openapi_document


def test_the_document_names_every_face(anyone: httpx.Client) -> None:
    document = openapi_document()
    paths = document["paths"]
    assert {"/healthz", "/whip/{lesson_id}", "/whep/{lesson_id}", "/api/v1/lessons/{lesson_id}/join"} <= set(
        paths
    )
    assert anyone.get("/api/v1/openapi.json").json() == document


def test_an_unknown_path_is_a_problem(anyone: httpx.Client) -> None:
    answer = anyone.get("/api/v1/nothing")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
