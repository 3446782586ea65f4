"""systemd's journal, by ``journalctl -o json``, or a file of what that wrote. Lines of JSON come out; nothing of them is understood here."""

from __future__ import annotations

import os
import select
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime
from shutil import which
from subprocess import DEVNULL, PIPE, Popen, TimeoutExpired
from typing import IO, Any

from changelog_ledger.model.ingestion import Gap
from changelog_ledger.sources.rooted import list_directory, open_file

_PATH = "/usr/bin:/bin:/usr/local/bin"
_FOLDERS = ("/var/log/journal", "/run/log/journal")
_PIECE = 1024 * 1024
LONGEST_LINE = 4 * 1024 * 1024
"""A line that is longer is passed over: its entry has fields of megabytes."""
_LONGEST_SILENCE = 120.0
_MOST_BYTES = 4 * 1024**3

Progress = Callable[[int], None]


@dataclass
class JournalQuery:
    """What is asked of a journal.

    :ivar fields: the fields that are wanted.
    :ivar matches: journalctl(1)'s matches.
    :ivar cursor: after which entry; empty for the beginning.
    :ivar since: from when on, where there is no cursor.
    """

    fields: tuple[str, ...]
    matches: tuple[str, ...]
    cursor: str = ""
    since: datetime | None = None


@dataclass
class Journal:
    """The journal of one host.

    :ivar root: the directory that stands for the host's ``/``.
    :ivar gaps: gets what could not be read.
    :ivar is_whole: False where a reading ended before the journal did.
    """

    root: str
    gaps: list[Gap]
    progress: Progress = lambda _bytes: None
    is_whole: bool = field(default=True, init=False)
    _told: str = field(default="", init=False)

    @property
    def is_there(self) -> bool:
        """Whether there are journal files, and a journalctl to read them."""
        return which("journalctl", path=_PATH) is not None and any(self._files())

    def lines(self, query: JournalQuery) -> Iterator[bytes]:
        """The entries, oldest first, a line each. A cursor that the journal does not know any more means: from the beginning."""
        self._told = ""
        self._look_for_closed_files()
        read = 0
        for line in self._run(query):
            read += 1
            yield line
        if "cursor" in self._told and query.cursor and not read:
            self._told = ""
            yield from self._run(JournalQuery(query.fields, query.matches, "", query.since))
        if self._told:
            self.is_whole = False
            self.gaps.append(Gap("journalctl", self._told))

    def _run(self, query: JournalQuery) -> Iterator[bytes]:
        program = which("journalctl", path=_PATH)
        if program is None:
            return
        with tempfile.TemporaryFile() as errors, ExitStack() as ending:
            process = Popen([program, *self._arguments(query)], stdin=DEVNULL, stdout=PIPE, stderr=errors, env={"LC_ALL": "C", "PATH": _PATH})
            ending.callback(_end, process)
            assert process.stdout is not None
            yield from whole_lines(self._pieces(process.stdout), self.gaps, "journalctl")
            with suppress(TimeoutExpired):
                if process.wait(timeout=10) > 0 and not self._told:
                    errors.seek(0)
                    said = errors.read(500).decode("utf-8", "replace").strip().splitlines()
                    self._told = said[-1] if said else f"it ended with {process.returncode}"

    def _arguments(self, query: JournalQuery) -> list[str]:
        arguments = ["-o", "json", "--no-pager", "--quiet", f"--output-fields={','.join(query.fields)}"]
        if self.root.rstrip("/"):
            arguments.append(f"--directory={self.root.rstrip('/')}{_FOLDERS[0]}")
        if query.cursor:
            arguments.append(f"--after-cursor={query.cursor}")  # --since excludes it, and says less
        elif query.since is not None:
            arguments.append(f"--since=@{int(query.since.timestamp())}")
        return [*arguments, *query.matches]

    def _pieces(self, pipe: IO[bytes]) -> Iterator[bytes]:
        waiting = select.poll()
        waiting.register(pipe, select.POLLIN | select.POLLHUP)
        read = 0
        while waiting.poll(_LONGEST_SILENCE * 1000):
            piece = os.read(pipe.fileno(), _PIECE)
            if not piece:
                return
            read += len(piece)
            self.progress(len(piece))
            yield piece
            if read > _MOST_BYTES:
                self._told = "more than 4 GiB at once; what comes after is read next time"
                return
        self._told = f"said nothing for {_LONGEST_SILENCE:.0f} s; what comes after is read next time"

    def _files(self) -> Iterator[str]:
        for folder in _FOLDERS:
            for machine in _listed(self.root, folder):
                yield from (f"{folder}/{machine}/{name}" for name in _listed(self.root, f"{folder}/{machine}") if name.endswith(".journal"))

    def _look_for_closed_files(self) -> None:
        """Whoever is not in the group systemd-journal sees the entries of their own processes only, and is told nothing of that by ``--quiet``."""
        for path in self._files():
            if path.endswith("/system.journal"):
                try:
                    os.close(open_file(self.root, path))
                except PermissionError as error:
                    self.gaps.append(Gap(path, f"{error.strerror}; join the group systemd-journal or run as root"))
                    return
                except OSError:
                    continue  # journalctl will say what is wrong with it


def file_lines(path: str, gaps: list[Gap], progress: Progress = lambda _bytes: None) -> Iterator[bytes]:
    """The lines of a file of entries; ``-`` is standard input.

    :raises OSError: if it cannot be opened.
    """
    with ExitStack() as closing:
        stream: Any = sys.stdin.buffer if path == "-" else closing.enter_context(open(path, "rb"))  # noqa: PTH123 - closed by the stack
        yield from whole_lines(_blocks(stream, path, gaps, progress), gaps, path, last=True)


def _blocks(stream: IO[bytes], path: str, gaps: list[Gap], progress: Progress) -> Iterator[bytes]:
    while True:
        try:
            piece = stream.read1(_PIECE) if hasattr(stream, "read1") else stream.read(_PIECE)
        except OSError as error:
            gaps.append(Gap(path, f"{error.strerror or error}; what comes before was read"))
            return
        if not piece:
            return
        progress(len(piece))
        yield piece


def whole_lines(pieces: Iterator[bytes], gaps: list[Gap], source: str, *, last: bool = False) -> Iterator[bytes]:
    """Lines without their newline. One that is too long is passed over, and told; one that has no end is given only if it is the ``last``."""
    rest, passing, passed = b"", False, 0
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            if not passing and line:
                yield line
            passing = False
        if passing or len(rest) > LONGEST_LINE:
            passed += not passing
            passing, rest = True, b""
    if last and rest and not passing:
        yield rest
    if passed:
        gaps.append(Gap(source, f"{passed} lines of more than {LONGEST_LINE // 1024**2} MiB were passed over"))


def _listed(root: str, folder: str) -> list[str]:
    try:
        return list_directory(root, folder)
    except OSError:  # not there, no directory, or closed: then there is no journal to be read
        return []


def _end(process: Popen[bytes]) -> None:
    if process.poll() is None:
        process.kill()
    if process.stdout is not None:
        process.stdout.close()
    process.wait()
