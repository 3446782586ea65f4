"""A document to be read by people, before it is Markdown, text or HTML: a title and sections of blocks. All of its text may be untrusted."""

from __future__ import annotations

from dataclasses import dataclass

from changelog_ledger.model.evidence import Evidence
from changelog_ledger.reports.hints import Hint

LONGEST_TEXT = 20_200
"""Cells of one text of a page; what is longer is cut."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Prose."""

    text: str


@dataclass(frozen=True, slots=True)
class Fields:
    """Labels with what they say."""

    entries: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Numbered:
    """A list whose items are known by number."""

    items: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of as many cells as there are heads."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Alteration:
    """What stood somewhere before and after."""

    piece: Evidence


@dataclass(frozen=True, slots=True)
class Commands:
    """Commands to be pasted, each with what it is good for, or empty."""

    hints: tuple[Hint, ...]


Block = Paragraph | Fields | Bullets | Numbered | Table | Alteration | Commands


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The whole document. :ivar head: what stands between its title and its first section."""

    title: str
    head: tuple[Block, ...]
    sections: tuple[Section, ...]
