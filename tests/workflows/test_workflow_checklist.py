"""The checklist of a change through the ledger: ticked by people, by commands that somebody agreed to, and by what was seen."""

from __future__ import annotations

import subprocess
import threading
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from changelog_ledger import Ledger
from changelog_ledger.errors import InvalidInput, NotFound, PolicyRefused, TransitionRefused
from changelog_ledger.model.change import Item

from .world import HOST, World, made_world, process


def states(change: Any) -> dict[str, str]:
    return {item.name: str(item.state) for item in change.items}


def because(change: Any) -> dict[str, str]:
    return {item.name: item.because for item in change.items if item.because}


def planned(world: World, *items: Any, **details: Any) -> Any:
    return world.ledger.plan("Move the interface", [HOST], items=items, **details)


def test_items_are_ticked_waived_reopened_and_added(either: World) -> None:
    change = planned(either, "servers", "DNS: change the names")
    assert states(either.ledger.check(change.id, "1", because="both moved")) == {"servers": "done", "DNS": "open"}
    assert because(either.ledger.waive(change.id, "dns", because="no names")) == {"servers": "both moved", "DNS": "no names"}
    either.ledger.reopen(change.id, "servers")
    either.ledger.add_item(change.id, "standby", paths=["/etc/standby"])
    shown = either.ledger.find_change(change.id)
    assert states(shown) == {"servers": "open", "DNS": "waived", "standby": "open"}
    assert [note.text for note in shown.notes] == ["ticked: servers (both moved)", "waived: DNS (no names)", "reopened: servers", "added: standby"]
    either.ledger.rebuild()
    assert either.ledger.find_change(change.id) == shown


def test_a_change_that_does_enough_gets_the_list_and_its_end_needs_it_or_a_note(world: World) -> None:
    change = world.ledger.plan("Move", [HOST], impact="medium", rollback_to="latest", category=["firewall"])
    assert len(change.items) == 13
    world.ledger.approve(change.id)
    world.ledger.start(change.id)
    with pytest.raises(PolicyRefused, match="'servers', 'configurations', 'user profiles' and 10 more"):
        world.ledger.finish(change.id)
    done = world.ledger.finish(change.id, note="the rest tomorrow")
    assert [remark.code for remark in done.notes[-1].remarks] == []
    assert states(world.ledger.check(change.id, "partners", because="called at 9"))["partners"] == "done", "noted late, and yet"


def test_saying_it_twice_records_it_once(world: World) -> None:
    change = planned(world, "servers")
    world.ledger.check(change.id, "servers")
    facts = world.ledger.status().facts
    world.ledger.check(change.id, "servers")
    assert world.ledger.status().facts == facts


def test_the_checklist_of_a_cancelled_change_stays(world: World) -> None:
    change = planned(world, "servers")
    world.ledger.cancel(change.id)
    for alter in (world.ledger.check, world.ledger.reopen, world.ledger.add_item):
        with pytest.raises(TransitionRefused, match="cancelled"):
            alter(change.id, "servers")


