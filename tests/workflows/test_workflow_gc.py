"""``gc`` from the outside: what stays, what goes, and that every answer is still right."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from changelog_ledger import Ledger
from changelog_ledger.cli.main import run
from changelog_ledger.errors import Busy, NotFound, RepositoryError, SettingsError
from changelog_ledger.model.snapshot import Snapshot

from .world import HOST, START, World, entropy, every_object, git, made_world, object_ids, refs

STRICT = 'keep_all = "1h"\n'


def retain(world: World, policy: str) -> None:
    """Give the home a policy; opens it anew, for settings are read once."""
    settings = world.ledger.home / "ledger.toml"
    settings.write_text(settings.read_text().partition("\n[retention]")[0] + f"\n[retention]\n{policy}")
    home = world.ledger.home
    world.ledger.close()
    world.ledger = Ledger.open(home, actor="alex", clock=world.clock, entropy=entropy(len(policy)))


def series(world: World, number: int, **step: float) -> list[Snapshot]:
    """Snapshots that each find an edit of ``/etc/hosts``."""
    taken = []
    for count in range(number):
        world.clock.tick(**(step or {"hours": 6}))
        world.machine.write("/etc/hosts", f"127.0.0.1 localhost\n10.0.0.1 edit-{len(world.ledger.snapshots(HOST))}-{count}\n")
        taken.append(world.snapshot())
    return taken


def ids(world: World) -> list[str]:
    return [snapshot.id for snapshot in world.ledger.snapshots(HOST)]


def content(world: World, snapshot: Snapshot) -> bytes:
    return world.ledger.cat(HOST, "/etc/hosts", at=snapshot.id)


def test_without_a_policy_everything_is_kept_in_one_pack(either: World) -> None:
    taken = series(either, 12)
    before = {snapshot.id: content(either, snapshot) for snapshot in taken}
    collected = either.ledger.gc()
    assert (collected.expired, collected.retention, collected.kept) == ({}, False, 12)
    assert collected.after is not None
    assert (collected.before.repository.packs, collected.after.repository.packs) == (12, 1)
    assert collected.after.repository.bytes < collected.before.repository.bytes
    assert {snapshot.id: content(either, snapshot) for snapshot in taken} == before
    assert either.ledger.verify() == ()
    assert not (either.ledger.home / "snapshots.git" / "shallow").exists()


def test_one_a_day_stays(either: World) -> None:
    taken = series(either, 40)
    text = {snapshot.id: content(either, snapshot) for snapshot in taken}
    retain(either, 'keep_all = "2d"\ndaily = "forever"\n')
    planned = either.ledger.gc(dry_run=True)
    assert len(ids(either)) == 40, "a dry run alters nothing"
    collected = either.ledger.gc()
    assert collected.expired == planned.expired
    assert collected.kept == planned.kept == len(ids(either))
    by_day = {snapshot.at.date(): snapshot.id for snapshot in taken}
    young = {snapshot.id for snapshot in taken if either.clock() - snapshot.at <= timedelta(days=2)}
    assert set(ids(either)) == {*by_day.values(), *young}
    assert either.ledger.verify() == ()
    for snapshot in either.ledger.snapshots(HOST):
        assert content(either, snapshot) == text[snapshot.id]
    left = either.ledger.snapshots(HOST)
    assert [entry.previous for entry in left[1:]] == [entry.commit for entry in left[:-1]]
    commits = set(git(either.ledger.home, "rev-list", "--all").decode().split()) - {refs(either.ledger.home)[f"refs/kept/{HOST}"]}
    assert commits == {entry.commit for entry in left}
    either.ledger.rebuild()
    assert either.ledger.verify() == ()
    assert either.ledger.gc().expired == {}
    series(either, 3)
    assert either.ledger.verify() == ()


def test_answers_come_from_what_is_kept(world: World) -> None:
    taken = series(world, 10)
    retain(world, STRICT)
    world.ledger.good(f"host:{HOST}", at=taken[2].at)
    world.ledger.gc()
    assert ids(world) == [taken[2].id, taken[-1].id]
    report = world.ledger.what_changed(HOST)
    assert {(piece.not_before, piece.not_after) for piece in report.evidence} == {(taken[2].at, taken[-1].at)}
    (warning,) = [warning for warning in report.warnings if warning.code == "expired-snapshots"]
    assert warning.text.startswith(f"6 snapshots of {HOST} within the window expired")
    assert content(world, taken[2]) == world.ledger.cat(HOST, "/etc/hosts", at=taken[6].at), "as of the last one kept before"
    with pytest.raises(NotFound) as refused:
        world.ledger.cat(HOST, "/etc/hosts", at=taken[6].id)
    assert "expired on" in refused.value.message
    assert taken[2].id in refused.value.hint
    with pytest.raises(NotFound, match="expired on"):
        world.ledger.diff(HOST, taken[0].id)
    assert [(entry.before, entry.after) for entry in world.ledger.diff(HOST)]


def keeps_only(world: World, kept: Sequence[Snapshot]) -> None:
    retain(world, STRICT)
    world.ledger.gc()
    assert ids(world) == [snapshot.id for snapshot in kept]
    assert world.ledger.verify() == ()


def test_the_last_one_is_kept_whatever_its_age(world: World) -> None:
    taken = series(world, 4)
    world.clock.tick(days=900)
    keeps_only(world, taken[-1:])


def test_both_sides_of_a_run_are_kept(world: World) -> None:
    series(world, 3)
    world.clock.tick(hours=1)
    with world.ledger.change("Raise the limit", on=[f"host:{HOST}"], root=world.machine.root):
        world.clock.tick(minutes=5)
        world.machine.edit("/etc/nginx/nginx.conf", "worker_processes 4", "worker_processes 8")
    explained = world.explained(since=START)
    sides = [snapshot for snapshot in world.ledger.snapshots(HOST) if snapshot.change]
    taken = series(world, 3)
    keeps_only(world, [*sides, taken[-1]])
    assert len(sides) == 2
    assert world.explained(since=START)["/etc/nginx/nginx.conf", "worker_processes"] == explained["/etc/nginx/nginx.conf", "worker_processes"]


def test_a_snapshot_of_a_change_keeps_the_one_before(world: World) -> None:
    """What lies before it would else count as the change's own work."""
    change = world.ledger.plan("By hand", on=[f"host:{HOST}"])
    taken = series(world, 4)
    world.clock.tick(hours=1)
    world.machine.edit("/etc/nginx/nginx.conf", "worker_processes 4", "worker_processes 8")
    by_hand = world.snapshot(change=change.id)
    later = series(world, 2)
    keeps_only(world, [taken[-1], by_hand, later[-1]])


