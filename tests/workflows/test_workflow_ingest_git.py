"""Real repositories: which commits are told, of what, and what explains them; and repositories that mean no good."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from changelog_ledger.errors import NotFound, RepositoryError

from .world import HOST, START, World

TOKEN = "ghp_" + "a1B2c3D4e5" * 3 + "f6G7h8"


@dataclass
class Repository:
    """Somebody's repository, whose commits bear the times that a test has chosen."""

    folder: Path
    at: datetime = START - timedelta(hours=5)

    def git(self, *arguments: str | bytes) -> str:
        stamp = self.at.isoformat()
        settings = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_DATE": stamp, "GIT_COMMITTER_DATE": stamp}
        names = {"GIT_AUTHOR_NAME": "alex", "GIT_AUTHOR_EMAIL": "alex@example.org", "GIT_COMMITTER_NAME": "alex", "GIT_COMMITTER_EMAIL": "a@b.c"}
        done = subprocess.run(["git", *arguments], cwd=self.folder, env=os.environ | settings | names, capture_output=True, check=True, timeout=60)
        return done.stdout.decode(errors="replace").strip()

    def commit(self, message: str, **files: str) -> str:
        """Commit files a minute later: names have ``__`` for ``/``."""
        for name, content in files.items():
            self.write(name.replace("__", "/"), content)
        self.at += timedelta(minutes=1)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def write(self, name: str | bytes, content: str) -> None:
        file = Path(os.fsdecode(os.path.join(os.fsencode(self.folder), os.fsencode(name))))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    folder = tmp_path / "infrastructure"
    folder.mkdir()
    made = Repository(folder)
    made.git("init", "-q", "-b", "main")
    return made


def tf(content: str) -> dict[str, str]:
    return {"terraform__main.tf": content}


def ingest(world: World, repository: Repository, **how: Any) -> Any:
    return world.ledger.ingest.git(repository.folder, **how)


class TestWhich:
    def test_commits_that_touch_infrastructure_and_no_others(self, world: World, repository: Repository) -> None:
        told = repository.commit("Raise pool (#12)", **tf("a"), **{"terraform__db.tf": "b", "src__app.py": "x"})
        repository.commit("Code only", src__app="y")
        (seen,) = ingest(world, repository).newest
        assert seen.summary == f"{told[:7]} Raise pool (#12) (alex): 2 files under terraform/"
        assert (seen.what, seen.actor, str(seen.target)) == ("commit", "alex", "all")
        assert seen.at == repository.at - timedelta(minutes=1)
        assert seen.data == {
            "commit": told,
            "author": "alex <alex@example.org>",
            "committer": "alex <a@b.c>",
            "branch": "main",
            "files": ["terraform/db.tf", "terraform/main.tf"],
            "files_total": 2,
            "tickets": ["#12"],
            "brought_total": 0,
        }

    def test_twice_adds_nothing_and_what_is_new_is_added(self, world: World, repository: Repository) -> None:
        repository.commit("One", **tf("a"))
        assert ingest(world, repository).recorded == 1
        repository.commit("Two", **tf("b"))
        result = ingest(world, repository)
        assert (result.recorded, result.known) == (1, 1)

    @pytest.mark.parametrize("as_changes", [False, True])
    def test_a_dry_run_tells_the_same_and_records_nothing(self, world: World, repository: Repository, as_changes: bool) -> None:
        change = world.ledger.plan("Bigger pool", on=["all"], paths=["terraform/**"]).id
        repository.commit(f"One\n\nChange: {change}", **tf("a"))
        before = list(world.ledger.export_facts())
        would = ingest(world, repository, as_changes=as_changes, dry_run=True)
        assert (would.recorded, would.dry_run, list(world.ledger.export_facts())) == (1, True, before)
        does = ingest(world, repository, as_changes=as_changes)
        assert (does.recorded, does.dry_run, does.newest, does.counts) == (1, False, would.newest, would.counts)
        assert ingest(world, repository, as_changes=as_changes, dry_run=True).known == 1

    def test_a_history_that_is_written_anew_adds_the_new_and_keeps_the_old(self, world: World, repository: Repository) -> None:
        repository.commit("One", **tf("a"))
        ingest(world, repository)
        repository.git("commit", "-q", "--amend", "-m", "One, better")
        assert ingest(world, repository).recorded == 1
        assert len([entry for entry in world.ledger.export_facts() if '"what": "commit"' in entry]) == 2

    def test_a_merge_is_one_delivery_with_the_tickets_that_it_brought(self, world: World, repository: Repository) -> None:
        repository.commit("Base", readme="r")
        repository.git("checkout", "-q", "-b", "feature")
        repository.commit("First\n\nTicket: OPS-7", **tf("a"))
        repository.commit("Second", **tf("b"))
        repository.git("checkout", "-q", "main")
        repository.commit("Meanwhile", readme="r2")
        repository.git("merge", "-q", "--no-ff", "-m", "Merge pull request #5", "feature")
        (seen,) = ingest(world, repository).newest
        assert "Merge pull request #5" in seen.summary
        assert seen.data["tickets"] == ["#5", "OPS-7"]
        assert len(seen.data["brought"]) == 2

    def test_globs_instead_of_the_usual_names(self, world: World, repository: Repository) -> None:
        repository.commit("Code", **{"src__app.py": "x"})
        repository.commit("Infrastructure", **tf("a"))
        assert [seen.data["files"] for seen in ingest(world, repository, paths=["src/**"]).newest] == [["src/app.py"]]

    def test_another_branch_and_since(self, world: World, repository: Repository) -> None:
        repository.commit("One", **tf("a"))
        repository.git("checkout", "-q", "-b", "production")
        repository.commit("Two", **tf("b"))
        repository.git("checkout", "-q", "main")
        assert ingest(world, repository, branch="production", since=repository.at).recorded == 1
        assert ingest(world, repository).recorded == 1

    def test_a_commit_of_the_future_is_a_gap(self, world: World, repository: Repository) -> None:
        repository.commit("One", **tf("a"))
        repository.at = START + timedelta(days=300)
        late = repository.commit("Two", **tf("b"))
        result = ingest(world, repository)
        assert result.recorded == 1
        assert (result.gaps[0].source, "future" in result.gaps[0].why) == (f"commit {late[:12]}", True)


