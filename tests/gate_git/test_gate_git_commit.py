"""``git commit`` in a work tree with the gate's hooks: what goes in, what does not, and that a refusal touches nothing."""

from __future__ import annotations

import os

import pytest

from ..workflows.world import PYTHON
from .workshop import APP, FSTAB, SHOP, Workshop, ago, dated

EDITED = "[db]\npool = 40\nhost = db-01\n"


def test_an_edit_that_no_change_covers_is_refused_with_the_way_in(either_workshop: Workshop) -> None:
    either_workshop.stage(APP, EDITED)
    said = either_workshop.refused()
    assert said.startswith("Refused. No change covers this edit of configuration:")
    assert "ledger change start \"$(ledger change plan 'WHAT AND WHY' --on host:w1 --path /etc/app.ini)\"" in said
    assert "20 → 40" in said
    change = either_workshop.change(paths=["/etc/app.ini"])
    either_workshop.commit()
    assert either_workshop.trailers() == [change]
    either_workshop.accepted()


def test_the_command_that_is_printed_lets_it_in(workshop: Workshop) -> None:
    workshop.stage("hosts/w1/etc/it's [one] * name", "a\n")
    said = workshop.refused()
    command = next(line.strip() for line in said.splitlines() if line.startswith("  ledger change start"))
    ledger = workshop.top / "bin"
    ledger.mkdir()
    (ledger / "ledger").write_text(f'#!/bin/sh\nexec {PYTHON} -m changelog_ledger "$@"\n')
    (ledger / "ledger").chmod(0o755)
    workshop.run("sh", "-c", command, PATH=f"{ledger}{os.pathsep}{os.environ['PATH']}")
    workshop.commit()
    assert len(workshop.trailers()) == 1


def test_a_refusal_leaves_the_raw_index_and_unstaged_work_alone(workshop: Workshop) -> None:
    workshop.stage(APP, EDITED)
    workshop.write(APP, EDITED + "timeout = 3\n")
    workshop.write(FSTAB, "unstaged\n")
    workshop.write("hosts/w1/etc/new", "untracked\n")
    workshop.git("status")  # git itself refreshes the index here; nobody does afterwards
    before = (workshop.folder / ".git" / "index").read_bytes()
    workshop.ask("hook", "check", code=1)
    assert (workshop.folder / ".git" / "index").read_bytes() == before
    workshop.refused()
    assert (workshop.folder / FSTAB).read_text() == "unstaged\n"


def test_what_is_no_configuration_needs_no_ledger(workshop: Workshop) -> None:
    (workshop.home / "ledger.db").unlink(missing_ok=True)
    workshop.stage("README.md", "What this is, and why.\n")
    workshop.commit(LEDGER_HOME=str(workshop.top / "nowhere"))


def test_everything_is_committed_with_a(workshop: Workshop) -> None:
    workshop.write(APP, EDITED)
    workshop.write(SHOP, "replicas: 3\nimage: shop:1\n")
    said = workshop.refused("-am", "Both")
    assert APP in said
    assert SHOP in said
    change = workshop.change(on=["host:w1", "service:shop"])
    workshop.commit("-am", "Both")
    assert workshop.trailers() == [change]


def test_a_commit_of_one_file_is_judged_by_that_file(workshop: Workshop) -> None:
    """``git commit FILE`` makes an index of its own for the commit, and names it to its hooks."""
    workshop.change(paths=["/etc/app.ini"])
    workshop.write(APP, EDITED)
    workshop.stage(FSTAB, "/dev/sdb1 / ext4 defaults 0 1\n")
    said = workshop.refused("-m", "The other", FSTAB)
    assert FSTAB in said
    assert APP not in said
    workshop.commit("-m", "This one", APP)
    assert workshop.git("show", "--name-only", "--format=").said.split() == [APP]
    assert workshop.git("diff", "--cached", "--name-only").said.split() == [FSTAB]


def test_only_the_staged_half_of_a_file_is_judged(workshop: Workshop) -> None:
    lines = [f"key{number} = {number}" for number in range(30)]
    workshop.base(**{APP: "\n".join(lines) + "\n"})
    lines[0], lines[29] = "key0 = first", "key29 = last"
    workshop.write(APP, "\n".join(lines) + "\n")
    workshop.git("add", "-p", APP, given="y\nn\n")
    said = workshop.refused()
    assert "first" in said
    assert "last" not in said
    workshop.change()
    workshop.commit()
    assert workshop.git("diff", "--unified=0").said.count("\n+key29 = last") == 1
    assert "key0 = first" in workshop.git("show", f"HEAD:{APP}").said
    assert "last" not in workshop.git("show", f"HEAD:{APP}").said


def test_what_was_only_announced_is_not_judged(workshop: Workshop) -> None:
    workshop.write("hosts/w1/etc/new", "a\n")
    workshop.git("add", "-N", "hosts/w1/etc/new")
    workshop.stage("README.md", "More.\n")
    workshop.commit()


def test_amending_keeps_the_trailer_once(workshop: Workshop) -> None:
    change = workshop.change()
    workshop.stage(APP, EDITED)
    workshop.commit("-m", "Raise it")
    workshop.commit("--amend", GIT_EDITOR="sed -i 's/^Raise it/Raise the pool/'")
    assert workshop.message().startswith("Raise the pool")
    assert workshop.trailers() == [change]
    workshop.commit("--amend", "--no-edit", GIT_EDITOR="false", GIT_COMMITTER_DATE="@1767225600 +0000")
    assert workshop.trailers() == [change]
    workshop.commit("--amend", "-m", f"Raise it\n\nLedger-Change: {change}")
    assert workshop.trailers() == [change]