def test_two_people_who_tick_different_items_at_once_are_both_right(either: World) -> None:
    names = [f"item {number:02}" for number in range(8)]
    change = planned(either, *names)
    gate = threading.Barrier(len(names))

    def tick(name: str) -> None:
        with Ledger.open(either.ledger.home, actor=name, clock=either.clock) as ledger:
            gate.wait()
            ledger.check(change.id, name, because=name)

    threads = [threading.Thread(target=tick, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert because(either.ledger.find_change(change.id)) == {name: name for name in names}


@pytest.mark.slow
def test_processes_that_tick_different_items_at_once_are_both_right(world: World) -> None:
    names = [f"item {number}" for number in range(4)]
    change = planned(world, *names)
    with ExitStack() as running:
        started = [running.enter_context(process(world.ledger.home, "change", "check", change.id, name)) for name in names]
        assert [each.wait(60) for each in started] == [0] * len(names)
    assert set(states(world.ledger.find_change(change.id)).values()) == {"done"}


def test_a_command_proves_its_item_only_where_somebody_said_yes(world: World, tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    change = planned(world, Item("shop answers", command=f"echo run >> {trace}"), "by hand")
    with pytest.raises(InvalidInput, match="nobody said yes to run: echo run"):
        world.ledger.prove(change.id)
    assert world.ledger.prove(change.id, leave=lambda _item: False) == ()
    assert not trace.exists()
    (proof,) = world.ledger.prove(change.id, leave=lambda _item: True)
    assert (proof.proven, trace.read_text()) == (True, "run\n")
    assert because(world.ledger.find_change(change.id)) == {"shop answers": f"echo run >> {trace} exited 0"}
    with pytest.raises(NotFound, match="no open item with a command"):
        world.ledger.prove(change.id, leave=lambda _item: True)
    with pytest.raises(InvalidInput, match="'by hand' has no command"):
        world.ledger.prove(change.id, ["by hand"], leave=lambda _item: True)


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [("echo first; echo 'no route'; echo; exit 3", 3, "no route"), ("kill -9 $$", 137, ""), ("no-such-command-anywhere", 127, None)],
)
def test_a_command_that_fails_leaves_its_item_open(world: World, command: str, code: int, said: str | None) -> None:
    change = planned(world, Item("it answers", command=command))
    facts = world.ledger.status().facts
    (proof,) = world.ledger.prove(change.id, ["it"], leave=lambda _item: True)
    assert (proof.proven, proof.exit_code) == (False, code)
    assert said is None or proof.said == said
    assert (states(world.ledger.find_change(change.id)), world.ledger.status().facts) == ({"it answers": "open"}, facts)


def test_a_command_that_hangs_is_ended_with_all_it_started(world: World, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    change = planned(world, Item("it answers", command=f"sleep 600 & echo $! > {pid}; echo waiting; wait"))
    (proof,) = world.ledger.prove(change.id, leave=lambda _item: True, timeout=timedelta(seconds=1))
    assert (proof.exit_code, proof.said) == (None, "waiting")
    state = subprocess.run(["ps", "-o", "stat=", "-p", pid.read_text().strip()], capture_output=True, text=True, check=False).stdout.strip()
    assert state in ("", "Z"), "it outlived its time limit"
    with pytest.raises(InvalidInput, match="no time"):
        world.ledger.prove(change.id, leave=lambda _item: True, timeout="0s")


def test_what_a_command_prints_is_masked_and_a_command_with_a_secret_is_not_run(world: World) -> None:
    secret = planned(world, Item("db answers", command="mysql --password=hunter2-and-more -e 'select 1'"))
    with pytest.raises(InvalidInput, match="held a secret"):
        world.ledger.prove(secret.id, leave=lambda _item: True)
    leaky = planned(world, Item("it answers", command="printf 'pass''word=hunter2-and-%s\\n' more; false"))
    (proof,) = world.ledger.prove(leaky.id, leave=lambda _item: True)
    assert proof.said.startswith("password=")
    assert "hunter2" not in proof.said


def test_an_item_whose_text_was_masked_is_still_one_item(world: World) -> None:
    change = planned(world, "rotate password=hunter2-and-more on db-01")
    checked = world.ledger.check(change.id, "1")
    assert [str(item.state) for item in checked.items] == ["done"]


def test_the_run_of_a_change_ticks_what_its_snapshots_have_seen(either: World) -> None:
    either.snapshot()
    either.clock.tick(minutes=1)
    items = [Item("workers", paths=("/etc/nginx/**",)), Item("hosts", paths=("/etc/hosts",)), "by hand"]
    with either.ledger.change("Tune", [HOST], root=either.machine.root, items=items) as change:
        either.clock.tick(minutes=1)
        either.machine.edit("/etc/nginx/nginx.conf", "4", "8")
    done = either.ledger.find_change(change.id)
    assert states(done) == {"workers": "done", "hosts": "open", "by hand": "open"}
    (evidence,) = {piece.id for piece in either.ledger.diff(HOST)}
    assert because(done)["workers"] == f"seen: /etc/nginx/nginx.conf changed ({evidence})"
    assert done.notes[-1].text == "still open: hosts, by hand"


def test_what_was_there_before_the_change_proves_nothing(world: World) -> None:
    world.snapshot()
    world.machine.edit("/etc/nginx/nginx.conf", "4", "6")
    world.clock.tick(minutes=1)
    with world.ledger.change("Tune", [HOST], root=world.machine.root, items=[Item("workers", paths=("/etc/nginx/**",))]) as change:
        world.clock.tick(minutes=1)
    assert states(world.ledger.find_change(change.id)) == {"workers": "open"}


def test_finishing_by_hand_looks_at_the_snapshots_of_the_change(world: World) -> None:
    world.snapshot()
    change = planned(world, Item("workers", paths=("/etc/nginx/**",)))
    world.ledger.start(change.id)
    world.machine.edit("/etc/nginx/nginx.conf", "4", "8")
    world.snapshot()
    with pytest.raises(PolicyRefused, match="open items"):
        world.ledger.finish(change.id)
    world.machine.edit("/etc/nginx/nginx.conf", "8", "9")
    world.snapshot(change=change.id)
    assert states(world.ledger.finish(change.id)) == {"workers": "done"}


def test_an_unticked_firewall_is_seen_by_whoever_asks_what_changed(world: World) -> None:
    """The partner's move: everything was ticked but the one item that the complaint is about."""
    world.ledger.good(HOST)
    world.clock.tick(hours=1)
    change = world.ledger.plan("Move partner automation", [HOST], impact="medium", rollback_to="latest")
    world.ledger.approve(change.id)
    world.ledger.start(change.id)
    world.clock.tick(hours=1)
    world.ledger.finish(change.id, note="moved")
    world.ledger.bad(HOST, symptom="partner: connection timeout")
    (suspect,) = [found for found in world.ledger.what_changed(HOST).suspects if found.change == change.id]
    (reason,) = [reason for reason in suspect.reasons if reason.code == "unticked-relevant"]
    assert reason.text.startswith("the symptom is about what was not ticked: firewalls")


def test_the_checklist_survives_export_and_import(world: World, tmp_path: Path) -> None:
    change = planned(world, Item("shop answers", command="true", paths=("/etc/x",)), "DNS", "servers")
    world.ledger.check(change.id, "servers", because="moved")
    world.ledger.waive(change.id, "dns", because="no names")
    world.ledger.add_host("old-01")
    world.ledger.retire_host("old-01", because="its disks have failed")
    lines = list(world.ledger.export_facts())
    with made_world(tmp_path / "other", seed=8) as other:
        other.clock.now = world.clock.now
        other.ledger.import_facts(lines)
        assert other.ledger.find_change(change.id).items == world.ledger.find_change(change.id).items
        assert any("its disks have failed" in line for line in other.ledger.export_facts())
        assert states(other.ledger.check(change.id, "shop"))["shop answers"] == "done"
