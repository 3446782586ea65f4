"""PostgreSQL: postgresql.conf, pg_hba.conf and pg_ident.conf.

``shared_buffers``; ``[host all all 10.0.0.0/8]/method``; ``[ldap]/database_user``. Sources: the chapters "Setting Parameters", "The pg_hba.conf
File" and "User Name Maps" of its manual.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from changelog_ledger.formats.entries import KNOWN_AS, Entry, significant_lines, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.formats.records import records
from changelog_ledger.model.document import ListPolicy, Order

_QUOTED = r"'(?:''|\\.|[^'\\])*+'"
_SETTING = re.compile(rf"(?P<key>[A-Za-z_][\w.$]*)(?:\s*=\s*|\s+|(?='))(?P<value>{_QUOTED}|[^\s#'][^\s#]*)\s*(?:#.*)?")


def read_settings(text: str) -> Parsed:
    """``name = value`` with the name in any case, which is written small here; the ``=`` may be left out. Values keep their quotes.

    A setting that is written again has a list, of which the last counts. ``include``, ``include_dir`` and ``include_if_exists`` are lists.

    :raises Unparsable: for a line that is no setting, or has more than one value without quotes.
    """
    return tree(_setting(number, line) for number, line in significant_lines(text))


def _setting(number: int, line: str) -> Entry:
    found = _SETTING.fullmatch(line)
    if not found:
        raise Unparsable("not a setting and its value", number)
    key = found["key"].lower()
    return Entry(key, found["value"], number, listed=key.startswith("include"))


# --- records of words ---------------------------------------------------------------------------------------------------------------------

_HBA_WORD = re.compile(r'\s+|(?P<comment>#.*)|(?P<word>(?:"[^"]*"|[^\s"#,]|,\s*)+)|(?P<open>")')
_CONNECTIONS = ("local", "host", "hostssl", "hostnossl", "hostgssenc", "hostnogssenc")
_INCLUDES = ("include", "include_dir", "include_if_exists")
_MASK = re.compile(r"\d+\.\d+\.\d+\.\d+|[0-9a-fA-F]*:[0-9a-fA-F:.]*")


def read_hba(text: str) -> Parsed:
    """Records in their order, of which the first that fits a connection counts. Known by all that says whom they are for.

    ``type``, ``database``, ``user``, ``address``, ``mask``, ``method``, and ``options`` by name. A comma may have blanks behind it, a line that
    ends in a backslash goes on in the next.

    :raises Unparsable: for a record with too few words, or of no known type.
    """
    return records((number, tuple(_hba(number, _words(number, line)))) for number, line in _logical_lines(text))


def _hba(number: int, words: list[str]) -> Iterator[Entry]:
    kind, *rest = words
    if kind in _INCLUDES and len(rest) == 1:
        return _record(number, ("type", "file"), words, 2)
    if kind not in _CONNECTIONS:
        raise Unparsable(f"{kind!r} is no type of connection", number)
    names = ["type", "database", "user"] if kind == "local" else ["type", "database", "user", "address"]
    if kind != "local" and len(words) > 5 and "/" not in words[3] and _MASK.fullmatch(words[4]):
        names.append("mask")
    return _record(number, (*names, "method"), words, len(names))


def _record(number: int, names: tuple[str, ...], words: list[str], known_by: int) -> Iterator[Entry]:
    if len(words) < len(names):
        raise Unparsable("a record with too few words", number)
    yield Entry(KNOWN_AS, " ".join(words[:known_by]), number)
    yield from (Entry(name, word, number) for name, word in zip(names, words, strict=False))
    options = [option.partition("=") for option in words[len(names) :]]
    if options:
        yield Entry("options", tuple(Entry(name, value, number) for name, _, value in options), number)


def read_ident(text: str) -> Parsed:
    """Records of ``map``, ``system_user`` and ``database_user``, in their order.

    :raises Unparsable: for a record of another number of words.
    """
    return records((number, tuple(_ident(number, _words(number, line)))) for number, line in _logical_lines(text))


def _ident(number: int, words: list[str]) -> Iterator[Entry]:
    if words[0] in _INCLUDES and len(words) == 2:
        return _record(number, ("type", "file"), words, 2)
    if len(words) != 3:
        raise Unparsable(f"{len(words)} words in a user name map", number)
    return _record(number, ("map", "system_user", "database_user"), words, 2)


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Since PostgreSQL 14 a backslash at the very end of a line, even of a comment, joins the next to it."""
    pieces: list[str] = []
    start = 1
    for number, line in enumerate(text.split("\n"), 1):
        start = start if pieces else number
        pieces.append(line.removesuffix("\\"))
        if not line.endswith("\\"):
            yield from _significant(start, "".join(pieces))
            pieces = []
    yield from _significant(start, "".join(pieces))


def _significant(number: int, line: str) -> Iterator[tuple[int, str]]:
    stripped = line.strip()
    if stripped and not stripped.startswith("#"):
        yield number, stripped


def _words(number: int, line: str) -> list[str]:
    """Words up to a comment; quotes, which take a word its meaning, stay; blanks behind a comma do not."""
    words = []
    for found in _HBA_WORD.finditer(line):
        if found["open"]:
            raise Unparsable("a quote that is never closed", number)
        if found["comment"]:
            break
        if found["word"]:
            words.append(re.sub(r",\s+", ",", found["word"]))
    return words


_WORDS = {
    "autovacuum_naptime": "pause between two rounds of clean-up",
    "checkpoint_timeout": "longest time between two checkpoints",
    "effective_cache_size": "what the planner takes the cache to be",
    "fsync": "writes are forced to disk",
    "hot_standby": "queries during recovery",
    "maintenance_work_mem": "memory for one VACUUM or CREATE INDEX",
    "max_wal_size": "log between two checkpoints",
    "random_page_cost": "what the planner takes a random read to cost",
    "shared_buffers": "memory for the server's own cache",
    "synchronous_commit": "a commit waits for the disk",
    "wal_level": "how much the write-ahead log says",
    "work_mem": "memory for one sort or hash",
}
_RECORDS = (ListPolicy((), (KNOWN_AS,), Order.ORDERED),)
FORMATS = (
    Format("postgresql", read_settings, words=_WORDS),
    Format("pg-hba", read_hba, _RECORDS),
    Format("pg-ident", read_ident, _RECORDS),
)
