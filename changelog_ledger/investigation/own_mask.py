"""A host's own identifiers out of sight in a text: what is left says the same on hosts that differ in nothing else.

::

    OwnMask(identifiers of web-01).masked("listen 10.0.0.5:80")  ->  ("listen \\0IPv4 address 1\\0:80", {"address"})
    readable("listen \\0IPv4 address 1\\0:80")                    ->  "listen <own IPv4 address>:80"
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from changelog_ledger.investigation.own_identifiers import Identifier

_LONGEST = 1_000_000
"""Characters beyond which nothing is looked for in a text."""

_PLACEHOLDER = re.compile("\0([^\0]+?)(?: 1)?\0")
_READABLE = re.compile(r"<own [^<>]+>")
_LETTERS = frozenset("0123456789abcdefghijklmnopqrstuvwxyz")


class OwnMask:
    """Made once a host; asked about many texts, most of which hold nothing of its own: so no pattern is compiled."""

    def __init__(self, own: Sequence[Identifier]) -> None:
        """The longest identifier is looked for first."""
        self._own = sorted({each.text.lower(): each for each in own if each.text}.items(), key=lambda entry: (-len(entry[0]), entry[0]))

    def masked(self, text: str) -> tuple[str, frozenset[str]]:
        """The text with a placeholder for each identifier where it stands by itself, and what kinds they are of."""
        if len(text) > _LONGEST:
            return text, frozenset()
        kinds: set[str] = set()
        lowered = _lowered(text)
        for wanted, own in self._own:
            if wanted in lowered and (places := list(_places(lowered, wanted))):
                kinds.add(own.kind)
                text = _replaced(text, places, len(wanted), f"\0{own.place}\0")
                lowered = _lowered(text)
        return text, frozenset(kinds)


def readable(masked: str) -> str:
    """A masked text for people: ``listen <own IPv4 address>:80``. No host's identifier stands in it, since it is said of several."""
    return _PLACEHOLDER.sub(r"<own \1>", masked)


def stands_in(shown: str, text: str) -> bool:
    """Whether a text holds what is shown of a masked one, whatever stands where a host's own is."""
    return re.search(_pattern(shown), text) is not None if "<own " in shown else shown in text


def says(shown: str, text: str) -> bool:
    """Whether a text is what is shown of a masked one, whatever stands where a host's own is."""
    return re.fullmatch(_pattern(shown), text) is not None if "<own " in shown else shown == text


def _pattern(shown: str) -> str:
    return ".+".join(map(re.escape, _READABLE.split(shown)))


def _lowered(text: str) -> str:
    """In small letters, each at its place: where a letter becomes two, as it is."""
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else text


def _places(lowered: str, wanted: str) -> Iterator[int]:
    """Where an identifier stands by itself: ``10.0.0.5`` not in ``10.0.0.50``, ``web-1`` not in ``web-1a``, though in ``web-1.example``."""
    at = lowered.find(wanted)
    while at >= 0:
        if _stands_alone(lowered, at, wanted):
            yield at
        at = lowered.find(wanted, at + len(wanted))


def _stands_alone(text: str, at: int, wanted: str) -> bool:
    before, after = text[at - 1 : at] if at else "", text[at + len(wanted) : at + len(wanted) + 2]
    if "." in wanted and not wanted.strip("0123456789."):
        return not (before.isdigit() or before == "." or after[:1].isdigit() or (after[:1] == "." and after[1:].isdigit()))
    joining = _LETTERS | {":"} if ":" in wanted else _LETTERS | {"-"}
    return before not in joining and after[:1] not in joining


def _replaced(text: str, places: Sequence[int], length: int, placeholder: str) -> str:
    pieces, end = [], 0
    for place in places:
        pieces += [text[end:place], placeholder]
        end = place + length
    return "".join([*pieces, text[end:]])
