"""Comments that were edited besides the settings: the keys do not show them, and they are not to be lost."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from changelog_ledger.diff.hunks import Hunk, hunks
from changelog_ledger.diff.key_deltas import KeyDifferences
from changelog_ledger.diff.text import excerpt, lines_of
from changelog_ledger.model.document import Document, KeyPath, Node
from changelog_ledger.model.evidence import Delta, Op

_WHOLE = re.compile(r"\s*(?:#|;|//|!|--\s|/\*|<!--)")
"""How a line that is a comment begins. Only lines that hold no key are asked."""
_TRAILING = re.compile(r"\s(?:#|;|//\s).*$")


@dataclass(frozen=True, slots=True)
class _Side:
    """The lines of one side, and what is known of them. Numbers are from 1.

    :ivar keyed: where keys stand: never comments, whatever they look like.
    :ivar changed: where the differing values stand; ``blocks``: where what came or went as a whole stands.
    """

    lines: Sequence[str]
    keyed: Collection[int]
    changed: Collection[int]
    blocks: Collection[int]


def comment_deltas(path: str, found: KeyDifferences, texts: tuple[str, str], documents: tuple[Document, Document]) -> tuple[Delta, ...]:
    """One delta for all comments that differ and belong to no difference of keys; none where there are none.

    A comment that comes or goes together with the block it stands in or at belongs to that. Nothing is said of comments that only stand
    elsewhere, and of one behind a value that differs itself: that line is shown already.
    """
    lines = lines_of(texts[0]), lines_of(texts[1])
    if not _may_differ(*lines):
        return ()
    before, after = _side(lines[0], documents[0], found, Op.REMOVED), _side(lines[1], documents[1], found, Op.ADDED)
    went: list[str] = []
    came: list[str] = []
    place: int | None = None
    for hunk in hunks(*lines):
        old, new = _comments(hunk, before, after)
        if old != new:
            went += old
            came += new
            place = place or hunk.other_start + 1
    if Counter(went) == Counter(came):
        return ()
    return (Delta(path, None, Op.OPAQUE, excerpt(went), excerpt(came), place, "comments only"),)


def _side(lines: Sequence[str], document: Document, found: KeyDifferences, whole: Op) -> _Side:
    """:param whole: the sort of change that is of a block on this side only."""
    keyed = sorted(set(document.lines.values()))
    places = [(change, change.path if whole is Op.ADDED else change.origin) for change in found.changes]
    blocks = {path for change, path in places if change.op is whole}
    changed = {path for change, path in places if change.op is Op.CHANGED}
    return _Side(lines, frozenset(keyed), _numbers(changed, document, keyed, len(lines)), _numbers(blocks, document, keyed, len(lines)))


def _numbers(paths: Collection[KeyPath], document: Document, keyed: Sequence[int], last: int) -> frozenset[int]:
    """The lines of these keys and all below them, and the lines that texts of several lines go on in."""
    numbers: set[int] = set()
    for path, number in document.lines.items():
        if any(path[:length] in paths for length in range(len(path) + 1)):
            node = _at(document.root, path)
            numbers.add(number)
            if isinstance(node, str) and "\n" in node:
                following = bisect_right(keyed, number)
                numbers.update(range(number, keyed[following] if following < len(keyed) else last + 1))
    return frozenset(numbers)


def _at(root: Node, path: KeyPath) -> Node | None:
    node: Node | None = root
    for step in path:
        node = _inner(node, step)
    return node


def _inner(node: Node | None, step: str | int) -> Node | None:
    if isinstance(node, dict):
        return node.get(str(step))
    return node[step] if isinstance(node, list) and isinstance(step, int) and step < len(node) else None


def _may_differ(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether any line that looks like a comment is on one side only: most edits end here."""
    old, new = Counter(before), Counter(after)
    return any(_WHOLE.match(line) or _TRAILING.search(line) for line in [*(old - new), *(new - old)])


def _comments(hunk: Hunk, before: _Side, after: _Side) -> tuple[list[str], list[str]]:
    """The comments of each side that were edited."""
    places = range(hunk.start + 1, hunk.end + 1), range(hunk.other_start + 1, hunk.other_end + 1)
    old, new = _whole(places[0], before), _whole(places[1], after)
    if bool(old) != bool(new) and (_touches(places[0], before.blocks) or _touches(places[1], after.blocks)):
        return [], []
    trailing = _trailing(places, before, after)
    return old + trailing[0], new + trailing[1]


def _touches(place: range, numbers: Collection[int]) -> bool:
    return any(number in numbers for number in range(place.start - 1, place.stop + 1))


def _whole(place: range, side: _Side) -> list[str]:
    within = (number for number in place if number not in side.keyed and number not in side.changed and number not in side.blocks)
    return [line for number in within if _WHOLE.match(line := side.lines[number - 1])]


def _trailing(places: tuple[range, range], before: _Side, after: _Side) -> tuple[list[str], list[str]]:
    """Lines with keys that are equal but for the comments behind them."""
    went: list[str] = []
    came: list[str] = []
    if len(places[0]) != len(places[1]):
        return went, came
    for number, other in zip(*places, strict=True):
        if number in before.keyed and other in after.keyed and number not in before.changed and other not in after.changed:
            old, new = before.lines[number - 1], after.lines[other - 1]
            if old != new and _TRAILING.sub("", old).rstrip() == _TRAILING.sub("", new).rstrip():
                went.append(old)
                came.append(new)
    return went, came
