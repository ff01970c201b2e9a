from __future__ import annotations

import os
import select
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
MODULE = "classroom_api.jobs.child"
LOOK = "import os; print(os.nice(0), open('/proc/self/oom_score_adj').read().strip()); os.system('ionice')"
STARTER = """
import os, signal, subprocess, sys
child = subprocess.Popen([sys.executable, "-m", sys.argv[1], str(os.getpid()), *sys.argv[2:]],
                         stdout=subprocess.PIPE, text=True)
print(child.pid, child.stdout.readline().strip(), flush=True)
signal.pause()
"""


def test_a_job_stands_behind_everything_else() -> None:
    command = [sys.executable, "-m", MODULE, str(os.getpid()), sys.executable, "-c", LOOK]
    said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    assert int(said[0]) == min(os.nice(0) + 10, 19)
    assert int(said[1]) >= 500
    assert said[2] == "idle"


def test_it_ends_with_its_parent() -> None:
    sleeper = [sys.executable, "-c", "import signal; print('there', flush=True); signal.pause()"]
    parent = subprocess.Popen(
        [sys.executable, "-c", STARTER, MODULE, *sleeper], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    pid, word = parent.stdout.readline().split()
    assert word == "there"
    watched = os.pidfd_open(int(pid))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert select.select([watched], [], [], 30)[0]
    os.close(watched)


def test_one_whose_parent_is_gone_does_not_begin() -> None:
    done = subprocess.run([sys.executable, "-m", MODULE, "1", "true"], check=False, cwd=ROOT)
    assert done.returncode == 1
