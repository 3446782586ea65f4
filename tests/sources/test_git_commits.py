"""Commits and what they altered."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from changelog_ledger.errors import RepositoryError
from changelog_ledger.model.gate import EditKind, Person
from changelog_ledger.sources import git_process
from changelog_ledger.sources.git_repository import GitRepository
from tests.sources.conftest import Repository, git_children

NOBODY = "0" * 40
MESSAGE = """\
Subject

Body: with a colon

Ledger-Change: CHG-0
is in the body

Ledger-Change: CHG-2025-001
Signed-off-by: x
ledger-change: CHG-2,
 CHG-3\N{LINE SEPARATOR}CHG-4
"""


@pytest.fixture
def history(repository: Repository) -> dict[str, str]:
    """main: first, second, merge of side (which has two)."""
    first = repository.commit("first", a="1")
    repository.git("checkout", "-qb", "side")
    left = repository.commit("left", b="1")
    left2 = repository.commit("left again", b="2")
    repository.git("checkout", "-q", "main")
    second = repository.commit("second", a="2")
    repository.git("merge", "-q", "--no-ff", "-m", "merge", "side")
    return {"first": first, "left": left, "left2": left2, "second": second, "merge": repository.git("rev-parse", "HEAD")}


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("HEAD", {"first", "left", "left2", "second", "merge"}),
        ("main~1..HEAD", {"left", "left2", "merge"}),
        ("HEAD^..", {"left", "left2", "merge"}),
        ("..HEAD", set()),
        ("HEAD^...side", {"left", "left2", "second"}),
        ("side ^HEAD^", {"left", "left2"}),
        ("^HEAD~1 side", {"left", "left2"}),
        ("HEAD^!", {"merge"}),
        ("side^!  main~1^!", {"left2", "second"}),
        ("tagged..main", {"second", "left", "left2", "merge"}),
    ],
)
def test_what_somebody_may_type(repository: Repository, history: dict[str, str], expression: str, names: set[str]) -> None:
    repository.git("tag", "-a", "-m", "annotated", "tagged", history["first"])
    with repository.open() as opened:
        found = [commit.id for commit in opened.commits_in(expression)]
    assert set(found) == {history[name] for name in names}
    assert len(found) == len(names)


def test_parents_come_before_children(repository: Repository, history: dict[str, str]) -> None:
    with repository.open() as opened:
        commits = list(opened.commits_in("HEAD"))
    seen: set[str] = set()
    for commit in commits:
        assert seen >= set(commit.parents)
        seen.add(commit.id)
    assert seen == set(history.values())


@pytest.mark.parametrize(
    "expression",
    [
        "--all",
        "--output=x",
        "-n1",
        "main --all",
        "main..--all",
        "^--all main",
        "nothing",
        "main..nothing",
        "HEAD:a",
        "main..HEAD:a",
        "HEAD~9",
        "main ^",
        "x\0y",
        "",
        "  ",
        "^main",
    ],
)
def test_what_names_no_commits_is_refused_at_once(repository: Repository, history: dict[str, str], expression: str) -> None:
    before = sorted(repository.root.iterdir())
    with repository.open() as opened, pytest.raises(RepositoryError):
        opened.commits_in(expression)
    assert sorted(repository.root.iterdir()) == before


def test_the_id_that_stands_for_nothing_gets_a_hint_of_its_own(repository: Repository, history: dict[str, str]) -> None:
    with repository.open() as opened, pytest.raises(RepositoryError, match="where there was nothing before") as refused:
        opened.commits_in(f"{NOBODY}..HEAD")
    assert "main..HEAD" in refused.value.hint


def test_all_of_a_commit(repository: Repository) -> None:
    repository.write(".mailmap", "Root <root@example.org> <ben@example.org>\n")
    repository.git("add", ".")
    repository.git(
        "commit", "-q", "-m", MESSAGE,
        "--author=Ben Zoë <ben@example.org>", "--date=@1700000000 +0200", GIT_COMMITTER_DATE="@1700000001 -0500",
    )  # fmt: skip
    with repository.open() as opened:
        (commit,) = opened.commits_in("HEAD")
        assert commit.author == Person("Ben Zoë", "ben@example.org")
        assert commit.committer == Person("Ana", "ana@example.org")
        assert (commit.authored_at, commit.committed_at) == (1700000000, 1700000001)
        assert commit.subject == "Subject"
        assert commit.trailers == ("CHG-2025-001", "CHG-2, CHG-3\N{LINE SEPARATOR}CHG-4")
        assert commit.parents == ()
        assert not commit.is_shallow
        assert opened.trailers_in(commit.message) == (
            ("Ledger-Change", "CHG-2025-001"),
            ("Signed-off-by", "x"),
            ("ledger-change", "CHG-2, CHG-3\N{LINE SEPARATOR}CHG-4"),
        )


def test_commits_that_no_porcelain_writes(repository: Repository) -> None:
    tree = repository.commit(a="1") and repository.git("rev-parse", "HEAD^{tree}")
    raw = [
        b"author A <a> 99999999999999999999 +0000\ncommitter <> -5 +0000\n\n\xff\xfe no text \x1b[31m\n",
        b"author M\xfcller <m@x> 1 +0000\ncommitter M <m> 1 +0000\nencoding ISO-8859-1\n\nM\xfcll\n",
        b"author nobody\ncommitter\n\n",
    ]
    ids = [repository.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=f"tree {tree}\n".encode() + commit) for commit in raw]
    with repository.open() as opened:
        found = {commit.id: commit for commit in opened.commits(ids)}
    assert set(found) == set(ids)
    assert found[ids[0]].message.encode("utf-8", "surrogateescape") == b"\xff\xfe no text \x1b[31m\n"
    assert found[ids[1]].author.name == "Müller"
    assert found[ids[1]].message == "Müll\n"
    assert found[ids[2]].author == Person("", "")


def test_edits_against_the_first_parent(repository: Repository, history: dict[str, str]) -> None:
    with repository.open() as opened:
        edits = {commit.subject: [(edit.path, edit.kind) for edit in opened.edits_of(commit)] for commit in opened.commits_in("HEAD")}
        assert edits == {
            "first": [("a", EditKind.ADDED)],
            "left": [("b", EditKind.ADDED)],
            "left again": [("b", EditKind.MODIFIED)],
            "second": [("a", EditKind.MODIFIED)],
            "merge": [("b", EditKind.ADDED)],
        }
        assert [edit.path for edit in opened.edits_between(history["left"], history["second"])] == ["a", "b"]
        assert [edit.path for edit in opened.edits_between("", history["left"])] == ["a", "b"]
        assert opened.edits_between(history["left"], history["left"]) == ()
        assert opened.merge_base("main~1", "side") == history["first"]
        assert opened.first_parent("HEAD") == history["second"]
        assert opened.side(history["first"], "a") is not None


def test_before_a_root_there_is_nothing_not_the_index(make: Callable[..., Repository]) -> None:
    for name, options in (("sha1", ()), ("sha256", ("--object-format=sha256",))):
        repository = make(name, *options)
        repository.commit(a="1")
        repository.write("a", "2")
        repository.git("add", ".")
        with repository.open() as opened:
            before = opened.first_parent("HEAD")
            assert opened.side(before, "a") is None
            assert opened.side("", "a") is not None
            assert [(edit.path, edit.kind) for edit in opened.staged_against(before)] == [("a", EditKind.ADDED)]
            assert [(edit.path, edit.kind) for edit in opened.edits_between(before, "HEAD")] == [("a", EditKind.ADDED)]


def test_octopus_empty_commits_and_strangers(repository: Repository) -> None:
    base = repository.commit("base", a="1")
    for name in "xyz":
        repository.git("checkout", "-q", "-b", name, base)
        repository.commit(name, **{name: "1"})
    repository.git("merge", "-q", "-m", "octopus", "x", "y")
    empty = repository.commit("empty")
    repository.git("checkout", "-q", "--orphan", "stranger")
    repository.commit("stranger", s="1")
    with repository.open() as opened:
        octopus, last = list(opened.commits([empty]))[-2:]
        assert len(octopus.parents) == 3
        assert {edit.path for edit in opened.edits_of(octopus)} == {"x", "y"}
        assert opened.edits_of(last) == ()
        assert opened.merge_base(empty, "stranger") == ""
        assert [commit.subject for commit in opened.commits_in(f"{empty}..stranger")] == ["stranger"]
        assert len(list(opened.commits_in(f"{empty}...stranger"))) == 7


def test_hostile_names_in_history(repository: Repository) -> None:
    names = ["--output=x", "-O", ":(exclude)x", ":100644", "new\nline", 'tab\t"quote"', "esc\x1b[31m", "latin-\udcfc", " ", "\\", "a b", "end\n.\n"]
    for name in names:
        repository.write(name.encode("utf-8", "surrogateescape"), name.encode("utf-8", "surrogateescape"))
    repository.git("add", "-A")
    repository.commit("names")
    repository.write("--output=x", "altered")
    repository.git("mv", "--", "a b", "c\n:d")
    repository.git("add", "-A")
    repository.commit("altered")
    before = sorted(repository.root.iterdir())
    with repository.open() as opened:
        first, second = opened.commits_in("HEAD")
        assert {edit.path for edit in opened.edits_of(first)} == set(names)
        assert [(edit.path, edit.old_path) for edit in opened.edits_of(second)] == [("--output=x", ""), ("c\n:d", "a b")]
        assert [edit.path for edit in opened.edits_of(first)] == [edit.path for edit in opened.edits_of(first)]
        for name in names:
            side = opened.side(first.id, name)
            assert side is not None
            assert opened.content(side.blob, 100) == name.encode("utf-8", "surrogateescape")
    assert sorted(repository.root.iterdir()) == before


def test_what_a_push_brings(make: Callable[..., Repository], tmp_path: Path) -> None:
    """To a pre-receive hook: objects lie in quarantine, references are as they were."""
    repository = make("work")
    repository.commit("known", a="1")
    server = Repository(tmp_path / "server.git")
    repository.git("clone", "-q", "--bare", ".", str(server.root))
    repository.commit("new", a="2")
    repository.commit("newer", b="1")
    hook = server.root / "hooks/pre-receive"
    said = tmp_path / "said"
    hook.write_text(
        f"#!{sys.executable}\nimport sys; sys.path.insert(0, {str(Path.cwd())!r})\n"
        "from changelog_ledger.sources.git_repository import GitRepository\n"
        "with GitRepository.open() as opened, open(" + repr(str(said)) + ", 'w') as said:\n"
        " for line in sys.stdin:\n"
        "  old, new, name = line.split()\n"
        "  for commit in opened.commits([new], not_in_references=True):\n"
        "   print(name, commit.subject, *[edit.path for edit in opened.edits_of(commit)], file=said)\n"
    )
    hook.chmod(0o755)
    repository.git("push", "-q", str(server.root), "main", "main:another")
    assert said.read_text().splitlines() == [
        "refs/heads/main new a",
        "refs/heads/main newer b",
        "refs/heads/another new a",
        "refs/heads/another newer b",
    ]


def test_a_shallow_clone_does_not_know_what_its_edge_altered(repository: Repository, tmp_path: Path) -> None:
    for number in range(5):
        repository.commit(f"{number}", **{f"file{number}": "1"})
    repository.git("clone", "-q", "--depth=2", f"file://{repository.root}", str(tmp_path / "shallow"))
    shallow = Repository(tmp_path / "shallow")
    with shallow.open() as opened:
        assert opened.is_shallow
        edge, last = opened.commits_in("HEAD")
        assert (edge.is_shallow, edge.parents, last.is_shallow) == (True, (), False)
        assert [edit.path for edit in opened.edits_of(last)] == ["file4"]
        with pytest.raises(RepositoryError, match="shallow clone ends") as refused:
            opened.edits_of(edge)
        assert "--unshallow" in refused.value.hint
        with pytest.raises(RepositoryError):
            opened.first_parent(edge.id)
        with pytest.raises(RepositoryError, match="no commit"):
            opened.commits_in("HEAD~3..HEAD")
        assert [commit.subject for commit in opened.commits_in(f"{edge.id}^!")] == ["3"]
    with repository.open() as opened:
        assert not opened.is_shallow
        assert not any(commit.is_shallow for commit in opened.commits_in("HEAD"))


def test_history_is_told_by_the_commits_not_by_replacements_or_grafts(repository: Repository) -> None:
    first, second, third = repository.commit("1", a="1"), repository.commit("2", a="2"), repository.commit("3", a="3")
    repository.git("replace", third, first)
    repository.write(".git/info/grafts", f"{third} {first}\n")
    with repository.open() as opened:
        assert [commit.id for commit in opened.commits_in("HEAD")] == [first, second, third]


def test_peeled(repository: Repository) -> None:
    commit = repository.commit(a="1")
    tags = {}
    for name, what in (("of-commit", "HEAD"), ("of-tag", "of-commit"), ("of-tree", "HEAD^{tree}"), ("of-blob", "HEAD:a")):
        repository.git("tag", "-a", "-m", "x", name, what)
        tags[name] = repository.git("rev-parse", name)
    with repository.open() as opened:
        assert {name: opened.peeled(tag) for name, tag in tags.items()} == {"of-commit": commit, "of-tag": commit, "of-tree": "", "of-blob": ""}
        assert opened.peeled(commit) == commit
        assert opened.peeled("1" * 40) == ""
        with pytest.raises(RepositoryError):
            opened.commits([tags["of-tree"]])


def test_a_walk_that_is_left_early_leaves_no_process(repository: Repository) -> None:
    for number in range(30):
        repository.git("commit", "-q", "--allow-empty", "-m", "x" * 5000 + str(number))
    with repository.open() as opened:
        walk = opened.commits_in("HEAD")
        next(walk)
        walk.close()  # type: ignore[attr-defined]
    assert git_children() == []


def test_missing_history_is_an_error_not_an_end(repository: Repository) -> None:
    first = repository.commit(a="1")
    repository.commit(a="2")
    repository.commit(a="3")
    (repository.root / ".git/objects" / first[:2] / first[2:]).unlink()
    with repository.open() as opened, pytest.raises(RepositoryError, match="rev-list"):
        list(opened.commits_in("HEAD"))


def test_2000_commits_need_a_handful_of_processes(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = []
    for number in range(2000):
        lines.append(
            f"commit refs/heads/main\nmark :{number + 1}\ncommitter A <a@b> {number + 1} +0000\ndata 1\nx\n" + (f"from :{number}\n" if number else "")
        )
        lines.append(f"M 100644 inline file{number % 50}\ndata {len(str(number))}\n{number}\n\n")
    subprocess.run(["git", "fast-import", "--quiet"], cwd=repository.root, input="".join(lines).encode(), check=True)
    started = []
    monkeypatch.setattr(git_process, "Popen", lambda *arguments, **named: started.append(arguments[0]) or subprocess.Popen(*arguments, **named))
    with GitRepository.open(str(repository.root)) as opened:
        assert sum(len(opened.edits_of(commit)) for commit in opened.commits_in("main")) == 2000
    assert len(started) <= 4
