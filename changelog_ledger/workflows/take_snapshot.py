"""``snapshot``: what is on the host now becomes a commit and a fact.

The data's way: survey → read what changed → redact → blobs → commit → the host's branch → deltas → fact. In this order a crash leaves at
most a commit without a fact, which the next snapshot or ``repair`` adopts; never a fact without its commit.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from itertools import chain
from posixpath import basename
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from changelog_ledger.errors import InvalidTime, LedgerError, OutOfOrder, RepositoryError, SnapshotError
from changelog_ledger.model.evidence import Delta
from changelog_ledger.model.fact import Fact
from changelog_ledger.model.identifiers import ulid
from changelog_ledger.model.rules import FormatRule
from changelog_ledger.model.snapshot import Phase, Snapshot
from changelog_ledger.model.state import is_state, without_state
from changelog_ledger.model.times import format_instant, shown_instant, utc
from changelog_ledger.snapshots import stat_cache
from changelog_ledger.snapshots.committed import CommittedManifest
from changelog_ledger.snapshots.note import SnapshotNote
from changelog_ledger.snapshots.paths import ancestors, is_within
from changelog_ledger.snapshots.plan import Seen, tree_change
from changelog_ledger.snapshots.repository import BranchMove, Leftover, SnapshotRepository
from changelog_ledger.snapshots.sweeping import LeftoverKind
from changelog_ledger.snapshots.writer import CommitPlan, Incoming, TreeChange
from changelog_ledger.sources.files import CapturedFile, Survey, read_changed, survey
from changelog_ledger.sources.patterns import escaped, is_glob, path_test
from changelog_ledger.workflows.collect_state import collected_state, is_own_machine, refuse_elsewhere, state_files
from changelog_ledger.workflows.collector import without_collector
from changelog_ledger.workflows.expected_arrivals import expected_among
from changelog_ledger.workflows.keyed_digest import keyed_digest
from changelog_ledger.workflows.masking import REDACTION_VERSION, FileStore, sealed_for
from changelog_ledger.workflows.workspace import CACHE_FOLDER, Workspace

if TYPE_CHECKING:
    from changelog_ledger.sources.state.collecting import Collected

Progress = Callable[[int], None]
"""Called with the number of files done since the last call."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be captured.

    :ivar paths: only these and what lies below them (``@state`` and ``@state/NAME`` among them); the home's watch list if empty.
    :ivar root: the directory that stands for ``/``: an image, a mount, a test.
    """

    host: str
    paths: tuple[str, ...] = ()
    root: str = "/"
    at: datetime | None = None
    reason: str = ""
    change: str = ""
    phase: Phase | None = None


def take_snapshot(
    workspace: Workspace,
    host: str | None = None,
    *,
    paths: Sequence[str] = (),
    root: str = "/",
    at: datetime | None = None,
    reason: str = "",
    change: str = "",
    phase: Phase | None = None,
    progress: Progress = lambda _done: None,
) -> Snapshot:
    """Record what the watched files of a host hold. Nothing new: no commit, but the fact that they were looked at.

    :param host: this machine if None.
    :param at: when the files were so; now if None. A host's snapshots stay in the order of time.
    :param change: the change that what is found belongs to.
    :raises NotFound: if there is no such host or change.
    :raises OutOfOrder: if the host has a later snapshot.
    :raises SnapshotError: if none of the paths exists.
    """
    name = host or workspace.settings.host
    _known_host(workspace, name)
    request = Request(name, tuple(paths), root, at, reason, _change_id(workspace, change), phase)
    try:
        with workspace.locks.repository_shared(), workspace.locks.host(name), without_collector():
            return _taken(workspace, request, progress)
    except (RepositoryError, OSError):
        _tidied(workspace)
        raise


def _tidied(workspace: Workspace) -> None:
    """Remove what a failed writer left, if nobody else writes: on a full disk a half written pack would keep everybody from recording anything."""
    with suppress(LedgerError, OSError), workspace.locks.repository_alone(patience=1):
        workspace.repository.sweep(workspace.repository.leftovers())


def _known_host(workspace: Workspace, name: str) -> None:
    if not workspace.snapshot_books.has_host(name):
        from changelog_ledger.workflows.topology import known_host

        with workspace.store.reading() as view:
            known_host(view, name)


def _change_id(workspace: Workspace, change: str) -> str:
    if not change:
        return ""
    with workspace.store.reading() as view:
        return view.changes.find(change).id


def _taken(workspace: Workspace, request: Request, progress: Progress) -> Snapshot:
    repository = workspace.repository
    adopt_orphans(workspace, request.host)
    last = workspace.snapshot_books.last_snapshot(request.host)
    at = _in_order(workspace, request, last)
    previous = repository.manifest_of(last.commit if last else None)
    identity = ulid(workspace.now(), workspace.entropy(10))
    note = SnapshotNote(identity, request.host, at, workspace.masked_text(request.reason), request.change, request.phase, workspace.actor)
    state = collected_state(workspace, _state_watched(workspace, request, request.paths or workspace.settings.watch))
    _record_expired(workspace, request.host, state, last, at)
    commit, note = _committed(workspace, request, state, previous, note, progress)
    snapshot = note.snapshot(commit, last.commit if last else None, last.at if last else None)
    record_snapshots(workspace, [snapshot])
    return snapshot


def _record_expired(workspace: Workspace, host: str, state: Sequence[Collected], last: Snapshot | None, at: datetime) -> None:
    """What ended by itself since the last snapshot. First of all: a snapshot that is recorded shows that this was done."""
    if not state:
        return
    from changelog_ledger.workflows.expired_certificates import COLLECTOR, record_expired  # here: a snapshot of files alone needs none of it

    for each in state:
        if each.source.name == COLLECTOR and each.text is not None:
            record_expired(workspace, host, each.text, since=last.at if last else None, until=at)


def _in_order(workspace: Workspace, request: Request, last: Snapshot | None) -> datetime:
    now = workspace.now()
    at = utc(request.at or now)
    if at > now:
        raise InvalidTime(f"{shown_instant(at)} has not come yet", "a snapshot shows how the files are or were; leave out --at for now")
    if last is not None and at <= last.at:
        raise OutOfOrder(
            f"{request.host} has a snapshot of {shown_instant(last.at)}; one of {shown_instant(at)} would come before it",
            "take it with a later --at" if request.at else "this machine's clock was set back; give a later --at",
        )
    return at


# ---- capture and commit


def _committed(
    workspace: Workspace, request: Request, collected: Sequence[Collected], previous: CommittedManifest, note: SnapshotNote, progress: Progress
) -> tuple[str, SnapshotNote]:
    """The commit that holds what was found (the previous one if nothing is new), and the note with its numbers."""
    watched = request.paths or workspace.settings.watch
    watch = without_state(watched)
    cache_path = workspace.home / CACHE_FOLDER / "stat" / request.host
    cache = stat_cache.load(cache_path, commit=previous.commit, key=_cache_key(workspace, request.root))
    rules_are_the_same = bool(cache.signatures)
    state = list(state_files(workspace, collected, previous, again=not rules_are_the_same))
    as_of = time.time_ns()  # by the clock that stamps the files, whatever the workspace's clock says
    found = survey(watch, root=request.root, ignore=_ignored(workspace, request.root), known=cache.signatures)
    _refuse_nothing(found, previous, watched, state)
    captured: list[tuple[str, stat_cache.Signature | None]] = []
    with workspace.repository.writer(note.id) as writer:
        store = FileStore(workspace, writer)
        files = read_changed(found, cache.signatures, size_limit=workspace.settings.size_limit)
        every = chain(_counted(files, captured, progress), state)
        taken = [store.stored(file.entry, file.content, previous.entry(file.entry.path)) for file in every]
        change = tree_change(previous, taken, _seen(found, cache, watch))
        unread, left_out = _unread(change, found, previous), change.left_out
        note = replace(note, files=change.files, unread=unread, left_out=left_out, left_out_count=change.left_out_count)
        commit = writer.commit(CommitPlan(previous.commit, note, change)) if change else previous.commit
    if commit is None:
        raise SnapshotError(f"nothing to record on {request.host}", f"watched: {', '.join(watched)}")
    if change:
        move_branches(workspace, [BranchMove(request.host, previous.commit, commit)], writer.incoming)
    kept = stat_cache.remembered(found.directories, cache.signatures, captured, unknown=found.unreadable, as_of_ns=as_of, partly=bool(request.paths))
    if change or kept is not cache.signatures:
        with suppress(OSError):  # it is only a cache: without it the next snapshot reads every file
            stat_cache.save(cache_path, stat_cache.StatCache(commit, cache.key, kept))
    return commit, note


def move_branches(workspace: Workspace, moves: Sequence[BranchMove], incoming: Incoming | None = None) -> None:
    """Move hosts' branches, all or none; lock files that a killed git left behind are removed first.

    :raises BranchMoved: if a branch is not where its move says it was.
    """
    now = workspace.now()
    names = ["packed-refs.lock", *(f"refs/heads/host/{move.host}.lock" for move in moves)]
    with workspace.locks.branches():
        workspace.repository.sweep([Leftover(LeftoverKind.LOCK, name, now) for name in names])
        workspace.repository.advance(moves, incoming)


def _counted(files: Iterator[CapturedFile], captured: list[tuple[str, stat_cache.Signature | None]], progress: Progress) -> Iterator[CapturedFile]:
    for file in files:
        captured.append((file.entry.path, file.signature))
        progress(1)
        yield file


def _state_watched(workspace: Workspace, request: Request, watched: Sequence[str]) -> tuple[str, ...]:
    """Which parts of the machine's state are to be looked at; none but of this machine itself."""
    if not is_own_machine(workspace, request.host, request.root):
        refuse_elsewhere(request.paths, request.host)
        return ()
    return tuple(path for path in watched if is_state(path))


