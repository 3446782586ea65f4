"""``search``: everything that was recorded and holds some words, the newest first."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from changelog_ledger.errors import InvalidInput
from changelog_ledger.investigation.evidence import net_evidence
from changelog_ledger.model.change import Change
from changelog_ledger.model.identifiers import evidence_id
from changelog_ledger.model.incident import Incident
from changelog_ledger.model.search import Hit
from changelog_ledger.model.topology import Target, TargetKind
from changelog_ledger.store.queries import View
from changelog_ledger.store.search import FoundDelta, FoundFact, SearchQuestions, targets_of
from changelog_ledger.workflows.topology import resolve_target
from changelog_ledger.workflows.workspace import Workspace


def search(workspace: Workspace, text: str, *, on: str | Target | None = None, since: datetime | None = None, limit: int = 50) -> tuple[Hit, ...]:
    """Facts and deltas that hold all words of ``text``, anywhere and in any case, the newest first.

    :param on: only what names this target.
    :param since: nothing older.
    :raises InvalidInput: if there is no word to look for.
    :raises NotFound: if there is no such target.
    """
    words = text.split()
    if not words:
        raise InvalidInput("there is nothing to search for", "give some words: ledger search nginx limit")
    with workspace.store.reading() as view:
        target = resolve_target(view, on) if on else None
        questions = SearchQuestions(view.facts.connection)
        facts = _facts(view, questions.facts(words, target, since), words, target)
        deltas = (_delta_hit(found, words) for found in questions.deltas(words, target, since))
        return tuple(islice(heapq.merge(facts, deltas, key=lambda hit: hit.at, reverse=True), limit))


def _facts(view: View, found: Iterator[FoundFact], words: Sequence[str], on: Target | None) -> Iterator[Hit]:
    for each in found:
        whole = _whole_of(view, each)
        targets = _targets(each, whole)
        if on is None or on.kind is TargetKind.ALL or on in targets:
            yield _fact_hit(each, whole, targets, words)


def _whole_of(view: View, found: FoundFact) -> Change | Incident | None:
    """The change or incident that a step belongs to."""
    match found.fact.kind:
        case "change-step":
            identity = found.fact.data["change"]
            return view.changes.by_id([identity]).get(identity)
        case "incident-step":
            identity = found.fact.data["incident"]
            return view.incidents.by_id([identity]).get(identity)
    return None


def _targets(found: FoundFact, whole: Change | Incident | None) -> tuple[Target, ...]:
    match whole:
        case Change():
            return (*whole.on, *whole.affects)
        case Incident():
            return whole.targets
    return targets_of(found.fact)


def _fact_hit(found: FoundFact, whole: Change | Incident | None, targets: tuple[Target, ...], words: Sequence[str]) -> Hit:
    fact = found.fact
    title = whole.title if whole else _first_line(found.texts[0])
    return Hit(_shown_id(found), fact.kind, fact.occurred_at, targets, title, _telling(found.texts, words, title), fact.actor)


def _shown_id(found: FoundFact) -> str:
    fact = found.fact
    match fact.kind:
        case "change" | "incident":
            return str(fact.data["id"])
        case "change-step" | "incident-step":
            return str(fact.data[fact.kind.removesuffix("-step")])
        case "observation":
            return evidence_id("observation", fact.key)
    return fact.id


def _delta_hit(found: FoundDelta, words: Sequence[str]) -> Hit:
    delta = found.delta
    title = net_evidence([delta])[0].evidence.summary
    return Hit(delta.id, "delta", delta.not_after, (Target.host(delta.host),), title, _telling(found.texts, words, title))


def _telling(texts: Sequence[str], words: Sequence[str], title: str) -> str:
    """The text with the most of the words; the title, if no other has more."""

    def held(text: str) -> int:
        folded = text.casefold()
        return sum(word.casefold() in folded for word in words)

    return max((title, *texts), key=held)


def _first_line(text: str) -> str:
    return text.partition("\n")[0]