class TestTargets:
    def test_a_folder_of_a_host_that_the_ledger_knows(self, world: World, repository: Repository) -> None:
        repository.commit("Both", **{f"hosts__{HOST}__etc__app.ini": "a", "hosts__db-77__etc__app.ini": "b"})
        found = {str(seen.target): seen.data["files"] for seen in ingest(world, repository).newest}
        assert found == {f"host:{HOST}": [f"hosts/{HOST}/etc/app.ini"], "all": ["hosts/db-77/etc/app.ini"]}

    def test_what_a_person_says(self, world: World, repository: Repository) -> None:
        repository.commit("One", **tf("a"))
        assert str(ingest(world, repository, on=HOST).newest[0].target) == f"host:{HOST}"
        with pytest.raises(NotFound):
            ingest(world, repository, on="host:nowhere")

    def test_the_gates_policy_says_what_counts_and_whose_it_is(self, world: World, repository: Repository) -> None:
        policy = '[gate]\nconfig = ["machines/{host}/**"]\n'
        repository.commit("Policy", **{".changelog-ledger.toml": policy})
        repository.commit("One", **{f"machines__{HOST}__etc__motd": "a"}, **tf("a"))
        policy_seen, seen = ingest(world, repository).newest
        assert policy_seen.data["files"] == [".changelog-ledger.toml"]
        assert (str(seen.target), seen.data["files"]) == (f"host:{HOST}", [f"machines/{HOST}/etc/motd"])
        assert seen.data["paths"] == ["/etc/motd"]

    def test_a_broken_policy_is_told(self, world: World, repository: Repository) -> None:
        repository.commit("Policy", **{".changelog-ledger.toml": "[gate\n"}, **tf("a"))
        result = ingest(world, repository)
        assert result.recorded == 1
        assert result.gaps[0].source == "the gate's policy"