@pytest.mark.parametrize("shorten", [lambda name: name, lambda name: name[:20]], ids=["whole", "prefix"])
def test_a_rollback_target_is_kept(world: World, shorten: Callable[[str], str]) -> None:
    taken = series(world, 6)
    world.ledger.plan("Back if need be", on=[f"host:{HOST}"], rollback_to=shorten(taken[1].id))
    expected = [entry for entry in taken if entry.id.startswith(shorten(taken[1].id))]
    later = series(world, 2)
    keeps_only(world, [*expected, later[-1]])


def test_latest_is_the_one_before_the_change(world: World) -> None:
    taken = series(world, 4)
    world.clock.tick(hours=1)
    world.ledger.log("Done by hand", on=[f"host:{HOST}"], at=taken[-1].at + timedelta(minutes=5), rollback_to="latest")
    later = series(world, 3)
    keeps_only(world, [taken[-1], later[-1]])


def test_explained_evidence_keeps_its_id(world: World) -> None:
    taken = series(world, 4)
    world.clock.tick(hours=6)
    world.machine.edit("/etc/nginx/nginx.conf", "worker_processes 4", "worker_processes 8")
    found_it = world.snapshot()
    change = world.ledger.log("More workers", on=[f"host:{HOST}"], at=START)
    (piece,) = [entry for entry in world.ledger.drift(HOST) if entry.path == "/etc/nginx/nginx.conf"]
    world.ledger.explain(piece.id, change.id)
    later = series(world, 3)
    keeps_only(world, [taken[-1], found_it, later[-1]])
    (kept,) = [entry for entry in world.ledger.what_changed(HOST, since=START).evidence if entry.path == "/etc/nginx/nginx.conf"]
    assert (kept.id, kept.explained_by, str(kept.confidence)) == (piece.id, change.id, "explicit")


