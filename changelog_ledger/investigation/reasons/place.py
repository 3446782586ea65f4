"""Reasons of place: how near to what is broken, and how wide."""

from __future__ import annotations

import math
from functools import lru_cache

from changelog_ledger.investigation.candidates import Candidate
from changelog_ledger.investigation.context import Context
from changelog_ledger.investigation.findings import Finding
from changelog_ledger.model.report import SuspectKind
from changelog_ledger.model.topology import Target, TargetKind

_NEAR = (1.0, 0.9, 0.55, 0.2)
_WIDE = 16


def distance(candidate: Candidate, context: Context) -> Finding:
    """The nearer to what is broken, the likelier."""
    target = context.material.target
    if candidate.distance == 0:
        return _right_there(candidate.targets, target, context.material.runs_on.get(target, frozenset()))
    return _away(candidate.distance, target)


@lru_cache(maxsize=4096)
def _right_there(targets: tuple[Target, ...], target: Target, hosts: frozenset[str]) -> Finding:
    """Where it was done that is at no distance: on the target, or where that runs. Thousands of candidates are at a hundred places."""
    there = [] if target in targets else sorted(each for each in targets if each.name in hosts)
    return Finding("distance", _NEAR[0], f"on {there[0]}, where {target} runs" if there else f"on {target} itself")


@lru_cache(maxsize=256)
def _away(distance: int, target: Target) -> Finding:
    value = _NEAR[distance] if distance < len(_NEAR) else 0.0
    return Finding("distance", value, f"{'one dependency' if distance == 1 else f'{distance} dependencies'} away from {target}")


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