class TestChanges:
    def started(self, world: World, **details: Any) -> str:
        change = world.ledger.plan("Raise the pool", on=[f"host:{HOST}"], **details).id
        return world.ledger.start(change, at=START - timedelta(hours=6)).id

    def explained(self, world: World) -> dict[tuple[str, str | None], tuple[str, str]]:
        return world.explained(since=START - timedelta(hours=10))

    def test_a_change_that_it_names_and_that_covers_it_explains_it(self, world: World, repository: Repository) -> None:
        change = self.started(world)
        repository.commit(f"Raise\n\nLedger-Change: {change}", **{f"hosts__{HOST}__etc__app.ini": "a"})
        (seen,) = ingest(world, repository).newest
        assert seen.data["change"] == change
        assert list(self.explained(world).values()) == [(change, "explicit")]
        facts = world.ledger.status().facts
        ingest(world, repository)
        assert world.ledger.status().facts == facts

    @pytest.mark.parametrize("details", [{"paths": ["/etc/nginx/**"]}, {}])
    def test_a_trailer_alone_explains_nothing(self, world: World, repository: Repository, details: dict[str, Any]) -> None:
        world.ledger.add_host("db-77")
        change = self.started(world, **details)
        host = HOST if details else "db-77"  # another path, or another host
        repository.commit(f"Raise\n\nLedger-Change: {change}", **{f"hosts__{host}__etc__app.ini": "a"})
        (seen,) = ingest(world, repository).newest
        assert seen.data["change"] == change
        assert not [entry for entry in world.ledger.export_facts() if '"explanation"' in entry]

    def test_a_trailer_that_names_nothing_is_only_told(self, world: World, repository: Repository) -> None:
        repository.commit("Raise\n\nLedger-Change: CHG-AAAAAA", **tf("a"))
        (seen,) = ingest(world, repository).newest
        assert "change" not in seen.data
        assert seen.data["trailers"] == {"Ledger-Change": ["CHG-AAAAAA"]}

    def test_commits_as_changes(self, world: World, repository: Repository) -> None:
        sha = repository.commit("OPS-12 Raise pool", **{f"hosts__{HOST}__etc__app.ini": "a"})
        assert ingest(world, repository, as_changes=True).counts == {"change": 1}
        (change,) = world.ledger.changes()
        assert (change.title, change.ticket, change.ref, str(change.status)) == ("OPS-12 Raise pool", "OPS-12", f"git:{sha}", "succeeded")
        assert change.started_at == change.finished_at == repository.at
        assert not change.logged_after
        again = ingest(world, repository, as_changes=True)
        assert (again.recorded, again.known) == (0, 1)


class TestHostile:
    def test_secrets_in_messages_and_remotes_are_not_kept(self, world: World, repository: Repository) -> None:
        repository.git("remote", "add", "origin", f"https://alex:{TOKEN}@git.example/x")
        repository.commit(f"Use token={TOKEN}\n\nTicket: https://x/?token={TOKEN}", **tf("a"))
        for how in ({}, {"as_changes": True}):
            assert TOKEN not in repr(ingest(world, repository, **how))
        assert TOKEN not in "\n".join(world.ledger.export_facts())

    def test_odd_names_and_messages(self, world: World, repository: Repository) -> None:
        repository.write("terraform/a\nb\x1b[2J.tf", "x")
        repository.write(b"terraform/\xff.tf", "x")
        repository.commit("\x1b[31mred\u202e", **{"hosts__--help__a.conf": "x", "hosts__..conf": "y"})
        result = ingest(world, repository)
        assert result.recorded == 1
        assert "\n" not in result.newest[0].summary
        assert ingest(world, repository).known == 1
        assert ingest(world, repository, as_changes=True).recorded == 1

    def test_nothing_of_the_repository_is_run(self, world: World, repository: Repository, tmp_path: Path) -> None:
        trap = tmp_path / "sprung"
        repository.commit("One", **tf("a"), **{".gitattributes": "*.tf diff=trap filter=trap\n"})
        for key in ("core.fsmonitor", "diff.external", "diff.trap.textconv", "filter.trap.smudge", "core.sshCommand", "core.pager"):
            repository.git("config", key, f"touch {trap}; false")
        assert ingest(world, repository).recorded == 1
        assert not trap.exists()

    @pytest.mark.parametrize("name", ["--output=x", "-h", "nowhere", "main..main", "\n"])
    def test_a_branch_that_is_none(self, world: World, repository: Repository, name: str) -> None:
        repository.commit("One", **tf("a"))
        with pytest.raises(RepositoryError):
            ingest(world, repository, branch=name)

    def test_no_repository_and_no_commit(self, world: World, repository: Repository, tmp_path: Path) -> None:
        with pytest.raises(RepositoryError):
            ingest(world, repository)
        with pytest.raises(RepositoryError):
            world.ledger.ingest.git(tmp_path / "nowhere")

    def test_where_a_shallow_clone_ends_is_a_gap(self, world: World, repository: Repository, tmp_path: Path) -> None:
        for number in range(3):
            repository.commit(f"Commit {number}", **tf(str(number)))
        repository.git("clone", "-q", "--depth", "2", f"file://{repository.folder}", str(tmp_path / "shallow"))
        result = world.ledger.ingest.git(tmp_path / "shallow")
        assert result.recorded == 1
        assert "shallow" in result.gaps[0].why
