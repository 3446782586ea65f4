"""Lines of a log that its program does not write: passed over, and told once a file.

::

    strange = StrangeLines("a syslog")
    strange.read(source)      # every line that is not empty
    strange.found(source)     # … of which this is one
    gaps += strange.gaps()    # "2 lines that are none of a syslog's (the first is line 17 of what was read); the rest was read"
"""

from __future__ import annotations

from collections.abc import Iterator

from changelog_ledger.model.ingestion import Gap


class StrangeLines:
    """The lines of one log with its rotations, counted by file."""

    def __init__(self, of: str) -> None:
        """``of``: what they should be lines of: ``a syslog``."""
        self._of = of
        self._read: dict[str, int] = {}
        self._strange: dict[str, tuple[int, int]] = {}

    def read(self, source: str) -> None:
        """A line of a file was read."""
        self._read[source] = self._read.get(source, 0) + 1

    def found(self, source: str) -> None:
        """The line that was read last could not be understood."""
        count, first = self._strange.get(source, (0, self._read.get(source, 1)))
        self._strange[source] = count + 1, first

    def gaps(self) -> Iterator[Gap]:
        """One a file that has such lines."""
        for source, (count, first) in self._strange.items():
            if count == self._read[source]:
                yield Gap(source, f"no line that was read of it ({count:,}) could be understood as one of {self._of}")
            else:
                many = "s that are" if count != 1 else " that is"
                yield Gap(source, f"{count:,} line{many} none of {self._of} (the first is line {first:,} of what was read); the rest was read")
