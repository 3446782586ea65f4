"""What the gate let in arrives on the host later, when the change is long over: the snapshot knows it by its bytes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from changelog_ledger.model.change import Change
from changelog_ledger.model.gate import Expected
from changelog_ledger.model.topology import EVERYTHING, Target
from changelog_ledger.store.expected import expected_body, ref_of
from changelog_ledger.workflows.keyed_digest import expected_digest
from changelog_ledger.workflows.workspace import Workspace

from .world import APP, HOST, NGINX, World, made_world

ON = [f"host:{HOST}"]
WEB, EDGE = Target.host(HOST), Target.service("edge")
WORKERS = ("/etc/nginx/nginx.conf", "worker_processes")
FASTER = NGINX.replace("worker_processes 4", "worker_processes 8")


def workspace_of(world: World) -> Workspace:
    return world.ledger._workspace


def let_in(world: World, change: Change, path: str, content: str | None, *, target: Target = WEB, parent: str = "") -> None:
    """What the gate records when it lets an edit pass that is staged on ``parent``; None for a removal."""
    workspace = workspace_of(world)
    digest = "" if content is None else expected_digest(workspace, content.encode())
    edits = (Expected(change.id, target, path, digest),)
    fact = workspace.fact("expected", expected_body(edits, parent=parent), ref=ref_of(edits, parent=parent))
    workspace.snapshot_books.append([fact])


def committed(world: World, path: str, content: str | None, *, target: Target = WEB, paths: tuple[str, ...] = (), on: list[str] = ON) -> Change:
    """A change in whose ten minutes an edit is committed; the host has a snapshot of an hour later, before anything is deployed."""
    change = world.ledger.plan("Tune the web server", on=on, paths=paths)
    world.ledger.start(change.id, at=world.clock.tick(minutes=5))
    let_in(world, change, path, content, target=target)
    world.ledger.finish(change.id, at=world.clock.tick(minutes=5))
    world.clock.tick(hours=1)
    world.snapshot()
    world.clock.tick(minutes=30)
    return change


def later_texts(world: World, change: Change) -> list[str]:
    world.clock.tick(minutes=5)
    return [caveat.text for caveat in world.ledger.roll_back(change.id, root=world.machine.root, dry_run=True).warnings]


def deployed(world: World, path: str = "/etc/nginx/nginx.conf", content: str = FASTER) -> None:
    world.machine.write(path, content)
    world.snapshot()


def test_what_was_let_in_explains_itself_when_the_change_is_long_over(either: World) -> None:
    either.snapshot()
    change = committed(either, "etc/nginx/nginx.conf", FASTER, paths=("hosts/web-01/**",))
    deployed(either)
    assert either.explained() == {WORKERS: (change.id, "explicit")}
    assert list(either.ledger.drift(HOST)) == []
    (piece,) = either.ledger.diff(HOST)
    assert (piece.explained_by, str(piece.confidence)) == (change.id, "explicit")
    assert piece.because == f"these very bytes were let in by the gate under {change.id}"
    blamed = {entry.key: entry.setting for entry in either.ledger.blame(HOST, "/etc/nginx/nginx.conf").entries}
    assert (blamed["worker_processes"].change, blamed["worker_processes"].title) == (change.id, "Tune the web server")
    assert not any(entry.unlogged for entry in either.ledger.recent(HOST))
    assert {entry.kind for entry in either.ledger.recent(HOST)} == {"change", "drift"}, "what is expected has not happened yet"
    assert [suspect.change for suspect in either.ledger.what_changed(f"host:{HOST}").suspects] == [change.id]


def test_it_follows_from_the_facts(either: World) -> None:
    either.snapshot()
    change = committed(either, "etc/nginx/nginx.conf", FASTER)
    deployed(either)
    assert either.ledger.verify() == ()
    either.ledger.rebuild()
    assert either.explained() == {WORKERS: (change.id, "explicit")}
    assert either.ledger.verify() == ()


def test_other_bytes_at_the_same_path_stay_unlogged(world: World) -> None:
    world.snapshot()
    committed(world, "etc/nginx/nginx.conf", FASTER)
    deployed(world, content=FASTER + "# and one by hand\n")
    assert [confidence for _, confidence in world.explained().values()] == ["none"] * len(world.explained())
    assert "had finished before" in world.ledger.drift(HOST)[0].because


def test_other_bytes_while_the_change_is_made_are_explained_by_scope_as_ever(world: World) -> None:
    world.snapshot()
    change = world.ledger.plan("Tune", on=ON)
    world.ledger.start(change.id, at=world.clock.tick(minutes=5))
    let_in(world, change, "etc/nginx/nginx.conf", FASTER)
    deployed(world, content=NGINX.replace("worker_processes 4", "worker_processes 6"))
    assert world.explained() == {WORKERS: (change.id, "scope")}


@pytest.mark.parametrize("path", ["etc/nginx.conf", "nx/nginx.conf", "inx.conf", "etc/nginx/nginx.conf/x", "hosts/web-01/etc/nginx/nginx.conf"])
def test_the_path_has_to_fit_by_whole_names(world: World, path: str) -> None:
    world.snapshot()
    committed(world, path, FASTER)
    deployed(world)
    assert world.explained() == {WORKERS: ("", "none")}


def test_what_is_let_in_afterwards_explains_nothing_that_was_there_before(world: World) -> None:
    world.snapshot()
    world.clock.tick(minutes=5)
    deployed(world)
    committed(world, "etc/nginx/nginx.conf", FASTER)
    assert world.explained() == {WORKERS: ("", "none")}


def test_a_removal_is_expected_at_that_very_path(world: World) -> None:
    world.machine.write("/srv/etc/hosts", "10.0.0.1 db\n")
    world.snapshot(paths=["/etc", "/srv"])
    change = committed(world, "etc/hosts", None)
    world.machine.path("/etc/hosts").unlink()
    world.machine.path("/srv/etc/hosts").unlink()
    world.snapshot(paths=["/etc", "/srv"])
    assert {path: said for (path, _), said in world.explained().items()} == {"/etc/hosts": (change.id, "explicit"), "/srv/etc/hosts": ("", "none")}
    because = {piece.path: piece.because for piece in world.ledger.what_changed(f"host:{HOST}").evidence}
    assert because["/etc/hosts"] == f"its removal was let in by the gate under {change.id}"


def test_a_file_with_a_secret_is_known_by_its_whole_content(world: World) -> None:
    world.snapshot()
    wanted = APP.replace("correct-horse-battery-staple", "another-horse-altogether-now").replace("pool = 20", "pool = 30")
    change = committed(world, "etc/app.ini", wanted)
    deployed(world, "/etc/app.ini", wanted)
    assert set(world.explained().values()) == {(change.id, "explicit")}
    world.clock.tick(minutes=5)
    deployed(world, "/etc/app.ini", wanted.replace("altogether", "in-the-field"))  # only the secret differs, which nothing but the digest shows
    assert [piece.key for piece in world.ledger.drift(HOST)] == ["db/password"]
    facts = [fact.body for _, fact in workspace_of(world).store.facts() if fact.kind == "expected"]
    assert facts
    assert not any(b"horse" in body or wanted.encode() in body for body in facts)


def test_a_link_is_known_by_its_text(world: World) -> None:
    world.snapshot()
    change = committed(world, "etc/localtime", "/usr/share/zoneinfo/UTC")
    world.machine.path("/etc/localtime").symlink_to("/usr/share/zoneinfo/UTC")
    world.machine.path("/etc/other").symlink_to("/usr/share/zoneinfo/UTC")
    world.snapshot()
    assert {path: said for (path, _), said in world.explained().items()} == {"/etc/localtime": (change.id, "explicit"), "/etc/other": ("", "none")}


@pytest.mark.parametrize("target", [EDGE, EVERYTHING])
def test_what_is_expected_of_a_service_is_expected_on_its_hosts(either: World, target: Target) -> None:
    either.ledger.add_service("edge", runs_on=[HOST])
    either.ledger.add_service("shop", runs_on=["db-01"])
    either.snapshot()
    change = committed(either, "nginx.conf", FASTER, target=target, on=[str(target)])
    deployed(either)
    assert either.explained() == {WORKERS: (change.id, "explicit")}


def test_what_is_expected_of_a_service_elsewhere_is_not_expected_here(world: World) -> None:
    world.ledger.add_service("shop", runs_on=["db-01"])
    world.snapshot()
    committed(world, "nginx.conf", FASTER, target=Target.service("shop"))
    deployed(world)
    assert world.explained() == {WORKERS: ("", "none")}


def test_of_two_changes_the_newest_explains_it(world: World) -> None:
    world.snapshot()
    committed(world, "etc/nginx/nginx.conf", FASTER)
    second = committed(world, "etc/nginx/nginx.conf", FASTER)
    deployed(world)
    assert world.explained() == {WORKERS: (second.id, "explicit")}


def limit(number: int) -> str:
    return NGINX.replace("worker_processes 4", f"worker_processes {number}")


def put(world: World, content: str | None, path: str = "/etc/nginx/nginx.conf") -> dict[tuple[str, str | None], tuple[str, str]]:
    """What explains what a host is found to have now, and was not found to have before."""
    world.clock.tick(minutes=30)
    if content is None:
        world.machine.path(path).unlink()
    else:
        world.machine.write(path, content)
    before = len(world.ledger.snapshots(HOST))
    world.snapshot()
    assert len(world.ledger.snapshots(HOST)) == before + 1
    return {(piece.path, piece.key): (piece.explained_by, str(piece.confidence)) for piece in world.ledger.diff(HOST)}


def test_going_back_by_hand_to_what_was_let_in_once_is_drift(either: World) -> None:
    deployed(either, content=limit(1))
    first = committed(either, "etc/nginx/nginx.conf", limit(2))
    assert put(either, limit(2)) == {WORKERS: (first.id, "explicit")}
    second = committed(either, "etc/nginx/nginx.conf", limit(3))
    assert put(either, limit(3)) == {WORKERS: (second.id, "explicit")}
    assert put(either, limit(2)) == {WORKERS: ("", "none")}
    assert [piece.key for piece in either.ledger.drift(HOST)] == ["worker_processes"]
    third = committed(either, "etc/nginx/nginx.conf", limit(3))
    assert put(either, limit(3)) == {WORKERS: (third.id, "explicit")}


def test_a_host_that_lags_behind_goes_forward(world: World) -> None:
    deployed(world, content=limit(1))
    first = committed(world, "etc/nginx/nginx.conf", limit(2))
    second = committed(world, "etc/nginx/nginx.conf", limit(3))
    third = committed(world, "etc/nginx/nginx.conf", limit(5))
    assert put(world, limit(2)) == {WORKERS: (first.id, "explicit")}
    assert put(world, limit(3)) == {WORKERS: (second.id, "explicit")}
    assert put(world, limit(5)) == {WORKERS: (third.id, "explicit")}
    put(world, limit(3))
    assert put(world, limit(5)) == {WORKERS: (third.id, "explicit")}, "back from what was done by hand to what is the newest"


def test_going_back_through_the_gate_counts(world: World) -> None:
    deployed(world, content=limit(1))
    committed(world, "etc/nginx/nginx.conf", limit(2))
    committed(world, "etc/nginx/nginx.conf", limit(3))
    put(world, limit(3))
    back = committed(world, "etc/nginx/nginx.conf", limit(2))
    assert put(world, limit(2)) == {WORKERS: (back.id, "explicit")}
    assert put(world, limit(3)) == {WORKERS: ("", "none")}


def test_the_same_change_may_go_to_and_fro(world: World) -> None:
    deployed(world, content=limit(1))
    change = world.ledger.plan("Try it", on=ON)
    world.ledger.start(change.id, at=world.clock.tick(minutes=5))
    for number, value in enumerate((2, 3, 2, 3)):
        world.clock.tick(minutes=1)
        let_in(world, change, "etc/nginx/nginx.conf", limit(value), parent=f"{number:040}")
        facts = len(list(workspace_of(world).store.facts()))
        let_in(world, change, "etc/nginx/nginx.conf", limit(value), parent=f"{number:040}")
        assert len(list(workspace_of(world).store.facts())) == facts, "looked at twice"
        if number == 2:
            put(world, limit(2))
    world.ledger.finish(change.id, at=world.clock.tick(minutes=1))
    world.clock.tick(hours=1)
    world.snapshot()
    assert put(world, limit(3)) == {WORKERS: (change.id, "explicit")}
    assert put(world, limit(2)) == {WORKERS: ("", "none")}


def test_what_was_removed_does_not_come_back_by_hand_nor_go_again(world: World) -> None:
    path = "/etc/nginx/extra.conf"

    def explained(content: str | None) -> set[tuple[str, str]]:
        return set(put(world, content, path).values())

    deployed(world, content=limit(1))
    first = committed(world, path[1:], limit(2))
    assert explained(limit(2)) == {(first.id, "explicit")}
    gone = committed(world, path[1:], None)
    assert explained(None) == {(gone.id, "explicit")}
    assert explained(limit(2)) == {("", "none")}, "it is back"
    explained(None)
    again = committed(world, path[1:], limit(2))
    assert explained(limit(2)) == {(again.id, "explicit")}
    assert explained(None) == {("", "none")}, "it was removed by hand"


def test_a_secret_that_goes_back_is_drift(world: World) -> None:
    old = APP.replace("correct-horse-battery-staple", "another-horse-altogether-now")
    deployed(world, "/etc/app.ini", APP)
    first = committed(world, "etc/app.ini", old)
    assert set(put(world, old, "/etc/app.ini").values()) == {(first.id, "explicit")}
    second = committed(world, "etc/app.ini", APP)
    assert set(put(world, APP, "/etc/app.ini").values()) == {(second.id, "explicit")}
    assert set(put(world, old, "/etc/app.ini").values()) == {("", "none")}


def test_a_change_that_was_cancelled_explains_nothing(world: World) -> None:
    world.snapshot()
    change = world.ledger.plan("Tune", on=ON)
    let_in(world, change, "etc/nginx/nginx.conf", FASTER)
    world.ledger.cancel(change.id)
    world.clock.tick(minutes=5)
    deployed(world)
    assert world.explained() == {WORKERS: ("", "none")}


def test_owner_and_mode_are_nothing_that_the_gate_has_seen(world: World) -> None:
    world.snapshot()
    change = committed(world, "etc/nginx/nginx.conf", FASTER)
    deployed(world)
    world.clock.tick(minutes=5)
    world.machine.path("/etc/nginx/nginx.conf").chmod(0o600)  # by hand, long after: the bytes still are what was let in
    world.snapshot()
    said = {piece.op: piece.explained_by for piece in world.ledger.what_changed(f"host:{HOST}").evidence}
    assert said == {"changed": change.id, "metadata": ""}


def test_it_is_found_by_its_path_and_its_change(either: World) -> None:
    either.snapshot()
    change = committed(either, "etc/nginx/nginx.conf", FASTER)
    for words in ("etc/nginx/nginx.conf", f"nginx {change.id}"):
        (hit,) = [hit for hit in either.ledger.search(words, on=ON[0]) if hit.kind == "expected"]
        assert (hit.title, hit.targets) == ("etc/nginx/nginx.conf", (WEB,))
    assert either.ledger.search("digest") == ()


def test_a_roll_back_warns_of_what_was_let_in_since(world: World) -> None:
    world.snapshot()
    world.clock.tick(minutes=5)
    with world.ledger.change("Tune by hand", on=ON, root=world.machine.root, rollback_to="latest") as first:
        world.clock.tick(minutes=5)
        world.machine.edit("/etc/nginx/nginx.conf", "worker_processes 4", "worker_processes 6")
    second = committed(world, "etc/nginx/nginx.conf", FASTER)
    deployed(world)
    (caveat,) = [text for text in later_texts(world, first) if second.id in text]
    assert "has changed the same files since" in caveat


def test_nothing_is_asked_of_what_has_not_changed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.snapshot()
    books = workspace_of(world).snapshot_books
    monkeypatch.setattr(type(books), "expected_at", lambda *_: pytest.fail("the database was asked"))
    world.snapshot()


def test_export_and_import_lose_nothing(world: World, tmp_path: Path) -> None:
    world.snapshot()
    change = committed(world, "etc/nginx/nginx.conf", FASTER)
    deployed(world)
    lines = list(world.ledger.export_facts())
    said = [json.loads(line) for line in lines]
    assert [line["expected"] for line in said if "expected" in line] == [{"/etc/nginx/nginx.conf": change.id}]
    with made_world(tmp_path / "other", seed=8) as other:
        other.clock.now = world.clock()
        assert not other.ledger.import_facts(lines).refused
        assert other.explained() == {WORKERS: (change.id, "explicit")}
        assert other.ledger.verify() == ()
        again = [json.loads(line) for line in other.ledger.export_facts()]
        assert [line for line in again if line["kind"] in ("expected", "snapshot")] == [
            line for line in said if line["kind"] in ("expected", "snapshot")
        ]
        assert other.ledger.import_facts(lines).recorded == 0
        (entry,) = [line for line in said if line["kind"] == "expected"]
        bare = json.dumps({name: value for name, value in entry.items() if name != "key"})
        assert other.ledger.import_facts([bare]).recorded == 0, "known by its content, whoever wrote it down"


@pytest.mark.parametrize(
    ("edits", "problem"),
    [
        ([], "edits"),
        ([{"change": "CHG-7K3M9Q", "target": "web-01", "path": "etc/hosts", "digest": ""}], "host:NAME"),
        ([{"change": "CHG-7K3M9Q", "target": "host:web-01", "path": "etc/hosts", "digest": "abc"}], "digest"),
        ([{"change": "", "target": "host:web-01", "path": "etc/hosts", "digest": ""}], "change"),
        ([{"change": "CHG-7K3M9Q", "target": "host:web-01", "path": "", "digest": ""}], "path"),
    ],
)
def test_an_import_of_edits_that_cannot_be_is_refused(world: World, edits: list[dict[str, str]], problem: str) -> None:
    result = world.ledger.import_facts([json.dumps({"kind": "expected", "edits": edits})], keep_going=True)
    assert [problem in f"{error.message} {error.hint}" for error in result.refused] == [True]


def test_retention_keeps_the_snapshot_that_found_it_and_the_one_before(world: World) -> None:
    world.snapshot()
    change = committed(world, "etc/nginx/nginx.conf", FASTER)
    deployed(world)
    kept = [snapshot.id for snapshot in world.ledger.snapshots(HOST)][-2:]
    for number in range(4):
        world.clock.tick(days=10)
        deployed(world, "/etc/hosts", f"127.0.0.{number} localhost\n")
    home = workspace_of(world).home
    (home / "ledger.toml").write_text((home / "ledger.toml").read_text() + '\n[retention]\nkeep_all = "1d"\n')
    with type(world.ledger).open(home, clock=world.clock) as ledger:
        ledger.gc()
        left = [snapshot.id for snapshot in ledger.snapshots(HOST)]
        assert set(kept) < set(left)
        assert len(left) < 7
        assert ledger.verify() == ()
        explained = {(piece.path, piece.key): piece.explained_by for piece in ledger.what_changed(f"host:{HOST}").evidence}
        assert explained[WORKERS] == change.id
