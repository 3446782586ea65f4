"""A backup that was never read is a hope: ``verify`` reads what is stored, and opens what is sealed."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from dataclasses import replace

import pyrage

from changelog_ledger import Ledger
from changelog_ledger.snapshots import manifest
from changelog_ledger.snapshots.note import SnapshotNote
from changelog_ledger.snapshots.writer import CommitPlan, TreeChange, Writer

from .world import HOST, World


def forged(world: World, change: TreeChange) -> None:
    """A commit that says something else than it holds, in the place of the host's last one."""
    repository = world.ledger._workspace.repository
    tip = repository.tip(HOST)
    assert tip
    parent = repository.manifest_of(tip)
    note = parent.note()
    assert isinstance(note, SnapshotNote)
    with Writer(repository._plumbing, "FORGED") as writer:
        commit = writer.commit(CommitPlan(tip, note, change))
    git = ["git", f"--git-dir={repository.path}"]
    subprocess.run([*git, "update-ref", f"refs/heads/host/{HOST}", commit], check=True)
    with sqlite3.connect(world.ledger.home / "ledger.db") as connection:
        connection.execute("UPDATE snapshot SET commit_id = ?", (commit,))


def test_what_is_stored_is_what_was_there(world: World) -> None:
    world.machine.path("/etc/link").symlink_to("hosts")
    world.snapshot()
    assert world.ledger.verify() == ()


def test_a_content_that_is_not_what_the_manifest_says(world: World) -> None:
    from changelog_ledger.workflows.verify_contents import wrong_contents

    snapshot = world.snapshot()
    entries = dict(world.ledger._workspace.repository.manifest_of(snapshot.commit).directory("/etc"))
    entries["hosts"] = replace(entries["hosts"], sha256="0" * 64)
    entries["app.ini"] = replace(entries["app.ini"], fingerprint="0" * 64)
    forged(world, TreeChange(manifests={"/etc": manifest.encoded(entries)}, entries=2, files=3))
    found = sorted(finding.text for finding in wrong_contents(world.ledger._workspace, lambda _done: None))
    assert [text.partition(" (snapshot")[0] for text in found] == [
        f"/etc/app.ini of {HOST} has a sealed original that is not the file its manifest names",
        f"/etc/hosts of {HOST} is not stored as its manifest says",
    ]
    assert {finding.code for finding in wrong_contents(world.ledger._workspace, lambda _done: None)} == {"content"}


def test_an_original_that_is_missing(world: World) -> None:
    from changelog_ledger.workflows.verify_contents import wrong_contents

    world.snapshot()
    forged(world, TreeChange(sealed={"/etc/app.ini": None}, entries=1, files=3))
    (finding,) = wrong_contents(world.ledger._workspace, lambda _done: None)
    assert "has secrets and no sealed original" in finding.text


def test_a_key_that_does_not_open(world: World) -> None:
    world.snapshot()
    key = world.ledger.home / "keys/sealing.key"
    key.write_text(f"{pyrage.x25519.Identity.generate()}\n")
    with Ledger.open(world.ledger.home) as again:
        (finding,) = again.verify()
    assert finding.code == "key"
    assert not finding.is_tampering
    assert os.fspath(world.machine.root) not in finding.text