def _cache_key(workspace: Workspace, root: str) -> str:
    """What else must be the same for a signature to mean the same content in the repository."""
    settings = workspace.settings
    rules = (repr(settings.secret_rules), str(settings.detect_secrets), REDACTION_VERSION)
    keys = (sealed_for(workspace.recipients), keyed_digest(workspace, b"stat cache"))
    parts = (*_ignored(workspace, root), str(settings.size_limit), root, *rules, *keys)
    return sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


def _seen(found: Survey, cache: stat_cache.StatCache, watch: Sequence[str]) -> Seen:
    """Where was looked. What lies outside of all watched paths stays as it was (an earlier ``--path``, an import)."""
    patterns = [path for path in watch if is_glob(path)]
    matches = path_test(patterns)

    def covered(path: str) -> bool:
        return bool(patterns) and any(matches(above, basename(above)) for above in (path, *ancestors(path)))

    folders = [path[: min(path.index(wild) for wild in "*?[" if wild in path)].rpartition("/")[0] or "/" for path in patterns]
    return Seen(found.directories, cache.signatures, tuple(found.unreadable), found.tops, covered, folders)


def _ignored(workspace: Workspace, root: str) -> tuple[str, ...]:
    """What the settings leave out, and the home itself where it lies among what is watched: each snapshot would hold the ones before it."""
    home, base = os.path.realpath(workspace.home), os.path.realpath(root)
    if not is_within(home, base):
        return workspace.settings.ignore
    return (*workspace.settings.ignore, escaped(home if base == "/" else home[len(base) :]))


