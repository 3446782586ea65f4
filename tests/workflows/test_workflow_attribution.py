"""Which change explains a difference, and how surely: each of explicit, scope, time and none, from real files and snapshots."""

from __future__ import annotations

import sys
from datetime import timedelta

import pytest

from changelog_ledger import Ledger
from changelog_ledger.errors import Ambiguous, InvalidInput, NotFound
from changelog_ledger.model.change import Change

from .world import HOST, World

WORKERS = ("/etc/nginx/nginx.conf", "worker_processes")
POOL = ("/etc/app.ini", "db/pool")
ON = [f"host:{HOST}"]


def made(world: World, **details: object) -> Change:
    """A change of ten minutes, in the middle of which both files are edited."""
    change = world.ledger.plan("Tune the web server", on=details.pop("on", ON), **details)  # type: ignore[arg-type]
    world.ledger.start(change.id, at=world.clock.tick(minutes=5))
    edit_both(world)
    world.ledger.finish(change.id, at=world.clock.tick(minutes=5))
    return change


def edit_both(world: World) -> None:
    world.clock.tick(minutes=5)
    world.machine.edit("/etc/nginx/nginx.conf", "worker_processes 4", "worker_processes 8")
    world.machine.edit("/etc/app.ini", "pool = 20", "pool = 30")


def test_explicit_the_run_of_the_change_took_the_snapshots(either: World) -> None:
    either.snapshot()
    either.clock.tick(minutes=5)
    with either.ledger.change("Tune the web server", on=ON, root=either.machine.root) as change:
        edit_both(either)
    assert either.explained() == {WORKERS: (change.id, "explicit"), POOL: (change.id, "explicit")}
    assert [(entry.change, str(entry.phase)) for entry in either.ledger.snapshots(HOST)[1:]] == [(change.id, "before"), (change.id, "after")]
    assert str(either.ledger.find_change(change.id).status) == "succeeded"


def test_scope_target_path_and_time_fit(either: World) -> None:
    either.snapshot()
    change = made(either, paths=["/etc/nginx/**"])
    either.snapshot()
    assert either.explained()[WORKERS] == (change.id, "scope")


def test_none_an_edit_outside_the_declared_paths_stays_unlogged(either: World) -> None:
    either.snapshot()
    change = made(either, paths=["/etc/nginx/**"])
    either.snapshot()
    assert either.explained()[POOL] == ("", "none")
    (piece,) = either.ledger.drift(HOST)
    assert change.id in piece.because, "the reader learns which change comes nearest, and why it is not it"


def test_none_even_the_changes_own_run_does_not_cover_other_paths(world: World) -> None:
    world.snapshot()
    world.clock.tick(minutes=5)
    with world.ledger.change("Tune nginx", on=ON, root=world.machine.root, paths=["/etc/nginx/**"]) as change:
        edit_both(world)
    assert world.explained() == {WORKERS: (change.id, "explicit"), POOL: ("", "none")}


def test_none_what_was_edited_after_the_change_had_finished(either: World) -> None:
    """The snapshot in between is the proof: at 09:16 the file still was as before."""
    either.snapshot()
    change = either.ledger.plan("Tune the web server", on=ON)
    either.ledger.start(change.id, at=either.clock.tick(minutes=5))
    either.ledger.finish(change.id, at=either.clock.tick(minutes=5))
    either.snapshot()
    edit_both(either)
    either.snapshot()
    assert either.explained() == {WORKERS: ("", "none"), POOL: ("", "none")}
    assert {f"{change.id} had finished before" in piece.because for piece in either.ledger.drift(HOST)} == {True}


def test_time_without_a_snapshot_in_between_the_files_own_time_weakens_it(world: World) -> None:
    """Nothing proves that the edit was not the change's; the file's own time says it was later. So: time only."""
    world.snapshot()
    change = world.ledger.plan("Tune the web server", on=ON)
    world.ledger.start(change.id, at=world.clock.tick(minutes=5))
    world.ledger.finish(change.id, at=world.clock.tick(minutes=5))
    edit_both(world)
    world.snapshot()
    assert world.explained() == {WORKERS: (change.id, "time"), POOL: (change.id, "time")}


def test_time_a_change_on_everything(world: World) -> None:
    world.snapshot()
    change = made(world, on=["all"])
    world.snapshot()
    assert world.explained()[POOL] == (change.id, "time")


