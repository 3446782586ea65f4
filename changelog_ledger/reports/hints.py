"""What to do next: exact commands that can be pasted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from itertools import pairwise
from typing import TypeVar

from changelog_ledger.model.change import Status
from changelog_ledger.model.evidence import Evidence, Op
from changelog_ledger.model.report import Basis, Report, Suspect, SuspectKind
from changelog_ledger.model.times import format_instant
from changelog_ledger.model.topology import TargetKind
from changelog_ledger.reports.escape import shell_word
from changelog_ledger.reports.layout import brief
from changelog_ledger.reports.noise import noisiest_host
from changelog_ledger.reports.phrases import change_of, found_nothing, happened_by_itself, is_calm, pieces_of
from changelog_ledger.reports.times import to_type

T = TypeVar("T")

_ENDED_BY = re.compile(r"incident (INC-[0-9A-Z]{6})")
"""The source of a mark that an incident has made."""

_CAN_ROLL_BACK = (Status.STARTED, Status.SUCCEEDED, Status.FAILED)


@dataclass(frozen=True, slots=True)
class Hint:
    """A command, word by word and quoted for a shell, and what it is good for where that needs saying."""

    purpose: str
    words: tuple[str, ...]

    @property
    def command(self) -> str:
        """The command on one line."""
        return " ".join(self.words)

    def in_zone(self, zone: tzinfo) -> Hint:
        """The same with times as the reader's clock shows them."""
        return replace(self, words=tuple(to_type(word, zone) for word in self.words))


def next_steps(report: Report) -> list[Hint]:
    """At most five hints, the most useful first, no command twice."""
    found: dict[str, Hint] = {}
    for source in (_look_closer, _is_it_over, _account_for, _mark, _incident_before, _look_again, _see_all):
        for hint in source(report):
            found.setdefault(hint.command, hint)
    return list(found.values())[:5]


def show_noise(report: Report) -> Hint:
    """The command that shows what was left out as noise, of the host with most of it."""
    host = noisiest_host(report.suppressed)
    by_its_own_mark = report.window.since_basis is Basis.LAST_GOOD and report.target.kind is TargetKind.HOST and report.target.name == host
    since = Basis.LAST_GOOD.value if by_its_own_mark else format_instant(report.window.since)
    return Hint("", ("ledger", "diff", shell_word(host), since, "now", "--noise"))


def more_suspects(report: Report) -> Hint:
    """The command that shows the suspects that were cut off."""
    return Hint("all suspects", (*_question(report), "--limit", str(report.suspects_total)))


def _question(report: Report) -> tuple[str, ...]:
    window = report.window
    since = () if window.since_basis is not Basis.GIVEN else ("--since", format_instant(window.since))
    until = () if window.until_basis is not Basis.GIVEN else ("--until", format_instant(window.until))
    return ("ledger", "what-changed", _target(report), *since, *until)


def _target(report: Report) -> str:
    return report.target.name if report.target.kind is TargetKind.HOST else str(report.target)


def for_suspect(suspect: Suspect, report: Report) -> list[Hint]:
    """The one command that looks closer at a suspect, then the one that would take it back, tried first: nothing is altered by either."""
    return [*_closer(suspect, report)[:1], *_way_back(suspect, report)]


def _closer(suspect: Suspect, report: Report) -> list[Hint]:
    """A change and the differences that belong to it; what has no file is shown by its id."""
    found = [Hint("", ("ledger", "change", "show", suspect.change))] if suspect.change else []
    piece = _file_of(suspect, report)
    if piece and piece.path:
        found.append(Hint("", ("ledger", "diff", piece.target.name, _from(report, piece), "now", "--path", shell_word(piece.path))))
    elif suspect.evidence:
        found.append(Hint("", ("ledger", "show", suspect.evidence[0])))
    return found


def _way_back(suspect: Suspect, report: Report) -> list[Hint]:
    """Where a change says what it goes back to, that; else the file as it was before."""
    change = change_of(suspect, report)
    if change and change.irreversible:
        return []
    if change and change.status in _CAN_ROLL_BACK and (change.rollback_to or change.backout):
        return [Hint("", ("ledger", "change", "roll-back", change.id, "--dry-run"))]
    piece = _file_of(suspect, report)
    if piece is None or piece.path is None or piece.kind != "config":  # of runtime state there is nothing to restore
        return []
    before = _last_good(report, piece) or _as_of(piece.not_before, piece)
    removed = ("--delete",) if piece.op is Op.ADDED and not piece.key else ()  # going back from a file that came is without it
    return [Hint("", ("ledger", "restore", piece.target.name, shell_word(piece.path), "--from", before, *removed, "--dry-run"))]


def _look_closer(report: Report) -> Iterator[Hint]:
    for suspect in report.suspects[:1]:
        yield from _closer(suspect, report)


