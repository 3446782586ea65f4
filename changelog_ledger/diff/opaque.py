"""Bytes differ and the keys do not: what kind of difference is it? Never a silent "nothing changed"."""

from __future__ import annotations

import json
import re

from changelog_ledger.diff.hunks import hunks
from changelog_ledger.diff.text import decoded, described, excerpt, lines_of
from changelog_ledger.model.document import Document
from changelog_ledger.model.evidence import Delta, Op

_COMMENT = re.compile(r"^\s*(?:[#;!]|//|/\*|\*|<!--).*|\s[#;].*$|\s//\s.*$")
_TOKENS = re.compile(r"[^\s,:={}\[\]]+")


def binary_delta(path: str, before: bytes, after: bytes) -> Delta:
    """Two versions of which one at least is no text."""
    old, new = described(before), described(after)
    return Delta(path, None, Op.OPAQUE, old, new, note=f"binary content: {_size_and_hash(old)} → {_size_and_hash(new)}")


def _size_and_hash(description: dict[str, object]) -> str:
    return f"{description['bytes']:,} bytes ({str(description['sha256'])[:8]})"


def meaningless_delta(path: str, before: bytes, after: bytes, documents: tuple[Document, Document]) -> Delta:
    """Two texts whose documents say the same: one delta whose note names the kind of difference, with the lines that differ."""
    old, new = decoded(before), decoded(after)
    if old is None or new is None:
        return binary_delta(path, before, after)
    if old[0] == new[0]:
        return Delta(path, None, Op.OPAQUE, old[1], new[1], note=f"encoding only ({old[1]} → {new[1]})")
    note = _kind(old[0], new[0], documents)
    lines = lines_of(old[0]), lines_of(new[0])
    found = hunks(*lines)
    went = [line for hunk in found for line in lines[0][hunk.start : hunk.end]]
    came = [line for hunk in found for line in lines[1][hunk.other_start : hunk.other_end]]
    if went and sorted(went) == sorted(came):  # the same lines in another order: the order is what has to be shown
        went, came = lines[0][found[0].start : found[-1].end], lines[1][found[0].other_start : found[-1].other_end]
    return Delta(path, None, Op.OPAQUE, excerpt(went), excerpt(came), found[0].other_start + 1 if found else None, note)


def _kind(before: str, after: str, documents: tuple[Document, Document]) -> str:
    """The name of the difference, the plainest first: each test forgives what those before it were about."""
    old, new = before.replace("\r\n", "\n"), after.replace("\r\n", "\n")
    if old == new:
        return f"line ends only ({_line_ends(before)} → {_line_ends(after)})"
    if old.removesuffix("\n") == new.removesuffix("\n"):
        return "final newline only"
    if "".join(old.split()) == "".join(new.split()):
        return "white space only"
    if _code(old) == _code(new):
        return "comments only"
    if "".join("".join(_code(old)).split()) == "".join("".join(_code(new)).split()):
        return "comments and white space only"
    return _order(old, new, documents) or "no difference in meaning"


def _line_ends(text: str) -> str:
    windows = text.count("\r\n")
    return "LF" if not windows else "CRLF" if windows == text.count("\n") else "mixed"


def _code(text: str) -> list[str]:
    """The lines without comments and surrounding blanks; empty ones left out."""
    return [line for line in (_COMMENT.sub("", line).strip() for line in text.split("\n")) if line]


def _order(before: str, after: str, documents: tuple[Document, Document]) -> str:
    """Whether the same words stand in another order, and why that means nothing."""
    if sorted(_TOKENS.findall("\n".join(_code(before)))) != sorted(_TOKENS.findall("\n".join(_code(after)))):
        return ""
    if documents[0].root != documents[1].root:
        return "order only (list policy: set)"
    same_keys = json.dumps(documents[0].root) == json.dumps(documents[1].root)
    return "" if same_keys else "order only (of keys)"
