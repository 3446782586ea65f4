"""``ingest FORMAT``: what deployment, orchestration and alerting tools wrote becomes observations, marks and changes.

The data's way: a file → entries → lines of the import format → each with its target → as ``import`` records them, so what is recorded is checked,
known by its ``ref`` and masked as everything else that is imported.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, BinaryIO

from changelog_ledger.errors import InvalidInput, InvalidTarget
from changelog_ledger.model.delivery import DELIVERY_FORMATS, Delivered, Entry, LeftOut, Outcome, Unread
from changelog_ledger.model.evidence import UNKNOWN
from changelog_ledger.model.ingestion import Gap, Ingested
from changelog_ledger.model.times import format_instant
from changelog_ledger.model.topology import EVERYTHING, Target
from changelog_ledger.observations.deliveries.likeness import likeness
from changelog_ledger.observations.deliveries.registry import MAPPERS
from changelog_ledger.sources.json_entries import read_entries
from changelog_ledger.workflows.mark_health import CLOCK_TOLERANCE
from changelog_ledger.workflows.record_lines import Recording, time_of
from changelog_ledger.workflows.record_seen import Progress
from changelog_ledger.workflows.topology import resolve_target
from changelog_ledger.workflows.workspace import Workspace

_BATCH = 2_000
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Wish:
    """How somebody wants it done.

    :ivar on: what everything is about; None: as the entries and the ledger say.
    :ivar since: what happened before is left out.
    :ivar dry_run: check everything, record nothing.
    """

    on: Target | None = None
    since: datetime | None = None
    dry_run: bool = False


@dataclass
class _Tally:
    """How the reading went.

    :ivar first: the first document, to say what it looks like.
    """

    entries: int = 0
    told: int = 0
    left_out: int = 0
    first: Any = None


def wish(workspace: Workspace, on: str | Target | None, since: datetime | None, *, dry_run: bool = False) -> Wish:
    """What somebody wants, with the target that they typed.

    :raises NotFound: if there is no such target.
    """
    if on is None:
        return Wish(None, since, dry_run)
    with workspace.store.reading() as view:
        return Wish(resolve_target(view, on), since, dry_run)


def ingest_delivery(
    workspace: Workspace, name: str, source: str | bytes | BinaryIO, wanted: Wish, *, progress: Progress = lambda _done: None
) -> Ingested:
    """Record what a file of a format tells. What cannot be read is a gap, unless it is all.

    :param source: the path of a file, its content, or an open stream of bytes.
    :raises InvalidInput: if there is no such format, or nothing in the file is of it.
    :raises NotFound: if there is no such file.
    """
    if name not in MAPPERS:
        raise InvalidInput(f"there is no format {name!r}", f"one of {', '.join(MAPPERS)}")
    label = source if isinstance(source, str) else "standard input" if not isinstance(source, bytes) else "the document"
    opened = io.BytesIO(source) if isinstance(source, bytes) else source
    tally, recording = _Tally(), Recording(workspace, label, dry_run=wanted.dry_run)
    outcomes = MAPPERS[name](_looked_at(read_entries(opened, progress), tally))
    for batch in _batches(_told(outcomes, tally, recording.gaps, label)):
        recording.add(list(_wanted(batch, wanted, tally, recording)))
    if not tally.entries:
        raise _nothing_of_it(name, Gap(label, "it is empty"), tally)
    if recording.gaps and not tally.told and not tally.left_out:
        raise _nothing_of_it(name, recording.gaps[0], tally)
    return recording.answer([f"{tally.left_out} left out: what happens all day, and steps on the way"] if tally.left_out else [])


def _nothing_of_it(name: str, gap: Gap, tally: _Tally) -> InvalidInput:
    looks = f"; it looks like {likeness(tally.first)}" if tally.first is not None else ""
    return InvalidInput(f"{gap.source}: {gap.why}{looks}", f"expected: {DELIVERY_FORMATS[name].expects}")


def _looked_at(entries: Iterable[Entry], tally: _Tally) -> Iterator[Entry]:
    for entry in entries:
        tally.entries += 1
        if tally.first is None:
            tally.first = entry.value
        yield entry


def _told(outcomes: Iterable[Outcome], tally: _Tally, gaps: list[Gap], label: str) -> Iterator[Delivered]:
    for outcome in outcomes:
        match outcome:
            case Delivered():
                tally.told += 1
                yield outcome
            case Unread(where, why):
                gaps.append(Gap(f"{label}, {where}", why))
            case LeftOut():
                tally.left_out += 1


def _batches(delivered: Iterator[Delivered]) -> Iterator[list[Delivered]]:
    while batch := list(islice(delivered, _BATCH)):
        yield batch


# ---- targets and times


def _wanted(batch: Sequence[Delivered], wanted: Wish, tally: _Tally, recording: Recording) -> Iterator[dict[str, Any]]:
    """The lines that are to be recorded, each with its target."""
    latest = recording.workspace.now() + CLOCK_TOLERANCE
    known = frozenset() if wanted.on else _known(recording.workspace, batch)
    for each in batch:
        at = time_of(each.line)
        if at is not None and at > latest:
            said = recording.workspace.masked_text(each.line.get("summary") or each.line["kind"])
            recording.gaps.append(Gap(recording.label, f"{said}: dated in the future ({format_instant(at)}), not recorded"))
        elif at is None or wanted.since is None or at >= wanted.since:
            target = wanted.on or _target(each.names, known)
            if any((wanted.on or _target(names, known)) == target for names in each.unless):
                tally.left_out += 1
            else:
                yield _line(each, target)


def _known(workspace: Workspace, batch: Iterable[Delivered]) -> frozenset[Target]:
    names = {name for each in batch for several in (each.names, *each.unless) for name in several}
    possible = {target for name in names for target in _possible(name)}
    with workspace.store.reading() as view:
        return view.topology.known_among(possible)


def _target(names: Iterable[str], known: frozenset[Target]) -> Target | None:
    return next((target for name in names for target in _possible(name) if target in known), None)


def _possible(name: str) -> Iterator[Target]:
    """The targets that a name of somebody else's may mean; none where it can name none."""
    kind, colon, rest = name.partition(":")
    is_typed = bool(colon) and kind in ("host", "service")
    for make in ((Target.host if kind == "host" else Target.service),) if is_typed else (Target.host, Target.service):
        try:
            yield make(rest if is_typed else name)
        except InvalidTarget:
            continue


def _line(each: Delivered, target: Target | None) -> dict[str, Any]:
    line = dict(each.line if target is not None or each.instead is None else each.instead)
    where = str(target or EVERYTHING)
    if line["kind"] == "mark":
        return line | {"target": where}
    if line["kind"] == "change":
        return line | {"on": [where]}
    if target is None and each.names:
        line["data"] = line["data"] | {"named": list(dict.fromkeys(each.names))[:_NAMED]}
    return line | {"on": where, "actor": line.get("actor") or UNKNOWN}
