from __future__ import annotations

import base64
from pathlib import Path

import pytest
from pydantic import ValidationError

from classroom_api.outbox.carriers import LrsConfig
from classroom_api.retention.policy import Policy
from classroom_api.settings import default_addresses, forget_recording_key, load_settings
from recording.budget import DiskBudget
from streaming.config import AdvertisedAddress


def test_flags_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_HTTP_PORT", "9001")
    monkeypatch.setenv("TANDEM_MEDIA_PORT", "9002")
    settings = load_settings({"http_port": 9003, "media_port": None})
    assert (settings.http_port, settings.media_port) == (9003, 9002)


def test_public_addresses_from_the_environment_are_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_PUBLIC_ADDRESS", "192.0.2.7, 2001:db8::7")
    assert load_settings({}).public_address == ("192.0.2.7", "2001:db8::7")


def test_an_address_behind_nat_names_both_sides() -> None:
    media = load_settings({"public_address": ("203.0.113.5=192.0.2.7",)}).media()
    assert media.addresses == (AdvertisedAddress(advertised="203.0.113.5", bind="192.0.2.7"),)


@pytest.mark.parametrize(
    "flags",
    [
        {"http_port": 70_000},
        {"public_address": ("school.example",)},
        {"tls_cert": Path("/nonexistent.pem")},
        {"tls_cert": Path("/nonexistent.pem"), "tls_key": Path("/nonexistent.key")},
        {"max_participants": 1},
        {"redis_url": "http://127.0.0.1:6379"},
        {"redis_url": "redis://127.0.0.1:none/0"},
        {"packet_workers": 0},
        {"raw_track_days": 0},
        {"resource_days": 4000},
        {"site_url": "https://school.example/path"},
        {"lrs_url": "https://lrs.example"},
        {
            "lrs_url": "http://lrs.example",
            "lrs_key": "k",
            "lrs_secret": "s",
            "site_url": "https://school.example",
        },
    ],
)
def test_wrong_settings_are_refused(flags: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        load_settings(flags)


def test_a_record_store_is_whole_and_named_by_the_site() -> None:
    assert load_settings({}).lrs() is None
    flags = {"lrs_url": "https://lrs.example/xapi/", "lrs_key": "k", "lrs_secret": "s"}
    settings = load_settings({**flags, "site_url": "https://school.example"})
    assert settings.lrs() == LrsConfig(
        "https://lrs.example/xapi", "k", "s", "1.0.3", "https://school.example"
    )
    assert "'s'" not in repr(settings)


def test_media_are_kept_as_long_as_the_house_says() -> None:
    assert load_settings({}).retention() == Policy()
    assert load_settings({"raw_track_days": 7}).retention() == Policy(raw_track_days=7)


def test_recordings_have_a_key_and_a_budget() -> None:
    key = base64.b64encode(bytes(32)).decode()
    settings = load_settings({"recording_key": key, "recording_lesson_gb": 0.5, "recording_free_mb": 7})
    recording = settings.recording()
    assert recording.keys.keys == (bytes(32),)
    assert recording.budget == DiskBudget(500_000_000, 7_000_000)
    assert key not in repr(settings)
    with pytest.raises(ValidationError, match="openssl rand") as error:
        load_settings({"recording_key": "too short"})
    assert "too short" not in str(error.value.errors(include_input=False))


def test_processes_of_the_server_do_not_inherit_the_recording_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_RECORDING_KEY", base64.b64encode(bytes(32)).decode())
    assert load_settings({}).recording().keys.keys
    forget_recording_key()
    assert not load_settings({}).recording().keys.keys


def test_packet_workers_leave_one_core_to_python(monkeypatch: pytest.MonkeyPatch) -> None:
    for cores, workers in ((1, 1), (2, 1), (4, 3), (64, 8)):
        monkeypatch.setattr("os.sched_getaffinity", lambda _pid, cores=cores: set(range(cores)))
        assert load_settings({}).media().packet_workers == workers
    monkeypatch.setenv("TANDEM_PACKET_WORKERS", "2")
    assert load_settings({}).media().packet_workers == 2
    assert load_settings({"packet_workers": 5}).media().packet_workers == 5


def test_what_listens_on_loopback_advertises_loopback() -> None:
    assert default_addresses("127.0.0.1") == ("127.0.0.1",)
    assert default_addresses("localhost") == ("127.0.0.1",)
    assert default_addresses("::1") == ("::1",)
    assert default_addresses("192.0.2.7") == ("192.0.2.7",)


def test_what_listens_everywhere_advertises_no_wildcard() -> None:
    found = default_addresses("0.0.0.0")
    assert found
    assert "0.0.0.0" not in found


def test_a_storage_is_one_that_can_be_opened(tmp_path: Path) -> None:
    assert load_settings({"data_dir": tmp_path}).opened_storage() is None
    assert load_settings({"storage": f"file://{tmp_path / 'store'}"}).opened_storage() is not None
    with pytest.raises(ValidationError, match="storage"):
        load_settings({"storage": "ftp://elsewhere/lessons"})
    with pytest.raises(ValidationError, match="parallel_jobs"):
        load_settings({"parallel_jobs": -1})
    assert load_settings({}).parallel_jobs >= 1
