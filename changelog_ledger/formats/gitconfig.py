"""git-config(1): ``remote/origin/url``, ``core/autocrlf``; names of sections and variables in lower case, as ``git config --list`` shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from changelog_ledger.formats.entries import Entry, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable

_SECTION = re.compile(r'\[\s*(?P<section>[\w.-]+)(?:\s+"(?P<name>(?:\\.|[^"\\])*)")?\s*\]\s*(?P<rest>.*)', re.DOTALL)
_VARIABLE = re.compile(r"(?P<key>[A-Za-z][\w-]*)\s*(?:(?P<equals>=)\s*(?P<value>.*))?", re.DOTALL)
_PIECE = re.compile(r"""\\.|(?P<quote>")|(?P<comment>[#;])|.""", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)")
_COMMENTS = ("#", ";")
_LONGEST_VALUE = 100_000
_Section = tuple[str, str | None]


def read(text: str) -> Parsed:
    """Sections with their variables and subsections; a section that is written again goes on, a variable has a list.

    A variable without ``=`` is ``true``. Values are as written, without the comment behind them.

    :raises Unparsable: for a variable outside a section, and for what is none.
    """
    bodies: dict[_Section, tuple[int, list[Entry]]] = {}
    body: list[Entry] | None = None
    for number, line in _logical_lines(text):
        statement = line
        if line.startswith("["):
            section, statement = _section(number, line)
            body = bodies.setdefault(section, (number, []))[1]
        if statement and not statement.startswith(_COMMENTS):
            if body is None:
                raise Unparsable("a variable outside a section", number)
            body.append(_variable(number, statement))
    return tree(_entries(bodies))


def _entries(bodies: dict[_Section, tuple[int, list[Entry]]]) -> Iterator[Entry]:
    """Each section with its variables, and its subsections in it."""
    within: dict[str, list[Entry]] = {kind: [] for kind, _ in bodies}
    for (kind, name), (line, body) in bodies.items():
        if name is not None:
            within[kind].append(Entry(name, tuple(body), line))
    for kind, subsections in within.items():
        line, variables = bodies.get((kind, None), (0, []))
        yield Entry(kind, (*variables, *subsections), line or subsections[0].line)


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """A backslash at the end of a line that is no comment goes on in the next."""
    pieces: list[str] = []
    start = 0
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip() if not pieces else line.rstrip()
        if not pieces and (not stripped or stripped.startswith(_COMMENTS)):
            continue
        start = start if pieces else number
        goes_on = (len(stripped) - len(stripped.rstrip("\\"))) % 2 == 1
        pieces.append(stripped[:-1] if goes_on else stripped)
        if not goes_on:
            yield start, "".join(pieces)
            pieces = []
    if pieces:
        yield start, "".join(pieces)


def _section(number: int, line: str) -> tuple[_Section, str]:
    """Section and subsection, and what stands behind them in the line."""
    found = _SECTION.fullmatch(line)
    if not found:
        raise Unparsable("a section that is never closed", number)
    name = found["name"]
    return (found["section"].lower(), None if name is None else _ESCAPE.sub(r"\1", name)), found["rest"]


def _variable(number: int, statement: str) -> Entry:
    found = _VARIABLE.fullmatch(_without_comment(statement))
    if not found:
        raise Unparsable("neither a section nor a variable", number)
    return Entry(found["key"].lower(), found["value"].strip() if found["equals"] else "true", number)


def _without_comment(statement: str) -> str:
    if len(statement) > _LONGEST_VALUE:
        return statement
    in_quotes = False
    for found in _PIECE.finditer(statement):
        if found["quote"]:
            in_quotes = not in_quotes
        elif found["comment"] and not in_quotes:
            return statement[: found.start()].rstrip()
    return statement


FORMATS = (Format("gitconfig", read),)
