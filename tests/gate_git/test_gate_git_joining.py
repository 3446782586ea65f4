"""Merges, rebases, reverts and picks: git joins what was judged already; what somebody adds to it is asked about."""

from __future__ import annotations

import pytest

from .workshop import APP, FSTAB, POLICY, SHOP, Workshop, ago, dated

LINES = "".join(f"key{number} = {number}\n" for number in range(20))
TOP, END = LINES.replace("key0 = 0", "key0 = first"), LINES.replace("key19 = 19", "key19 = last")
OTHER_TOP = LINES.replace("key0 = 0", "key0 = second")


def diverge(workshop: Workshop, ours: dict[str, str | None], theirs: dict[str, str | None], **base: str) -> None:
    """``main`` has ours, ``side`` theirs; both were committed past the gate, and are no matter of what follows."""
    workshop.base(**base)
    for branch, files in (("side", theirs), ("main", ours)):
        workshop.git("checkout", "-q", *(["-b"] if branch == "side" else []), branch)
        edit(workshop, files)
        workshop.bypass("add", "-A")
        workshop.bypass("commit", "-qm", f"On {branch}", "--allow-empty")


def edit(workshop: Workshop, files: dict[str, str | None]) -> None:
    for path, content in files.items():
        if content is None:
            (workshop.folder / path).unlink()
        else:
            workshop.write(path, content)


@pytest.mark.parametrize("how", [(), ("--no-ff",), ("-X", "ours")])
def test_a_clean_merge_asks_nobody(workshop: Workshop, how: tuple[str, ...]) -> None:
    """Also where both sides edited the same file, in different places."""
    diverge(workshop, {APP: TOP, SHOP: "a: 1\n"}, {APP: END, FSTAB: "theirs\n"}, **{APP: LINES})
    workshop.git("merge", "-q", "--no-edit", *how, "side")
    assert len(workshop.git("rev-list", "-1", "--parents", "HEAD").said.split()) == 3
    workshop.accepted("HEAD^!")
    assert workshop.trailers() == []


def test_a_merge_that_could_be_a_fast_forward_asks_nobody(workshop: Workshop) -> None:
    diverge(workshop, {}, {APP: END, FSTAB: None}, **{APP: LINES})
    workshop.git("merge", "-q", "--no-edit", "--no-ff", "side")
    workshop.accepted("HEAD^!")


def test_a_merge_of_a_file_renamed_here_and_edited_there_asks_nobody(workshop: Workshop) -> None:
    diverge(workshop, {APP: None, "hosts/w1/etc/application.ini": LINES}, {APP: END}, **{APP: LINES})
    workshop.git("merge", "-q", "--no-edit", "side")
    assert "last" in (workshop.folder / "hosts/w1/etc/application.ini").read_text()
    workshop.accepted("HEAD^!")


def test_a_conflict_resolved_by_hand_is_asked_about(workshop: Workshop) -> None:
    diverge(workshop, {APP: TOP}, {APP: OTHER_TOP, FSTAB: "theirs\n"}, **{APP: LINES})
    workshop.git("merge", "side", code=1)
    workshop.stage(APP, LINES.replace("key0 = 0", "key0 = both"))
    said = workshop.refused("--no-edit")
    assert APP in said
    assert FSTAB not in said
    change = workshop.change(paths=["/etc/app.ini"])
    workshop.commit("--no-edit")
    assert workshop.trailers() == [change]
    workshop.accepted("HEAD^!")


@pytest.mark.parametrize("side", ["--ours", "--theirs"])
def test_a_conflict_that_one_side_wins_is_somebodys_decision(workshop: Workshop, side: str) -> None:
    diverge(workshop, {APP: TOP}, {APP: OTHER_TOP}, **{APP: LINES})
    workshop.git("merge", "side", code=1)
    workshop.git("checkout", side, "--", APP)
    workshop.git("add", APP)
    assert APP in workshop.refused("--no-edit")
    workshop.change()
    workshop.commit("--no-edit")
    workshop.accepted("HEAD^!")


def test_what_somebody_adds_to_a_clean_merge_is_asked_about(workshop: Workshop) -> None:
    diverge(workshop, {APP: TOP}, {FSTAB: "theirs\n"}, **{APP: LINES})
    workshop.git("merge", "-q", "--no-commit", "side")
    workshop.stage(SHOP, "replicas: 9\n")
    said = workshop.refused("--no-edit")
    assert SHOP in said
    assert FSTAB not in said
    workshop.bypass("commit", "-q", "--no-edit")
    assert workshop.found("HEAD^!") != []


