"""``ledger.incidents``: trouble that somebody takes care of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from changelog_ledger.errors import InvalidTime
from changelog_ledger.ledger.arguments import Duration, Time, instant_of, length_of, several
from changelog_ledger.model.times import is_duration
from changelog_ledger.workflows.workspace import Workspace

if TYPE_CHECKING:
    from changelog_ledger.changes.incident_review import PlannedAction
    from changelog_ledger.changes.incidents import Particulars
    from changelog_ledger.model.incident import Incident, IncidentAccount, Told
    from changelog_ledger.model.report import Suspect
    from changelog_ledger.model.topology import Mark, Target


class Incidents:
    """The verbs of ``ledger incident``. An incident is named by its id, an unambiguous beginning of it, or its ``ref``."""

    def __init__(self, workspace: Workspace) -> None:
        """Use ``Ledger.incidents``."""
        self._workspace = workspace

    def open(
        self,
        title: str,
        on: Sequence[str | Target],
        *,
        began: Time | None = None,
        detected: Time | None = None,
        ref: str = "",
        **said: Any,
    ) -> Incident:
        """Record that there is trouble; its targets are marked bad from when it began, unless they are marked so already.

        :param began: None for when one of the targets was first seen bad, else when it was detected.
        :param detected: now if None.
        :param said: ``symptom``, ``impact``, ``urgency``, ``kinds``, ``commander``
            (:class:`~changelog_ledger.changes.incidents.Particulars`).
        :raises NotFound: if there is no such target.
        """
        from changelog_ledger.workflows import record_incident

        workspace = self._workspace
        begins, noticed = instant_of(workspace, began), instant_of(workspace, detected)
        known = particulars_of(workspace, said)
        return record_incident.open_incident(workspace, title, several(on), began=begins, detected=noticed, said=known, ref=ref)

    def update(self, incident: str, *, note: str = "", fix: str = "", **said: Any) -> Incident:
        """Record what is known of an incident by now.

        :param note: something to remember.
        :param fix: the change that carries its fix.
        :param said: as for :meth:`open`, and ``title``, ``acknowledged_at``, ``mitigated_at`` (TIMEs) and ``path``
            (``hotfix``, ``patch``, ``next-release``, ``planned-maintenance`` or ``customer-fix``).
        :raises InvalidTime: if a time is out of order.
        """
        from changelog_ledger.workflows import record_incident

        return record_incident.update_incident(self._workspace, incident, particulars_of(self._workspace, said), note=note, fix=fix)

    def reopen(self, incident: str, because: str) -> Incident:
        """Record that the trouble is back; the targets are marked bad. Raises :class:`TransitionRefused` if it was not over."""
        from changelog_ledger.workflows import record_incident

        return record_incident.reopen_incident(self._workspace, incident, because)

    def link(self, incident: str, what: str, kind: str, *, because: str = "") -> Incident:
        """Record what something has to do with an incident; what was linked before as something else is superseded.

        :param what: a change's id or reference, ``EV-…``, another incident, ``suspect:1`` of what changed before the incident, an address or words.
        :param kind: ``confirmed`` or ``cleared`` (of a suspect; later rankings learn from it), ``contributing``, ``fix`` or ``related``.
        :raises NotFound: if there is no such thing.
        """
        from changelog_ledger.workflows import record_incident

        return record_incident.link_incident(self._workspace, incident, what, kind, because=because)

    def suspect(self, incident: str, number: int) -> Suspect:
        """The suspect that a number (``suspect:1``) means for an incident as the record is now. Raises :class:`NotFound` if there are not so many."""
        from changelog_ledger.workflows import record_incident, suspects

        return suspects.suspect_before(self._workspace, record_incident.find_incident(self._workspace, incident), number)

    def resolve(self, incident: str, *, at: Time | None = None, by: str = "", note: str = "") -> Incident:
        """Record that the trouble is over; the targets are marked good, except those that another open incident is on.

        :param by: the change that ended it.
        :raises TransitionRefused: if it was over already.
        """
        from changelog_ledger.workflows import record_incident

        return record_incident.resolve_incident(self._workspace, incident, at=instant_of(self._workspace, at), by=by, note=note)

    def list(self, *, open_only: bool = False, on: str | Target | None = None, since: Time | None = None) -> tuple[Incident, ...]:
        """Incidents, the one that began last first; only those that are not resolved, name a target, or were going on since a time."""
        from changelog_ledger.workflows import record_incident

        return record_incident.list_incidents(self._workspace, open_only=open_only, on=on, since=instant_of(self._workspace, since))

    def show(self, incident: str) -> Incident:
        """One incident. Raises :class:`NotFound` if there is none."""
        from changelog_ledger.workflows import record_incident

        return record_incident.find_incident(self._workspace, incident)

    def account(self, incident: str) -> IncidentAccount:
        """An incident with its timeline, and what the record knows about what it links."""
        from changelog_ledger.workflows import incident_account

        return incident_account.incident_account(self._workspace, incident)

    def review(
        self,
        incident: str,
        *,
        summary: str | None = None,
        trigger: str | None = None,
        causes: Sequence[str] = (),
        worked: Sequence[str] = (),
        actions: Sequence[tuple[str, str, str | date]] = (),
        done: bool = False,
    ) -> Incident:
        """Record what is said when an incident is looked back at; :meth:`account` has what its root cause analysis is written from.

        :param causes: added to those before; an empty one drops those before it. :param worked: the same.
        :param actions: what is to be done, by whom (or empty), until which day (or empty); one of the same words that is still open is no second one.
        :param done: whether the review is finished.
        :raises TransitionRefused: if it is to be finished before the incident is resolved.
        :raises InvalidTime: for a day that cannot be read.
        """
        from changelog_ledger.changes.incident_review import Hindsight
        from changelog_ledger.workflows import review_incident

        planned = tuple(_planned_action(*action) for action in actions)
        said = Hindsight(summary=summary, trigger=trigger, causes=several(causes), worked=several(worked), actions=planned)
        return review_incident.review_incident(self._workspace, incident, said, done=done)

    def add_action(self, incident: str, text: str, *, owner: str = "", due: str | date = "") -> Incident:
        """Record something to be done so that it does not come back; it is the last of the incident's actions.

        :param due: ``2026-12-01`` or a date; empty for none.
        :raises InvalidTime: for a day that cannot be read.
        """
        from changelog_ledger.workflows import review_incident

        return review_incident.add_action(self._workspace, incident, _planned_action(text, owner, due))

    def finish_action(self, incident: str, number: int) -> Incident:
        """Record that an action is done; done twice is done once. Raises :class:`NotFound` if there is no such action."""
        from changelog_ledger.workflows import review_incident

        return review_incident.finish_action(self._workspace, incident, number)

    def tell(
        self,
        incident: str,
        *,
        template: str = "",
        text: str = "",
        next_update: Time | Duration | None = None,
        zone: tzinfo = UTC,
        dry_run: bool = False,
    ) -> tuple[Told, Incident]:
        """What users are told, and the incident as it was before: what they were told last is the last of its ``told``.

        :param template: ``investigating``, ``identified``, ``monitoring``, ``resolved``, or ``NAME`` for ``templates/incident-NAME.txt`` in the home;
            what fits how far it got if empty.
        :param text: what to say instead of the template's sentence.
        :param next_update: when users are told more: a TIME, or a length of time from now on.
        :param dry_run: nothing is recorded.
        :raises NotFound: if there is no such incident or template.
        """
        from changelog_ledger.workflows import tell_users

        at = _time_to_come(self._workspace, next_update)
        return tell_users.tell_users(self._workspace, incident, template=template, text=text, next_update=at, zone=zone, dry_run=dry_run)

    @staticmethod
    def status_fields() -> Mapping[str, str]:
        """What a template of :meth:`tell` may name, and what it means."""
        from changelog_ledger.changes.status_texts import FIELDS

        return FIELDS

    def linking(self, identity: str) -> tuple[Incident, ...]:
        """The incidents that have to do with a change, a piece of evidence or another incident, named by its whole id."""
        from changelog_ledger.workflows import record_incident

        return record_incident.incidents_linking(self._workspace, identity)

    def came_back(self, incident: Incident) -> Mark | None:
        """The first mark that saw one of its targets bad again after it was resolved, or None."""
        from changelog_ledger.workflows import incident_marks

        return incident_marks.came_back(self._workspace, incident)


def particulars_of(workspace: Workspace, said: dict[str, Any]) -> Particulars:
    """What is said about an incident, its TIMEs as instants."""
    from changelog_ledger.changes.incidents import Particulars

    times = {name: instant_of(workspace, said[name]) for name in ("acknowledged_at", "mitigated_at") if said.get(name) is not None}
    kinds = {"kinds": several(said["kinds"])} if said.get("kinds") is not None else {}
    return Particulars(**{**said, **times, **kinds})


def _planned_action(text: str, owner: str = "", due: str | date = "") -> PlannedAction:
    from changelog_ledger.changes.incident_review import PlannedAction

    return PlannedAction(text=text, owner=owner, due=_day(due))


def _day(due: str | date) -> date | None:
    if isinstance(due, date) and not isinstance(due, datetime):
        return due
    if not isinstance(due, str):
        raise InvalidTime(f"{due!r} is no day", "write it as 2026-12-01, or give a date without a time")
    try:
        return date.fromisoformat(due) if due.strip() else None
    except ValueError as error:
        raise InvalidTime(f"{due!r} is no day", "write it as 2026-12-01") from error


def _time_to_come(workspace: Workspace, time: Time | Duration | None) -> datetime | None:
    """A TIME; a bare length of time is counted from now on, not back."""
    if isinstance(time, timedelta):
        return workspace.now() + time
    if isinstance(time, str) and is_duration(time):
        return workspace.now() + length_of(time)
    return instant_of(workspace, time)
