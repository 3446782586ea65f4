"""What a second pair of eyes found, so that it stays found."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from changelog_ledger import Ledger
from changelog_ledger.errors import HomeError, InvalidFact, InvalidInput, LedgerError
from changelog_ledger.model.report import SuspectKind
from tests.workflows.world import HOST, World

ON = [f"host:{HOST}"]


def test_an_actor_that_is_no_utf8_is_recorded_as_it_is_hashed(tmp_path: Path) -> None:
    with Ledger.init(tmp_path / "home", host=HOST, actor="caf\udce9\0") as ledger:
        ledger.good(HOST)
        assert ledger.verify() == ()


def test_a_key_of_any_length_fits_every_database(either: World) -> None:
    either.machine.write("/etc/long.json", '{"%s": 1}' % ("k" * 5000))
    either.snapshot()
    either.machine.write("/etc/long.json", '{"%s": 2}' % ("k" * 5000))
    either.snapshot()
    (piece,) = either.ledger.drift(HOST)
    assert (piece.before, piece.after) == ("1", "2")
    assert either.ledger.verify() == ()


def test_a_late_roll_back_still_touches_the_host(world: World) -> None:
    world.snapshot()
    change = world.ledger.plan("Tune", on=ON)
    world.ledger.start(change.id)
    world.ledger.finish(change.id)
    world.clock.tick(days=3)
    world.snapshot()
    world.machine.edit("/etc/app.ini", "pool = 20", "pool = 10")
    world.ledger.roll_back(change.id)
    world.snapshot()
    assert {entry.status for entry in world.ledger.recent(HOST, since="1h")} >= {"rolled-back"}


def test_the_same_reference_is_not_planned_twice(world: World) -> None:
    world.ledger.plan("Tune", on=ON, ref="RFC-1")
    with pytest.raises(InvalidInput, match="RFC-1 is recorded already"):
        world.ledger.plan("Tune again", on=ON, ref="RFC-1")


def test_peers_are_those_of_the_same_service_only(world: World) -> None:
    ledger = world.ledger
    for name in ("b", "c", "d"):
        ledger.add_host(name)
    ledger.add_service("web", runs_on=[HOST, "b"])
    ledger.add_service("db", runs_on=["c", "d"], depends_on=["service:web"])
    for name in (HOST, "b", "c", "d"):
        ledger.snapshot(name, root=world.machine.root)
    ledger.good("all")
    world.clock.tick(minutes=5)
    world.machine.edit("/etc/app.ini", "pool = 20", "pool = 10")
    for name in (HOST, "c", "d"):
        ledger.snapshot(name, root=world.machine.root)
    reasons = {reason.text for suspect in ledger.what_changed(HOST).suspects if suspect.kind is SuspectKind.UNLOGGED for reason in suspect.reasons}
    assert "its peer does not have it" in reasons


def test_an_import_that_says_only_when_it_was_planned_explains_by_time(world: World) -> None:
    world.snapshot()
    world.machine.edit("/etc/app.ini", "pool = 20", "pool = 10")
    times = f'"planned_start": "{world.clock().isoformat()}", "planned_end": "{(world.clock() + timedelta(hours=2)).isoformat()}"'
    world.ledger.import_facts([f'{{"kind": "change", "ref": "RFC-2", "title": "Tune", "on": ["host:{HOST}"], "outcome": "succeeded", {times}}}'])
    world.snapshot()
    assert world.ledger.drift(HOST) == ()


@pytest.mark.parametrize("odd", ['"\\ud800"', "[" * 200 + "]" * 200])
def test_oddities_of_json_are_refused_with_their_line(world: World, odd: str) -> None:
    line = f'{{"kind": "snapshot", "host": "a", "at": "2026-01-01T00:00Z", "files": {{"/etc/x": {odd}}}}}'
    with pytest.raises(InvalidFact, match="line 1"):
        world.ledger.import_facts([line])


def test_a_ledger_may_be_used_from_several_threads(world: World) -> None:
    names = ["t1", "t2", "t3"]
    ledger = Ledger.open(world.ledger.home)  # with a clock that moves
    for name in names:
        ledger.add_host(name)
    failed: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for _ in range(3):
                ledger.snapshot(name, root=world.machine.root)
                ledger.cat(name, "/etc/app.ini")
        except LedgerError as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    ledger.close()
    assert failed == []
    assert not any(thread.is_alive() for thread in threads)


def test_a_home_found_on_the_way_up_must_be_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    if os.geteuid() != 0:
        pytest.skip("only root can give a home away")
    Ledger.init(tmp_path / ".ledger", host=HOST).close()
    os.chown(tmp_path / ".ledger", 65534, 65534)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LEDGER_HOME", raising=False)
    with pytest.raises(HomeError, match="belongs to somebody else"):
        Ledger.open()


def test_a_blob_that_is_gone_is_found(world: World) -> None:
    world.snapshot()
    packs = list((world.ledger.home / "snapshots.git" / "objects" / "pack").glob("*.pack"))
    for pack in packs:
        pack.unlink()
    assert {finding.code for finding in world.ledger.verify()} == {"snapshot"}
