"""One event that several records tell is recorded once: what an earlier record told is left out of a later one.

The journal (or the logs in its place) comes first, for it says most; then wtmp, then auditd, then what the running system shows. Which of them told
an observation stands in its data. Two entries of one record are two events, however alike they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from typing import Any

from changelog_ledger.model.evidence import Observation
from changelog_ledger.model.ingestion import Seen
from changelog_ledger.model.topology import Target
from changelog_ledger.workflows.free_text import masked_body
from changelog_ledger.workflows.workspace import Workspace

RECORD = "record"
"""The field of ``data`` that says which record told: ``journal``, ``syslog``, ``wtmp``, ``wtmpdb``, ``audit``, ``system``."""
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
_OF_THE_MACHINE = frozenset(("reboot", "shutdown", "clock-jump"))
_LONG_COMMAND = 200
"""Characters from which on a record may have cut a command off (sudoers(5), ``syslog_maxlen``)."""


def told_by(record: str, seen: Iterable[Seen]) -> Iterator[Seen]:
    """What a record tells, with the record's name in its data."""
    for each in seen:
        yield replace(each, data={**each.data, RECORD: record})


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
        data = masked_body({"data": each.data}, workspace.masked_text)["data"]  # what is recorded is masked
        if f"observation:{each.ref}" in own or not any(_is_same(each, data, other) for other in told.get(_kind(each.what), ())):
            yield each


def _by_kind(observations: Iterable[Observation]) -> dict[str, list[Observation]]:
    kinds: dict[str, list[Observation]] = {}
    for each in observations:
        kinds.setdefault(_kind(each.what), []).append(each)
    return kinds


def _kind(what: str) -> str:
    return _SERVICES if what.startswith(_SERVICES) else what


def _is_same(seen: Seen, data: Mapping[str, Any], other: Observation) -> bool:
    if data.get(RECORD) == other.data.get(RECORD):
        return False
    kind = _kind(seen.what)
    within = _WITHIN.get(kind, timedelta(0))
    if not (seen.not_before or seen.at) - within <= other.at <= seen.at + within:
        return False
    return _is_same_subject(kind, data, other.data)


def _is_same_subject(kind: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    if kind == _SERVICES:
        return bool(one.get("unit") == other.get("unit"))
    if kind == "file-write":
        return bool(one.get("paths") == other.get("paths"))
    if kind in _OF_THE_MACHINE:
        return _boot(one) == _boot(other) or not _boot(one) or not _boot(other)
    is_one_user = one.get("user") == other.get("user") and _agree(one, other, "from") and _agree(one, other, "tty")
    return is_one_user and _is_one_command(str(one.get("command", "")), str(other.get("command", "")))


def _agree(one: Mapping[str, Any], other: Mapping[str, Any], name: str) -> bool:
    """Not every record says where somebody came from."""
    first, second = one.get(name), other.get(name)
    return not first or not second or first == second


def _boot(data: Mapping[str, Any]) -> str:
    """Which boot it was, where the record knows (wtmp does not); some write it with dashes."""
    return str(data.get("boot_id") or "").replace("-", "")


def _is_one_command(one: str, other: str) -> bool:
    """sudo's log has the program's path, and the line may be cut off; auditd has what was typed."""
    shorter, longer = sorted((_typed(one), _typed(other)), key=len)
    return shorter == longer or (len(shorter) >= _LONG_COMMAND and longer.startswith(shorter))


def _typed(command: str) -> str:
    program, space, arguments = command.partition(" ")
    return f"{program.rpartition('/')[2]}{space}{arguments}".replace("\\", "")
