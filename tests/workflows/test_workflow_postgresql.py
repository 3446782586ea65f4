"""What PostgreSQL does differently: NUL bytes, several ledgers in one database, a server that is not there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from changelog_ledger import Ledger
from changelog_ledger.errors import HomeError
from changelog_ledger.settings import read_settings

from .world import HOST, Clock, World, entropy, made_world, postgresql_database


@pytest.fixture
def address() -> str:
    return postgresql_database()


@pytest.fixture
def world(tmp_path: Path, address: str) -> Iterator[World]:
    with made_world(tmp_path, address) as made:
        yield made


def test_from_init_to_verify_and_rebuild(world: World, address: str) -> None:
    """The home holds the settings, the keys and the repository; the facts are in the server."""
    home = world.ledger.home
    assert not (home / "ledger.db").exists()
    assert read_settings(home / "ledger.toml").database == address
    world.snapshot()
    change = world.ledger.plan("Rotate the password", on=[f"host:{HOST}"], paths=["/etc/app.ini"])
    world.ledger.start(change.id)
    world.machine.edit("/etc/app.ini", "correct-horse-battery-staple", "another-secret-of-the-same-kind")
    world.snapshot()
    world.ledger.finish(change.id)
    before = world.ledger.what_changed(HOST)
    with Ledger.open(home, clock=world.clock) as again:
        assert again.verify() == ()
        assert again.rebuild() == 6
        assert again.what_changed(HOST) == before
        assert again.verify() == ()
        assert again.status().database == "postgresql"


def test_nul_bytes_and_odd_names_get_there_and_back(either: World) -> None:
    """PostgreSQL's text knows no NUL and no lone surrogate; a configuration file may hold both."""
    either.machine.write("/etc/app.ini", b"[db]\nhost = a\x00b\nname = caf\xe9\n")
    either.machine.write("/etc/caf\udce9.conf", "a = 1\n")
    either.snapshot()
    either.machine.write("/etc/app.ini", b"[db]\nhost = c\x00d\xff\nname = caf\xe9\n")
    either.machine.write("/etc/caf\udce9.conf", "a = 2\n")
    either.snapshot()
    reported = {(piece.id, piece.path, piece.key, str(piece.before)) for piece in either.ledger.what_changed(HOST).evidence}
    assert {path for _, path, _, _ in reported} == {"/etc/app.ini", "/etc/caf\\xe9.conf"}, "as people can read and type it"
    assert {(piece.id, piece.path, piece.key, str(piece.before)) for piece in either.ledger.diff(HOST)} == reported
    either.ledger.observe("a\x00b\udcff", HOST, data={"k": "\x00", "d\x00": ["\udc80"]})
    line = {
        "kind": "observation",
        "what": "no\x00te",
        "on": f"host:{HOST}",
        "at": "2025-06-02T09:00:00Z",
        "summary": "x\x00",
        "data": {"a": "\ud800"},
    }
    either.ledger.import_facts([json.dumps(line)])
    change = either.ledger.plan("Title \x00 \udcff", on=[f"host:{HOST}"], reason="\x00", paths=["/etc/\udcff"])
    assert either.ledger.find_change(change.id).title == change.title == r"Title \x00 \xff"
    either.ledger.good(HOST, source="\x00")
    assert either.ledger.verify() == ()


def test_one_home_one_database(world: World, tmp_path: Path, address: str) -> None:
    """A second home in the same database is refused, leaves nothing behind, and does the first no harm."""
    with pytest.raises(HomeError, match="belongs to another home"):
        Ledger.init(tmp_path / "second/home", host="web-02", database=address, actor="bob", clock=Clock(), entropy=entropy(8))
    assert list((tmp_path / "second").iterdir()) == []
    world.ledger.good(HOST)
    assert [host.name for host in world.ledger.hosts()] == [HOST]
    assert world.ledger.verify() == ()


def test_a_server_that_does_not_answer(world: World) -> None:
    toml = world.ledger.home / "ledger.toml"
    lines = ['database = "postgresql://127.0.0.1:1/ledger"' if line.startswith("database") else line for line in toml.read_text().splitlines()]
    toml.write_text("\n".join(lines) + "\n")
    with Ledger.open(world.ledger.home) as ledger, pytest.raises(HomeError, match="does not answer"):
        ledger.hosts()


def test_an_edited_fact_is_found(world: World, address: str) -> None:
    world.ledger.bad(HOST, symptom="we did nothing")
    with psycopg.connect(address) as connection:
        connection.execute("UPDATE fact SET actor = 'somebody else' WHERE kind = 'mark'")
    (finding,) = world.ledger.verify()
    assert (finding.code, finding.is_tampering) == ("chain", True)
