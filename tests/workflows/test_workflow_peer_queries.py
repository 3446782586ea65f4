"""Who runs what is asked for all hosts at once, for a service may have thousands, and who is compared with whom does not depend on the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from changelog_ledger.investigation import PeerView
from changelog_ledger.workflows import what_changed as workflow

from .world import Machine, World, made_world

SERVICES: dict[str, Sequence[int]] = {"shop": range(8), "till": (0, 3, 9), "wiki": (8,), "mail": (5, 9), "empty": ()}
"""Which hosts run what: some run several services, and one is alone."""

UNSEEN = "h4"
"""A host without a snapshot."""


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL statements that are executed meanwhile."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        found.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def edited(world: World, folder: Path, hosts: Sequence[str]) -> None:
    """One edit on each host, found by its second snapshot: every other host got another value."""
    machines = {host: Machine(folder / host, world.clock) for host in hosts}
    for value in ("1", "2"):
        world.clock.tick(hours=1)
        for number, (host, machine) in enumerate(machines.items()):
            machine.write("/etc/app.ini", f"[db]\npool = {value}{number % 2}\n")
            if host != UNSEEN:
                world.ledger.snapshot(host, root=machine.root)


@pytest.mark.parametrize("most", [1, 2, 4, 200])
def test_the_first_hosts_of_the_same_services_are_compared_with(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    hosts = [f"h{number}" for number in range(10)]
    for name, numbers in SERVICES.items():
        world.ledger.add_service(name, runs_on=[hosts[number] for number in numbers])
    edited(world, tmp_path / "machines", hosts)
    monkeypatch.setattr(workflow, "MOST_PEERS", most)
    with world.ledger._workspace.store.reading() as view:
        found = workflow.gather(world.ledger._workspace, view, "all", since=world.clock() - timedelta(minutes=30)).peers
    expected = {}
    for host, number in ((host, number) for number, host in enumerate(hosts) if host != UNSEEN):
        others = sorted({other for numbers in SERVICES.values() if number in numbers for other in numbers} - {number})[:most]
        seen = [other for other in others if hosts[other] != UNSEEN]
        if seen:
            expected[host] = PeerView(len(seen), sum(other % 2 == number % 2 for other in seen))
    assert {host: peers for (host, _, _), peers in found.items()} == expected


def test_who_runs_what_is_asked_as_often_for_nine_hosts_of_a_service_as_for_three(tmp_path: Path) -> None:
    taken = []
    for number in (3, 9):
        with made_world(tmp_path / f"{number}") as world:
            hosts = [f"h{each}" for each in range(10, 10 + number)]
            world.ledger.add_service("shop", runs_on=hosts)
            edited(world, tmp_path / f"machines-{number}", hosts)
            with statements() as found:
                report = world.ledger.what_changed("service:shop", since=world.clock() - timedelta(minutes=30))
            assert len(report.evidence) == number
            taken.append(sum("service_host" in statement for statement in found))
    assert 0 < taken[0] == taken[1]
