"""Whether one policy asks for at least as much as another: what was judged by a looser one was not judged by this one."""

from __future__ import annotations

from dataclasses import replace

from changelog_ledger.gate.places import leads_to_configuration, place_of
from changelog_ledger.model.gate import POLICY_FILE, Actor, GatePolicy, Merges, Stand

_ASK = (Merges.ALLOW, Merges.OWN, Merges.ALL)
"""What may be asked of a merge, the least first."""


def judged_alike(policy: GatePolicy, judge: GatePolicy, path: str) -> bool:
    """Whether what was judged by ``policy`` at a path need not be judged again by ``judge``.

    Policies may differ in what is configuration: then each path tells for itself. An edit of the policy's own file is about every path.
    """
    if policy == judge:
        return True
    if path in (POLICY_FILE, judge.file):
        return is_as_strict(policy, judge)
    asks_alike = is_as_strict(replace(policy, config=judge.config, generated=judge.generated), judge)
    return asks_alike and _places_alike(policy, judge, path)


def is_as_strict(policy: GatePolicy, judge: GatePolicy) -> bool:
    """Whether a policy lets nothing in that ``judge`` refuses, field by field. What holds at somebody's desk only does not count, nor do trailers.

    Patterns may be added behind those that are there: one before them may take paths away from them.
    """
    return (
        policy.config[: len(judge.config)] == judge.config
        and set(policy.generated) <= set(judge.generated)
        and set(policy.exempt_authors) <= set(judge.exempt_authors)
        and _covers_no_sooner(policy, judge)
        and _is_as_personal(policy, judge)
        and _ASK.index(policy.merges) >= _ASK.index(judge.merges)
        and all(mine is Stand.REFUSE or its is Stand.ALLOW for mine, its in zip(_stands(policy), _stands(judge), strict=True))
    )


def introduced(policy: GatePolicy) -> GatePolicy:
    """What of a policy counts for the very commit that brings it: it cannot free itself.

    Nobody was asked about it, so it may make that commit's lot harder, not easier, than a policy that says nothing of exemptions.
    """
    merges = Merges.OWN if policy.merges is Merges.ALLOW else policy.merges
    return replace(policy, exempt_authors=(), generated=(), merges=merges)


def _places_alike(policy: GatePolicy, judge: GatePolicy, path: str) -> bool:
    """Whether a path is the same one's configuration by both, as a file and as what stands for a folder."""
    leads = leads_to_configuration(policy, path) or not leads_to_configuration(judge, path)
    return leads and place_of(policy, path) == place_of(judge, path)


def _covers_no_sooner(policy: GatePolicy, judge: GatePolicy) -> bool:
    """Whether no change covers by the policy that does not by the judge's, for its status or its time."""
    timed = set(judge.within_window) & set(policy.covered_by)
    return set(policy.covered_by) <= set(judge.covered_by) and timed <= set(policy.within_window)


def _is_as_personal(policy: GatePolicy, judge: GatePolicy) -> bool:
    """Whether whose change covers is asked as closely; who is who matters there only."""
    return judge.actor is not Actor.SAME or (policy.actor is Actor.SAME and set(policy.people) <= set(judge.people))


def _stands(policy: GatePolicy) -> tuple[Stand, ...]:
    return (policy.reverts, policy.comments_only, policy.format_only)
