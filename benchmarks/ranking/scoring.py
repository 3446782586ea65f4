"""Where the truth of a case comes out: in a ranking, and in the orders that a person without a ranking would look in."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from benchmarks.ranking.cases import Case
from changelog_ledger.model.evidence import Evidence

_WORD = re.compile(r"[a-z][a-z0-9]{2,}")
_STOP = frozenset(
    "the and for with from that this are not all but was were has have its into out one two every each other over after since still cannot".split()
)


def is_truth(case: Case, *, logged: bool, ref: str, title: str, evidence: Iterable[Evidence]) -> bool:
    """Whether a suspect is what the case calls found: the change by its reference; unlogged evidence by reference, or by host and words."""
    accepted = case.accepted
    if logged:
        return any(each.get("ref") == ref for each in accepted if "ref" in each)
    pieces = list(evidence)
    refs = {each["ref"] for each in accepted if "ref" in each}
    if refs.intersection({ref, *(piece.ref for piece in pieces)} - {""}):
        return True
    return any("unlogged_host" in each and any(_says(piece, title, each) for piece in pieces) for each in accepted)


def _says(piece: Evidence, title: str, wanted: Mapping[str, str]) -> bool:
    text = " ".join(str(each or "") for each in (piece.summary, piece.path, piece.key, piece.before, piece.after, title))
    return piece.target.name == wanted["unlogged_host"] and wanted["contains"].lower() in text.lower()


@dataclass(frozen=True, slots=True)
class Totals:
    """Ranks of many cases; None where the truth was not found."""

    ranks: Sequence[int | None]

    def top(self, count: int) -> float:
        """The share of cases with the truth among the first ``count``."""
        return sum(rank is not None and rank <= count for rank in self.ranks) / len(self.ranks) if self.ranks else math.nan

    @property
    def mrr(self) -> float:
        """The mean of one over the rank."""
        return sum(1 / rank for rank in self.ranks if rank) / len(self.ranks) if self.ranks else math.nan

    def line(self, name: str) -> str:
        """A line for people."""
        tops = "  ".join(f"top-{count} {self.top(count):4.0%}" for count in (1, 3, 5))
        return f"{name:24} n={len(self.ranks):<4} {tops}  MRR {self.mrr:.2f}"


# ---- what people do without a ranking


def baselines(case: Case) -> dict[str, int | None]:
    """Newest first; newest first of what the target depends on; words in common, and newer."""
    since, onset = _window(case)
    pool = [fact for fact in case.facts if fact["kind"] in ("change", "observation") and since <= _when(fact) <= onset]
    near = _scope(case)
    newest = sorted(pool, key=lambda fact: _recent(fact, onset), reverse=True)
    in_scope = [fact for fact in newest if near.intersection(_on(fact))]
    return {"newest": _rank(case, newest), "newest-in-scope": _rank(case, in_scope), "words": _rank(case, _by_words(case, newest, since, onset))}


def _by_words(case: Case, pool: Sequence[Mapping[str, Any]], since: datetime, onset: datetime) -> list[Mapping[str, Any]]:
    words = set(_WORD.findall(case.question["symptom"].lower())) - _STOP
    texts = [
        set(_WORD.findall(" ".join([fact.get("title", ""), fact.get("summary", ""), *fact.get("paths", []), *_on(fact)]).lower())) for fact in pool
    ]
    rare = {word: math.log((1 + len(pool)) / (1 + sum(word in text for text in texts))) for word in words}
    hits = [sum(rare[word] for word in words & text) / math.sqrt(1 + len(text)) for text in texts]
    most, span = max(hits, default=0.0) or 1.0, max(2.0, (onset - since).total_seconds())

    def worth(position: int) -> float:
        age = max(1.0, (onset - _recent(pool[position], onset)).total_seconds())
        return hits[position] / most + 1 - math.log(age) / math.log(span)

    return [pool[position] for position in sorted(range(len(pool)), key=worth, reverse=True)]


def _rank(case: Case, order: Sequence[Mapping[str, Any]]) -> int | None:
    return next((rank for rank, fact in enumerate(order, 1) if _fact_is_truth(case, fact)), None)


def _fact_is_truth(case: Case, fact: Mapping[str, Any]) -> bool:
    for each in case.accepted:
        if "ref" in each and each["ref"] == fact["ref"]:
            return True
        if (
            "ref" not in each
            and fact["kind"] == "observation"
            and f"host:{each['unlogged_host']}" in _on(fact)
            and each["contains"].lower() in str(fact).lower()
        ):
            return True
    return False


def _when(fact: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(fact.get("started_at") or fact.get("planned_start") or fact["at"])


def _recent(fact: Mapping[str, Any], onset: datetime) -> datetime:
    end = datetime.fromisoformat(fact["finished_at"]) if "finished_at" in fact else _when(fact)
    return end if end <= onset else _when(fact)


def _on(fact: Mapping[str, Any]) -> list[str]:
    return [fact["on"]] if isinstance(fact["on"], str) else list(fact["on"])


def _window(case: Case) -> tuple[datetime, datetime]:
    marks = [fact for fact in case.facts if fact["kind"] == "mark" and fact["target"] == case.question["target"]]
    good = max(_when(mark) for mark in marks if mark["state"] == "good")
    onset = min((_when(mark) for mark in marks if mark["state"] == "bad" and _when(mark) > good), default=good)
    return good, onset


def _scope(case: Case) -> set[str]:
    services = {fact["name"]: fact for fact in case.facts if fact["kind"] == "service"}
    seen: set[str] = set()
    todo = [case.question["target"]]
    while todo:
        target = todo.pop()
        if target not in seen:
            seen.add(target)
            service = services.get(target.removeprefix("service:"), {}) if target.startswith("service:") else {}
            todo += [*(f"host:{host}" for host in service.get("runs_on", ())), *service.get("depends_on", ())]
    return seen
