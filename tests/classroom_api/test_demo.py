from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
from pathlib import Path

import httpx

from load_tests.run import free_port
from load_tests.server_process import tandem_command


def test_the_demo_prints_links_that_work_and_stops_on_ctrl_c(tmp_path: Path) -> None:
    port = free_port(socket.SOCK_STREAM)
    arguments = ["demo", f"--http-port={port}", f"--media-port={free_port(socket.SOCK_DGRAM)}"]
    process = subprocess.Popen(
        [tandem_command(), *arguments, f"--data-dir={tmp_path}"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    printed = ""
    try:
        assert process.stdout is not None
        for line in process.stdout:
            printed += line
            if "Ctrl+C" in line:
                break
        links = re.findall(r"^(http://\S+)/(\w+)/(les_\w+)#token=(\S+)$", printed, re.MULTILINE)
        assert {page for _, page, _, _ in links} == {"teach", "classroom", "assist", "join", "observe"}
        for url, _, lesson, token in links:
            answer = httpx.post(
                f"{url}/api/v1/lessons/{lesson}/join", headers={"Authorization": f"Bearer {token}"}
            )
            assert answer.json()["lesson"]["state"] == "live"
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert process.returncode == 0
