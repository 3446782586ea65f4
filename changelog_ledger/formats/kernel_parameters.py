"""/etc/default/grub: shell assignments, of which those for the kernel's command line are lists of words: ``GRUB_CMDLINE_LINUX[1]``."""

from __future__ import annotations

from changelog_ledger.formats.grammar import Format, Parsed
from changelog_ledger.formats.logical_lines import LogicalLine, words
from changelog_ledger.formats.properties import read_assignments
from changelog_ledger.model.document import KeyPath, Node

_COMMAND_LINE = "GRUB_CMDLINE_"
_WORDS = {"GRUB_TIMEOUT": "seconds the menu is shown", "GRUB_DEFAULT": "entry that is started"}


def read_grub(text: str) -> Parsed:
    """Values as written, and command lines (``GRUB_CMDLINE_LINUX_DEFAULT``) by word: of a parameter that is repeated the last counts.

    :raises Unparsable: at the first line that is no assignment.
    """
    assignments = read_assignments(text)
    if not isinstance(assignments.root, dict):
        return assignments
    lines: dict[KeyPath, int] = dict(assignments.lines)
    root: dict[str, Node] = {}
    for key, value in assignments.root.items():
        root[key] = _parameters(value) if key.startswith(_COMMAND_LINE) and isinstance(value, str) else value
        if isinstance(root[key], list) and isinstance(value, str):
            lines.update({(key, index): lines[(key,)] for index in range(len(root[key]))})
    return Parsed(root, lines)


def _parameters(value: str) -> list[Node]:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return [word.text for word in words(LogicalLine(value[1:-1] if quoted else value, ((0, 1),)))]


FORMATS = (Format("grub", read_grub, words=_WORDS),)
