"""``Ledger.bisect(repo=…)``: the commits of a real repository, which stays as it is."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
from pathlib import Path

import pytest

from changelog_ledger.errors import BisectionStopped, InvalidInput, NotFound, RepositoryError
from changelog_ledger.model.bisection import Verdict

from .world import HOST, START, World

BREAKS = "grep -q fine app.conf"


def git(folder: Path, *arguments: str, at: int = 0) -> str:
    when = f"{int(START.timestamp()) + 60 * at} +0000"
    people = {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "Anna"), ("EMAIL", "anna@example.org"), ("DATE", when))
    }
    environment = {**os.environ, **people, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    return subprocess.run(["git", "-C", str(folder), *arguments], env=environment, capture_output=True, check=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Nine commits, one a minute; the sixth breaks it, and names a change."""
    folder = tmp_path / "configuration"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "run").write_text("#!/bin/sh\nexec true\n")
    (folder / "run").chmod(0o755)
    (folder / "link").symlink_to("app.conf")
    for number in range(9):
        (folder / "app.conf").write_text(f"{number} {'broken' if number > 4 else 'fine'}\n")
        (folder / "other").write_text(f"{number // 4}\n")
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", f"Step {number}" + ("\n\nLedger-Change: CHG-7K3M9Q" if number == 5 else ""), at=number)
    return folder


def fingerprint(folder: Path) -> str:
    """Everything that is in a folder, with times."""
    digest = hashlib.sha256()
    for place in sorted(folder.rglob("*")):
        found = place.lstat()
        digest.update(f"{place} {found.st_mode} {found.st_mtime_ns} {found.st_size}".encode())
        digest.update(place.read_bytes() if stat.S_ISREG(found.st_mode) else b"")
    return digest.hexdigest()


class TestCommits:
    def test_the_commit_is_named_with_its_author_and_change(self, world: World, repository: Path) -> None:
        found = world.ledger.bisect(probe=BREAKS, repo=repository, good="HEAD~8")
        assert found.found is not None
        assert found.found.id == git(repository, "rev-parse", "HEAD~3")
        assert (found.found.title, found.found.author) == ("Step 5", "Anna <anna@example.org>")
        assert found.changes == ("CHG-7K3M9Q",)
        assert found.before.title == "Step 4"

    def test_the_last_good_mark_says_where_to_begin(self, world: World, repository: Path) -> None:
        world.clock.tick(minutes=2, seconds=30)
        world.ledger.good(f"host:{HOST}")
        assert world.ledger.bisect(probe=BREAKS, repo=repository).good.title == "Step 2"

    def test_without_a_mark_a_good_commit_is_asked_for(self, world: World, repository: Path) -> None:
        with pytest.raises(NotFound) as refused:
            world.ledger.bisect(probe=BREAKS, repo=repository)
        assert "--good REV" in refused.value.hint

    def test_only_commits_that_touch_a_path(self, world: World, repository: Path) -> None:
        found = world.ledger.bisect(probe="test $(cat other) = 0", repo=repository, good="HEAD~8", path="other")
        assert found.found is not None
        assert (found.found.title, found.probes) == ("Step 4", 3)

    def test_the_files_are_those_of_the_commit(self, world: World, repository: Path) -> None:
        def probe(root: Path) -> Verdict:
            assert stat.S_IMODE((root / "run").stat().st_mode) == 0o755
            assert (root / "link").readlink() == Path("app.conf")
            assert sorted(entry.name for entry in root.iterdir()) == ["app.conf", "link", "other", "run"]
            return Verdict.GOOD if "fine" in (root / "app.conf").read_text() else Verdict.BAD

        assert world.ledger.bisect(probe=probe, repo=repository, good="HEAD~8").found is not None

    def test_by_hand(self, world: World, repository: Path) -> None:
        found = world.ledger.bisect(repo=repository, good="HEAD~8")
        for _ in range(20):
            if found.pending is None:
                break
            verbs = world.ledger.bisections
            found = verbs.good(repo=repository) if "fine" in Path(found.root, "app.conf").read_text() else verbs.bad()
        assert found.found is not None
        assert found.found.title == "Step 5"


