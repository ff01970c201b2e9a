"""What an operator should read once in the log: counters that say how this machine falls short."""

from __future__ import annotations

from collections.abc import Mapping

_PLAIN = "that destination gets single datagrams from now on, at two to three times the cost"

NOTICES: Mapping[str, str] = {
    "egress_gso_missing": "the kernel knows no UDP_SEGMENT (Linux 4.18): datagrams are sent one by one",
    "egress_gso_emsgsize": f"the kernel refused to segment (EMSGSIZE: a path with a smaller MTU): {_PLAIN}",
    "egress_gso_einval": f"the kernel refused to segment (EINVAL: no checksums on that path): {_PLAIN}",
    "egress_gso_eio": f"the kernel refused to segment (EIO: no checksum offload on that interface): {_PLAIN}",
    "without_priority": (
        "packet workers may not run before other threads (nice -10): many joins at once will delay media;"
        " permit it with CAP_SYS_NICE or LimitNICE=-10"
    ),
    "without_steering": (
        "the kernel does not part media from reports (SO_ATTACH_REUSEPORT_CBPF, Linux 4.5):"
        " each report of a subscriber wakes a packet worker"
    ),
}


class Notices:
    """Each cause is told once."""

    def __init__(self) -> None:
        self._waiting = dict(NOTICES)

    def apply(self, counters: Mapping[str, int]) -> list[str]:
        """The sentences of causes that were not there before."""
        found = [name for name in self._waiting if counters.get(name, 0)]
        return [self._waiting.pop(name) for name in found]
