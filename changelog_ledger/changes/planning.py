"""New changes: planned ahead, or logged after the fact. What cannot be right is refused here, with what to write instead."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from changelog_ledger.errors import InvalidInput, InvalidTarget, InvalidTime
from changelog_ledger.model.change import Change, ChangeType, Item, Level, Status
from changelog_ledger.model.rollback_target import LATEST, PACKAGES, RETAINED
from changelog_ledger.model.times import shown_instant, utc
from changelog_ledger.model.topology import Target, TargetKind, checked_name

LONGEST_TITLE = 500
LONGEST_GLOB = 4096
MOST_WILDCARDS = 64

_SNAPSHOT = re.compile(r"[0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{4,26}|[0-9a-f]{7,64}")
_PACKAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9+._:@/-]*=[A-Za-z0-9][A-Za-z0-9+._:~^-]*")  # deb-version(7), and what RPM allows
_Word = TypeVar("_Word", bound=StrEnum)
_Thing = TypeVar("_Thing", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What may be said about a change besides its title, targets and times. Everything is optional.

    :ivar type: ``standard``, ``normal`` or ``emergency``.
    :ivar impact: ``none``, ``low``, ``medium`` or ``high``; ``risk`` the same without ``none``. None: nobody said.
    :ivar rollback_to: ``latest`` (the snapshot before it starts), a snapshot's id, ``host:NAME`` for a retained server, or
        ``packages:NAME=VERSION,NAME=VERSION``.
    :ivar backout_time: how long going back takes; ``downtime``: how long users are expected to be without what it affects.
    :ivar retain_until: how long the retained server has to stay; aware.
    :ivar irreversible: why it cannot be taken back.
    :ivar zone: the IANA name of the zone that its window is planned in.
    """

    type: str = ChangeType.NORMAL
    paths: Sequence[str] = ()
    affects: Sequence[Target] = ()
    impact: str | None = None
    risk: str | None = None
    category: Sequence[str] = ()
    items: Sequence[str | Item] = ()
    ticket: str = ""
    rollback_to: str = ""
    backout: str = ""
    backout_time: timedelta | None = None
    retain_until: datetime | None = None
    irreversible: str = ""
    downtime: timedelta | None = None
    contact: str = ""
    zone: str = ""
    reason: str = ""
    description: str = ""
    ref: str = ""


def planned_change(
    *,
    id: str,  # noqa: A002 - the field's name
    title: str,
    on: Sequence[Target],
    actor: str,
    recorded_at: datetime,
    start: datetime | None = None,
    end: datetime | None = None,
    details: Details | None = None,
) -> Change:
    """A change that is to be made.

    :param start: planned start and ``end`` planned end, aware; an end needs a start. A duration (``--for``) is for the caller to add.
    :raises InvalidInput: for an empty or overlong title, no targets, an unknown type, level or rollback target, or a bad path glob.
    :raises InvalidTarget: if ``affects`` names anything but services.
    :raises InvalidTime: if it ends before it starts, or a time has no offset.
    """
    begins, ends = _checked_period(start, end)
    return _described(
        Change(
            id=id,
            title=checked_title(title),
            status=Status.PLANNED,
            on=_checked_targets(on),
            actor=actor,
            recorded_at=utc(recorded_at),
            planned_start=begins,
            planned_end=ends,
        ),
        details or Details(),
    )


def logged_change(
    *,
    id: str,  # noqa: A002 - the field's name
    title: str,
    on: Sequence[Target],
    actor: str,
    recorded_at: datetime,
    at: datetime,
    until: datetime | None = None,
    details: Details | None = None,
) -> Change:
    """A change that has been made already, marked so: succeeded, begun at ``at``, finished at ``until`` (else at the same moment).

    :raises InvalidInput: as :func:`planned_change` does.
    :raises InvalidTime: if it ended before it began, or after ``recorded_at``: what is still to come is planned, not logged.
    """
    begins, ends = _checked_period(at, until or at)
    recorded = utc(recorded_at)
    if ends is not None and ends > recorded:
        raise InvalidTime(
            f"a change that ends at {shown_instant(ends)} has not been made yet",
            "plan it instead: ledger change plan TITLE --on TARGET --start TIME",
        )
    return _described(
        Change(
            id=id,
            title=checked_title(title),
            status=Status.SUCCEEDED,
            on=_checked_targets(on),
            actor=actor,
            recorded_at=recorded,
            started_at=begins,
            finished_at=ends,
            outcome=Status.SUCCEEDED.value,
            logged_after=True,
        ),
        details or Details(),
    )


