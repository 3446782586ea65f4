"""The answer itself in words: how sure it is, what speaks for it, and what could not be seen."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from changelog_ledger.model.report import Certainty, Reason, Report, Suspect, SuspectKind
from changelog_ledger.reports.escape import printable
from changelog_ledger.reports.layout import brief
from changelog_ledger.reports.phrases import BLIND, found_nothing, happened_by_itself, is_calm, is_complaint

LOOKED_AT_FIRST = 3
"""How many suspects are shown at length."""

_NUMBERS = ("none", "one", "two", "three")
_SAID = ("time-before-onset", "distance")
"""Reasons that every rendering shows in other words: the time beside each suspect, and what is in scope."""

_TITLE = 300


def headline(report: Report) -> str:
    """``CLEAR, and nobody logged it: worker_connections 4096 → 512 in …``; or that nothing in the record explains it, which is an answer too."""
    if is_calm(report):
        return "NOTHING CHANGED THAT THE RECORD COULD SEE"
    if report.verdict.nothing and is_complaint(report):
        return "NOTHING IN THE RECORD EXPLAINS THIS"
    if not report.suspects:
        return "NOTHING CHANGED THAT THE RECORD COULD SEE" if found_nothing(report) else "OPEN: nothing that was recorded is a suspect"
    if report.verdict.confidence is Certainty.OPEN:
        shown = min(len(report.suspects), LOOKED_AT_FIRST)
        return f"OPEN: the evidence does not point anywhere in particular; {_NUMBERS[shown]} to look at first"
    first, sure = report.suspects[0], report.verdict.confidence.value.upper()
    if first.kind is SuspectKind.UNLOGGED:
        nobody = "nobody did it" if happened_by_itself(first, report) else "nobody logged it"
        return f"{sure}, and {nobody}: {brief(first.title, _TITLE)}"
    return f"{sure}: {printable(first.change)} {brief(first.title, _TITLE)}"


def support(report: Report) -> str:
    """What the first suspect has that the second has not, or why nothing fits; empty where the investigation does not say."""
    plain = printable(report.verdict.why).strip()
    return plain if not plain or plain[-1] in ".!?" else f"{plain}."


def chance(report: Report) -> str:
    """How often such an answer was right; empty where it is not known."""
    verdict = report.verdict
    if verdict.nothing or not report.suspects or not verdict.chance:
        return ""
    return f"in {round(100 * verdict.chance)} of 100 such cases the first was the cause"


def unseen(report: Report) -> list[str]:
    """What the record could not have shown, a sentence each, besides what the warnings say.

    Where nothing was found, what no record of this kind ever shows stands last.
    """
    warned = {warning.text for warning in report.warnings}
    said = [printable(words) for words in report.verdict.unseen if words not in warned]
    return [*said, BLIND] if report.verdict.nothing or found_nothing(report) else said


def strongest(suspect: Suspect, number: int) -> list[Reason]:
    """The heaviest reasons, whether for or against; those against come last."""
    heaviest = sorted(telling(suspect), key=lambda reason: -abs(reason.weight))[:number]
    return sorted(heaviest, key=lambda reason: reason.weight < 0)


def telling(suspect: Suspect) -> Sequence[Reason]:
    """The reasons that say more than when and where it was."""
    return [reason for reason in counting(suspect) if reason.code not in _SAID] or suspect.reasons


def counting(suspect: Suspect) -> Sequence[Reason]:
    """The reasons without those whose weight rounds to nothing."""
    return [reason for reason in suspect.reasons if round(abs(reason.weight), 2)] or suspect.reasons


def reason_words(reason: Reason, room: int) -> str:
    """Its text, without what stands behind a colon where that has no room; one that speaks against the suspect begins with ``but``."""
    but, text = "but " if reason.weight < 0 else "", printable(reason.text)
    in_short = text.partition(": ")[0]
    return but + (in_short if cell_len(but + text) > room >= cell_len(but + in_short) else brief(reason.text, room))


def trigger_words(suspect: Suspect, room: int = _TITLE) -> str:
    """``took effect with: nginx restarted, Tue 14:03``, or empty."""
    return f"took effect with: {brief(suspect.trigger, room)}" if suspect.trigger else ""
