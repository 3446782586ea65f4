"""What Debian's three logs say together.

apt has dpkg do the work, so that both tell of the same: what dpkg did within the time of an apt transaction belongs to it, and only the rest is
told as dpkg's own. unattended-upgrades has apt do the work, and tells what it meant to do.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from changelog_ledger.model.ingestion import Gap, PackageAction, PackageChange
from changelog_ledger.observations.packages.apt_history import AptStanza
from changelog_ledger.observations.packages.apt_times import AptTimes
from changelog_ledger.observations.packages.command_lines import asked_for
from changelog_ledger.observations.packages.dpkg import DpkgRun
from changelog_ledger.observations.packages.transactions import Outcome, Transaction
from changelog_ledger.observations.packages.unattended_upgrades import UnattendedRun

STILL_RUNNING = timedelta(minutes=15)
"""What has no end and was active within this time is left for the next ingestion: it may be running."""

_BETWEEN_PACKAGES = timedelta(seconds=10)
"""dpkg's last run is over when every package is done and so much time has passed: the next one may be about to begin."""

_TOOL = "unattended-upgrades"


@dataclass(slots=True)
class _Doings:
    """What dpkg did for one apt transaction."""

    latest: datetime
    place: int
    unsettled: dict[str, str] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Withheld:
    """Runs of dpkg that are not told, for they may be apt's, whose history cannot be read of their time."""

    count: int = 0
    first: str = ""
    source: str = ""
    latest: datetime | None = None


@dataclass(slots=True)
class DebianHistory:
    """Joins what was read.

    :ivar unattended: the updater's runs, in the order of time.
    :ivar now: the present, aware.
    :ivar hold: told the place in ``dpkg.log`` of what is not finished.
    :ivar notes: gets a word about what is left for the next time.
    :ivar gaps: gets what apt's history does not tell wholly.
    :ivar withheld: what dpkg did while apt's history cannot be read; known at the end.
    :ivar is_idle: it is known that apt and dpkg were not at work ``now``, before the logs were read.
    """

    times: AptTimes
    unattended: Sequence[UnattendedRun]
    now: datetime
    hold: Callable[[int], None]
    notes: list[str]
    is_idle: bool = False
    gaps: list[Gap] = field(default_factory=list)
    withheld: Withheld = field(default_factory=Withheld)
    _doings: dict[datetime, _Doings] = field(default_factory=dict)

    def transactions(self, stanzas: Iterable[AptStanza], runs: Iterable[DpkgRun]) -> Iterator[Transaction]:
        """Every transaction that is over, in the order of the logs; the updater's failures that came to none are last.

        :param stanzas: the same that :class:`AptTimes` was made of.
        """
        remaining = iter(runs)
        run = next(remaining, None)
        for stanza in stanzas:
            ended = self.times.ended(stanza)
            if ended is None:  # apt began it after its times were read
                continue
            while run is not None and run.at <= ended:
                yield from self._dpkg(run)
                run = next(remaining, None)
            yield from self._apt(stanza)
        while run is not None:
            yield from self._dpkg(run)
            run = next(remaining, None)
        yield from self._failures()
        self._tell_withheld()

    def _dpkg(self, run: DpkgRun) -> Iterator[Transaction]:
        begun = self.times.transaction(run)
        if begun is not None:
            self._note_doings(begun, run)
        if run.changes and self.times.is_untold(run):
            self._withhold(run)
        elif begun is not None:
            return
        elif run.is_last and self._may_go_on(run):
            self.hold(run.place)
            if run.changes:
                self.notes.append(f"dpkg's run of {run.written_at} may not be over; it is recorded next time")
        elif run.changes:
            yield _of_run(run)

    def _withhold(self, run: DpkgRun) -> None:
        self.hold(run.place)
        withheld = self.withheld
        withheld.first, withheld.source = withheld.first or run.written_at, withheld.source or run.source
        withheld.count += 1
        withheld.latest = max(withheld.latest or run.at, run.at)

    def _tell_withheld(self) -> None:
        if self.withheld.count:
            many = "s" if self.withheld.count > 1 else ""
            what = f"{self.withheld.count:,} run{many} of dpkg, from {self.withheld.first} on, not recorded"
            why = "they may be apt's, whose history cannot be read there; they are read again when it can be, or when its damaged file is gone"
            self.gaps.append(Gap(self.withheld.source, f"{what}: {why}"))

    def _note_doings(self, begun: datetime, run: DpkgRun) -> None:
        doings = self._doings.setdefault(begun, _Doings(run.ended_at, run.place))
        doings.latest = max(doings.latest, run.ended_at)
        for change in run.changes:
            doings.unsettled.pop(change.name, None)
            if change.action in (PackageAction.REMOVED, PackageAction.PURGED) and run.has_states:
                doings.done.add(change.name)
        doings.done |= run.installed
        doings.unsettled |= dict(run.unsettled)

    def _may_go_on(self, run: DpkgRun) -> bool:
        quiet = _BETWEEN_PACKAGES if run.has_states and run.changes and not run.unsettled else STILL_RUNNING
        return not self._was_over(run.at) and self.now - quiet < run.ended_at <= self.now + STILL_RUNNING

    def _was_over(self, begun: datetime) -> bool:
        """Whether what began then was over before the logs were read; they know seconds only."""
        return self.is_idle and begun < self.now - timedelta(seconds=1)

    def _apt(self, stanza: AptStanza) -> Iterator[Transaction]:
        doings = self._doings.pop(stanza.at, None)
        latest = doings.latest if doings else stanza.at
        if stanza.is_last and not self._was_over(stanza.at) and self.now - STILL_RUNNING < latest <= self.now + STILL_RUNNING:
            if doings is not None:
                self.hold(doings.place)
            self.notes.append(f"apt's transaction of {stanza.written_at} has no end yet; it is recorded next time")
        elif stanza.changes and not self.times.is_copy(stanza):
            yield from self._over(stanza, doings)

    def _over(self, stanza: AptStanza, doings: _Doings | None) -> Iterator[Transaction]:
        """A transaction that is over, unless it is damage in the log that makes it look so."""
        doubt = self.times.doubt(stanza)
        if not doubt and doings is not None and stanza.is_last and self._ran_on(stanza, doings):
            self.hold(doings.place)
            doubt = "it has no end, but dpkg did all of it"
        if doubt:
            self.gaps.append(Gap(stanza.source, f"apt's transaction of {stanza.written_at} is not recorded: {doubt}; is the file cut off?"))
        else:
            yield self._of_stanza(stanza, doings)

    def _ran_on(self, stanza: AptStanza, doings: _Doings) -> bool:
        """Whether dpkg came to the end of what has none in apt's history."""
        is_done = not doings.unsettled and all(change.name in doings.done for change in stanza.changes)
        return is_done and not self.times.outcomes(stanza)

    def _of_stanza(self, stanza: AptStanza, doings: _Doings | None) -> Transaction:
        run = self._updater(stanza)
        by_itself = "unattended-upgrade" in stanza.command or (run is not None and not stanza.command)
        unsettled = doings.unsettled if doings else {}
        outcome = _outcome(stanza, unsettled)
        failed = outcome is not Outcome.SUCCEEDED
        return Transaction(
            "apt",
            stanza.at,
            stanza.written_at,
            stanza.changes,
            source=stanza.source,
            command=stanza.command,
            requested_by=stanza.requested_by,
            tool=_TOOL if by_itself else "",
            unattended=by_itself if stanza.command or by_itself else None,
            outcome=outcome,
            ended_at=stanza.ended_at,
            error=stanza.error or _states(unsettled) or ("; ".join(run.errors) if run and failed else ""),
            asked_for=_asked_for(stanza),
            more={"reboot_required": True} if run and run.reboot else {},
        )

    def _updater(self, stanza: AptStanza) -> UnattendedRun | None:
        if stanza.command and "unattended-upgrade" not in stanza.command:
            return None
        at = bisect_right(self.unattended, stanza.at, key=lambda run: run.at)
        run = self.unattended[at - 1] if at else None
        return run if run and stanza.at <= run.ended_at else None

    def _failures(self) -> Iterator[Transaction]:
        """Runs of the updater that failed before apt began anything."""
        for run in self.unattended:
            over = not run.is_last or run.ended_at < self.now - STILL_RUNNING or run.ended_at > self.now + STILL_RUNNING
            if run.errors and run.packages and over and not self.times.between(run.at, run.ended_at):
                yield _of_failure(run)


