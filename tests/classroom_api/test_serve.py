from __future__ import annotations

import socket
import ssl
import subprocess
from pathlib import Path

import httpx
import pytest

from classroom_api.serve import base_url, bind_http, describe, run_server
from classroom_api.settings import load_settings
from load_tests.run import free_port
from load_tests.server_process import START_TIMEOUT_S, tandem_command
from recording.encryption import KeyRing
from recording.store import Layout, replace_file
from streaming.dataplane import crypto_choice
from streaming.errors import Refused, Unavailable


def test_a_taken_port_is_told_with_the_flag_to_change() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(Unavailable) as unavailable:
        bind_http(load_settings({"http_port": taken.getsockname()[1]}))
    assert "--http-port" in unavailable.value.detail


def test_recordings_of_another_key_are_refused_with_a_sentence(tmp_path: Path) -> None:
    _, key = KeyRing((bytes(32),)).create("les_1/seat/pub.rtplog")
    layout = Layout(tmp_path)
    replace_file(layout.log_key("les_1", "seat/pub.rtplog"), key)
    layout.manifest("les_1").write_bytes(b"")
    with pytest.raises(Refused, match="Add that key to TANDEM_RECORDING_KEY"):
        run_server(load_settings({"data_dir": tmp_path, "http_port": 0, "media_port": 0}))
    assert not (tmp_path / "tandem.db").exists()


def test_answers_do_not_wait_for_acknowledgements() -> None:
    with bind_http(load_settings({"http_port": 0})) as listener:
        assert listener.proto == socket.IPPROTO_TCP


def test_the_address_to_open_is_never_a_wildcard() -> None:
    assert base_url(load_settings({}), 8080) == "http://127.0.0.1:8080"
    assert base_url(load_settings({"host": "::1"}), 8080) == "http://[::1]:8080"
    everywhere = load_settings({"host": "0.0.0.0", "public_address": ("192.0.2.7",)})
    assert base_url(everywhere, 8080) == "http://192.0.2.7:8080"


def test_addresses_without_a_camera_are_named() -> None:
    elsewhere = load_settings({"host": "192.0.2.7"})
    assert any("no camera" in line for line in describe(elsewhere, "http://192.0.2.7:8080", "adm"))
    assert not any(
        "no camera" in line for line in describe(load_settings({}), "http://127.0.0.1:8080", "adm")
    )


def test_it_says_what_encrypts() -> None:
    assert any(
        crypto_choice()[0] in line for line in describe(load_settings({}), "http://127.0.0.1:8080", "adm")
    )


def test_tls_by_flags(tmp_path: Path) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )  # fmt: skip
    port = free_port(socket.SOCK_STREAM)
    arguments = ["serve", f"--http-port={port}", f"--media-port={free_port(socket.SOCK_DGRAM)}"]
    arguments += [f"--data-dir={tmp_path / 'data'}", f"--tls-cert={certificate}", f"--tls-key={key}"]
    process = subprocess.Popen([tandem_command(), *arguments], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == f"Tandem is at https://127.0.0.1:{port}"
        context = ssl.create_default_context(cafile=str(certificate))
        transport = httpx.HTTPTransport(verify=context, retries=20)
        with httpx.Client(transport=transport, timeout=START_TIMEOUT_S) as client:
            assert client.get(f"https://127.0.0.1:{port}/healthz").json() == {"status": "ok"}
    finally:
        process.terminate()
        process.communicate(timeout=20)
