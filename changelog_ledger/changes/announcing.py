"""Messages to users and partners about a change: what is in them, and how a template is filled.

Templates are filled as :mod:`changelog_ledger.changes.message_templates` says.

What is said inside stays inside: no built-in template names people, hosts, reasons, descriptions or notes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from types import MappingProxyType

from changelog_ledger.changes.announcement_texts import Moment
from changelog_ledger.changes.message_templates import filled_template
from changelog_ledger.errors import InvalidInput
from changelog_ledger.model.change import Change, ChangeType, Status
from changelog_ledger.model.topology import Target, TargetKind

FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "title": "what is done: the change's title",
        "kind": "Planned maintenance, or Emergency maintenance",
        "planned": "the planned window, in the change's time zone, with the offset",
        "planned_utc": "the planned window in UTC; empty where the zone is UTC itself",
        "planned_length": "how long the window is: 2 hours",
        "expected_end": "when the window ends, in the change's zone",
        "expected_end_utc": "the same in UTC",
        "started": "when it was started, in the change's zone",
        "started_utc": "the same in UTC",
        "finished": "when it was over, in the change's zone",
        "finished_utc": "the same in UTC",
        "actual": "from when to when it really was, in the change's zone",
        "actual_utc": "the same in UTC",
        "took": "how long it took",
        "services": "the services that it is made on and those that it affects",
        "dependents": "other services that depend on these, as the assessment of the plan has it",
        "downtime": "how long users are expected to be without them: 30 minutes",
        "outcome": "done, failed, rolled back or cancelled; empty while it is open",
        "outcome_sentence": "the same as a sentence",
        "contact": "whom users and partners may ask",
        "ticket": "where else it is known",
        "id": "the change's id",
        "impact": "none, low, medium or high; internal: in no built-in text",
        "targets": "the hosts and services that it is made on; internal",
        "category": "its categories; internal",
        "reason": "why it is made; internal",
        "description": "its description; internal",
        "actor": "who planned it; internal",
    }
)
"""What a template may name, and what it means. What is marked as internal is there for those who ask for it."""

LISTED_BY = "ledger change announce --fields"
"""The command that lists the fields."""

_OUTCOMES: Mapping[Status, tuple[str, str]] = MappingProxyType(
    {
        Status.SUCCEEDED: ("done", "The work is done."),
        Status.FAILED: ("failed", "The work could not be completed."),
        Status.ROLLED_BACK: ("rolled back", "The work was taken back."),
        Status.CANCELLED: ("cancelled", "The work does not take place."),
    }
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60))


def announcement(
    change: Change, moment: Moment, template: str, zone: tzinfo, written: Callable[[str], str] = str, called: str = "the template"
) -> str:
    """The message about a change.

    :param template: what to fill, such as one of :data:`~changelog_ledger.changes.announcement_texts.TEXTS`.
    :param zone: the zone that times are told in, besides UTC.
    :param written: how one line of a value has to be written, so that nothing of it becomes markup.
    :param called: how to call the template in an error.
    :raises InvalidInput: if the change cannot be announced so (it is cancelled, and does not begin; it is not over), or the template names a field
        that there is not.
    """
    _check_moment(change, moment)
    fields = {name: "\n".join(map(written, value.split("\n"))) for name, value in announcement_fields(change, zone).items()}
    return filled_template(template, fields, called, LISTED_BY)


def usual_moment(change: Change) -> Moment:
    """What there is to announce about a change as it stands."""
    if change.status is Status.STARTED:
        return Moment.START
    return Moment.BEFORE if change.is_open else Moment.END


def announcement_fields(change: Change, zone: tzinfo) -> dict[str, str]:
    """The value of every field of :data:`FIELDS`; empty where there is nothing to say."""
    outcome, sentence = _OUTCOMES.get(change.status, ("", ""))
    services = _services(change)
    return {
        "title": change.title,
        "kind": "Emergency maintenance" if change.type is ChangeType.EMERGENCY else "Planned maintenance",
        **_periods("planned", change.planned_start, change.planned_end, zone),
        "planned_length": _between(change.planned_start, change.planned_end),
        **_instants("expected_end", change.planned_end, zone),
        **_instants("started", change.started_at, zone),
        **_instants("finished", change.finished_at, zone),
        **_periods("actual", change.started_at if change.finished_at else None, change.finished_at, zone),
        "took": _between(change.started_at, change.finished_at),
        "services": ", ".join(services),
        "dependents": ", ".join(_dependents(change, services)),
        "downtime": _length(change.downtime) if change.downtime else "",
        "outcome": outcome,
        "outcome_sentence": sentence,
        "contact": change.contact,
        "ticket": change.ticket,
        "id": change.id,
        "impact": str(change.impact or ""),
        "targets": ", ".join(map(str, change.on)),
        "category": ", ".join(change.category),
        "reason": change.reason,
        "description": change.description,
        "actor": change.actor,
    }


def _check_moment(change: Change, moment: Moment) -> None:
    if moment is Moment.END and change.is_open:
        raise InvalidInput(f"{change.id} is {change.status}: there is no end to announce yet", "announce it with --at before or --at start")
    if moment is not Moment.END and change.status is Status.CANCELLED:
        raise InvalidInput(f"{change.id} is cancelled: it does not begin", "say so: --at end")


def _services(change: Change) -> list[str]:
    named = (target for target in (*change.on, *change.affects) if target.kind is TargetKind.SERVICE)
    return [target.name for target in dict.fromkeys(named)]


def _dependents(change: Change, besides: list[str]) -> list[str]:
    """The services among the assessment's dependents that are not named already."""
    known: tuple[Target, ...] = tuple(dependent.target for dependent in change.assessment.dependents) if change.assessment else ()
    named = dict.fromkeys(target.name for target in known if target.kind is TargetKind.SERVICE)
    return [name for name in named if name not in besides]


