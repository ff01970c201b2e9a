"""A load scenario, read from load_tests/scenarios/<name>.toml; tables of them from load_tests/tables/."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from load_tests.keys import Profile
from load_tests.trace import trace_path

SCENARIOS = Path(__file__).parent / "scenarios"
TABLES = Path(__file__).parent / "tables"


class Target(StrEnum):
    """What forwards."""

    TANDEM = "tandem"
    JANUS = "janus"
    CEILING = "ceiling"


class Engine(StrEnum):
    """What the ceiling encrypts with."""

    OPENSSL = "openssl"
    IPSEC_MB = "ipsec-mb"


class Layout(StrEnum):
    """Where the packets go: one network stack, or two that a veth pair joins."""

    LOOPBACK = "loopback"
    VETH = "veth"


@dataclass(frozen=True, slots=True)
class SubscriberShape:
    """What a light subscriber sends back, and how many of 1,000 packets it takes for lost. 0: nothing.

    Of `verify_every` packets of a stream one is opened; the others are known by their sequence number.
    """

    check_ms: int = 4000
    report_ms: int = 1000
    feedback_ms: int = 100
    loss_permille: int = 0
    verify_every: int = 1


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What a scenario must reach: packets lost over all subscribers, and the server's CPU."""

    lost_packets: int
    server_cores: float


@dataclass(frozen=True, slots=True)
class Scenario:
    """One run: `warmup_s` does not count, `duration_s` does."""

    name: str
    title: str
    subscribers: int
    warmup_s: int
    duration_s: int
    trace: str
    target: Target = Target.TANDEM
    profile: Profile = Profile.GCM
    engine: Engine = Engine.OPENSSL
    subscriber: SubscriberShape = field(default_factory=SubscriberShape)
    acceptance: Acceptance | None = None

    def __post_init__(self) -> None:
        is_by_openssl = self.target is Target.CEILING and self.engine is Engine.OPENSSL
        if is_by_openssl and self.profile is not Profile.GCM:
            raise ValueError(f"{self.name}: without ipsec-mb the ceiling knows GCM alone")
        trace_path(self.trace)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that are measured interleaved, and where."""

    name: str
    title: str
    layout: Layout
    rows: tuple[Scenario, ...]


def make_scenario(name: str, values: Mapping[str, Any]) -> Scenario:
    """Raises TypeError for missing or unknown keys and ValueError for unknown words."""
    members = dict(values)
    acceptance = members.pop("acceptance", None)
    return Scenario(
        name=name,
        target=Target(members.pop("target", Target.TANDEM)),
        profile=Profile(members.pop("profile", Profile.GCM)),
        engine=Engine(members.pop("engine", Engine.OPENSSL)),
        subscriber=SubscriberShape(**members.pop("subscriber", {})),
        acceptance=Acceptance(**acceptance) if acceptance else None,
        **members,
    )


def load_scenario(name: str) -> Scenario:
    """Raises FileNotFoundError for an unknown name; else as make_scenario."""
    return make_scenario(name, tomllib.loads((SCENARIOS / f"{name}.toml").read_text(encoding="utf-8")))


def load_table(name: str) -> Table:
    """`[defaults]`, then `[rows.NAME]` each with what differs. Raises as load_scenario."""
    values: dict[str, Any] = tomllib.loads((TABLES / f"{name}.toml").read_text(encoding="utf-8"))
    rows = tuple(make_scenario(row, values["defaults"] | own) for row, own in values["rows"].items())
    return Table(name, values["title"], Layout(values["layout"]), rows)


def scenario_names() -> tuple[str, ...]:
    """All scenarios of the folder."""
    return tuple(sorted(path.stem for path in SCENARIOS.glob("*.toml")))


def table_names() -> tuple[str, ...]:
    """All tables of the folder."""
    return tuple(sorted(path.stem for path in TABLES.glob("*.toml")))
