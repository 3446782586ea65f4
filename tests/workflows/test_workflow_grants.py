"""Grants: issued by a home, read where there is none."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from changelog_ledger import Ledger
from changelog_ledger.errors import HomeError, InvalidInput, InvalidTime, NotFound, PolicyRefused, TransitionRefused
from changelog_ledger.model.gate import IssuedGrant
from changelog_ledger.model.topology import Target
from changelog_ledger.workflows.grants import GRANT_KEY, carry_grant, issue_grant, keep_grant, shown_grant_key
from changelog_ledger.workflows.read_grants import grants_folder, read_grants
from changelog_ledger.workflows.workspace import Workspace

from .world import HOST, World, entropy

DAY = timedelta(hours=24)
ON = [f"host:{HOST}"]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository's git directory."""
    subprocess.run(["git", "init", "--quiet", str(tmp_path / "repository")], check=True)
    return tmp_path / "repository" / ".git"


def workspace(world: World) -> Workspace:
    return world.ledger._workspace


def started(world: World, title: str = "Raise timeouts", **details: object) -> str:
    change = world.ledger.plan(title, ON, paths=["/etc/haproxy/**"], **details)
    return world.ledger.start(change.id).id


def issue(world: World, change: str, length: timedelta = DAY) -> IssuedGrant:
    return issue_grant(workspace(world), change, length)


def test_a_grant_is_verified_without_the_home_that_made_it(either: World, repository: Path) -> None:
    change = started(either)
    kept = keep_grant(issue(either, change), repository)
    shutil.rmtree(either.ledger.home)
    found, reasons = read_grants(grants_folder(repository), [kept.key], either.clock.tick(hours=23))
    assert (found, reasons) == ((kept.grant,), ())
    assert (found[0].change, found[0].title, found[0].paths) == (change, "Raise timeouts", ("/etc/haproxy/**",))


def test_the_change_says_that_it_was_granted(world: World) -> None:
    change = started(world)
    issued = issue(world, change)
    assert world.ledger.find_change(change).notes[-1].text == f"grant {issued.grant.id} for offline work until 2025-06-03T09:00:00Z"
    assert world.ledger.verify() == ()


def test_it_lies_in_the_git_directory_and_nobody_else_reads_it(world: World, repository: Path) -> None:
    file = Path(keep_grant(issue(world, started(world)), repository).file)
    assert file == repository / "changelog-ledger" / "grants" / file.name
    assert [stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent, file.parent.parent)] == [0o600, 0o700, 0o700]
    shown = subprocess.run(["git", "status", "--porcelain", "--ignored"], cwd=repository.parent, check=True, capture_output=True)
    assert shown.stdout == b""


def test_it_is_carried_to_where_there_is_no_ledger(world: World, repository: Path, tmp_path: Path) -> None:
    issued = issue(world, started(world))
    carried = carry_grant(issued, tmp_path / "grant.json")
    with pytest.raises(InvalidInput, match="is there already"):
        carry_grant(issued, tmp_path / "grant.json")
    grants_folder(repository).mkdir(parents=True)
    shutil.copy(carried.file, grants_folder(repository))
    assert read_grants(grants_folder(repository), [issued.key], world.clock())[0] == (issued.grant,)


def test_the_hosts_of_its_services_are_granted_with_them(either: World) -> None:
    either.ledger.add_service("shop", runs_on=["web-03", HOST])
    change = either.ledger.plan("Deploy", ["service:shop"])
    granted = issue(either, change.id).grant
    assert granted.on == (Target.service("shop"), Target.host(HOST), Target.host("web-03"))


def test_the_grant_of_another_home_does_not_count(world: World, repository: Path, tmp_path: Path) -> None:
    with Ledger.init(tmp_path / "other", host=HOST, clock=world.clock, entropy=entropy(99)) as other:
        theirs = issue_grant(other._workspace, other.plan("Mine", ON).id, DAY)
    ours = keep_grant(issue(world, started(world)), repository)
    keep_grant(theirs, repository)
    found, reasons = read_grants(grants_folder(repository), [ours.key], world.clock())
    assert found == (ours.grant,)
    assert [reason.text for reason in reasons] == [
        f"{theirs.grant.id}.json does not count: it is signed with a key that the policy does not list: {theirs.key}"
    ]


def test_an_expired_one_does_not_count(world: World, repository: Path) -> None:
    kept = keep_grant(issue(world, started(world), timedelta(hours=1)), repository)
    found, reasons = read_grants(grants_folder(repository), [kept.key], world.clock.tick(hours=1))
    assert found == ()
    assert "expired at 2025-06-02T10:00:00Z" in reasons[0].text


