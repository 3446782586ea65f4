"""Letting go of commits and packing the rest, with a real git."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from changelog_ledger.errors import RepositoryError
from changelog_ledger.snapshots import keeping
from changelog_ledger.snapshots.note import SnapshotNote
from changelog_ledger.snapshots.repository import BranchMove, SnapshotRepository
from changelog_ledger.snapshots.writer import CommitPlan, TreeChange, TreeFile

AT = datetime(2026, 11, 21, 13, 3, tzinfo=UTC)


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[SnapshotRepository]:
    with SnapshotRepository.create(tmp_path / "snapshots.git") as opened:
        yield opened


def grow(repository: SnapshotRepository, number: int, host: str = "web-01", *, begin: int = 0) -> list[str]:
    """Some more commits of a host, each in a pack of its own, each with a file that only it has; oldest first."""
    made = []
    for count in range(begin, begin + number):
        tip = repository.tip(host)
        with repository.writer(f"{host.replace('-', '')}{count}") as writer:
            shared = writer.blob("".join(f"{host} line {line}\n" for line in range(300)).encode() + b"edit %d\n" % count)
            own = writer.blob(f"{host} only {count}\n".encode())
            change = TreeChange(
                written={"/etc/shared": TreeFile("100644", shared), f"/etc/only-{count}": TreeFile("100644", own)},
                removed=(f"/etc/only-{count - 1}",) if count else (),
            )
            made.append(writer.commit(CommitPlan(tip, SnapshotNote(f"{count:026d}", host, AT), change)))
        repository.advance([BranchMove(host, tip, made[-1])], writer.incoming)
    return made


def collect(repository: SnapshotRepository) -> None:
    repository.pack_refs()
    repacking = repository.repacking()
    repacking.begin()
    repacking.finish()
    repository.close()


def git(repository: SnapshotRepository, *arguments: str) -> str:
    return subprocess.run(["git", f"--git-dir={repository.path}", *arguments], check=True, capture_output=True, text=True, errors="replace").stdout


def check_health(repository: SnapshotRepository) -> None:
    repository.check()
    assert git(repository, "fsck", "--full", "--strict", "--no-dangling") == ""
    assert "\ngarbage: 0\n" in git(repository, "count-objects", "-v")


def test_many_packs_become_one_that_holds_the_same(repository: SnapshotRepository) -> None:
    commits = grow(repository, 20) + grow(repository, 5, "db-01")
    before = repository.room()
    collect(repository)
    after = repository.room()
    assert (before.packs, after.packs, after.loose) == (25, 1, 0)
    assert after.bytes < before.bytes / 4
    assert all(repository.exists(commit) for commit in commits)
    assert repository.read(commits[3], "/etc/only-3") == b"web-01 only 3\n"
    assert repository.missing({"web-01": commits[:20], "db-01": commits[20:]}) == {}
    check_health(repository)
    grow(repository, 2, begin=20)
    collect(repository)
    assert repository.room().packs == 1


@pytest.mark.parametrize("unwanted", [range(1), range(7), range(3, 5), [1, 3, 5, 7], [8], range(9)], ids=str)
def test_what_is_let_go_goes_and_the_rest_stays(repository: SnapshotRepository, unwanted: list[int]) -> None:
    commits = grow(repository, 10)
    other = grow(repository, 3, "db-01")
    gone = [commits[number] for number in unwanted]
    left = [commit for commit in commits if commit not in gone]
    repository.let_go(repository.parting({"web-01": gone}))
    assert repository.missing({"web-01": left, "db-01": other}) == {}
    assert set(repository.missing({"web-01": commits}).get("web-01", ())) == set(gone)
    check_health(repository)
    collect(repository)
    assert [commit for commit in commits if not repository.exists(commit)] == gone
    listed = git(repository, "cat-file", "--batch-all-objects", "--batch", "--unordered")
    for number, commit in enumerate(commits):
        assert (f"web-01 only {number}\n" in listed) == (commit in left), "its own text goes with it"
    for commit in left:
        assert repository.read(commit, "/etc/shared")
    assert repository.tips() == {"web-01": commits[-1], "db-01": other[-1]}
    check_health(repository)


def test_a_branch_may_grow_between_the_decision_and_the_deed(repository: SnapshotRepository) -> None:
    commits = grow(repository, 6)
    decided = repository.parting({"web-01": [commits[1], commits[4]]})
    more = grow(repository, 3, begin=6)
    repository.let_go(decided)
    collect(repository)
    left = [commit for commit in (*commits, *more) if commit not in (commits[1], commits[4])]
    assert [commit for commit in (*commits, *more) if repository.exists(commit)] == left
    assert repository.missing({"web-01": left}) == {}
    check_health(repository)


def test_letting_go_again_and_again(repository: SnapshotRepository) -> None:
    commits = grow(repository, 12)
    repository.let_go(repository.parting({"web-01": [commits[1], commits[2], commits[5]]}))
    held = git(repository, "rev-parse", "refs/kept/web-01")
    repository.let_go(repository.parting({"web-01": [commits[1], commits[2], commits[5]]}))
    assert git(repository, "rev-parse", "refs/kept/web-01") == held, "the same commits are held by the same commit"
    collect(repository)
    more = grow(repository, 3, begin=12)
    gone = [*commits[:4], commits[5], commits[8], commits[11]]
    repository.let_go(repository.parting({"web-01": gone}))
    collect(repository)
    left = [commit for commit in (*commits, *more) if commit not in gone]
    assert [commit for commit in (*commits, *more) if repository.exists(commit)] == left
    assert repository.missing({"web-01": left}) == {}
    check_health(repository)
    repository.let_go(repository.parting({"web-01": [*commits, *more[:-1]]}))
    collect(repository)
    assert "refs/kept" not in git(repository, "for-each-ref")
    assert [commit for commit in (*commits, *more) if repository.exists(commit)] == more[-1:]
    assert repository.notes_since("web-01", None)[0].commit == more[-1]
    check_health(repository)


def test_the_tip_is_never_let_go(repository: SnapshotRepository) -> None:
    commits = grow(repository, 3)
    repository.let_go(repository.parting({"web-01": commits, "unheard-of": ["1" * 40]}))
    collect(repository)
    assert [repository.exists(commit) for commit in commits] == [False, False, True]


def test_writing_on_a_shallow_branch_goes_on(repository: SnapshotRepository) -> None:
    commits = grow(repository, 4)
    repository.let_go(repository.parting({"web-01": commits[:3]}))
    collect(repository)
    after = grow(repository, 2, begin=4)
    assert [noted.commit for noted in repository.notes_since("web-01", commits[-1])] == after
    assert repository.changed(commits[-1], after[0]).paths
    check_health(repository)


@pytest.mark.parametrize("address", ["{}", "file://{}"])
def test_a_mirror_has_everything_that_is_kept(repository: SnapshotRepository, tmp_path: Path, address: str) -> None:
    commits = grow(repository, 9)
    repository.let_go(repository.parting({"web-01": [commits[0], commits[3], commits[4], commits[6]]}))
    collect(repository)
    mirror = tmp_path / "mirror"
    subprocess.run(["git", "clone", "--quiet", "--mirror", address.format(repository.path), str(mirror)], check=True, capture_output=True)
    listed = subprocess.run(["git", f"--git-dir={mirror}", "rev-list", "--all"], check=True, capture_output=True, text=True).stdout.split()
    assert {commits[number] for number in (1, 2, 5, 7, 8)} <= set(listed)
    subprocess.run(["git", f"--git-dir={mirror}", "fsck", "--full"], check=True, capture_output=True)


def test_what_is_written_meanwhile_is_not_lost(repository: SnapshotRepository) -> None:
    first = grow(repository, 3)
    repacking = repository.repacking()
    repacking.begin()
    second = grow(repository, 3, begin=3) + grow(repository, 2, "db-01")
    repacking.finish()
    repository.close()
    assert all(repository.exists(commit) for commit in first + second)
    assert repository.room().packs == 2
    check_health(repository)


def test_nothing_is_removed_while_something_is_missing(repository: SnapshotRepository) -> None:
    commits = grow(repository, 3)
    repository.close()
    packs = sorted((repository.path / "objects" / "pack").glob("*.idx"))
    for pack in packs[:1]:
        pack.rename(pack.with_suffix(".away"))
    before = sorted(file.name for file in (repository.path / "objects" / "pack").iterdir())
    repacking = repository.repacking()
    with pytest.raises(RepositoryError):
        repacking.begin()
    repacking.abandon()
    assert sorted(file.name for file in (repository.path / "objects" / "pack").iterdir()) == before
    packs[0].with_suffix(".away").rename(packs[0])
    assert all(repository.exists(commit) for commit in commits)


@pytest.mark.parametrize("kind", ["blob", "tree", "commit"])
def test_the_proof_notices_a_pack_that_lacks_something(repository: SnapshotRepository, kind: str) -> None:
    """As if packing had forgotten one object: the old packs must not be removed then."""
    commits = grow(repository, 2)
    tree = git(repository, "rev-parse", f"{commits[0]}^{{tree}}").strip()
    lost = {"commit": commits[0], "tree": tree, "blob": git(repository, "rev-parse", f"{commits[0]}:etc/only-0").strip()}[kind]
    candidate = repository.path / "candidate"
    (candidate / "pack").mkdir(parents=True)
    objects = set(git(repository, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)").split()) - {lost}
    command = ["git", f"--git-dir={repository.path}", "pack-objects", "--quiet", str(candidate / "pack" / "pack")]
    subprocess.run(command, input="\n".join(objects), text=True, check=True, capture_output=True)
    repacking = repository.repacking()
    with pytest.raises(RepositoryError):
        repacking.prove(frozenset(repository.tips().values()))
    git(repository, "cat-file", "-e", lost)


def test_leftovers_of_others_do_not_survive(repository: SnapshotRepository) -> None:
    """Loose objects, packs without an index, the caches that a ``git gc`` by hand makes."""
    commits = grow(repository, 3)
    git(repository, "commit-graph", "write", "--reachable")
    git(repository, "multi-pack-index", "write")
    pack = repository.path / "objects" / "pack"
    (pack / "pack-0123.pack").write_bytes(b"half")
    (pack / "tmp_pack_abc").write_bytes(b"half")
    subprocess.run(["git", f"--git-dir={repository.path}", "hash-object", "-w", "--stdin"], input=b"secret", check=True, capture_output=True)
    assert repository.room().loose == 1
    repository.let_go(repository.parting({"web-01": commits[:1]}))
    collect(repository)
    assert repository.room().loose == 0
    assert {file.suffix for file in pack.iterdir()} <= {".pack", ".idx", ".rev"}
    assert len(list(pack.glob("*.pack"))) == 1
    check_health(repository)


def test_a_killed_collection_is_begun_again(repository: SnapshotRepository) -> None:
    grow(repository, 3)
    (repository.path / "candidate" / "pack").mkdir(parents=True)
    (repository.path / "candidate" / "pack" / "tmp_pack_1").write_bytes(b"half")
    (repository.path / "shallow.lock").touch()
    repository.sweep(repository.leftovers())
    repository.let_go(repository.parting({"web-01": []}))
    collect(repository)
    assert not (repository.path / keeping.CANDIDATE).exists()
    check_health(repository)
