"""This machine's own /etc, every file of it: an edit gives exactly that edit, and no edit gives nothing."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from changelog_ledger.model.evidence import Evidence

from .world import HOST, World, made_world, object_ids, refs


@pytest.fixture
def etc(tmp_path: Path) -> Iterator[World]:
    """A ledger whose machine has a copy of this machine's /etc, links and modes included, and one snapshot of it."""
    with made_world(tmp_path) as made:
        shutil.rmtree(made.machine.path("/etc"))
        with contextlib.suppress(shutil.Error):  # what an ordinary user may not read stays behind, after all the rest was copied
            shutil.copytree("/etc", made.machine.path("/etc"), symlinks=True)
        made.machine.write("/etc/ledger-e2e/limits.conf", "# limits\n* soft nofile 1024\n* hard nofile 4096\n")
        made.machine.write("/etc/ledger-e2e/app.ini", "[server]\nworkers = 4\n")
        made.snapshot()
        yield made


def found(world: World) -> list[tuple[str | None, str | None, str, object, object]]:
    """What the last two snapshots differ in."""
    return [(piece.path, piece.key, str(piece.op), piece.before, piece.after) for piece in world.ledger.diff(HOST)]


def test_every_file_is_there_byte_for_byte(etc: World) -> None:
    """Also those that hold secrets, with ``reveal``; and nothing that could be read is missing."""
    (snapshot,) = etc.ledger.snapshots(HOST)
    assert snapshot.unread == ()
    stored = etc.ledger.files(HOST)
    assert len(stored) > 50
    root = etc.machine.root
    small = [name for name in stored if not (root / name[1:]).is_symlink() and (root / name[1:]).stat().st_size < 5_000][:150]
    assert small
    for name in small:
        assert etc.ledger.cat(HOST, name, reveal=True) == (root / name[1:]).read_bytes(), name


def test_one_edit_gives_exactly_that_edit(etc: World) -> None:
    etc.machine.edit("/etc/ledger-e2e/app.ini", "workers = 4", "workers = 8")
    etc.snapshot()
    assert found(etc) == [("/etc/ledger-e2e/app.ini", "server/workers", "changed", "4", "8")]


def test_a_look_that_finds_nothing_writes_nothing_to_git(etc: World) -> None:
    (first,) = etc.ledger.snapshots(HOST)
    objects, branches = object_ids(etc.ledger.home), refs(etc.ledger.home)
    second = etc.snapshot()
    assert second.commit == first.commit
    assert second.unchanged
    assert (object_ids(etc.ledger.home), refs(etc.ledger.home)) == (objects, branches)
    assert etc.ledger.diff(HOST) == ()
    assert etc.ledger.what_changed(HOST).evidence == ()


def test_a_touch_is_no_difference(etc: World) -> None:
    """Every file of the tree is touched: the stat cache has to look again, and finds the same."""
    (first,) = etc.ledger.snapshots(HOST)
    for folder, _, names in os.walk(etc.machine.path("/etc")):
        for name in names:
            os.utime(Path(folder, name), (1_700_000_000, 1_700_000_000), follow_symlinks=False)
    second = etc.snapshot()
    assert second.commit == first.commit
    assert found(etc) == []


def test_chmod_is_one_metadata_difference(etc: World) -> None:
    etc.machine.path("/etc/ledger-e2e/app.ini").chmod(0o600)
    etc.snapshot()
    (piece,) = etc.ledger.diff(HOST)
    assert (piece.path, str(piece.op)) == ("/etc/ledger-e2e/app.ini", "metadata")
    assert "0600" in _words(piece), _words(piece)


def test_a_comment_is_an_opaque_difference_not_silence(etc: World) -> None:
    """Law 1: bytes differ, no key does; so it says what kind of difference it is."""
    etc.machine.edit("/etc/ledger-e2e/app.ini", "[server]", "# who wrote this?\n[server]")
    etc.snapshot()
    (piece,) = etc.ledger.diff(HOST)
    assert (piece.path, str(piece.op)) == ("/etc/ledger-e2e/app.ini", "opaque")
    assert "comment" in _words(piece), _words(piece)


def test_a_file_becomes_a_link(etc: World) -> None:
    file = etc.machine.path("/etc/ledger-e2e/app.ini")
    file.rename(file.with_name("real.ini"))
    file.symlink_to("real.ini")
    etc.snapshot()
    pieces = etc.ledger.diff(HOST)
    assert {piece.path for piece in pieces} == {"/etc/ledger-e2e/app.ini", "/etc/ledger-e2e/real.ini"}
    assert any("symlink" in _words(piece) for piece in pieces), [_words(piece) for piece in pieces]


def test_names_that_are_no_utf8_and_content_with_nul_bytes(etc: World) -> None:
    odd = os.fsencode(str(etc.machine.path("/etc/ledger-e2e"))) + b"/caf\xe9.conf"
    with open(odd, "wb") as file:
        file.write(b"answer = 42\n")
    etc.machine.write("/etc/ledger-e2e/blob.bin", b"\x00\x01\x02binary\x00")
    etc.snapshot()
    assert {piece.path for piece in etc.ledger.diff(HOST)} == {"/etc/ledger-e2e/caf\\xe9.conf", "/etc/ledger-e2e/blob.bin"}
    assert etc.ledger.cat(HOST, "/etc/ledger-e2e/caf\udce9.conf") == b"answer = 42\n"
    assert etc.ledger.verify() == ()


def test_removing_the_whole_tree_is_reported_file_by_file(etc: World) -> None:
    stored = etc.ledger.files(HOST)
    shutil.rmtree(etc.machine.path("/etc"))
    etc.snapshot()
    assert {piece.path for piece in etc.ledger.diff(HOST)} >= set(stored)
    assert {str(piece.op) for piece in etc.ledger.diff(HOST)} == {"removed"}


def _words(piece: Evidence) -> str:
    return f"{piece.summary} {piece.note} {piece.before} {piece.after}"
