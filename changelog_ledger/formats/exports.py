"""exports(5) of NFS: ``[/srv/nfs]/client[10.0.0.0/24]/options[rw]``, keyed by path and client."""

from __future__ import annotations

import re

from changelog_ledger.formats.entries import Entry, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.formats.logical_lines import LogicalLine, Piece, logical_lines, words
from changelog_ledger.model.document import ListPolicy, Order

_CLIENT = re.compile(r"(?P<host>[^()]*)(?:\((?P<options>[^()]*)\))?")
_DEFAULTS = "(defaults)"
_MOST_CLIENTS = 10_000


def read(text: str) -> Parsed:
    """Each exported directory with its clients, and their options as sets. Options for all later clients (``-ro,sync``) are those of a
    client called ``(defaults)``.

    :raises Unparsable: if brackets are not closed, or one directory has too many clients.
    """
    found = list(logical_lines("\n".join(line.split("#")[0] for line in text.split("\n"))))
    parsed = tree([Entry("export", _export(line), line.line, listed=True) for line in found])
    exports = parsed.root.get("export", []) if isinstance(parsed.root, dict) else []
    return Parsed(exports, {path[1:]: line for path, line in parsed.lines.items() if len(path) > 1})


def _export(line: LogicalLine) -> tuple[Entry, ...]:
    directory, *clients = words(line)
    if len(clients) > _MOST_CLIENTS:
        raise Unparsable(f"more than {_MOST_CLIENTS:,} clients of one directory", line.line)
    if not clients:
        return (Entry("path", directory.text, directory.line), *_client(Piece("*", directory.line)))
    return (Entry("path", directory.text, directory.line), *(entry for client in clients for entry in _client(client)))


def _client(word: Piece) -> list[Entry]:
    if word.text.startswith("-"):
        return [_described(_DEFAULTS, word.text[1:], word.line)]
    found = _CLIENT.fullmatch(word.text)
    if not found:
        raise Unparsable("not a client and its options", word.line)
    return [_described(found["host"] or "*", found["options"] or "", word.line)]


def _described(host: str, options: str, line: int) -> Entry:
    values = [option for option in options.split(",") if option]
    return Entry("client", (Entry("host", host, line), Entry("options", values, line)), line, listed=True)


_POLICIES = (
    ListPolicy((), ("path",), Order.SET),
    ListPolicy(("*", "client"), ("host",), Order.SET),
    ListPolicy(("*", "client", "*", "options"), order=Order.SET),
)
FORMATS = (Format("exports", read, _POLICIES),)
