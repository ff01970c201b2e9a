from __future__ import annotations

import pytest

from classroom_api.languages import CHINESE, ENGLISH, IN_CHINESE, language_of
from classroom_api.problems import STATUS_OF_CODE


def test_every_code_of_the_rest_face_has_its_sentence() -> None:
    assert set(STATUS_OF_CODE) | {"not_found", "method_not_allowed"} == set(IN_CHINESE)
    assert all(sentence.endswith("。") for sentence in IN_CHINESE.values())


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, ENGLISH),
        ("", ENGLISH),
        ("zh", CHINESE),
        ("zh-Hans-CN", CHINESE),
        ("en-GB,zh;q=0.9", ENGLISH),
        ("en;q=0.3,zh-CN;q=0.8", CHINESE),
        ("fr,zh;q=0.1", CHINESE),
        ("fr", ENGLISH),
        ("zh;q=0", ENGLISH),
        ("zh;q=x", ENGLISH),
        ("," * 5000 + "zh", ENGLISH),
    ],
)
def test_the_preferred_of_two_is_taken(header: str | None, language: str) -> None:
    assert language_of(header) == language
