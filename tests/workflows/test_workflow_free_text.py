"""What people write down goes into the record for good: a secret in it is masked first."""

from __future__ import annotations

import json
import subprocess

import pytest

from .world import HOST, World

SECRET = "hunter2-Xk9!"


@pytest.fixture
def told(world: World) -> World:
    ledger = world.ledger
    world.snapshot(reason=f"password={SECRET} was rotated")
    change = ledger.plan(f"Rotate the key: token={SECRET}", on=[f"host:{HOST}"], backout=f"mysql -p{SECRET} < old.sql", reason=f"api_key: {SECRET}")
    ledger.note(change.id, f"login with password={SECRET} works")
    ledger.bad(HOST, at=world.clock.tick(minutes=1), symptom=f"curl -u bob:{SECRET} https://x fails")
    ledger.observe(f"deployed with https://bob:{SECRET}@x/y", on=f"host:{HOST}", kind="deploy", data={"password": SECRET, "build": "417"})
    line = {"kind": "observation", "what": "deploy", "on": f"host:{HOST}", "at": "2025-06-02T09:00:30Z", "summary": f'secret="{SECRET}"', "ref": "R1"}
    ledger.import_facts([json.dumps(line)])
    return world


def test_no_secret_is_recorded(told: World) -> None:
    exported = "\n".join(told.ledger.export_facts())
    assert SECRET not in exported
    assert exported.count("<secret:") >= 7
    git = ["git", f"--git-dir={told.ledger.home / 'snapshots.git'}", "log", "--all", "--format=%B"]
    assert SECRET not in subprocess.run(git, check=True, capture_output=True, text=True).stdout
    database = (told.ledger.home / "ledger.db").read_bytes()
    assert SECRET.encode() not in database
    assert told.ledger.verify() == ()


def test_prose_about_secrets_stays_prose(world: World) -> None:
    titles = ["Rotate the API key", "password: changed for bob", "new token policy, see https://wiki.example/tokens", "Key exchange: curve25519 only"]
    for title in titles:
        assert world.ledger.find_change(world.ledger.plan(title, on=[f"host:{HOST}"]).id).title == title


def test_what_is_said_of_a_failure_is_masked_too(world: World) -> None:
    with pytest.raises(RuntimeError), world.ledger.change("Try", on=[f"host:{HOST}"], root=world.machine.root) as change:
        raise RuntimeError(f"cannot connect to postgresql://shop:{SECRET}@db/shop")
    notes = " ".join(note.text for note in world.ledger.find_change(change.id).notes)
    assert SECRET not in notes
    assert "postgresql://shop:<secret:" in notes


def test_what_is_masked_is_not_masked_again(world: World) -> None:
    taken = world.snapshot(reason=f"password={SECRET} was rotated")
    (fact,) = [json.loads(line) for line in world.ledger.export_facts() if '"reason"' in line and taken.id in line]
    assert fact["reason"].count("<secret:") == 1
    once = world.ledger._workspace.masked_text(f"password={SECRET}, token: {SECRET}")
    assert world.ledger._workspace.masked_text(once) == once