def _unread(change: TreeChange, found: Survey, previous: CommittedManifest) -> tuple[str, ...]:
    """What could not be read, and watched paths that are not there and were not there before (a typo, most likely)."""
    missing = (path for path in found.missing if not any(wild in path for wild in "*?[") and previous.entry(path) is None)
    return tuple(dict.fromkeys((*change.unread, *missing)))


def _refuse_nothing(found: Survey, previous: CommittedManifest, watch: Sequence[str], state: Sequence[CapturedFile]) -> None:
    if previous.commit is None and not state and len(found.missing) == len(without_state(watch)):
        raise SnapshotError(f"none of the watched paths exists: {', '.join(watch)}", "mend snapshot.watch in ledger.toml, or give --path")


# ---- recording


def record_snapshots(workspace: Workspace, snapshots: Iterable[Snapshot], keys: Mapping[str, str] = MappingProxyType({})) -> None:
    """Record the facts of snapshots whose commits are durable, with their deltas.

    :param keys: what they are known by, by id, where that is not their id.
    """
    facts: list[Fact] = []
    deltas: dict[str, Sequence[Delta]] = {}
    for snapshot in snapshots:
        found = snapshot_deltas(workspace.repository, snapshot.previous, snapshot.commit, workspace.settings.format_rules)
        expected = expected_among(workspace, snapshot, found)
        facts.append(snapshot_fact(workspace, snapshot, keys.get(snapshot.id, ""), expected))
        deltas[snapshot.id] = found
    workspace.snapshot_books.append(facts, deltas=deltas)


def snapshot_fact(workspace: Workspace, snapshot: Snapshot, ref: str = "", expected: Mapping[str, str] = MappingProxyType({})) -> Fact:
    """The fact of a snapshot. What it found is in git; the fact says which commit.

    :param expected: under which change the gate had let in what arrived at a path.
    """
    body: dict[str, Any] = {
        "host": snapshot.host,
        "commit": snapshot.commit,
        "previous": snapshot.previous,
        "previous_at": format_instant(snapshot.previous_at) if snapshot.previous_at else None,
        "reason": snapshot.reason,
        "change": snapshot.change,
        "phase": snapshot.phase,
        "files": snapshot.files,
        "unread": list(snapshot.unread),
        "left_out": [[left.path, left.why, left.detail] for left in snapshot.left_out],
        "left_out_count": snapshot.left_out_count,
    }
    if expected:
        body["expected"] = dict(expected)
    return workspace.fact("snapshot", body, at=snapshot.at, ref=ref or snapshot.id, actor=snapshot.actor, id=snapshot.id)


def snapshot_deltas(repository: SnapshotRepository, previous: str | None, commit: str, rules: Sequence[FormatRule]) -> tuple[Delta, ...]:
    """What a snapshot found to be different. A host's first has nothing to differ from."""
    if not previous or previous == commit:
        return ()
    from changelog_ledger.workflows.compare_files import deltas_between  # the parsers take a moment to load, and most snapshots find nothing new

    return deltas_between(repository, previous, commit, rules)


def adopt_orphans(workspace: Workspace, host: str) -> tuple[Snapshot, ...]:
    """Record the commits of a host's branch that have no fact: the process died between the two. The caller holds the host's lock."""
    last = workspace.snapshot_books.last_snapshot(host)
    if workspace.repository.tip(host) == (last.commit if last else None):
        return ()
    adopted: list[Snapshot] = []
    keys: dict[str, str] = {}
    for orphan in workspace.repository.notes_since(host, last.commit if last else None):
        if orphan.note is not None:
            before = adopted[-1] if adopted else last
            adopted.append(orphan.note.snapshot(orphan.commit, before.commit if before else None, before.at if before else None))
            keys[orphan.note.id] = orphan.note.key
    record_snapshots(workspace, adopted, keys)
    return tuple(adopted)
