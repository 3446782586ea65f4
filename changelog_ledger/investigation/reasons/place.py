"""Reasons of place: how near to what is broken, and how wide."""

from __future__ import annotations

import math

from changelog_ledger.investigation.candidates import Candidate
from changelog_ledger.investigation.context import Context
from changelog_ledger.investigation.findings import Finding
from changelog_ledger.model.report import SuspectKind
from changelog_ledger.model.topology import TargetKind

_NEAR = (1.0, 0.9, 0.55, 0.2)
_WIDE = 16


def distance(candidate: Candidate, context: Context) -> Finding:
    """The nearer to what is broken, the likelier."""
    value = _NEAR[candidate.distance] if candidate.distance < len(_NEAR) else 0.0
    if candidate.distance == 0:
        return Finding("distance", value, _right_there(candidate, context))
    away = "one dependency" if candidate.distance == 1 else f"{candidate.distance} dependencies"
    return Finding("distance", value, f"{away} away from {context.material.target}")


def _right_there(candidate: Candidate, context: Context) -> str:
    """Where it was done that is at no distance: on the target, or where that runs."""
    target = context.material.target
    hosts = context.material.runs_on.get(target, frozenset())
    there = [] if target in candidate.targets else sorted(each for each in candidate.targets if each.name in hosts)
    return f"on {there[0]}, where {target} runs" if there else f"on {target} itself"


def breadth(candidate: Candidate, context: Context) -> Finding | None:
    """What was done in many places at once breaks much at once."""
    if candidate.hosts < 2 or context.complaint.partly:
        return None
    return Finding("breadth", min(1.0, math.log2(candidate.hosts) / math.log2(_WIDE)), f"on {candidate.hosts} hosts at once")


def several_hosts(candidate: Candidate, context: Context) -> Finding | None:
    """The same thing, which nobody logged, on several hosts within the hour."""
    if candidate.kind is not SuspectKind.UNLOGGED or candidate.hosts < 2:
        return None
    return Finding("several-hosts", 1.0, f"the same on {candidate.hosts} hosts within the hour")


def names_everything(candidate: Candidate, context: Context) -> Finding | None:
    """It names everything, which says little about this target."""
    if candidate.change is not None and candidate.targets and all(target.kind is TargetKind.ALL for target in candidate.targets):
        return Finding("names-everything", 1.0, "it names everything, not this target in particular")
    return None