# ---- times, as one writes to people: days in full, no seconds


def _instants(name: str, moment: datetime | None, zone: tzinfo) -> dict[str, str]:
    here, everywhere = (written_instant(moment, zone), written_instant(moment, UTC)) if moment else ("", "")
    return {name: here, f"{name}_utc": _unless_same(everywhere, here)}


def _periods(name: str, start: datetime | None, end: datetime | None, zone: tzinfo) -> dict[str, str]:
    here = _period(start, end, zone)
    return {name: here, f"{name}_utc": _unless_same(_period(start, end, UTC), here)}


def _unless_same(everywhere: str, here: str) -> str:
    return "" if everywhere == here else everywhere


def written_instant(moment: datetime, zone: tzinfo) -> str:
    """``Sunday 6 December 2026, 02:00 +01:00 (Europe/Berlin)``."""
    return f"{_day(moment, zone)}, {_clock(moment, zone)} {_zone(moment, zone)}"


def _period(start: datetime | None, end: datetime | None, zone: tzinfo) -> str:
    """``Sunday 6 December 2026, 02:00 to 04:00 +01:00 (Europe/Berlin)``; both days and offsets where they are not the same."""
    if start is None:
        return ""
    if end is None:
        return f"from {written_instant(start, zone)}"
    first, last = _offset(start, zone), _offset(end, zone)
    begins = f"{_day(start, zone)}, {_clock(start, zone)}" + (f" {first}" if first != last else "")
    ends = _clock(end, zone) if _day(start, zone) == _day(end, zone) else f"{_day(end, zone)}, {_clock(end, zone)}"
    return f"{begins} to {ends} {_zone(end, zone)}"


def _day(moment: datetime, zone: tzinfo) -> str:
    local = moment.astimezone(zone)
    return f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]} {local.year}"


def _clock(moment: datetime, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%H:%M}"


def _offset(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).isoformat()[-6:]


def _zone(moment: datetime, zone: tzinfo) -> str:
    """``UTC``, or ``+01:00 (Europe/Berlin)``."""
    named = getattr(zone, "key", "")  # zoneinfo's; a fixed offset has no name
    if zone is UTC or named in ("UTC", "Etc/UTC"):
        return "UTC"
    return f"{_offset(moment, zone)}{f' ({named})' if named else ''}"


def _between(start: datetime | None, end: datetime | None) -> str:
    return _length(end - start) if start and end else ""


def _length(span: timedelta) -> str:
    """``1 hour 30 minutes``, to the minute; ``less than a minute``."""
    left, words = int(span.total_seconds()), []
    for name, seconds in _UNITS:
        number, left = divmod(left, seconds)
        if number:
            words.append(f"{number} {name}{'' if number == 1 else 's'}")
    return " ".join(words) or "less than a minute"
