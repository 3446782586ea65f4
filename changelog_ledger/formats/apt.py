"""Where apt gets its packages: sources.list(5) in both of its styles, and apt_preferences(5).

``[deb http://deb.debian.org/debian updates]/suite``, ``…/components[contrib]``; ``[http://deb.debian.org/debian]/Suites[trixie]``;
``[nginx* release o=nginx]/Pin-Priority``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from changelog_ledger.formats.entries import KNOWN_AS, Entry, significant_lines
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.formats.records import records
from changelog_ledger.model.document import ListPolicy, Order

_SOURCE = re.compile(
    r"(?P<type>deb|deb-src)\s+(?:\[(?P<options>[^\]]*)\]\s*)?(?P<uri>(?:\[[^\]]*\]|[^\s\[])+)\s+(?P<suite>\S+)(?:\s+(?P<components>.*))?"
)
_OPTION = re.compile(r"\s*(?P<name>[^\s=]+?)\s*(?P<operator>[-+]?=)\s*(?P<value>\S*)")
_POCKET = re.compile(r"[^-/]*[-/](?P<pocket>.+)")


def read_one_line(text: str) -> Parsed:
    """``deb [options] uri suite component …``.

    A source is known by type, address, and what of its suite does not say the release (``bookworm-updates``): so that an upgrade from one
    release to the next is a change of suites, not another list of sources.

    :raises Unparsable: for a line that is no source.
    """
    return records((number, tuple(_source(number, line.split("#", 1)[0].strip()))) for number, line in significant_lines(text))


def _source(number: int, line: str) -> Iterator[Entry]:
    found = _SOURCE.fullmatch(line)
    if not found:
        raise Unparsable("not a source of packages", number)
    pocket = _POCKET.fullmatch(found["suite"])
    yield Entry(KNOWN_AS, " ".join(filter(None, (found["type"], found["uri"], pocket["pocket"] if pocket else ""))), number)
    yield Entry("type", found["type"], number)
    if found["options"] is not None:
        yield Entry("options", tuple(_options(number, found["options"])), number)
    yield Entry("uri", found["uri"], number)
    yield Entry("suite", found["suite"], number)
    yield Entry("components", (found["components"] or "").split(), number)


def _options(number: int, written: str) -> Iterator[Entry]:
    rest = written
    while rest.strip():
        found = _OPTION.match(rest)
        if not found:
            raise Unparsable("not an option of a source", number)
        yield Entry(found["name"] + found["operator"].removesuffix("="), found["value"], number)
        rest = rest[found.end() :]


# --- stanzas ------------------------------------------------------------------------------------------------------------------------------

_FIELD = re.compile(r"(?P<name>[^\s:#][^\s:]*)\s*:\s*(?P<value>.*)")
_SETS = ("Types", "URIs", "Suites", "Components", "Architectures", "Languages", "Targets")


@dataclass(slots=True)
class _Field:
    name: str
    pieces: list[tuple[int, str]]

    @property
    def line(self) -> int:
        return self.pieces[0][0]

    @property
    def text(self) -> str:
        """Its lines; the first is empty where the value begins below its name."""
        return "\n".join(piece for _, piece in self.pieces).removeprefix("\n")

    def entries(self) -> Iterator[Entry]:
        """A set of words, or a text."""
        words = [(number, word) for number, piece in self.pieces for word in piece.split()]
        if self.name not in _SETS:
            yield Entry(self.name, self.text, self.line)
        elif not words:
            yield Entry(self.name, [], self.line)
        else:
            yield from (Entry(self.name, word, number, listed=True) for number, word in words)


_Stanza = list[_Field]


def read_stanzas(text: str) -> Parsed:
    """deb822-style sources: ``Types``, ``URIs``, ``Suites``, ``Components`` and others are sets of words. A stanza is known by its addresses.

    :raises Unparsable: for a line that is neither a field nor goes on with one.
    """
    return _named(text, lambda stanza: " ".join(_said(stanza, "URIs").split()))


def read_preferences(text: str) -> Parsed:
    """Records of ``Package``, ``Pin`` and ``Pin-Priority``, known by the first two. Their order matters: the first specific one that fits counts.

    :raises Unparsable: as for stanzas.
    """
    return _named(text, lambda stanza: f"{_said(stanza, 'Package')} {_said(stanza, 'Pin')}")


def _named(text: str, name: Callable[[_Stanza], str]) -> Parsed:
    return records(
        (stanza[0].line, (Entry(KNOWN_AS, name(stanza), stanza[0].line), *(entry for one in stanza for entry in one.entries())))
        for stanza in _stanzas(text)
    )


def _said(stanza: Sequence[_Field], name: str) -> str:
    return next((one.text for one in stanza if one.name == name), "")


def _stanzas(text: str) -> Iterator[_Stanza]:
    """Fields up to a blank line; a line that begins with a blank goes on with the field before, a ``#`` at the beginning is a comment."""
    stanza: _Stanza = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("#"):
            continue
        if not line.strip():
            yield from [stanza] if stanza else []
            stanza = []
        elif line[0] in " \t":
            _go_on(stanza, number, line.strip())
        else:
            stanza.append(_field(number, line))
    yield from [stanza] if stanza else []


def _go_on(stanza: _Stanza, number: int, piece: str) -> None:
    if not stanza:
        raise Unparsable("a continuation of nothing", number)
    stanza[-1].pieces.append((number, piece))


_SPELLING = {name.lower(): name for name in (*_SETS, "Enabled", "Signed-By", "Trusted", "Package", "Pin", "Pin-Priority")}


def _field(number: int, line: str) -> _Field:
    """A field; the case of its name means nothing."""
    found = _FIELD.fullmatch(line.rstrip())
    if not found:
        raise Unparsable("not a field and its value", number)
    return _Field(_SPELLING.get(found["name"].lower(), found["name"]), [(number, found["value"])])


_RECORDS = ListPolicy((), (KNOWN_AS,), Order.ORDERED)
_STANZA_POLICIES = (_RECORDS, *(ListPolicy(("*", name), order=Order.SET) for name in _SETS))
FORMATS = (
    Format("apt-sources", read_one_line, (_RECORDS, ListPolicy(("*", "components"), order=Order.SET))),
    Format("deb822", read_stanzas, _STANZA_POLICIES),
    Format("apt-preferences", read_preferences, (_RECORDS,)),
)
