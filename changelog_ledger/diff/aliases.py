"""Changes that follow from another one: what YAML takes over by alias or merge key changes wherever its anchor does, by one edit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from changelog_ledger.diff.patch import TreeChange
from changelog_ledger.model.document import Document, KeyPath
from changelog_ledger.model.evidence import Op


def without_echoes(changes: Iterable[TreeChange], before: Document, after: Document) -> tuple[TreeChange, ...]:
    """The changes without those at an alias that happened at its anchor too."""
    if not before.aliases or not after.aliases:
        return tuple(changes)
    every = tuple(changes)
    origins = [_origin(change, before, after) for change in every]
    at_anchors = {origin: change for change, origin in zip(every, origins, strict=True) if origin == _own(change)}
    return tuple(change for change, origin in zip(every, origins, strict=True) if not _echoes(change, at_anchors.get(origin, change)))


def _echoes(change: TreeChange, at_anchor: TreeChange) -> bool:
    return change is not at_anchor and (change.before, change.after) == (at_anchor.before, at_anchor.after)


_Place = tuple[Op, KeyPath | None, KeyPath | None]
"""What happened, where before and where after; None on the side that has nothing there."""


def _own(change: TreeChange) -> _Place:
    return change.op, None if change.op is Op.ADDED else change.origin, None if change.op is Op.REMOVED else change.path


def _origin(change: TreeChange, before: Document, after: Document) -> _Place:
    op, old, new = _own(change)
    return op, None if old is None else anchored(old, before.aliases), None if new is None else anchored(new, after.aliases)


def anchored(path: KeyPath, aliases: Mapping[KeyPath, KeyPath]) -> KeyPath:
    """Where the node at ``path`` is written: the path itself, unless it lies below an alias. An anchor stands before its aliases."""
    length = len(path)
    while length:
        origin = aliases.get(path[:length])
        if origin is None:
            length -= 1
        else:
            path = (*origin, *path[length:])
            length = len(path)
    return path
