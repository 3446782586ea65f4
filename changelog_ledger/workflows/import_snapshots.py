"""Snapshot lines of an import become commits: all of them by one git process, all branches moved at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256

from changelog_ledger.errors import BranchMoved, InvalidFact, InvalidInput
from changelog_ledger.model.evidence import Delta
from changelog_ledger.model.fact import Fact
from changelog_ledger.model.identifiers import ulid
from changelog_ledger.model.snapshot import UNSEEN, FileEntry, FileType, Phase, Snapshot
from changelog_ledger.model.state import is_state
from changelog_ledger.snapshots.note import SnapshotNote
from changelog_ledger.snapshots.plan import edit_change
from changelog_ledger.snapshots.repository import BranchMove, Leftover
from changelog_ledger.snapshots.sweeping import LeftoverKind
from changelog_ledger.snapshots.writer import CommitPlan, Incoming, Writer
from changelog_ledger.store.interchange import ReadLine, SnapshotLine
from changelog_ledger.workflows.collect_state import state_entry
from changelog_ledger.workflows.masking import FileStore
from changelog_ledger.workflows.take_snapshot import adopt_orphans, move_branches, snapshot_deltas, snapshot_fact
from changelog_ledger.workflows.workspace import Workspace

Recorded = tuple[Fact, Sequence[Delta]]


@dataclass(frozen=True)
class _Made:
    """A snapshot in git and the line that it comes from."""

    read: ReadLine
    snapshot: Snapshot


def commit_snapshots(workspace: Workspace, lines: Sequence[ReadLine]) -> list[Recorded]:
    """The facts and deltas of snapshot lines, in their order; the commits are durable and on their hosts' branches.

    Each round makes one commit of every host, since a commit can be read only when the process that wrote it has ended. The branches move
    at the very end, in one transaction: a line that is refused leaves nothing behind.

    :raises InvalidFact: naming a line whose files cannot be.
    :raises BranchMoved: if somebody took a snapshot of one of the hosts meanwhile.
    """
    begun = _last_snapshots(workspace, lines)
    last = dict(begun)
    made: dict[int, _Made] = {}
    with ExitStack() as cleanup:
        cleanup.enter_context(workspace.locks.repository_shared())
        scratch = _Scratch(workspace)
        cleanup.callback(scratch.sweep)
        for round_lines in _rounds(lines):
            for done in _round(workspace, scratch, round_lines, last):
                made[done.read.number] = done
                last[done.snapshot.host] = done.snapshot
        moves = [
            BranchMove(host, before.commit if before else None, after.commit)
            for host, before in begun.items()
            if (after := last[host]) is not None and after.commit != (before.commit if before else None)
        ]
        if moves:
            move_branches(workspace, moves)
    return [_recorded(workspace, made[read.number]) for read in lines]


def _recorded(workspace: Workspace, made: _Made) -> Recorded:
    snapshot = made.snapshot
    fact = snapshot_fact(workspace, snapshot, ref=_key(made.read), expected=_line(made.read).expected)
    return fact, snapshot_deltas(workspace.repository, snapshot.previous, snapshot.commit, workspace.settings.format_rules)


class _Scratch:
    """The scratch refs of the rounds, which keep the commits until the branches have moved."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._incoming: list[Incoming] = []

    def keep(self, incoming: Incoming | None) -> None:
        if incoming is not None:
            self._incoming.append(incoming)

    def sweep(self) -> None:
        now = self._workspace.now()
        with self._workspace.locks.branches():
            self._workspace.repository.sweep([Leftover(LeftoverKind.INCOMING, entry.ref, now, entry.commit) for entry in self._incoming])


def adopt_left_behind(workspace: Workspace, lines: Sequence[ReadLine]) -> None:
    """Record what a process that died had left on the branches of these lines' hosts: it may have been this very import."""
    for host in dict.fromkeys(read.line.host for read in lines if isinstance(read.line, SnapshotLine)):
        with workspace.locks.host(host):
            adopt_orphans(workspace, host)


def _last_snapshots(workspace: Workspace, lines: Sequence[ReadLine]) -> dict[str, Snapshot | None]:
    hosts = dict.fromkeys(_line(read).host for read in lines)
    with workspace.store.reading() as view:
        return {host: view.evidence.last_snapshot(host) for host in hosts}


def _rounds(lines: Sequence[ReadLine]) -> Iterator[list[ReadLine]]:
    """The first snapshot of every host, then the second of every host that has one, and so on."""
    rounds: list[list[ReadLine]] = []
    counts: dict[str, int] = {}
    for read in lines:
        host = _line(read).host
        place = counts.get(host, 0)
        counts[host] = place + 1
        if place == len(rounds):
            rounds.append([])
        rounds[place].append(read)
    return iter(rounds)


def _round(workspace: Workspace, scratch: _Scratch, lines: Sequence[ReadLine], last: dict[str, Snapshot | None]) -> list[_Made]:
    made = []
    with workspace.repository.writer(ulid(workspace.now(), workspace.entropy(10))) as writer:
        for read in lines:
            try:
                made.append(_Made(read, _snapshot(workspace, writer, read, last[_line(read).host])))
            except InvalidInput as error:
                raise InvalidFact(error.message, error.hint, line=read.number) from error
    scratch.keep(writer.incoming)
    return made


def _snapshot(workspace: Workspace, writer: Writer, read: ReadLine, last: Snapshot | None) -> Snapshot:
    line = _line(read)
    if last is not None and line.at <= last.at:  # taken since the lines were checked
        raise BranchMoved(f"a snapshot of {line.host} was taken meanwhile", "run the import again")
    previous = workspace.repository.manifest_of(last.commit if last else None)
    store = FileStore(workspace, writer)
    contents = {path: text.encode("utf-8", "surrogateescape") for path, text in line.files.items() if text is not None}
    befores = {path: previous.entry(path) for path in contents}
    taken = [store.stored(_entry(befores[path], path, content), content, befores[path]) for path, content in contents.items()]
    change = edit_change(previous, taken, [path for path, text in line.files.items() if text is None])
    identity = line.id or ulid(workspace.now(), workspace.entropy(10))
    phase = Phase(line.phase) if line.phase else None
    actor = line.actor or workspace.actor
    note = SnapshotNote(
        identity,
        line.host,
        line.at,
        workspace.masked_text(line.reason),
        line.change,
        phase,
        actor,
        change.files,
        key=_key(read),
        left_out=change.left_out,
        left_out_count=change.left_out_count,
    )
    commit = writer.commit(CommitPlan(previous.commit, note, change))  # also where nothing differs: a crash must not lose a line in the middle
    return note.snapshot(commit, last.commit if last else None, last.at if last else None)


def _entry(before: FileEntry | None, path: str, content: bytes) -> FileEntry:
    """A file of which only the content was told: the rest is as it was, or as it usually is."""
    if is_state(path):
        return state_entry(path, content)
    return FileEntry(
        path=path,
        type=FileType.FILE,
        mode=before.mode if before else 0o644,
        uid=before.uid if before else 0,
        gid=before.gid if before else 0,
        owner=before.owner if before else "root",
        group=before.group if before else "root",
        size=len(content),
        sha256=sha256(content).hexdigest(),
        attributes=before.attributes if before else (),
        assumed=before.assumed if before else UNSEEN,
    )


def _key(read: ReadLine) -> str:
    return read.key.partition(":")[2]


def _line(read: ReadLine) -> SnapshotLine:
    assert isinstance(read.line, SnapshotLine)
    return read.line
