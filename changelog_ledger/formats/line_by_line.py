"""Any text as the list of its lines. What is in no other format, and what other parsers refuse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from changelog_ledger.formats.grammar import Format, Parsed
from changelog_ledger.model.document import KeyPath, Node


class _LineNumbers(Mapping[KeyPath, int]):
    """Item ``i`` stands in line ``i + 1``: no need to write that down for a million lines."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __getitem__(self, path: KeyPath) -> int:
        if len(path) == 1 and isinstance(path[0], int) and 0 <= path[0] < self._count:
            return path[0] + 1
        raise KeyError(path)

    def __iter__(self) -> Iterator[KeyPath]:
        return ((index,) for index in range(self._count))

    def __len__(self) -> int:
        return self._count


def read(text: str) -> Parsed:
    """The lines without their ends. Only a line feed ends a line (as for ``git diff``); a carriage return before it belongs to the end."""
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    root: list[Node] = [line.removesuffix("\r") for line in lines]
    return Parsed(root, _LineNumbers(len(root)))


FORMATS = (Format("lines", read),)
