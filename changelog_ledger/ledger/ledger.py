"""``Ledger``: opens a home and offers every verb of the command as a method.

Times may be given as an aware :class:`~datetime.datetime` or as a TIME of the command line (``2h``, ``2026-11-21T14:03+01:00``,
``last-good``, a snapshot's or a change's id); targets as a :class:`~changelog_ledger.model.topology.Target` or as text (``host:web-01``,
``service:shop``, ``all``, a bare name where it is unambiguous).

Workflows are imported where they are used: asking what changed need not load git, and recording a mark need not load the parsers.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from changelog_ledger.ledger.arguments import Duration, Time, details_of, draft_of, instant_of, length_of, manner_of, several
from changelog_ledger.model.topology import Health, Host, Mark, Service, Target
from changelog_ledger.workflows.find_home import find_home, working_folder
from changelog_ledger.workflows.surroundings import actor_of, logged_warning, system_clock
from changelog_ledger.workflows.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from changelog_ledger.ledger.bisections import Bisections
    from changelog_ledger.ledger.freezes import Freezes
    from changelog_ledger.ledger.host_hooks import HostHooksTopic
    from changelog_ledger.ledger.incidents import Incidents
    from changelog_ledger.ledger.ingestion import Ingestion
    from changelog_ledger.ledger.making import Making
    from changelog_ledger.ledger.spool import SpoolTopic
    from changelog_ledger.ledger.windows import Windows
    from changelog_ledger.model.adoption import Adoption
    from changelog_ledger.model.bisection import Bisection, Trial, Verdict
    from changelog_ledger.model.blame import Blame
    from changelog_ledger.model.change import Change, Item
    from changelog_ledger.model.comparison import Comparison
    from changelog_ledger.model.evidence import Delta, Evidence, Observation
    from changelog_ledger.model.keys import KeyOverview
    from changelog_ledger.model.overview import Overview, TimelineEntry
    from changelog_ledger.model.policy import Template
    from changelog_ledger.model.proof import Proof
    from changelog_ledger.model.rehearsal import Rehearsal
    from changelog_ledger.model.report import HostFreshness, Report, Sifted
    from changelog_ledger.model.restore import RestorePlan, RestoreResult, RollBack
    from changelog_ledger.model.schedule import Calendar, Conflicts
    from changelog_ledger.model.search import Hit
    from changelog_ledger.model.shown import Shown
    from changelog_ledger.model.snapshot import Snapshot
    from changelog_ledger.model.state import SnapshotExplanation
    from changelog_ledger.model.upkeep import Collected
    from changelog_ledger.workflows.import_facts import ImportResult
    from changelog_ledger.workflows.verify import Finding, Repair
    from changelog_ledger.workflows.wanted import Wanted

Progress = Callable[[int], None]
"""Called with how much was done since the last call."""


def _nothing(_done: int) -> None:
    """No progress is wanted."""


class Ledger:
    """An open home. A context manager; every method reads or records at once and keeps nothing in memory.

    >>> with Ledger.open() as ledger:                                   # doctest: +SKIP
    ...     report = ledger.what_changed("host:web-01")
    """

    def __init__(self, workspace: Workspace) -> None:
        """Use :meth:`open` or :meth:`init`."""
        self._workspace = workspace

    @classmethod
    def open(
        cls,
        home: str | Path | None = None,
        *,
        actor: str | None = None,
        clock: Callable[[], datetime] = system_clock,
        entropy: Callable[[int], bytes] = os.urandom,
        progress: Progress = _nothing,
        warn: Callable[[str], None] = logged_warning,
    ) -> Self:
        """Open a home. Its database is opened when it is first needed: that it is away is no error yet.

        :param warn: told what went wrong without stopping anything; :mod:`logging` if not given.
        :param home: the folder; if None ``$LEDGER_HOME``, the nearest ``.ledger`` upwards, else the platform's data folder.
        :param actor: who acts; if None ``$LEDGER_ACTOR``, ``$SUDO_USER``, else the login name.
        :raises HomeError: if there is none.
        :raises SettingsError: if its ``ledger.toml`` is wrong.
        """
        place = find_home(str(home) if home else None, os.environ, working_folder())
        return cls(open_workspace(place, actor=actor or actor_of(os.environ), now=clock, entropy=entropy, progress=progress, warn=warn))

    @classmethod
    def init(
        cls,
        home: str | Path | None = None,
        *,
        host: str | None = None,
        watch: Sequence[str] = (),
        database: str | None = None,
        actor: str | None = None,
        clock: Callable[[], datetime] = system_clock,
        recipients: Sequence[str] = (),
        own_key: bool = True,
        entropy: Callable[[int], bytes] = os.urandom,
    ) -> Self:
        """Make a home: settings, database, repository and keys, whole or not at all.

        :param host: this machine's name; its own host name if None.
        :param watch: absolute paths to snapshot, and ``@state`` for the machine's state; ``/etc`` and that if empty.
        :param database: a ``postgresql://`` address; SQLite in the home if None.
        :param recipients: further age recipients (``age1…``) that originals are sealed for.
        :param own_key: whether the home gets a key of its own; without one it can seal for ``recipients``, and open nothing.
        :raises HomeError: if there is one already, or it cannot be made.
        """
        from changelog_ledger.workflows.make_home import HomePlan, make_home

        place = find_home(str(home) if home else None, os.environ, working_folder())
        who = actor or actor_of(os.environ)
        plan = HomePlan(host, tuple(watch), database, tuple(recipients), own_key)
        return cls(make_home(place, plan, actor=who, now=clock, entropy=entropy))

    def close(self) -> None:
        """Give the database's connections back."""
        self._workspace.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def home(self) -> Path:
        """The folder."""
        return self._workspace.home

    @property
    def host_name(self) -> str:
        """The name under which this machine's snapshots are kept."""
        return self._workspace.settings.host

    @property
    def watched(self) -> tuple[str, ...]:
        """The paths that a snapshot looks at if it is told nothing else; ``@state`` among them is the machine's state."""
        return self._workspace.settings.watch

    @property
    def freeze(self) -> Freezes:
        """Periods in which changes need an override: ``add``, ``list``, ``lift``."""
        from changelog_ledger.ledger.freezes import Freezes

        return Freezes(self._workspace)

    @property
    def host_hooks(self) -> HostHooksTopic:
        """What makes the host's package managers and its clock call this ledger: ``install``, ``uninstall``, ``status``, ``run``."""
        from changelog_ledger.ledger.host_hooks import HostHooksTopic

        return HostHooksTopic(self._workspace.home, clock=self._workspace.now, warn=self._workspace.warn)

    @property
    def incidents(self) -> Incidents:
        """Trouble that somebody takes care of: ``open``, ``update``, ``link``, ``resolve``, ``list``, ``show`` …"""
        from changelog_ledger.ledger.incidents import Incidents

        return Incidents(self._workspace)

    @property
    def ingest(self) -> Ingestion:
        """What other programs recorded: ``packages``, ``processes``, ``journal`` …"""
        from changelog_ledger.ledger.ingestion import Ingestion

        return Ingestion(self._workspace)

    @property
    def window(self) -> Windows:
        """Maintenance windows: ``add``, ``list``, ``lift``."""
        from changelog_ledger.ledger.windows import Windows

        return Windows(self._workspace)

    def now(self) -> datetime:
        """The ledger's clock."""
        return self._workspace.now()

    def time(self, time: Time | None, target: str | Target | None = None) -> datetime | None:
        """What a TIME means; None stays None.

        :param target: whose ``last-good`` and ``onset`` are meant.
        :raises InvalidTime: if it cannot be read.
        """
        return instant_of(self._workspace, time, target)

    # ---- hosts and services

    def add_host(self, name: str, *, tags: Sequence[str] = (), attributes: Mapping[str, str] | None = None) -> Host:
        """Record a host, or what it is now."""
        from changelog_ledger.workflows import topology

        return topology.add_host(self._workspace, name, tags=several(tags), attributes=attributes)

    def retire_host(self, name: str, *, because: str = "") -> Host:
        """Record that a host is gone; its history stays.

        :param because: why, though a change may still go back to it; without that it is refused.
        """
        from changelog_ledger.workflows import retire_host

        return retire_host.retire_host(self._workspace, name, because=because)

    def hosts(self) -> tuple[Host, ...]:
        """Every host, by name."""
        with self._workspace.store.reading() as view:
            return view.topology.hosts()

    def host(self, name: str) -> Host:
        """One host. Raises :class:`NotFound` if there is none."""
        from changelog_ledger.workflows import topology

        with self._workspace.store.reading() as view:
            return topology.known_host(view, name)

    def freshness(self, hosts: Sequence[str]) -> tuple[HostFreshness, ...]:
        """How old the last look at each of these hosts is."""
        from changelog_ledger.workflows import what_changed

        with self._workspace.store.reading() as view:
            return what_changed.freshness(view, hosts, self.now(), view.evidence.snapshot_span(hosts))

    def add_service(
        self, name: str, *, runs_on: Sequence[str] = (), depends_on: Sequence[str | Target] = (), attributes: Mapping[str, str] | None = None
    ) -> Service:
        """Record a service, or what it is now. Of its attributes, ``owner`` says who answers for it."""
        from changelog_ledger.workflows import topology

        with self._workspace.store.reading() as view:
            targets = [topology.resolve_target(view, target) for target in several(depends_on)]
        return topology.add_service(self._workspace, name, runs_on=several(runs_on), depends_on=targets, attributes=attributes)

    def services(self) -> tuple[Service, ...]:
        """Every service, by name."""
        with self._workspace.store.reading() as view:
            return view.topology.services()

    def service(self, name: str) -> Service:
        """One service. Raises :class:`NotFound` if there is none."""
        from changelog_ledger.workflows import topology

        with self._workspace.store.reading() as view:
            return topology.known_service(view, name)

    # ---- health

    def good(self, target: str | Target, *, at: Time | None = None, source: str = "") -> Mark:
        """Record that a target was seen working."""
        from changelog_ledger.workflows import mark_health

        return mark_health.mark(self._workspace, target, Health.GOOD, at=self.time(at, target), source=source)

    def bad(self, target: str | Target, *, at: Time | None = None, symptom: str = "") -> Mark:
        """Record that a target was seen broken."""
        from changelog_ledger.workflows import mark_health

        return mark_health.mark(self._workspace, target, Health.BAD, at=self.time(at, target), symptom=symptom)

    def observe(
        self, text: str, on: str | Target, *, at: Time | None = None, kind: str = "note", data: Mapping[str, Any] | None = None
    ) -> Observation:
        """Record something seen that is no file difference."""
        from changelog_ledger.workflows import mark_health

        return mark_health.observe(self._workspace, text, on, at=self.time(at, on), kind=kind, data=data)

    # ---- snapshots

    def snapshot(
        self,
        host: str | None = None,
        *,
        paths: Sequence[str] = (),
        root: str | Path = "/",
        at: Time | None = None,
        reason: str = "",
        change: str = "",
        progress: Progress = _nothing,
    ) -> Snapshot:
        """Record what the watched files of a host hold now, and this machine's state where it is the host.

        :param paths: these only; ``@state`` is all of the machine's state, ``@state/routes`` a part.
        :param root: the directory that stands for ``/``: an image, a mount, a test.
        :param change: the change that what is found belongs to.
        """
        from changelog_ledger.workflows.take_snapshot import take_snapshot

        when = self.time(at, f"host:{host}" if host else None)
        return take_snapshot(self._workspace, host, paths=several(paths), root=str(root), at=when, reason=reason, change=change, progress=progress)

    def explain_snapshot(self, *, paths: Sequence[str] = ()) -> SnapshotExplanation:
        """What a snapshot of this machine would look at, and what of its state can be collected. Nothing is recorded."""
        from changelog_ledger.workflows.collect_state import explain_snapshot

        return explain_snapshot(self._workspace, several(paths))

    def snapshots(self, host: str) -> tuple[Snapshot, ...]:
        """The host's snapshots, oldest first."""
        from changelog_ledger.workflows import read_snapshots

        return read_snapshots.list_snapshots(self._workspace, host)

    def cat(self, host: str, path: str, *, at: Time | None = None, reveal: bool = False) -> bytes:
        """A file as it was; ``reveal`` opens the sealed original where secrets were masked."""
        from changelog_ledger.workflows import read_snapshots

        return read_snapshots.read_file(self._workspace, host, path, at=self.time(at, f"host:{host}"), reveal=reveal)

    def restore(
        self,
        host: str,
        paths: Sequence[str],
        at: Time,
        *,
        root: str | Path = "/",
        to: str | Path | None = None,
        dry_run: bool = False,
        delete: bool = False,
        privileged: bool = False,
        change: str = "",
        leave: Callable[[RestorePlan], bool] | None = None,
        progress: Progress = _nothing,
    ) -> RestoreResult:
        """Bring files and folders back to how a snapshot has them, and prove that they are.

        :param at: which snapshot: a TIME (the newest not after it), ``last-good``, or a snapshot's id.
        :param root: the directory that stands for ``/`` of the host itself, as for :meth:`snapshot`.
        :param to: write a copy below this directory instead; nothing is recorded then.
        :param dry_run: only say what would be done.
        :param delete: remove what did not exist then.
        :param privileged: restore setuid, setgid and file capabilities as well.
        :param change: the change that the differences belong to; else one is recorded for the restore.
        :param leave: asked before anything is altered; without it that is refused. ``lambda plan: True`` says yes.
        """
        from changelog_ledger.workflows import restore

        choices = restore.Choices(str(root), str(to) if to is not None else None, dry_run, delete, privileged, change)
        return restore.restore(self._workspace, host, several(paths), at, choices, leave=leave or restore.leave_refused, progress=progress)

    def files(self, host: str, folder: str = "/", *, at: Time | None = None) -> tuple[str, ...]:
        """The paths of a snapshot at or below a folder."""
        from changelog_ledger.workflows import read_snapshots

        return read_snapshots.list_files(self._workspace, host, folder, at=self.time(at, f"host:{host}"))

    def diff(
        self, host: str, since: Time | None = None, until: Time | None = None, *, path: str | None = None, noise: bool = False
    ) -> Sifted[Evidence]:
        """What differs between a host's snapshots at two times; the last two if none are given.

        What rules call noise is left out and counted in ``.suppressed``; ``noise`` keeps it, each piece with its rule.
        """
        from changelog_ledger.workflows import read_snapshots

        asked = f"host:{host}"
        return read_snapshots.diff_host(self._workspace, host, self.time(since, asked), self.time(until, asked), path=path, noise=noise)

    def diff_text(self, host: str, since: Time | None = None, until: Time | None = None, *, path: str | None = None) -> str:
        """The same as a unified diff of the stored text."""
        from changelog_ledger.workflows import read_snapshots

        asked = f"host:{host}"
        return read_snapshots.diff_host_text(self._workspace, host, self.time(since, asked), self.time(until, asked), path=path)

    # ---- changes

    def plan(
        self,
        title: str = "",
        on: Sequence[str | Target] = (),
        *,
        start: Time | None = None,
        end: Time | None = None,
        duration: Duration | None = None,
        in_window: str = "",
        template: str = "",
        **details: Any,
    ) -> Change:
        """Record what is to be done. Its ``.assessment`` says what it may touch, and what speaks against it.

        :param start: with ``zone`` among the details, a time without an offset is what the clock there shows; ``end`` the same.
        :param duration: instead of ``end``: ``2h`` or a timedelta.
        :param in_window: instead of ``start``: a maintenance window's id, or ``next`` for the first of its targets'; its next occurrence counts.
        :param template: the name of a standard change (:meth:`templates`): it says all that is not said here, title and targets too.
        :param details: fields of :class:`~changelog_ledger.changes.planning.Details`: ``paths``, ``impact``, ``risk``, ``rollback_to`` …
        """
        from changelog_ledger.workflows import record_change

        draft = draft_of(self._workspace, title, on, details, start=start, end=end, duration=duration, in_window=in_window, template=template)
        return record_change.plan_change(self._workspace, draft)

    def assess(
        self,
        title: str = "",
        on: Sequence[str | Target] = (),
        *,
        start: Time | None = None,
        end: Time | None = None,
        duration: Duration | None = None,
        in_window: str = "",
        template: str = "",
        **details: Any,
    ) -> Change:
        """The change that :meth:`plan` would record, with its assessment; nothing is recorded."""
        from changelog_ledger.workflows import record_change

        draft = draft_of(self._workspace, title, on, details, start=start, end=end, duration=duration, in_window=in_window, template=template)
        return record_change.drafted_change(self._workspace, draft)

    def templates(self) -> tuple[Template, ...]:
        """The standard changes that ``[[templates]]`` of ``ledger.toml`` describes, by name."""
        from changelog_ledger.workflows import plan_from_template

        return plan_from_template.templates(self._workspace)

    def log(self, title: str, on: Sequence[str | Target], *, at: Time, until: Time | None = None, **details: Any) -> Change:
        """Record what has been done already; it is marked as logged after the fact."""
        from changelog_ledger.workflows import record_change
        from changelog_ledger.workflows.moments import resolve_time

        when, said = resolve_time(self._workspace, at), details_of(self._workspace, details)
        return record_change.log_change(self._workspace, title, several(on), at=when, until=self.time(until), details=said)

    def approve(self, change: str, *, at: Time | None = None, note: str = "") -> Change:
        """Approve a planned change."""
        return self._move(change, "approve", at, note)

    def start(self, change: str, *, at: Time | None = None, note: str = "", override: str = "") -> Change:
        """Start a planned or approved change.

        :param override: why it starts in spite of a freeze, a conflict or its window; it is kept with the step.
        """
        return self._move(change, "start", at, note, override)

    def finish(self, change: str, *, at: Time | None = None, note: str = "") -> Change:
        """Finish a started change: it succeeded. Items of its checklist that its own snapshots prove are ticked first."""
        from changelog_ledger.workflows.finish_change import finish_change

        return finish_change(self._workspace, change, at=self.time(at), note=note)

    def fail(self, change: str, *, at: Time | None = None, note: str = "") -> Change:
        """Record that a started change failed."""
        return self._move(change, "fail", at, note)

    def roll_back(
        self,
        change: str,
        *,
        at: Time | None = None,
        note: str = "",
        host: str | None = None,
        root: str | Path = "/",
        dry_run: bool = False,
        delete: bool = False,
        privileged: bool = False,
        record_only: bool = False,
        leave: Callable[[RestorePlan], bool] | None = None,
        progress: Progress = _nothing,
    ) -> RollBack:
        """Take a change back: restore its files from its rollback target where that is a snapshot of this machine, and record it.

        It is not recorded while another host has a snapshot to go back to: ``.advice`` has the commands for there. ``.warnings`` names what was
        changed in the same files since: it goes back too. The plan that ``leave`` is asked about has them as well.

        :param at: when it was taken back; only with ``record_only``, or where nothing can be restored from here.
        :param host: whose files to restore; this machine's if None.
        :param record_only: restore nothing: it was taken back by other means. What says how to restore is refused then.
        :param leave: as for :meth:`restore`, and so are the others.
        :raises InvalidInput: if these contradict each other, or ``leave`` is wanted and not given: nothing is restored without a yes.
        """
        from changelog_ledger.workflows import restore, roll_back

        choices = restore.Choices(str(root), None, dry_run, delete, privileged, change)
        when = self.time(at)
        if record_only:
            return roll_back.recorded_roll_back(self._workspace, change, choices, host=host, at=when, note=note)
        asked = leave or restore.leave_refused
        return roll_back.roll_back(self._workspace, change, choices, host=host, at=when, note=note, leave=asked, progress=progress)

    def cancel(self, change: str, *, at: Time | None = None, note: str = "") -> Change:
        """Cancel a change that has not started."""
        return self._move(change, "cancel", at, note)

    def review(self, change: str, *, at: Time | None = None, note: str = "") -> Change:
        """Record that a finished change was reviewed."""
        return self._move(change, "review", at, note)

    def extend(
        self,
        change: str,
        *,
        on: Sequence[str | Target] = (),
        paths: Sequence[str] = (),
        end: Time | None = None,
        duration: Duration | None = None,
        because: str = "",
        override: str = "",
    ) -> Change:
        """Add targets and path globs to an open change, or give it a later planned end. What is there already adds nothing, and is not recorded.

        Its assessment stays as it was made at planning; what was added counts for the whole change, from its start.

        :param end: a TIME; without an offset what the clock in the change's zone shows, if it was planned in one.
        :param duration: instead of ``end``: how long it goes on at least, from now, or from its planned start where that is still to come.
        :param because: why; it is in the note.
        :param override: why, although it is more than what was approved, or a freeze or another change is in the way; it stays with the note.
        :raises InvalidInput: for paths of a change that has none: it covers every path already.
        :raises TransitionRefused: if it is over, or (:class:`PolicyRefused`) the rules do not allow it.
        """
        from changelog_ledger.workflows.extend_change import extend_change

        length = None if duration is None else length_of(duration)
        return extend_change(self._workspace, change, several(on), several(paths), end=end, duration=length, because=because, override=override)

    def note(self, change: str, text: str) -> Change:
        """Add a remark to a change."""
        from changelog_ledger.workflows import record_change

        return record_change.note_change(self._workspace, change, text)

    def check(self, change: str, item: str, *, because: str = "") -> Change:
        """Tick an item of the checklist.

        :param item: its number, or an unambiguous beginning or word of its text.
        """
        from changelog_ledger.workflows import tick_items

        return tick_items.check_item(self._workspace, change, item, because)

    def waive(self, change: str, item: str, *, because: str) -> Change:
        """Say why an item of the checklist is not needed."""
        from changelog_ledger.workflows import tick_items

        return tick_items.waive_item(self._workspace, change, item, because)

    def reopen(self, change: str, item: str) -> Change:
        """Say that an item of the checklist is still to be done."""
        from changelog_ledger.workflows import tick_items

        return tick_items.reopen_item(self._workspace, change, item)

    def add_item(self, change: str, text: str, *, command: str = "", paths: Sequence[str] = ()) -> Change:
        """Add an item to the checklist.

        :param command: a shell command whose exit code 0 proves it: see :meth:`prove`.
        :param paths: globs of host paths; a difference at one of them, found by the change's own snapshots, proves it.
        """
        from changelog_ledger.workflows import tick_items

        return tick_items.add_item(self._workspace, change, text, command, paths)

    def prove(
        self, change: str, items: Sequence[str] = (), *, leave: Callable[[Item], bool] | None = None, timeout: Duration = "60s"
    ) -> tuple[Proof, ...]:
        """Run the commands of items (of every open one that has a command, if none are named); exit code 0 ticks the item.

        :param leave: asked before each; without it that is refused, for somebody else may have written the command. ``lambda item: True`` says yes.
        :param timeout: a command that takes longer is ended.
        """
        from changelog_ledger.workflows import prove_items

        asked = leave or prove_items.leave_refused
        return prove_items.prove_items(self._workspace, change, items, leave=asked, timeout=length_of(timeout))

    def find_change(self, change: str) -> Change:
        """The change that an id, an unambiguous beginning of it, or an external reference names."""
        from changelog_ledger.workflows import record_change

        return record_change.find_change(self._workspace, change)

    def find_item(self, change: str, item: str) -> Item:
        """The item of a change's checklist that its number, or an unambiguous beginning or word of its text, means."""
        from changelog_ledger.changes.checklist import find_item

        return find_item(self.find_change(change), item)

    def approvals(self, change: Change) -> tuple[int, int]:
        """By how many people a change has to be approved before it starts, and how many of them are missing."""
        from changelog_ledger.workflows import record_change

        return record_change.approvals_of(self._workspace, change)

    def waits_for(self, change: Change) -> str:
        """What people still have to do about a change, by the rules of this home: ``2 approvals``, ``its review``; empty for nothing."""
        from changelog_ledger.workflows import record_change

        return record_change.waits_for(self._workspace, change)

    def conflicts(self, change: str | None = None, *, limit: int = 200) -> Conflicts:
        """Open changes that get in each other's way, or in the way of one of them, the soonest first.

        :param limit: how many are listed; ``.more`` counts the others.
        """
        from changelog_ledger.workflows import conflicts

        return conflicts.find_conflicts(self._workspace, change, limit=limit)

    def calendar(self, *, since: Time | None = None, until: Time | None = None, on: str | Target | None = None) -> Calendar:
        """Changes, freezes and maintenance windows of a period: the next four weeks if none is given.

        :param on: only what is about this target.
        """
        from changelog_ledger.workflows import calendar

        return calendar.calendar(self._workspace, since=self.time(since), until=self.time(until), on=on)

    def zone(self, name: str) -> tzinfo:
        """The time zone of an IANA name. Raises :class:`InvalidInput` if there is none."""
        from changelog_ledger.workflows.zones import zone_named

        return zone_named(name)

    def count_changes(self, *, open_only: bool = False, on: str | Target | None = None, since: Time | None = None) -> int:
        """How many changes :meth:`changes` would give without a limit."""
        from changelog_ledger.workflows import record_change

        return record_change.count_changes(self._workspace, open_only=open_only, on=on, since=self.time(since))

    def changes(self, *, open_only: bool = False, on: str | Target | None = None, since: Time | None = None, limit: int = 200) -> tuple[Change, ...]:
        """Changes, the newest first; ``limit`` of them at most."""
        from changelog_ledger.workflows import record_change

        return record_change.list_changes(self._workspace, open_only=open_only, on=on, since=self.time(since), limit=limit)

    def announce(self, change: str, *, at: str | None = None, template: str = "", markdown: bool = False, zone: tzinfo = UTC) -> str:
        """The message to users and partners about a change.

        :param at: ``before``, ``start`` or ``end``; what fits its status if None.
        :param template: ``NAME`` for ``templates/announce-NAME.txt`` (``.md``) in the home, instead of the usual text.
        :param zone: the zone of the times where the change was planned in none.
        """
        from changelog_ledger.workflows import announce

        return announce.announce(self._workspace, change, at=at, template=template, markdown=markdown, zone=zone)

    @staticmethod
    def announcement_fields() -> Mapping[str, str]:
        """What a template of :meth:`announce` may name, and what it means."""
        from changelog_ledger.changes.announcing import FIELDS

        return FIELDS

    def change(
        self,
        title: str = "",
        on: Sequence[str | Target] = (),
        *,
        host: str | None = None,
        root: str | Path = "/",
        override: str = "",
        strict: bool = False,
        dry_run: bool = False,
        start: Time | None = None,
        end: Time | None = None,
        duration: Duration | None = None,
        template: str = "",
        **details: Any,
    ) -> Making:
        """Plan and start a change, snapshot, let the body do it, snapshot, finish: for ``with``, ``async with``, or ``@`` in front of a function.

        An exception records a failure and comes out as it is. A ledger that is away stops nothing: the spool takes what is to be recorded. Within
        another change it becomes a part of it.

        :param host: whose files to snapshot; this machine's if None, where the change touches it.
        :param root: the directory that stands for that host's ``/``.
        :param override: why it starts in spite of a freeze, a conflict or its window.
        :param strict: whether a ledger that is away is an error, before anything is done.
        :param dry_run: the body runs, the rules are asked, nothing is recorded.
        :param details: as for :meth:`plan`, and so are the others.
        """
        from changelog_ledger.ledger import making

        def wanted() -> Wanted:
            from changelog_ledger.workflows.wanted import New
            from changelog_ledger.workflows.within import current_change

            draft = draft_of(self._workspace, title, on, details, start=start, end=end, duration=duration, template=template)
            return New(draft, current_change())

        made = making.rehearsed if dry_run else making.recorded
        return made(self._workspace, wanted, lambda: manner_of(host, root, override, strict=strict))

    def make(
        self,
        change: str,
        *,
        host: str | None = None,
        root: str | Path = "/",
        override: str = "",
        strict: bool = False,
        dry_run: bool = False,
    ) -> Making:
        """As :meth:`change`, for a change that was planned before, and perhaps approved."""
        from changelog_ledger.ledger import making

        def wanted() -> Wanted:
            from changelog_ledger.workflows.wanted import Known

            return Known(change)

        made = making.rehearsed if dry_run else making.recorded
        return made(self._workspace, wanted, lambda: manner_of(host, root, override, strict=strict))

    def run(
        self, change: str, command: Sequence[str], *, host: str | None = None, root: str | Path = "/", override: str = "", strict: bool = False
    ) -> int:
        """Run a command as a change, between two snapshots; its exit code. A ledger that is away stops it only if ``strict``."""
        from changelog_ledger.workflows.run_command import run_command

        return run_command(self._workspace, change, command, manner_of(host, root, override, strict=strict))

    def rehearse(self, change: str, command: Sequence[str], *, host: str | None = None, root: str | Path = "/", override: str = "") -> Rehearsal:
        """What :meth:`run` would do: ``.host`` is whose files would be snapshotted, ``.remarks`` what the rules say. Nothing is run."""
        from changelog_ledger.workflows.run_command import rehearse_command

        return rehearse_command(self._workspace, change, command, manner_of(host, root, override))

    def in_passing(self) -> Self:
        """The same home for who must not be kept waiting: ``patience`` seconds at most for a database that is locked, instead of ``lock_timeout``."""
        return type(self)(self._workspace.with_patience(self._workspace.settings.patience))

    @property
    def spool(self) -> SpoolTopic:
        """What waits for a database that is away."""
        from changelog_ledger.ledger.spool import SpoolTopic

        return SpoolTopic(self, self._workspace)

    # ---- questions

    def what_changed(
        self,
        target: str | Target | None = None,
        *,
        since: Time | None = None,
        until: Time | None = None,
        symptom: str = "",
        limit: int = 10,
        failing: Iterable[str] = (),
        working: Iterable[str] = (),
    ) -> Report:
        """What changed since it last worked, suspects first.

        :param since: None or ``last-good`` for the last good mark (else the first snapshot, where it is None).
        :param until: None for the onset, else now; ``onset`` or ``now`` to insist on one of the two.
        :param symptom: what was seen, in words.
        :param failing: hosts that fail, to be compared with those that work: names, ``service:NAME``, ``tag:T``, several with commas between.
        :param working: hosts that work, likewise; the other hosts of the same services if none are named. Marks tell where neither is.
        """
        from changelog_ledger.model.report import Basis
        from changelog_ledger.workflows import what_changed

        basis = Basis(str(until)) if until in (Basis.ONSET, Basis.NOW) else None
        begin = self.time(since, target)  # insists that there is a good mark where last-good is asked for
        return what_changed.what_changed(
            self._workspace,
            target,
            since=None if since == Basis.LAST_GOOD else begin,
            until=None if basis else self.time(until, target),
            until_basis=basis,
            symptom=symptom,
            limit=limit,
            failing=several(failing),
            working=several(working),
        )

    def recent(
        self,
        target: str | Target | None = None,
        *,
        since: Time | None = None,
        until: Time | None = None,
        category: str | None = None,
        actor: str | None = None,
        outcome: str | None = None,
        unlogged: bool = False,
        kind: str | None = None,
    ) -> Sifted[TimelineEntry]:
        """Changes, drift, observations and marks in the order of time; a week if no time is given. ``.suppressed`` counts noise.

        :param category: only steps of changes of this category, and what these explain; ``outcome`` the same (``succeeded``, ``failed``,
            ``rolled-back``, ``cancelled``).
        :param actor: only what this person did, and what their changes explain.
        :param unlogged: only what no change explains.
        :param kind: only ``change``, ``drift``, ``observation``, ``mark``, ``snapshot`` or ``freeze``.
        """
        from changelog_ledger.workflows import recent

        selection = recent.Selection(category, actor, outcome, unlogged, kind)
        return recent.recent(self._workspace, target, since=self.time(since, target), until=self.time(until, target), selection=selection)

    def blame(self, host: str, path: str, key: str | None = None, *, at: Time | None = None) -> Blame:
        """For every key of a file: who set it last, and when. ``key`` may be a block or a glob, and may be gone, as the file may."""
        from changelog_ledger.workflows.blame import blame

        return blame(self._workspace, host, path, key, at=self.time(at, f"host:{host}"))

    def bisect(
        self,
        host: str = "",
        probe: str | Sequence[str] | Callable[[Path], Verdict | str] | None = None,
        *,
        path: str = "",
        since: str = "",
        until: str = "",
        by: str = "",
        timeout: float | None = None,
        to: str | Path = "",
        repo: str | Path = "",
        good: str = "",
        bad: str = "",
        progress: Callable[[Trial], None] = lambda _trial: None,
    ) -> Bisection:
        """Search a host's snapshots, then the differences of the one that is found, for what brought the trouble; or the commits of a repository.

        A search that was interrupted goes on. Without a probe somebody answers, by :attr:`bisections`.

        :param probe: a shell's line, a program with arguments, or a function that is given the files' root and says ``good``, ``bad``, ``skip``.
        :param path: only files that match this glob go through history; of a repository, only commits that touch them.
        :param since: the good end, a TIME; ``last-good`` if empty. ``until`` is the bad one; ``now`` if empty.
        :param by: ``snapshot`` to stop at the snapshot, ``delta`` to go at once over the differences between both ends.
        :param timeout: seconds that a command may take; ten minutes if None.
        :param to: without a probe, where to make the folder with the files to look at; a search that is under way moves there.
        :param repo: search this git repository instead, from the revision ``good`` to ``bad`` (the last good mark's, and HEAD, if empty).
        :raises BisectionStopped: if an end is not what it should be: the search is forgotten; or the probe gives no answer: what was found is kept.
        :raises InvalidInput: if ``to`` is given beside ``probe``, or ``timeout`` without it.
        :raises Busy: if somebody else searches the same history.
        """
        from changelog_ledger.workflows import bisect
        from changelog_ledger.workflows.bisect_probe import TIME_LIMIT

        question = bisect.question_of(host, path=path, since=since, until=until, by=by, repository=str(repo), good=good, bad=bad)
        bisect.refuse_misplaced(has_probe=probe is not None, to=str(to), timeout=timeout)
        if probe is None:
            return bisect.by_hand(self._workspace, question, to=str(to))
        return bisect.search(self._workspace, question, probe, timeout=TIME_LIMIT if timeout is None else timeout, progress=progress)

    @property
    def bisections(self) -> Bisections:
        """Searches that are under way: ``good``, ``bad``, ``skip``, ``status``, ``reset``."""
        from changelog_ledger.ledger.bisections import Bisections

        return Bisections(self._workspace)

    def compare(
        self, host: str, other: str, *, path: str | None = None, at: Time | None = None, raw: bool = False, noise: bool = False
    ) -> Comparison:
        """What differs between two hosts. What is each one's own (names, addresses, keys) is counted in ``.folded``; ``raw`` shows it."""
        from changelog_ledger.workflows.compare_hosts import compare_hosts

        times = (self.time(at, f"host:{host}"), self.time(at, f"host:{other}"))
        return compare_hosts(self._workspace, host, other, at=times, path=path, raw=raw, noise=noise)

    def search(self, text: str, *, on: str | Target | None = None, since: Time | None = None, limit: int = 50) -> tuple[Hit, ...]:
        """Facts and differences that hold all words of ``text``, in any case, the newest first.

        :param on: only what names this target.
        """
        from changelog_ledger.workflows import search

        return search.search(self._workspace, text, on=on, since=self.time(since, on), limit=limit)

    def drift(self, target: str | Target | None = None, *, since: Time | None = None) -> Sifted[Evidence]:
        """The evidence that no change explains. ``.suppressed`` counts what was left out as noise."""
        from changelog_ledger.workflows import recent

        return recent.drift(self._workspace, target, since=self.time(since, target))

    def explain(self, evidence: str, change: str) -> tuple[str, Change]:
        """Attribute evidence to a change by hand; the full id and the change."""
        from changelog_ledger.workflows import recent

        return recent.explain(self._workspace, evidence, change)

    def show(self, identifier: str) -> Shown:
        """What is recorded under an id: a change, a piece of evidence with an observation's data, a snapshot, a freeze, a maintenance window.

        :param identifier: or any unambiguous beginning of it.
        :raises NotFound: if nothing has it.
        """
        from changelog_ledger.workflows.show import show

        return show(self._workspace, identifier)

    def status(self) -> Overview:
        """The state of the home."""
        from changelog_ledger.workflows.overview import overview

        return overview(self._workspace)

    # ---- upkeep

    def import_facts(
        self,
        lines: Iterable[str],
        *,
        dry_run: bool = False,
        keep_going: bool = False,
        progress: Callable[[str, int], None] = lambda _step, _done: None,
    ) -> ImportResult:
        """Record the facts of JSON Lines, all or none."""
        from changelog_ledger.workflows.import_facts import import_facts

        return import_facts(self._workspace, lines, dry_run=dry_run, keep_going=keep_going, progress=progress)

    def adopt(
        self,
        repository: str | Path,
        *,
        host: str = "",
        host_from_path: str = "",
        prefix: str | None = None,
        branch: str = "",
        progress: Progress = _nothing,
    ) -> Adoption:
        """Record the commits of an etckeeper or Oxidized repository as snapshots; those recorded already are passed over.

        :param host: whose files they are; or else
        :param host_from_path: where their path names the host: ``{host}``, ``{group}/{host}``, ``hosts/{host}/etc/{path}``.
        :param prefix: the host's folder that the repository's top stands for; ``/etc`` where etckeeper made it, else ``/``.
        """
        from changelog_ledger.workflows.adopt import adopt

        return adopt(self._workspace, repository, host=host, host_from_path=host_from_path, prefix=prefix, branch=branch, progress=progress)

    def export_facts(self) -> Iterator[str]:
        """The ledger as JSON Lines that :meth:`import_facts` takes."""
        from changelog_ledger.workflows.export_facts import export_facts

        return export_facts(self._workspace)

    def verify(self, *, quick: bool = False, progress: Progress = _nothing) -> tuple[Finding, ...]:
        """What does not fit: chains, commits, projections; empty if all is well."""
        from changelog_ledger.workflows import verify

        return verify.verify(self._workspace, quick=quick, progress=progress)

    def rebuild(self, *, progress: Progress = _nothing) -> int:
        """Make every projection again; the number of facts."""
        from changelog_ledger.workflows import verify

        return verify.rebuild(self._workspace, progress)

    def repair(self) -> Repair:
        """Adopt commits without facts, remove what killed processes left."""
        from changelog_ledger.workflows import verify

        return verify.repair(self._workspace)

    # ---- keys

    def keys(self) -> KeyOverview:
        """Whom originals are sealed for, and what can be opened here. Nothing in it is secret."""
        from changelog_ledger.workflows import keys

        return keys.show_keys(self._workspace)

    def rotate_key(self) -> KeyOverview:
        """Make a new key, for which the next snapshot seals every original; earlier ones stay, to open what is old."""
        from changelog_ledger.workflows import keys

        shown = keys.rotate_key(self._workspace)
        self._workspace = self._workspace.with_keys_read_anew()
        return shown

    def export_keys(self, *, to: str | Path | None = None) -> str:
        """The secret keys as an age identity file; written to a new private file too where ``to`` names one."""
        from changelog_ledger.workflows import keys

        if to is not None:
            keys.export_keys_to(self._workspace, Path(to))
        return keys.export_keys(self._workspace)

    def gc(self, *, dry_run: bool = False, progress: Callable[[str, int], None] = lambda _step, _done: None) -> Collected:
        """Drop the snapshots that retention no longer keeps, and pack the rest; sizes before and after."""
        from changelog_ledger.workflows.collect_garbage import collect_garbage

        return collect_garbage(self._workspace, dry_run=dry_run, progress=progress)

    # ---- shared

    def _move(self, change: str, verb: str, at: Time | None, note: str, override: str = "") -> Change:
        from changelog_ledger.workflows import record_change
        from changelog_ledger.workflows.within import current_change

        parent = current_change() if verb == "start" else ""
        return record_change.move_change(self._workspace, change, verb, at=self.time(at), note=note, override=override, parent=parent)


def diff_files(path: str, before: bytes | None, after: bytes | None, *, as_format: str | None = None) -> tuple[Delta, ...]:
    """The semantic differences of two versions of a file. Needs no ledger.

    :param path: what to call it; its name tells the format.
    :raises InvalidInput: if ``as_format`` is no format.
    """
    from changelog_ledger.workflows import read_snapshots

    return read_snapshots.diff_files(path, before, after, as_format=as_format)


def unified_diff(path: str, before: bytes | None, after: bytes | None) -> str:
    """The same two versions as a unified diff. Needs no ledger."""
    from changelog_ledger.workflows import read_snapshots

    return read_snapshots.diff_files_text(path, before, after)
