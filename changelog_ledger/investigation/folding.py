"""Which differences between two hosts are to be expected: those that are gone once each host's own identifiers are put out of sight.

::

    fold = Folding(own identifiers of web-01, own identifiers of web-02)
    fold.kinds_of(Delta("/etc/app.ini", "listen", CHANGED, "10.0.0.5:80", "10.0.0.6:80"))  ->  ("address",)
    fold.kinds_of(Delta("/etc/app.ini", "listen", CHANGED, "10.0.0.5:80", "10.0.0.6:81"))  ->  ()

Where each names itself, and where each names the other, the two say the same. Where one names itself and the other does so too, they do not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from changelog_ledger.investigation.own_identifiers import HOSTS_FILE, NAME, WHOLE_FILES, Identifier
from changelog_ledger.model import globs
from changelog_ledger.model.evidence import Delta, Op

USER_NUMBER = "user number"
_NUMBERS = {"uid", "gid"}
_LONGEST = 100_000
"""Characters of a value beyond which nothing is looked for in it."""

_LOOPBACK_NAME = "127.0.1.1"
"""What Debian gives a host's own name in its own /etc/hosts (debian reference, 5.1.1)."""


class Folding:
    """The identifiers of two hosts, ready to be asked about many differences."""

    def __init__(self, left: Sequence[Identifier], right: Sequence[Identifier]) -> None:
        self._left = (_Mask(left, right), _Mask(_short(left), _short(right)))
        self._right = (_Mask(right, left), _Mask(_short(right), _short(left)))
        self._by_name = (_absolute(left, right), _absolute(right, left, swapped=True))

    def kinds_of(self, delta: Delta) -> tuple[str, ...]:
        """What a difference is about, if it is to be expected; else nothing."""
        if delta.op is Op.METADATA:
            numbers_only = {*(delta.before or {}), *(delta.after or {})} <= _NUMBERS
            return (USER_NUMBER,) if numbers_only else ()
        if delta.op not in (Op.CHANGED, Op.MOVED, Op.OPAQUE) or delta.before is None or delta.after is None:
            return ()
        whole = next((kind for glob, kind in WHOLE_FILES.items() if globs.matches(glob, delta.path)), None)
        return (whole,) if whole else self._kinds_between(delta)

    def _kinds_between(self, delta: Delta) -> tuple[str, ...]:
        pairs = [*zip(self._left, self._right, strict=True), *([self._by_name] if delta.path == HOSTS_FILE else [])]
        for left, right in pairs:
            (old, kinds), (new, _) = left.out_of_sight(delta.before), right.out_of_sight(delta.after)
            if old is not None and old == new:
                return kinds
        return ()

    def twins(self, deltas: Sequence[Delta]) -> tuple[Twin, ...]:
        """What only the left side has and what only the right one has, where that is one thing that each calls by its own name."""
        waiting: dict[str, list[int]] = {}
        for position, delta in enumerate(deltas):
            if delta.op is Op.REMOVED:
                waiting.setdefault(_said(self._left[1], delta.path, delta.key)[0], []).append(position)
        found = []
        for position, delta in enumerate(deltas):
            place, kinds = _said(self._right[1], delta.path, delta.key)
            if delta.op is Op.ADDED and kinds and waiting.get(place):
                value, more = _said(self._right[1], delta.after)
                same = [left for left in waiting[place] if _said(self._left[1], deltas[left].before)[0] == value]
                left = (same or waiting[place])[0]
                waiting[place].remove(left)
                found.append(Twin(left, position, tuple(sorted({*kinds, *more})), equal=bool(same)))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Twin:
    """Positions of two differences that are one thing under two names.

    :ivar equal: whether it says the same on both sides, each host's own put out of sight.
    """

    left: int
    right: int
    kinds: tuple[str, ...]
    equal: bool


def _said(mask: _Mask, *values: Any) -> tuple[str, tuple[str, ...]]:
    text, kinds = mask.out_of_sight(list(values))
    return text or "", kinds


class _Mask:
    """Puts placeholders for identifiers: a host's own, and those of the other one."""

    def __init__(self, own: Sequence[Identifier], others: Sequence[Identifier] = (), whose: tuple[str, str] = ("own", "the other's")) -> None:
        found = {each.text.lower(): (f"\0{whose[1]} {each.place}\0", each.kind) for each in others}
        found |= {each.text.lower(): (f"\0{whose[0]} {each.place}\0", each.kind) for each in own}
        self._placeholders: Mapping[str, tuple[str, str]] = found
        self._pattern = re.compile("|".join(_bounded(text) for text in sorted(found, key=len, reverse=True)) or "(?!)", re.IGNORECASE)

    def out_of_sight(self, value: Any) -> tuple[str | None, tuple[str, ...]]:
        """The value as text with placeholders, and the kinds of what was replaced; None where it is too long to look."""
        text = json.dumps(value, ensure_ascii=False, sort_keys=True)
        if len(text) > _LONGEST:
            return None, ()
        kinds: set[str] = set()

        def put(match: re.Match[str]) -> str:
            known = self._placeholders.get(match[0].lower())
            if known is None:  # letters that only case folding makes equal (``ſ`` and ``s``): another text
                return match[0]
            kinds.add(known[1])
            return known[0]

        return self._pattern.sub(put, text), tuple(sorted(kinds))


def _bounded(text: str) -> str:
    """The text where it stands by itself: ``10.0.0.5`` not in ``10.0.0.50``, ``web-1`` not in ``web-1a``, though in ``web-1.example``."""
    if re.fullmatch(r"[\d.]+", text):
        return rf"(?<![\d.]){re.escape(text)}(?!\.?\d)"
    if ":" in text:
        return rf"(?<![0-9A-Za-z:]){re.escape(text)}(?![0-9A-Za-z:])"
    return rf"(?<![0-9A-Za-z-]){re.escape(text)}(?![0-9A-Za-z-])"


def _short(identifiers: Sequence[Identifier]) -> list[Identifier]:
    """Without full names: where one host's is not known, the short name within it still is."""
    return [each for each in identifiers if each.kind != NAME or "." not in each.text]


def _absolute(own: Sequence[Identifier], others: Sequence[Identifier], *, swapped: bool = False) -> _Mask:
    """For a table of names, where both hosts tell the addresses of both: each address becomes the name of the host that it is of."""
    mine = [*(Identifier(each.text, each.kind, each.kind) for each in own), Identifier(_LOOPBACK_NAME, "address", "address")]
    theirs = [Identifier(each.text, each.kind, each.kind) for each in others]
    return _Mask(mine, theirs, ("second", "first") if swapped else ("first", "second"))