def test_time_planned_for_then_and_never_started(world: World) -> None:
    world.snapshot()
    begin = world.clock() + timedelta(minutes=2)
    change = world.ledger.plan("Tune the web server", on=ON, start=begin, duration="1h")
    edit_both(world)
    world.snapshot()
    assert world.explained()[POOL] == (change.id, "time")


def test_a_cancelled_change_explains_nothing(world: World) -> None:
    world.snapshot()
    change = world.ledger.plan("Tune the web server", on=ON, start=world.clock() + timedelta(minutes=2), duration="1h")
    world.ledger.cancel(change.id)
    edit_both(world)
    world.snapshot()
    assert world.explained()[POOL] == ("", "none")


def test_a_change_on_another_host_explains_nothing(world: World) -> None:
    world.ledger.add_host("web-02")
    world.snapshot()
    made(world, on=["host:web-02"])
    world.snapshot()
    assert world.explained()[POOL] == ("", "none")


def test_a_change_on_the_service_explains_what_happens_on_its_host(world: World) -> None:
    world.ledger.add_service("shop", runs_on=[HOST])
    world.snapshot()
    change = made(world, on=["service:shop"])
    world.snapshot()
    assert world.explained()[POOL] == (change.id, "scope")


def test_of_two_changes_the_one_that_names_the_path_explains_it(world: World) -> None:
    world.snapshot()
    wide = world.ledger.plan("Maintenance", on=ON)
    world.ledger.start(wide.id, at=world.clock.tick(minutes=1))
    narrow = made(world, paths=["/etc/nginx/*.conf"])
    world.ledger.finish(wide.id, at=world.clock.tick(minutes=1))
    world.snapshot()
    assert world.explained() == {WORKERS: (narrow.id, "scope"), POOL: (wide.id, "scope")}


def test_logged_after_the_fact_it_explains_what_was_unlogged(either: World) -> None:
    either.snapshot()
    begun = either.clock.tick(minutes=1)
    edit_both(either)
    ended = either.clock.tick(minutes=1)
    either.snapshot()
    assert {piece.path for piece in either.ledger.drift(HOST)} == {"/etc/nginx/nginx.conf", "/etc/app.ini"}
    logged = either.ledger.log("Tuned the pool", on=ON, at=begun, until=ended, paths=["/etc/app.ini"])
    assert logged.logged_after
    assert either.explained() == {WORKERS: ("", "none"), POOL: (logged.id, "scope")}
    assert [piece.path for piece in either.ledger.drift(HOST)] == ["/etc/nginx/nginx.conf"]


def test_explain_by_hand_is_the_last_word(either: World) -> None:
    either.snapshot()
    change = either.ledger.plan("Tune nginx", on=ON, paths=["/etc/nginx/**"])
    edit_both(either)
    either.snapshot()
    piece = next(piece for piece in either.ledger.drift(HOST) if piece.path == "/etc/app.ini")

    identity, found = either.ledger.explain(piece.id.lower()[:9], change.id[4:])

    assert (identity, found.id) == (piece.id, change.id)
    assert either.explained() == {WORKERS: ("", "none"), POOL: (change.id, "explicit")}
    assert either.ledger.verify() == ()


def test_explain_by_hand_settles_evidence_of_several_parts(world: World) -> None:
    """Changed twice, shown once: whoever explains what is shown has explained it."""
    world.snapshot()
    for old, new in (("20", "30"), ("30", "40")):
        world.machine.edit("/etc/app.ini", f"pool = {old}", f"pool = {new}")
        world.snapshot()
    (piece,) = world.ledger.drift(HOST)
    change = world.ledger.log("Tuned the pool by trial and error", on=ON, at=world.clock())
    world.ledger.explain(piece.id, change.id)
    assert world.ledger.drift(HOST) == ()


def test_explain_refuses_what_it_does_not_know(world: World) -> None:
    world.snapshot()
    change = world.ledger.plan("Tune nginx", on=ON)
    with pytest.raises(NotFound):
        world.ledger.explain("EV-0000000000", change.id)
    edit_both(world)
    world.snapshot()
    with pytest.raises(NotFound):
        world.ledger.explain(world.ledger.drift(HOST)[0].id, "CHG-000000")


def test_an_ambiguous_beginning_of_a_change_names_the_candidates(world: World) -> None:
    ids = [world.ledger.plan(f"Change {number}", on=ON).id for number in range(40)]  # 32 first characters: two share one
    by_first = {first: [change for change in ids if change[4] == first] for first in {change[4] for change in ids}}
    first, several = next((first, found) for first, found in sorted(by_first.items()) if len(found) > 1)
    with pytest.raises(Ambiguous, match=several[0]):
        world.ledger.find_change(f"chg-{first}")
    assert world.ledger.find_change(several[0].lower()).id == several[0]


