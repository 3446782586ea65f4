"""From a case to the material of its question: imported into a home as people import it, gathered as the command gathers it, and kept."""

from __future__ import annotations

import hashlib
import json
import pickle
import random
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path

import changelog_ledger
from benchmarks.ranking.cases import Case
from changelog_ledger import Ledger
from changelog_ledger.investigation import Material
from changelog_ledger.workflows.what_changed import gather
from changelog_ledger.workflows.workspace import open_workspace

_ASKED_AFTER = timedelta(hours=3)
"""How long after its last fact a question is asked."""


def materials(cases: Sequence[Case], kept: Path | None, jobs: int = 1) -> Iterator[Material]:
    """The material of each case, in their order.

    :param kept: where to keep them from one run to the next, each known by its facts and by the program that gathered them.
    :param jobs: how many processes import at the same time.
    """
    one: Callable[[Case], Material] = partial(_kept_material, kept=kept / program() if kept else None)
    if jobs <= 1:
        yield from map(one, cases)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(one, cases, chunksize=8)


def material_of(case: Case) -> Material:
    """What the ledger knows about a case's question, all suspects wanted.

    :raises InvalidFact: if a fact of the case is refused.
    """
    latest = max(datetime.fromisoformat(fact[field]) for fact in case.facts for field in ("at", "started_at", "finished_at") if field in fact)
    clock: Callable[[], datetime] = lambda: latest + _ASKED_AFTER  # noqa: E731 - a clock that stands
    entropy = random.Random(case.id).randbytes
    with tempfile.TemporaryDirectory(prefix="ranking-") as folder:
        home = Path(folder) / "home"
        with Ledger.init(home, host="monitor", actor="benchmark", clock=clock, entropy=entropy) as ledger:
            ledger.import_facts(json.dumps(fact) for fact in case.facts)
        workspace = open_workspace(home, actor="benchmark", now=clock, entropy=entropy)
        try:
            with workspace.store.reading() as view:
                return gather(workspace, view, case.question["target"], symptom=case.question["symptom"], limit=0)
        finally:
            workspace.close()


def _kept_material(case: Case, kept: Path | None) -> Material:
    if kept is None:
        return material_of(case)
    file = kept / f"{digest(case)}.pickle"
    if file.exists():
        found: Material = pickle.loads(file.read_bytes())
        return found
    made = material_of(case)
    kept.mkdir(parents=True, exist_ok=True)
    partly = file.with_suffix(f".{random.randrange(10**9)}")
    partly.write_bytes(pickle.dumps(made))
    partly.replace(file)
    return made


def digest(case: Case) -> str:
    """What a case is known by."""
    return hashlib.sha256(json.dumps([case.facts, case.question], sort_keys=True).encode()).hexdigest()


@cache
def program() -> str:
    """What the program that gathers is known by; what only judges may change without an import."""
    package = Path(changelog_ledger.__file__).parent
    judging = package / "investigation"
    files: Iterable[Path] = sorted(
        file for file in package.rglob("*.py") if judging not in file.parents or file.name in ("material.py", "noise.py", "window.py")
    )
    whole = hashlib.sha256()
    for file in files:
        if not {"cli", "reports"}.intersection(file.parts):
            whole.update(file.read_bytes())
    return whole.hexdigest()[:16]
