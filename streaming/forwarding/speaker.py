"""Which voices compete for being heard, as names and as numbers of the worker, which picks the loudest."""

from __future__ import annotations

from streaming.identifiers import PublicationId

NO_GROUP = 0


class SpeakerGroups:
    """Invariants: a group has one number as long as it has a voice; a number is never given twice."""

    def __init__(self) -> None:
        self._last_number = NO_GROUP
        self._names: dict[PublicationId, str] = {}
        self._numbers: dict[str, int] = {}

    def assign(self, voice: PublicationId, group: str | None) -> bool:
        """From now on the voice is of this group, or of none; False: it was already."""
        former = self._names.get(voice)
        if former == group:
            return False
        if group is None:
            del self._names[voice]
        else:
            self._names[voice] = group
        if group is not None and group not in self._numbers:
            self._last_number += 1
            self._numbers[group] = self._last_number
        if former is not None and former not in self._names.values():
            del self._numbers[former]
        return True

    def number_of(self, voice: PublicationId) -> int:
        """The group's number, `NO_GROUP` for none."""
        name = self._names.get(voice)
        return NO_GROUP if name is None else self._numbers[name]
