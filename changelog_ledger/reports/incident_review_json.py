"""JSON of an incident's account: its timeline, and what its review is written from."""

from __future__ import annotations

from changelog_ledger.model.incident import IncidentAccount, Moment
from changelog_ledger.model.times import format_instant
from changelog_ledger.model.topology import Mark
from changelog_ledger.reports.change_json import change_value
from changelog_ledger.reports.incident_json import incident_value
from changelog_ledger.reports.incident_phrases import question
from changelog_ledger.reports.json_document import evidence_value
from changelog_ledger.reports.json_values import Document, schema, time_value


def incident_account_document(account: IncidentAccount) -> Document:
    """``incident show --timeline --json`` and ``incident review --format json``."""
    return {
        "schema": schema("incident-account"),
        "made_at": format_instant(account.made_at),
        "incident": incident_value(account.incident),
        "since": time_value(account.since),
        "last_good": _mark(account.last_good),
        "good_again": _mark(account.good_again),
        "timeline": [_moment(moment) for moment in account.timeline],
        "left_out": account.left_out,
        "changes": [change_value(change) for change in account.changes],
        "evidence": [evidence_value(piece) for piece in account.evidence],
        "effects": dict(account.effects),
        "contributions": [{"code": each.code, "text": each.text, "what": each.what or None} for each in account.contributions],
        "questions": [question(target, account).command for target in account.incident.targets],
    }


def _moment(moment: Moment) -> Document:
    return {
        "at": format_instant(moment.at),
        "until": time_value(moment.until),
        "kind": moment.kind.value,
        "text": moment.text,
        "target": str(moment.where) if moment.where else None,
        "actor": moment.actor or None,
        "what": moment.what or None,
        "role": moment.role or None,
        "folded": moment.folded,
    }


def _mark(mark: Mark | None) -> Document | None:
    if mark is None:
        return None
    return {"id": mark.id, "target": str(mark.target), "at": format_instant(mark.at), "actor": mark.actor or None, "symptom": mark.symptom or None}
