"""The history of a host's configuration, as a bisection walks through it: its snapshots, and the single differences between two of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain

from changelog_ledger.diff import differences, unified_diff
from changelog_ledger.errors import InvalidInput, NotFound
from changelog_ledger.model import globs
from changelog_ledger.model.bisection import Cause, LeftOut, Part, Point
from changelog_ledger.model.evidence import Delta, Evidence
from changelog_ledger.model.report import Basis
from changelog_ledger.model.snapshot import FileEntry, FileType, Snapshot
from changelog_ledger.model.state import is_state
from changelog_ledger.model.times import shown_instant
from changelog_ledger.snapshots.repository import SnapshotRepository
from changelog_ledger.store.plain import plain_text
from changelog_ledger.workflows.bisect_parts import are_written_alike, covered, identity_of, mixed, parts_between, paths_of
from changelog_ledger.workflows.bisect_state import Question, State
from changelog_ledger.workflows.bisect_tree import Item, Tree, dress_of, is_written, write_tree
from changelog_ledger.workflows.compare_files import format_for, version
from changelog_ledger.workflows.masking import masked_file
from changelog_ledger.workflows.moments import resolve_time
from changelog_ledger.workflows.read_snapshots import diff_host, snapshot_at
from changelog_ledger.workflows.restore import snapshot_for
from changelog_ledger.workflows.restore_equality import Originals
from changelog_ledger.workflows.topology import known_host
from changelog_ledger.workflows.workspace import Workspace

_KEPT_TREES = 4
_MOST_NAMED = 5


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

    def left_out(self, before: int, after: int) -> tuple[LeftOut, ...]:
        """Paths of either state whose content was not kept: unreadable, oversized, no file at all."""
        old, new = (
            {entry.path: entry for _, entry in self._entries(position) if entry.path != "/" and not is_state(entry.path)}
            for position in (before, after)
        )
        found = {entry.path: entry for side in (new, old) for entry in side.values() if _is_left_out(entry)}
        return tuple(
            LeftOut(plain_text(path), plain_text(entry.detail or str(entry.skipped or entry.type)), _may_differ(old.get(path), new.get(path)))
            for path, entry in sorted(found.items())
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
            self._trees[commit] = self._made_tree(position)
        return self._trees[commit]

    def _made_tree(self, position: int) -> Tree:
        sides: dict[bool, dict[str, Item]] = {True: {}, False: {}}
        originals = {snapshot.commit: Originals(self.workspace, snapshot.commit) for snapshot in (self.rest, self.snapshots[position])}
        for snapshot, entry in self._entries(position):
            if _is_searched(entry):
                sides[self._is_covered(entry.path)][entry.path] = Item(entry, partial(originals[snapshot.commit].content, entry))
        return covered(sides[False], sides[True])

    def _entries(self, position: int) -> Iterator[tuple[Snapshot, FileEntry]]:
        """All paths, of the snapshot itself or, where the glob does not cover them, of the one that is kept for the rest."""
        for snapshot, is_rest in ((self.rest, True), (self.snapshots[position], False)) if self.glob else ((self.snapshots[position], False),):
            for entry in self.workspace.repository.manifest(snapshot.commit):
                if self._is_covered(entry.path) is not is_rest:
                    yield snapshot, entry

    def _is_covered(self, path: str) -> bool:
        return not self.glob or globs.matches(self.glob, path)

    # ---- what is told of it

    def _cause(self, before: int, after: int, number: int, pieces: Sequence[Evidence]) -> Cause:
        part = self.parts(before, after)[number]
        old, new = self._tree(before), self._mixed(before, after, [number])
        paths = paths_of(part, old, new)
        told = [_told(self.workspace, path, old.get(path), new.get(path), pieces) for path in paths]
        diffs, deltas, evidence = zip(*told, strict=True)
        is_added = any(path not in old for path in paths)
        return Cause(part, "".join(diffs), tuple(chain.from_iterable(deltas)), tuple(chain.from_iterable(evidence)), added=is_added)


def _told(
    workspace: Workspace, path: str, old: Item | None, new: Item | None, pieces: Sequence[Evidence]
) -> tuple[str, tuple[Delta, ...], tuple[Evidence, ...]]:
    """How a path is altered, as a diff and by keys, and what is recorded of that."""
    shown = [_shown(workspace, item) for item in (old, new)]
    as_format = format_for(path, workspace.settings.format_rules)
    versions = [None if side is None else version(path, side[1], side[0], as_format) for side in shown]
    deltas = differences(path, *versions)
    texts = [None if side is None else side[1] for side in shown]
    keys = {plain_text(delta.key) for delta in deltas if delta.key is not None}
    same_file = [piece for piece in pieces if piece.path == plain_text(path)]
    evidence = [piece for piece in same_file if piece.key in keys] or same_file
    return unified_diff(path, *texts), tuple(deltas), tuple(evidence)


def _shown(workspace: Workspace, item: Item | None) -> tuple[FileEntry, bytes | None] | None:
    """Entry and content without secrets."""
    if item is None:
        return None
    if item.entry.type not in (FileType.FILE, FileType.SYMLINK):
        return item.entry, None
    return masked_file(workspace, item.entry, item.content())


def _is_searched(entry: FileEntry) -> bool:
    return entry.path != "/" and not is_state(entry.path) and is_written(entry)


def _is_left_out(entry: FileEntry) -> bool:
    """Whether it, or what is in it, cannot be written."""
    return not is_written(entry) or (entry.type is FileType.DIRECTORY and entry.is_unread)


def _may_differ(old: FileEntry | None, new: FileEntry | None) -> bool:
    if old is None or new is None or old.is_unread or new.is_unread:
        return True
    return (old.type, identity_of(old), dress_of(old)) != (new.type, identity_of(new), dress_of(new))


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
    found = tuple(_telling(workspace, (old, *between), question.path))
    if len(found) == 1:
        raise _nothing_differs(HostHistory(workspace, (old, new), question.path, new))
    return HostHistory(workspace, found, question.path, new)


def _nothing_differs(history: HostHistory) -> InvalidInput:
    old, new = history.snapshots
    what = f"what {history.glob} covers" if history.glob else "what is watched"
    between = f"between the snapshots of {old.host} of {shown_instant(old.at)} and {shown_instant(new.at)}"
    untried = [each.path for each in history.left_out(0, 1) if each.may_differ]
    if not untried:
        hint = f"take one of how it is now: ledger snapshot {old.host}; or begin earlier: --since TIME"
        return InvalidInput(f"{between} nothing differs in {what}", hint)
    named = ", ".join(untried[:_MOST_NAMED]) + (" …" if len(untried) > _MOST_NAMED else "")
    return InvalidInput(
        f"{between} nothing that can be written differs in {what}; of what may, there is no content: {named}",
        f"see what is known of it: ledger diff {old.host} {old.id} {new.id}; or begin earlier: --since TIME",
    )


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


def _telling(workspace: Workspace, snapshots: Sequence[Snapshot], glob: str) -> Iterator[Snapshot]:
    """The first one, and each of which something that is searched is written otherwise than of the one before that was told."""
    last = snapshots[0]
    yield last
    for snapshot in snapshots[1:]:
        if snapshot.commit != last.commit and _is_telling(workspace, last.commit, snapshot.commit, glob):
            yield snapshot
            last = snapshot


def _is_telling(workspace: Workspace, old: str, new: str, glob: str) -> bool:
    """Whether two commits are written otherwise, in what a glob covers."""
    sides = Originals(workspace, old), Originals(workspace, new)
    for entries in _differing(workspace.repository, old, new):
        items = [
            Item(entry, partial(side.content, entry)) if entry is not None and _is_searched(entry) else None
            for side, entry in zip(sides, entries, strict=True)
        ]
        path = next(entry.path for entry in entries if entry is not None)
        if (not glob or globs.matches(glob, path)) and not are_written_alike(*items):
            return True
    return False


def _differing(repository: SnapshotRepository, old: str, new: str) -> Iterator[tuple[FileEntry | None, FileEntry | None]]:
    """What both commits say of the paths of which they do not say the same."""
    manifests = repository.manifest_of(old), repository.manifest_of(new)
    for directory in repository.changed(old, new).directories:
        if not is_state(directory):
            one, other = manifests[0].differing(manifests[1], directory)
            yield from ((one.get(name), other.get(name)) for name in {**one, **other})
