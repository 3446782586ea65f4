"""What a planned change may touch, for a terminal: its assessment, and what past changes suggest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from changelog_ledger.model.change import GROUNDS, Assessment, Change, Dependent, Proposal, Remark
from changelog_ledger.reports.escape import printable, shell_word
from changelog_ledger.reports.layout import Line, Span, flow, line
from changelog_ledger.reports.phrases import count, listed, shortlist
from changelog_ledger.reports.style import Role, Style
from changelog_ledger.reports.times import clock, in_words

_NAMED = 8
"""Dependents of one distance that are named; ``--json`` has them all."""

_PROVED_BY = 2


def assessment_lines(change: Change, style: Style, now: datetime) -> Iterator[Line]:
    """What was suggested when it was planned and why, who depends on it, and while it is open what past changes propose for its checklist."""
    assessment = change.assessment
    if assessment is None:
        return
    if assessment.reasons or assessment.dependents:
        yield ()
        yield line(Span("ASSESSMENT", Role.HEADING), f"  as of {clock(assessment.made_at, style.zone, now)}")
        yield from _suggested(assessment, style)
        yield from _reasons(assessment.reasons, style, now)
        yield from _dependents(assessment.dependents, style)
    yield from _proposals(change, assessment.proposals, style)


def _suggested(assessment: Assessment, style: Style) -> Iterator[Line]:
    words = [f"{level.value} {name}" for name, level in (("impact", assessment.impact), ("risk", assessment.risk)) if level]
    if words:
        yield from flow(line(f"suggested: {listed(words)}"), style.columns, hang=2)


def _reasons(reasons: Sequence[Remark], style: Style, now: datetime) -> Iterator[Line]:
    """What speaks against the plan first, with a sign of its own; no ground that it names already."""
    against = [reason for reason in reasons if reason.code not in GROUNDS]
    grounds = [reason for reason in reasons if reason.code in GROUNDS and not any(reason.text in each.text for each in against)]
    for reason in (*against, *grounds):
        sign = line("- ") if reason.code in GROUNDS else line(Span("! ", Role.WARNING))
        yield from flow(line(*sign, printable(in_words(reason.text, style.zone, now))), style.columns, hang=4, first=2)


def _dependents(dependents: Sequence[Dependent], style: Style) -> Iterator[Line]:
    for distance, group in groupby(dependents, key=lambda dependent: dependent.distance):
        found = list(group)
        label = "runs on it" if distance == 0 else f"{distance} away"
        yield from flow(line(Span(f"{label}: ", Role.DIM), shortlist([_named(each) for each in found], _NAMED)), style.columns, hang=4, first=2)
    if owners := list(dict.fromkeys(printable(each.owner) for each in dependents if each.owner)):
        yield from flow(line(Span("to be told: ", Role.DIM), shortlist(owners, _NAMED)), style.columns, hang=4, first=2)


def _named(dependent: Dependent) -> str:
    return printable(dependent.target.name) + (f" ({printable(dependent.owner)})" if dependent.owner else "")


def _proposals(change: Change, proposals: Sequence[Proposal], style: Style) -> Iterator[Line]:
    listed_already = {item.text for item in change.items}
    wanted = [proposal for proposal in proposals if proposal.text not in listed_already] if change.is_open else []
    if not wanted:
        return
    yield ()
    yield line(Span("PROPOSED", Role.HEADING), f"  {count(len(wanted), 'item')} for the checklist, from past changes")
    for proposal in wanted:
        yield from flow(line(proposal_words(proposal)), style.columns, hang=4, first=2)
        yield from flow(line(Span(_command(change, proposal), Role.DIM)), style.columns, hang=6, first=4)


def proposal_words(proposal: Proposal) -> str:
    """``firewall: in 9 of 10 past changes of /etc/haproxy/haproxy.cfg (90 %)``."""
    of = f" of {printable(proposal.given)}" if proposal.given else ""
    return f"{printable(proposal.text)}: in {proposal.support} of {proposal.of} past changes{of} ({round(100 * proposal.confidence)} %)"


def _command(change: Change, proposal: Proposal) -> str:
    proofs = "".join(f" --proved-by {shell_word(path)}" for path in proposal.paths[:_PROVED_BY])
    return f"ledger change add-item {change.id} {shell_word(proposal.text)}{proofs}"
