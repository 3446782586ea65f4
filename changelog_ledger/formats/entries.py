"""From what stands in a file, in its order, to a tree: a key that is written once has a value, one that is written again has a list.

The parsers for simple formats produce :class:`Entry` values; :func:`tree` does the rest, and notes the lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from changelog_ledger.formats.grammar import Parsed
from changelog_ledger.model.document import KeyPath, Node

NAME = "(name)"
"""Key under which a block keeps what it is called, where the format has no key for that (``location /api``, ``Match User bob``)."""

KNOWN_AS = "(known as)"
"""The same where that follows from other keys of the block (a server from its ``server_name``). ``diff`` leaves out a change of it that
comes with a change of those."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A key as it stands in a file.

    :ivar value: text, a list of texts (or of entries, where items have lines or blocks of their own; their keys say nothing), or the entries of
        a block.
    :ivar line: where it stands, from 1.
    :ivar listed: the key has a list even when it is written once.
    """

    key: str
    value: str | list[str] | list[Entry] | tuple[Entry, ...]
    line: int
    listed: bool = False


def tree(entries: Iterable[Entry]) -> Parsed:
    """The entries as a dict, keys in order of first appearance, with the line of every key."""
    lines: dict[KeyPath, int] = {}
    return Parsed(_block(entries, (), lines), lines)


def _block(entries: Iterable[Entry], path: KeyPath, lines: dict[KeyPath, int]) -> dict[str, Node]:
    block: dict[str, Node] = {}
    for key, same in _grouped(entries).items():
        lines[(*path, key)] = same[0].line
        if len(same) == 1 and not same[0].listed:
            block[key] = _value(same[0], (*path, key), lines)
        else:
            block[key] = [_value(entry, (*path, key, index), lines) for index, entry in enumerate(same)]
    return block


def _grouped(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.key, []).append(entry)
    return groups


def _value(entry: Entry, path: KeyPath, lines: dict[KeyPath, int]) -> Node:
    lines[path] = entry.line
    if isinstance(entry.value, tuple):
        return _block(entry.value, path, lines)
    if isinstance(entry.value, list):
        items = (item if isinstance(item, Entry) else Entry("", item, entry.line) for item in entry.value)
        return [_value(item, (*path, index), lines) for index, item in enumerate(items)]
    return entry.value


def significant_lines(text: str, comments: tuple[str, ...] = ("#",)) -> Iterator[tuple[int, str]]:
    """Number (from 1) and stripped text of every line that is neither blank nor wholly a comment."""
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if stripped and not stripped.startswith(comments):
            yield number, stripped


def joined_lines(text: str, comments: tuple[str, ...] = ("#",)) -> Iterator[tuple[int, str]]:
    r"""As :func:`significant_lines`, but a line that ends in a backslash goes on in the next; comments within it are left out.

    That is how systemd.syntax(7), sudoers(5) and shells read them; the pieces are joined by one space.
    """
    pieces: list[str] = []
    start = 0
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if stripped.startswith(comments) or (not stripped and not pieces):
            continue
        start = start if pieces else number
        pieces.append(stripped.removesuffix("\\").rstrip())
        if not stripped.endswith("\\"):
            yield start, " ".join(filter(None, pieces))
            pieces = []
    if pieces:
        yield start, " ".join(filter(None, pieces))
