"""What every writer puts into the tables of facts, snapshots, deltas and expected edits: rows by column, before they are encoded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from changelog_ledger.model.evidence import Delta, Op
from changelog_ledger.model.fact import ChainedFact, Fact
from changelog_ledger.model.identifiers import evidence_id
from changelog_ledger.store.foresight import Predecessor
from changelog_ledger.store.plain import indexed_text, plain_text

Row = dict[str, Any]


def fresh(facts: Sequence[Fact], known: Collection[str]) -> list[Fact]:
    """The facts whose key is not among the ``known`` ones yet, the first of each key."""
    found: dict[str, Fact] = {}
    for fact in facts:
        if fact.key not in known:
            found.setdefault(fact.key, fact)
    return list(found.values())


def fact_row(link: ChainedFact) -> Row:
    """A fact at its place in the chain."""
    fact = link.fact
    return {
        "stream": link.stream,
        "seq": link.seq,
        "id": fact.id,
        "kind": fact.kind,
        "key": fact.key,
        "occurred_at": fact.occurred_at,
        "recorded_at": fact.recorded_at,
        "actor": fact.actor,
        "body": fact.body,
        "prev_hash": link.prev_hash,
        "hash": link.hash,
    }


def snapshot_row(fact: Fact, follows: Predecessor) -> Row:
    """The snapshot that a fact tells of.

    :param follows: the snapshot before it that is kept.
    """
    body = fact.data
    return {
        "id": fact.id,
        "host": body["host"],
        "at": fact.occurred_at,
        "commit_id": body["commit"],
        "previous_commit": follows.commit,
        "previous_at": follows.at,
        "reason": body.get("reason", ""),
        "change_id": body.get("change", ""),
        "phase": body.get("phase"),
        "files": body["files"],
        "unread": body.get("unread", []),
        "left_out": body.get("left_out", []),
        "left_out_count": body.get("left_out_count", 0),
        "expected": body.get("expected", {}),
        "actor": fact.actor,
    }


def delta_rows(snapshot: Row, deltas: Sequence[Delta]) -> list[Row]:
    """The deltas that a snapshot found, in their order.

    :param snapshot: the row of the snapshot.
    """
    return [_delta_row(snapshot, ordinal, delta) for ordinal, delta in enumerate(deltas)]


def _delta_row(snapshot: Row, ordinal: int, delta: Delta) -> Row:
    identity = evidence_id("delta", snapshot["id"], plain_text(delta.path), plain_text(delta.key or ""), str(delta.op), str(ordinal))
    row = {name: getattr(delta, name) for name in ("path", "key", "before", "after", "line", "note", "mtime")}
    row |= {"snapshot": snapshot["id"], "ordinal": ordinal, "id": identity, "host": snapshot["host"], "op": str(delta.op)}
    row |= {"path": indexed_text(delta.path), "key": None if delta.key is None else indexed_text(delta.key)}
    found_by = "" if snapshot["phase"] == "before" else snapshot["change_id"]
    expected_by = "" if delta.op is Op.METADATA else snapshot["expected"].get(delta.path, "")  # the gate saw bytes: no owner, and no mode
    row |= {"not_before": snapshot["previous_at"] or snapshot["at"], "at": snapshot["at"]}
    return row | {"change_id": found_by, "expected_by": expected_by}


def expected_rows(fact: Fact) -> list[Row]:
    """The edits that a fact says are to be expected, in their order."""
    from changelog_ledger.store.expected import edits_from_json  # the nouns of the gate take a moment to load, and a snapshot needs none of them

    return [
        {
            "id": fact.id,
            "ordinal": ordinal,
            "change_id": edit.change,
            "target_kind": str(edit.target.kind),
            "target_name": edit.target.name,
            "path": edit.path,
            "digest": edit.digest,
            "at": fact.occurred_at,
        }
        for ordinal, edit in enumerate(edits_from_json(fact.data["edits"]))
    ]
