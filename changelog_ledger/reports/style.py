"""How text looks: colour, width and time zone, as one value that every text renderer receives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, tzinfo
from enum import StrEnum

NARROWEST = 40


class Role(StrEnum):
    """What a piece of text means. There is always a word or a sign that says the same as the colour does."""

    PLAIN = "plain"
    HEADING = "heading"
    SUSPECT = "suspect"
    UNLOGGED = "unlogged"
    EXPLAINED = "explained"
    WARNING = "warning"
    DIM = "dim"
    BEFORE = "before"
    AFTER = "after"


_ANSI = {
    Role.HEADING: "1",
    Role.SUSPECT: "1",
    Role.UNLOGGED: "1;31",
    Role.EXPLAINED: "32",
    Role.WARNING: "1;33",
    Role.DIM: "2",
    Role.BEFORE: "31",
    Role.AFTER: "32",
}


@dataclass(frozen=True, slots=True)
class Style:
    """How to write for one reader.

    :ivar colour: whether to use ANSI colours; a face decides it (a terminal, no ``NO_COLOR``).
    :ivar width: columns that no line exceeds; below 40 it counts as 40.
    :ivar zone: the reader's time zone: a real one (``ZoneInfo``), so that times on both sides of a clock change come out right.
    """

    colour: bool
    width: int
    zone: tzinfo

    @classmethod
    def plain(cls, width: int = 80, zone: tzinfo = UTC) -> Style:
        """No colour."""
        return cls(colour=False, width=width, zone=zone)

    @property
    def columns(self) -> int:
        """The width to lay out for."""
        return max(self.width, NARROWEST)

    def paint(self, text: str, role: Role) -> str:
        """``text`` in the role's colour, or as it is."""
        code = _ANSI.get(role)
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour and code and text else text


PLAIN = Style.plain()
"""80 columns, no colour, UTC: what a file or a test gets."""
