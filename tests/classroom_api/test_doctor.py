from __future__ import annotations

from pathlib import Path

import pytest

from classroom_api.doctor import Verdict, examine
from classroom_api.settings import load_settings
from streaming import dataplane
from tests.classroom_api.redis_server import redis_server


def test_each_finding_says_something(tmp_path: Path) -> None:
    findings = list(examine(load_settings({"data_dir": tmp_path})))
    assert len({finding.subject for finding in findings}) == len(findings)
    assert all(finding.sentence for finding in findings)


def test_an_address_of_another_machine_is_bad(tmp_path: Path) -> None:
    settings = load_settings({"data_dir": tmp_path, "public_address": ("203.0.113.7",)})
    [finding] = [finding for finding in examine(settings) if finding.subject == "addresses"]
    assert finding.verdict is Verdict.BAD
    assert "--public-address" in finding.sentence


def test_a_certificate_that_is_none_is_bad(tmp_path: Path) -> None:
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).write_text("not a certificate")
    flags = {"data_dir": tmp_path, "tls_cert": tmp_path / "cert.pem", "tls_key": tmp_path / "key.pem"}
    [finding] = [finding for finding in examine(load_settings(flags)) if finding.subject == "TLS"]
    assert finding.verdict is Verdict.BAD


@pytest.mark.parametrize(
    ("choice", "verdict", "sentence"),
    [
        (("ipsec-mb 1.3 (AVX2)", ""), Verdict.GOOD, "ipsec-mb 1.3 (AVX2)"),
        (("OpenSSL 3.0.17", "install libipsec-mb1"), Verdict.WARNING, "install libipsec-mb1"),
    ],
)
def test_the_library_that_encrypts_is_named_and_what_would_be_faster(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, choice: tuple[str, str], verdict: Verdict, sentence: str
) -> None:
    monkeypatch.setattr(dataplane, "crypto_choice", lambda: choice)
    findings = examine(load_settings({"data_dir": tmp_path}))
    [finding] = [finding for finding in findings if finding.subject == "encryption"]
    assert finding.verdict is verdict
    assert finding.sentence.startswith(choice[0])
    assert finding.sentence.endswith(sentence)


def test_redis_is_named_with_what_it_says() -> None:
    def found(url: str) -> tuple[Verdict, str]:
        [finding] = [each for each in examine(load_settings({"redis_url": url})) if each.subject == "Redis"]
        return finding.verdict, finding.sentence

    with redis_server() as redis:
        verdict, sentence = found(redis.url)
        assert verdict is Verdict.GOOD
        assert "hands out jobs" in sentence
        redis.kill()
        verdict, sentence = found(redis.url)
        assert verdict is Verdict.BAD
        assert "TANDEM_REDIS_URL" in sentence
