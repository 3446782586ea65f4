"""A log with its rotations, read on from where it was read last time.

::

    log = LogFiles("/", "/var/log/dnf.log", cursor, gaps)       # the cursor: LogCursor() for a log that was never read
    for line in log.lines():                                     # LogLine(text: bytes, source: "/var/log/dnf.log.2.gz", place: int), oldest first
        ...
        log.hold(line.place)                                     # this line begins something unfinished: read it again next time
    log.cursor()                                                 # where to go on; to be kept once what was read is durable

Workflows do not do that themselves: ``workflows/host_logs.py`` opens logs with their cursors and keeps these when the facts are recorded.

What a file is called, which inode it has and whether it is compressed says nothing of what has been read of it: logrotate(8) renames, copies and
truncates, compresses. A *generation* (what was written between two rotations) is known by a digest of its first bytes instead, wherever it lies.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from changelog_ledger.model.ingestion import Gap
from changelog_ledger.model.log_lines import LogLine
from changelog_ledger.sources.log_generations import HEAD, Generation, LogCursor, generation_of, resumed
from changelog_ledger.sources.log_names import rotations
from changelog_ledger.sources.log_streams import DAMAGE, LogBlock, LogStream, Unreadable, opened_stream
from changelog_ledger.sources.rooted import list_directory

__all__ = ["LogCursor", "LogFiles"]

_PASSES = 3
"""How often a log is looked at again because it was rotated while it was read."""


@dataclass(frozen=True, slots=True)
class _Span:
    """What one reading gave of one generation: ``length`` bytes from ``offset`` on, which are the reading's from ``place`` on."""

    generation: Generation
    offset: int
    place: int
    length: int


class LogFiles:
    """One reading of a log and all its rotations.

    :ivar path: the log below the root: ``/var/log/dpkg.log``.
    :ivar found: whether there was any file of that log; known when it is read.
    :ivar parts: its files, oldest first, and whether each was read to its end; known when it is read.
    """

    def __init__(self, root: str, path: str, cursor: LogCursor, gaps: list[Gap], progress: Callable[[int], None] = lambda _bytes: None) -> None:
        """``gaps`` gets what could not be read, while it is read; ``progress`` is told the bytes."""
        self.path = path
        self.found = False
        self.parts: dict[str, bool] = {}
        self._root = root
        self._before = cursor
        self._gaps = gaps
        self._progress = progress
        self._known: dict[str, Generation] = {}
        self._spans: list[_Span] = []
        self._sources: set[str] = set()
        self._place = 0
        self._held: int | None = None
        self._clock = cursor.clock

    def lines(self) -> Iterator[LogLine]:
        """Every line that was not read before, oldest first. An incomplete last line is left for the next time."""
        for block in self._blocks():
            yield from block.lines()

    def _blocks(self) -> Iterator[LogBlock]:
        self._known = {each.head: each for each in self._before.generations}
        for _ in range(_PASSES):
            names = self._names()
            for name in names:
                yield from self._file(name)
            if self._names() == names:
                return
        self._gaps.append(Gap(self.path, "rotated again and again while it was read; what is missing is read next time"))

    def hold(self, place: int) -> None:
        """What begins there is not finished: the cursor will not go beyond it."""
        self._held = place if self._held is None else min(place, self._held)

    def hold_all(self) -> None:
        """The cursor stays where it was."""
        self.hold(0)

    def keep_clock(self, clock: str) -> None:
        """A word that the next reading finds in its cursor: the time of the last line, by which an ambiguous one is understood."""
        self._clock = clock

    def gave(self, source: str) -> bool:
        """Whether a line of this reading came from that file."""
        return source in self._sources

    @property
    def clock(self) -> str:
        """What the reading before kept (:meth:`keep_clock`); empty if there was none."""
        return self._before.clock

    def cursor(self) -> LogCursor:
        """Where the next reading goes on, held places regarded. Meaningful when everything was read."""
        kept: dict[str, Generation] = {}
        for span in self._spans:
            read = span.length if self._held is None else max(0, min(span.length, self._held - span.place))
            generation = span.generation
            if read < span.length:
                if span.offset + read == 0:
                    continue
                generation = replace(generation, offset=span.offset + read, tail="", tail_length=0, size=-1)
            earlier = kept.get(generation.head)
            if earlier is None or earlier.size >= 0:  # where one was held, a copy of it is not ahead
                kept[generation.head] = generation
        return LogCursor(tuple(kept.values()), self._clock if self._held is None else self._before.clock)

    def _names(self) -> list[tuple[str, int]]:
        """Names of the log's files with their inodes, oldest first."""
        folder, _, base = self.path.rpartition("/")
        try:
            names = list_directory(self._root, folder or "/")
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            self._gaps.append(Gap(folder or "/", f"{error.strerror or error}; its rotated logs were not looked for"))
            names = [base]
        return [(name, _inode(self._root, f"{folder}/{name}")) for name in rotations(base, names)]

    def _file(self, listed: tuple[str, int]) -> Iterator[LogBlock]:
        folder = self.path.rpartition("/")[0]
        source = f"{folder}/{listed[0]}"
        try:
            stream = opened_stream(self._root, source)
        except FileNotFoundError:  # rotated away a moment ago: the next pass finds it under its new name
            return
        except Unreadable as error:
            self._damaged(source, str(error))
            return
        except OSError as error:
            self._damaged(source, error.strerror or str(error))
            return
        self.found = True
        self.parts.setdefault(source, True)
        with stream:
            yield from self._stream(stream, source)

    def _stream(self, stream: LogStream, source: str) -> Iterator[LogBlock]:
        """What is new in one file. What was read of it is noted even if the rest of it is damaged."""
        try:
            head = stream.beginning(HEAD)
            known = resumed(head, self._known.values())
            if known is not None and (known.size, known.modified) == stream.signature:
                self._spans.append(_Span(known, known.offset, self._place, 0))
                return
            offset = stream.go_to(known) if known is not None else 0
        except DAMAGE as error:
            self._damaged(source, f"damaged ({error}); nothing new of it was read")
            return
        begun, gaps = self._place, len(self._gaps)
        try:
            for block in stream.blocks(begun, self._gaps):
                self._sources.add(source)
                yield block
                self._place = block.place + block.length
                self._progress(block.length)
        except DAMAGE as error:
            self._damaged(source, f"truncated or damaged after line {stream.lines_read + 1:,} ({error}); what comes before was read")
        if stream.rest:
            self.parts[source] = False
        if stream.rest and source != self.path:  # nobody will complete it
            self._gap(source, "its last line is incomplete and was not read")
        length = self._place - begun
        if offset + length == 0:
            return
        generation = generation_of(head, offset + length, stream, whole=len(self._gaps) == gaps)
        self._spans.append(_Span(generation, offset, begun, length))
        self._known[generation.head] = generation

    def _damaged(self, source: str, why: str) -> None:
        self.parts[source] = False
        self._gap(source, why)

    def _gap(self, source: str, why: str) -> None:
        gap = Gap(source, why)
        if gap not in self._gaps:  # a second pass finds the same
            self._gaps.append(gap)


def _inode(root: str, path: str) -> int:
    try:
        return os.lstat(f"{root.rstrip('/')}{path}").st_ino
    except OSError:
        return 0