def test_whatever_a_fact_names_is_kept(world: World) -> None:
    taken = series(world, 8)
    world.ledger.observe("see snapshot " + taken[1].id, on=f"host:{HOST}")
    world.ledger.observe("deployed", on=f"host:{HOST}", data={"config": taken[3].commit})
    later = series(world, 2)
    keeps_only(world, [taken[1], taken[3], later[-1]])


def test_how_it_was_when_it_worked_is_kept(world: World) -> None:
    """Of every host in the scope of what was marked: here of a service on it."""
    world.ledger.add_service("shop", runs_on=[HOST])
    taken = series(world, 12)
    for number in (1, 2):
        world.ledger.good("service:shop", at=taken[number].at + timedelta(minutes=1))
    world.ledger.bad("service:shop", at=taken[4].at + timedelta(minutes=1))
    world.ledger.bad("service:shop", at=taken[5].at + timedelta(minutes=1))
    world.ledger.good("service:shop", at=taken[8].at + timedelta(minutes=1))
    world.ledger.good("service:shop", at=taken[9].at + timedelta(minutes=1))
    keeps_only(world, [taken[2], taken[5], taken[9], taken[11]])
    assert content(world, taken[9]) == world.ledger.cat(HOST, "/etc/hosts", at=world.ledger.time("last-good", "service:shop"))


def test_unchanged_snapshots_share_a_commit(world: World) -> None:
    """A commit goes when the last snapshot that names it has gone."""
    first = series(world, 1)[0]
    for _ in range(3):
        world.clock.tick(hours=6)
        world.snapshot()
    second = series(world, 1)[0]
    assert len({snapshot.commit for snapshot in world.ledger.snapshots(HOST)}) == 2
    retain(world, 'keep_all = "12h"\n')
    world.ledger.gc()
    left = world.ledger.snapshots(HOST)
    assert [snapshot.commit for snapshot in left] == [first.commit, second.commit]
    assert left[0].id != first.id
    assert world.ledger.verify() == ()
    world.clock.tick(days=3)
    world.ledger.gc()
    assert git(world.ledger.home, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)").decode().count(first.commit) == 0
    assert world.ledger.verify() == ()


def test_what_expired_leaves_the_disk(world: World) -> None:
    world.machine.write("/etc/notes", "the door code is blue-giraffe\n")
    world.snapshot()
    world.machine.write("/etc/notes", "nothing\n")
    series(world, 2)
    database = world.ledger.home / "ledger.db"
    assert b"blue-giraffe" in every_object(world.ledger.home)
    assert b"blue-giraffe" in database.read_bytes()
    retain(world, STRICT)
    world.ledger.gc()
    assert b"blue-giraffe" not in every_object(world.ledger.home)
    assert b"blue-giraffe" not in database.read_bytes(), "nor in one of its free pages"


def test_an_export_holds_what_is_kept(world: World, tmp_path: Path) -> None:
    taken = series(world, 9)
    world.ledger.observe("see " + taken[4].id, on=f"host:{HOST}")
    retain(world, 'keep_all = "8h"\n')
    world.ledger.gc()
    lines = list(world.ledger.export_facts())
    assert [json.loads(line)["id"] for line in lines if json.loads(line)["kind"] == "snapshot"] == ids(world)
    assert not any(json.loads(line)["kind"] == "expiry" for line in lines)
    with made_world(tmp_path / "other") as other:
        other.clock.now = world.clock()
        other.ledger.import_facts(lines)
        assert ids(other) == ids(world)
        for snapshot in world.ledger.snapshots(HOST):
            assert content(other, snapshot) == content(world, snapshot)
        assert other.ledger.verify() == ()


