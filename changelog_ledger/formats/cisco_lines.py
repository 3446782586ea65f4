"""The lines of a running configuration: which are commands, and which are the text of a banner or a certificate."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from changelog_ledger.formats.grammar import Unparsable

_BANNER = re.compile(
    r"(?P<key>banner (?:motd|login|exec|incoming|prompt-timeout|slip-ppp|config-save)|aaa authentication (?:banner|fail-message))(?: +|$)"
)
_CHAIN = re.compile(r"crypto (?:pki|ca) certificate chain ")
_NOT_SETTINGS = re.compile(r"!|:|end$|exit$|exit-[\w-]+$|quit$|Building configuration|Current configuration ?:|Using \d+ out of|Cryptochecksum:")
"""Comments (``:`` is ASA's), ends of sections, which the indentation says already, and what ``show running-config`` says before and after."""
_HEXADECIMAL = re.compile(r"\s+[0-9A-Fa-f ]+")


@dataclass(frozen=True, slots=True)
class Line:
    """A command as it stands, or the text of a banner or certificate under its key."""

    number: int
    indent: int
    text: str
    block: str | None = None


def command_lines(text: str, end_of_banner: str) -> Iterator[Line]:
    """Every command; what belongs to a banner or a certificate is in one.

    :raises Unparsable: for a banner or certificate without end.
    :param end_of_banner: the line that ends a banner (EOS), ``delimiter`` where its first character says what does, ``line`` for a line each.
    """
    rows = text.split("\n")
    number, in_chain = 0, False
    while number < len(rows):
        row = rows[number]
        stripped = row.strip()
        number += 1
        if not stripped or _NOT_SETTINGS.match(stripped):
            continue
        indent = len(row.expandtabs(8)) - len(row.expandtabs(8).lstrip())
        in_chain = bool(_CHAIN.match(stripped)) or (in_chain and indent > 0)
        if end_of_banner != "line" and (banner := _BANNER.match(stripped)):
            content, after = _banner(rows, number, stripped[banner.end() :], end_of_banner)
            yield Line(number, indent, banner["key"], content)
            number = after
        elif in_chain and stripped.startswith("certificate ") and _HEXADECIMAL.fullmatch("".join(rows[number : number + 1])):
            end = _index_of("quit", rows, number)
            if end is None:
                raise Unparsable("a certificate that is never ended", number)
            yield Line(number, indent, stripped, "\n".join(line.strip() for line in rows[number:end]))
            number = end + 1
        else:
            yield Line(number, indent, stripped)


def _banner(rows: Sequence[str], start: int, rest: str, end_of_banner: str) -> tuple[str, int]:
    """The text of a banner, and the index of the row after it."""
    if end_of_banner != "delimiter" and not rest:
        end = _index_of(end_of_banner, rows, start)
        if end is None:
            raise Unparsable("a banner that is never ended", start)
        return "\n".join(rows[start:end]), end + 1
    delimiter = "^C" if rest.startswith("^C") else rest[:1]
    first = rest.removeprefix(delimiter)
    if delimiter and delimiter in first:
        return first.partition(delimiter)[0], start
    end = next((index for index in range(start, len(rows)) if delimiter and delimiter in rows[index]), None)
    if end is None:
        raise Unparsable("a banner that is never ended", start)
    text = "\n".join([first, *rows[start:end], rows[end].partition(delimiter)[0]])
    return text.removeprefix("\n").removesuffix("\n"), end + 1


def _index_of(end: str, rows: Sequence[str], start: int) -> int | None:
    return next((index for index in range(start, len(rows)) if rows[index].strip() == end), None)