def checked_title(title: str, of: str = "change") -> str:
    """The title on one line, without white space around it.

    :param of: what it is the title of: ``change``, ``freeze``, ``window`` or ``incident``.
    :raises InvalidInput: if nothing is left, or more than :data:`LONGEST_TITLE` characters.
    """
    title = " ".join(title.split())
    if not any(character.isalnum() for character in title):  # also the … of a hint that was pasted as it stood
        raise InvalidInput(f"the {of} has no title", _TITLE_HINTS[of])
    if len(title) > LONGEST_TITLE:
        elsewhere = "; the rest belongs into --reason or --backout" if of == "change" else ""
        raise InvalidInput(f"the title has {len(title)} characters, more than {LONGEST_TITLE}", f"shorten it{elsewhere}")
    return title


_TITLE_HINTS = {
    "change": "say in a few words what is to be altered",
    "freeze": "say in a few words why nothing is to be altered then",
    "window": "say in a few words what it is for",
    "incident": "say in a few words what is wrong",
}


def checked_glob(glob: str) -> str:
    """``glob`` if it can name paths of a host or repository (see :mod:`changelog_ledger.model.globs`).

    :raises InvalidInput: if it is empty, leaves its place (``..``, ``~``), holds control characters, or is overlong.
    """
    wanted = glob.strip()
    hint = "write an absolute glob such as /etc/nginx/** or a relative one such as nginx/*.conf"
    if not wanted or wanted.startswith("~"):
        raise InvalidInput(f"{glob!r} is no path glob", hint)
    if ".." in wanted.split("/") or any(ord(character) < 32 or ord(character) == 127 for character in wanted):
        raise InvalidInput(f"the path glob {glob!r} holds '..' or a control character", hint)
    if len(wanted) > LONGEST_GLOB or sum(wanted.count(wild) for wild in "*?[") > MOST_WILDCARDS:
        raise InvalidInput(f"the path glob {wanted[:40]!r}… is too long or has too many wildcards", hint)
    return wanted


def checked_rollback(text: str) -> str:
    """``latest``, a snapshot's id (or its beginning), ``host:NAME`` or ``packages:NAME=VERSION,…``; empty for none.

    :raises InvalidInput: for anything else: a plan in words belongs to ``backout``.
    """
    wanted = text.strip()
    if not wanted or wanted == LATEST:
        return wanted
    if wanted.startswith(PACKAGES):
        return _checked_packages(wanted)
    if wanted.startswith(RETAINED):
        return f"{RETAINED}{checked_name(wanted.removeprefix(RETAINED))}"
    if _SNAPSHOT.fullmatch(wanted):
        return wanted
    raise InvalidInput(
        f"{text!r} is nothing to roll back to",
        "write latest, a snapshot id (ledger snapshots HOST), host:NAME or packages:NAME=VERSION; a plan in words goes to --backout",
    )


def _checked_packages(text: str) -> str:
    """``packages:nginx=1.24.0-1,openssl=3.0.1`` in one spelling."""
    wanted = [entry.strip() for entry in text.removeprefix(PACKAGES).split(",") if entry.strip()]
    if not wanted or not all(_PACKAGE.fullmatch(entry) for entry in wanted):
        raise InvalidInput(f"{text!r} names no package versions", "write packages:nginx=1.24.0-1,openssl=3.0.1")
    return f"{PACKAGES}{','.join(wanted)}"