def test_a_merge_that_discards_the_other_side_is_asked_about(workshop: Workshop) -> None:
    diverge(workshop, {APP: TOP}, {FSTAB: "theirs\n"}, **{APP: LINES})
    said = workshop.git("merge", "--no-edit", "-s", "ours", "side", code=None).said
    assert FSTAB in said
    assert APP not in said
    workshop.git("merge", "--abort", code=None)
    workshop.bypass("merge", "-q", "--no-edit", "-s", "ours", "side")
    assert workshop.found("HEAD^!") != []


def test_an_octopus_asks_nobody(workshop: Workshop) -> None:
    diverge(workshop, {APP: TOP}, {FSTAB: "theirs\n"}, **{APP: LINES})
    workshop.git("checkout", "-q", "-b", "third", "main~1")
    workshop.write(SHOP, "replicas: 9\n")
    workshop.bypass("commit", "-qam", "On third")
    workshop.git("checkout", "-q", "main")
    workshop.git("merge", "-q", "--no-edit", "side", "third")
    assert len(workshop.git("rev-list", "-1", "--parents", "HEAD").said.split()) == 4
    workshop.accepted("HEAD^!")


def test_an_octopus_with_an_addition_is_found(workshop: Workshop) -> None:
    test_an_octopus_asks_nobody(workshop)
    workshop.write(SHOP, "replicas: 10\n")
    workshop.bypass("commit", "-qa", "--amend", "--no-edit")
    assert len(workshop.found("HEAD^!")) == 1


def test_a_squashed_merge_is_an_edit_like_another(workshop: Workshop) -> None:
    diverge(workshop, {}, {FSTAB: "theirs\n"})
    workshop.git("merge", "-q", "--squash", "side")
    assert FSTAB in workshop.refused("--no-edit")
    workshop.change()
    workshop.commit("--no-edit")
    workshop.accepted()


def test_strangers_are_merged(workshop: Workshop) -> None:
    """Without a common ancestor everything of the other side is new; without a policy none of it was ever judged."""
    workshop.git("checkout", "-q", "--orphan", "stranger")
    workshop.bypass("rm", "-rqf", ".")
    workshop.write("hosts/w2/etc/a", "a\n")
    workshop.bypass("add", ".")
    workshop.bypass("commit", "-qm", "Stranger")
    workshop.git("checkout", "-q", "main")
    workshop.accepted("stranger")
    merge = ("merge", "-q", "--no-edit", "--allow-unrelated-histories", "stranger")
    assert "hosts/w2/etc/a" in workshop.git(*merge, code=1).said
    workshop.git("merge", "--abort")
    workshop.bypass(*merge)
    assert workshop.found("HEAD^!") == ["Merge branch 'stranger'"]
    workshop.git("reset", "-q", "--hard", "HEAD~1")
    workshop.git("checkout", "-q", "stranger")
    workshop.policy()
    workshop.git("checkout", "-q", "main")
    workshop.git(*merge[:-1], "-X", "ours", "stranger")
    workshop.accepted("HEAD^!")


def test_a_branch_from_before_the_policy_is_asked_about_when_it_is_merged(workshop: Workshop) -> None:
    workshop.git("rm", "-q", ".changelog-ledger.toml")
    workshop.bypass("commit", "-qm", "Before the policy")
    workshop.git("checkout", "-q", "-b", "old")
    workshop.base(**{FSTAB: "old\n"})
    workshop.git("checkout", "-q", "main")
    workshop.policy()
    for here, there in (("main", "old"), ("old", "main")):
        workshop.git("checkout", "-q", here)
        said = workshop.git("merge", "--no-edit", there, code=1).said
        assert FSTAB in said
        assert APP not in said
        workshop.git("merge", "--abort")
        workshop.bypass("merge", "-q", "--no-edit", there)
        assert len(workshop.found("HEAD^!")) == 1
        workshop.git("reset", "-q", "--hard", "HEAD^1")


