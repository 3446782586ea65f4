"""Originals under age: who can open them, a new key, a copy for a safe place, and opening them without this program."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pyrage
import pytest

from changelog_ledger import Ledger
from changelog_ledger.errors import HomeError, InvalidInput, SettingsError, SnapshotError

from .world import HOST, World

SECRET = b"correct-horse-battery-staple"
SEALED = ".ledger/sealed/etc/app.ini"


def blob(world: World, place: str) -> bytes:
    git = ["git", f"--git-dir={world.ledger.home / 'snapshots.git'}", "cat-file", "blob", f"refs/heads/host/{HOST}{place}"]
    return subprocess.run(git, check=True, capture_output=True).stdout


def opened(sealed: bytes, identity_file: str) -> bytes:
    """By age itself where it is installed, else by its library."""
    lines = [line for line in identity_file.splitlines() if line and not line.startswith("#")]
    if shutil.which("age") is None:
        return bytes(pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(line) for line in lines]))
    reader, writer = os.pipe()
    os.write(writer, identity_file.encode())
    os.close(writer)
    done = subprocess.run(["age", "--decrypt", "-i", f"/dev/fd/{reader}"], input=sealed, capture_output=True, check=True, pass_fds=[reader])
    os.close(reader)
    return done.stdout


def test_git_and_age_open_an_original_without_this_program(world: World) -> None:
    world.snapshot()
    assert SECRET not in blob(world, ":etc/app.ini")
    assert opened(blob(world, f":{SEALED}"), world.ledger.export_keys()) == world.machine.path("/etc/app.ini").read_bytes()


def test_what_is_shown_is_not_secret(world: World) -> None:
    shown = world.ledger.keys()
    assert shown.recipients == (shown.own,)
    assert shown.older == ()
    assert "AGE-SECRET-KEY" not in repr(shown)
    assert shown.own.startswith("age1")


def test_a_new_key_seals_everything_anew_and_the_old_one_still_opens_what_is_old(world: World) -> None:
    first = world.snapshot()
    before = world.ledger.export_keys()
    old = world.ledger.keys().own
    assert world.ledger.rotate_key().older == (old,)
    second, third = world.snapshot(), world.snapshot()
    assert second.commit != first.commit
    assert third.unchanged, "sealed anew once"
    assert world.ledger.diff(HOST, first.at, second.at) == (), "nothing of the host differs"
    for at in (first.at, second.at):
        assert SECRET in world.ledger.cat(HOST, "/etc/app.ini", at=at, reveal=True)
    assert SECRET in opened(blob(world, f"~1:{SEALED}"), before)
    with pytest.raises((subprocess.CalledProcessError, pyrage.DecryptError)):
        opened(blob(world, f":{SEALED}"), before)
    assert world.ledger.verify() == ()


def test_keys_are_for_their_owner_only(world: World) -> None:
    world.ledger.rotate_key()
    folder = world.ledger.home / "keys"
    assert {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {"fingerprint.key": 0o600, "sealing.key": 0o600}
    (folder / "sealing.key").chmod(0o640)
    with Ledger.open(world.ledger.home) as again, pytest.raises(HomeError, match="others may read"):
        again.keys()


def test_a_copy_for_a_safe_place(world: World, tmp_path: Path) -> None:
    world.snapshot()
    place = tmp_path / "safe.txt"
    world.ledger.export_keys(to=place)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert SECRET in opened(blob(world, f":{SEALED}"), place.read_text())
    with pytest.raises(InvalidInput, match="is there already"):
        world.ledger.export_keys(to=place)
    with pytest.raises(InvalidInput, match="No such file or directory"):
        world.ledger.export_keys(to=tmp_path / "nowhere/safe.txt")


def test_nobody_can_have_the_file_open_before_it_is_ours(world: World, tmp_path: Path) -> None:
    """Somebody who may write to the folder makes the file first and waits for the keys to be written into it."""
    waiting = tmp_path / "safe.txt"
    waiting.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InvalidInput, match="is there already"):
        world.ledger.export_keys(to=waiting)
    assert not (tmp_path / "elsewhere").exists()


def test_a_host_that_can_seal_and_not_open(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offline = pyrage.x25519.Identity.generate()
    key = tmp_path / "offline.txt"
    key.write_text(f"# kept elsewhere\n{offline}\n")
    key.chmod(0o600)
    home = tmp_path / "sealing-only"
    with Ledger.init(home, host=HOST, recipients=[str(offline.to_public())], own_key=False, clock=world.clock) as ledger:
        assert not (home / "keys/sealing.key").exists()
        assert (ledger.keys().own, ledger.keys().recipients) == ("", (str(offline.to_public()),))
        world.clock.tick(minutes=1)
        ledger.snapshot(HOST, root=world.machine.root)
        with pytest.raises(HomeError) as refused:
            ledger.cat(HOST, "/etc/app.ini", reveal=True)
        assert "LEDGER_IDENTITY" in refused.value.hint
        with pytest.raises(HomeError, match="no key"):
            ledger.export_keys()
        with pytest.raises(HomeError, match="no key of its own"):
            ledger.rotate_key()
        assert ledger.verify() == ()
    monkeypatch.setenv("LEDGER_IDENTITY", str(key))
    with Ledger.open(home) as ledger:
        assert SECRET in ledger.cat(HOST, "/etc/app.ini", reveal=True)


def test_another_key_does_not_open(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world.snapshot()
    (world.ledger.home / "keys/sealing.key").write_text(f"{pyrage.x25519.Identity.generate()}\n")
    with Ledger.open(world.ledger.home) as again, pytest.raises(SnapshotError, match="cannot be opened"):
        again.cat(HOST, "/etc/app.ini", reveal=True)


def test_a_secret_key_in_the_wrong_place_is_not_repeated(tmp_path: Path) -> None:
    secret = str(pyrage.x25519.Identity.generate())
    with pytest.raises(InvalidInput, match="that is a secret key") as refused:
        Ledger.init(tmp_path / "home", recipients=[secret])
    assert secret not in str(refused.value)
    with Ledger.init(tmp_path / "home", host=HOST):
        pass
    settings = tmp_path / "home/ledger.toml"
    settings.write_text(settings.read_text().replace("recipients = []", f'recipients = ["{secret}"]'))
    with pytest.raises(SettingsError) as again:
        Ledger.open(tmp_path / "home")
    assert secret not in again.value.message + (again.value.hint or "")


def test_verify_says_which_key_is_missing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.snapshot()
    monkeypatch.setenv("LEDGER_IDENTITY", "/nonexistent/identity")
    with Ledger.open(world.ledger.home) as again:
        assert [finding.code for finding in again.verify()] == ["key"]
    monkeypatch.delenv("LEDGER_IDENTITY")
    (world.ledger.home / "keys/fingerprint.key").unlink()
    with Ledger.open(world.ledger.home) as again:
        (finding,) = again.verify()
    assert "fingerprint.key" in finding.text


def test_nobody_to_seal_for(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="sealed for somebody"):
        Ledger.init(tmp_path / "home", own_key=False)
    with pytest.raises(InvalidInput, match="no age recipient"):
        Ledger.init(tmp_path / "home", recipients=["age1nonsense"])
    assert not (tmp_path / "home").exists()


def test_a_link_that_holds_a_password_is_sealed_too(world: World) -> None:
    world.machine.path("/etc/mirror").symlink_to("https://bob:hunter2-of-the-link@mirror.example/x")
    snapshot = world.snapshot()
    assert b"hunter2" not in blob(world, ":etc/mirror")
    assert b"hunter2" not in world.ledger.cat(HOST, "/etc/mirror")
    assert world.ledger.cat(HOST, "/etc/mirror", reveal=True) == b"https://bob:hunter2-of-the-link@mirror.example/x"
    assert world.snapshot().commit == snapshot.commit