class TestNothingIsTouched:
    def test_the_repository_is_as_it_was(self, world: World, repository: Path) -> None:
        (repository / "app.conf").write_text("being edited\n")
        (repository / "staged").write_text("x\n")
        git(repository, "add", "staged")
        before = fingerprint(repository)
        world.ledger.bisect(probe=BREAKS, repo=repository, good="HEAD~8")
        assert fingerprint(repository) == before

    def test_no_hook_and_no_filter_runs(self, world: World, repository: Path, tmp_path: Path) -> None:
        spy = tmp_path / "spy"
        spy.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\ncat\n")
        spy.chmod(0o755)
        for hook in ("post-checkout", "reference-transaction", "post-index-change"):
            (repository / ".git/hooks" / hook).write_text(spy.read_text())
            (repository / ".git/hooks" / hook).chmod(0o755)
        (repository / ".git/info/attributes").write_text("* filter=spy\n")
        for key in ("filter.spy.smudge", "filter.spy.clean", "core.fsmonitor"):
            git(repository, "config", key, str(spy))
        (tmp_path / "ran").unlink(missing_ok=True)
        world.ledger.bisect(probe=BREAKS, repo=repository, good="HEAD~8")
        assert not (tmp_path / "ran").exists()

    def test_a_git_within_the_files_finds_no_repository(self, world: World, repository: Path, tmp_path: Path) -> None:
        git(tmp_path, "init", "-q")  # around the home
        world.ledger.bisect(probe=f"git rev-parse --git-dir >> {tmp_path}/found 2>/dev/null; {BREAKS}", repo=repository, good="HEAD~8")
        assert (tmp_path / "found").read_text() == ""

    def test_nor_does_one_that_the_environment_names_answer(
        self, world: World, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, value in (("GIT_DIR", ".git"), ("GIT_WORK_TREE", ""), ("GIT_INDEX_FILE", ".git/index")):
            monkeypatch.setenv(name, str(repository / value))
        monkeypatch.setenv("GIT_CEILING_DIRECTORIES", "/somewhere:/else")
        probe = f"git rev-parse --git-dir >> {tmp_path}/found 2>/dev/null; echo $GIT_CEILING_DIRECTORIES >> {tmp_path}/ceilings; {BREAKS}"
        found = world.ledger.bisect(probe=probe, repo=repository, good="HEAD~8")
        assert found.found is not None
        assert (tmp_path / "found").read_text() == ""
        folder = (world.ledger.home / "bisect").resolve()
        ceilings = (tmp_path / "ceilings").read_text().splitlines()[0].split(":")
        assert ceilings[0].startswith(f"{folder}/repository-")
        assert ceilings[1:] == ["/somewhere", "/else"]


def hostile(repository: Path, *entries: tuple[str, str, str]) -> str:
    """A commit after HEAD with a tree that ``git add`` would never make: entries of mode, name and object."""
    return git(repository, "commit-tree", "-p", "HEAD", "-m", "hostile", tree(repository, *entries))


def tree(repository: Path, *entries: tuple[str, str, str]) -> str:
    data = b"".join(f"{mode} {name}".encode() + b"\0" + bytes.fromhex(identity) for mode, name, identity in entries)
    command = ["git", "-C", str(repository), "hash-object", "-t", "tree", "--literally", "-w", "--stdin"]
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout.decode().strip()


def blob(repository: Path, content: bytes) -> str:
    command = ["git", "-C", str(repository), "hash-object", "-w", "--stdin"]
    return subprocess.run(command, input=content, capture_output=True, check=True).stdout.decode().strip()


class TestHostileCommits:
    def test_nothing_is_written_outside(self, world: World, repository: Path, tmp_path: Path) -> None:
        inner = tree(repository, ("100644", "authorized_keys", blob(repository, b"evil")))
        for depth in range(1, 7):
            inner = tree(repository, ("40000", "..", inner))
            commit = hostile(repository, ("40000", "..", inner), ("100644", "app.conf", blob(repository, b"broken")))
            with pytest.raises(RepositoryError, match="git itself would not check out"):
                world.ledger.bisect(probe="true", repo=repository, good="HEAD", bad=commit)
            assert not list(tmp_path.parent.glob("authorized_keys")), depth
            assert not list(tmp_path.rglob("authorized_keys")), depth
            assert not list((world.ledger.home / "bisect").glob("*/root-*"))
            world.ledger.bisections.reset()

    @pytest.mark.parametrize("name", [".git", ".GIT", "git~1", ".", "..", ".g\u200cit"])
    def test_names_that_git_refuses(self, world: World, repository: Path, name: str) -> None:
        commit = hostile(repository, ("40000", name, tree(repository, ("100644", "config", blob(repository, b"x")))))
        with pytest.raises(RepositoryError, match="git itself would not check out") as refused:
            world.ledger.bisect(probe="true", repo=repository, good="HEAD", bad=commit)
        assert "ledger bisect reset" in refused.value.hint

    def test_a_link_and_a_folder_of_one_name(self, world: World, repository: Path, tmp_path: Path) -> None:
        inner = tree(repository, ("100644", "f", blob(repository, b"x")))
        commit = hostile(repository, ("120000", "d", blob(repository, str(tmp_path).encode())), ("40000", "d", inner))
        for _ in range(2):
            with pytest.raises(BisectionStopped, match=r"/d(/f)? cannot be written into the scratch root") as stopped:
                world.ledger.bisect(probe="true", repo=repository, good="HEAD", bad=commit)
            assert "ledger bisect reset" in stopped.value.hint
        assert not (tmp_path / "f").exists()

    def test_a_link_whose_text_holds_a_nul(self, world: World, repository: Path) -> None:
        commit = hostile(repository, ("120000", "d", blob(repository, b"a\0b")))
        with pytest.raises(RepositoryError, match="NUL"):
            world.ledger.bisect(probe="true", repo=repository, good="HEAD", bad=commit)


class TestErrors:
    def test_of_revisions(self, world: World, repository: Path, tmp_path: Path) -> None:
        with pytest.raises(RepositoryError):
            world.ledger.bisect(probe=BREAKS, repo=repository, good="no-such-tag")
        with pytest.raises(InvalidInput, match="no commit"):
            world.ledger.bisect(probe=BREAKS, repo=repository, good="HEAD")
        git(repository, "checkout", "-q", "-b", "side", "HEAD~2")
        git(repository, "commit", "-q", "--allow-empty", "-m", "beside")
        with pytest.raises(InvalidInput, match="not among the first parents"):
            world.ledger.bisect(probe=BREAKS, repo=repository, good="side", bad="main")
        with pytest.raises(RepositoryError):
            world.ledger.bisect(probe=BREAKS, repo=tmp_path / "nowhere", good="HEAD")

    def test_a_good_end_that_is_bad(self, world: World, repository: Path) -> None:
        with pytest.raises(BisectionStopped, match=r"shows with the commit of HEAD~2 \([0-9a-f]{12}\) as well: it is not in this repository"):
            world.ledger.bisect(probe=BREAKS, repo=repository, good="HEAD~2")

    def test_what_belongs_to_hosts_is_refused(self, world: World, repository: Path) -> None:
        with pytest.raises(InvalidInput, match="--since, --until and --by are not"):
            world.ledger.bisect(probe=BREAKS, repo=repository, since="2h")
        with pytest.raises(InvalidInput, match="of a host's configuration or of a repository"):
            world.ledger.bisect(HOST, BREAKS, repo=repository)
