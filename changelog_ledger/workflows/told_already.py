"""One event that several records tell is recorded once: what an earlier record told is left out of a later one.

The journal (or the logs in its place) comes first, for it says most; then wtmp, then auditd, then what the running system shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import islice
from typing import Any

from changelog_ledger.model.evidence import Observation
from changelog_ledger.model.ingestion import Seen
from changelog_ledger.model.topology import Target
from changelog_ledger.workflows.workspace import Workspace

_BATCH = 2_000
_SERVICES = "service-"
_WITHIN = {
    "login": timedelta(seconds=10),
    "logout": timedelta(seconds=10),
    "sudo": timedelta(seconds=2),
    "file-write": timedelta(0),
    "reboot": timedelta(minutes=3),  # wtmp writes it when the system's services start, the journal when its kernel does
    "shutdown": timedelta(minutes=3),
    "clock-jump": timedelta(seconds=90),
    _SERVICES: timedelta(seconds=90),
}


def not_told(workspace: Workspace, host: str, seen: Iterable[Seen]) -> Iterator[Seen]:
    """Without what is recorded of the same host, of the same kind, of the same user or unit, at about the same time, by another record."""
    remaining = iter(seen)
    while batch := list(islice(remaining, _BATCH)):
        yield from _batch(workspace, host, batch)


def _batch(workspace: Workspace, host: str, batch: list[Seen]) -> Iterator[Seen]:
    since = min(each.not_before or each.at for each in batch) - max(_WITHIN.values())
    until = max(each.at for each in batch) + max(_WITHIN.values())
    with workspace.store.reading() as view:
        own = view.facts.known_keys([f"observation:{each.ref}" for each in batch])
        told = _by_kind(view.evidence.observations([Target.host(host)], since, until))
    for each in batch:
        if f"observation:{each.ref}" in own or not any(_is_same(each, other) for other in told.get(_kind(each.what), ())):
            yield each


def _by_kind(observations: Iterable[Observation]) -> dict[str, list[Observation]]:
    kinds: dict[str, list[Observation]] = {}
    for each in observations:
        kinds.setdefault(_kind(each.what), []).append(each)
    return kinds


def _kind(what: str) -> str:
    return _SERVICES if what.startswith(_SERVICES) else what


def _is_same(seen: Seen, other: Observation) -> bool:
    kind = _kind(seen.what)
    within = _WITHIN.get(kind, timedelta(0))
    if not (seen.not_before or seen.at) - within <= other.at <= seen.at + within:
        return False
    return _is_same_subject(kind, seen.data, other.data)


def _is_same_subject(kind: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    if kind == _SERVICES:
        return bool(one.get("unit") == other.get("unit"))
    if kind == "file-write":
        return bool(one.get("paths") == other.get("paths"))
    return one.get("user") == other.get("user") and _agree(one, other, "from") and _agree(one, other, "tty")


def _agree(one: Mapping[str, Any], other: Mapping[str, Any], name: str) -> bool:
    """Not every record says where somebody came from."""
    first, second = one.get(name), other.get(name)
    return not first or not second or first == second
