"""Rows become nouns."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from changelog_ledger.model.evidence import Delta, Observation, Op, RecordedDelta
from changelog_ledger.model.fact import ChainedFact, Fact
from changelog_ledger.model.retention import ExpiredSnapshot
from changelog_ledger.model.snapshot import LeftOut, Phase, Skipped, Snapshot
from changelog_ledger.model.topology import Health, Host, Mark, Target, TargetKind

Row = Mapping[str, Any]


def fact_of(row: Row) -> Fact:
    """A fact."""
    return Fact(row["id"], row["kind"], row["key"], row["occurred_at"], row["recorded_at"], row["actor"], bytes(row["body"]))


def chained_fact_of(row: Row) -> ChainedFact:
    """A fact with its place in the chain."""
    return ChainedFact(row["stream"], row["seq"], fact_of(row), bytes(row["prev_hash"]), bytes(row["hash"]))


def target_of(row: Row) -> Target:
    """The target of a row with ``target_kind`` and ``target_name``."""
    return shared_target(row["target_kind"], row["target_name"])


@lru_cache(maxsize=16384)
def shared_target(kind: str, name: str) -> Target:
    """A target, the same object each time: what thousands of rows name is compared by identity first."""
    return Target(TargetKind(kind), name)


def host_of(row: Row) -> Host:
    """A host."""
    return Host(row["name"], tuple(row["tags"]), row["attributes"], row["retired_at"])


def snapshot_of(row: Row) -> Snapshot:
    """A snapshot."""
    return Snapshot(
        id=row["id"],
        host=row["host"],
        at=row["at"],
        commit=row["commit_id"],
        previous=row["previous_commit"],
        previous_at=row["previous_at"],
        reason=row["reason"],
        change=row["change_id"],
        phase=Phase(row["phase"]) if row["phase"] else None,
        files=row["files"],
        unread=tuple(row["unread"]),
        actor=row["actor"],
        left_out=tuple(LeftOut(path, Skipped(why), detail) for path, why, detail in row["left_out"]),
        left_out_count=row["left_out_count"],
    )


def expired_snapshot_of(row: Row) -> ExpiredSnapshot:
    """What is left of an expired snapshot."""
    return ExpiredSnapshot(row["id"], row["host"], row["at"], row["expired_at"])


def recorded_delta_of(row: Row) -> RecordedDelta:
    """A delta; the row carries ``explained_by`` from a join with the explanations."""
    delta = Delta(row["path"], row["key"], Op(row["op"]), row["before"], row["after"], row["line"], row["note"], row["mtime"])
    return RecordedDelta(
        id=row["id"],
        host=row["host"],
        snapshot=row["snapshot"],
        not_before=row["not_before"],
        not_after=row["at"],
        delta=delta,
        change=row["change_id"],
        explained_by=row["explained_by"] or "",
        expected_by=row["expected_by"],
    )


def observation_of(row: Row) -> Observation:
    """An observation; the row carries ``explained_by`` from a join with the explanations."""
    return Observation(
        id=row["id"],
        what=row["what"],
        target=target_of(row),
        at=row["at"],
        summary=row["summary"],
        ref=row["ref"],
        actor=row["actor"],
        data=row["data"],
        explained_by=row["explained_by"] or "",
    )


def mark_of(row: Row) -> Mark:
    """A mark."""
    return Mark(row["id"], target_of(row), Health(row["state"]), row["at"], row["actor"], row["source"], row["symptom"])
