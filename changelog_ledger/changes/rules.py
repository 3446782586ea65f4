"""What a home's policy says to a step of a change: nothing, a remark that stays with the step, or no.

The lifecycle says which steps there are (:mod:`~changelog_ledger.changes.lifecycle`), this module which of them the policy permits now. Each rule is
a small function of a step and its circumstances; :data:`RULES` is the table of them. An emergency change is never held up by a rule: it starts first,
and what the rules say is kept with the step for its review. Only who may approve is no matter of time: that counts for an emergency, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from changelog_ledger.errors import PolicyRefused
from changelog_ledger.model.change import Change, ChangeType, Freeze, Level, Remark, Status, same_person
from changelog_ledger.model.policy import Policy, Stance
from changelog_ledger.model.schedule import Conflict, ConflictKind, MaintenanceWindow
from changelog_ledger.model.times import shown_instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step that somebody wants to take, and what there is around it.

    :ivar at: when it is (to be) so.
    :ivar freezes: those in force on the change's targets: at ``at`` for a start, at some time of its window for a plan.
    :ivar conflicts: changes that are under way at the same place then.
    :ivar maintenance: the maintenance windows of its targets; empty where they have none.
    :ivar maintenance_open: whether one of them is open at ``at``.
    :ivar override: why it is to be done in spite of the rules; empty for no such wish.
    :ivar note: what is said along with it.
    :ivar beyond: of an extension: in what it goes beyond what was approved; empty if it does not.
    """

    verb: str
    change: Change
    at: datetime
    actor: str
    policy: Policy
    freezes: Sequence[Freeze] = ()
    conflicts: Sequence[Conflict] = ()
    maintenance: Sequence[MaintenanceWindow] = ()
    maintenance_open: bool = False
    override: str = ""
    note: str = ""
    beyond: str = ""


@dataclass(frozen=True, slots=True)
class Objection:
    """What a rule has against a step.

    :ivar stance: ``warn`` or ``refuse``.
    :ivar hint: what to do about it.
    :ivar overridable: whether a reason given with ``--override`` is enough.
    :ivar urgent: whether it stands for an emergency, too.
    """

    code: str
    stance: Stance
    text: str
    hint: str
    overridable: bool = True
    urgent: bool = False


def objections(step: Step) -> tuple[Objection, ...]:
    """What the rules have against a step, the refusals first."""
    found = [objection for rule in RULES.get(step.verb, ()) for objection in rule(step) if objection.stance is not Stance.ALLOW]
    return tuple(sorted(found, key=lambda objection: objection.stance is not Stance.REFUSE))


def permitted(step: Step, *besides: Step) -> tuple[Remark, ...]:
    """The remarks that a step has to carry, if the rules let it pass.

    :param besides: the same step in other circumstances: what is recorded late must not pass by what holds now.
    :raises PolicyRefused: naming every rule that does not.
    """
    found = tuple(dict.fromkeys(objection for each in (step, *besides) for objection in objections(each)))
    refusing = [objection for objection in found if _stands(objection, step)]
    if refusing:
        first, *others = refusing
        message = "; ".join(objection.text for objection in refusing)
        also = f"  (and {len(others)} more: {', '.join(dict.fromkeys(objection.code for objection in others))})" if others else ""
        raise PolicyRefused(f"cannot {step.verb} {step.change.id}: {message}", first.hint + also, tuple(objection.code for objection in refusing))
    overridden = f" (overridden: {step.override.strip()})" if step.override.strip() else ""
    return tuple(Remark(objection.code, objection.text + (overridden if objection.overridable else "")) for objection in found)


def approvals_needed(change: Change, policy: Policy) -> int:
    """By how many people a change has to be approved before it starts. What a template describes is approved beforehand."""
    if change.type is ChangeType.STANDARD and change.template:
        return 0
    by_risk = policy.approvals_by_risk.get(change.risk, 0) if change.risk else 0
    return max(policy.approvals.get(impact_of(change), 0), by_risk)


def approvals_missing(change: Change, policy: Policy) -> int:
    """By how many more people a planned change has to be approved; 0 where nobody has to."""
    return max(0, approvals_needed(change, policy) - len(change.approvers)) if change.status is Status.PLANNED else 0


def impact_of(change: Change) -> Level:
    """Its impact; where nobody said, ``low``."""
    return change.impact or Level.LOW


def awaits_review(change: Change, policy: Policy) -> bool:
    """Whether a closed change still has to be reviewed."""
    if change.is_open or change.status is Status.CANCELLED or change.reviewed_at is not None:
        return False
    return change.type.value in policy.review_after or change.status.value in policy.review_after


def _stands(objection: Objection, step: Step) -> bool:
    if objection.stance is not Stance.REFUSE or (step.change.type is ChangeType.EMERGENCY and not objection.urgent):
        return False
    return not (objection.overridable and step.override.strip())


# ---- the rules


def _own_approval(step: Step) -> Iterator[Objection]:
    if step.policy.separate_approver and same_person(step.actor, step.change.actor):
        text = f"{step.change.actor} planned it, and who plans a change may not approve it here"
        hint = f"let somebody else run: ledger change approve {step.change.id}"
        yield Objection("own-approval", Stance.REFUSE, text, hint, overridable=False, urgent=True)


def _not_approved(step: Step) -> Iterator[Objection]:
    needed = approvals_needed(step.change, step.policy)
    missing = needed - len(step.change.approvers) if step.change.approved_at is None else 0
    if missing > 0:
        risk = f" and {step.change.risk} risk" if step.change.risk else ""
        why = f"a change of {impact_of(step.change)} impact{risk} needs {needed} approval{'s' if needed > 1 else ''}"
        who = "somebody other than its planner runs: " if step.policy.separate_approver else ""
        have = f", and has {needed - missing}" if missing < needed else ""
        yield Objection("not-approved", step.policy.not_approved, why + have, f"{who}ledger change approve {step.change.id}", overridable=False)


