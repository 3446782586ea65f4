"""The gate while its ledger is away: closed, by a grant, or with a warning; and what the ledger learns of it afterwards."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from changelog_ledger import Ledger
from changelog_ledger.errors import Busy, HomeError
from changelog_ledger.model.fact import Fact, canonical
from changelog_ledger.model.gate import Away, Configuration, Edit, GatePolicy, Judged, Person, Place, Side, Verdict
from changelog_ledger.model.spool import Waiting
from changelog_ledger.model.topology import Target
from changelog_ledger.sources.git_repository import GitRepository
from changelog_ledger.store.spool import line_of
from changelog_ledger.workflows.away_gate import when_away
from changelog_ledger.workflows.check_edits import Desk, judged_staged
from changelog_ledger.workflows.grants import issue_grant, keep_grant
from changelog_ledger.workflows.unchecked_edits import Absence, remember, take_back
from changelog_ledger.workflows.workspace import Workspace

from .world import HOST, World, entropy

FILE = f"hosts/{HOST}/etc/haproxy/haproxy.cfg"
ANN = Person("Ann", "ann@example.org")
_SEEDS = iter(range(20_000, 30_000))


@pytest.fixture(autouse=True)
def _state_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)


@dataclass
class Clone:
    """A repository with a staged edit, and the ledger that is asked about it."""

    folder: Path
    world: World
    policy: GatePolicy
    home: Callable[[], Workspace]

    @property
    def common(self) -> Path:
        return self.folder / ".git"

    def stage(self, path: str, text: str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        git(self.folder, "add", "--all")

    def check(self, when: Away, *, keys: tuple[str, ...] = (), home: Callable[[], Workspace] | None = None) -> Verdict:
        policy = replace(self.policy, when_away=when, grant_keys=keys)
        with GitRepository.open(str(self.folder)) as repository:
            desk = Desk(repository, home or self.home, self.world.clock, "ann", lambda: ANN)
            return judged_staged(desk, policy, repository.staged())

    def grant(self, *paths: str) -> str:
        """A grant for a change that is under way; its key."""
        change = self.world.ledger.plan("Raise timeouts", [f"host:{HOST}"], paths=paths)
        self.world.ledger.start(change.id)
        return keep_grant(issue_grant(self.world.ledger._workspace, change.id, timedelta(hours=24)), self.common).key


def git(folder: Path, *arguments: str) -> None:
    names = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org"]
    subprocess.run(["git", "-C", str(folder), *names, *arguments], check=True, capture_output=True)


def no_home() -> Workspace:
    raise HomeError("there is no ledger at /nowhere", "make one with: ledger init")


@pytest.fixture
def clone(world: World, tmp_path: Path) -> Clone:
    toml = world.ledger.home / "ledger.toml"
    toml.write_text("patience = 0.1\nlock_timeout = 0.1\n" + toml.read_text())
    folder = tmp_path / "configuration"
    git(tmp_path, "init", "--quiet", str(folder))
    git(folder, "commit", "--quiet", "--allow-empty", "-m", "nothing yet")
    made = Clone(folder, world, GatePolicy((Configuration("hosts/{host}/**"),)), lambda: opened(world)._workspace)
    made.stage(FILE, "timeout client 30s\n")
    return made


def opened(world: World) -> Ledger:
    return Ledger.open(world.ledger.home, actor="ann", clock=world.clock, entropy=entropy(next(_SEEDS)))


@contextmanager
def locked(world: World) -> Iterator[None]:
    """Somebody else holds the database."""
    with sqlite3.connect(world.ledger.home / "ledger.db", isolation_level=None) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        yield
        holder.execute("ROLLBACK")


def observed(ledger: Ledger) -> list[dict[str, Any]]:
    """The bodies of the observations that were recorded."""
    exported = [json.loads(line) for line in ledger.export_facts()]
    return [line for line in exported if line.get("what") == "commit-unchecked"]


class TestClosed:
    def test_nothing_passes_and_the_ways_are_named(self, clone: Clone) -> None:
        with pytest.raises(HomeError, match="cannot ask its ledger: there is no ledger at /nowhere") as refused:
            clone.check(Away.CLOSED, home=no_home)
        assert all(way in refused.value.hint for way in ("ledger init", "LEDGER_EMERGENCY", "ledger hook grant", '"warn"'))
        with locked(clone.world), pytest.raises(Busy):
            clone.check(Away.CLOSED)

    def test_a_full_disk_is_an_error_like_any_other(self, clone: Clone) -> None:
        def full() -> Workspace:
            raise OSError(28, "No space left on device")

        with pytest.raises(HomeError, match="No space left"):
            clone.check(Away.CLOSED, home=full)

    def test_a_grant_helps_only_where_the_policy_says_so(self, clone: Clone) -> None:
        key = clone.grant()
        with pytest.raises(HomeError):
            clone.check(Away.CLOSED, keys=(key,), home=no_home)

    def test_what_is_no_configuration_asks_nobody(self, clone: Clone) -> None:
        git(clone.folder, "rm", "--cached", FILE)
        clone.stage("README.md", "notes\n")
        git(clone.folder, "reset", "--quiet", "--", "hosts")
        assert clone.check(Away.CLOSED, home=no_home).passes

    def test_comments_alone_ask_nobody(self, clone: Clone) -> None:
        clone.stage(FILE, "frontend shop\n    timeout client 30s\n")
        git(clone.folder, "commit", "--quiet", "-m", "first")
        clone.stage(FILE, "# who set this?\nfrontend shop\n    timeout client 30s\n")
        assert clone.check(Away.CLOSED, home=no_home).passes
        clone.stage(FILE, "# who set this?\nfrontend shop\n    timeout client 60s\n")
        with pytest.raises(HomeError):
            clone.check(Away.CLOSED, home=no_home)

    def test_a_bug_is_no_absence(self, clone: Clone) -> None:
        def broken() -> Workspace:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            clone.check(Away.WARN, home=broken)


class TestWarn:
    def test_it_passes_says_so_and_is_recorded_later(self, clone: Clone) -> None:
        verdict = clone.check(Away.WARN, home=no_home)
        assert verdict.passes
        assert [judged.exempt for judged in verdict.edits] == ["not checked: the ledger is away"]
        assert [(remark.code, remark.text) for remark in verdict.remarks] == [
            ("away", "the ledger does not answer (there is no ledger at /nowhere); edits: 1 unchecked")
        ]
        with opened(clone.world) as ledger:
            assert take_back(clone.common, ledger._workspace) == 1
            (recorded,) = observed(ledger)
            assert (recorded["on"], recorded["actor"]) == (f"host:{HOST}", "ann")
            assert recorded["summary"] == f"{FILE}: let in unchecked while the ledger was away"
            said = recorded["data"]
            assert (said["paths"], said["author"], said["repository"]) == ([FILE], "Ann <ann@example.org>", "configuration")
            assert ledger.verify() == ()
        assert list((clone.common / "changelog-ledger" / "waiting").iterdir()) == []

    def test_if_only_the_database_is_away_it_waits_in_the_spool_of_the_home(self, clone: Clone) -> None:
        with locked(clone.world):
            assert clone.check(Away.WARN).passes
        assert not (clone.common / "changelog-ledger").exists()
        with opened(clone.world) as ledger:
            assert [waiting.fact.data["what"] for waiting in ledger.spool.list()] == ["commit-unchecked"]
            ledger.spool.merge()
            assert len(observed(ledger)) == 1
            assert ledger.verify() == ()

    def test_asked_twice_it_is_recorded_once(self, clone: Clone) -> None:
        """The check before the commit and that of its message; a commit that is tried again an hour later; and once more when it was taken back."""
        for _ in range(2):
            clone.check(Away.WARN, home=no_home)
        with opened(clone.world) as ledger:
            assert take_back(clone.common, ledger._workspace) == 1
        clone.world.clock.tick(hours=1)
        clone.check(Away.WARN, home=no_home)
        with locked(clone.world):
            clone.check(Away.WARN)
        with opened(clone.world) as ledger:
            assert take_back(clone.common, ledger._workspace) == 1
            assert len(observed(ledger)) == 1
            assert ledger.spool.list() == ()

    def test_another_edit_is_another_observation(self, clone: Clone) -> None:
        clone.check(Away.WARN, home=no_home)
        clone.stage(FILE, "timeout client 60s\n")
        clone.check(Away.WARN, home=no_home)
        with opened(clone.world) as ledger:
            assert take_back(clone.common, ledger._workspace) == 2
            assert len(observed(ledger)) == 2

    def test_each_target_has_its_own(self, clone: Clone) -> None:
        clone.world.ledger.add_host("web-02")
        clone.stage("hosts/web-02/etc/hosts", "127.0.0.1 localhost\n")
        clone.stage(f"hosts/{HOST}/etc/hosts", "127.0.0.1 localhost\n")
        clone.check(Away.WARN, home=no_home)
        with opened(clone.world) as ledger:
            take_back(clone.common, ledger._workspace)
            found = {line["on"]: line["data"]["number"] for line in observed(ledger)}
        assert found == {f"host:{HOST}": 2, "host:web-02": 1}

    def test_a_host_that_nobody_knows_stays_in_the_spool_with_the_reason(self, clone: Clone) -> None:
        clone.stage("hosts/web-77/etc/hosts", "127.0.0.1 localhost\n")
        clone.check(Away.WARN, home=no_home)
        with opened(clone.world) as ledger:
            assert take_back(clone.common, ledger._workspace) == 2
            assert [waiting.reason for waiting in ledger.spool.list()] == ["there is no host web-77"]
            ledger.add_host("web-77")
            ledger.spool.merge()
            assert {line["on"] for line in observed(ledger)} == {f"host:{HOST}", "host:web-77"}

    def test_what_cannot_be_remembered_does_not_pass(self, clone: Clone) -> None:
        (clone.common / "changelog-ledger").write_text("in the way")
        with pytest.raises(HomeError, match="cannot be remembered"):
            clone.check(Away.WARN, home=no_home)

    def test_what_others_may_write_to_is_no_place_to_remember(self, clone: Clone) -> None:
        clone.check(Away.WARN, home=no_home)
        (clone.common / "changelog-ledger" / "waiting").chmod(0o770)
        clone.stage(FILE, "timeout client 60s\n")
        with pytest.raises(HomeError, match="others may write to it"):
            clone.check(Away.WARN, home=no_home)

    def test_it_is_private(self, clone: Clone) -> None:
        clone.check(Away.WARN, home=no_home)
        (file,) = (clone.common / "changelog-ledger" / "waiting").iterdir()
        assert [stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent, file.parent.parent)] == [0o600, 0o700, 0o700]

    def test_a_strange_name_of_a_file_is_remembered(self, clone: Clone) -> None:
        file = os.fsencode(clone.folder / "hosts" / HOST) + b"/ \n\xff"
        with open(file, "wb") as written:
            written.write(b"x\n")
        git(clone.folder, "rm", "--quiet", "--cached", FILE)
        git(clone.folder, "add", "hosts")
        clone.check(Away.WARN, home=no_home)
        with opened(clone.world) as ledger:
            take_back(clone.common, ledger._workspace)
            assert observed(ledger)[0]["summary"].endswith("let in unchecked while the ledger was away")
            assert ledger.verify() == ()


class TestGrant:
    def test_a_covered_edit_passes_and_the_ledger_learns_by_which_grant(self, clone: Clone) -> None:
        key = clone.grant("/etc/haproxy/**", f"/hosts/{HOST}/**")
        verdict = clone.check(Away.GRANT, keys=(key,), home=no_home)
        assert verdict.passes
        change = clone.world.ledger.changes()[0]
        assert [judged.changes for judged in verdict.edits] == [(change.id,)]
        with opened(clone.world) as ledger:
            take_back(clone.common, ledger._workspace)
            (recorded,) = observed(ledger)
            assert recorded["data"]["change"] == change.id
            assert recorded["data"]["grant"].startswith("GRT-")
            assert recorded["data"]["grant"] in recorded["summary"]

    def test_what_it_does_not_cover_stays_refused(self, clone: Clone) -> None:
        key = clone.grant("/etc/nginx/**")
        verdict = clone.check(Away.GRANT, keys=(key,), home=no_home)
        assert not verdict.passes
        assert [(miss.code, miss.commands) for judged in verdict.edits for miss in judged.misses] == [("path", ())]
        assert verdict.remarks[0].text.endswith("edits: 1 refused: no grant covers them")
        assert not (clone.common / "changelog-ledger" / "waiting").exists()

    def test_without_a_grant_nothing_passes(self, clone: Clone) -> None:
        assert not clone.check(Away.GRANT, home=no_home).passes

    def test_why_a_grant_does_not_count_is_said(self, clone: Clone) -> None:
        clone.grant()
        verdict = clone.check(Away.GRANT, keys=("ed25519:" + "A" * 43 + "=",), home=no_home)
        assert not verdict.passes
        assert "a key that the policy does not list" in verdict.remarks[1].text

    def test_an_expired_one_refuses_and_says_so(self, clone: Clone) -> None:
        key = clone.grant()
        clone.world.clock.tick(hours=24)
        verdict = clone.check(Away.GRANT, keys=(key,), home=no_home)
        assert not verdict.passes
        assert "expired at" in verdict.remarks[1].text

    @pytest.mark.parametrize(("behind", "passes"), [(4, True), (6, False)])
    def test_a_clock_may_be_a_little_behind(self, clone: Clone, behind: int, passes: bool) -> None:
        key = clone.grant()
        clone.world.clock.tick(minutes=-behind)
        verdict = clone.check(Away.GRANT, keys=(key,), home=no_home)
        assert verdict.passes is passes
        assert passes or "this machine's clock" in verdict.remarks[1].text

    def test_a_lenient_policy_names_the_change_all_the_same(self, clone: Clone) -> None:
        key = clone.grant(f"/hosts/{HOST}/etc/haproxy/**")
        clone.stage(f"hosts/{HOST}/etc/hosts", "127.0.0.1 localhost\n")
        verdict = clone.check(Away.WARN, keys=(key,), home=no_home)
        assert verdict.passes
        assert {judged.edit.path: bool(judged.changes) for judged in verdict.edits} == {FILE: True, f"hosts/{HOST}/etc/hosts": False}
        assert verdict.remarks[0].text.endswith("edits: 1 by grant, 1 unchecked")

    def test_while_the_ledger_answers_grants_are_nobodys_business(self, clone: Clone) -> None:
        key = clone.grant()
        clone.world.ledger.finish(clone.world.ledger.changes()[0].id)
        clone.world.clock.tick(minutes=1)
        assert clone.check(Away.GRANT, keys=(key,), home=no_home).passes
        assert not clone.check(Away.GRANT, keys=(key,)).passes


class TestTakingBack:
    def test_where_nothing_waits_nothing_is_done(self, clone: Clone) -> None:
        assert take_back(clone.common, clone.world.ledger._workspace) == 0

    def test_the_database_may_be_away_again(self, clone: Clone) -> None:
        clone.check(Away.WARN, home=no_home)
        with locked(clone.world), opened(clone.world) as ledger:
            assert take_back(clone.common, ledger._workspace) == 1
            assert len(ledger.spool.list()) == 1
        with opened(clone.world) as ledger:
            ledger.spool.merge()
            assert len(observed(ledger)) == 1

    def test_killed_in_between_it_is_recorded_once(self, clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
        clone.check(Away.WARN, home=no_home)

        def killed(*_arguments: object) -> None:
            raise KeyboardInterrupt

        with opened(clone.world) as ledger:
            with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
                patched.setattr("changelog_ledger.store.spool.Spool.settle", killed)
                take_back(clone.common, ledger._workspace)
            assert take_back(clone.common, ledger._workspace) == 1
            assert len(observed(ledger)) == 1
            assert ledger.spool.list() == ()

    def test_only_what_the_gate_wrote_is_taken(self, clone: Clone) -> None:
        """Whoever can write to a clone must not be able to finish changes by it."""
        clone.check(Away.WARN, home=no_home)
        (file,) = (clone.common / "changelog-ledger" / "waiting").iterdir()
        now = clone.world.clock()
        forged = Fact("01JWQXWZM072TECMQ49PKZ57H6", "mark", "mark:x", now, now, "eve", canonical({"target": f"host:{HOST}", "state": "good"}))
        with file.open("ab") as opened_file:
            opened_file.write(line_of(Waiting(forged)) + b"no fact\n" + b'{"half')
        warnings: list[str] = []
        with Ledger.open(clone.world.ledger.home, actor="ann", clock=clone.world.clock, entropy=entropy(5), warn=warnings.append) as ledger:
            assert take_back(clone.common, ledger._workspace) == 1
            assert [line["kind"] for line in map(json.loads, ledger.export_facts()) if line["kind"] == "mark"] == []
        assert f"2 of the lines in {file} are nothing that the gate wrote; they stay there" in warnings
        assert file.read_bytes().splitlines() == [line_of(Waiting(forged)).rstrip(), b"no fact"]

    def test_what_others_may_write_is_not_believed_and_said(self, clone: Clone) -> None:
        clone.check(Away.WARN, home=no_home)
        (clone.common / "changelog-ledger" / "waiting").chmod(0o777)
        warnings: list[str] = []
        with Ledger.open(clone.world.ledger.home, actor="ann", clock=clone.world.clock, entropy=entropy(5), warn=warnings.append) as ledger:
            assert take_back(clone.common, ledger._workspace) == 0
        assert len(warnings) == 1
        assert "others may write to it" in warnings[0]


def test_an_edit_that_is_exempt_is_not_remembered(tmp_path: Path, world: World) -> None:
    edit = Edit("hosts/a/x", None, Side(0o100644, "1" * 40))
    exempt, bare = (
        Judged(edit, (Place((Target.host("a"),)),), exempt="renovate[bot] is exempt"),
        Judged(replace(edit, path="hosts/a/y"), (Place(()),)),
    )
    absence = Absence(tmp_path, None, "ann", world.clock)
    outcome = when_away(HomeError("away"), GatePolicy(when_away=Away.WARN), [exempt, bare], lambda _changes: [exempt, bare], absence)
    assert [judged.exempt for judged in outcome.edits] == ["renovate[bot] is exempt", "not checked: the ledger is away"]
    assert take_back(tmp_path, world.ledger._workspace) == 1
    (recorded,) = observed(world.ledger)
    assert (recorded["on"], recorded["data"]["paths"]) == ("all", ["hosts/a/y"])


def test_nothing_to_remember_writes_nothing(tmp_path: Path, world: World) -> None:
    remember(Absence(tmp_path, None, "ann", world.clock), [], [])
    assert list(tmp_path.glob("changelog-ledger")) == []
