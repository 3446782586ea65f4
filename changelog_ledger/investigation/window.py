"""The time that a question is about: from when it last worked to the onset, or to what was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from changelog_ledger.errors import InvalidTime, NotFound
from changelog_ledger.model.report import Basis, Window
from changelog_ledger.model.times import shown_instant, utc
from changelog_ledger.model.topology import Health, Mark

WITHOUT_ANYTHING = timedelta(days=7)
"""How far back to look where nobody said since when and there is neither a good mark nor a snapshot."""


_TIME_OF_ID = 10
"""Characters of a ULID that say when it was made, to the millisecond."""


def choose_window(
    marks: Sequence[Mark],
    *,
    now: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
    until_basis: Basis | None = None,
    first_snapshot_at: datetime | None = None,
) -> Window:
    """The window of a question.

    It begins at ``since`` (given), else at the last good mark before the trouble, else at the first snapshot, else a week before its end (the basis
    then says ``first-snapshot`` too, and a warning that there is none). It ends at ``until`` (given), else at the onset, else now. The onset is
    the first bad mark after the last good one. Marks of the future are left out; of several for the same instant the one recorded last counts.

    :param marks: those of the question's target, in any order.
    :param until_basis: None to choose; ``Basis.ONSET`` to insist on the onset (also of a trouble that is over), ``Basis.NOW`` to insist on now.
    :param first_snapshot_at: the earliest snapshot of a host in scope.
    :raises NotFound: if the onset is insisted on and there is no bad mark.
    :raises InvalidTime: if the window would end before it begins, or begin in the future.
    """
    now, since, until = utc(now), _utc(since), _utc(until)
    known = counting(mark for mark in marks if mark.at <= (until or now))
    insists = until is None and until_basis is Basis.ONSET
    last_good, onset = _latest_trouble(known) if insists else _present_trouble(known, until)
    if insists and onset is None:
        raise NotFound("nobody has marked the target bad, so there is no onset", _mark_hint(marks))
    if since is not None and onset is not None and onset < since and not insists:
        onset = _first_bad(known, since)
    end, end_basis = _end(until, onset, now, until_basis)
    start, start_basis = _start(since, last_good, first_snapshot_at, end)
    _check(start, end, start_basis, end_basis, now)
    return Window(start, start_basis, end, end_basis, onset, last_good if start_basis is Basis.LAST_GOOD else None)


def counting(marks: Iterable[Mark]) -> list[Mark]:
    """Marks of one target in the order of time, one for each instant: the one that was recorded last, of those recorded at once the bad one."""
    ordered = sorted(marks, key=lambda mark: (mark.at, mark.id[:_TIME_OF_ID], mark.state is Health.BAD, mark.id))
    return list({mark.at: mark for mark in ordered}.values())


def _present_trouble(marks: Sequence[Mark], until: datetime | None) -> tuple[Mark | None, datetime | None]:
    """The last good mark, and the first bad one after it."""
    good = [mark for mark in marks if mark.state is Health.GOOD and (until is None or mark.at < until)]
    last_good = good[-1] if good else None
    return last_good, _first_bad(marks, last_good.at if last_good else None)


def _latest_trouble(marks: Sequence[Mark]) -> tuple[Mark | None, datetime | None]:
    """The last good mark that a bad one follows, and that bad one: the latest trouble, even if it is over."""
    bad = [mark.at for mark in marks if mark.state is Health.BAD]
    if not bad:
        return None, None
    good = [mark for mark in marks if mark.state is Health.GOOD and mark.at < bad[-1]]
    last_good = good[-1] if good else None
    return last_good, _first_bad(marks, last_good.at if last_good else None)


def _first_bad(marks: Sequence[Mark], after: datetime | None) -> datetime | None:
    return next((mark.at for mark in marks if mark.state is Health.BAD and (after is None or mark.at > after)), None)


def _end(until: datetime | None, onset: datetime | None, now: datetime, basis: Basis | None) -> tuple[datetime, Basis]:
    if until is not None:
        return until, Basis.GIVEN
    if onset is not None and basis is not Basis.NOW:
        return onset, Basis.ONSET
    return now, Basis.NOW


def _start(since: datetime | None, last_good: Mark | None, first_snapshot_at: datetime | None, end: datetime) -> tuple[datetime, Basis]:
    if since is not None:
        return since, Basis.GIVEN
    if last_good is not None:
        return last_good.at, Basis.LAST_GOOD
    if first_snapshot_at is not None and first_snapshot_at < end:
        return first_snapshot_at, Basis.FIRST_SNAPSHOT
    return end - WITHOUT_ANYTHING, Basis.FIRST_SNAPSHOT


def _check(start: datetime, end: datetime, start_basis: Basis, end_basis: Basis, now: datetime) -> None:
    if start_basis is Basis.GIVEN and start > now:
        raise InvalidTime(f"--since ({shown_instant(start)}) lies in the future: nothing of it is known yet", "give an earlier --since")
    if start <= end:
        return
    given = "--since" if start_basis is Basis.GIVEN else "the last good mark"
    names = {Basis.NOW: "now", Basis.ONSET: "the onset", Basis.GIVEN: "--until"}
    raise InvalidTime(
        f"{given} ({shown_instant(start)}) lies after {names[end_basis]} ({shown_instant(end)})",
        "give an earlier --since" if end_basis is not Basis.GIVEN else "exchange --since and --until",
    )


def _mark_hint(marks: Sequence[Mark]) -> str:
    target = str(marks[0].target) if marks else "TARGET"
    return f"say when it began: ledger bad {target} --at TIME"


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else utc(moment)
