"""What differs between two long values: which items of a list in a text came and went, which lines, which part of a URL.

Short values need no such note: both are seen at one glance. Everything here is linear in the length of the values, or bounded.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from changelog_ledger.diff.hunks import hunks
from changelog_ledger.model.document import Node

_SHORT = 72
"""Characters of both up to which two values stand on one line and are seen at one glance."""
_LONGEST = 20_000
_FEW_ITEMS = 4
_MOST_SHOWN = 6
_LONGEST_ITEM = 48
_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{0,30})://(?:(?P<user>[^@/?#\s]*)@)?(?P<host>[^/?#:\s]*|\[[^\]\s]*\])(?P<port>:\d+)?(?P<path>/[^?#\s]*)?"
                  r"(?P<query>\?[^#\s]*)?(?P<fragment>#\S*)?")  # fmt: skip
"""RFC 3986, 3."""


def value_note(before: Node | None, after: Node | None) -> str:
    """What differs in a few words (``+noatime −relatime``, ``2 of 40 lines differ``), empty where the values say it themselves."""
    if not isinstance(before, str) or not isinstance(after, str) or max(len(before), len(after)) > _LONGEST:
        return ""
    if "\n" in before or "\n" in after:
        return _of_lines(before.split("\n"), after.split("\n"))
    if len(before) + len(after) <= _SHORT and not _is_list(before, after):
        return ""
    return _of_url(before, after) or _of_items(before, after)


def _of_lines(before: Sequence[str], after: Sequence[str]) -> str:
    found = hunks(before, after)
    if not found or max(len(before), len(after)) < _FEW_ITEMS:
        return ""
    differing = sum(max(hunk.end - hunk.start, hunk.other_end - hunk.other_start) for hunk in found)
    first = found[0]
    old = before[first.start].strip() if first.end > first.start else ""
    new = after[first.other_start].strip() if first.other_end > first.other_start else ""
    shown = " ".join(sign + _item(line) for sign, line in (("−", old), ("+", new)) if line)
    more = " …" if differing > 1 and shown else ""
    return f"{differing} of {max(len(before), len(after))} lines {'differs' if differing == 1 else 'differ'}" + (f": {shown}{more}" if shown else "")


def _of_url(before: str, after: str) -> str:
    old, new = _URL.fullmatch(before), _URL.fullmatch(after)
    if not old or not new:
        return ""
    if old["query"] != new["query"] and old["query"] and new["query"] and _without_query(before, old) == _without_query(after, new):
        return _came_and_went(old["query"][1:].split("&"), new["query"][1:].split("&"))
    pieces = [name for name in ("scheme", "user", "host", "port", "path", "query", "fragment") if old[name] != new[name]]
    return ", ".join(f"{name} {_piece(old[name])} → {_piece(new[name])}" for name in pieces)


def _without_query(url: str, found: re.Match[str]) -> str:
    return url[: found.start("query")] + url[found.end("query") :]


def _piece(text: str | None) -> str:
    return _item(text.lstrip(":?#")) if text else "none"


# --- lists in one text --------------------------------------------------------------------------------------------------------------------

_SEPARATORS = (",", ";", "|", ":")
"""What stands between the items of a list, where that is no white space: ``defaults,noatime``, ``HIGH:!aNULL``, ``/bin:/usr/bin``."""


def _is_list(before: str, after: str) -> bool:
    """Whether a short text is a list all the same: ``ro,noatime,nodev,nosuid``, not ``5 4 * * *`` nor ``00:16:3e:00:00:01``."""
    return any(side.count(",") >= _FEW_ITEMS - 1 for side in (before, after))


def _separator(before: str, after: str) -> str | None:
    """What both texts are split by; None for white space."""
    if _has_words(before) or _has_words(after):
        return next((mark for mark in ",;|" if _splits(mark, before, after)), None)
    return next((mark for mark in _SEPARATORS if _splits(mark, before, after)), None)


def _has_words(text: str) -> bool:
    return len(text.split()) > 1


def _splits(mark: str, before: str, after: str) -> bool:
    """Whether items are separated by ``mark``: there are more of them than words."""
    counts = before.count(mark) + after.count(mark)
    return counts > 1 and 2 * counts >= len(before.split()) + len(after.split()) - 2 and "://" not in before + after


def _items(text: str, separator: str | None) -> list[str]:
    return [item.strip() for item in text.split(separator) if item.strip()]


def _of_items(before: str, after: str) -> str:
    separator = _separator(before, after)
    old, new = _items(before, separator), _items(after, separator)
    if max(len(old), len(new)) < 2:
        return ""
    return _came_and_went(old, new)


def _came_and_went(old: Sequence[str], new: Sequence[str]) -> str:
    before, after = Counter(old), Counter(new)
    went, came = list((before - after).elements()), list((after - before).elements())
    if not went and not came:
        return "the same items in another order" if list(old) != list(new) else ""
    if not before & after:
        return ""  # nothing stayed: the values themselves say more
    shown = [f"−{_item(item)}" for item in went] + [f"+{_item(item)}" for item in came]
    more = f" and {len(shown) - _MOST_SHOWN} more" if len(shown) > _MOST_SHOWN else ""
    return " ".join(shown[:_MOST_SHOWN]) + more


def _item(text: str) -> str:
    return text if len(text) <= _LONGEST_ITEM else text[: _LONGEST_ITEM - 1] + "…"
