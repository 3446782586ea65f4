"""Redis and Valkey: redis.conf, sentinel.conf, and lists of users (the ``aclfile``).

``maxmemory``, ``save[1]``, ``client-output-buffer-limit/replica``, ``rename-command/FLUSHALL``, ``user/alice[3]``,
``sentinel/main/down-after-milliseconds``.
"""

from __future__ import annotations

import re

from changelog_ledger.formats.entries import Entry, significant_lines, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable

_WORD = re.compile(r"""\s+|(?P<word>(?:"(?:\\.|[^"\\])*+"|'(?:\\.|[^'\\])*+'|[^\s"'])+)|(?P<open>["'])""")
_BY_NAME = ("rename-command", "user")
_SEVERAL = ("include", "loadmodule", "save")
"""Directives that may be repeated, and are done in their order."""
_CLASSES = ("normal", "slave", "replica", "pubsub")


def read(text: str) -> Parsed:
    """Directives in any case, written small here, and their arguments with their quotes. A ``#`` begins a comment at the start of a line only.

    Directives that are about one of several (a class of clients, a command, a user, a master) are known by it. The rules of a user are a
    list: they are applied from left to right.

    :raises Unparsable: for a quote that is never closed.
    """
    blocks: dict[str, list[Entry]] = {}
    entries: list[Entry] = []
    for number, line in significant_lines(text):
        directive, *words = _words(number, line)
        _take(entries, blocks, directive.lower(), words, number)
    return tree([*entries, *(Entry(key, _merged(inner), inner[0].line) for key, inner in blocks.items())])


def _words(number: int, line: str) -> list[str]:
    words = []
    for found in _WORD.finditer(line):
        if found["open"]:
            raise Unparsable("a quote that is never closed", number)
        if found["word"]:
            words.append(found["word"])
    return words


def _take(entries: list[Entry], blocks: dict[str, list[Entry]], key: str, words: list[str], line: int) -> None:
    """Put a directive among the plain ones, or below its key with the others of its kind."""
    if key in _BY_NAME and words:
        rules = [Entry(words[0], rule, line, listed=True) for rule in words[1:]] or [Entry(words[0], [], line)]
        blocks.setdefault(key, []).extend(rules if key == "user" else [Entry(words[0], " ".join(words[1:]), line)])
    elif key == "client-output-buffer-limit" and len(words) % 4 == 0 and set(words[::4]) <= set(_CLASSES):
        blocks.setdefault(key, []).extend(Entry(words[at], " ".join(words[at + 1 : at + 4]), line) for at in range(0, len(words), 4))
    elif key == "sentinel" and words:
        blocks.setdefault(key, []).append(_of_sentinel(words, line))
    elif key == "save" and len(words) % 2 == 0:
        entries.extend(Entry(key, " ".join(words[at : at + 2]), line, listed=True) for at in range(0, len(words), 2))
    else:
        entries.append(Entry(key, " ".join(words), line, listed=key in _SEVERAL))


def _of_sentinel(words: list[str], line: int) -> Entry:
    """``sentinel monitor MASTER …`` and other options of a master; ``sentinel resolve-hostnames yes`` is for all."""
    option, *rest = words
    if len(rest) < 2:
        return Entry(option, " ".join(rest), line)
    return Entry(rest[0], (Entry(option, " ".join(rest[1:]), line),), line)


def _merged(entries: list[Entry]) -> tuple[Entry, ...]:
    """Blocks of one key made one."""
    blocks: dict[str, list[Entry]] = {}
    for entry in entries:
        if isinstance(entry.value, tuple):
            blocks.setdefault(entry.key, []).extend(entry.value)
    plain = [entry for entry in entries if not isinstance(entry.value, tuple)]
    return (*plain, *(Entry(key, tuple(inner), inner[0].line) for key, inner in blocks.items()))


FORMATS = (Format("redis", read),)
