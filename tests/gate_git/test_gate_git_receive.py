"""A bare repository with the pre-receive hook: what is pushed goes in whole, or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from changelog_ledger.ledger import Gate

from .workshop import APP, FSTAB, POLICY, Workshop, ago, dated

EDITED = "[db]\npool = 40\nhost = db-01\n"


@pytest.fixture
def server(workshop: Workshop) -> Path:
    """``origin``: a bare repository with what the work tree has, and the gate."""
    bare = workshop.top / "server.git"
    workshop.git("clone", "-q", "--bare", str(workshop.folder), str(bare), at=workshop.top)
    Gate.open(bare, home=workshop.home).install()
    workshop.git("remote", "add", "origin", str(bare))
    workshop.git("fetch", "-q", "origin")
    return bare


def test_outside_of_a_repository_nothing_passes(workshop: Workshop) -> None:
    answer = workshop.ask("hook", "pre-receive", at=workshop.top, code=None, given="")
    assert answer.code == 4
    assert "repository" in answer.said


def refs(workshop: Workshop, server: Path) -> str:
    return workshop.git("for-each-ref", "--format=%(refname) %(objectname)", at=server).said


def objects(workshop: Workshop, server: Path) -> set[str]:
    return set(workshop.git("cat-file", "--batch-all-objects", "--batch-check=%(objectname)", at=server).said.split())


def edit(workshop: Workshop, content: str = EDITED, path: str = APP, message: str = "Quickly") -> None:
    workshop.stage(path, content)
    workshop.bypass("commit", "-qm", message)


def push(workshop: Workshop, *arguments: str) -> str:
    return workshop.git("push", "origin", *arguments).said


def arrivals(workshop: Workshop) -> list[str]:
    """What is expected to arrive somewhere."""
    return [line for line in workshop.ledger.export_facts() if json.loads(line)["kind"] == "expected"]


def bypassed(workshop: Workshop) -> list[str]:
    """The commits that are on record as having gone past the gate."""
    return [json.loads(line)["data"]["commit"] for line in workshop.ledger.export_facts() if json.loads(line).get("what") == "unlogged-commit"]


def refused(workshop: Workshop, server: Path, *arguments: str) -> str:
    before = refs(workshop, server), objects(workshop, server), arrivals(workshop)
    said = workshop.git("push", "origin", *arguments, code=1).said
    assert (refs(workshop, server), objects(workshop, server), arrivals(workshop)) == before
    assert "pre-receive hook declined" in said
    return said


def test_what_went_past_the_hook_does_not_get_in(workshop: Workshop, server: Path) -> None:
    edit(workshop)
    said = refused(workshop, server, "main")
    remote = [line.removeprefix("remote: ").rstrip() for line in said.splitlines() if line.startswith("remote:")]
    assert remote[0].strip() == f"{workshop.head[:12]} Quickly  Anna"
    assert any(line.startswith("  ledger change log Quickly --on host:w1 --path /etc/app.ini --at ") for line in remote)
    assert any("check or push again" in line for line in remote)
    assert bypassed(workshop) == [workshop.head], "it was seen, and is on record"
    refused(workshop, server, "main")
    assert bypassed(workshop) == [workshop.head], "once"


def test_what_a_change_covers_gets_in(workshop: Workshop, server: Path) -> None:
    workshop.change()
    workshop.stage(APP, EDITED)
    workshop.commit()
    push(workshop, "main")
    assert workshop.git("rev-parse", "main", at=server).said.strip() == workshop.head


def test_a_refused_push_gets_in_after_it_was_logged(workshop: Workshop, server: Path) -> None:
    edit(workshop)
    refused(workshop, server, "main")
    workshop.ledger.log("Quickly", ["host:w1"], at=workshop.git("log", "-1", "--format=%cI").said.strip())
    push(workshop, "main")


def test_a_new_branch_of_known_commits_and_a_branch_that_goes(workshop: Workshop, server: Path) -> None:
    push(workshop, "main:refs/heads/copy")
    push(workshop, "--delete", "copy")
    workshop.git("checkout", "-q", "-b", "work")
    edit(workshop)
    assert "Quickly" in refused(workshop, server, "work")


def test_a_forced_push(workshop: Workshop, server: Path) -> None:
    workshop.change()
    edit(workshop)
    push(workshop, "main")
    workshop.bypass("commit", "-q", "--amend", "-m", "Said otherwise")
    push(workshop, "--force", "main")
    workshop.git("reset", "-q", "--hard", "HEAD~1")
    push(workshop, "--force", "main")
    edit(workshop, "a\n", "hosts/w2/etc/a", "Elsewhere")
    refused(workshop, server, "--force", "main")


def test_a_history_without_a_policy_does_not_take_its_place(workshop: Workshop, server: Path) -> None:
    workshop.git("checkout", "-q", "--orphan", "clean")
    workshop.bypass("rm", "-qf", ".changelog-ledger.toml")
    workshop.write(APP, EDITED)
    workshop.bypass("commit", "-qam", "Begin again")
    said = refused(workshop, server, "--force", "clean:main")
    assert "would lose the policy" in said
    assert "Begin again" in refused(workshop, server, "clean:refs/heads/pages"), "the policy of HEAD holds for what begins elsewhere"
    workshop.bypass("rm", "-rqf", "hosts", "services")
    workshop.bypass("commit", "-q", "--amend", "-m", "Pages")
    assert "Log what was done" not in refused(workshop, server, "--force", "clean:main")
    push(workshop, "clean:refs/heads/pages")
    edit(workshop)
    assert "Quickly" in refused(workshop, server, "clean:refs/heads/pages")
    workshop.git("checkout", "-q", "main")
    workshop.git("rm", "-q", ".changelog-ledger.toml")
    workshop.bypass("commit", "-qm", "Without it")
    assert "Without it" in refused(workshop, server, "main")
    workshop.change(on=["all"])
    push(workshop, "main")


LENIENT = ('exempt_authors = ["*"]', 'merges = "allow"', 'generated = ["**"]')


@pytest.fixture
def from_before(workshop: Workshop) -> Path:
    """A server whose ``main`` began without a policy; ``old`` began there, with one that lets anything in: an edit, then the policy of ``main``."""
    workshop.git("rm", "-q", ".changelog-ledger.toml")
    workshop.bypass("commit", "-q", "--amend", "-m", "Before the policy")
    workshop.git("branch", "old")
    workshop.policy()
    bare = workshop.top / "server.git"
    workshop.git("clone", "-q", "--bare", "--branch", "main", "--single-branch", str(workshop.folder), str(bare), at=workshop.top)
    Gate.open(bare, home=workshop.home).install()
    workshop.git("remote", "add", "origin", str(bare))
    workshop.git("checkout", "-q", "old")
    workshop.policy(POLICY, *LENIENT)
    workshop.write(APP, EDITED)
    workshop.bypass("add", ".")
    workshop.policy()
    return bare


@pytest.mark.parametrize("where", ["main", "old"])
def test_a_branch_from_before_the_policy_brings_none_of_its_own(workshop: Workshop, from_before: Path, where: str) -> None:
    """Merged into main, or main into it: a fast-forward whose first parent is the branch."""
    workshop.git("checkout", "-q", where)
    workshop.bypass("merge", "-q", "--no-edit", "-X", "ours", "old" if where == "main" else "main")
    tip, lenient = workshop.rev("old" if where == "main" else "HEAD^1"), workshop.rev("old~1" if where == "main" else "HEAD^1~1")
    said = refused(workshop, from_before, "HEAD:main")
    assert all(commit[:12] in said for commit in (tip, lenient))
    base = "HEAD^1" if where == "main" else "main"
    assert workshop.found(f"{base}..HEAD")[:2] == ["Another policy"] * 2


def test_a_new_branch_brings_no_policy_of_its_own(workshop: Workshop, from_before: Path) -> None:
    assert "Another policy" in refused(workshop, from_before, "old")
    assert "Another policy" in refused(workshop, from_before, "old~1:refs/heads/old")
    push(workshop, "old~2:refs/heads/old")
    assert "Another policy" in refused(workshop, from_before, "old"), "a branch without a policy has that of HEAD"


@pytest.mark.parametrize("file", [".changelog-ledger.toml", "pyproject.toml"])
def test_a_stranger_with_a_policy_of_its_own_does_not_take_its_place(workshop: Workshop, server: Path, file: str) -> None:
    workshop.git("checkout", "-q", "--orphan", "clean")
    workshop.bypass("rm", "-rqf", ".")
    table = "gate" if file == ".changelog-ledger.toml" else "tool.changelog-ledger.gate"
    edit(workshop, "\n".join([f"[{table}]", POLICY, *LENIENT, ""]), file, "Mine")
    said = refused(workshop, server, "clean:refs/heads/new")
    assert file in said
    edit(workshop, message="Quickly")
    assert "Quickly" in refused(workshop, server, "--force", "clean:main")


def test_each_reference_has_its_own_policy(workshop: Workshop, server: Path) -> None:
    """One commit into two branches: it has to pass in both, and is reported once."""
    workshop.ledger.log("Loosen", ["all"], at=ago(minutes=10), until=ago(minutes=5))
    workshop.git("checkout", "-q", "-b", "loose")
    workshop.write(".changelog-ledger.toml", f'[gate]\n{POLICY}\nexempt_authors = ["Anna"]\n')
    workshop.bypass("commit", "-qam", "Loosened", **dated(ago(minutes=7)))
    workshop.git("update-ref", "refs/heads/loose", "HEAD")
    workshop.bypass("fetch", "-q", str(workshop.folder), "loose:loose", at=server)
    edit(workshop)
    edit(workshop, "a\n", FSTAB, "Freely")
    push(workshop, "loose~1:refs/heads/loose")
    workshop.git("checkout", "-q", "--detach", "main")
    edit(workshop, "b\n", FSTAB, "From main")
    said = refused(workshop, server, "--force", "HEAD:loose", "HEAD:main")
    assert said.count(f"{workshop.head[:12]} From main") == 1
    assert "1 commit, 1 with configuration, 0 covered, 1 refused" in said


def test_tags(workshop: Workshop, server: Path) -> None:
    for name, what in (("light", "HEAD"), ("tree", "HEAD^{tree}"), ("blob", f"HEAD:{APP}")):
        workshop.git("tag", name, what)
    workshop.git("tag", "-a", "-m", "noted", "noted")
    workshop.git("tag", "-a", "-m", "of a tag", "nested", "noted")
    workshop.git("tag", "-a", "-m", "of a tree", "noted-tree", "HEAD^{tree}")
    push(workshop, "--tags")
    edit(workshop)
    workshop.git("tag", "-a", "-m", "sneaked in", "sneaked")
    assert "Quickly" in refused(workshop, server, "sneaked")


def test_several_references_at_once_go_in_together_or_not(workshop: Workshop, server: Path) -> None:
    workshop.change(paths=["/etc/fstab"])
    workshop.git("checkout", "-q", "-b", "good")
    edit(workshop, "x\n", FSTAB, "Covered")
    workshop.git("checkout", "-q", "-b", "bad", "main")
    edit(workshop)
    said = refused(workshop, server, "good", "bad")
    assert "1 covered, 1 refused" in said
    push(workshop, "good")


def test_a_first_push_into_an_empty_repository(workshop: Workshop) -> None:
    bare = workshop.top / "empty.git"
    workshop.git("init", "-q", "--bare", str(bare), at=workshop.top)
    Gate.open(bare, home=workshop.home).install()
    workshop.git("remote", "add", "origin", str(bare))
    assert "What was there" in workshop.git("push", "origin", "main", code=1).said
    workshop.ledger.log("What was there", ["all"], at=workshop.git("log", "-1", "--format=%cI").said.strip())
    push(workshop, "main")


def test_a_merge_in_the_server_follows_from_its_sides(workshop: Workshop, server: Path) -> None:
    workshop.change()
    workshop.git("checkout", "-q", "-b", "side")
    edit(workshop, "x\n", FSTAB)
    workshop.git("checkout", "-q", "main")
    edit(workshop)
    workshop.bypass("merge", "-q", "--no-edit", "side")
    push(workshop, "main")


def test_a_ledger_that_is_away_lets_nothing_in(workshop: Workshop, server: Path) -> None:
    edit(workshop)
    workshop.home.rename(workshop.top / "gone")
    said = workshop.git("push", "origin", "main", code=1).said
    (workshop.top / "gone").rename(workshop.home)
    assert "remote: ledger: the gate cannot ask its ledger: there is no ledger at" in said
    assert "remote: hint: nothing was let in" in said
    assert workshop.git("rev-parse", "main", at=server).said.strip() == workshop.rev("HEAD~1")
    push(workshop, "main~1:refs/heads/nothing-new")


@pytest.mark.slow
def test_lines_that_git_would_never_give(workshop: Workshop, server: Path) -> None:
    for given in ("nonsense\n", "a b c\n", f"{'0' * 40} {'z' * 40} refs/heads/main\n", f"{'0' * 40} --all refs/heads/main\n"):
        assert "is no line that git gives to pre-receive" in workshop.ask("hook", "pre-receive", at=server, given=given, code=4).said
    assert "no commit" in workshop.ask("hook", "pre-receive", at=server, given="").said
    document = json.loads(workshop.ask("hook", "pre-receive", "--json", at=server, given="").said)
    assert document["passes"] is True


@pytest.mark.slow
def test_three_hundred_commits(workshop: Workshop, server: Path) -> None:
    workshop.change()
    stream = ["commit refs/heads/many", "committer Anna <anna@example.org> now", "data 1", "0", "from refs/heads/main^0"]
    for number in range(300):
        if number:
            stream += ["commit refs/heads/many", "committer Anna <anna@example.org> now", f"data {len(str(number))}", str(number)]
        content = f"[db]\npool = {number}"
        stream += [f"M 100644 inline {APP}", f"data {len(content)}", content, ""]
    workshop.git("fast-import", "--quiet", "--date-format=now", given="\n".join(stream) + "\n")
    said = push(workshop, "many")
    assert "300 commits, 300 with configuration, 300 covered, 0 refused." in said


def test_no_other_object_is_shown_in_place_of_one_that_was_checked(workshop: Workshop, server: Path) -> None:
    workshop.write("evil", "anything\n")
    evil = workshop.git("hash-object", "-w", "evil").said.strip()
    good = workshop.rev(f"HEAD:{APP}")
    said = workshop.git("push", "origin", f"{evil}:refs/replace/{good}", code=1).said
    assert "in place of one that was checked" in said
    assert "refs/replace" not in str(refs(workshop, server))