def test_many_hosts(either: World) -> None:
    names = ["db-01", "db-02", "web-02"]
    for name in names:
        either.ledger.add_host(name)
    for _ in range(6):
        either.clock.tick(hours=5)
        either.machine.write("/etc/hosts", f"127.0.0.1 localhost {either.clock()}\n")
        for name in (*names[:2], HOST):
            either.ledger.snapshot(name, root=either.machine.root)
    retain(either, STRICT)
    collected = either.ledger.gc()
    assert collected.expired == {"db-01": 5, "db-02": 5, HOST: 5}
    assert either.ledger.verify() == ()
    assert len(either.ledger.snapshots("db-02")) == 1


# ---- what goes wrong


def test_a_missing_commit_of_a_kept_snapshot_is_a_finding_and_stops_gc(world: World) -> None:
    taken = series(world, 6)
    retain(world, 'keep_all = "1h"\ndaily = "forever"\n')
    world.ledger.gc()
    assert world.ledger.verify() == ()
    git(world.ledger.home, "update-ref", "-d", f"refs/kept/{HOST}")
    (finding,) = world.ledger.verify()
    assert (finding.code, finding.is_tampering) == ("snapshot", True)
    before = object_ids(world.ledger.home)
    with pytest.raises(RepositoryError, match="nothing was removed"):
        world.ledger.gc()
    assert object_ids(world.ledger.home) == before
    assert len(taken) == 6


def test_a_ref_that_a_power_cut_emptied_costs_nothing(world: World) -> None:
    series(world, 3)
    world.ledger.gc()
    series(world, 1)
    before = object_ids(world.ledger.home)
    branch = world.ledger.home / "snapshots.git" / "refs/heads/host" / HOST
    branch.write_text("")
    with pytest.raises(RepositoryError):
        world.ledger.gc()
    assert object_ids(world.ledger.home) == before


