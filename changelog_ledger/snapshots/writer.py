"""Writing: one ``git fast-import`` takes blobs and commits, for one host or for hundreds.

Blobs go in while files are still being read, so nothing is held in memory. The commits hang on a scratch ref until
:meth:`~changelog_ledger.snapshots.repository.SnapshotRepository.advance` moves the hosts' branches; when the writer is closed everything is
on the disk (``core.fsync=all``).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from changelog_ledger.errors import RepositoryError
from changelog_ledger.model.snapshot import LeftOut
from changelog_ledger.model.topology import checked_name
from changelog_ledger.snapshots.note import SnapshotNote, commit_message
from changelog_ledger.snapshots.objects import checked_id
from changelog_ledger.snapshots.paths import manifest_path, sealed_path, tree_path
from changelog_ledger.snapshots.plumbing import Plumbing, Process

Blob = str
"""A blob to put into a tree: what :meth:`Writer.blob` gave, or the id of one that the repository has."""

REGULAR, EXECUTABLE, LINK = "100644", "100755", "120000"
_MODES = (REGULAR, EXECUTABLE, LINK)
_BLOB = re.compile(r":[0-9]+|[0-9a-f]{40}")
_INCOMING = re.compile(r"[A-Za-z0-9]{1,64}")
_NOT_IN_IDENTITY = re.compile(r"[\x00-\x1f<>\x7f]+")
_LARGE = 64 * 1024


@dataclass(frozen=True, slots=True)
class TreeFile:
    """A file's mode in git (:data:`REGULAR`, :data:`EXECUTABLE` or :data:`LINK`) and content."""

    mode: str
    blob: Blob


@dataclass(frozen=True, slots=True)
class TreeChange:
    """What a commit changes against its parent.

    :ivar written: files by host path.
    :ivar removed: host paths whose content leaves the tree; taken before ``written``, so a directory may become a file.
    :ivar manifests: a directory's manifest file, None to remove it.
    :ivar sealed: sealed originals by host path, None to remove one.
    :ivar entries: how many entries of the manifest were added, changed or removed.
    :ivar files: how many paths that are no directories the snapshot holds, all in all.
    :ivar unread: paths of this capture whose content or listing should be there and is not.
    :ivar left_out: what the snapshot as a whole leaves out by rule, some of it by name; ``left_out_count`` counts all of it.
    """

    written: Mapping[str, TreeFile] = field(default_factory=dict)
    removed: Collection[str] = ()
    manifests: Mapping[str, bytes | None] = field(default_factory=dict)
    sealed: Mapping[str, Blob | None] = field(default_factory=dict)
    entries: int = 0
    files: int = 0
    unread: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    left_out_count: int = 0

    def __bool__(self) -> bool:
        """Whether there is anything to commit."""
        return bool(self.written or self.removed or self.manifests or self.sealed)


@dataclass(frozen=True, slots=True)
class CommitPlan:
    """A commit to be made.

    :ivar parent: the commit it follows: one of the repository, or an earlier one of the same writer; None for a host's first.
    """

    parent: str | None
    note: SnapshotNote
    change: TreeChange


@dataclass(frozen=True, slots=True)
class Incoming:
    """The scratch ref that keeps a writer's commits until the branches have been moved."""

    ref: str
    commit: str


