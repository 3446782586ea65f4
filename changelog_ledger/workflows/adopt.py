"""``adopt``: an etckeeper or Oxidized history becomes snapshots, every commit one, with its time, author, message and deltas.

The data's way: commits → what each changes → redact → one ``git fast-import`` → the hosts' branches → deltas → facts. As with a snapshot, a
crash leaves at most commits without facts, which the next run, the next snapshot or ``repair`` records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from changelog_ledger.errors import InvalidInput, InvalidTarget
from changelog_ledger.model.adoption import Adoption
from changelog_ledger.model.fact import Fact
from changelog_ledger.model.identifiers import ulid
from changelog_ledger.model.snapshot import Snapshot
from changelog_ledger.model.times import shown_instant
from changelog_ledger.snapshots.foreign import ChangedItem, ForeignRepository, History
from changelog_ledger.snapshots.foreign_objects import ForeignCommit
from changelog_ledger.snapshots.note import SnapshotNote
from changelog_ledger.snapshots.repository import BranchMove, SnapshotRepository
from changelog_ledger.snapshots.writer import CommitPlan, Writer
from changelog_ledger.sources.etckeeper import FILE_NAME
from changelog_ledger.workflows.adopt_books import OWN_FILES, Books
from changelog_ledger.workflows.adopt_branches import Branch, branch_of, key_of
from changelog_ledger.workflows.adopt_files import Captor, Edit
from changelog_ledger.workflows.adopt_layout import Layout, Place, hosts_by_path, one_host
from changelog_ledger.workflows.adopt_order import STEP, in_order
from changelog_ledger.workflows.masking import FileStore
from changelog_ledger.workflows.take_snapshot import move_branches, snapshot_deltas, snapshot_fact
from changelog_ledger.workflows.workspace import Workspace

Progress = Callable[[int], None]
"""Called with how many steps were done since the last call: each commit is one when it is read and one when it is recorded."""

_RECORDED_AT_ONCE = 200
_SHOWN = timedelta(seconds=1)  # git's times are whole seconds: what was moved by less was not moved


def adopt(
    workspace: Workspace,
    repository: str | Path,
    *,
    host: str = "",
    host_from_path: str = "",
    prefix: str | None = None,
    branch: str = "",
    progress: Progress = lambda _done: None,
) -> Adoption:
    """Record the commits of a foreign repository as snapshots. What is recorded already is passed over, so it can be repeated.

    :param host: whose files they are; or else
    :param host_from_path: where in its path a file's host is named: see :func:`~changelog_ledger.workflows.adopt_layout.hosts_by_path`.
    :param prefix: the host's folder that the repository's top stands for; ``/etc`` where etckeeper made it, else ``/``.
    :param branch: the branch to follow; what is checked out if empty.
    :raises InvalidInput: if there is no repository, or the options do not fit.
    :raises NotFound: if there is no such branch, or no commit.
    :raises InvalidTime: if no commit has a time that can be believed.
    :raises OutOfOrder: if a host has other snapshots.
    :raises BranchMoved: if somebody took a snapshot of one of the hosts meanwhile.
    :raises RepositoryError: if the repository is damaged or incomplete.
    """
    if bool(host) == bool(host_from_path):
        raise InvalidInput("whose files are these?", "give either --host NAME or --host-from-path PATTERN")
    with ForeignRepository.open(Path(repository)) as source, workspace.locks.repository_shared():
        history = source.history(source.tip(branch))
        keeps_books = bool(host) and source.find(history.commits[-1].tree, FILE_NAME) is not None
        usual = "/etc" if keeps_books or (host and source.work_tree == Path("/etc")) else "/"
        folder = usual if prefix is None else prefix
        layout = one_host(host, folder) if host else hosts_by_path(host_from_path, folder)
        adopter = _Adopter(workspace, source, layout, Books(source, kept=keeps_books), history)
        snapshots = adopter.committed(progress)
        _record(workspace, snapshots, adopter.keys, progress)
        return adopter.result(snapshots)


@dataclass
class _Adopter:
    """One run over a history."""

    workspace: Workspace
    source: ForeignRepository
    layout: Layout
    books: Books
    history: History
    branches: dict[str, Branch] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    owners: dict[Place, bytes] = field(default_factory=dict)
    bent: int = 0

    def __post_init__(self) -> None:
        self.captor = Captor(self.workspace, self.source, self.books, self.layout.prefix)
        self.places = {commit.id: place for place, commit in enumerate(self.history.commits)}

    def committed(self, progress: Progress) -> list[Snapshot]:
        """The new snapshots, durable and on their hosts' branches, in the order of the history."""
        times = in_order([commit.at for commit in self.history.commits], self.workspace.now())
        begin = self._branch(self.layout.host).start if self.layout.host else 0
        if begin:
            self._check_prefix(self.history.commits[begin - 1].tree)
            self.books.open_at(self.history.commits[begin - 1].tree)
        made: list[Snapshot] = []
        with self.workspace.repository.writer(ulid(self.workspace.now(), self.workspace.entropy(10))) as writer:
            store = FileStore(self.workspace, writer)
            for place in range(begin, len(self.history.commits)):
                made += self._snapshots(writer, store, place, times[place])
                progress(1)
        self._add_hosts()
        moves = [BranchMove(branch.host, branch.begun_at, new) for branch in self.branches.values() if (new := branch.new_tip)]
        if moves:
            move_branches(self.workspace, moves, writer.incoming)
        return made

    def result(self, made: Sequence[Snapshot]) -> Adoption:
        """What is told of the run."""
        recovered = sum(branch.recovered for branch in self.branches.values())
        hosts = sorted({snapshot.host for snapshot in made})
        moments = [snapshot.at for snapshot in made]
        refused = {path.decode("utf-8", "backslashreplace"): "no file can be so" for path in self.source.refused}
        return Adoption(
            commits=len(self.history.commits),
            snapshots=len(made) + recovered,
            recovered=recovered,
            hosts=tuple(hosts),
            added=tuple(self.added),
            first=min(moments, default=None),
            last=max(moments, default=None),
            bent=self.bent,
            is_cut=self.history.is_cut,
            left_out=self.left_out | refused,
        )

    def _snapshots(self, writer: Writer, store: FileStore, place: int, at: datetime) -> Iterator[Snapshot]:
        """The snapshots of one commit: one of each host that it touches."""
        commit = self.history.commits[place]
        before = self.history.commits[place - 1].tree if place else None
        items = list(self.source.changed(before, commit.tree))
        altered = self.books.update({item.path: item.item.id if item.item else None for item in items if b"/" not in item.path})
        for host, edits in self._by_host(items).items():
            branch = self._branch(host)
            if place >= branch.start:
                branch.check()
                yield self._snapshot(writer, store, branch, commit, edits, altered, at)

    def _snapshot(
        self, writer: Writer, store: FileStore, branch: Branch, commit: ForeignCommit, edits: Sequence[Edit], altered: Iterable[bytes], at: datetime
    ) -> Snapshot:
        last = branch.last
        moment = max(at, last.at + STEP) if last else at
        change = self.captor.change(store, branch.manifest, edits, commit.tree, altered)
        note = SnapshotNote(
            id=ulid(self.workspace.now(), self.workspace.entropy(10)),
            host=branch.host,
            at=moment,
            reason=self._reason(commit, moment),
            actor=self.workspace.masked_text(commit.author) or "unknown",
            files=change.files,
            unread=change.unread,
            key=key_of(commit.id, branch.host),
            left_out=change.left_out,
            left_out_count=change.left_out_count,
        )
        identity = writer.commit(CommitPlan(branch.manifest.commit, note, change))  # also where nothing differs: every commit is a snapshot
        branch.manifest = branch.manifest.followed_by(identity, note, change.manifests)
        branch.last = note.snapshot(identity, last.commit if last else None, last.at if last else None)
        self.keys[note.id] = note.key
        return branch.last

    def _reason(self, commit: ForeignCommit, at: datetime) -> str:
        """The message, without secrets; and the time that the commit claims, where it is another."""
        message = self.workspace.masked_text(commit.message)
        if commit.at is not None and abs(at - commit.at) < _SHOWN:
            return message
        self.bent += 1
        claimed = shown_instant(commit.at) if commit.at else "no time"
        return f"{message}\n\n(its clock said {claimed}, which is out of order)".strip()

    def _check_prefix(self, tree: str) -> None:
        """What was adopted before must lie where it would lie now."""
        manifest = self._branch(self.layout.host).manifest
        paths = [place.path for item in self.source.changed(None, tree) if (place := self.layout.place(item.path))]
        if paths and not any(manifest.entry(path) for path in paths):
            raise InvalidInput(
                f"{self.layout.host} was adopted below another folder than {self.layout.prefix or '/'}", "give the same --prefix again"
            )

    def _by_host(self, items: Iterable[ChangedItem]) -> dict[str, list[Edit]]:
        edits: dict[str, list[Edit]] = {self.layout.host: []} if self.layout.host else {}
        for item in items:
            if self.books.kept and item.path in OWN_FILES:
                continue
            try:
                place = self.layout.place(item.path)
                why = "does not fit the pattern" if place is None else self._taken_by(place, item)
            except InvalidTarget as error:
                place, why = None, error.message
            if place is not None and not why:
                edits.setdefault(place.host, []).append(Edit(place.path, item.path, item.item))
            elif item.item is not None:
                self.left_out[item.path.decode("utf-8", "backslashreplace")] = why
        return edits

    def _taken_by(self, place: Place, item: ChangedItem) -> str:
        """Why a path cannot be a host's: another one is the same there. (With one host, paths are as different as in the repository.)"""
        if self.layout.host:
            return ""
        owner = self.owners.setdefault(place, item.path)
        if owner != item.path:
            return f"{owner.decode('utf-8', 'backslashreplace')} is the same file of {place.host}"
        if item.item is None:
            del self.owners[place]
        return ""

    def _branch(self, host: str) -> Branch:
        if host not in self.branches:
            self.branches[host] = branch_of(self.workspace, host, self.places)
        return self.branches[host]

    def _add_hosts(self) -> None:
        """Hosts that nobody has added yet become known before their branches do: a crash must not leave snapshots of nobody."""
        grown = [branch.host for branch in self.branches.values() if branch.new_tip]
        with self.workspace.store.reading() as view:
            self.added = [host for host in grown if view.topology.host(host) is None]
        self.workspace.store.append([_host_fact(self.workspace, host) for host in self.added])


def _host_fact(workspace: Workspace, host: str) -> Fact:
    return workspace.fact("host", {"name": host, "tags": [], "attrs": {}}, ref=f"implied:{host}")


def _record(workspace: Workspace, snapshots: Sequence[Snapshot], keys: Mapping[str, str], progress: Progress) -> None:
    """Facts and deltas, some hundred at a time; each with a reader of its own, for it keeps the trees that it has read."""
    remaining = iter(snapshots)
    while batch := list(islice(remaining, _RECORDED_AT_ONCE)):
        with SnapshotRepository.open(workspace.repository.path) as reader:
            deltas = {}
            for snapshot in batch:
                deltas[snapshot.id] = snapshot_deltas(reader, snapshot.previous, snapshot.commit, workspace.settings.format_rules)
                progress(1)
        facts = [snapshot_fact(workspace, snapshot, keys[snapshot.id]) for snapshot in batch]
        workspace.store.append(facts, deltas=deltas)
