"""A configuration file parsed to a tree of keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from changelog_ledger.model.snapshot import FileEntry

Node = dict[str, "Node"] | list["Node"] | str
"""A tree: dicts, lists, and strings as written in the file (``1.10``, ``on``, ``014`` stay)."""

KeyPath = tuple[str | int, ...]
"""Where a node is: dict keys and list indices from the root."""


class Order(StrEnum):
    """What the order of a list's items means."""

    ORDERED = "ordered"
    SET = "set"
    MULTISET = "multiset"


@dataclass(frozen=True, slots=True)
class ListPolicy:
    """How the items of the lists at ``pattern`` are told apart, as data beside the parser.

    :ivar pattern: key path with ``*`` for any one step and ``**`` for any number.
    :ivar identity: field names, the first that every item has (and that is unique) is the item's name; none means by position or value.
    :ivar order: what the order means. Reordering an ``ORDERED`` list is a ``moved`` delta.
    """

    pattern: tuple[str, ...]
    identity: tuple[str, ...] = ()
    order: Order = Order.ORDERED


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file.

    :ivar format: the parser's name (``yaml``, ``nginx`` …); ``lines`` when it was read line by line.
    :ivar lines: the line, from 1, of every key path that has one.
    :ivar reason: why a richer format was given up for lines, or empty.
    :ivar key_style: how key paths are written: ``path`` (``http/server[shop]/listen``) or ``dotted`` (``services.web.image``).
    :ivar words: what the last step of a key means, where its name does not say so.
    :ivar aliases: for each key path whose node is written elsewhere in the file where that is.
    """

    format: str
    root: Node
    lines: Mapping[KeyPath, int] = field(default_factory=dict)
    policies: tuple[ListPolicy, ...] = ()
    reason: str = ""
    key_style: str = "path"
    words: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[KeyPath, KeyPath] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FileVersion:
    """One side of a comparison: a file at a time, as far as it is known.

    :ivar content: its bytes as stored (redacted); None where they are not in the repository.
    :ivar document: the parsed content, None for binaries and where there is no content.
    :ivar entry: its line of the manifest; None where only bytes were given.
    """

    content: bytes | None = None
    document: Document | None = None
    entry: FileEntry | None = None
