"""``restore --json`` and ``change roll-back --json``."""

from __future__ import annotations

from typing import Any

from changelog_ledger.model.restore import RestoreResult, RestoreStep, RollBack
from changelog_ledger.model.times import format_instant
from changelog_ledger.reports.change_json import change_value
from changelog_ledger.reports.json_values import delta_value, schema

Document = dict[str, Any]


def restore_document(result: RestoreResult) -> Document:
    """What was done (of a dry run: would be), and what is proven."""
    return {"schema": schema("restore"), **_restore(result)}


def roll_back_document(done: RollBack) -> Document:
    """How taking back a change came out."""
    restored = _restore(done.restored) if done.restored else None
    change = change_value(done.change)
    warnings = [{"code": warning.code, "text": warning.text} for warning in done.warnings]
    said = {"advice": list(done.advice), "warnings": warnings}
    return {"schema": schema("roll-back"), "change": change, "recorded": done.recorded, "restore": restored} | said


def _restore(result: RestoreResult) -> Document:
    plan = result.plan
    return {
        "host": plan.host,
        "from": {"id": plan.snapshot.id, "at": format_instant(plan.snapshot.at), "partial": plan.snapshot.partial},
        "paths": list(plan.paths),
        "root": plan.root,
        "copy": plan.is_copy,
        "dry_run": result.dry_run,
        "steps": [_step(step) for step in plan.steps],
        "differences": [delta_value(delta) for delta in plan.deltas],
        "extra": list(plan.extra),
        "assumed": list(plan.assumed),
        "unrestored": [{"path": entry.path, "why": entry.why, "hint": entry.hint or None} for entry in result.unrestored],
        "proven": result.proven,
        "complete": result.complete,
        "before": result.before.id if result.before else None,
        "after": result.after.id if result.after else None,
        "unseen": result.unseen or None,
        "change": result.change or None,
    }


def _step(step: RestoreStep) -> Document:
    entry = step.then or step.now
    return {
        "action": step.action.value,
        "path": step.path,
        "type": entry.type.value if entry else None,
        "aspects": [aspect.value for aspect in step.aspects],
    }
