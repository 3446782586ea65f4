"""``Ledger-Change`` in commit messages: which changes a commit has to name, and how what it names is read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from changelog_ledger.model.gate import Judged

_BETWEEN = re.compile(r"[\s,;]+")


@dataclass(frozen=True, slots=True)
class Named:
    """The changes that a commit is to name.

    :ivar changes: their ids, in the order of the edits.
    :ivar unclear: the edits that several changes cover, of which somebody has to choose one.
    """

    changes: tuple[str, ...]
    unclear: tuple[Judged, ...]


def named_in(values: Iterable[str]) -> tuple[str, ...]:
    """The ids in the values of trailers, each once, in capital letters: several may stand in one, with commas between them."""
    found = (word.upper() for value in values for word in _BETWEEN.split(value.strip()) if word)
    return tuple(dict.fromkeys(found))


def to_name(edits: Sequence[Judged], preferred: Collection[str] = ()) -> Named:
    """Which changes a commit with these edits is to name.

    :param preferred: changes that somebody has named already: where several cover an edit, one of these is meant.
    """
    covered = [judged for judged in edits if judged.changes and not judged.exempt]
    chosen = dict.fromkeys(judged.changes[0] for judged in covered if len(judged.changes) == 1)
    wanted = {*preferred, *chosen}
    unclear = []
    for judged in covered:
        meant = [change for change in judged.changes if change in wanted]
        if meant:
            chosen.setdefault(next((change for change in meant if change in preferred), meant[0]))
        else:
            unclear.append(judged)
    return Named(tuple(chosen), tuple(unclear))


def chosen_for(judged: Judged, names: Collection[str]) -> str:
    """The change that an edit is put down to: the one that is named, else the only one that covers it; empty where that is unclear."""
    meant = [change for change in judged.changes if change in names]
    if meant:
        return meant[0]
    return judged.changes[0] if len(judged.changes) == 1 else ""
