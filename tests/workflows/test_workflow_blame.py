"""Who set what, end to end: by changes, by nobody, by the first snapshot; of keys, lines, metadata, and of what is gone."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from changelog_ledger import Ledger
from changelog_ledger.diff import differences
from changelog_ledger.diff.flatten import kept, keys_of
from changelog_ledger.errors import InvalidInput, NotFound
from changelog_ledger.formats import parse
from changelog_ledger.model.blame import Blame, BlamedEntry, BlameKind, Origin
from changelog_ledger.model.document import FileVersion
from changelog_ledger.model.evidence import Confidence
from changelog_ledger.workflows import blame_history

from .world import HOST, World, made_world

CASES = Path(__file__).parents[1] / "cases"
CONF = "/etc/nginx/nginx.conf"


def entries(blame: Blame) -> dict[str, BlamedEntry]:
    return {entry.key: entry for entry in blame.entries}


def origins(blame: Blame) -> dict[str, str]:
    """By key: the change that set it, else where it comes from."""
    return {entry.key: entry.setting.change or str(entry.setting.origin) for entry in blame.entries if entry.kind in (BlameKind.KEY, BlameKind.LINE)}


def change_edit(world: World, title: str, old: str, new: str, path: str = CONF) -> str:
    """An edit under a change, between two snapshots; the change's id."""
    world.clock.tick(minutes=5)
    with world.ledger.change(title, on=[f"host:{HOST}"], root=world.machine.root) as change:
        world.machine.edit(path, old, new, at=world.clock.tick(minutes=1))
        world.clock.tick(minutes=1)
    return str(change.id)


def test_each_key_names_the_change_or_the_snapshot_that_set_it(either: World) -> None:
    first = either.snapshot(reason="first look")
    change = change_edit(either, "More workers", "worker_processes 4", "worker_processes 8")
    either.machine.edit(CONF, "listen 80", "listen 8080")
    found = either.snapshot()
    blame = either.ledger.blame(HOST, CONF)
    assert origins(blame) == {
        "worker_processes": change,
        "http/server[shop.example]/listen": "unlogged",
        "http/server[shop.example]/server_name": "first-snapshot",
    }
    assert (blame.host, blame.path, blame.snapshot, blame.format, blame.removed) == (HOST, CONF, found.id, "nginx", False)
    workers = entries(blame)["worker_processes"]
    assert (workers.value, workers.before, workers.line, workers.setting.title, workers.setting.actor) == ("8", "4", 1, "More workers", "alex")
    assert workers.setting.confidence is Confidence.EXPLICIT
    assert first.at < workers.setting.seen_at <= workers.setting.not_after < found.at
    listen = entries(blame)["http/server[shop.example]/listen"]
    assert (listen.value, listen.before, listen.setting.snapshot, listen.setting.not_after) == ("8080", "80", found.id, found.at)
    assert listen.evidence in {piece.id for piece in either.ledger.drift(HOST)}
    name = entries(blame)["http/server[shop.example]/server_name"]
    assert (name.setting.snapshot, name.setting.not_before, name.setting.not_after, name.setting.reason) == (first.id, None, first.at, "first look")


def test_the_last_edit_of_a_key_counts_and_what_was_put_back_is_owed_to_who_did(world: World) -> None:
    world.snapshot()
    change_edit(world, "More", "worker_processes 4", "worker_processes 8")
    back = change_edit(world, "Back", "worker_processes 8", "worker_processes 4")
    assert origins(world.ledger.blame(HOST, CONF, "worker_processes")) == {"worker_processes": back}


def test_a_block_that_came_names_all_in_it_and_nothing_else(world: World) -> None:
    world.snapshot()
    change = change_edit(world, "Admin", "http {\n", "http {\n    server {\n        listen 81;\n        server_name admin;\n    }\n")
    assert {key: origin == change for key, origin in origins(world.ledger.blame(HOST, CONF)).items()} == {
        "worker_processes": False,
        "http/server[admin]/listen": True,
        "http/server[admin]/server_name": True,
        "http/server[shop.example]/listen": False,
        "http/server[shop.example]/server_name": False,
    }


def test_a_file_that_came_later_names_all_its_keys(world: World) -> None:
    world.snapshot()
    world.machine.write("/etc/new.ini", "[a]\nb = 1\nc = 2\n")
    came = world.snapshot()
    world.machine.edit("/etc/new.ini", "c = 2", "c = 3")
    edited = world.snapshot()
    blame = entries(world.ledger.blame(HOST, "/etc/new.ini"))
    assert {key: blame[key].setting.snapshot for key in ("a/b", "a/c", "mode")} == {"a/b": came.id, "a/c": edited.id, "mode": came.id}


