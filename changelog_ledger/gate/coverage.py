"""Which change covers an edit, and why one that comes near does not.

A change covers an edit when it names the target (itself, a service that runs on it, or ``all``), one of its globs matches the path in the repository
or on the host (or it has none), it was in a status that covers at that time, and, where the policy wants it so, it is the same person's.

What belongs to no target is covered by a change on ``all``, or by one whose globs name it; the policy itself only by one that names it without a
wildcard: who works on every ``*.toml`` of a host does not open the gate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from changelog_ledger.model import globs
from changelog_ledger.model.change import OPEN, Change, ChangeType, Status
from changelog_ledger.model.coverage import names_target
from changelog_ledger.model.gate import POLICY_FILE, Actor, GatePolicy, Miss, Place
from changelog_ledger.model.times import shown_instant
from changelog_ledger.model.topology import Target, TargetKind

TOLERANCE = timedelta(seconds=2)
"""Commits know whole seconds only, rounded down: one that is made just after a change was started says that it was before."""

NAMED = 3
"""So many changes that come near are named for an edit."""

_NEAREST = {"not-started": 0, "not-approved": 1, "outside-window": 2, "path": 3, "target": 4, "actor": 5, "time": 6, "over": 7}

_Command = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What coverage is asked under.

    :ivar at: the moments that count, of which one has to fit: now; of a commit, when it says it was made.
    :ivar runs_on: the hosts of each service.
    :ivar people: every name that the person who commits goes by; asked where the policy wants the same actor.
    """

    policy: GatePolicy
    at: tuple[datetime, ...]
    runs_on: Mapping[Target, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    people: frozenset[str] = frozenset()


def covering(changes: Iterable[Change], paths: Mapping[str, Place], within: Circumstances) -> tuple[tuple[str, ...], tuple[Miss, ...]]:
    """The ids of the changes that cover an edit, the narrowest first; and the changes that come nearest, those that can be helped first.

    A change that is for other targets comes near only if one of its globs names the path; one that is over, only if it lacks nothing but the time.

    :param paths: each path of the edit that is configuration, and whose.
    """
    covers: list[tuple[tuple[int, int, str], str]] = []
    misses: list[tuple[tuple[bool, int, int, int, str], Miss]] = []
    for change in changes:
        found = {path: miss for path, place in paths.items() if (miss := missed(change, path, place, within)) is not None}
        if not found:
            covers.append((_narrowness(change), change.id))
        elif all(_is_near(change, path, paths[path], miss, within) for path, miss in found.items()):
            worst = max(found.values(), key=lambda miss: _NEAREST[miss.code])
            miss = _together(worst, found.values())
            misses.append(((not miss.commands, _NEAREST[miss.code], *_narrowness(change)), miss))
    return tuple(identity for _, identity in sorted(covers)), _nearest(miss for _, miss in sorted(misses, key=lambda pair: pair[0]))


def _is_near(change: Change, path: str, place: Place, miss: Miss, within: Circumstances) -> bool:
    """Whether a change that does not cover a path is worth a word."""
    if miss.code == "target":
        return _names_path(change, path, place, within.policy)
    return miss.code != "over" or _too_little(change, path, place, within) is None


def _nearest(misses: Iterable[Miss]) -> tuple[Miss, ...]:
    """The first few; of a change that was granted twice, one."""
    apart: dict[str, Miss] = {}
    for miss in misses:
        apart.setdefault(miss.change, miss)
    return tuple(apart.values())[:NAMED]


def missed(change: Change, path: str, place: Place, within: Circumstances) -> Miss | None:
    """Why a change does not cover a path; None if it does."""
    policy = within.policy
    in_time = any(covers_at(change, moment, policy) for moment in within.at)
    if not in_time and not change.is_open:
        return _over(change)
    too_little = _too_little(change, path, place, within)
    if too_little is None and in_time:
        return None
    code, text, commands = too_little or ("", "", ())
    if not in_time:
        late, said, step = _out_of_time(change, within)
        code, text, commands = code or late, text or said, (*commands, *step) if step and (commands or not too_little) else ()
    return Miss(change.id, change.title, code, text, commands if change.is_open else ())


def names(change: Change, place: Place, runs_on: Mapping[Target, frozenset[str]]) -> bool:
    """Whether a change names one of the place's targets, a service on such a host, or ``all``."""
    return names_everything(change) or any(names_target(change, target, runs_on) for target in place.targets)


def names_everything(change: Change) -> bool:
    """Whether a change is on ``all``."""
    return any(target.kind is TargetKind.ALL for target in change.on)


def covers_at(change: Change, moment: datetime, policy: GatePolicy) -> bool:
    """Whether a change was, at that moment, in a status that covers, and within its window where that counts."""
    return any(
        _counts(change, status, policy)
        and start - TOLERANCE <= moment
        and (end is None or moment <= end)
        and (status not in policy.within_window or _in_window(change, moment))
        for status, start, end in periods(change)
    )


def _counts(change: Change, status: Status, policy: GatePolicy) -> bool:
    """Whether a change covers in a status. An emergency under way does by any policy: it was opened to let its edits in, and is reviewed."""
    return status in policy.covered_by or (status is Status.STARTED and change.type is ChangeType.EMERGENCY)


def periods(change: Change) -> tuple[tuple[Status, datetime, datetime | None], ...]:
    """In which open statuses a change has been, from when, and until when (None: still), in order and one after the other.

    Imported changes may lack times. Then nothing counts that is not shown: one that is over and does not say since when was so for a moment.
    """
    begins: list[tuple[Status, datetime]] = []
    started = change.started_at or _since(change, Status.STARTED)
    approved = change.approved_at or _since(change, Status.APPROVED)
    left = started or next((note.at for note in change.notes if note.step == Status.CANCELLED), None)
    if change.recorded_at is not None and not change.logged_after:
        begins.append((Status.PLANNED, change.recorded_at))
    if approved is not None and (left is None or approved <= left):  # an emergency is approved after it started
        begins.append((Status.APPROVED, approved))
    if started is not None:
        begins.append((Status.STARTED, started))
    if not begins:
        return ()
    last = None if change.is_open else _end(change, begins[-1][1], left if started is None else None)
    ends = [*(start for _, start in begins[1:]), last]
    return tuple((status, start, end) for (status, start), end in zip(begins, ends, strict=True) if end is None or start <= end)


def people_of(change: Change) -> frozenset[str]:
    """Who planned, approved and started a change. To extend somebody's change does not make it one's own."""
    steps = (note.actor for note in change.notes if note.step in OPEN)
    return frozenset(name.casefold() for name in (change.actor, *steps) if name)


def glob_of(path: str, place: Place) -> str:
    """The glob that names just this path: as it is on the host, where that is known."""
    return globs.literal(place.host_path or "/" + path)


def _since(change: Change, status: Status) -> datetime | None:
    """From when an imported change is in its status, if it does not say so itself: since it was recorded, as far as anybody knows."""
    return change.recorded_at if change.status is status else None


def _end(change: Change, begun: datetime, left: datetime | None) -> datetime:
    """When a change that is over stopped being open."""
    known = change.finished_at or left or next((note.at for note in reversed(change.notes) if note.step), None)
    return known if known is not None and known >= begun else begun


def _in_window(change: Change, moment: datetime) -> bool:
    """Whether a moment lies in the planned window. Without one there is nothing that it could lie in."""
    if change.planned_start is None:
        return False
    return change.planned_start - TOLERANCE <= moment and (change.planned_end is None or moment <= change.planned_end + TOLERANCE)


def _names_path(change: Change, path: str, place: Place, policy: GatePolicy) -> bool:
    if path in (POLICY_FILE, policy.file):
        return any(glob.removeprefix("/") == globs.literal(path) for glob in change.paths)
    return any(globs.matches(glob, path) or (bool(place.host_path) and globs.matches(glob, place.host_path)) for glob in change.paths)


# ---- why not


_Why = tuple[str, str, tuple[_Command, ...]]
"""Code, text and commands of a miss."""


def _too_little(change: Change, path: str, place: Place, within: Circumstances) -> _Why | None:
    """What a change lacks besides the right time; None if nothing."""
    named = _names_path(change, path, place, within.policy)
    by_path = not place.targets and named
    path_too = ("--path", glob_of(path, place)) if not named and (change.paths or not place.targets) else ()
    if not names(change, place, within.runs_on) and not by_path:
        targets = ("--on", str(place.targets[0])) if place.targets else ()
        extend = (("ledger", "change", "extend", change.id, *targets, *path_too),) if targets or change.paths else ()
        return "target", f"is on {_listed(change.on)}", extend if _may_grow(change) else ()
    if change.paths and not named:
        return "path", f"is for {', '.join(change.paths)}", (("ledger", "change", "extend", change.id, *path_too),) if _may_grow(change) else ()
    if within.policy.actor is Actor.SAME and not within.people & people_of(change):
        return "actor", f"is that of {change.actor or 'nobody known'}", ()
    return None


def _may_grow(change: Change) -> bool:
    """Whether to extend a change is advice: an emergency is what it was opened for, and of one on ``all`` a path would be open everywhere."""
    return change.type is not ChangeType.EMERGENCY and not names_everything(change)


def _over(change: Change) -> Miss:
    when = f" since {shown_instant(change.finished_at)}" if change.finished_at else ""
    return Miss(change.id, change.title, "over", f"is over: {change.status}{when}")


def _out_of_time(change: Change, within: Circumstances) -> _Why:
    policy, status = within.policy, change.status
    if status in policy.covered_by and (status not in policy.within_window or any(_in_window(change, moment) for moment in within.at)):
        since = next((start for known, start, _ in reversed(periods(change)) if known is status), None)
        return "time", f"is {status} only since {shown_instant(since)}" if since else f"is {status}, and does not say since when", ()
    if status in policy.covered_by:
        return "outside-window", f"is {status}, {_window_words(change)}", _next_step(change, policy)
    step = _next_step(change, policy)
    code = "not-approved" if step and step[0][2] == "approve" else "not-started" if status is not Status.STARTED else "time"
    return code, f"is {status}, not {' or '.join(policy.covered_by)}", step


def _next_step(change: Change, policy: GatePolicy) -> tuple[_Command, ...]:
    """What brings an open change into a status that covers by itself."""
    if change.status is not Status.STARTED and Status.STARTED in policy.covered_by and Status.STARTED not in policy.within_window:
        return (("ledger", "change", "start", change.id),)
    if change.status is Status.PLANNED and Status.APPROVED in policy.covered_by:
        return (("ledger", "change", "approve", change.id),)
    return ()


def _window_words(change: Change) -> str:
    if change.planned_start is None:
        return "and has no window"
    until = f" to {shown_instant(change.planned_end)}" if change.planned_end else " on"
    return f"for {shown_instant(change.planned_start)}{until}"


def _together(worst: Miss, misses: Iterable[Miss]) -> Miss:
    """One miss for both paths of a renamed file: with the commands of both, or with none if one of them cannot be helped."""
    every = tuple(misses)
    commands = dict.fromkeys(command for miss in every for command in miss.commands)
    in_order = sorted(commands, key=lambda command: command[2] != "extend")  # extended before it is started
    return replace(worst, commands=tuple(in_order) if all(miss.commands for miss in every) else ())


def _narrowness(change: Change) -> tuple[int, int, str]:
    """Sorts what speaks of little before what speaks of much; then the one that started last."""
    began = change.begins
    return int(names_everything(change)) * 2 + int(not change.paths), -int(began.timestamp()) if began else 0, change.id


def _listed(targets: Iterable[Target]) -> str:
    return ", ".join(str(target) for target in targets)
