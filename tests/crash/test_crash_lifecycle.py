"""Eight real processes take five hundred steps at once: no step is lost, nobody wins twice, no change ends where nothing leads."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from changelog_ledger import Ledger
from tests.changes.oracle import STEPS

from ..workflows.world import HOST, World, made_world, postgresql_database
from .test_crash_concurrency import race

PROCESSES = 8
OWN = 25
SHARED = 30
CONTROLLED = 10
"""Changes that two people have to approve first."""

STEPPER = """
import json, sys
from changelog_ledger import Ledger
from changelog_ledger.errors import TransitionRefused
home, actor, own, shared, controlled = sys.argv[1], sys.argv[2], *map(json.loads, sys.argv[3:])

def step(change, verb):
    try:
        getattr(ledger, verb)(change)
    except TransitionRefused as refused:
        return refused
    print(json.dumps([change, verb, actor]), flush=True)

def approve(change):
    while refused := step(change, "approve"):
        if "by now" not in refused.message:  # it was somebody else at the very same moment: ask again
            return

with Ledger.open(home, actor=actor) as ledger:
    ledger.hosts()
    print("ready", flush=True)
    sys.stdin.readline()
    for change in controlled:
        approve(change)
    for number, change in enumerate(own):
        assert step(change, "start") is None
        for contested in shared[number::len(own)] + controlled[number::len(own)]:
            if step(contested, "start") is None:
                assert step(contested, "finish") is None
        assert step(change, "fail" if number % 5 == 0 else "finish") is None
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A ledger on SQLite, then one on PostgreSQL, that wants two approvals for what has a high impact."""
    with made_world(tmp_path, postgresql_database() if request.param == "postgresql" else None) as made:
        settings = made.ledger.home / "ledger.toml"
        settings.write_text(f'{settings.read_text()}\n[changes]\napprovals = {{ high = 2 }}\nconflicts = "allow"\nunticked = "allow"\n')
        yield made


def planned(ledger: Ledger, count: int, **details: str) -> list[str]:
    return [ledger.plan(f"Change {number}", [f"host:{HOST}"], backout="as before", **details).id for number in range(count)]


def recorded_steps(ledger: Ledger) -> list[tuple[str, str, str]]:
    """Every step in the order of the facts: the change, the verb and who took it."""
    with ledger._workspace.store.reading() as view:  # no method shows facts as they are: an export has changes whole
        facts = list(view.facts.in_order())
    return [(fact.data["change"], fact.data["verb"], fact.actor) for fact in facts if fact.kind == "change-step"]


@pytest.mark.slow
def test_five_hundred_steps_of_eight_processes(either: World) -> None:
    ledger = either.ledger
    own = [planned(ledger, OWN) for _ in range(PROCESSES)]
    shared, controlled = planned(ledger, SHARED), planned(ledger, CONTROLLED, impact="high")
    contested = [json.dumps(shared), json.dumps(controlled)]
    told = race(STEPPER, [[str(ledger.home), f"writer-{number}", json.dumps(mine), *contested] for number, mine in enumerate(own)])
    acknowledged = [tuple(json.loads(line)) for line in told]
    assert len(acknowledged) == 2 * PROCESSES * OWN + 2 * SHARED + 4 * CONTROLLED == 500

    steps = recorded_steps(ledger)
    assert Counter(steps) == Counter(acknowledged), "each acknowledged step is a fact once, and there is no other"
    assert max(Counter(steps).values()) == 1

    of_change: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for change, verb, actor in steps:
        of_change[change].append((verb, actor))
    for identity in shared:
        (started, starter), (finished, finisher) = of_change[identity]
        assert (started, finished, starter) == ("start", "finish", finisher)
    for identity in controlled:
        approvals, (_, starter), (_, finisher) = of_change[identity][:2], *of_change[identity][2:]
        assert [verb for verb, _ in of_change[identity]] == ["approve", "approve", "start", "finish"]
        assert len({actor for _, actor in approvals}) == 2
        assert starter == finisher

    for change in ledger.changes(limit=1000):
        assert change.status == replayed([verb for verb, _ in of_change[change.id]], needed=2 if change.id in controlled else 0)
        assert [note.actor for note in change.notes] == [actor for _, actor in of_change[change.id]]
    assert {change.status for change in ledger.changes(limit=1000)} == {"succeeded", "failed"}
    assert ledger.verify() == ()


TICKER = """
import json, sys
from changelog_ledger import Ledger
home, actor, change, items = *sys.argv[1:4], json.loads(sys.argv[4])
with Ledger.open(home, actor=actor) as ledger:
    ledger.hosts()
    print("ready", flush=True)
    sys.stdin.readline()
    for item in items:
        ledger.check(change, item)
        print(item, flush=True)
"""


@pytest.mark.slow
def test_eight_people_tick_one_checklist(either: World) -> None:
    """Two who tick different items at the same moment are both right: neither takes the other's tick back."""
    ledger = either.ledger
    items = [f"server {number} drained" for number in range(4 * PROCESSES)]
    change = ledger.plan("Drain them", [f"host:{HOST}"], items=items, backout="as before").id
    ledger.start(change)
    told = race(TICKER, [[str(ledger.home), f"writer-{number}", change, json.dumps(items[number::PROCESSES])] for number in range(PROCESSES)])
    assert sorted(told) == sorted(items)
    drained = ledger.find_change(change)
    assert [item.text for item in drained.items] == items, "in their order, none twice"
    assert {item.state for item in drained.items} == {"done"}
    assert Counter(actor for _, verb, actor in recorded_steps(ledger) if verb == "check") == {f"writer-{number}": 4 for number in range(PROCESSES)}
    assert ledger.finish(change).status == "succeeded"
    assert ledger.verify() == ()


def replayed(verbs: list[str], needed: int) -> str:
    """Where the lifecycle leads; an illegal step has no place in the table."""
    status, approvals = "planned", 0
    for verb in verbs:
        becomes = STEPS[status][verb]
        approvals += verb == "approve"
        status = status if verb == "approve" and approvals < needed else becomes
    return status
