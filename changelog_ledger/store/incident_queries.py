"""Questions about incidents."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, or_, select, text

from changelog_ledger.errors import Ambiguous, NotFound
from changelog_ledger.model.identifiers import identifier_prefix
from changelog_ledger.model.incident import Incident, Link, judgements
from changelog_ledger.model.topology import Target
from changelog_ledger.store.incident_codec import incident_from_json
from changelog_ledger.store.plain import indexed_text
from changelog_ledger.store.reading import all_rows, chunks, names_of, names_one_of, starts_with
from changelog_ledger.store.tables import IS_JUDGED, IncidentLinkRow, IncidentRow, IncidentTargetRow, table_of

_INCIDENT, _TARGET, _LINK = (table_of(row) for row in (IncidentRow, IncidentTargetRow, IncidentLinkRow))

MOST_JUDGED = 1000
"""Judgements of suspects that a ranking looks at, the newest of them."""

# Built once: putting a statement together takes longer than running it.
_NEWEST = select(_INCIDENT.c.state).order_by(_INCIDENT.c.began_at.desc(), _INCIDENT.c.id)
_OF_TARGETS = select(_TARGET.c.incident).where(names_one_of(_TARGET))
_JUDGED = select(_LINK.c.incident, _LINK.c.what).where(text(IS_JUDGED)).order_by(_LINK.c.at.desc(), _LINK.c.incident, _LINK.c.what).limit(MOST_JUDGED)


@dataclass(frozen=True)
class IncidentQuestions:
    """Incidents. Where several come, the one that began last comes first."""

    connection: Connection

    def all(self) -> tuple[Incident, ...]:
        """Every incident."""
        return tuple(self._found(_NEWEST))

    def open(self) -> tuple[Incident, ...]:
        """Those that are not resolved."""
        return tuple(self._found(_NEWEST.where(_INCIDENT.c.resolved_at.is_(None))))

    def by_id(self, ids: Collection[str]) -> dict[str, Incident]:
        """The incidents with these ids."""
        return {found.id: found for chunk in chunks(ids) for found in self._found(_NEWEST.where(_INCIDENT.c.id.in_(chunk)))}

    def existing(self, ids: Collection[str]) -> frozenset[str]:
        """Which of these ids are taken."""
        return frozenset(
            row["id"] for chunk in chunks(ids) for row in all_rows(self.connection, select(_INCIDENT.c.id).where(_INCIDENT.c.id.in_(chunk)))
        )

    def named(self, named: str) -> Incident:
        """The incident that an id, an unambiguous beginning of one, or an external reference names.

        :raises NotFound: if there is none.
        :raises Ambiguous: if there are several.
        """
        if named and len(by_ref := self._few(_INCIDENT.c.ref == indexed_text(named))) == 1:
            return by_ref[0]
        prefix = identifier_prefix(named, "INC")
        found = self._few(_INCIDENT.c.id == prefix) or self._few(starts_with(_INCIDENT.c.id, prefix))
        if not found:
            raise NotFound(f"there is no incident {named}", "ledger incident list shows them")
        if len(found) > 1:
            raise Ambiguous(f"{named} fits several incidents: {', '.join(each.id for each in found[:5])}", "type one more character")
        return found[0]

    def on(self, targets: Collection[Target]) -> tuple[Incident, ...]:
        """Those that name one of ``targets``."""
        ids = {row["incident"] for chunk in chunks(targets) for row in all_rows(self.connection, _OF_TARGETS, names_of(chunk))}
        return _newest(self.by_id(ids).values())

    def between(self, since: datetime, until: datetime) -> tuple[Incident, ...]:
        """Those that were going on at some moment from ``since`` to ``until``, both included."""
        lasting = or_(_INCIDENT.c.resolved_at.is_(None), _INCIDENT.c.resolved_at >= since)
        return tuple(self._found(_NEWEST.where(_INCIDENT.c.began_at <= until, lasting)))

    def linking(self, what: str) -> tuple[Incident, ...]:
        """Those that link something: a change, a piece of evidence, another incident by its id."""
        rows = all_rows(self.connection, select(_LINK.c.incident).where(_LINK.c.what == indexed_text(what)))
        return _newest(self.by_id([row["incident"] for row in rows]).values())

    def judged(self) -> tuple[tuple[Incident, Link], ...]:
        """The suspects that an incident confirmed or cleared, the latest judgement first; the newest :data:`MOST_JUDGED` of them."""
        wanted = {(row["incident"], row["what"]) for row in all_rows(self.connection, _JUDGED)}
        incidents = self.by_id({incident for incident, _ in wanted})
        return tuple((each, link) for each, link in judgements(list(incidents.values())) if (each.id, indexed_text(link.what)) in wanted)

    def _few(self, condition: ColumnElement[bool]) -> list[Incident]:
        """Up to six incidents."""
        return list(self._found(select(_INCIDENT.c.state).where(condition).order_by(_INCIDENT.c.id).limit(6)))

    def _found(self, statement: Select[Any]) -> Iterator[Incident]:
        return (incident_from_json(row["state"]) for row in all_rows(self.connection, statement))


def _newest(incidents: Collection[Incident]) -> tuple[Incident, ...]:
    return tuple(sorted(sorted(incidents, key=lambda each: each.id), key=lambda each: each.began_at, reverse=True))