def test_a_side_with_a_looser_policy_was_not_judged(workshop: Workshop) -> None:
    """Where it differs in what is configuration alone, only that is asked about."""
    loose = workshop.rev("HEAD")
    for line, asked in ((f"{POLICY}\nexempt_authors = ['*']", {APP, SHOP, ".changelog-ledger.toml"}), ('config = ["hosts/{host}/**"]', {SHOP})):
        workshop.git("checkout", "-q", "-B", "main", loose)
        workshop.policy(*line.split("\n"))
        workshop.git("checkout", "-q", "-B", "side")
        workshop.base(**{APP: TOP, SHOP: "replicas: 9\n"})
        workshop.git("checkout", "-q", "main")
        workshop.policy()
        said = workshop.git("merge", "--no-edit", "side", code=1).said
        assert {path for path in (APP, SHOP) if path in said} == asked - {".changelog-ledger.toml"}
        workshop.git("merge", "--abort")
        workshop.bypass("merge", "-q", "--no-edit", "side")
        (verdict,) = workshop.check("HEAD^!")
        assert {judged.edit.path for judged in verdict.refused} == asked - {".changelog-ledger.toml"}


def test_a_policy_that_a_branch_loosened_is_asked_about_when_it_is_merged(workshop: Workshop) -> None:
    for line in ('merges = "allow"', "exempt_authors = ['*']"):
        workshop.git("checkout", "-q", "-B", "side", "main")
        workshop.policy(POLICY, line)
        workshop.git("checkout", "-q", "main")
        assert ".changelog-ledger.toml" in workshop.git("merge", "--no-ff", "--no-edit", "side", code=1).said
        workshop.git("merge", "--abort")
        workshop.bypass("merge", "-q", "--no-ff", "--no-edit", "side")
        assert workshop.found("HEAD^!") == ["Merge branch 'side'"]
        workshop.git("reset", "-q", "--hard", "HEAD^1")


def test_a_policy_that_a_branch_tightened_comes_with_the_merge(workshop: Workshop) -> None:
    workshop.git("checkout", "-q", "-b", "side")
    workshop.policy(POLICY[:-1] + ', "*.tf"]', 'actor = "same"')
    workshop.git("checkout", "-q", "main")
    workshop.git("merge", "-q", "--no-ff", "--no-edit", "side")
    workshop.accepted("HEAD^!")


def test_merges_that_need_nothing_do_not_alter_the_policy(workshop: Workshop) -> None:
    workshop.policy(POLICY, 'merges = "allow"')
    workshop.git("checkout", "-q", "-b", "side")
    workshop.base(**{APP: TOP})
    workshop.git("checkout", "-q", "main")
    workshop.git("merge", "-q", "--no-ff", "--no-commit", "side")
    workshop.stage(SHOP, "replicas: 9\n")
    workshop.stage(".changelog-ledger.toml", "[gate]\n")
    said = workshop.refused("--no-edit")
    assert ".changelog-ledger.toml" in said
    assert SHOP not in said
    workshop.bypass("commit", "-q", "--no-edit")
    (verdict,) = workshop.check("HEAD^!")
    assert [judged.edit.path for judged in verdict.refused] == [".changelog-ledger.toml"]


def test_the_revert_of_a_policy_needs_a_change(workshop: Workshop) -> None:
    """Who takes back what tightened it, loosens it."""
    workshop.write(APP, TOP)
    workshop.bypass("add", ".")
    workshop.policy(POLICY, 'actor = "same"')
    workshop.git("revert", "--no-edit", "HEAD")
    (verdict,) = workshop.check()
    assert [judged.edit.path for judged in verdict.refused] == [".changelog-ledger.toml"]
    workshop.git("reset", "-q", "--hard", "HEAD~1")
    workshop.git("revert", "--no-commit", "HEAD")
    assert ".changelog-ledger.toml" in workshop.refused("--no-edit")


def test_the_policy_may_ask_for_all_of_a_merge_or_nothing(workshop: Workshop) -> None:
    diverge(workshop, {APP: TOP}, {APP: OTHER_TOP}, **{APP: LINES})
    workshop.policy('config = ["hosts/{host}/**"]', 'merges = "allow"')
    workshop.git("merge", "side", code=1)
    workshop.stage(APP, LINES.replace("key0 = 0", "key0 = both"))
    workshop.commit("--no-edit")
    workshop.accepted("HEAD^!")
    workshop.git("reset", "-q", "--hard", "HEAD~1")
    workshop.policy('config = ["hosts/{host}/**"]', 'merges = "all"')
    workshop.git("checkout", "-q", "-b", "third", "side~1")
    workshop.base(**{FSTAB: "third\n"})
    workshop.git("checkout", "-q", "main")
    assert FSTAB in workshop.git("merge", "--no-edit", "third", code=None).said


