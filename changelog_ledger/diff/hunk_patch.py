"""Applying some of the hunks that lie between two versions of a text, and not the others."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from changelog_ledger.diff.hunks import Hunk, hunks


def text_lines(content: bytes) -> list[str]:
    """The lines of a file with their ends, split at line feeds only; joined and encoded again they are the same bytes."""
    rows = content.decode("utf-8", "surrogateescape").split("\n")
    return [*(f"{row}\n" for row in rows[:-1]), *rows[-1:]] if rows[-1] else [f"{row}\n" for row in rows[:-1]]


def line_hunks(before: bytes, after: bytes) -> list[Hunk]:
    """The stretches of lines that differ, in their order."""
    return hunks(text_lines(before), text_lines(after))


def with_hunks(before: bytes, after: bytes, chosen: Collection[int], between: Sequence[Hunk]) -> bytes:
    """``before`` with some of the hunks: with all of them it is ``after``.

    :param between: what :func:`line_hunks` gives for both.
    :param chosen: their numbers, from 0.
    """
    old, new = text_lines(before), text_lines(after)
    made: list[str] = []
    done = 0
    for number, hunk in enumerate(between):
        made += old[done : hunk.start]
        made += new[hunk.other_start : hunk.other_end] if number in chosen else old[hunk.start : hunk.end]
        done = hunk.end
    return "".join([*made, *old[done:]]).encode("utf-8", "surrogateescape")