def test_a_body_that_raises_is_recorded_as_a_failure_and_raised_again(either: World) -> None:
    either.snapshot()
    either.clock.tick(minutes=1)
    with pytest.raises(RuntimeError, match="disk on fire"), either.ledger.change("Tune", on=ON, root=either.machine.root) as change:
        edit_both(either)
        raise RuntimeError("disk on fire")
    failed = either.ledger.find_change(change.id)
    assert (str(failed.status), failed.outcome, failed.finished_at) == ("failed", "failed", either.clock())
    assert "disk on fire" in failed.notes[-1].text
    assert either.explained() == {WORKERS: (change.id, "explicit"), POOL: (change.id, "explicit")}


def test_a_body_that_raises_is_recorded_even_when_the_files_cannot_be_looked_at(world: World) -> None:
    """The snapshot after it fails (the clock was set back meanwhile): the body's own exception still comes out, and the failure is recorded."""
    world.snapshot()
    world.clock.tick(minutes=1)
    with pytest.raises(RuntimeError, match="disk on fire"), world.ledger.change("Tune", on=ON, root=world.machine.root) as change:
        raise RuntimeError("disk on fire")  # no time has passed: a snapshot now would be no later than the one before
    assert str(world.ledger.find_change(change.id).status) == "failed"


def test_run_takes_the_commands_edit_for_the_changes(either: World) -> None:
    either.snapshot()
    change = either.ledger.plan("Point to the new database", on=ON)
    script = "import pathlib, sys; file = pathlib.Path(sys.argv[1]); file.write_text(file.read_text().replace('db-01', 'db-02'))"
    ledger = _with_running_clock(either)
    code = ledger.run(change.id, [sys.executable, "-c", script, str(either.machine.path("/etc/app.ini"))], root=either.machine.root)
    assert code == 0
    assert either.explained() == {("/etc/app.ini", "db/host"): (change.id, "explicit")}


@pytest.mark.parametrize(("command", "code"), [(["false"], 1), (["sh", "-c", "exit 7"], 7), (["sh", "-c", "kill -TERM $$"], 128 + 15)])
def test_run_answers_the_commands_own_code_and_records_the_failure(world: World, command: list[str], code: int) -> None:
    world.snapshot()
    change = world.ledger.plan("Will not work", on=ON)
    assert _with_running_clock(world).run(change.id, command, root=world.machine.root) == code
    failed = world.ledger.find_change(change.id)
    assert str(failed.status) == "failed"
    assert f"exited with {code}" in failed.notes[-1].text


@pytest.mark.parametrize("command", ["no-such-command-here", "/etc"])
def test_run_of_what_is_no_command_does_not_even_start_the_change(world: World, command: str) -> None:
    change = world.ledger.plan("Mistyped", on=ON)
    with pytest.raises(InvalidInput, match=command):
        world.ledger.run(change.id, [command], root=world.machine.root)
    assert str(world.ledger.find_change(change.id).status) == "planned"


def test_run_of_what_the_system_cannot_execute_is_a_failure_like_the_shells(world: World) -> None:
    program = world.machine.write("/usr/local/bin/broken", "\x00\x01 no program\n")
    program.chmod(0o755)
    change = world.ledger.plan("Broken", on=ON)
    assert _with_running_clock(world).run(change.id, [str(program)], root=world.machine.root) == 126
    assert str(world.ledger.find_change(change.id).status) == "failed"


def _with_running_clock(world: World) -> Ledger:
    """The same home, with a clock that moves on a second whenever it is asked: a real command gives no time to turn it by hand."""
    return Ledger.open(world.ledger.home, actor="alex", clock=lambda: world.clock.tick(seconds=1))


def test_what_one_change_explains_another_does_not_take_over(world: World) -> None:
    world.snapshot()
    changes = []
    for number in range(3):
        changes.append(world.ledger.plan(f"Tune the pool, step {number}", on=ON).id)
        world.clock.tick(hours=1)
        world.machine.write("/etc/app.ini", f"[pool]\nsize = {number + 50}\n")
        world.snapshot()
        world.ledger.explain(next(piece for piece in world.ledger.drift(HOST) if piece.path == "/etc/app.ini").id, changes[-1])
    steps = [entry.explained_by for entry in world.ledger.recent(HOST) if entry.kind == "drift" and entry.path == "/etc/app.ini"]
    assert list(dict.fromkeys(steps)) == changes
