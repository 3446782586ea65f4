"""Evidence before judgement: recorded deltas summed up to what differs between both ends of the window, and observations."""

from __future__ import annotations

import json
import re
from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from changelog_ledger.errors import InvalidInput
from changelog_ledger.model.evidence import UNKNOWN, Delta, Evidence, Observation, Op, RecordedDelta, is_renamed
from changelog_ledger.model.identifiers import evidence_id
from changelog_ledger.model.state import is_state
from changelog_ledger.model.times import parse_instant
from changelog_ledger.model.topology import Target

LONGEST_VALUE = 60

_BY_PLACE = re.compile(r"^lines? \d|\[\d+\]")

_KINDS = {
    "service-restarted": "restart",
    "service-reloaded": "reload",
    "service-stopped": "stop",
    "service-started": "start",
    "rebooted": "reboot",
    "deployed": "deploy",
    "deployment": "deploy",
    "release": "deploy",
}
_KIND_PREFIXES = ("package-",)


@dataclass(frozen=True, slots=True)
class Piece:
    """Evidence before attribution, with what it sums up.

    :ivar parts: the recorded deltas, oldest first; none for an observation.
    :ivar observation: what was observed; None for deltas.
    """

    evidence: Evidence
    parts: tuple[RecordedDelta, ...] = ()
    observation: Observation | None = None


def net_evidence(deltas: Iterable[RecordedDelta], horizon: datetime | None = None) -> tuple[Piece, ...]:
    """One piece for each (host, path, key) and sort of difference: from the first ``before`` to the last ``after``, in the order it happened.

    What ends as it began is kept and marked transient. A place in a list or a line number is no name (what was line 3 yesterday is another
    line today), so what differs there is never summed up. Nor is what differs at the keys of one file before and after keys were renamed there:
    what is called A now may be what was called D.

    :param horizon: what may have happened after it is not summed up with what happened before: an attempt at a repair must not hide the cause.
    """
    groups: dict[tuple[str, ...], list[RecordedDelta]] = {}
    ordered = sorted(deltas, key=lambda part: (part.not_after, part.not_before, part.id))
    renames = _renames(ordered)
    for part in ordered:
        groups.setdefault((*_group(part, horizon), _generation(part, renames)), []).append(part)
    pieces = [_summed(tuple(parts)) for parts in groups.values()]
    return tuple(sorted(pieces, key=lambda piece: (piece.evidence.seen_at, piece.evidence.id)))


_Renames = dict[tuple[str, str], list[tuple[datetime, str]]]


def _renames(parts: Iterable[RecordedDelta]) -> _Renames:
    """When keys of a file were renamed, by host and path, in the order of the snapshots that found it."""
    found: _Renames = {}
    for part in parts:
        if part.delta.key is not None and is_renamed(part.delta.op, part.delta.note):
            insort(found.setdefault((part.host, part.delta.path), []), (part.not_after, part.snapshot))
    return found


def _generation(part: RecordedDelta, renames: _Renames) -> str:
    """After how many renames a part's key got its meaning. The snapshot that found a rename has the new names already; a file keeps its own."""
    if part.delta.key is None:
        return ""
    return str(bisect_right(renames.get((part.host, part.delta.path), []), (part.not_after, part.snapshot)))


def _group(part: RecordedDelta, horizon: datetime | None) -> tuple[str, ...]:
    """Parts with the same answer are summed up."""
    delta = part.delta
    key = "" if delta.key is None else f"={delta.key}"
    itself = part.id if delta.op is Op.MOVED or (delta.key and _BY_PLACE.search(delta.key)) else ""
    when = "later" if horizon is not None and part.not_after > horizon else ""
    return part.host, delta.path, key, _sort(delta.op), *_fields(delta), itself, when


def _fields(delta: Delta) -> list[str]:
    """Which metadata it is about: a mode that changed and an owner that changed later are two things."""
    return sorted({**(delta.before or {}), **(delta.after or {})}) if delta.op is Op.METADATA else []


def observed(observations: Iterable[Observation]) -> tuple[Piece, ...]:
    """Observations as evidence, in the order of time. The id is ``EV-…`` of the observation's own (or its own, if it is one already)."""
    return tuple(_observed(observation) for observation in sorted(observations, key=lambda seen: (seen.at, seen.id)))


def shortened(value: Any) -> str:
    """A value on one line, at most :data:`LONGEST_VALUE` characters; a string as it is, anything else as JSON."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    text = " ".join(text.split(" ")).replace("\r\n", "\n").replace("\n", "⏎")
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def _sort(op: Op) -> str:
    """Metadata and opaque differences are told apart from differences of the key's value."""
    return op.value if op in (Op.METADATA, Op.OPAQUE) else "value"