def test_a_rebased_commit_is_accepted_by_its_trailer_and_when_it_was_written(workshop: Workshop) -> None:
    """git runs no hook that could refuse for what a rebase picks."""
    workshop.git("checkout", "-q", "-b", "work")
    change = workshop.change()
    workshop.stage(APP, "[db]\npool = 40\nhost = db-01\n")
    workshop.commit(**dated(ago(minutes=30)))
    workshop.over(change)
    other = workshop.change("Another that is under way")
    workshop.git("checkout", "-q", "main")
    workshop.base(**{"README.md": "Other.\n"})
    workshop.git("checkout", "-q", "work")
    workshop.git("rebase", "-q", "main", GIT_COMMITTER_DATE="@4102444800 +0000")
    assert workshop.rev("HEAD~1") == workshop.rev("main")
    assert workshop.trailers() == [change], f"{other} has nothing to do with it"
    workshop.accepted("main..HEAD")


def test_a_rebase_with_a_conflict(workshop: Workshop) -> None:
    diverge(workshop, {APP: TOP}, {APP: OTHER_TOP}, **{APP: LINES})
    workshop.change()
    workshop.git("checkout", "-q", "side")
    workshop.git("rebase", "main", code=1)
    workshop.stage(APP, LINES.replace("key0 = 0", "key0 = both"))
    workshop.git("rebase", "--continue")
    assert len(workshop.trailers()) == 1
    workshop.accepted("main..HEAD")


def test_a_cherry_pick_is_found_where_nothing_covers_it(workshop: Workshop) -> None:
    diverge(workshop, {}, {FSTAB: "theirs\n"})
    workshop.git("cherry-pick", "side")
    assert workshop.found() == ["On side"]
    workshop.git("reset", "-q", "--hard", "HEAD~1")
    workshop.change()
    workshop.git("cherry-pick", "-n", "side")
    workshop.commit("-C", "side")
    assert workshop.rev("HEAD") != workshop.rev("side")
    workshop.accepted()


def test_a_cherry_pick_with_a_conflict_is_asked_about(workshop: Workshop) -> None:
    diverge(workshop, {APP: TOP}, {APP: OTHER_TOP}, **{APP: LINES})
    workshop.git("cherry-pick", "side", code=1)
    workshop.stage(APP, LINES.replace("key0 = 0", "key0 = both"))
    assert APP in workshop.refused("--no-edit")
    workshop.change()
    workshop.commit("--no-edit")
    workshop.accepted()


def test_a_revert_takes_back_what_was_let_in(workshop: Workshop) -> None:
    diverge(workshop, {APP: TOP}, {})
    workshop.git("revert", "--no-edit", "HEAD")
    workshop.accepted()
    workshop.git("revert", "--no-edit", "HEAD")
    assert "Reapply" in workshop.message() or "Revert" in workshop.message()
    workshop.accepted()
    workshop.git("revert", "--no-commit", "HEAD")
    taken_back = workshop.head
    assert f"This reverts commit {taken_back}." in " ".join(workshop.refused("-m", "Back again").split())
    workshop.commit("-m", f"Back again\n\nThis reverts commit {taken_back}.")
    workshop.accepted()


def test_a_revert_may_need_a_change(workshop: Workshop) -> None:
    diverge(workshop, {APP: TOP}, {})
    workshop.policy('config = ["hosts/{host}/**"]', 'reverts = "refuse"')
    workshop.git("revert", "--no-edit", "HEAD~1")
    assert len(workshop.found()) == 1


def test_a_revert_with_a_conflict_is_asked_about_what_is_its_own(workshop: Workshop) -> None:
    diverge(workshop, {APP: TOP, FSTAB: "ours\n"}, {}, **{APP: LINES})
    workshop.base(**{APP: OTHER_TOP})
    workshop.git("revert", "HEAD~1", code=1)
    workshop.stage(APP, LINES.replace("key0 = 0", "key0 = third"))
    said = workshop.refused("--no-edit")
    assert APP in said
    assert FSTAB not in said
    workshop.change(paths=["/etc/app.ini"])
    workshop.commit("--no-edit")
    workshop.accepted()