def _described(change: Change, details: Details) -> Change:
    """The change with its details, each checked."""
    if details.irreversible.strip() and details.rollback_to.strip():
        raise InvalidInput("the change cannot be taken back, and has something to go back to", "say one of the two: rollback_to or irreversible")
    hosts = {str(target) for target in change.on if target.kind is TargetKind.HOST}
    if hosts == {details.rollback_to.strip()}:  # a move is made on both, the old server and the new one
        hint = "name the host that is retained beside it: --rollback-to host:NAME; or go back to its snapshot: --rollback-to latest"
        raise InvalidInput(f"{details.rollback_to.strip()} is the only host that the change is made on, so nobody can go back to it", hint)
    if details.retain_until is not None and not details.rollback_to.strip().startswith(RETAINED):
        raise InvalidInput("a server is to be retained, and none is named", "name it: --rollback-to host:NAME")
    not_services = [str(target) for target in details.affects if target.kind is not TargetKind.SERVICE]
    if not_services:
        raise InvalidTarget(f"a change affects services, not {', '.join(not_services)}", "write --affects service:NAME; hosts belong to --on")
    return replace(
        change,
        type=checked_word(ChangeType, details.type, "type"),
        ref=details.ref.strip(),
        paths=_once(checked_glob(glob) for glob in details.paths),
        affects=_once(details.affects),
        impact=None if details.impact is None else checked_word(Level, details.impact, "impact"),
        risk=_checked_risk(details.risk),
        category=_once(word.strip().lower() for word in details.category if word.strip()),
        items=_checked_items(details.items),
        ticket=" ".join(details.ticket.split()),
        rollback_to=checked_rollback(details.rollback_to),
        backout=details.backout.strip(),
        backout_time=_checked_length(details.backout_time, "backout_time"),
        retain_until=None if details.retain_until is None else utc(details.retain_until),
        irreversible=details.irreversible.strip(),
        downtime=_checked_length(details.downtime, "downtime"),
        contact=" ".join(details.contact.split()),
        zone=details.zone.strip(),
        reason=details.reason.strip(),
        description=details.description.strip(),
    )


def _checked_length(length: timedelta | None, name: str) -> timedelta | None:
    if length is not None and length < timedelta(0):
        raise InvalidTime(f"{name} is less than nothing", "write it as 15m, 2h or 1h30m")
    return length


def _checked_targets(on: Sequence[Target]) -> tuple[Target, ...]:
    if not on:
        raise InvalidInput("the change names no target", "say what it is made on: --on host:NAME, --on service:NAME or --on all")
    return _once(on)


def _checked_period(start: datetime | None, end: datetime | None) -> tuple[datetime | None, datetime | None]:
    begins, ends = (None if start is None else utc(start)), (None if end is None else utc(end))
    if ends is not None and begins is None:
        raise InvalidTime("the change has an end and no start", "give its start as well: --start TIME")
    if begins is not None and ends is not None and ends < begins:
        raise InvalidTime(
            f"the change ends at {shown_instant(ends)}, before it starts at {shown_instant(begins)}", "give a later end, or exchange the two"
        )
    return begins, ends


def checked_word(words: type[_Word], text: str, name: str) -> _Word:
    """The word of an enumeration that ``text`` is.

    :param name: what such a word is called.
    :raises InvalidInput: if it is none of them.
    """
    try:
        return words(text.strip().lower())
    except ValueError as error:
        raise InvalidInput(f"{text!r} is no {name}", f"it is one of {', '.join(words)}") from error


def _checked_risk(text: str | None) -> Level | None:
    if text is None:
        return None
    risk = checked_word(Level, text, "risk")
    if risk is Level.NONE:
        raise InvalidInput("no change is without risk", "it is one of low, medium, high")
    return risk


def _checked_items(items: Sequence[str | Item]) -> tuple[Item, ...]:
    """The checklist: one line each, none empty, none twice: an item is known by its text, and what would prove either proves the one."""
    found: dict[str, Item] = {}
    for item in (Item(item) if isinstance(item, str) else item for item in items):
        text = " ".join(item.text.split())
        if not text:
            raise InvalidInput("an item of the checklist says nothing", "write what is to be looked at: --item 'firewall opened'")
        known = found.get(text, Item(text, item.state, item.because))
        paths = _once((*known.paths, *map(checked_glob, item.paths)))
        found[text] = replace(known, command=known.command or item.command.strip(), paths=paths)
    return tuple(found.values())


def _once(things: Iterable[_Thing]) -> tuple[_Thing, ...]:
    """Without repetitions, in the order they were given."""
    return tuple(dict.fromkeys(things))