def _file_of(suspect: Suspect, report: Report) -> Evidence | None:
    """Of its differences that lie in a file of a host the one that most sets the failing hosts apart, else the first."""
    found = [each for each in pieces_of(suspect, report) if each.path is not None and each.target.kind is TargetKind.HOST]
    accused = [name for difference in (report.peers.differences if report.peers else ()) for name in difference.evidence]
    return min(found, key=lambda each: accused.index(each.id) if each.id in accused else len(accused), default=None)


def _from(report: Report, piece: Evidence) -> str:
    """Where the difference is to be seen from: what is older than the window is in it at its beginning already."""
    if piece.not_after <= report.window.since:
        return _as_of(piece.not_before, piece)
    return _last_good(report, piece) or _as_of(report.window.since, piece)


def _as_of(moment: datetime, piece: Evidence) -> str:
    """The full second after a moment, which is easier to read and shows the same, unless the difference came about within it."""
    second = moment.replace(microsecond=0) + timedelta(seconds=1 if moment.microsecond else 0)
    return format_instant(second if second < piece.not_after else moment)


def _last_good(report: Report, piece: Evidence) -> str:
    """``last-good`` where the window begins at the host's own mark, and before the difference, else empty."""
    by_its_own_mark = report.window.since_basis is Basis.LAST_GOOD and piece.target == report.target and piece.not_after > report.window.since
    return Basis.LAST_GOOD.value if by_its_own_mark else ""


def _is_it_over(report: Report) -> Iterator[Hint]:
    """What still runs the code of before is restarted by people; then the ledger looks again."""
    suspect = _first(report.suspects[:3], lambda each: any(reason.code == "restart-pending" for reason in each.reasons))
    piece = _first(pieces_of(suspect, report), lambda each: each.kind in ("restart-pending", "reboot-pending")) if suspect else None
    if piece:
        yield Hint(f"on {piece.target.name}, once it is restarted: is it over?", ("ledger", "ingest", "processes"))


def _account_for(report: Report) -> Iterator[Hint]:
    """An unlogged piece: either a logged change was the cause, or it is logged now."""
    suspect = _first(report.suspects, lambda each: each.kind is SuspectKind.UNLOGGED and not happened_by_itself(each, report))
    piece = _first(pieces_of(suspect, report), lambda each: each.unlogged) if suspect else None
    if suspect is None or piece is None:
        return
    path = ("--path", shell_word(piece.path)) if piece.path else ()
    at = ("--at", format_instant(suspect.occurred_at.replace(microsecond=0)))
    yield Hint("once you know who and why", ("ledger", "change", "log", "'TITLE'", "--on", str(piece.target), *path, *at))
    change = _first(report.suspects, lambda each: each.kind is SuspectKind.CHANGE and _may_cover(each, piece, report))
    if change:
        yield Hint(f"if it belongs to {brief(change.title, 40)}", ("ledger", "explain", piece.id, change.change))


def _may_cover(suspect: Suspect, piece: Evidence, report: Report) -> bool:
    """Whether a change names the place of the difference, the service that runs there, or everything."""
    services = {neighbour for reach in report.scope for pair in pairwise(reach.path) if piece.target in pair for neighbour in pair}
    return any(target in (piece.target, *services) or target.kind is TargetKind.ALL for target in suspect.targets)


def _mark(report: Report) -> Iterator[Hint]:
    if report.window.since_basis is Basis.FIRST_SNAPSHOT:
        yield Hint("when you know that it worked", ("ledger", "good", str(report.target), "--at", "TIME"))
    if report.window.onset is None and (found_nothing(report) or is_calm(report)):
        purpose = "when you know that it was broken" if report.window.last_good is None else "if it is broken again: since when"
        yield Hint(purpose, ("ledger", "bad", str(report.target), "--at", "TIME"))


def _incident_before(report: Report) -> Iterator[Hint]:
    """Who asks after the end of an incident, of which nothing has changed since, may mean what was before it."""
    ended = _ENDED_BY.fullmatch(report.window.last_good.source) if report.window.last_good else None
    if ended and is_calm(report):
        yield Hint("what it was until then", ("ledger", "incident", "review", ended[1]))


def _look_again(report: Report) -> Iterator[Hint]:
    codes = {warning.code for warning in report.warnings}
    hosts = [each.host for each in report.freshness]
    if hosts and (found_nothing(report) or "stale-snapshot" in codes):
        oldest = min(report.freshness, key=lambda each: (each.last_at is not None, each.last_at or report.made_at, each.host))
        yield Hint("a fresh look", ("ledger", "snapshot", oldest.host))


def _see_all(report: Report) -> Iterator[Hint]:
    at_good = report.window.since_basis is Basis.LAST_GOOD
    since = Basis.LAST_GOOD.value if at_good else format_instant(report.window.since)
    yield Hint("all, in time order", ("ledger", "recent", _target(report), "--since", since))


def _first(values: Iterable[T], fits: Callable[[T], bool]) -> T | None:
    return next((value for value in values if fits(value)), None)
