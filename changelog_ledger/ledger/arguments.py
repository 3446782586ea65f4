"""What the arguments of the verbs mean: TIMEs, lengths and targets as somebody types them, as values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from changelog_ledger.model.times import parse_duration
from changelog_ledger.model.topology import Target

if TYPE_CHECKING:
    from changelog_ledger.changes.draft import Draft
    from changelog_ledger.changes.planning import Details
    from changelog_ledger.workflows.making import Manner
    from changelog_ledger.workflows.workspace import Workspace

Time = str | datetime
"""An aware datetime, or a TIME of the command line."""

Duration = str | timedelta
"""A length of time, or one as it is typed: ``2h``."""

Item = TypeVar("Item")


def several(given: Iterable[Item]) -> tuple[Item, ...]:
    """What is given as several; a text or a target by itself is one of them, and not its letters."""
    return cast("tuple[Item, ...]", (given,)) if isinstance(given, str | Target) else tuple(given)


def instant_of(workspace: Workspace, time: Time | None, target: str | Target | None = None) -> datetime | None:
    """What a TIME means; None stays None.

    :param target: whose ``last-good`` and ``onset`` are meant.
    :raises InvalidTime: if it cannot be read.
    """
    if time is None:
        return None
    from changelog_ledger.workflows.moments import resolve_time

    return resolve_time(workspace, time, target)


def length_of(duration: Duration) -> timedelta:
    """A length of time. Raises :class:`InvalidTime` if it cannot be read."""
    return parse_duration(duration) if isinstance(duration, str) else duration


def draft_of(
    workspace: Workspace,
    title: str,
    on: Sequence[str | Target],
    details: Mapping[str, Any],
    *,
    start: Time | None,
    end: Time | None,
    duration: Duration | None,
    in_window: str = "",
    template: str,
) -> Draft:
    """A change that is to be planned.

    :param details: with a ``zone`` among them, a time without an offset is what the clock there shows.
    :raises InvalidTime: if a time or length cannot be read.
    """
    from changelog_ledger.changes.draft import Draft
    from changelog_ledger.workflows.zones import planned_time

    zone = details.get("zone", "")
    return Draft(
        title,
        several(on),
        start=planned_time(workspace, start, zone),
        end=planned_time(workspace, end, zone),
        duration=None if duration is None else length_of(duration),
        in_window=in_window,
        template=template,
        details=details_of(workspace, details),
    )


def details_of(workspace: Workspace, given: Mapping[str, Any]) -> Details:
    """The details of a change, ``affects`` as targets (a bare name is a service's), lengths and times as such.

    :raises InvalidTime: if a time or length cannot be read.
    """
    from changelog_ledger.changes.planning import Details

    affects = [target if isinstance(target, Target) else _service(target) for target in several(given.get("affects", ()))]
    lengths = {name: length_of(given[name]) for name in ("backout_time", "downtime") if given.get(name) is not None}
    times = {"retain_until": instant_of(workspace, given["retain_until"])} if given.get("retain_until") else {}
    listed = {name: several(given[name]) for name in ("paths", "category", "items") if given.get(name) is not None}
    return Details(**{**given, **listed, **lengths, **times, "affects": affects})


def manner_of(host: str | None, root: str | Path, override: str, *, strict: bool = False) -> Manner:
    """How a change is made; the change that this code is a part of is its parent."""
    from changelog_ledger.workflows.making import Manner
    from changelog_ledger.workflows.within import current_change

    return Manner(host=host, root=str(root), override=override, strict=strict, parent=current_change())


def _service(text: str) -> Target:
    return Target.parse(text) if ":" in text else Target.service(text)
