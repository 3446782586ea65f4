"""logrotate.conf(5): ``log[/var/log/syslog]/rotate``, ``log[/var/log/nginx/*.log]/frequency``, ``log[/var/log/syslog]/postrotate``

Words that exclude each other are values of one key: ``daily``, ``weekly`` … of ``frequency``; ``compress`` is ``on``, ``nocompress`` ``off``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from changelog_ledger.formats.entries import KNOWN_AS, Entry, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.model.document import ListPolicy, Order

_FREQUENCIES = frozenset({"hourly", "daily", "weekly", "monthly", "yearly"})
_SWITCHES = frozenset(
    {
        *("allowhardlink", "compress", "copy", "copytruncate", "create", "createolddir", "dateext", "datehourago", "dateyesterday", "delaycompress"),
        *("ifempty", "ignoreduplicates", "mail", "mailfirst", "maillast", "missingok", "olddir", "renamecopy", "sharedscripts", "shred", "su"),
    }
)
_OFF = {f"no{name}": name for name in _SWITCHES} | {"notifempty": "ifempty"}
_WITH_ARGUMENT = frozenset(
    {
        *("addextension", "compresscmd", "compressext", "compressoptions", "dateformat", "extension", "include", "maxage", "maxsize", "minage"),
        *("minsize", "rotate", "shredcycles", "size", "start", "tabooext", "taboopat", "uncompresscmd", "error"),
    }
)
_SCRIPTS = frozenset({"firstaction", "lastaction", "postrotate", "prerotate", "preremove"})
_DIRECTIVE = re.compile(r"(?P<key>[A-Za-z]+)(?:\s*=\s*|\s+|$)(?P<value>.*)")
_PATH = re.compile(r'"[^"]*"|\'[^\']*\'|(?:\\.|[^\s"\'\\])+')


@dataclass(slots=True)
class _Reading:
    """Where the reader is: the entries at the top, the paths of the block to come, and the entries of the one that is open."""

    top: list[Entry] = field(default_factory=list)
    paths: list[Entry] = field(default_factory=list)
    body: list[Entry] | None = None


def read_logrotate(text: str) -> Parsed:
    """Directives, and blocks of them for one or more paths; scripts are texts.

    :raises Unparsable: for a word that is no directive of logrotate(8), an unbalanced brace, or a script without its end.
    """
    reading = _Reading()
    lines = iter(enumerate((line.strip() for line in text.split("\n")), 1))
    for number, line in lines:
        for piece in _pieces(line, within=reading.body is not None):
            if piece in _SCRIPTS:
                _settings(reading).append(Entry(piece, _script(lines, number), number))
            else:
                _take(reading, piece, number)
    if reading.body is not None or reading.paths:
        raise Unparsable("a block that is never closed", reading.paths[0].line if reading.paths else None)
    return tree(reading.top)


def _pieces(line: str, *, within: bool) -> Iterator[str]:
    """A line, its braces apart: they may stand alone, behind paths, or around a directive."""
    if not line or line.startswith("#"):
        return
    if not within and "{" in line:
        paths, _, line = line.partition("{")
        yield from filter(None, (paths.strip(), "{"))
        line = line.strip()
    closes = line.endswith("}") and (line == "}" or line[-2].isspace())
    yield from filter(None, (line.removesuffix("}").strip() if closes else line, "}" if closes else ""))


def _take(reading: _Reading, piece: str, number: int) -> None:
    if piece == "{":
        if not reading.paths:
            raise Unparsable("a block without a path", number)
        reading.body = []
    elif piece == "}":
        if reading.body is None:
            raise Unparsable("a closing brace too many", number)
        reading.top.append(_block(reading.paths, reading.body))
        reading.paths, reading.body = [], None
    elif reading.body is None and piece[0] in "/\"'~*":
        reading.paths.extend(Entry("paths", found[0].strip("\"'"), number, listed=True) for found in _PATH.finditer(piece))
    else:
        _settings(reading).append(_directive(piece, number))


def _settings(reading: _Reading) -> list[Entry]:
    return reading.top if reading.body is None else reading.body


def _block(paths: Sequence[Entry], body: Sequence[Entry]) -> Entry:
    line = paths[0].line
    return Entry("log", (Entry(KNOWN_AS, str(paths[0].value), line), *paths, *body), line, listed=True)


def _directive(line: str, number: int) -> Entry:
    found = _DIRECTIVE.fullmatch(line.split(" #")[0].rstrip())
    if not found:
        raise Unparsable("neither a path nor a directive", number)
    key, value = found["key"], found["value"]
    if key in _FREQUENCIES:
        return Entry("frequency", f"{key} {value}".strip(), number)
    if key in _OFF and not value:
        return Entry(_OFF[key], "off", number)
    if key in _SWITCHES or (value and key in _WITH_ARGUMENT):
        return Entry(key, value or "on", number)
    raise Unparsable(f"{key!r} is no directive of logrotate", number)


def _script(lines: Iterator[tuple[int, str]], start: int) -> str:
    """The lines up to ``endscript``, without indentation."""
    script: list[str] = []
    for _, line in lines:
        if line == "endscript":
            return "\n".join(script).strip()
        script.append(line)
    raise Unparsable("a script without its end", start)


_POLICIES = (ListPolicy(("log",), (KNOWN_AS,), Order.SET), ListPolicy(("log", "*", "paths"), order=Order.SET))
FORMATS = (Format("logrotate", read_logrotate, _POLICIES),)