def test_another_message_for_an_amended_commit_is_taken_as_it_is(workshop: Workshop) -> None:
    """git tells its hooks nothing of ``--amend`` beside ``-m``; the commit is covered by what was let in all the same."""
    change = workshop.change()
    workshop.stage(APP, EDITED)
    workshop.commit()
    workshop.commit("--amend", "-m", "Said otherwise")
    assert workshop.trailers() == []
    workshop.over(change)
    workshop.accepted()


@pytest.mark.slow
def test_amending_after_the_change_is_over(workshop: Workshop) -> None:
    """The message may be corrected, and the trailer stays; new edits need a change that is under way."""
    change = workshop.change()
    workshop.stage(APP, EDITED)
    workshop.commit("-m", "Raise it", **dated(ago(minutes=30)))
    workshop.over(change)
    workshop.commit("--amend", "--no-edit")
    assert workshop.trailers() == [change]
    workshop.stage(FSTAB, "/dev/sdb1 / ext4 defaults 0 1\n")
    assert FSTAB in workshop.refused("--amend", "--no-edit")
    other = workshop.change("Move the root")
    workshop.commit("--amend", "--no-edit")
    assert workshop.trailers() == [change, other]
    workshop.accepted()


def test_an_amended_commit_that_takes_the_edit_back_needs_a_change_still(workshop: Workshop) -> None:
    """The repository's history then says that nothing happened; the host may have had it for a while."""
    change = workshop.change()
    workshop.stage(APP, EDITED)
    workshop.stage("README.md", "More.\n")
    workshop.commit()
    workshop.over(change)
    workshop.git("checkout", "-q", "HEAD~1", "--", APP)
    workshop.refused("--amend", "--no-edit")


@pytest.mark.slow
def test_fixup_and_squash_messages(workshop: Workshop) -> None:
    change = workshop.change()
    first = workshop.head
    workshop.stage(APP, EDITED)
    workshop.commit("-m", "Raise it")
    for number, how in enumerate(("--fixup", "--squash")):
        workshop.stage(APP, EDITED + f"{how.strip('-')} = {number}\n")
        workshop.commit(f"{how}=HEAD", "--no-edit")
        assert workshop.trailers() == [change]
    workshop.git("rebase", "-q", "-i", "--autosquash", first, GIT_SEQUENCE_EDITOR="true")
    assert len(workshop.git("rev-list", f"{first}..HEAD").said.split()) == 1
    assert workshop.trailers() == [change, change] or workshop.trailers() == [change]
    workshop.accepted()


def test_detached_head(workshop: Workshop) -> None:
    workshop.git("checkout", "-q", "--detach")
    workshop.stage(APP, EDITED)
    workshop.refused()
    workshop.change()
    workshop.commit()


def test_the_first_commit_of_all(workshop: Workshop) -> None:
    """Where HEAD has no policy, what is staged says what is configuration; to bring the policy itself needs no change."""
    workshop.git("checkout", "-q", "--orphan", "another")
    said = workshop.refused()
    assert all(path in said for path in (APP, FSTAB, SHOP))
    assert ".changelog-ledger.toml" not in said
    workshop.change("Begin", on=["all"])
    workshop.commit()
    workshop.accepted("HEAD")


@pytest.mark.slow
def test_two_linked_worktrees_at_once(workshop: Workshop) -> None:
    workshop.git("worktree", "add", "-q", "-b", "other", str(workshop.top / "other"))
    workshop.change(paths=["/etc/app.ini"])
    workshop.stage(APP, EDITED)
    (workshop.top / "other" / FSTAB).write_text("other\n")
    workshop.git("add", ".", at=workshop.top / "other")
    assert FSTAB in workshop.git("commit", "-m", "Other", at=workshop.top / "other", code=1).said
    workshop.commit()
    assert FSTAB in workshop.git("commit", "-m", "Other", at=workshop.top / "other", code=1).said


def test_from_a_folder_below(workshop: Workshop) -> None:
    workshop.stage(APP, EDITED)
    assert APP in workshop.refused(at=workshop.folder / "hosts" / "w1")
    assert APP in workshop.ask("hook", "check", at=workshop.folder / "services", code=1).said


def test_a_stash_asks_nobody(workshop: Workshop) -> None:
    workshop.stage(APP, EDITED)
    workshop.git("stash", "-q")
    assert workshop.git("status", "--porcelain").said == ""
    workshop.git("stash", "pop", "-q", "--index")
    workshop.refused()


def test_a_message_alone_asks_nobody(workshop: Workshop) -> None:
    workshop.commit("--allow-empty", "-m", "Nothing")
    assert workshop.trailers() == []


@pytest.mark.slow
def test_two_thousand_staged_files(workshop: Workshop) -> None:
    for number in range(2000):
        workshop.write(f"hosts/w{number % 2 + 1}/etc/conf.d/{number}.ini", f"[a]\nb = {number}\n")
    workshop.git("add", ".")
    said = workshop.refused()
    assert "No change covers 2000 edits of configuration" in said or "No change covers 2,000 edits of configuration" in said
    assert len(said.splitlines()) < 100
    workshop.change(on=["host:w1", "host:w2"])
    workshop.commit()
    workshop.accepted()


def test_a_change_that_ends_between_check_and_message(workshop: Workshop) -> None:
    """The message is written in an editor, for as long as it takes."""
    change = workshop.change()
    workshop.stage(APP, EDITED)
    editor = workshop.top / "editor"
    editor.write_text(
        f'#!/bin/sh\n{PYTHON} -m changelog_ledger change finish {change} --at {ago(minutes=1).isoformat()} >&2\necho Raise it >> "$1"\n'
    )
    editor.chmod(0o755)
    said = workshop.refused("-v", GIT_EDITOR=str(editor))
    assert f"{change} (Raise the pool) is over: succeeded" in said