def _summed(parts: tuple[RecordedDelta, ...]) -> Piece:
    """One piece of evidence from its parts, oldest first."""
    first, last = parts[0], parts[-1]
    transient = _is_transient(parts)
    op = last.delta.op if len(parts) == 1 else _net_op(parts, transient)
    seen_at = last.delta.mtime if last.delta.mtime is not None and last.not_before < last.delta.mtime <= last.not_after else last.not_after
    evidence = Evidence(
        id=last.id,
        kind="state" if is_state(last.delta.path) else "config",
        target=Target.host(last.host),
        op=op,
        not_before=min(part.not_before for part in parts),
        not_after=last.not_after,
        seen_at=seen_at,
        summary=_summary(last.delta, op, first.delta.before, last.delta.after, transient),
        path=last.delta.path,
        key=last.delta.key,
        before=first.delta.before,
        after=last.delta.after,
        line=last.delta.line,
        note=last.delta.note,
        transient=transient,
        parts=tuple(part.id for part in parts),
    )
    return Piece(evidence, parts)


def _is_transient(parts: Sequence[RecordedDelta]) -> bool:
    """Whether several parts lead back to where they began. Opaque parts without values cannot show that."""
    if len(parts) == 1:
        return False
    first, last = parts[0].delta, parts[-1].delta
    came_and_went = first.op is Op.ADDED and last.op is Op.REMOVED
    return came_and_went or (first.before is not None and first.before == last.after)


def _net_op(parts: Sequence[RecordedDelta], transient: bool) -> Op:
    """What several differences of one key come to."""
    ops = [part.delta.op for part in parts]
    if transient or len(set(ops)) == 1:
        return ops[0]
    if ops[0] is Op.ADDED:
        return Op.ADDED
    if ops[-1] is Op.REMOVED:
        return Op.REMOVED
    return Op.CHANGED


def _summary(delta: Delta, op: Op, before: Any, after: Any, transient: bool) -> str:
    """The difference in words: ``/etc/nginx/nginx.conf http/listen 80 → 8080``."""
    place = delta.path if delta.key is None else f"{delta.path} {delta.key}"
    words = f"{place} {_happened(op, delta, before, after)}"
    return words + " (and back again)" if transient else words


def _happened(op: Op, delta: Delta, before: Any, after: Any) -> str:
    if op is Op.ADDED:
        return f"added: {shortened(after)}" if delta.key is not None and after is not None else "added"
    if op is Op.REMOVED:
        return f"removed (was {shortened(before)})" if delta.key is not None and before is not None else "removed"
    if op is Op.OPAQUE:
        return delta.note or "differs"
    if op is Op.METADATA:
        old, new = before or {}, after or {}
        return ", ".join(f"{name} {shortened(old.get(name, 'none'))} → {shortened(new.get(name, 'none'))}" for name in {**old, **new})
    if before is None and after is None:
        return delta.note or ("moved" if op is Op.MOVED else "differs")
    values = f"{'nothing' if before is None else shortened(before)} → {'nothing' if after is None else shortened(after)}"
    moved = "renamed" if is_renamed(op, delta.note) else "moved"
    return f"{moved}: {values}" if op is Op.MOVED else values


def _observed(observation: Observation) -> Piece:
    evidence = Evidence(
        id=observation.id if observation.id.startswith("EV-") else evidence_id(observation.id),
        kind=kind_of(observation.what),
        target=observation.target,
        op=Op.OBSERVED,
        not_before=_earliest(observation),
        not_after=observation.at,
        seen_at=observation.at,
        summary=observation.summary or observation.what,
        ref=observation.ref,
        actor="" if observation.actor == UNKNOWN else observation.actor,
    )
    return Piece(evidence, observation=observation)


def _earliest(observation: Observation) -> datetime:
    """When it happened at the earliest: ``not_before`` in its data, where only a range is known."""
    said = observation.data.get("not_before")
    if not isinstance(said, str):
        return observation.at
    try:
        return min(parse_instant(said), observation.at)
    except InvalidInput:  # somebody's own data: it says nothing to us then
        return observation.at


@lru_cache(maxsize=1024)
def kind_of(what: str) -> str:
    """An observation's ``what`` in short (``package-upgraded`` is ``package``); whatever has no short form stays as it is."""
    prefix = next((prefix for prefix in _KIND_PREFIXES if what.startswith(prefix)), None)
    return prefix.rstrip("-") if prefix else _KINDS.get(what, what)
