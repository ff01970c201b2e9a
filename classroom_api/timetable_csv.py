"""Tables of a school as CSV: decoded, checked line by line, nothing stored here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from streaming.errors import Refused


class ImportRefused(Refused):
    """Lines that cannot be imported: each with its number, what is wrong, and what to do."""

    def __init__(self, problems: Sequence[Mapping[str, object]]) -> None:
        super().__init__("import_refused", "Nothing was imported: correct the lines named in `problems`.")
        self.problems = tuple(problems)
