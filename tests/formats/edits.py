"""Single edits, generated: one word of one value of a file is replaced where it stands, and nothing else."""

from __future__ import annotations

import codecs
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from changelog_ledger.formats import parse
from changelog_ledger.model.document import Document, KeyPath, Node

_WORD = re.compile(r"[A-Za-z0-9_]{1,40}")


@dataclass(frozen=True)
class Edit:
    """``old`` became ``new`` in the value at ``path``, in one line.

    :ivar line: from 1.
    """

    format: str
    path: KeyPath
    line: int
    old: str
    new: str
    before: bytes
    after: bytes

    @property
    def name(self) -> str:
        """Which edit it is, without what chance chose: for the list of those that are known to fail."""
        return f"{self.format}: {'/'.join('*' if isinstance(step, int) else step for step in self.path)}"


def edits(path: str, content: bytes, randomness: random.Random, count: int) -> Iterator[Edit]:
    """Up to ``count`` edits after which the file is still in its format. Nothing where it holds no value that can be found in its line."""
    if b"\0" in content:  # UTF-16: what is edited is text in UTF-8
        return
    document = parse(path, content)
    if document is None or document.format == "lines" or b"\r" in content or content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return
    text = content.decode()
    lines = text.split("\n")
    leaves = [(leaf, value, document.lines[leaf]) for leaf, value in _leaves(document.root) if leaf in document.lines]
    places = [(leaf, value, number, _words(leaf, value)) for leaf, value, number in leaves if lines[number - 1].count(value) == 1]
    places = [place for place in places if place[3]]
    values = {(leaf[:-1], value) for leaf, value, _ in leaves}
    for _ in range(count if places else 0):
        leaf, value, number, words = randomness.choice(places)
        word = randomness.choice(words)
        new = _other(word[0], randomness)
        edited = value[: word.start()] + new + value[word.end() :]
        if (leaf[:-1], edited) in values:
            continue  # a member of a set that is there already: the edit takes one away
        after = "\n".join([*lines[: number - 1], lines[number - 1].replace(value, edited), *lines[number:]]).encode()
        if after != content and _is_still(document, path, after):
            yield Edit(document.format, leaf, number, value, edited, content, after)


def _words(path: KeyPath, value: str) -> list[re.Match[str]]:
    """The words of a value that may be edited: not those that repeat the key (``no shutdown`` at ``shutdown``), nor a masked secret."""
    key = {word for step in path for word in _WORD.findall(str(step))} | {"secret", "no"}
    return [word for word in _WORD.finditer(value) if word[0] not in key]


def _is_still(document: Document, path: str, content: bytes) -> bool:
    other = parse(path, content)
    return other is not None and other.format == document.format and other.root != document.root


def _leaves(root: Node) -> Iterator[tuple[KeyPath, str]]:
    waiting: list[tuple[KeyPath, Node]] = [((), root)]
    while waiting:
        path, node = waiting.pop()
        if isinstance(node, dict):
            waiting += [((*path, key), value) for key, value in node.items()]
        elif isinstance(node, list):
            waiting += [((*path, index), value) for index, value in enumerate(node)]
        elif path and not any(str(step).startswith("(") for step in path):  # (name), (known as): what follows from other keys
            yield path, node


def _other(word: str, randomness: random.Random) -> str:
    """Another word of its kind: a number stays a number."""
    if word.isdigit():
        return str((int(word) + randomness.randint(1, 7)) % (10 ** len(word))).zfill(len(word))
    at = randomness.randrange(len(word))
    if word[at].isdigit():
        return word[:at] + str((int(word[at]) + 1) % 10) + word[at + 1 :]
    letter = randomness.choice("abcdefghijklmnopqrstuvwxyz".replace(word[at].lower(), ""))
    return word[:at] + (letter.upper() if word[at].isupper() else letter) + word[at + 1 :]