def test_a_forged_end_does_not_count(world: World, repository: Path) -> None:
    kept = keep_grant(issue(world, started(world)), repository)
    file = Path(kept.file)
    assert "2025-06-03" in file.read_text()
    file.write_text(file.read_text().replace("2025-06-03", "2025-06-23"))
    found, reasons = read_grants(grants_folder(repository), [kept.key], world.clock.tick(days=3))
    assert found == ()
    assert "signature is wrong" in reasons[0].text


def test_what_is_no_grant_stops_no_other_one_and_is_named(world: World, repository: Path) -> None:
    kept = keep_grant(issue(world, started(world)), repository)
    folder = grants_folder(repository)
    (folder / "a-link.json").symlink_to(kept.file)
    (folder / "b-folder.json").mkdir()
    os.mkfifo(folder / "c-fifo.json")
    (folder / "d-large.json").write_bytes(b" " * (64 * 1024 + 1))
    (folder / "e-bytes.json").write_bytes(b"\xff\xfe")
    (folder / "f-empty.json").touch()
    (folder / "g-name.txt").write_text(Path(kept.file).read_text())
    (folder / ".being-written.new").touch()
    found, reasons = read_grants(folder, [kept.key], world.clock())
    assert found == (kept.grant,)
    assert [reason.text.split(" does not count: ") for reason in reasons] == [
        ["a-link.json", "it is a symlink"],
        ["b-folder.json", "it is no regular file"],
        ["c-fifo.json", "it is no regular file"],
        ["d-large.json", "it is larger than 64 KiB, which no grant is"],
        ["e-bytes.json", "it is no text"],
        ["f-empty.json", "it is no JSON"],
        ["g-name.txt", "its name does not end in .json"],
    ]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_of_somebody_else_does_not_count(world: World, repository: Path) -> None:
    kept = keep_grant(issue(world, started(world)), repository)
    os.chown(kept.file, 12345, 12345)
    found, reasons = read_grants(grants_folder(repository), [kept.key], world.clock())
    assert found == ()
    assert "belongs to somebody else (user 12345)" in reasons[0].text


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_what_cannot_be_read_is_named(world: World, repository: Path) -> None:
    kept = keep_grant(issue(world, started(world)), repository)
    Path(kept.file).chmod(0)
    assert "Permission denied" in read_grants(grants_folder(repository), [kept.key], world.clock())[1][0].text
    grants_folder(repository).chmod(0)
    assert "Permission denied" in read_grants(grants_folder(repository), [kept.key], world.clock())[1][0].text
    grants_folder(repository).chmod(0o700)


def test_a_repository_without_grants_has_none(repository: Path, world: World) -> None:
    assert read_grants(grants_folder(repository), [], world.clock()) == ((), ())


def test_one_grant_in_two_files_is_one(world: World, repository: Path) -> None:
    kept = keep_grant(issue(world, started(world)), repository)
    shutil.copy(kept.file, grants_folder(repository) / "copy.json")
    assert read_grants(grants_folder(repository), [kept.key], world.clock()) == ((kept.grant,), ())