class Writer:
    """A context manager around one ``git fast-import``, which is started by the first blob or commit.

    Leaving it with an exception throws everything away (``sweep`` removes the temporary pack). For one thread.
    """

    def __init__(self, plumbing: Plumbing, incoming_id: str) -> None:
        """:param incoming_id: letters and digits, unique among writers: a ULID.

        :raises RepositoryError: if it is something else.
        """
        if not _INCOMING.fullmatch(incoming_id):
            raise RepositoryError(f"{incoming_id!r} cannot name a scratch ref")
        self._plumbing = plumbing
        self._ref = f"refs/incoming/{incoming_id}"
        self._process: Process | None = None
        self._marks = 0
        self._commits: dict[str, int] = {}
        self._heads: dict[str, int] = {}
        self._last = ""
        self.incoming: Incoming | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self.close()
        elif self._process is not None:
            self._process.kill()
            self._process = None

    def blob(self, data: bytes) -> Blob:
        """Store ``data``; the answer names it in a plan of this writer.

        :raises RepositoryError: if git fails.
        """
        mark = self._mark()
        self._send(b"blob\nmark :%d\ndata %d\n" % (mark, len(data)), data, b"\n")
        return f":{mark}"

    def commit(self, plan: CommitPlan) -> str:
        """Make a commit; its id. It is durable once the writer is closed, and reachable once a branch has been moved to it.

        :raises RepositoryError: if git fails or the plan names something that is not there.
        :raises InvalidInput: if a path in the plan is no host path.
        """
        host = checked_name(plan.note.host)
        mark = self._mark()
        if plan.parent is None and self._commits:
            self._send(b"reset %s\n\n" % self._ref.encode())  # a root commit must not continue the one before
        self._send(self._head(mark, plan.note), self._parent(plan.parent), *_changes(plan.change), b"\n")
        commit = self._id_of(mark)
        self._commits[commit] = mark
        self._heads[host] = mark
        self._last = commit
        return commit

    def close(self) -> None:
        """Wait until git has everything on the disk. Without a blob or commit nothing happens.

        :raises RepositoryError: if git fails; then nothing of this writer is in the repository.
        """
        if self._process is None:
            return
        if len(self._heads) > 1:
            self._anchor()
        self._send(b"done\n")
        process, self._process = self._process, None
        process.finish()
        if self._last:
            self.incoming = Incoming(self._ref, self._last)

    def _anchor(self) -> None:
        """One commit whose parents are all hosts' last ones: a single scratch ref then keeps them all, where one each would be slow."""
        mark = self._mark()
        first, *others = self._heads.values()
        merges = b"".join(b"merge :%d\n" % other for other in others)
        header = b"commit %s\nmark :%d\ncommitter ledger <> 0 +0000\ndata 8\nincoming\nfrom :%d\n" % (self._ref.encode(), mark, first)
        self._send(header, merges, b"deleteall\n\n")
        self._last = self._id_of(mark)

    def _head(self, mark: int, note: SnapshotNote) -> bytes:
        person = _NOT_IN_IDENTITY.sub(" ", note.actor).strip(" .,:;\"'") or "ledger"
        when = int(note.at.timestamp())
        identity = f"{person} <> {when} +0000".encode("utf-8", "backslashreplace")
        message = commit_message(note)
        return b"commit %s\nmark :%d\nauthor %s\ncommitter %s\ndata %d\n%s\n" % (self._ref.encode(), mark, identity, identity, len(message), message)

    def _parent(self, parent: str | None) -> bytes:
        if parent is None:
            return b""
        mark = self._commits.get(parent)  # git finds a commit of a pack that is still being written by its mark only
        return b"from %s\n" % (checked_id(parent).encode() if mark is None else b":%d" % mark)

    def _id_of(self, mark: int) -> str:
        self._send(b"get-mark :%d\n" % mark)
        process = self._running()
        try:
            process.stdin.flush()
        except BrokenPipeError as error:
            raise self._failure() from error
        answer = process.stdout.readline()
        if not answer.endswith(b"\n"):
            raise self._failure()
        return answer.decode().strip()

    def _mark(self) -> int:
        self._marks += 1
        return self._marks

    def _send(self, *parts: bytes) -> None:
        process = self._running()
        try:
            if sum(map(len, parts)) < _LARGE:
                process.stdin.write(b"".join(parts))
            else:
                process.stdin.writelines(parts)
        except BrokenPipeError as error:
            raise self._failure() from error

    def _failure(self) -> RepositoryError:
        process, self._process = self._running(), None
        return process.failure()

    def _running(self) -> Process:
        if self._process is None:
            # --done: a stream that breaks off (a killed ledger) is an error and leaves no ref. --depth=0: deltas are the repack's business.
            self._process = self._plumbing.start("fast-import", "--quiet", "--done", "--date-format=raw", "--depth=0")
        return self._process


def _changes(change: TreeChange) -> list[bytes]:
    """The lines of one commit; removals first."""
    gone = [tree_path(path) for path in change.removed]
    gone += [sealed_path(path) for path, blob in change.sealed.items() if blob is None]
    gone += [manifest_path(directory) for directory, data in change.manifests.items() if data is None]
    lines = [b"D %s\n" % _quoted(path) for path in gone]
    lines += [_line(tree_path(path), file) for path, file in change.written.items()]
    lines += [_line(sealed_path(path), TreeFile(REGULAR, blob)) for path, blob in change.sealed.items() if blob is not None]
    for directory, data in change.manifests.items():
        if data is not None:
            lines.append(b"M 100644 inline %s\ndata %d\n%s\n" % (_quoted(manifest_path(directory)), len(data), data))
    return lines


def _line(path: bytes, file: TreeFile) -> bytes:
    if file.mode not in _MODES or not _BLOB.fullmatch(file.blob):
        raise RepositoryError(f"cannot put {file} into a tree")
    return b"M %s %s %s\n" % (file.mode.encode(), file.blob.encode(), _quoted(path))


def _quoted(path: bytes) -> bytes:
    """As git-fast-import(1) wants it: a line feed or a leading double quote needs C quoting."""
    if b"\n" not in path and not path.startswith(b'"'):
        return path
    return b'"' + path.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n") + b'"'