def test_a_renamed_block_keeps_what_was_set_under_its_old_name(world: World) -> None:
    world.snapshot()
    port = change_edit(world, "Port", "listen 80", "listen 8080")
    name = change_edit(world, "Name", "server_name shop.example", "server_name store.example")
    found = origins(world.ledger.blame(HOST, CONF))
    assert found["http/server[store.example]/listen"] == port
    assert found["http/server[store.example]/server_name"] == name


def test_items_without_names_are_followed_when_others_come_before_them(world: World) -> None:
    path = "/etc/app.yaml"
    world.machine.write(path, "commands:\n- one\n- two\n")
    world.snapshot()
    two = change_edit(world, "Two", "- two", "- deux", path)
    top = change_edit(world, "Top", "commands:\n", "commands:\n- zero\n", path)
    found = {entry.value: entry.setting.change or str(entry.setting.origin) for entry in world.ledger.blame(HOST, path, "commands").entries}
    assert found == {"zero": top, "one": "first-snapshot", "deux": two}


def test_a_key_may_be_a_block_or_a_glob(world: World) -> None:
    world.snapshot()
    block = world.ledger.blame(HOST, CONF, "http/server[shop.example]")
    assert [entry.key for entry in block.entries] == ["http/server[shop.example]/listen", "http/server[shop.example]/server_name"]
    assert [entry.key for entry in world.ledger.blame(HOST, CONF, "**/listen").entries] == ["http/server[shop.example]/listen"]
    assert [entry.key for entry in world.ledger.blame(HOST, CONF, "http/server[*]/l*").entries] == ["http/server[shop.example]/listen"]


def test_a_key_that_is_gone_names_who_removed_it_and_what_it_was(either: World) -> None:
    either.snapshot()
    change = change_edit(either, "No pool", "pool = 20\n", "", "/etc/app.ini")
    change_edit(either, "Other", "db-01", "db-02", "/etc/app.ini")
    blame = either.ledger.blame(HOST, "/etc/app.ini", "db/pool")
    (entry,) = blame.entries
    assert blame.removed
    assert (entry.removed, entry.value, entry.setting.change, entry.setting.title) == (True, "20", change, "No pool")


def test_a_key_that_went_with_its_block(world: World) -> None:
    world.snapshot()
    change = change_edit(world, "No server", "        listen 80;\n", "")
    world.machine.write(CONF, "worker_processes 4;\n")
    found = world.snapshot()
    (name,) = world.ledger.blame(HOST, CONF, "**/server_name").entries
    assert (name.value, name.setting.snapshot, name.removed) == ("shop.example", found.id, True)
    (listen,) = world.ledger.blame(HOST, CONF, "**/listen").entries
    assert (listen.value, listen.setting.change) == ("80", change)


def test_a_file_that_is_gone(world: World) -> None:
    world.snapshot()
    change_edit(world, "Pool", "pool = 20", "pool = 30", "/etc/app.ini")
    world.machine.path("/etc/app.ini").unlink()
    world.machine.write("/etc/hosts", "127.0.0.1 localhost other\n")
    found = world.snapshot()
    world.snapshot()
    whole = world.ledger.blame(HOST, "/etc/app.ini")
    assert whole.removed
    assert [(entry.key, entry.setting.snapshot) for entry in whole.entries] == [("file", found.id)]
    assert "pool = 30" in whole.entries[0].value
    (pool,) = world.ledger.blame(HOST, "/etc/app.ini", "db/pool").entries
    assert (pool.value, pool.setting.snapshot) == ("30", found.id)
    before = world.ledger.blame(HOST, "/etc/app.ini", at=found.at - timedelta(seconds=1))
    assert not before.removed


def test_metadata_have_entries_of_their_own(world: World) -> None:
    first = world.snapshot()
    world.machine.path("/etc/app.ini").chmod(0o600)
    found = world.snapshot()
    blame = entries(world.ledger.blame(HOST, "/etc/app.ini"))
    mode = blame["mode"]
    assert (mode.kind, mode.value, mode.before, mode.setting.snapshot) == (BlameKind.METADATA, "0600", "0644", found.id)
    assert blame["owner"].setting.snapshot == blame["db/pool"].setting.snapshot == first.id
    assert "mode" not in entries(world.ledger.blame(HOST, "/etc/app.ini", "db/**"))


def test_a_file_without_keys_is_followed_by_its_lines(world: World) -> None:
    world.machine.write("/etc/motd", "one\ntwo\nthree\n")
    world.snapshot()
    change = change_edit(world, "Two", "two", "deux", "/etc/motd")
    world.machine.edit("/etc/motd", "one\n", "zero\none\n")
    world.snapshot()
    blame = world.ledger.blame(HOST, "/etc/motd")
    assert origins(blame) == {"line 1": "unlogged", "line 2": "first-snapshot", "line 3": change, "line 4": "first-snapshot"}
    assert [entry.value for entry in world.ledger.blame(HOST, "/etc/motd", "3").entries] == ["deux"]


