"""Commits and trees of a repository that somebody else wrote, read from their bytes: nothing in them is taken on trust."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

TREE, REGULAR, LINK, SUBMODULE = 0o040000, 0o100000, 0o120000, 0o160000
"""Types of a tree's items (git's object modes, gitformat-pack(5))."""

TYPE_BITS = 0o170000
LONGEST_MESSAGE = 10_000
"""Characters of a commit message that are kept: a distribution's upgrade lists thousands of packages."""

_LONGEST_PERSON = 200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PERSON = re.compile(rb"(.*?) ?<([^<>]*)> (-?\d{1,15}) [+-]\d{4}", re.DOTALL)
_ID = re.compile(rb"[0-9a-f]{40}")
_TEXT_ENCODING = re.compile(
    r"utf-?8|(iso-?)?8859-\d+|(iso-)?latin-?\d|(windows-|cp)12\d\d|koi8-[ru]|euc-(jp|kr)|shift_jis|gb(2312|k|18030)|big5", re.IGNORECASE
)


class Item(NamedTuple):
    """A line of a tree: git's mode and the object's id."""

    mode: int
    id: str

    @property
    def type(self) -> int:
        """One of :data:`TREE`, :data:`REGULAR`, :data:`LINK`, :data:`SUBMODULE`, or something that git does not write."""
        return self.mode & TYPE_BITS


@dataclass(frozen=True, slots=True)
class ForeignCommit:
    """A commit as its repository has it.

    :ivar author: name and address of whoever made the change.
    :ivar at: when it was committed, by the clock of that machine; None where the commit holds no such time.
    :ivar message: decoded, line ends as they are; at most :data:`LONGEST_MESSAGE` characters.
    """

    id: str
    tree: str
    parent: str | None
    author: str
    at: datetime | None
    message: str


def parsed_commit(identity: str, data: bytes) -> ForeignCommit:
    """A commit object. Only its tree has to be there; whatever else is missing or odd reads as empty.

    :raises ValueError: if it has no tree.
    """
    header, _, message = data.partition(b"\n\n")
    fields: dict[bytes, bytes] = {}
    for row in header.split(b"\n"):
        name, _, value = row.partition(b" ")
        fields.setdefault(name, value)  # the first parent, and no line of a signature, which begins with a space
    tree, parent = fields.get(b"tree", b""), fields.get(b"parent")
    if not _ID.fullmatch(tree) or (parent is not None and not _ID.fullmatch(parent)):
        raise ValueError(f"{identity} is no commit")
    encoding = fields.get(b"encoding", b"utf-8").decode("ascii", "replace")
    author, _ = _person(fields.get(b"author", b""), encoding)
    _, at = _person(fields.get(b"committer", b""), encoding)
    text = _decoded(message, encoding).strip()
    message_text = text if len(text) <= LONGEST_MESSAGE else text[:LONGEST_MESSAGE] + " …"
    return ForeignCommit(identity, tree.decode(), parent.decode() if parent else None, author, at, message_text)


def parsed_tree(data: bytes) -> dict[bytes, Item]:
    """A tree object: ``MODE SP NAME NUL`` and 20 bytes of id, over and over (gitformat-pack(5)).

    :raises ValueError: if it is none.
    """
    items: dict[bytes, Item] = {}
    position = 0
    while position < len(data):
        space = data.index(b" ", position)
        end = data.index(b"\0", space)
        identity = data[end + 1 : end + 21]
        if len(identity) != 20:
            raise ValueError("a tree ends in the middle of an id")
        items[data[space + 1 : end]] = Item(int(data[position:space], 8), identity.hex())
        position = end + 21
    return items


def is_component(name: bytes) -> bool:
    """Whether a tree's name can be a file's: git itself writes no others, a hand-made tree may hold ``..`` or ``a/b``."""
    return name not in (b"", b".", b"..") and b"/" not in name


def _person(line: bytes, encoding: str) -> tuple[str, datetime | None]:
    """``NAME <ADDRESS> SECONDS ZONE`` (git-commit-tree(1))."""
    match = _PERSON.fullmatch(line)
    if match is None:
        return "", None
    name, address = (" ".join(_decoded(part, encoding).split()) for part in match.group(1, 2))
    person = f"{name} <{address}>" if address else name
    try:
        return person[:_LONGEST_PERSON].strip(), _EPOCH + timedelta(seconds=int(match[3]))
    except OverflowError:  # no calendar holds it
        return person[:_LONGEST_PERSON].strip(), None


def _decoded(data: bytes, encoding: str) -> str:
    """Text in UTF-8, else in the encoding that the commit names (``i18n.commitEncoding``), else with ``\\xNN`` for what is neither."""
    for name in ("utf-8", encoding):
        try:
            if _TEXT_ENCODING.fullmatch(name):
                return data.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("utf-8", "backslashreplace")
