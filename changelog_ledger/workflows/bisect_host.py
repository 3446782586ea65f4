"""The history of a host's configuration, as a bisection walks through it: its snapshots, and the single differences between two of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from changelog_ledger.diff import differences, unified_diff
from changelog_ledger.errors import InvalidInput, NotFound
from changelog_ledger.model import globs
from changelog_ledger.model.bisection import Cause, Part, Point
from changelog_ledger.model.evidence import Evidence
from changelog_ledger.model.report import Basis
from changelog_ledger.model.snapshot import FileEntry, FileType, Snapshot
from changelog_ledger.model.state import is_state
from changelog_ledger.model.times import shown_instant
from changelog_ledger.snapshots.plan import has_content
from changelog_ledger.snapshots.repository import SnapshotRepository
from changelog_ledger.store.plain import plain_text
from changelog_ledger.workflows.bisect_parts import mixed, parts_between
from changelog_ledger.workflows.bisect_state import Question, State
from changelog_ledger.workflows.bisect_tree import Item, Tree, write_tree
from changelog_ledger.workflows.compare_files import format_for, version
from changelog_ledger.workflows.masking import masked_file
from changelog_ledger.workflows.moments import resolve_time
from changelog_ledger.workflows.read_snapshots import diff_host, snapshot_at
from changelog_ledger.workflows.restore import snapshot_for
from changelog_ledger.workflows.restore_equality import Originals
from changelog_ledger.workflows.topology import known_host
from changelog_ledger.workflows.workspace import Workspace

_KEPT_TREES = 4
_WRITABLE = (FileType.DIRECTORY, FileType.FIFO)


@dataclass(frozen=True)
class HostHistory:
    """Snapshots of one host, each with something that the one before did not have.

    :ivar glob: only files that match it go through history; empty for all.
    :ivar rest: the snapshot that all others are of, whatever state is written.
    """

    workspace: Workspace
    snapshots: tuple[Snapshot, ...]
    glob: str
    rest: Snapshot
    _trees: dict[str, Tree] = field(default_factory=dict)
    _parts: dict[tuple[int, int], tuple[Part, ...]] = field(default_factory=dict)

    @property
    def rest_id(self) -> str:
        """The snapshot that files are of which do not go through history."""
        return self.rest.id

    @property
    def points(self) -> tuple[Point, ...]:
        """Its states, the good end first."""
        return tuple(Point(each.id, each.at, each.reason, each.actor, (each.change,) if each.change else ()) for each in self.snapshots)

    def left_out(self) -> tuple[str, ...]:
        """Paths of either end whose content was not kept: unreadable, oversized, no file at all."""
        commits = (self.snapshots[0].commit, self.snapshots[-1].commit)
        entries = (entry for commit in commits for entry in self.workspace.repository.manifest(commit))
        return tuple(
            dict.fromkeys(plain_text(entry.path) for entry in entries if entry.skipped and not is_state(entry.path) and not _is_writable(entry))
        )

    def environment(self, position: int) -> Mapping[str, str]:
        """What a probe is told besides where the files are."""
        snapshot = self.snapshots[position]
        return {"LEDGER_HOST": snapshot.host, "LEDGER_SNAPSHOT": snapshot.id, "LEDGER_AT": snapshot.at.isoformat().replace("+00:00", "Z")}

    def folder(self, _root: str) -> str:
        """Where a probe runs: where we are."""
        return "."

    def parts(self, before: int, after: int) -> tuple[Part, ...]:
        """The differences between two states."""
        if (before, after) not in self._parts:
            self._parts[before, after] = parts_between(self._tree(before), self._tree(after))
        return self._parts[before, after]

    def write(self, root: str, position: int) -> None:
        """Write a state below ``root``."""
        write_tree(root, self._tree(position))

    def write_some(self, root: str, before: int, after: int, subset: Sequence[int]) -> None:
        """Write the state ``before`` with some of the differences to ``after``."""
        write_tree(root, self._mixed(before, after, subset))

    def causes(self, before: int, after: int, subset: Sequence[int]) -> tuple[Cause, ...]:
        """What is known of differences: what they alter, and which change explains them. Without secrets."""
        old, new = self.snapshots[before], self.snapshots[after]
        pieces = diff_host(self.workspace, old.host, old.at, new.at, noise=True)
        return tuple(self._cause(before, after, number, pieces) for number in subset)

    # ---- what is in a state

    def _mixed(self, before: int, after: int, subset: Sequence[int]) -> Tree:
        every = self.parts(before, after)
        return mixed(self._tree(before), self._tree(after), [every[number] for number in subset], every)

    def _tree(self, position: int) -> Tree:
        commit = self.snapshots[position].commit
        if commit not in self._trees:
            while len(self._trees) >= _KEPT_TREES:
                del self._trees[next(iter(self._trees))]
            self._trees[commit] = dict(self._items(position))
        return self._trees[commit]

    def _items(self, position: int) -> Iterator[tuple[str, Item]]:
        """All files, of the snapshot itself or, where the glob does not cover them, of the one that is kept for the rest."""
        for snapshot, is_rest in ((self.rest, True), (self.snapshots[position], False)) if self.glob else ((self.snapshots[position], False),):
            originals = Originals(self.workspace, snapshot.commit)
            for entry in self.workspace.repository.manifest(snapshot.commit):
                is_covered = not self.glob or globs.matches(self.glob, entry.path)
                if is_covered is not is_rest and _is_writable(entry):
                    yield entry.path, Item(entry, partial(originals.content, entry))

    # ---- what is told of it

    def _cause(self, before: int, after: int, number: int, pieces: Sequence[Evidence]) -> Cause:
        part = self.parts(before, after)[number]
        old, new = (tree.get(part.path) for tree in (self._tree(before), self._mixed(before, after, [number])))
        shown = [_shown(self.workspace, item) for item in (old, new)]
        as_format = format_for(part.path, self.workspace.settings.format_rules)
        versions = [None if side is None else version(part.path, side[1], side[0], as_format) for side in shown]
        deltas = differences(part.path, *versions)
        texts = [None if side is None else side[1] for side in shown]
        keys = {plain_text(delta.key) for delta in deltas if delta.key is not None}
        same_file = [piece for piece in pieces if piece.path == plain_text(part.path)]
        evidence = [piece for piece in same_file if piece.key in keys] or same_file
        return Cause(part, unified_diff(part.path, *texts), deltas, tuple(evidence))


def _shown(workspace: Workspace, item: Item | None) -> tuple[FileEntry, bytes | None] | None:
    """Entry and content without secrets."""
    if item is None:
        return None
    if item.entry.type not in (FileType.FILE, FileType.SYMLINK):
        return item.entry, None
    return masked_file(workspace, item.entry, item.content())


def _is_writable(entry: FileEntry) -> bool:
    return entry.path != "/" and not is_state(entry.path) and (entry.type in _WRITABLE or has_content(entry))


# ---- which snapshots


def host_history(workspace: Workspace, question: Question) -> HostHistory:
    """The snapshots between both ends that a question means.

    :raises NotFound: if there is no such host, no snapshot or no mark.
    :raises InvalidInput: if nothing that is searched differs between the ends.
    """
    host = question.host
    with workspace.store.reading() as view:
        known_host(view, host)
    old = _end(workspace, host, question.since or Basis.LAST_GOOD)
    new = _end(workspace, host, question.until or Basis.NOW)
    if old.at > new.at:
        raise InvalidInput(f"the snapshot of {shown_instant(old.at)} is not before that of {shown_instant(new.at)}", "give an earlier --since")
    with workspace.store.reading() as view:
        between = view.evidence.snapshots_between([host], old.at, new.at)
    found = tuple(_telling(workspace.repository, (old, *between), question.path))
    if len(found) == 1:
        what = f"what {question.path} covers" if question.path else "what is watched"
        raise InvalidInput(
            f"between the snapshots of {host} of {shown_instant(old.at)} and {shown_instant(new.at)} nothing differs in {what}",
            f"take one of how it is now: ledger snapshot {host}; or begin earlier: --since TIME",
        )
    return HostHistory(workspace, found, question.path, new)


def reopened(workspace: Workspace, state: State) -> HostHistory:
    """The history of a search that is under way.

    :raises NotFound: if one of its snapshots has expired.
    """
    with workspace.store.reading() as view:
        found = view.evidence.snapshots_by_id((*state.points, state.rest))
    if gone := [identity for identity in (*state.points, state.rest) if identity not in found]:
        raise NotFound(
            f"the snapshot {gone[0]} of this bisection is there no more", f"begin anew: ledger bisect reset {state.question.named}; see ledger gc"
        )
    return HostHistory(workspace, tuple(found[identity] for identity in state.points), state.question.path, found[state.rest])


def _end(workspace: Workspace, host: str, time: str) -> Snapshot:
    if time in (Basis.LAST_GOOD, Basis.ONSET, Basis.NOW):
        moment = resolve_time(workspace, time, f"host:{host}")
        with workspace.store.reading() as view:
            return snapshot_at(view, host, moment)
    return snapshot_for(workspace, host, time)


def _telling(repository: SnapshotRepository, snapshots: Sequence[Snapshot], glob: str) -> Iterator[Snapshot]:
    """The first one, and each in which something that is searched is not as it was in the one before that was told."""
    last = snapshots[0]
    yield last
    for snapshot in snapshots[1:]:
        if snapshot.commit != last.commit and any(not glob or globs.matches(glob, path) for path in _differing(repository, last, snapshot)):
            yield snapshot
            last = snapshot


def _differing(repository: SnapshotRepository, old: Snapshot, new: Snapshot) -> Iterator[str]:
    """Paths of files that are not the same in two snapshots."""
    changes = repository.changed(old.commit, new.commit)
    yield from (change.path for change in changes.paths if not is_state(change.path))
    manifests = repository.manifest_of(old.commit), repository.manifest_of(new.commit)
    for directory in changes.directories:
        if not is_state(directory):
            sides = manifests[0].differing(manifests[1], directory)
            yield from (entry.path for side in sides for entry in side.values())
