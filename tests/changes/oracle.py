"""What a change may do next, told a second time: plain tables and conditions that share nothing with the code they judge.

The words are the codes and statuses that people read; nothing of ``changelog_ledger.changes`` is imported here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

STEPS: Mapping[str, Mapping[str, str]] = {
    "planned": {"approve": "approved", "start": "started", "cancel": "cancelled"},
    "approved": {"start": "started", "cancel": "cancelled"},
    "started": {"finish": "succeeded", "fail": "failed", "roll-back": "rolled-back"},
    "succeeded": {"roll-back": "rolled-back", "review": "succeeded"},
    "failed": {"roll-back": "rolled-back", "review": "failed"},
    "rolled-back": {"review": "rolled-back"},
    "cancelled": {},
}
NOTED = {
    "approve": "approved", "start": "started", "finish": "succeeded", "fail": "failed", "roll-back": "rolled-back", "cancel": "cancelled",
    "review": "reviewed",
}  # fmt: skip
"""What the note of each step says."""

VERB_OF = {noted: verb for verb, noted in NOTED.items()}
BEGUN = ("started", "succeeded", "failed", "rolled-back")
NO_REASON_HELPS = ("own-approval", "not-approved", "open-items")
"""The rules that ``--override`` does not silence."""
NO_HURRY_HELPS = ("own-approval",)
"""The rules that an emergency has to keep, too: they are about who, not about when."""

RANKS = {"none": 0, "low": 1, "medium": 2, "high": 3}


@dataclass
class Demands:
    """A policy in plain words."""

    approvals: Mapping[str, int] = field(default_factory=lambda: {"none": 0, "low": 0, "medium": 1, "high": 1})
    approvals_by_risk: Mapping[str, int] = field(default_factory=dict)
    separate_approver: bool = False
    rollback_target_from: str = "low"
    stances: Mapping[str, str] = field(default_factory=dict)
    """By the code of a rule: ``allow``, ``warn`` or ``refuse``."""


@dataclass
class Paper:
    """A change as somebody with pen and paper would keep it."""

    planner: str
    type: str
    impact: str | None
    risk: str | None
    begins: datetime | None
    ends: datetime | None
    way_back: bool
    open_items: int
    templated: bool = False
    status: str = "planned"
    approvers: list[str] = field(default_factory=list)
    approved: bool = False
    times: dict[str, datetime] = field(default_factory=dict)
    last: datetime | None = None
    steps: int = 0


@dataclass(frozen=True)
class Wish:
    """A step that somebody wants to take, and what there is around it."""

    verb: str
    at: datetime
    actor: str
    note: str = ""
    override: str = ""
    frozen: bool = False
    conflict: bool = False
    maintenance: str = "none"
    """``none``, ``open`` or ``closed``."""


@dataclass(frozen=True)
class Verdict:
    """What is to become of a wish.

    :ivar refused: ``lifecycle``, ``time``, ``policy`` or empty.
    :ivar codes: the rules that refuse it, or else those that remark on it.
    """

    refused: str
    codes: frozenset[str] = frozenset()


def needed(paper: Paper, demands: Demands) -> int:
    """By how many people the change has to be approved."""
    if paper.type == "standard" and paper.templated:
        return 0
    by_risk = demands.approvals_by_risk.get(paper.risk, 0) if paper.risk else 0
    return max(demands.approvals.get(paper.impact or "low", 0), by_risk)


def next_status(paper: Paper, verb: str) -> str | None:
    """Where a verb leads; None: nowhere."""
    if verb == "approve" and paper.type == "emergency" and not paper.approved and paper.status in BEGUN:
        return paper.status
    return STEPS[paper.status].get(verb)


def broken_rules(paper: Paper, wish: Wish, demands: Demands) -> frozenset[str]:
    """The codes of the rules that the wish does not keep, whatever their stance."""
    if wish.verb == "approve":
        found = {"own-approval": demands.separate_approver and wish.actor == paper.planner}
    elif wish.verb == "finish":
        found = {"open-items": paper.open_items > 0 and not wish.note.strip()}
    elif wish.verb == "start":
        too_early = paper.begins is not None and wish.at < paper.begins
        too_late = paper.ends is not None and wish.at >= paper.ends
        found = {
            "not-approved": not paper.approved and len(paper.approvers) < needed(paper, demands),
            "freeze": wish.frozen,
            "conflict": wish.conflict,
            "outside-window": too_early or too_late,
            "outside-maintenance": wish.maintenance == "closed",
            "no-rollback-target": not paper.way_back and RANKS[paper.impact or "low"] >= RANKS[demands.rollback_target_from],
        }
    else:
        found = {}
    return frozenset(code for code, broken in found.items() if broken)


def verdict(paper: Paper, wish: Wish, demands: Demands) -> Verdict:
    """What is to become of a wish: the lifecycle first, then the time, then the rules."""
    if next_status(paper, wish.verb) is None or (wish.verb == "approve" and wish.actor in paper.approvers):
        return Verdict("lifecycle")
    if paper.last is not None and wish.at < paper.last:
        return Verdict("time")
    stances = {"own-approval": "refuse", **demands.stances}
    broken = {code for code in broken_rules(paper, wish, demands) if stances[code] != "allow"}
    refusing = {code for code in broken if stances[code] == "refuse" and (code in NO_REASON_HELPS or not wish.override.strip())}
    if refusing if paper.type != "emergency" else refusing & set(NO_HURRY_HELPS):
        return Verdict("policy", frozenset(refusing))
    return Verdict("", frozenset(broken))


def extension(paper: Paper, wish: Wish, demands: Demands, *, wider: bool) -> Verdict:
    """What is to become of the wish to extend a change.

    :param wider: by more targets or paths; else only by time.
    """
    if paper.status not in ("planned", "approved", "started"):
        return Verdict("lifecycle")
    beforehand = paper.type == "standard" and paper.templated
    as_normal = needed(replace(paper, templated=False), demands)
    found = {
        "approved-as-it-is": wider and as_normal > 0 and (beforehand or bool(paper.approvers)),
        "freeze": wish.frozen,
        "conflict": wish.conflict,
        "outside-maintenance": wish.maintenance == "closed",
    }
    stances = {**demands.stances, "approved-as-it-is": demands.stances["not-approved"]}
    broken = {code for code, broken in found.items() if broken and stances[code] != "allow"}
    refusing = {code for code in broken if stances[code] == "refuse" and (code == "approved-as-it-is" or paper.status == "started")}
    if refusing and paper.type != "emergency" and not wish.override.strip():
        return Verdict("policy", frozenset(refusing))
    return Verdict("", frozenset(broken))


def write_down(paper: Paper, wish: Wish, demands: Demands) -> None:
    """The step was taken."""
    becomes = next_status(paper, wish.verb)
    assert becomes is not None
    paper.steps += 1
    paper.last = wish.at
    if wish.verb == "approve":
        paper.approvers.append(wish.actor)
        if len(paper.approvers) >= needed(paper, demands):
            paper.approved, paper.status, paper.times["approved"] = True, becomes, wish.at
    elif wish.verb == "review":
        paper.times["reviewed"] = wish.at
    else:
        paper.status = becomes
        name = "started" if wish.verb == "start" else "cancelled" if wish.verb == "cancel" else "finished"
        paper.times.setdefault(name, wish.at)