@pytest.mark.parametrize("moment", ["append", "forget", "begin", "finish"])
def test_interrupted_it_is_completed_by_the_next(world: World, moment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from changelog_ledger.snapshots.keeping import Repacking
    from changelog_ledger.workflows import collect_garbage

    series(world, 10)
    retain(world, STRICT)

    def dies(*_arguments: object, **_options: object) -> None:
        raise KeyboardInterrupt

    place = {
        "append": (collect_garbage, "expire"),
        "forget": (collect_garbage, "_forget"),
        "begin": (Repacking, "begin"),
        "finish": (Repacking, "finish"),
    }
    with monkeypatch.context() as patch:
        patch.setattr(*place[moment], dies)
        with pytest.raises(KeyboardInterrupt):
            world.ledger.gc()
    assert world.ledger.verify() == ()
    taken = series(world, 1)
    world.ledger.gc()
    assert ids(world) == [taken[0].id]
    assert len(git(world.ledger.home, "rev-list", "--all").split()) == 1
    assert world.ledger.verify() == ()


def test_two_at_once_wait_for_each_other(world: World) -> None:
    series(world, 2)
    _impatient(world)
    with Ledger.open(world.ledger.home) as other, other._workspace.locks.collection(), pytest.raises(Busy):
        world.ledger.gc()


def test_it_gives_way_to_a_long_import(world: World) -> None:
    """Nothing is lost, and what has expired goes the next time."""
    series(world, 5)
    retain(world, STRICT)
    _impatient(world)
    with Ledger.open(world.ledger.home) as other, other._workspace.locks.repository_shared(), pytest.raises(Busy):
        world.ledger.gc()
    assert world.ledger.verify() == ()
    world.ledger.gc()
    assert len(git(world.ledger.home, "rev-list", "--all").split()) == 1
    assert len(list((world.ledger.home / "snapshots.git/objects/pack").glob("*.pack"))) == 1
    assert world.ledger.verify() == ()


def _impatient(world: World) -> None:
    settings = world.ledger.home / "ledger.toml"
    settings.write_text("lock_timeout = 0.2\n" + settings.read_text())
    home = world.ledger.home
    world.ledger.close()
    world.ledger = Ledger.open(home, actor="alex", clock=world.clock, entropy=entropy(3))


def test_leftovers_go_at_once(world: World) -> None:
    """Not after an hour, as by ``repair``: with the repository alone, nobody living can own them."""
    series(world, 2)
    pack = world.ledger.home / "snapshots.git/objects/pack/tmp_pack_x1"
    pack.write_bytes(b"x" * 10_000)
    (world.ledger.home / "snapshots.git/fast_import_crash_77").touch()
    assert world.ledger.gc().swept == 2
    assert not pack.exists()


# ---- the command


def test_the_command(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    series(world, 5)
    retain(world, STRICT)
    home = str(world.ledger.home)
    assert run(["--home", home, "gc", "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "would expire" in said
    assert run(["--home", home, "gc", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "changelog-ledger/gc/1"
    assert document["dry_run"] is False
    assert document["expired"] == {HOST: 4}
    assert document["after"]["repository"]["packs"] == 1
    assert run(["--home", home, "gc"]) == 0
    said = capsys.readouterr().out
    assert "no snapshot expired, 1 kept" in said
    assert "→" in said
    assert run(["--home", home, "verify"]) == 0


@pytest.mark.parametrize("policy", ["", 'daily = "3d"\n', "keep_all = 3\n", 'keep_all = "1y"\n', 'keep_all = "1d"\nyearly = "forever"\n'])
def test_a_policy_that_cannot_be_is_refused(world: World, policy: str) -> None:
    with pytest.raises(SettingsError, match="retention"):
        retain(world, policy)


def test_a_copy_of_the_home_is_whole(world: World, tmp_path: Path) -> None:
    series(world, 9)
    retain(world, 'keep_all = "1h"\ndaily = "forever"\n')
    world.ledger.gc()
    shutil.copytree(world.ledger.home, tmp_path / "copy")
    with Ledger.open(tmp_path / "copy", clock=world.clock) as copy:
        assert copy.verify() == ()
        assert len(copy.snapshots(HOST)) == len(ids(world)) > 1
    assert f"refs/kept/{HOST}" in refs(world.ledger.home)


def test_a_home_without_snapshots_has_nothing_to_collect(world: World) -> None:
    collected = world.ledger.gc()
    assert collected.after is not None
    assert (collected.kept, collected.after.repository.packs) == (0, 0)
    world.snapshot()
    assert world.ledger.verify() == ()


def test_nobody_else_may_read_what_it_writes(world: World) -> None:
    series(world, 6)
    retain(world, 'keep_all = "1h"\ndaily = "forever"\n')
    world.ledger.gc()
    written = [world.ledger.home, *world.ledger.home.rglob("*")]
    assert (world.ledger.home / "snapshots.git/shallow").exists()
    assert not [path for path in written if path.name != "ledger.toml" and path.lstat().st_mode & 0o077]


def test_what_was_imported_and_has_expired_is_not_imported_again(world: World) -> None:
    lines = [
        json.dumps({"kind": "snapshot", "host": HOST, "at": (START - timedelta(days=9 - day)).isoformat(), "files": {"/etc/hosts": f"{day}\n"}})
        for day in range(5)
    ]
    assert world.ledger.import_facts(lines).recorded == 5
    retain(world, STRICT)
    world.ledger.gc()
    assert world.ledger.import_facts(lines).recorded == 0
    assert len(ids(world)) == 1
    assert world.ledger.verify() == ()


def test_what_a_change_names_while_gc_decides_is_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the decision and the fact somebody plans a change that would roll back to one of the snapshots."""
    from changelog_ledger.workflows import expire_snapshots

    taken = series(world, 6)
    retain(world, STRICT)
    expiry = expire_snapshots._expiry
    planned: list[str] = []

    def slow(*arguments: Any) -> Any:
        fact = expiry(*arguments)
        if not planned:
            planned.append(world.ledger.plan("Upgrade", on=[f"host:{HOST}"], rollback_to=taken[1].id).id)
        return fact

    monkeypatch.setattr(expire_snapshots, "_expiry", slow)
    world.ledger.gc()
    assert planned
    assert ids(world) == [taken[1].id, taken[-1].id]
    assert world.ledger.verify() == ()
