"""From the first snapshot to the answer, by library, on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from .world import HOST, START, World


def test_from_a_working_morning_to_the_answer_at_night(either: World) -> None:
    """One story: it works, two people change things (one of them says so), it breaks; the answer names both."""
    ledger, clock, machine = either.ledger, either.clock, either.machine
    ledger.add_service("shop", runs_on=[HOST])
    first = either.snapshot(reason="first look")
    good = ledger.good("service:shop", at=clock.tick(minutes=4), source="smoke test")

    planned = ledger.plan("Raise worker limit", on=["service:shop"], paths=["/etc/nginx/**"], impact="low", rollback_to="latest")
    clock.tick(hours=2)
    ledger.start(planned.id)
    machine.edit("/etc/nginx/nginx.conf", "worker_processes 4", "worker_processes 8", at=clock.tick(minutes=1))
    ledger.finish(planned.id, at=clock.tick(minutes=1))
    machine.edit("/etc/app.ini", "db-01", "db-02", at=clock.tick(hours=1))
    second = either.snapshot()
    onset = clock.tick(minutes=30)
    ledger.bad("service:shop", symptom="customers get 502")
    clock.tick(minutes=10)

    report = ledger.what_changed("service:shop")

    assert (report.window.since, str(report.window.since_basis)) == (good.at, "last-good")
    assert (report.window.until, str(report.window.until_basis), report.window.onset) == (onset, "onset", onset)
    assert either.explained("service:shop") == {
        ("/etc/nginx/nginx.conf", "worker_processes"): (planned.id, "scope"),
        ("/etc/app.ini", "db/host"): ("", "none"),
    }
    assert {(piece.before, piece.after) for piece in report.evidence} == {("4", "8"), ("db-01", "db-02")}
    assert all((piece.not_before, piece.not_after) == (first.at, second.at) for piece in report.evidence)
    assert sorted((str(suspect.kind), suspect.change) for suspect in report.suspects) == [("change", planned.id), ("unlogged", "")]
    assert [piece.path for piece in ledger.drift("service:shop")] == ["/etc/app.ini"]
    assert ledger.verify() == ()


def test_nothing_changed_says_so_and_names_no_suspect(either: World) -> None:
    either.snapshot()
    either.ledger.good(HOST, at=either.clock.tick(minutes=1))
    either.snapshot()
    either.ledger.bad(HOST, at=either.clock.tick(minutes=1))
    report = either.ledger.what_changed(HOST)
    assert (report.evidence, report.suspects, report.unlogged) == ((), (), ())


def test_without_marks_the_window_begins_at_the_first_snapshot(world: World) -> None:
    first = world.snapshot()
    world.clock.tick(hours=1)
    window = world.ledger.what_changed(HOST).window
    assert (window.since, str(window.since_basis), str(window.until_basis)) == (first.at, "first-snapshot", "now")


def test_recent_tells_the_same_story_in_the_order_of_time(either: World) -> None:
    ledger, clock = either.ledger, either.clock
    either.snapshot()
    ledger.good(HOST, at=clock.tick(minutes=1))
    change = ledger.plan("Point to the new database", on=[f"host:{HOST}"], paths=["/etc/app.ini"])
    ledger.start(change.id, at=clock.tick(minutes=1))
    either.machine.edit("/etc/app.ini", "db-01", "db-02", at=clock.tick(minutes=1))
    ledger.finish(change.id, at=clock.tick(minutes=1))
    either.machine.write("/etc/motd", "hello\n", at=clock.tick(minutes=1))
    either.snapshot()
    ledger.observe("nginx restarted", HOST, at=clock.tick(minutes=1), kind="service-restarted")
    ledger.bad(HOST, at=clock.tick(minutes=1), symptom="502")

    entries = ledger.recent(HOST)

    assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)
    assert [(entry.kind, entry.status, entry.explained_by) for entry in entries] == [
        ("mark", "good", ""),
        ("change", "started", ""),
        ("drift", "", change.id),
        ("change", "succeeded", ""),
        ("drift", "", ""),
        ("observation", "", ""),
        ("mark", "bad", ""),
    ]
    assert [entry.unlogged for entry in entries if entry.kind == "drift"] == [False, True]


def test_recent_keeps_to_its_window(world: World) -> None:
    world.snapshot()
    for number in range(3):
        world.ledger.observe(f"seen {number}", HOST, at=world.clock.tick(hours=1))
    begin, end = START.replace(hour=10), START.replace(hour=11, minute=30)
    assert [entry.text for entry in world.ledger.recent(HOST, since=begin, until=end)] == ["seen 0", "seen 1"]


def test_an_edit_that_was_taken_back_is_transient_and_not_silent(either: World) -> None:
    """Law 1: bytes differed in between, so the answer is not "nothing"."""
    either.snapshot()
    either.ledger.good(HOST, at=either.clock.tick(minutes=1))
    either.machine.edit("/etc/app.ini", "pool = 20", "pool = 2")
    either.snapshot()
    either.machine.edit("/etc/app.ini", "pool = 2\n", "pool = 20\n")
    either.snapshot()
    (piece,) = either.ledger.what_changed(HOST).evidence
    assert (piece.path, piece.key, piece.transient, piece.unlogged) == ("/etc/app.ini", "db/pool", True, True)
    assert len(piece.parts) == 2
    assert [entry.transient for entry in either.ledger.drift(HOST)] == [True]


def test_two_edits_of_one_key_are_one_net_difference(world: World) -> None:
    world.snapshot()
    for old, new in (("20", "30"), ("30", "40")):
        world.machine.edit("/etc/app.ini", f"pool = {old}", f"pool = {new}")
        world.snapshot()
    (piece,) = world.ledger.what_changed(HOST).evidence
    assert (piece.before, piece.after, piece.transient, len(piece.parts)) == ("20", "40", False, 2)


def test_files_that_come_and_go(either: World) -> None:
    either.snapshot()
    either.machine.write("/etc/cron.d/backup", "0 3 * * * root /usr/local/bin/backup\n")
    either.machine.path("/etc/hosts").unlink()
    either.snapshot()
    found = {(piece.path, str(piece.op)) for piece in either.ledger.diff(HOST)}
    assert found == {("/etc/cron.d/backup", "added"), ("/etc/hosts", "removed")}, "the folder that came with its file is no difference of its own"


def test_the_host_a_service_depends_on_is_in_scope_and_farther_away(world: World) -> None:
    ledger = world.ledger
    ledger.add_host("fw-01")
    ledger.add_service("shop", runs_on=[HOST], depends_on=["host:fw-01"])
    world.snapshot()
    ledger.good("service:shop", at=world.clock.tick(minutes=1))
    moved = ledger.plan("Replace the firewall", on=["host:fw-01"])
    ledger.start(moved.id, at=world.clock.tick(minutes=1))
    ledger.finish(moved.id, at=world.clock.tick(minutes=1))
    ledger.bad("service:shop", at=world.clock.tick(minutes=1), symptom="cannot connect")
    report = ledger.what_changed("service:shop")
    assert {str(reach.target): reach.distance for reach in report.scope} == {"service:shop": 0, "host:web-01": 0, "host:fw-01": 1}
    assert [suspect.change for suspect in report.suspects] == [moved.id]


def test_what_was_made_after_the_onset_is_ruled_out_and_said_so(world: World) -> None:
    ledger = world.ledger
    world.snapshot()
    ledger.good(HOST, at=world.clock.tick(minutes=1))
    ledger.bad(HOST, at=world.clock.tick(minutes=10))
    late = ledger.plan("Try a restart", on=[f"host:{HOST}"])
    ledger.start(late.id, at=world.clock.tick(minutes=1))
    ledger.finish(late.id, at=world.clock.tick(minutes=1))
    report = ledger.what_changed(HOST)
    assert late.id not in [suspect.change for suspect in report.suspects]
    assert [ruled.change for ruled in report.ruled_out] == [late.id]


def test_a_stale_snapshot_is_said_first(world: World) -> None:
    """Law 1: the last look was a week before the trouble, so "no difference" proves nothing."""
    world.snapshot()
    world.ledger.good(HOST, at=world.clock.tick(minutes=1))
    world.ledger.bad(HOST, at=world.clock.tick(days=7))
    report = world.ledger.what_changed(HOST)
    assert "stale-snapshot" in [warning.code for warning in report.warnings]


def test_what_could_not_be_read_is_said_with_its_path(world: World) -> None:
    """A socket is a fact of the manifest; a dangling watch path that was never there is reported as unread."""
    snapshot = world.snapshot(paths=["/etc/app.ini", "/etc/no-such-file"])
    assert snapshot.partial
    assert snapshot.unread == ("/etc/no-such-file",)
    world.ledger.bad(HOST, at=world.clock.tick(minutes=1))
    warnings = world.ledger.what_changed(HOST).warnings
    assert any("/etc/no-such-file" in warning.text for warning in warnings), warnings


def test_rebuild_gives_the_same_answers(either: World) -> None:
    """Law 3: everything but the facts is derived."""
    either.snapshot()
    either.ledger.good(HOST, at=either.clock.tick(minutes=1))
    with_change = either.ledger.plan("Raise worker limit", on=[f"host:{HOST}"], paths=["/etc/nginx/**"])
    either.ledger.start(with_change.id, at=either.clock.tick(minutes=1))
    either.machine.edit("/etc/nginx/nginx.conf", "worker_processes 4", "worker_processes 8")
    either.machine.edit("/etc/app.ini", "correct-horse-battery-staple", "another-secret-of-the-same-kind")
    either.ledger.finish(with_change.id, at=either.clock.tick(minutes=1))
    either.snapshot()
    before = either.ledger.what_changed(HOST)
    assert len(before.evidence) == 2
    count = either.ledger.rebuild()
    assert count == either.ledger.status().facts
    assert either.ledger.what_changed(HOST) == before
    assert either.ledger.verify() == ()


def test_a_file_that_goes_right_after_it_was_written_is_seen_to_go(world: World) -> None:
    """It is racy for the stat cache, which must not forget that it was there."""
    world.machine.write("/etc/app/passing.conf", "here = yes\n")
    world.machine.write("/etc/app/staying.conf", "here = yes\n")
    world.snapshot()
    world.machine.path("/etc/app/passing.conf").write_text("here = no\n")
    world.snapshot()
    world.machine.path("/etc/app/passing.conf").unlink()
    world.snapshot()
    assert "/etc/app/passing.conf" not in world.ledger.files(HOST, "/etc")
    assert [(piece.path, str(piece.op)) for piece in world.ledger.diff(HOST)] == [("/etc/app/passing.conf", "removed")]


def test_a_bug_in_the_comparison_keeps_nobody_from_recording(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object) -> object:
        raise KeyError("0")

    world.snapshot()
    world.machine.edit("/etc/app.ini", "pool = 20", "pool = 5")
    monkeypatch.setattr("changelog_ledger.diff.comparison.key_deltas", broken)
    world.snapshot()
    (piece,) = world.ledger.diff(HOST)
    assert (piece.key, piece.before, piece.after) == ("line 3", "pool = 20", "pool = 5")
    assert piece.note == "read by lines: a bug in the comparison: KeyError: '0'"