@pytest.mark.parametrize("mainline", ["1", "2"])
def test_a_merge_is_reverted(workshop: Workshop, mainline: str) -> None:
    diverge(workshop, {APP: TOP}, {FSTAB: "theirs\n"}, **{APP: LINES})
    workshop.bypass("merge", "-q", "--no-edit", "side")
    workshop.git("revert", "--no-edit", "-m", mainline, "HEAD")
    workshop.accepted()


def test_the_first_commit_of_all_is_reverted(workshop: Workshop) -> None:
    workshop.stage("hosts/w1/etc/kept", "kept\n")
    workshop.bypass("commit", "-qm", "More")
    workshop.git("revert", "--no-edit", "HEAD~1", code=None)
    if workshop.rev("REVERT_HEAD"):
        workshop.git("revert", "--abort")
    else:
        (verdict,) = workshop.check()
        assert [judged.edit.path for judged in verdict.refused] == [".changelog-ledger.toml"], "a policy is not taken back without a change"


def test_a_message_that_says_it_reverts_is_not_believed(workshop: Workshop) -> None:
    """What somebody adds to a revert; a commit that was never in this history, and so was never judged; one that there is not."""
    workshop.base(**{APP: TOP})
    text = "Revert it\n\nThis reverts commit {}."
    reverted = workshop.head
    workshop.write(APP, OTHER_TOP)
    workshop.bypass("commit", "-qam", text.format(reverted))
    assert workshop.found() == ["Revert it"]
    workshop.git("checkout", "-q", "-b", "scratch")
    workshop.base(**{APP: "evil\n"})
    workshop.base(**{APP: OTHER_TOP})
    crafted = workshop.head
    workshop.git("checkout", "-q", "main")
    workshop.write(APP, "evil\n")
    workshop.bypass("commit", "-qam", text.format(crafted))
    assert workshop.found() == ["Revert it"]
    for nothing in ("deadbeef", "0" * 40, workshop.rev("HEAD^{tree}")):
        workshop.bypass("commit", "-q", "--amend", "-m", text.format(nothing))
        assert workshop.found() == ["Revert it"]


def test_mail_is_applied(workshop: Workshop) -> None:
    """``git am`` asks no hook of ours; the range check does."""
    diverge(workshop, {}, {FSTAB: "theirs\n"})
    mail = workshop.git("format-patch", "--stdout", "-1", "side").said
    (workshop.top / "mail").write_text(mail)
    workshop.git("am", "-q", str(workshop.top / "mail"))
    assert workshop.found() == ["On side"]
    workshop.git("reset", "-q", "--hard", "HEAD~1")
    workshop.change()
    workshop.git("am", "-q", str(workshop.top / "mail"))
    workshop.accepted()


def test_an_octopus_brings_nothing_back(workshop: Workshop) -> None:
    """A file was let in and taken away again, each under a change; a merge of many sides does not bring it back unasked."""
    before = workshop.head
    workshop.base(**{"hosts/w1/etc/keys": "somebody\n"})
    there, tree = workshop.head, workshop.rev("HEAD^{tree}")
    workshop.git("rm", "-q", "hosts/w1/etc/keys")
    workshop.bypass("commit", "-qm", "Taken away")
    gone = workshop.head
    made = workshop.git("commit-tree", tree, "-p", gone, "-p", there, "-p", before, "-m", "Join").said.strip()
    workshop.bypass("reset", "-q", "--hard", made)
    assert workshop.found(f"{gone}..HEAD") == ["Join"]


def test_a_merge_is_not_taken_back_towards_what_was_never_judged(workshop: Workshop) -> None:
    main = workshop.head
    workshop.bypass("checkout", "-q", "--orphan", "wild")
    workshop.git("rm", "-rqf", ".")
    workshop.write("hosts/w1/etc/evil.conf", "anything\n")
    workshop.bypass("add", "-A")
    workshop.bypass("commit", "-qm", "Wild")
    workshop.bypass("checkout", "-q", "main")
    workshop.bypass("merge", "-q", "-s", "ours", "--allow-unrelated-histories", "--no-edit", "wild")
    merged = workshop.head
    workshop.bypass("revert", "--no-edit", "-m", "2", "HEAD")
    assert workshop.rev(f"{merged}^1") == main
    assert len(workshop.found(f"{merged}..HEAD")) == 1
