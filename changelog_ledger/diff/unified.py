"""The difference of two texts as ``diff -u`` writes it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from changelog_ledger.diff.hunks import Hunk, hunks
from changelog_ledger.diff.text import decoded

_CONTEXT = 3
_NO_END = "\n\\ No newline at end of file\n"


def unified_diff(path: str, before: bytes | None, after: bytes | None) -> str:
    """The difference as text, empty if there is none; None means that the file did not exist. Of binary content it only says that it differs.

    Line ends are those of the files; a last line without one is marked as ``diff`` does. Unlike difflib's, its time grows gently with size.
    """
    if before == after:
        return ""
    old, new = decoded(before or b""), decoded(after or b"")
    names = ("/dev/null" if before is None else f"a/{path.lstrip('/')}", "/dev/null" if after is None else f"b/{path.lstrip('/')}")
    if old is None or new is None:
        return f"Binary files {names[0]} and {names[1]} differ\n"
    if old[0] == new[0]:
        return f"Files {names[0]} and {names[1]} differ in encoding only ({old[1]}, {new[1]})\n" if before and after else ""
    return "".join((f"--- {names[0]}\n", f"+++ {names[1]}\n", *_body(_with_ends(old[0]), _with_ends(new[0]))))


def _with_ends(text: str) -> list[str]:
    lines = [line + "\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last + _NO_END] if last else lines


def _body(before: list[str], after: list[str]) -> Iterator[str]:
    for group in _groups(hunks(before, after)):
        first, last = group[0], group[-1]
        lead = min(_CONTEXT, first.start)
        tail = min(_CONTEXT, len(before) - last.end)
        yield f"@@ -{_range(first.start - lead, last.end + tail)} +{_range(first.other_start - lead, last.other_end + tail)} @@\n"
        yield from (" " + line for line in before[first.start - lead : first.start])
        for hunk, following in pairwise([*group, None]):
            if hunk is not None:
                yield from ("-" + line for line in before[hunk.start : hunk.end])
                yield from ("+" + line for line in after[hunk.other_start : hunk.other_end])
                yield from (" " + line for line in before[hunk.end : following.start if following else last.end + tail])


def _groups(found: list[Hunk]) -> Iterator[list[Hunk]]:
    """Hunks whose contexts touch are shown as one."""
    group: list[Hunk] = []
    for hunk in found:
        if group and hunk.start - group[-1].end > 2 * _CONTEXT:
            yield group
            group = []
        group.append(hunk)
    if group:
        yield group


def _range(start: int, end: int) -> str:
    count = end - start
    first = start + 1 if count else start
    return f"{first}" if count == 1 else f"{first},{count}"