def _in_freeze(step: Step) -> Iterator[Objection]:
    for freeze in step.freezes:
        text = f"{freeze.id} {freeze.title!r} freezes changes from {shown_instant(freeze.start)} until {shown_instant(freeze.end)}"
        yield Objection("freeze", step.policy.in_freeze, text, f"{step.verb} it afterwards, or say why not: --override REASON")


def _in_conflict(step: Step) -> Iterator[Objection]:
    for conflict in step.conflicts:
        text = f"{conflict.other.id} ({conflict.other.title[:60]}) is {conflict.other.status} at the same time on {_meeting_place(conflict)}"
        hint = f"look at it: ledger change show {conflict.other.id}; or say why it does not matter: --override REASON"
        yield Objection("conflict", step.policy.conflicts, text, hint)


def _meeting_place(conflict: Conflict) -> str:
    """Where the other change is made, and if that is somewhere else, what that has to do with this one."""
    where = ", ".join(map(str, conflict.shared))
    if conflict.kind is not ConflictKind.DEPENDENCY:
        return where
    if set(conflict.shared) & set(conflict.other.on):
        return f"{where}, which this one depends on"
    return f"{', '.join(map(str, conflict.other.on[:_NAMED]))}, which depends on {where}"


_NAMED = 5
"""So many targets of another change are named."""


def _outside_window(step: Step) -> Iterator[Objection]:
    begins, ends = step.change.planned_start, step.change.planned_end
    hint = "wait for its window, or say why not: --override REASON"
    if begins is not None and step.at < begins:
        yield Objection("outside-window", step.policy.outside_window, f"its window begins only at {shown_instant(begins)}", hint)
    elif ends is not None and step.at >= ends:
        text = f"its window ended at {shown_instant(ends)}"
        yield Objection("outside-window", step.policy.outside_window, text, "plan it anew, or say why it is made after all: --override REASON")


def _outside_maintenance(step: Step) -> Iterator[Objection]:
    if step.maintenance and not step.maintenance_open:
        titles = ", ".join(repr(window.title) for window in step.maintenance[:3])
        text = f"no maintenance window of its targets is open ({titles})"
        hint = "ledger window list shows when the next one is; or say why not: --override REASON"
        yield Objection("outside-maintenance", step.policy.outside_maintenance, text, hint)


def _no_way_back(step: Step) -> Iterator[Objection]:
    change = step.change
    if change.rollback_to or change.backout or change.irreversible:
        return
    if impact_of(change).rank >= step.policy.rollback_target_from.rank:
        hint = "say what it goes back to: --rollback-to latest, or --backout TEXT, or --irreversible WHY"
        yield Objection("no-rollback-target", step.policy.rollback_target, "it has nothing to go back to", hint)


def _open_items(step: Step) -> Iterator[Objection]:
    left = step.change.open_items
    if left and not step.note.strip():
        named = ", ".join(repr(item.name) for item in left[:3]) + (f" and {len(left) - 3} more" if len(left) > 3 else "")
        hint = f"tick them: ledger change check {step.change.id} ITEM; or say why they stay open: --note TEXT"
        yield Objection("open-items", step.policy.unticked, f"its checklist has open items: {named}", hint, overridable=False)


# ---- the rules for an extension: they look at what it adds, not at the change as it was


def _approved_as_it_is(step: Step) -> Iterator[Objection]:
    if step.beyond:
        hint = "plan it as a change of its own, or say why it belongs to this one: --override REASON"
        yield Objection("approved-as-it-is", step.policy.not_approved, step.beyond, hint)


def _extended_in_freeze(step: Step) -> Iterator[Objection]:
    return _as_at_the_start(step, _in_freeze(step))


def _extended_in_conflict(step: Step) -> Iterator[Objection]:
    """With what is under way as at the start; with what is only planned as at planning."""
    under_way = [conflict for conflict in step.conflicts if conflict.other.status is Status.STARTED]
    planned = [conflict for conflict in step.conflicts if conflict.other.status is not Status.STARTED]
    yield from _as_at_the_start(step, _in_conflict(replace(step, conflicts=under_way)))
    yield from map(_remarked, _in_conflict(replace(step, conflicts=planned)))


def _extended_outside_maintenance(step: Step) -> Iterator[Objection]:
    return _as_at_the_start(step, _outside_maintenance(step))


def _as_at_the_start(step: Step, found: Iterator[Objection]) -> Iterator[Objection]:
    """What may refuse a start may refuse more to what has started; while it is a plan it is only remarked on."""
    return found if step.change.status is Status.STARTED else map(_remarked, found)


def _remarked(objection: Objection) -> Objection:
    return replace(objection, stance=Stance.WARN) if objection.stance is Stance.REFUSE else objection


Rule = Callable[[Step], Iterator[Objection]]

RULES: Mapping[str, tuple[Rule, ...]] = MappingProxyType(
    {
        "plan": (_in_freeze, _in_conflict, _outside_maintenance, _no_way_back),
        "approve": (_own_approval,),
        "start": (_not_approved, _in_freeze, _in_conflict, _outside_window, _outside_maintenance, _no_way_back),
        "finish": (_open_items,),
        "extend": (_approved_as_it_is, _extended_in_freeze, _extended_in_conflict, _extended_outside_maintenance),
    }
)
"""By the verb of a step: the rules that are asked, in order. What ``plan`` objects to is a remark only: a plan does no harm yet."""
