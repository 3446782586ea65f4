"""Which files that went are those that came, under another name: by equal content, else by the lines that they share."""

from __future__ import annotations

import posixpath
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from changelog_ledger.diff.likeness import ALIKE
from changelog_ledger.diff.text import decoded, lines_of
from changelog_ledger.model.evidence import Delta, Op

_LEAST_BYTES = 8
"""Smaller files are equal by chance."""
_MOST_BYTES = 1_000_000
_MOST_PAIRS = 2_000
_MOST_LINES = 500_000
"""Lines that are counted at most for one comparison of two snapshots."""

Contents = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class RenamedFile:
    """``percent`` of the larger one's lines are in both."""

    old: str
    new: str
    percent: int


def with_renamed_files(deltas: Sequence[Delta], gone: Contents, come: Contents) -> tuple[Delta, ...]:
    """The deltas, of which those of files that went or came as a whole name the other file, where they were renamed."""
    found = renamed_files(gone, come)
    to = {each.old: each for each in found}
    origin = {each.new: each for each in found}
    return tuple(_noted(delta, to, origin) for delta in deltas) if found else tuple(deltas)


def _noted(delta: Delta, to: Mapping[str, RenamedFile], origin: Mapping[str, RenamedFile]) -> Delta:
    if delta.key is None and delta.op is Op.REMOVED and delta.path in to:
        each = to[delta.path]
        return _with_note(delta, f"renamed to {each.new}", each.percent)
    if delta.key is None and delta.op is Op.ADDED and delta.path in origin:
        each = origin[delta.path]
        return _with_note(delta, f"renamed from {each.old}", each.percent)
    return delta


def _with_note(delta: Delta, said: str, percent: int) -> Delta:
    more = "" if percent == 100 else f" ({percent} % alike)"
    return replace(delta, note="; ".join(filter(None, (delta.note, said + more))))


def renamed_files(gone: Contents, come: Contents) -> tuple[RenamedFile, ...]:
    """The files that were renamed, where that is beyond doubt: one of each content, or two each of which is most like the other.

    Files with the name or in the directory of the one that went are asked first. Bounded: of many and of large files only equal ones are found.
    """
    equal = _equal(gone, come)
    taken = {each.old for each in equal} | {each.new for each in equal}
    left, right = ({path: content for path, content in side.items() if path not in taken} for side in (gone, come))
    return (*equal, *_alike(left, right))


def _equal(gone: Contents, come: Contents) -> list[RenamedFile]:
    old, new = _by_content(gone), _by_content(come)
    found = []
    for content in (content for content in old if content in new):
        if len(old[content]) == len(new[content]) == 1:
            found.append(RenamedFile(old[content][0], new[content][0], 100))
            continue
        names = _by_name(new[content])
        for path in old[content]:
            same = names.get(posixpath.basename(path), [])
            if len(same) == 1 and len([other for other in old[content] if posixpath.basename(other) == posixpath.basename(path)]) == 1:
                found.append(RenamedFile(path, same[0], 100))
    return found


def _by_content(contents: Contents) -> dict[bytes, list[str]]:
    found: dict[bytes, list[str]] = defaultdict(list)
    for path, content in contents.items():
        if len(content) >= _LEAST_BYTES:
            found[content].append(path)
    return found


def _by_name(paths: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        found[posixpath.basename(path)].append(path)
    return found


def _alike(gone: Contents, come: Contents) -> list[RenamedFile]:
    if not gone or not come:
        return []
    lines = _Lines()
    scores = {(old, new): lines.score(gone[old], come[new]) for old, candidates in _candidates(gone, come).items() for new in candidates}
    best: dict[tuple[str, str], list[float]] = defaultdict(list)
    for (old, new), score in scores.items():
        best["gone", old].append(score)
        best["come", new].append(score)
    alone = {path: max(rivals) for path, rivals in best.items() if rivals.count(max(rivals)) == 1}
    return [
        RenamedFile(old, new, 100 if gone[old] == come[new] else min(int(score * 100), 99))
        for (old, new), score in scores.items()
        if score >= ALIKE and alone.get(("gone", old)) == score == alone.get(("come", new))
    ]


def _candidates(gone: Contents, come: Contents) -> dict[str, list[str]]:
    """What each file may have become: of the same name or directory, or anything where there are few."""
    if len(gone) * len(come) <= 100:
        return {old: list(come) for old in gone}
    names, folders = _by_name(list(come)), defaultdict(list)
    for path in come:
        folders[posixpath.dirname(path)].append(path)
    found: dict[str, list[str]] = {}
    room = _MOST_PAIRS
    for old in gone:
        candidates = list(dict.fromkeys([*names.get(posixpath.basename(old), []), *folders.get(posixpath.dirname(old), [])]))
        if 0 < len(candidates) <= room:  # not a part of them: the best one may be in the rest
            room -= len(candidates)
            found[old] = candidates
    return found


class _Lines:
    """The lines of contents, counted once, and no more of them than are allowed."""

    def __init__(self) -> None:
        self._known: dict[bytes, Counter[str] | None] = {}
        self._room = _MOST_LINES

    def score(self, one: bytes, other: bytes) -> float:
        """The part of the larger one's lines that is in both; 0 where one is no text, or too large, or they cannot be alike."""
        counted = [found for content in (one, other) if (found := self._counted(content))]
        if len(counted) < 2:
            return 0.0
        (fewer, least), (more, most) = sorted(((lines, lines.total()) for lines in counted), key=lambda each: each[1])
        if least < ALIKE * most:
            return 0.0
        if len(fewer) > len(more):
            fewer, more = more, fewer
        return sum(min(count, more[line]) for line, count in fewer.items() if line in more) / most

    def _counted(self, content: bytes) -> Counter[str] | None:
        if content not in self._known:
            self._known[content] = self._count(content)
        return self._known[content]

    def _count(self, content: bytes) -> Counter[str] | None:
        text = decoded(content) if len(content) <= _MOST_BYTES else None
        if text is None:
            return None
        lines = [stripped for line in lines_of(text[0]) if (stripped := line.strip())]
        self._room -= len(lines)
        return Counter(lines) if self._room >= 0 else None