def test_a_version_that_could_not_be_read_by_keys_is_stepped_over(world: World) -> None:
    path = "/etc/app.yaml"
    world.machine.write(path, "a: 1\nb: 2\n")
    world.snapshot()
    world.machine.write(path, "a: 1\nb: {broken\n")
    world.snapshot()
    broken = world.ledger.blame(HOST, path)
    assert broken.reason
    assert origins(broken) == {"line 1": "first-snapshot", "line 2": "unlogged"}
    world.machine.write(path, "a: 1\nb: 3\n")
    mended = world.snapshot()
    blame = entries(world.ledger.blame(HOST, path))
    assert blame["a"].setting.origin is Origin.FIRST_SNAPSHOT
    assert (blame["b"].setting.snapshot, bool(blame["b"].setting.note)) == (mended.id, True)
    assert blame["b"].setting.not_before == world.ledger.snapshots(HOST)[0].at, "it may have come with the broken version"


def test_links_and_binaries_are_blamed_as_a_whole(world: World) -> None:
    link = world.machine.root / "etc/link"
    link.symlink_to("app.ini")
    world.machine.write("/etc/blob", b"\0\1\2")
    first = world.snapshot()
    link.unlink()
    link.symlink_to("hosts")
    second = world.snapshot()
    target = entries(world.ledger.blame(HOST, "/etc/link"))["target"]
    assert (target.value, target.before, target.setting.snapshot) == ("hosts", "app.ini", second.id)
    content = entries(world.ledger.blame(HOST, "/etc/blob"))["content"]
    assert (content.value["bytes"], content.setting.snapshot) == (3, first.id)


def test_at_an_earlier_time(world: World) -> None:
    world.snapshot()
    change = change_edit(world, "More", "worker_processes 4", "worker_processes 8")
    then = world.clock.now
    world.clock.tick(hours=1)
    world.machine.edit(CONF, "worker_processes 8", "worker_processes 16")
    world.snapshot()
    assert entries(world.ledger.blame(HOST, CONF, at=then))["worker_processes"].setting.change == change
    assert origins(world.ledger.blame(HOST, CONF))["worker_processes"] == "unlogged"


def test_a_change_that_somebody_named_by_hand(world: World) -> None:
    world.snapshot()
    world.machine.edit(CONF, "worker_processes 4", "worker_processes 8")
    world.snapshot()
    evidence = entries(world.ledger.blame(HOST, CONF))["worker_processes"].evidence
    change = world.ledger.plan("Workers", on=[f"host:{HOST}"])
    world.ledger.explain(evidence, change.id)
    assert origins(world.ledger.blame(HOST, CONF))["worker_processes"] == change.id


def test_secrets_stay_masked(world: World) -> None:
    world.snapshot()
    world.machine.edit("/etc/app.ini", "correct-horse-battery-staple", "wrong-horse")
    world.snapshot()
    blame = world.ledger.blame(HOST, "/etc/app.ini")
    assert "horse" not in str(blame)
    assert origins(blame)["db/password"] == "unlogged"


def test_errors_name_the_nearest(world: World) -> None:
    world.snapshot()
    with pytest.raises(NotFound) as path:
        world.ledger.blame(HOST, "/etc/nginx.conf")
    assert CONF in path.value.hint
    with pytest.raises(NotFound) as key:
        world.ledger.blame(HOST, CONF, "listen")
    assert "http/server[shop.example]/listen" in key.value.hint
    with pytest.raises(NotFound) as alike:
        world.ledger.blame(HOST, CONF, "worker_proceses")
    assert "worker_processes" in alike.value.hint
    with pytest.raises(NotFound):
        world.ledger.blame("web-99", CONF)
    with pytest.raises(InvalidInput):
        world.ledger.blame(HOST, "etc/hosts")


def test_what_lies_too_far_back_is_said_to_be_older(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blame_history, "MOST_VERSIONS", 2)
    world.machine.write("/etc/motd", "a\nb\n")
    world.snapshot()
    for number in range(4):
        world.machine.write("/etc/motd", f"a\n{number}\n")
        world.snapshot()
    blame = world.ledger.blame(HOST, "/etc/motd")
    assert origins(blame) == {"line 1": "earlier", "line 2": "unlogged"}


