"""An open change is extended: by targets, by paths, by time. What is there already adds nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from changelog_ledger.changes.lifecycle import status_since
from changelog_ledger.changes.planning import checked_glob
from changelog_ledger.changes.rules import approvals_needed
from changelog_ledger.changes.templates import departures
from changelog_ledger.errors import InvalidInput, InvalidTime, TransitionRefused
from changelog_ledger.model.change import EXTENDED, Change, ChangeType, Note, Remark, Status
from changelog_ledger.model.policy import Policy, Template
from changelog_ledger.model.times import shown_instant, utc
from changelog_ledger.model.topology import EVERYTHING, Target

_NAMED = 5
"""So many additions are named in an error; the note of the extension names all."""


@dataclass(frozen=True, slots=True)
class Extension:
    """What an extension adds to a change.

    :ivar on: targets that it was not made on.
    :ivar paths: globs that it did not have.
    :ivar end: the planned end that it has from now on; None where that stays.
    """

    on: tuple[Target, ...] = ()
    paths: tuple[str, ...] = ()
    end: datetime | None = None

    @property
    def is_empty(self) -> bool:
        """Whether all of it is there already."""
        return not self.widens and self.end is None

    @property
    def widens(self) -> bool:
        """Whether the change may touch more, not only take longer."""
        return bool(self.on or self.paths)


def extension_of(change: Change, on: Iterable[Target], paths: Iterable[str], end: datetime | None, now: datetime) -> Extension:
    """What of targets, globs and planned end a change does not have yet.

    :raises TransitionRefused: if the change is over.
    :raises InvalidInput: for a bad glob; and for a glob of a change without any: it may touch every path, and could only be narrowed.
    :raises InvalidTime: if the end has passed, is earlier than the planned one, is not after its start, or it has no start.
    """
    _refuse_closed(change)
    return Extension(_new_targets(change, on), _new_paths(change, paths), _later_end(change, end, now))


def end_after(change: Change, length: timedelta, now: datetime) -> datetime | None:
    """The planned end of a change that is to go on for a length of time: from now, or from its planned start where that is still to come.

    None where it is planned to go on for that long anyway: a length is what it needs at least, and makes no change shorter.

    :raises InvalidTime: for a length of nothing, or one without end.
    """
    if length <= timedelta(0):
        raise InvalidTime("the change is to be extended by no time", "say for how long it goes on: --for 2h")
    begins = now if change.planned_start is None else max(now, change.planned_start)
    try:
        ends = begins + length
    except OverflowError as error:
        raise InvalidTime("the change would go on for longer than there is a date for", "say for how long it goes on: --for 2h") from error
    return None if change.planned_end is not None and ends <= change.planned_end else ends


def extended(change: Change, added: Extension, at: datetime, actor: str, because: str = "", remarks: Sequence[Remark] = ()) -> Change:
    """The change after an extension, with a note that says what was added and why. Its assessment stays as it was made at planning.

    :param remarks: what the rules had to say.
    """
    note = Note(utc(at), actor, _words(change, added, because.strip()), EXTENDED, tuple(remarks))
    wider = replace(change, on=(*change.on, *added.on), paths=(*change.paths, *added.paths), notes=(*change.notes, note))
    return wider if added.end is None else replace(wider, planned_end=added.end)


def additions(change: Change, added: Extension, now: datetime) -> Iterator[Change]:
    """What an extension adds, each as if it were a plan of its own: new targets for as long as the change goes on, all targets for the longer time.

    A part without a planned start is one that nobody knows the time of.
    """
    plan = replace(change, status=Status.PLANNED, started_at=None)
    under_way = change.status is Status.STARTED
    if added.on:
        begins, ends = (now if under_way else change.planned_start), added.end or change.planned_end
        still = ends if ends is None or begins is None or ends > begins else None
        yield replace(plan, on=added.on, planned_start=begins, planned_end=still)
    if added.end is not None:
        begins = change.planned_end or change.planned_start or now
        yield replace(plan, planned_start=max(begins, now) if under_way else begins, planned_end=added.end)


def beyond_approval(change: Change, added: Extension, policy: Policy, templates: Sequence[Template]) -> str:
    """In what an extension goes beyond what people, or a template beforehand, have approved; empty if it does not. More time does not."""
    if not added.widens:
        return ""
    more = _named([*map(str, added.on), *added.paths])
    if change.type is ChangeType.STANDARD and change.template:
        needed = approvals_needed(replace(change, type=ChangeType.NORMAL), policy)
        return f"its template {change.template!r} is approved beforehand, but not for {more}" if needed and _departs(change, added, templates) else ""
    if not approvals_needed(change, policy) or not (change.approvers or change.approved_at):
        return ""
    by = f" by {', '.join(change.approvers)}" if change.approvers else ""
    return f"it was approved{by}, but not for {more}"


def _departs(change: Change, added: Extension, templates: Sequence[Template]) -> bool:
    """Whether the extension leaves the template; what nobody describes any more is left with everything."""
    template = next((template for template in templates if template.name == change.template), None)
    wider = replace(change, on=(*change.on, *added.on), paths=(*change.paths, *added.paths))
    return template is None or bool({"on", "paths"} & set(departures(wider, template)))


def _refuse_closed(change: Change) -> None:
    if change.is_open:
        return
    since = status_since(change)
    stands = f"it is {change.status}" + (f" since {shown_instant(since)}" if since else "")
    on = " ".join(f"--on {target}" for target in change.on[:_NAMED])
    raise TransitionRefused(f"cannot extend {change.id}: {stands}, and only open changes can be", f'plan a new one: ledger change plan "TITLE" {on}')


def _new_targets(change: Change, on: Iterable[Target]) -> tuple[Target, ...]:
    """Those that it is not made on; one that is made on everything is made on all of them."""
    return () if EVERYTHING in change.on else tuple(target for target in dict.fromkeys(on) if target not in change.on)


def _new_paths(change: Change, paths: Iterable[str]) -> tuple[str, ...]:
    wanted = dict.fromkeys(map(checked_glob, paths))
    if wanted and not change.paths:
        message = f"{change.id} names no paths, so it covers every path already; with {next(iter(wanted))} it would cover nothing else any more"
        raise InvalidInput(message, "leave --path out; what it is made on is widened with --on TARGET")
    return tuple(glob for glob in wanted if glob not in change.paths)


def _later_end(change: Change, end: datetime | None, now: datetime) -> datetime | None:
    if end is None or (wanted := utc(end)) == change.planned_end:
        return None
    begins = change.planned_start or change.started_at
    if begins is None:
        hint = f"its window begins when it starts: ledger change start {change.id}; or plan it anew with --start and --for"
        raise InvalidTime(f"{change.id} has no planned start and has not started, so it has no end to be moved", hint)
    if wanted <= now:
        raise InvalidTime(f"the new end at {shown_instant(wanted)} has passed", "give a later one, or say for how long it goes on: --for 2h")
    if change.planned_end is not None and wanted < change.planned_end:
        message = (
            f"{change.id} is planned until {shown_instant(change.planned_end)}, later than {shown_instant(wanted)}: to extend makes nothing shorter"
        )
        raise InvalidTime(message, "give a later end, or none")
    if wanted <= begins:
        message = f"the new end at {shown_instant(wanted)} is not after the start of {change.id} at {shown_instant(begins)}"
        raise InvalidTime(message, "give a later one, or say for how long it goes on: --for 2h")
    return wanted


def _words(change: Change, added: Extension, because: str) -> str:
    """``added: host:web-02, /etc/haproxy/**; planned until …, not … (why)``."""
    more = ", ".join([*map(str, added.on), *added.paths])
    before = f", not {shown_instant(change.planned_end)}" if change.planned_end else ""
    until = f"planned until {shown_instant(added.end)}{before}" if added.end else ""
    said = "; ".join(filter(None, [f"added: {more}" if more else "", until]))
    return f"{said} ({because})" if because else said


def _named(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
