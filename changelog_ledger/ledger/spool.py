"""``ledger.spool``: what is said while the database is away."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from changelog_ledger.errors import LedgerError
from changelog_ledger.ledger.arguments import Duration, Time, details_of, draft_of, instant_of, several
from changelog_ledger.model.topology import Health

if TYPE_CHECKING:
    from changelog_ledger.ledger.ledger import Ledger
    from changelog_ledger.model.change import Change
    from changelog_ledger.model.evidence import Observation
    from changelog_ledger.model.fact import Fact
    from changelog_ledger.model.incident import Incident
    from changelog_ledger.model.spool import Merged, Waiting
    from changelog_ledger.model.topology import Mark, Target
    from changelog_ledger.workflows.workspace import Workspace

Recorded = TypeVar("Recorded")


class SpoolTopic:
    """What waits for a database that is away (``list``, ``merge``), and those verbs of :class:`Ledger` whose fact can wait there.

    They do as the ledger's own, but wait no longer than ``settings.patience``; where the database is away, their fact goes to the spool instead.
    Targets and changes are then kept as they were typed, and looked up when they are merged.

    :raises Spooled: each of these verbs, if its fact is in the spool and not in the database.
    """

    def __init__(self, ledger: Ledger, workspace: Workspace, away: LedgerError | None = None) -> None:
        """Use :attr:`Ledger.spool`, or :meth:`knowing`."""
        self._away = away
        self._ledger = ledger
        self._workspace = workspace
        self._patient = workspace.with_patience(workspace.settings.patience)  # what can wait in the spool need not wait long for a lock

    def knowing(self, away: LedgerError) -> SpoolTopic:
        """The same verbs for who has learnt that the database is away: it is not asked, and not waited for, once more.

        :param away: what it said.
        """
        return SpoolTopic(self._ledger, self._workspace, away)

    def list(self) -> tuple[Waiting, ...]:
        """What waits, in the order in which it will be merged. Needs no database."""
        from changelog_ledger.workflows.spool import list_spool

        return list_spool(self._workspace)

    def merge(self) -> Merged:
        """Record what waits, each fact once. What cannot be recorded stays, with the reason.

        Opening the database for anything else merges too; this says what came of it.

        :raises Busy: if the database, or another merge, keeps us waiting for too long.
        :raises HomeError: if the database cannot be used.
        """
        from changelog_ledger.workflows.spool import merge_spool

        alone = self._workspace.with_patience(self._workspace.settings.lock_timeout, merges=False)
        try:
            return merge_spool(alone)
        finally:
            alone.close_store()

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
        """As :meth:`Ledger.plan`. With ``in_window`` it cannot wait: only the database knows when that is."""

        def record(ledger: Ledger) -> Change:
            return ledger.plan(title, on, start=start, end=end, duration=duration, in_window=in_window, template=template, **details)

        def fact() -> Fact:
            from changelog_ledger.workflows.away import plan_of

            draft = draft_of(self._patient, title, on, details, start=start, end=end, duration=duration, template=template)
            _, planned = plan_of(self._patient, draft)
            return planned

        return record(self._ledger) if in_window else self._recorded(record, fact)

    def log(self, title: str, on: Sequence[str | Target], *, at: Time, until: Time | None = None, **details: Any) -> Change:
        """As :meth:`Ledger.log`."""

        def fact() -> Fact:
            from changelog_ledger.workflows.away import log_of
            from changelog_ledger.workflows.moments import resolve_time

            when, end = resolve_time(self._patient, at), instant_of(self._patient, until)
            _, logged = log_of(self._patient, title, several(on), at=when, until=end, details=details_of(self._patient, details))
            return logged

        return self._recorded(lambda ledger: ledger.log(title, on, at=at, until=until, **details), fact)

    def start(self, change: str, *, at: Time | None = None, note: str = "", override: str = "") -> Change:
        """As :meth:`Ledger.start`."""

        def fact() -> Fact:
            from changelog_ledger.workflows.within import current_change

            return self._step(change, "start", at, note, override=override, parent=current_change())

        return self._recorded(lambda ledger: ledger.start(change, at=at, note=note, override=override), fact, of=change)

    def finish(self, change: str, *, at: Time | None = None, note: str = "") -> Change:
        """As :meth:`Ledger.finish`."""
        return self._recorded(lambda ledger: ledger.finish(change, at=at, note=note), lambda: self._step(change, "finish", at, note), of=change)

    def fail(self, change: str, *, at: Time | None = None, note: str = "") -> Change:
        """As :meth:`Ledger.fail`."""
        return self._recorded(lambda ledger: ledger.fail(change, at=at, note=note), lambda: self._step(change, "fail", at, note), of=change)

    def note(self, change: str, text: str) -> Change:
        """As :meth:`Ledger.note`."""

        def fact() -> Fact:
            from changelog_ledger.workflows.away import note_of

            return note_of(self._patient, change, text)

        return self._recorded(lambda ledger: ledger.note(change, text), fact, of=change)

    # ---- incidents

    def open_incident(
        self, title: str, on: Sequence[str | Target], *, began: Time | None = None, detected: Time | None = None, ref: str = "", **said: Any
    ) -> Incident:
        """As :meth:`Incidents.open`; ``change`` of the error is its id then."""

        def facts() -> Sequence[Fact]:
            from changelog_ledger.ledger.incidents import particulars_of
            from changelog_ledger.workflows.away_incidents import incident_of

            begins, noticed = instant_of(self._patient, began), instant_of(self._patient, detected)
            said_of_it = particulars_of(self._patient, said)
            return incident_of(self._patient, title, several(on), began=begins, detected=noticed, said=said_of_it, ref=ref)

        return self._recorded(lambda ledger: ledger.incidents.open(title, on, began=began, detected=detected, ref=ref, **said), facts)

    def note_incident(self, incident: str, text: str) -> Incident:
        """As :meth:`Incidents.update` with a ``note`` and nothing else."""

        def facts() -> Sequence[Fact]:
            from changelog_ledger.workflows.away_incidents import incident_note_of

            return [incident_note_of(self._patient, incident, text)]

        return self._recorded(lambda ledger: ledger.incidents.update(incident, note=text), facts, of=incident)

    # ---- health

    def good(self, target: str | Target, *, at: Time | None = None, source: str = "") -> Mark:
        """As :meth:`Ledger.good`."""

        def fact() -> Fact:
            from changelog_ledger.workflows.away import mark_of

            return mark_of(self._patient, target, Health.GOOD, at=instant_of(self._patient, at), source=source)

        return self._recorded(lambda ledger: ledger.good(target, at=at, source=source), fact)

    def bad(self, target: str | Target, *, at: Time | None = None, symptom: str = "") -> Mark:
        """As :meth:`Ledger.bad`."""

        def fact() -> Fact:
            from changelog_ledger.workflows.away import mark_of

            return mark_of(self._patient, target, Health.BAD, at=instant_of(self._patient, at), symptom=symptom)

        return self._recorded(lambda ledger: ledger.bad(target, at=at, symptom=symptom), fact)

    def observe(
        self, text: str, on: str | Target, *, at: Time | None = None, kind: str = "note", data: Mapping[str, Any] | None = None
    ) -> Observation:
        """As :meth:`Ledger.observe`."""

        def fact() -> Fact:
            from changelog_ledger.workflows.away import observation_of

            return observation_of(self._patient, text, on, at=instant_of(self._patient, at), kind=kind, data=data)

        return self._recorded(lambda ledger: ledger.observe(text, on, at=at, kind=kind, data=data), fact)

    # ---- shared

    def _step(self, change: str, verb: str, at: Time | None, note: str, *, override: str = "", parent: str = "") -> Fact:
        from changelog_ledger.workflows.away import step_of

        when = instant_of(self._patient, at)
        return step_of(self._patient, change, verb, at=when, note=note, override=override, parent=parent)

    def _recorded(self, record: Callable[[Ledger], Recorded], fact: Callable[[], Fact | Sequence[Fact]], *, of: str = "") -> Recorded:
        """What ``record`` records.

        :param fact: makes the fact, or the facts, that go to the spool where the database is away.
        :param of: the change or incident that it builds on: the database may lag behind what waits for that one. Empty for none.
        """
        if self._away is not None:
            from changelog_ledger.workflows.away import spooled

            raise spooled(self._workspace, _each(fact()), self._away)
        try:
            return record(type(self._ledger)(self._patient))
        except (LedgerError, OSError) as error:
            from changelog_ledger.workflows.away import is_away, is_behind, spooled

            if not (is_away(error) or (of and is_behind(self._workspace, of, error))):
                raise
            raise spooled(self._workspace, _each(fact()), error) from error
        finally:
            self._patient.close_store()


def _each(made: Fact | Sequence[Fact]) -> Sequence[Fact]:
    return made if isinstance(made, Sequence) else [made]
