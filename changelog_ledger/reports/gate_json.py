"""The gate's verdicts for programs."""

from __future__ import annotations

from collections.abc import Sequence

from changelog_ledger.model.change import Remark
from changelog_ledger.model.gate import Judged, Miss, Verdict
from changelog_ledger.reports.json_values import Document, delta_value, schema, target_values


def check_document(verdict: Verdict) -> Document:
    """``hook check --json`` and ``check-message --json``."""
    return {"schema": schema("hook-check"), **_verdict(verdict)}


def range_document(verdicts: Sequence[Verdict]) -> Document:
    """``hook check-range --json`` and ``pre-receive --json``, the oldest commit first."""
    passes = all(verdict.passes for verdict in verdicts)
    return {"schema": schema("hook-check-range"), "passes": passes, "commits": [_verdict(verdict) for verdict in verdicts]}


def _verdict(verdict: Verdict) -> Document:
    return {
        "commit": verdict.commit or None,
        "subject": verdict.subject or None,
        "author": str(verdict.author) if verdict.author else None,
        "passes": verdict.passes,
        "trailers": list(verdict.trailers),
        "emergency": verdict.emergency or None,
        "unknown": target_values(verdict.unknown),
        "edits": [_edit(judged) for judged in verdict.edits],
        "problems": _remarks(verdict.problems),
        "warnings": _remarks(verdict.remarks),
    }


def _edit(judged: Judged) -> Document:
    edit = judged.edit
    return {
        "path": edit.path,
        "old_path": edit.old_path or None,
        "kind": str(edit.kind),
        "on": target_values(list(dict.fromkeys(target for place in judged.places for target in place.targets))),
        "host_path": next((place.host_path for place in judged.places if place.host_path), None),
        "passes": judged.passes,
        "covered_by": list(judged.changes),
        "exempt": judged.exempt or None,
        "misses": [_miss(miss) for miss in judged.misses],
        "deltas": [delta_value(delta) for delta in judged.deltas],
    }


def _miss(miss: Miss) -> Document:
    commands = [list(words) for words in miss.commands]
    return {"change": miss.change, "title": miss.title, "code": miss.code, "text": miss.text, "commands": commands}


def _remarks(remarks: Sequence[Remark]) -> list[Document]:
    return [{"code": remark.code, "text": remark.text} for remark in remarks]
