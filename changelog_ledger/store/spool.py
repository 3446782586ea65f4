"""The spool: where facts lie while the database is away. JSON Lines, one complete fact a line, one file a writing process.

A line is written with one append to a file that nobody else writes to (``O_APPEND|O_CREAT|O_EXCL``, mode 0600; open(2)), and is on the disk before
the writer goes on (fsync(2)). Writer and merger agree by ``flock`` on the file: a merger leaves a file alone that is being written to, a writer whose
file has been merged begins another one.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from changelog_ledger.errors import HomeError, InvalidTime
from changelog_ledger.model.fact import Fact, canonical
from changelog_ledger.model.spool import Waiting
from changelog_ledger.model.times import format_instant, parse_instant

SUFFIX = ".jsonl"
TORN_SUFFIX = ".torn"
_TEXTS = ("id", "kind", "key", "actor")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class Place:
    """A folder that may hold spool files.

    :ivar owners: whose it may be: what anybody else put there is not trusted.
    :ivar within: a file that has to be there for the folder to be made, which then lies in a folder that is there: a disk that is not mounted is no
        place. None where the folder is made with whatever lies above it.
    """

    folder: Path
    owners: frozenset[int]
    within: Path | None = None


@dataclass(frozen=True, slots=True)
class SpoolFile:
    """A file of the spool, as it was read.

    :ivar waiting: its facts, in the order in which they were written.
    :ivar unread: lines that are no facts, as they stand.
    :ivar torn: what stands behind the last line's end: its writer was killed.
    """

    path: Path
    waiting: tuple[Waiting, ...]
    unread: tuple[bytes, ...] = ()
    torn: bytes = b""


@dataclass(frozen=True)
class Spool:
    """The spool of one home.

    :param places: where files may lie, the best place first.
    """

    places: tuple[Place, ...]
    _mine: dict[tuple[int, Path], Path] = field(default_factory=dict)

    def add(self, facts: Sequence[Fact]) -> Path:
        """Write facts down, in the first place that takes them; the file.

        :raises HomeError: if no place does.
        """
        data = b"".join(line_of(Waiting(fact)) for fact in facts)
        troubles = []
        for place in self.places:
            try:
                _make_private(place)
                return self._written(place.folder, f"{facts[0].id}{SUFFIX}", data)
            except OSError as error:
                troubles.append(f"{place.folder}: {error.strerror or error}")
        hint = "make room, or set XDG_STATE_HOME to a folder on another disk"
        raise HomeError(f"the spool cannot be written to either ({'; '.join(troubles)})", hint)

    @property
    def is_empty(self) -> bool:
        """Whether no file waits: a look into a few folders, nothing is opened."""
        return not any(self._names(place) for place in self.places)

    def waiting(self) -> tuple[Waiting, ...]:
        """Every fact that waits, in the order to merge them in. Files are read as they are; one may be growing.

        A file that cannot be read is left out: a merge says so.
        """
        files = []
        for path in self.paths():
            with suppress(OSError):
                files.append(read_spool_file(path))
        return in_order(files)

    def paths(self) -> list[Path]:
        """The files that wait, the oldest first."""
        return sorted((place.folder / name for place in self.places for name in self._names(place)), key=lambda path: path.name)

    @contextmanager
    def held(self, path: Path) -> Iterator[SpoolFile | None]:
        """A file, held for the length of the ``with`` so that nobody writes to it; None if somebody does just now, or it is gone.

        :raises OSError: if it cannot be read: that is not the same as that nothing is in it.
        """
        descriptor = _held(path)
        if descriptor is None:
            yield None
            return
        try:
            yield _parsed(path, _content(descriptor))
        finally:
            os.close(descriptor)

    def settle(self, file: SpoolFile, kept: Sequence[Waiting]) -> Path | None:
        """After a merge of a held file: what is kept stays, half a line goes to a file of its own (which is returned), the rest is gone.

        :raises OSError: if that cannot be written; then the file is as it was, and the next merge passes over what is recorded.
        """
        aside = None
        if file.torn:
            aside = file.path.with_suffix(TORN_SUFFIX)
            _append(aside, file.torn, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        left = b"".join([*(line_of(waiting) for waiting in kept), *file.unread])
        if not left:
            file.path.unlink(missing_ok=True)
        elif file.torn or tuple(kept) != file.waiting:
            _replace(file.path, left)
        return aside

    def _written(self, folder: Path, name: str, data: bytes) -> Path:
        mine = self._mine.get((os.getpid(), folder))  # a forked child is another writer
        if mine is not None and _append(mine, data, os.O_WRONLY | os.O_APPEND):
            return mine
        path = folder / name
        while not _append(path, data, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL):  # merged while it was still empty
            pass
        _sync_folder(folder)
        self._mine[os.getpid(), folder] = path
        return path

    def _names(self, place: Place) -> list[str]:
        """The spool files of a place; those of other people are not looked at."""
        try:
            with os.scandir(place.folder) as found:
                names = [entry.name for entry in found if entry.name.endswith(SUFFIX) and _ours(entry.stat(follow_symlinks=False), place.owners)]
            return names if names and _is_private(place) else []
        except OSError:
            return []


def line_of(waiting: Waiting) -> bytes:
    """A fact as a line of a spool file."""
    fact = waiting.fact
    value = {name: getattr(fact, name) for name in _TEXTS} | {"body": fact.data}
    value |= {"occurred_at": format_instant(fact.occurred_at), "recorded_at": format_instant(fact.recorded_at)}
    if waiting.reason:
        value["reason"] = waiting.reason
    return canonical(value) + b"\n"


def read_spool_file(path: Path) -> SpoolFile:
    """The facts of a file. What is none stays as it is: nothing is lost by reading.

    :raises OSError: if it is there and cannot be read.
    """
    try:
        return _parsed(path, path.read_bytes())
    except FileNotFoundError:  # merged by somebody else this moment
        return SpoolFile(path, ())


def _parsed(path: Path, data: bytes) -> SpoolFile:
    whole, _, torn = data.rpartition(b"\n")
    waiting: list[Waiting] = []
    unread: list[bytes] = []
    for text in whole.split(b"\n") if whole else ():
        try:
            waiting.append(_waiting(text, path))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, InvalidTime):
            unread.append(text + b"\n")
    return SpoolFile(path, tuple(waiting), tuple(unread), torn)


def in_order(files: Sequence[SpoolFile]) -> tuple[Waiting, ...]:
    """The facts of several files, by the time they were written down. Within a file their order stands, even where a clock was set back."""
    keyed = []
    for file in files:
        latest = None
        for number, waiting in enumerate(file.waiting):
            latest = max(latest, waiting.fact.recorded_at) if latest else waiting.fact.recorded_at
            keyed.append(((latest, file.path.name, number), waiting))
    return tuple(waiting for _, waiting in sorted(keyed, key=lambda entry: entry[0]))


def _waiting(text: bytes, path: Path) -> Waiting:
    value = json.loads(text)
    texts = {name: value[name] for name in _TEXTS}
    if not all(isinstance(each, str) for each in texts.values()) or not isinstance(value["body"], dict):
        raise TypeError
    occurred, recorded = parse_instant(value["occurred_at"]), parse_instant(value["recorded_at"])
    fact = Fact(**texts, occurred_at=occurred, recorded_at=recorded, body=canonical(value["body"]))
    return Waiting(fact, str(value.get("reason", "")), str(path))


def _make_private(place: Place) -> None:
    if place.within is not None:
        place.within.stat()
    place.folder.mkdir(mode=0o700, parents=place.within is None, exist_ok=True)
    if not _is_private(place):
        raise OSError(errno.EPERM, "it belongs to somebody else, or others may write to it")


def _is_private(place: Place) -> bool:
    status = place.folder.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid in place.owners and not status.st_mode & _OTHERS


def _ours(status: os.stat_result, owners: frozenset[int]) -> bool:
    return stat.S_ISREG(status.st_mode) and status.st_uid in owners and not status.st_mode & _OTHERS


def _append(path: Path, data: bytes, flags: int) -> bool:
    """Append to a file and wait for the disk. False if it is not there (any more) or a merger holds it; nothing is written then.

    :raises OSError: if it cannot be written; then the file ends where it did before.
    """
    try:
        descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except FileNotFoundError:
        if flags & os.O_CREAT:
            raise
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        status = os.fstat(descriptor)
        if not status.st_nlink:
            return False
        _write(path, descriptor, data, status.st_size)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def _write(path: Path, descriptor: int, data: bytes, end: int) -> None:
    try:
        left = memoryview(data)
        while left:
            left = left[os.write(descriptor, left) :]
        os.fsync(descriptor)
    except OSError:
        with suppress(OSError):
            os.ftruncate(descriptor, end)
            if not end:
                path.unlink()
        raise


def _replace(path: Path, data: bytes) -> None:
    """The file with other content, in one step."""
    temporary = path.with_suffix(".new")
    temporary.unlink(missing_ok=True)  # of a merger that was killed: only one merges at a time
    _append(temporary, data, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    temporary.replace(path)
    _sync_folder(path.parent)


def _held(path: Path) -> int | None:
    """A descriptor of a file that nobody writes to, locked; None if somebody does, or it is gone."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _content(descriptor: int) -> bytes:
    with open(descriptor, "rb", closefd=False) as opened:
        return opened.read()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