def _of_run(run: DpkgRun) -> Transaction:
    outcome = Outcome.FAILED if run.unsettled else Outcome.SUCCEEDED if run.has_states else Outcome.UNKNOWN
    error = _states(dict(run.unsettled))
    return Transaction("dpkg", run.at, run.written_at, run.changes, source=run.source, outcome=outcome, ended_at=run.ended_at, error=error)


def _of_failure(run: UnattendedRun) -> Transaction:
    changes = tuple(PackageChange(name, PackageAction.UPGRADED) for name in run.packages)
    return Transaction(
        "apt",
        run.at,
        run.written_at,
        changes,
        source=run.source,
        tool=_TOOL,
        unattended=True,
        outcome=Outcome.FAILED,
        ended_at=run.ended_at,
        error="; ".join(run.errors),
    )


def _outcome(stanza: AptStanza, unsettled: dict[str, str]) -> Outcome:
    if stanza.error or (stanza.ended_at and unsettled):
        return Outcome.FAILED
    return Outcome.SUCCEEDED if stanza.ended_at else Outcome.INTERRUPTED


def _states(unsettled: dict[str, str]) -> str:
    """``openssl is half-configured``."""
    return ", ".join(f"{name} is {state}" for name, state in list(unsettled.items())[:10])


def _asked_for(stanza: AptStanza) -> frozenset[str]:
    """Names that the command line has, also as ``name=version``, ``name/release`` or ``name:architecture`` (apt-get(8))."""
    names = frozenset(each.name for each in stanza.changes)
    bare = stanza.command.replace("=", " ").replace(":", " ").replace("/", " ")
    return asked_for(stanza.command, names) | asked_for(bare, names)
