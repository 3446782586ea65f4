"""The generator of outages: the same seed makes the same case, everywhere; nothing but what happened tells the culprit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

from benchmarks.ranking.cases import Case, made_case
from benchmarks.ranking.culprits import CULPRITS
from benchmarks.ranking.materials import digest
from benchmarks.ranking.prepared import Prepared
from benchmarks.ranking.scoring import Totals, baselines

_SAY = "from benchmarks.ranking.cases import made_case; from benchmarks.ranking.materials import digest; print(digest(made_case(5)))"


def test_a_seed_makes_the_same_case_in_every_process() -> None:
    root = str(Path(__file__).parents[2])
    said = {
        subprocess.run(
            [sys.executable, "-c", _SAY], env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": root}, text=True, capture_output=True
        ).stdout
        for seed in ("1", "2")
    }
    assert said == {digest(made_case(5)) + "\n"}
    assert digest(made_case(6)) not in said.pop()


def test_every_kind_of_culprit_is_made_in_the_shape_of_the_import(cases: list[Case]) -> None:
    assert {case.kind for case in cases} >= CULPRITS.keys() - {"outside"}
    for case in cases:
        assert bool(case.accepted) is not case.is_nothing, case.id
        assert json.loads(json.dumps(case.facts)) == case.facts
        assert case.question["target"] in {f"service:{fact['name']}" for fact in case.facts if fact["kind"] == "service"}


def test_facts_are_in_the_order_of_time_and_references_in_the_order_of_facts(cases: list[Case]) -> None:
    """Else what was put in last would stand out."""
    for case in cases:
        dated = [fact for fact in case.facts if fact["kind"] in ("change", "observation")]
        times = [datetime.fromisoformat(fact.get("started_at") or fact["at"]) for fact in dated]
        assert times == sorted(times)
        for kind in ("CR", "EV"):
            numbers = [int(fact["ref"][3:]) for fact in dated if fact["ref"].startswith(kind)]
            assert numbers == sorted(set(numbers))


def test_culprits_have_no_field_that_innocents_have_not() -> None:
    guilty: set[str] = set()
    innocent: set[str] = set()
    for seed in range(40):
        case = made_case(seed)
        refs = {each["ref"] for each in case.accepted if "ref" in each}
        for fact in case.facts:
            if fact["kind"] in ("change", "observation"):
                (guilty if fact["ref"] in refs else innocent).update(fact)
    assert guilty <= innocent


def test_to_look_at_the_newest_first_is_not_enough() -> None:
    """The culprit is neither always nor never the last thing that was done."""
    cases = [case for case in map(made_case, range(150)) if not case.is_nothing and any("ref" in each for each in case.accepted)]
    ranks = [baselines(case) for case in cases]
    for way in ("newest", "newest-in-scope", "words"):
        found = Totals([rank[way] for rank in ranks])
        assert 0 < found.top(1) < 0.6, way


def test_the_truth_is_among_the_suspects_where_the_record_holds_it(prepared: list[Prepared]) -> None:
    assert [case.id for case in prepared if not case.is_nothing and not case.findable] == []
    assert not any(case.findable for case in prepared if case.is_nothing)


def test_the_ranking_is_clearly_better_than_the_newest_first(cases: list[Case], prepared: list[Prepared]) -> None:
    from changelog_ledger.investigation.weights import WEIGHTS

    caused = [(case, own) for case, own in zip(cases, prepared, strict=True) if not case.is_nothing]
    ranking = Totals([own.rank(WEIGHTS) for _, own in caused])
    newest = Totals([baselines(case)["newest"] for case, _ in caused])
    assert ranking.mrr > 1.5 * newest.mrr
    assert ranking.top(3) > newest.top(3)
