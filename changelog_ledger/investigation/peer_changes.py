"""Which recorded deltas are about a column of a comparison: what changed there, on whom, and when."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from changelog_ledger.investigation.own_mask import says, stands_in
from changelog_ledger.investigation.peer_columns import Column
from changelog_ledger.investigation.peers import Altered, Candidate
from changelog_ledger.model.evidence import Delta, Op, RecordedDelta

_BELOW = ("/", "[", ".")


def is_about(delta: Delta, column: Column) -> bool:
    """Whether a delta tells of a change of a column's key, or of the block that it lies in."""
    if delta.path != column.path:
        return False
    if column.about == "metadata" or delta.op is Op.METADATA:
        return column.about == "metadata" and delta.op is Op.METADATA
    if delta.key is None:
        return column.about in ("file", "layout") or delta.op is not Op.OPAQUE
    if column.about == "file":
        return False
    if column.about in ("list", "layout") and column.key is None:
        return column.about == "list" and _tells_of(delta, column)
    if column.key is None:
        return True
    below = _is_within(delta.key, column.key)
    if column.about == "list":
        return below and (delta.key == column.key or _tells_of(delta, column))
    return below or _is_within(column.key, delta.key)


def altered(
    found: Iterable[Candidate], deltas: Sequence[RecordedDelta], habits: Mapping[tuple[str, str], int], working: Collection[str], *, known: bool
) -> list[Altered | None]:
    """What changed of each candidate's key in the window, in the order of the candidates.

    :param known: whether the window begins when it worked. Else what did not change in it may have been wrong all the time, and None says so.
    """
    by_path: dict[str, list[RecordedDelta]] = {}
    for delta in deltas:
        by_path.setdefault(delta.delta.path, []).append(delta)
    told: list[Altered | None] = []
    for candidate in found:
        path = candidate.column.path
        hosts = {each.host for each in by_path.get(path, ()) if is_about(each.delta, candidate.column)}
        failing = tuple(host for host in candidate.accused if host in hosts)
        habit = sum(habits.get((host, path), 0) for host in failing) / max(1, len(failing))
        told.append(Altered(failing, tuple(sorted(hosts.intersection(working))), habit) if failing or known else None)
    return told


def shared(
    deltas: Iterable[RecordedDelta], columns: Iterable[Column], hosts: Collection[str], untold: Mapping[str, Collection[str | None]]
) -> tuple[str, ...]:
    """Ids of what changed on the compared hosts and leaves both sides alike: it cannot be why only one of them fails. In doubt it is not named.

    :param columns: those in which the failing side stands apart.
    :param hosts: the compared ones; ``untold``: by path the keys of which the comparison does not tell, None among them for all of the file.
    """
    by_path: dict[str, list[Column]] = {}
    for column in columns:
        by_path.setdefault(column.path, []).append(column)
    told = (each for each in deltas if each.host in hosts and _is_told(each.delta, untold.get(each.delta.path, ())))
    return tuple(each.id for each in told if not any(_may_be_about(each.delta, column) for column in by_path.get(each.delta.path, ())))


def _is_told(delta: Delta, untold: Collection[str | None]) -> bool:
    """Whether the comparison looks at it: not at comments, numbers of users, extended attributes, nor at what is each host's own."""
    if delta.op in (Op.METADATA, Op.OPAQUE) or None in untold:
        return False
    return not (untold and delta.key is None) and not any(_is_within(delta.key or "", key or "") for key in untold)


def _may_be_about(delta: Delta, column: Column) -> bool:
    """Whether it is, or whether its key does not say: a line number is no name."""
    unnamed = delta.key is None or column.key is None or "[" in delta.key or delta.key.startswith("line")
    return (unnamed and column.about != "metadata") or is_about(delta, column)


def since_when(column: Column, newest_first: Iterable[RecordedDelta]) -> datetime | None:
    """When a host got its value: by the file's own time where that lies between two snapshots, else when the later one saw it."""
    found = next((each for each in newest_first if is_about(each.delta, column)), None)
    if found is None:
        return None
    mtime = found.delta.mtime
    return mtime if mtime and found.not_before < mtime <= found.not_after else found.not_after


def _is_within(key: str, block: str) -> bool:
    """Whether a key is that of a block or lies in it; either may hold what is each host's own, put out of sight."""
    if "<own " not in key + block:
        return key == block or (key.startswith(block) and key[len(block) :].startswith(_BELOW))
    heads = (*(key[:at] for at, sign in enumerate(key) if sign in _BELOW), key)
    return any(says(block, head) or says(head, block) for head in heads)


def _tells_of(delta: Delta, column: Column) -> bool:
    """Whether an item of the column stands in what was there before or after."""
    said = "\n".join(map(_plain, (delta.before, delta.after)))
    items = {line for text in column.shown.values() if text for line in text.split("\n") if line.strip()}
    return any(stands_in(item, said) for item in items)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else "\n".join(map(_plain, value)) if isinstance(value, list) else json.dumps(value, ensure_ascii=False)
