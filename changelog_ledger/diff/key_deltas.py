"""Deltas by keys, from the changes of two trees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from changelog_ledger.diff.aliases import without_echoes
from changelog_ledger.diff.identity import KNOWN_AS, item_names, policy_at
from changelog_ledger.diff.keys import key_text
from changelog_ledger.diff.patch import TreeChange
from changelog_ledger.diff.renames import Rename, with_renames
from changelog_ledger.diff.semantic import tree_changes
from changelog_ledger.diff.text import shown
from changelog_ledger.diff.values import value_note
from changelog_ledger.model.document import Document, KeyPath, ListPolicy, Node
from changelog_ledger.model.evidence import RENAMED, Delta, Op


@dataclass(frozen=True, slots=True)
class KeyDifferences:
    """What differs between two documents: keys that have another name, and everything else."""

    renames: tuple[Rename, ...]
    changes: tuple[TreeChange, ...]

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.renames or self.changes)


def key_differences(before: Document, after: Document) -> KeyDifferences:
    """The differences of two documents in one format."""
    # In files of this style a key that is written again makes a list; in JSON, YAML and TOML one value and a list of one are two things.
    single_is_list = after.key_style == "path"
    changes = without_echoes(tree_changes(before.root, after.root, after.policies, single_is_list=single_is_list), before, after)
    if single_is_list:
        changes = tuple(each for change in changes for each in _items(change, after.policies))
    renames, left = with_renames(before, after, _without_following(changes), single_is_list=single_is_list)
    return KeyDifferences(tuple(renames), tuple(left))


def _items(change: TreeChange, policies: Sequence[ListPolicy]) -> list[TreeChange]:
    """A list that came or went as one change an item, where its items have names: the first ``Match`` block reads as the second does."""
    node = change.after if change.op is Op.ADDED else change.before if change.op is Op.REMOVED else None
    if not isinstance(node, list) or not node:
        return [change]
    steps = [step if name is None else name for step, name in zip(change.path, change.names, strict=True)]
    names = item_names(node, policy_at(steps, policies))
    return [_item(change, index, name) for index, name in enumerate(names)] or [change]


def _item(change: TreeChange, index: int, name: str) -> TreeChange:
    before, after = (side[index] if isinstance(side, list) else None for side in (change.before, change.after))
    return TreeChange(change.op, (*change.path, index), (*change.origin, index), (*change.names, name), before, after)


def _without_following(changes: tuple[TreeChange, ...]) -> list[TreeChange]:
    """The changes without those of a name that follows from another change in the same block (``server_name``)."""
    if all(change.path[-1:] != (KNOWN_AS,) for change in changes):
        return list(changes)
    within = Counter(change.path[:length] for change in changes for length in range(len(change.path)))
    return [change for change in changes if change.path[-1:] != (KNOWN_AS,) or within[change.path[:-1]] == 1]


def key_deltas(path: str, found: KeyDifferences, before: Document, after: Document) -> tuple[Delta, ...]:
    """One delta a change or rename, in the order of lines."""
    deltas = [*(_renamed(path, rename, after) for rename in found.renames), *(_delta(path, change, before, after) for change in found.changes)]
    return tuple(sorted(deltas, key=_place))


def _place(delta: Delta) -> tuple[int, bool, str, str]:
    """By line, what went before what came; then by key. deepdiff answers in the order of hashes, which differs from process to process."""
    return delta.line or 0, delta.op is not Op.REMOVED, delta.key or "", delta.op


def _renamed(path: str, rename: Rename, after: Document) -> Delta:
    key = key_text(rename.path, rename.names, after.key_style)
    return Delta(path, key, Op.MOVED, rename.old, rename.new, line_of(after, rename.path), f"{RENAMED}{_short(rename.old)} to {_short(rename.new)}")


def _delta(path: str, change: TreeChange, before: Document, after: Document) -> Delta:
    key = key_text(change.path, change.names, after.key_style)
    line = line_of(before, change.origin) if change.op is Op.REMOVED else line_of(after, change.path)
    if change.op is not Op.MOVED:
        note = "; ".join(filter(None, (_meaning(change, after), value_note(change.before, change.after))))
        return Delta(path, key, change.op, shown(change.before), shown(change.after), line, note)
    old, new = f"[{change.origin[-1]}]", f"[{change.path[-1]}]"
    return Delta(path, key, change.op, old, new, line, _moved(old, new, change))


def _meaning(change: TreeChange, document: Document) -> str:
    """That the item has another name, where this is its name; else what the last step of the key means, where the format has words for it."""
    step = change.path[-1] if change.path else 0
    if isinstance(step, int):
        return ""
    named = len(change.path) > 1 and change.names[-2] is not None and change.names[-2] == change.after
    if named and isinstance(change.before, str) and any(step in policy.identity for policy in document.policies):
        return f"{RENAMED}{_short(change.before)}"
    return document.words.get(step, "")


def _moved(old: str, new: str, change: TreeChange) -> str:
    """For an item without a name the key does not say what it is, so the note does."""
    what: Any = "" if change.names[-1] is not None else _in_short(change.after)
    return f"moved from {old} to {new}" + (f": {what}" if what else "")


def _in_short(node: Node | None) -> str:
    return _short(node if isinstance(node, str) else str(shown(node)))


def _short(text: str) -> str:
    return text if len(text) <= 200 else text[:200] + "…"


def line_of(document: Document, path: KeyPath) -> int | None:
    """The line of a key, else of the nearest key above it that has one."""
    steps = (path[:length] for length in range(len(path), 0, -1))
    return next((document.lines[step] for step in steps if step in document.lines), None)
