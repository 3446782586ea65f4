"""What a format module hands over: a :class:`Format`, whose ``read`` gives :class:`Parsed` or raises :class:`Unparsable`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from changelog_ledger.model.document import KeyPath, ListPolicy, Node

MAXIMUM_DEPTH = 100
"""How deeply keys may be nested; beyond it a file is read by lines."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A tree, and the line (from 1) of each key path that has one.

    :ivar aliases: for each key path whose node is written elsewhere in the file (YAML's aliases and merge keys) where that is.
    """

    root: Node
    lines: Mapping[KeyPath, int]
    aliases: Mapping[KeyPath, KeyPath] = field(default_factory=dict)


def moved(parsed: Parsed, root: Node, place: Callable[[KeyPath], KeyPath]) -> Parsed:
    """What was parsed, with another root, in which that which stood at a path stands at ``place(path)``."""
    lines = {place(path): line for path, line in parsed.lines.items()}
    return Parsed(root, lines, {place(path): place(origin) for path, origin in parsed.aliases.items()})


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its name, its parser, and how its lists and keys are to be read.

    :ivar read: text to tree; raises :class:`Unparsable`, and nothing else, when the text is not in this format.
    :ivar key_style: ``path`` (``http/server[shop]/listen``), where a lone value is a list of one; ``structured``, written like it, and ``dotted``
        (``services.web.image``), where these are two things.
    :ivar words: what the last step of a key means, where its name does not say so (``vm.swappiness``, column 3 of master.cf): a few words.
    """

    name: str
    read: Callable[[str], Parsed]
    policies: tuple[ListPolicy, ...] = ()
    key_style: str = "path"
    words: Mapping[str, str] = field(default_factory=dict)


class Unparsable(Exception):
    """The text is not in the format that was tried. Caught in ``parsing``, which falls back to lines and says why.

    :param why: a clause such as ``not valid YAML``.
    :param line: where, counted from 1, if that is known.
    """

    def __init__(self, why: str, line: int | None = None) -> None:
        super().__init__(why if line is None else f"{why} (line {line})")