class TestWhatIsGranted:
    def test_a_change_that_is_over_is_not(self, world: World) -> None:
        change = started(world)
        world.ledger.finish(change)
        notes = world.ledger.find_change(change).notes
        with pytest.raises(TransitionRefused, match="is succeeded"):
            issue(world, change)
        assert world.ledger.find_change(change).notes == notes

    def test_an_unknown_change_is_not(self, world: World) -> None:
        with pytest.raises(NotFound):
            issue(world, "CHG-000000")

    def test_a_change_that_could_not_start_is_not(self, world: World) -> None:
        world.ledger.freeze.add("Christmas", "now", "in 3d")
        change = world.ledger.plan("Raise timeouts", ON)
        with pytest.raises(PolicyRefused, match="Christmas"):
            issue(world, change.id)
        issue(world, world.ledger.start(change.id, override="outage").id)

    def test_one_that_needs_an_approval_is_granted_after_it(self, world: World) -> None:
        toml = world.ledger.home / "ledger.toml"
        toml.write_text(toml.read_text() + "\n[changes]\napprovals = { low = 1 }\n")
        with Ledger.open(world.ledger.home, actor="alex", clock=world.clock, entropy=entropy(3)) as strict:
            change = strict.plan("Raise timeouts", ON, impact="low")
            with pytest.raises(TransitionRefused):
                issue_grant(strict._workspace, change.id, DAY)
            with Ledger.open(world.ledger.home, actor="bob", clock=world.clock, entropy=entropy(4)) as bob:
                bob.approve(change.id)
            issue_grant(strict._workspace, change.id, DAY)

    def test_a_planned_change_is_granted_for_its_window_only(self, world: World) -> None:
        change = world.ledger.plan("Raise timeouts", ON, start="in 10h", end="in 12h")
        grant = issue(world, change.id).grant
        assert (grant.issued_at, grant.not_before, grant.expires_at) == tuple(world.clock() + timedelta(hours=hours) for hours in (0, 10, 12))
        assert "from 2025-06-02T19:00:00Z until 2025-06-02T21:00:00Z" in world.ledger.find_change(change.id).notes[-1].text

    def test_a_window_that_opens_too_late_is_said(self, world: World) -> None:
        change = world.ledger.plan("Raise timeouts", ON, start="in 30h", end="in 32h")
        with pytest.raises(InvalidTime, match="does not open before"):
            issue(world, change.id)
        assert issue(world, change.id, timedelta(hours=31)).grant.expires_at == world.clock() + timedelta(hours=31)

    def test_a_window_that_is_over_is_said(self, world: World) -> None:
        change = world.ledger.plan("Raise timeouts", ON, start="in 1h", end="in 2h")
        world.clock.tick(hours=3)
        with pytest.raises(InvalidTime, match="is over"):
            issue(world, change.id)

    @pytest.mark.parametrize("length", [timedelta(0), timedelta(hours=-1), timedelta(days=30, seconds=1)])
    def test_it_holds_for_a_limited_time(self, world: World, length: timedelta) -> None:
        change = started(world)
        with pytest.raises(InvalidTime, match="30 days at most"):
            issue(world, change, length)
        assert issue(world, change, timedelta(days=30)).grant.expires_at == world.clock() + timedelta(days=30)

    def test_one_that_is_too_large_to_be_read_is_not_issued(self, world: World) -> None:
        change = world.ledger.plan("Everything", ON, paths=[f"/srv/{number:05}/**" for number in range(5000)])
        with pytest.raises(InvalidInput, match="too many"):
            issue(world, change.id)
        assert world.ledger.find_change(change.id).notes == change.notes


class TestTheKey:
    def test_it_is_made_once_and_private(self, world: World) -> None:
        file = world.ledger.home / "keys" / GRANT_KEY
        assert not file.exists()
        assert shown_grant_key(workspace(world)) == ""
        change = started(world)
        first, second = issue(world, change), issue(world, change)
        assert first.key == second.key == shown_grant_key(workspace(world))
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert file.read_text().strip() not in first.text
        assert first.grant.id != second.grant.id

    def test_several_who_need_it_first_make_one(self, world: World) -> None:
        change = started(world)
        with ThreadPoolExecutor(8) as pool:
            issued = list(pool.map(lambda _number: issue(world, change), range(8)))
        assert len({each.key for each in issued}) == 1
        assert len({each.grant.id for each in issued}) == 8

    def test_one_that_others_may_read_signs_nothing(self, world: World) -> None:
        change = started(world)
        issue(world, change)
        (world.ledger.home / "keys" / GRANT_KEY).chmod(0o640)
        notes = world.ledger.find_change(change).notes
        with pytest.raises(HomeError, match="others may read"):
            issue(world, change)
        assert world.ledger.find_change(change).notes == notes

    @pytest.mark.parametrize("text", ["", "no key\n", "abcd\n", "zz" * 32])
    def test_a_damaged_one_is_said_and_not_replaced(self, world: World, text: str) -> None:
        change = started(world)
        file = world.ledger.home / "keys" / GRANT_KEY
        file.touch(0o600)
        file.write_text(text)
        with pytest.raises(HomeError, match="holds no key"):
            issue(world, change)
        assert file.read_text() == text


def test_openssl_verifies_it_without_this_program(world: World, tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl")
    import base64

    value = json.loads(issue(world, started(world)).text)
    der = bytes.fromhex("302a300506032b6570032100") + base64.b64decode(value["key"].removeprefix("ed25519:"))  # RFC 8410, 10.1
    (tmp_path / "key.der").write_bytes(der)
    (tmp_path / "payload").write_bytes(value["payload"].encode())
    (tmp_path / "signature").write_bytes(base64.b64decode(value["signature"]))
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key.der", "-rawin", "-in", "payload", "-sigfile", "signature"]
    assert b"Verified Successfully" in subprocess.run(command, cwd=tmp_path, check=True, capture_output=True).stdout
