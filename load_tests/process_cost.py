"""What a process tree costs, read in /proc: CPU by thread, proportional memory, the kernel's own drops."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

NS_PER_S = 1_000_000_000
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def process_tree(root: int) -> list[int]:
    """A process and its living descendants."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [root]
    for pid in found:
        found.extend(parents.get(pid, ()))
    return found


def thread_cpu_ns(pid: int) -> dict[int, int]:
    """Time on a processor, user and system, of each living thread (schedstat counts ns, stat only ticks)."""
    times = {}
    for thread in Path(f"/proc/{pid}/task").glob("*"):
        try:
            times[int(thread.name)] = int((thread / "schedstat").read_text().split()[0])
        except FileNotFoundError:
            fields = read_or_empty(thread / "stat").rsplit(")", 1)[-1].split()
            if len(fields) > 12:
                times[int(thread.name)] = (int(fields[11]) + int(fields[12])) * NS_PER_S // TICKS_PER_S
        except ProcessLookupError:
            continue
    return times


@dataclass(frozen=True, slots=True)
class ThreadTime:
    """A thread's time on a processor, and that which it spent ready to run without getting one."""

    name: str
    running_ns: int
    waiting_ns: int

    def text(self) -> str:
        """For people."""
        return f"{self.name:<16}{self.running_ns / 1e9:6.2f} s running{self.waiting_ns / 1e9:6.2f} s waiting"


def thread_times(root: int) -> dict[int, ThreadTime]:
    """Every living thread of a process tree. Without schedstat in the kernel: none."""
    times = {}
    for pid in process_tree(root):
        for thread in Path(f"/proc/{pid}/task").glob("*"):
            words = read_or_empty(thread / "schedstat").split()
            if words:
                name = read_or_empty(thread / "comm").strip()
                times[int(thread.name)] = ThreadTime(name, int(words[0]), int(words[1]))
    return times


def busiest_threads(
    before: Mapping[int, ThreadTime], after: Mapping[int, ThreadTime], count: int = 4
) -> tuple[ThreadTime, ...]:
    """What was added between two readings, the most first."""
    nothing = ThreadTime("", 0, 0)
    added = [
        ThreadTime(
            each.name,
            each.running_ns - before.get(thread, nothing).running_ns,
            each.waiting_ns - before.get(thread, nothing).waiting_ns,
        )
        for thread, each in after.items()
    ]
    return tuple(sorted(added, key=lambda each: -each.running_ns)[:count])


def read_or_empty(path: Path) -> str:
    """A file of /proc; empty when its process has just ended."""
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


@dataclass(slots=True)
class CpuMeter:
    """CPU of a process tree while a window is open. A thread that ends inside it is forgotten."""

    root: int
    marks: list[dict[int, int]] = field(default_factory=list)

    def mark(self) -> None:
        """Reads every thread once; first at the window's begin, then at its end."""
        times: dict[int, int] = {}
        for pid in process_tree(self.root):
            times |= thread_cpu_ns(pid)
        self.marks.append(times)

    def seconds(self) -> float:
        """Between the two marks."""
        begin, end = self.marks
        return sum(spent - begin.get(thread, 0) for thread, spent in end.items()) / NS_PER_S


def pss_bytes(root: int) -> int:
    """Proportional set size of a process tree."""
    total = 0
    for pid in process_tree(root):
        for line in read_or_empty(Path(f"/proc/{pid}/smaps_rollup")).splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
    return total


def open_files(root: int) -> int:
    """File descriptors of a process tree."""
    count = 0
    for pid in process_tree(root):
        try:
            count += sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
        except (FileNotFoundError, ProcessLookupError):
            continue
    return count


@dataclass(frozen=True, slots=True)
class UdpCounters:
    """This network namespace's counters of UDP since it exists (RFC 4113 and Linux)."""

    receive_buffer_errors: int
    send_buffer_errors: int
    in_errors: int

    def since(self, earlier: UdpCounters) -> UdpCounters:
        """What was added."""
        return UdpCounters(
            self.receive_buffer_errors - earlier.receive_buffer_errors,
            self.send_buffer_errors - earlier.send_buffer_errors,
            self.in_errors - earlier.in_errors,
        )


def parse_udp_counters(lines: Iterable[str]) -> UdpCounters:
    """Of the text of /proc/net/snmp: a line of names, a line of values."""
    names, values = (line.split()[1:] for line in lines if line.startswith("Udp:"))
    found = dict(zip(names, map(int, values), strict=True))
    return UdpCounters(found["RcvbufErrors"], found["SndbufErrors"], found["InErrors"])


def udp_counters(pid: int | str = "self") -> UdpCounters:
    """Those of the namespace in which a process lives."""
    return parse_udp_counters(Path(f"/proc/{pid}/net/snmp").read_text().splitlines())


def parse_backlog_drops(text: str) -> int:
    """Of the text of /proc/net/softnet_stat: a line a processor, the second number what its queue refused."""
    return sum(int(line.split()[1], 16) for line in text.splitlines())


def backlog_drops() -> int:
    """Packets that were lost between two network stacks of this machine, because a processor was too late."""
    return parse_backlog_drops(Path("/proc/net/softnet_stat").read_text())


def kernel_drops(port: int, pid: int | str = "self") -> int:
    """Datagrams that the kernel dropped at UDP sockets bound to `port` (their receive buffers were full)."""
    total = 0
    for table in (f"/proc/{pid}/net/udp", f"/proc/{pid}/net/udp6"):
        for line in read_or_empty(Path(table)).splitlines()[1:]:
            fields = line.split()
            if int(fields[1].rsplit(":", 1)[1], 16) == port:
                total += int(fields[12])
    return total
