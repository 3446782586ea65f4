"""``python -m benchmarks.ranking``: how well suspects are ranked, the fit of the weights, and what each reason is worth."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import changelog_ledger
from benchmarks.ranking.cases import Case, made_case, read_cases
from benchmarks.ranking.culprits import CULPRITS
from benchmarks.ranking.listening import write
from benchmarks.ranking.materials import materials
from benchmarks.ranking.prepared import Prepared, prepare
from benchmarks.ranking.scoring import Totals, baselines
from changelog_ledger.investigation import Material, investigate
from changelog_ledger.investigation.weights import WEIGHTS
from changelog_ledger.model.report import Certainty, Verdict

FITTED, REPORTED = 0, 100_000
"""The first seed of the cases that a fit sees, and of those that a report is about: no fit has seen these."""

MANY = 50
"""So many others make it hard to find one; quiet houses have fewer."""

_WEIGHTS_FILE = Path(changelog_ledger.__file__).parent / "investigation" / "weights.py"


def main() -> int:
    """Report; fit or ablate where asked."""
    given = _arguments()
    if given.listen:
        write()
        return 0
    shown = read_cases(given.outages) if given.outages else []
    if given.fit or given.ablate:
        return _fit(shown, given)
    made = [made_case(seed, given.kind) for seed in range(REPORTED, REPORTED + given.generated)]
    for name, cases in (("outages", shown), ("generated", made)):
        if cases:
            _report(name, cases, list(materials(cases, given.cache, given.jobs)), verbose=given.verbose)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ranking", description=__doc__)
    parser.add_argument("--outages", type=Path, metavar="DIR", help="a folder of outages as facts, *.json, in the generator's own shape")
    parser.add_argument("--generated", type=int, default=200, metavar="N", help="how many generated cases (200)")
    parser.add_argument("--kind", default="", choices=["", *CULPRITS], metavar="KIND", help=f"only culprits of this kind: {', '.join(CULPRITS)}")
    parser.add_argument("--listen", action="store_true", help="learn the telling words from talk/ and write them to investigation/")
    parser.add_argument("--fit", action="store_true", help="fit the weights and write them to investigation/weights.py")
    parser.add_argument("--ablate", type=Path, metavar="FILE", help="fit without each reason in turn, and write the table, as Markdown")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="processes that import at the same time (2)")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="keep what was gathered here, for the next time")
    parser.add_argument("-v", "--verbose", action="store_true", help="a line for each case")
    return parser.parse_args()


# ---- report


def _report(name: str, cases: Sequence[Case], found: Sequence[Material], *, verbose: bool) -> None:
    """Ranks beside the baselines, by kind; how sure the verdicts are, and how often rightly."""
    ready = [prepare(case, material) for case, material in zip(cases, found, strict=True)]
    verdicts = [investigate(material).verdict for material in found]
    ranks = [case.rank(WEIGHTS) if case.findable else None for case in ready]
    with_cause = [place for place, case in enumerate(cases) if not case.is_nothing]
    for case, own, verdict, rank in zip(cases, ready, verdicts, ranks, strict=True) if verbose else ():
        print(f"{case.id:40} {case.kind:14} rank {rank or '-':>3} of {len(own.truth):<3} {verdict.confidence}  {case.question['symptom']}")
    print(f"\n{name}: {len(cases)} cases")
    print(Totals([ranks[place] for place in with_cause]).line("ledger"))
    others = [baselines(cases[place]) for place in with_cause]
    for baseline in others[0] if others else ():
        print(Totals([each[baseline] for each in others]).line(baseline))
    for what, group in _groups(cases, ready):
        for value in sorted({group[place] for place in with_cause} - {""}):
            print(Totals([ranks[place] for place in with_cause if group[place] == value]).line(f"  {what} {value}"))
    _print_verdicts(ready, verdicts, ranks)


def _groups(cases: Sequence[Case], ready: Sequence[Prepared]) -> Iterator[tuple[str, Sequence[str]]]:
    """Sorts of generated cases, each with the sort of every case."""
    if any(case.author for case in cases):
        yield "candidates", [f"{'over' if len(own.truth) > MANY else 'up to'} {MANY}" for own in ready]
    yield "author", [case.author for case in cases]
    yield "kind", [case.kind for case in cases]


def _print_verdicts(ready: Sequence[Prepared], verdicts: Sequence[Verdict], ranks: Sequence[int | None]) -> None:
    rows = list(zip(ready, verdicts, ranks, strict=True))
    for certainty in Certainty:
        own = [rank == 1 for _, verdict, rank in rows if verdict.confidence is certainty and not verdict.nothing]
        print(f"{certainty.value:24} n={len(own):<4} first is the cause {_share(own)}")
    _print_of_nothing([(case, verdict) for case, verdict, _ in rows])
    crowded = [(case, verdict) for case, verdict, _ in rows if len(case.truth) > MANY]
    if len(crowded) < len(rows):
        print(f"of those with over {MANY} candidates:")
        _print_of_nothing(crowded)


def _print_of_nothing(rows: Sequence[tuple[Prepared, Verdict]]) -> None:
    """How often it was said that nothing in the record explains the trouble, where that is so and where it is not."""
    causeless = [verdict for case, verdict in rows if case.is_nothing]
    caused = [verdict for case, verdict in rows if not case.is_nothing]
    if causeless:
        open_ones = _share([verdict.nothing or verdict.confidence is Certainty.OPEN for verdict in causeless])
        said = _share([each.nothing for each in causeless])
        print(f"{'no cause in the record':24} n={len(causeless):<4} said so {said}, said so or left open {open_ones}")
    print(f"{'false alarms':24} n={len(caused):<4} said that nothing fits though something did {_share([each.nothing for each in caused])}")


def _share(found: Sequence[bool]) -> str:
    return f"{sum(found) / len(found):.0%}" if found else "-"


# ---- fit


def _fit(shown: Sequence[Case], given: argparse.Namespace) -> int:
    """Fit, print what came out for cases not seen, and write."""
    from benchmarks.ranking.ablation import ablation
    from benchmarks.ranking.calibration import judged, reliability, threshold
    from benchmarks.ranking.fit import best_strength, codes_of, design_of, fitted, table
    from benchmarks.ranking.prior import prior_of
    from benchmarks.ranking.written import weights_file

    made = [made_case(seed, given.kind) for seed in range(FITTED, FITTED + given.generated)]
    by_name = {name: cases for name, cases in (("outages", shown), ("generated", made)) if cases}
    collections = [_prepared(cases, given) for cases in by_name.values()]
    codes = codes_of(collections)
    strength, held = best_strength(collections, codes)
    for tried, result in held.items():
        print(f"\ndrawn to the prior by {tried:g}{' (chosen)' if tried == strength else ''}, on cases not seen:")
        for place, name in enumerate(by_name):
            ranked = [(rank, case) for rank, case in zip(result.ranks[place], collections[place], strict=True) if not case.is_nothing]
            print(Totals([rank for rank, _ in ranked]).line(name), f"log-likelihood {result.likelihood[place]:.3f}")
            print(Totals([rank for rank, case in ranked if len(case.truth) > MANY]).line(f"  candidates over {MANY}"))
    weights = table(codes, fitted(design_of(collections, codes), prior_of(codes), strength))
    by_case = [judged(held[strength], place) for place in range(len(by_name))]
    for name, cases in zip(by_name, by_case, strict=True):
        print(f"\n{name}: chances of the first suspect, by a fit that had not seen the case", *reliability(cases), sep="\n")
    if given.fit:
        _WEIGHTS_FILE.write_text(weights_file(weights, threshold(by_case[-1])), encoding="utf-8")
        print(f"\nwritten: {_WEIGHTS_FILE}")
    if given.ablate:
        given.ablate.write_text(ablation(collections, list(by_name), weights, strength, given.jobs), encoding="utf-8")
        print(f"\nwritten: {given.ablate}")
    return 0


def _prepared(cases: Sequence[Case], given: argparse.Namespace) -> list[Prepared]:
    return [prepare(case, material) for case, material in zip(cases, materials(cases, given.cache, given.jobs), strict=True)]


if __name__ == "__main__":
    sys.exit(main())