def test_after_retention_the_record_begins_later(world: World) -> None:
    for number in range(4):
        world.clock.tick(days=1)
        world.machine.write("/etc/motd.ini", f"[a]\nb = {number}\nc = 0\n")
        world.snapshot()
    config = world.ledger.home / "ledger.toml"
    config.write_text(config.read_text() + '\n[retention]\nkeep_all = "1d"\n')
    home = world.ledger.home
    world.clock.tick(hours=1)
    world.ledger.close()
    world.ledger = Ledger.open(home, actor="alex", clock=world.clock)
    world.ledger.gc()
    left = world.ledger.snapshots(HOST)
    assert len(left) < 4
    blame = entries(world.ledger.blame(HOST, "/etc/motd.ini"))
    assert blame["a/b"].setting.snapshot == left[-1].id
    assert blame["a/c"].setting.snapshot == left[0].id
    assert "expired" in blame["a/c"].setting.note


# ---- the law: the snapshot that is blamed has the value, the one before it has not

WORDS = ("a", "b", "c")


def _edited(tree: Any, dice: random.Random) -> Any:
    """A tree with one thing altered: a value, an item more or less, a key more or less, a name."""
    text = json.dumps(tree)
    tree = json.loads(text)
    block = dice.choice([tree["top"], *(item for item in tree["items"]), tree["plain"]])
    if isinstance(block, list):
        place = dice.randrange(len(block) + 1)
        block[place:place] = [dice.choice(WORDS)] if dice.random() < 0.6 else []
        if dice.random() < 0.4 and block:
            block.pop(dice.randrange(len(block)))
    elif dice.random() < 0.3 and len(block) > 1:
        block.pop(dice.choice([key for key in block if key != "name"] or ["name"]))
    else:
        block[dice.choice(WORDS)] = str(dice.randrange(3))
    if dice.random() < 0.3:
        unused = [name for name in (f"n{number}" for number in range(99)) if name not in text]  # of two with one name nobody could say which is which
        tree["items"].insert(dice.randrange(len(tree["items"]) + 1), {"name": dice.choice(unused), "a": "0"})
    return tree


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**6))
def test_the_blamed_snapshot_has_the_value_and_the_one_before_has_not(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    dice = random.Random(seed)
    tree: Any = {"top": {"a": "0"}, "items": [{"name": "x", "a": "1"}, {"name": "y", "b": "1"}], "plain": ["a", "b"]}
    with made_world(Path(tmp_path_factory.mktemp("law"))) as world:
        world.machine.write("/etc/app.json", json.dumps(tree, indent=1))
        world.snapshot()
        for _ in range(6):
            tree = _edited(tree, dice)
            world.machine.write("/etc/app.json", json.dumps(tree, indent=1))
            world.snapshot()
        snapshots = world.ledger.snapshots(HOST)
        versions = {snapshot.id: _values(world.ledger.blame(HOST, "/etc/app.json", at=snapshot.at)) for snapshot in snapshots}
        before = dict(zip((snapshot.id for snapshot in snapshots[1:]), (snapshot.id for snapshot in snapshots), strict=False))
        for entry in world.ledger.blame(HOST, "/etc/app.json").entries:
            if entry.kind is BlameKind.KEY and not entry.key.startswith("plain"):  # items of a plain list are followed past their places
                snapshot = entry.setting.snapshot
                assert versions[snapshot].get(entry.key) == entry.value, entry
                assert snapshot not in before or versions[before[snapshot]].get(entry.key) != entry.value, entry


def _values(blame: Blame) -> dict[str, Any]:
    return {entry.key: entry.value for entry in blame.entries if entry.kind is BlameKind.KEY}


def test_many_edits_read_only_the_versions_that_matter(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.snapshot()
    for number in range(12):
        world.machine.write("/etc/app.ini", f"[db]\npool = {number}\n[web]\nport = {80 if number < 3 else 81}\n")
        world.snapshot()
    read: list[str] = []
    original = blame_history.FileHistory.before
    monkeypatch.setattr(blame_history.FileHistory, "before", lambda *given: read.append("x") or original(*given))  # type: ignore[func-returns-value]
    (entry,) = world.ledger.blame(HOST, "/etc/app.ini", "web/port").entries
    assert (entry.value, entry.before) == ("81", "80")
    assert len(read) == 1


def test_no_edit_is_passed_over_that_touched_a_value() -> None:
    """Over the cases of all formats: where a value came, the recorded differences lead to its version."""
    for case in sorted(CASES.glob("*/*/expected.json")):
        path = json.loads(case.read_text())["path"]
        sides = [side.read_bytes() if (side := case.parent / name).exists() else None for name in ("before", "after")]
        documents = [None if side is None else parse(path, side) for side in sides]
        old, new = documents
        if not old or not new or new.aliases:
            continue
        places = kept(old, new)
        deltas = differences(path, *(FileVersion(side, document) for side, document in zip(sides, documents, strict=True)))
        stems = {blame_history._stem(delta.key) for delta in deltas}
        for value in keys_of(new):
            if places is None or value.path not in places:
                assert any(blame_history._related(stem, value.key) for stem in stems), (case, value)
