"""Deltas by keys, from the changes of two trees."""

from __future__ import annotations

from typing import Any

from changelog_ledger.diff.identity import KNOWN_AS
from changelog_ledger.diff.keys import key_text
from changelog_ledger.diff.patch import TreeChange
from changelog_ledger.diff.semantic import tree_changes
from changelog_ledger.diff.text import shown
from changelog_ledger.model.document import Document, KeyPath, Node
from changelog_ledger.model.evidence import Delta, Op


def key_deltas(path: str, before: Document, after: Document) -> tuple[Delta, ...]:
    """One delta a change, in the order of lines; none if both documents say the same. Both are in one format."""
    # In files of this style a key that is written again makes a list; in JSON, YAML and TOML one value and a list of one are two things.
    single_is_list = after.key_style == "path"
    changes = tree_changes(before.root, after.root, after.policies, single_is_list=single_is_list)
    deltas = [_delta(path, change, before, after) for change in changes if not _follows(change, changes)]
    return tuple(sorted(deltas, key=_place))


def _place(delta: Delta) -> tuple[int, bool, str, str]:
    """By line, what went before what came; then by key. deepdiff answers in the order of hashes, which differs from process to process."""
    return delta.line or 0, delta.op is not Op.REMOVED, delta.key or "", delta.op


def _follows(change: TreeChange, changes: tuple[TreeChange, ...]) -> bool:
    """Whether it is the change of a name that follows from another change in the same block (``server_name``)."""
    if change.path[-1:] != (KNOWN_AS,):
        return False
    block = change.path[:-1]
    return any(other is not change and other.path[: len(block)] == block and len(other.path) > len(block) for other in changes)


def _delta(path: str, change: TreeChange, before: Document, after: Document) -> Delta:
    key = key_text(change.path, change.names, after.key_style)
    line = _line(before, change.origin) if change.op is Op.REMOVED else _line(after, change.path)
    if change.op is not Op.MOVED:
        return Delta(path, key, change.op, shown(change.before), shown(change.after), line)
    old, new = f"[{change.origin[-1]}]", f"[{change.path[-1]}]"
    return Delta(path, key, change.op, old, new, line, _moved(old, new, change))


def _moved(old: str, new: str, change: TreeChange) -> str:
    """For an item without a name the key does not say what it is, so the note does."""
    what: Any = "" if change.names[-1] is not None else _in_short(change.after)
    return f"moved from {old} to {new}" + (f": {what}" if what else "")


def _in_short(node: Node | None) -> str:
    text = node if isinstance(node, str) else str(shown(node))
    return text if len(text) <= 200 else text[:200] + "…"


def _line(document: Document, path: KeyPath) -> int | None:
    """The line of a key, else of the nearest key above it that has one."""
    steps = (path[:length] for length in range(len(path), 0, -1))
    return next((document.lines[step] for step in steps if step in document.lines), None)
