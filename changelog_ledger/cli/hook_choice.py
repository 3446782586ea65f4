"""Asks on the terminal which of several changes is meant: a hook's stdin is not the person's."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from changelog_ledger.model.gate import Judged

_TERMINAL = "/dev/tty"
_TRIES = 3


def ask(judged: Judged) -> str:
    """The id of the change that the person chooses for an edit; empty where there is no terminal, or nobody answers."""
    from changelog_ledger.reports import printable

    try:
        # Twice: what is open for both has to be seekable, and a terminal is not.
        with open(_TERMINAL, encoding="utf-8", errors="replace") as typed, open(_TERMINAL, "w", encoding="utf-8", errors="replace") as terminal:  # noqa: PTH123
            terminal.write(printable(f"Several changes cover {judged.edit.path}:") + "\n")
            for number, change in enumerate(judged.changes, 1):
                terminal.write(f"  {number}  {change}\n")
            for _ in range(_TRIES):
                terminal.write("Which is meant? ")
                terminal.flush()
                answer = typed.readline()
                if not answer:
                    return ""
                if chosen := _chosen(answer.strip(), judged.changes):
                    return chosen
    except OSError:  # no terminal: the caller says what to do instead
        return ""
    return ""


def _chosen(answer: str, changes: tuple[str, ...]) -> str:
    if answer.isascii() and answer.isdigit() and 1 <= int(answer) <= len(changes):
        return changes[int(answer) - 1]
    meant = [change for change in changes if answer and change.startswith(answer.upper())]
    return meant[0] if len(meant) == 1 else ""
