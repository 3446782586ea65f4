"""Values and places of evidence in words: what stood there before and after, and where."""

from __future__ import annotations

import json
import re
from typing import Any

from changelog_ledger.model.evidence import Confidence, Evidence, Op, is_renamed
from changelog_ledger.model.topology import Target, TargetKind
from changelog_ledger.reports.escape import printable, printable_value

_CONTEXT = 12
NOTHING = "(nothing)"


def value_text(value: Any) -> str:
    """A value on one line. Text stands as written; it is quoted only where its ends could not be seen otherwise."""
    if value is None:
        return NOTHING
    if isinstance(value, str):
        plain = printable_value(value)
        return f'"{plain}"' if not value or value != value.strip() else plain
    return printable_value(_subtree(value))


_SAID_BY_THE_KEY = ("(name)", "(known as)")
_SIGNS = re.compile(r"[,:{}\[\]\"\n]|^\s|\s$|^$")


def _subtree(value: Any) -> str:
    """A block as ``{listen: 80, root: /srv}``, a list as ``[a, b]``: quotes only where a text could be taken for more than one."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_subtree(key)}: {_subtree(item)}" for key, item in value.items() if key not in _SAID_BY_THE_KEY) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_subtree, value)) + "]"
    if isinstance(value, str) and not _SIGNS.search(value):
        return value
    return json.dumps(value, ensure_ascii=False)


def value_pair(before: Any, after: Any, room: int) -> tuple[str, str]:
    """Both values as text; where they are longer than ``room`` and begin alike, both begin shortly before the first difference."""
    old, new = value_text(before), value_text(after)
    if max(len(old), len(new)) <= room:
        return old, new
    same = _common_beginning(old, new)
    if same <= _CONTEXT + 1:
        return old, new
    start = same - _CONTEXT
    return "…" + old[start:], "…" + new[start:]


def _common_beginning(old: str, new: str) -> int:
    for position, (left, right) in enumerate(zip(old, new, strict=False)):
        if left != right:
            return position
    return min(len(old), len(new))


def place(target: Target) -> str:
    """A host by its bare name, as in a prompt; anything else as ``service:NAME`` or ``all``."""
    return printable(target.name if target.kind is TargetKind.HOST else str(target))


def file_place(piece: Evidence) -> str:
    """``/etc/nginx/nginx.conf:14``, or empty for what is no file."""
    if piece.path is None:
        return ""
    return printable(piece.path) + (f":{piece.line}" if piece.line else "")


def attribution(piece: Evidence) -> str:
    """``UNLOGGED``, ``explained by CHG-…`` or ``CHG-… perhaps (by its time only)``: only as much as is known."""
    if piece.unlogged:
        return "UNLOGGED"
    if piece.confidence is Confidence.TIME:
        return f"perhaps {printable(piece.explained_by)} (only the time fits)"
    return f"explained by {printable(piece.explained_by)}"


def alteration_word(piece: Evidence) -> str:
    """The word for a difference that is no plain change of a value, or empty."""
    words = {Op.ADDED: "added", Op.REMOVED: "removed", Op.MOVED: "moved", Op.METADATA: "metadata", Op.OPAQUE: "differs"}
    return "renamed" if is_renamed(piece.op, piece.note) else words.get(piece.op, "")


def has_values(piece: Evidence) -> bool:
    """Whether there is a before or an after to show."""
    return piece.before is not None or piece.after is not None
