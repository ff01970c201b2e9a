"""Kills what records at random moments of real lessons and looks at what is left.

`python -m tests.e2e.kill_soak --kills 200` (`make kill-soak`); five in tests/e2e/test_kills.py. A victim
is a process that may die at any moment: `Victim.kill` kills it and brings it back.  Others than the server
(`tandem serve`) join by another entry in `victims`.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from recording.manifest import GapReason, Manifest, SourceStarted
from recording.recovery import read_manifest
from recording.store import Layout
from tests.e2e.browser import eventually
from tests.e2e.conftest import House, open_house
from tests.e2e.replay import download, playable
from tests.e2e.teacher import teaching
from tests.recording.conformance import faults_of

KILLS_A_LESSON = 5
_LONGEST_LOSS_MS = 1000
_LONGEST_LIFE_S = 2.5
_LONGEST_END_S = 0.6
_BYTES_OF_LIFE = 20_000
_LOOK_S = 0.02


@dataclass(frozen=True)
class Victim:
    """kill: by SIGKILL; returns (wall clock ms of the kill) when it is back."""

    name: str
    kill: Callable[[House], int]


def _kill_server(house: House) -> int:
    house.server.kill()
    killed_ms = time.time_ns() // 1_000_000
    house.server.__enter__()
    return killed_ms


SERVER = Victim("tandem serve", _kill_server)


@dataclass
class Findings:
    """lost_ms: what each kill cost each source."""

    kills: int = 0
    lost_ms: list[int] = field(default_factory=list)
    lessons: int = 0
    faults: list[str] = field(default_factory=list)


def run_lesson(
    house: House, kills: int, chance: random.Random, victims: Sequence[Victim], found: Findings
) -> None:
    """One lesson with so many kills, the last of them while its replay is finished."""
    lesson = house.lesson(record="master_only")
    folder = house.data_dir / "recordings" / lesson
    killed: list[tuple[int, list[SourceStarted]]] = []
    with teaching(house.server.url, lesson, house.token(lesson, "master", "Ms Lin")):
        for _ in range(kills - 1):
            known = set(folder.rglob("*.rtplog"))
            eventually(partial(_grown, folder, known), 120, "a recording")
            _pass_time(chance.uniform(0, _LONGEST_LIFE_S))
            sources = _manifest(house, lesson).open_logs()
            killed.append((chance.choice(victims).kill(house), sources))
        known = set(folder.rglob("*.rtplog"))
        eventually(partial(_grown, folder, known), 120, "a recording after the last kill")
        ended = house.admin.post(f"/api/v1/lessons/{lesson}/end").json()
    _pass_time(chance.uniform(0, _LONGEST_END_S))
    chance.choice(victims).kill(house)
    found.kills += kills
    found.lessons += 1
    length_s = (ended["ended_at_ms"] - ended["started_at_ms"]) / 1000
    _look(house, lesson, length_s, killed, found)


def _look(
    house: House,
    lesson: str,
    length_s: float,
    killed: list[tuple[int, list[SourceStarted]]],
    found: Findings,
) -> None:
    resource = playable(house, lesson, 60)
    with tempfile.TemporaryDirectory() as name:
        download(house, resource, Path(name) / "replay")
        found.faults += [f"{lesson}: {fault}" for fault in faults_of(Path(name) / "replay")]
    seen_s = float(str(resource["duration_ms"])) / 1000
    if abs(seen_s - length_s) > 1:
        found.faults.append(f"{lesson}: the replay has {seen_s} s, the lesson had {length_s}")
    gaps = [gap for gap in _manifest(house, lesson).gaps if gap.reason == GapReason.CRASH]
    for killed_ms, sources in killed:
        for source in sources:
            labelled = [
                gap
                for gap in gaps
                if gap.publication == source.publication and gap.from_ms <= killed_ms <= gap.until_ms
            ]
            if not labelled:
                found.faults.append(f"{lesson}: no gap says that {source.log} was cut at {killed_ms}")
                continue
            found.lost_ms.append(killed_ms - labelled[0].from_ms)
            if found.lost_ms[-1] > _LONGEST_LOSS_MS:
                found.faults.append(f"{lesson}: {source.log} lost {found.lost_ms[-1]} ms")


def _pass_time(seconds: float) -> None:
    """Leaves the processor to what is killed at its end."""
    threading.Event().wait(seconds)


def _grown(folder: Path, known: set[Path]) -> bool:
    has_grown = any(log.stat().st_size > _BYTES_OF_LIFE for log in set(folder.rglob("*.rtplog")) - known)
    if not has_grown:
        _pass_time(_LOOK_S)
    return has_grown


def _manifest(house: House, lesson: str) -> Manifest:
    return read_manifest(Layout(house.data_dir), lesson)


def soak(
    folder: Path,
    kills: int,
    seed: int,
    victims: Sequence[Victim] = (SERVER,),
    tell: Callable[[Findings], None] = lambda _: None,
) -> Findings:
    """So many kills, five in a lesson; `tell` hears of each lesson."""
    chance, found = random.Random(seed), Findings()
    with open_house(folder, "127.0.0.1") as house:
        while found.kills < kills:
            run_lesson(house, min(KILLS_A_LESSON, kills - found.kills), chance, victims, found)
            tell(found)
    return found


def _print(found: Findings) -> None:
    lost = sorted(found.lost_ms)
    figures = {
        "kills": found.kills,
        "lessons": found.lessons,
        "faults": len(found.faults),
        "logs_cut": len(lost),
        **{f"lost_ms_p{share}": lost[(len(lost) - 1) * share // 100] for share in (50, 99, 100) if lost},
    }
    sys.stdout.write(json.dumps(figures) + "\n")
    sys.stdout.flush()


def main() -> int:
    """Says how it stands after each lesson; the exit code says whether all was well."""
    parser = argparse.ArgumentParser(prog="tests.e2e.kill_soak")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=time.time_ns())
    given = parser.parse_args()
    sys.stdout.write(f"seed {given.seed}\n")
    with tempfile.TemporaryDirectory(prefix="tandem-kills-") as name:
        found = soak(Path(name), given.kills, given.seed, tell=_print)
    sys.stdout.writelines(f"FAULT {fault}\n" for fault in found.faults)
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main())
