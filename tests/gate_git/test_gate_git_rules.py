"""Whose change covers an edit, when, and by which policy; several changes; emergencies."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time

import pytest

from .workshop import APP, FSTAB, POLICY, SHOP, Workshop, ago, dated

EDITED = "[db]\npool = 40\nhost = db-01\n"


def test_several_changes_are_named_and_one_is_to_be_chosen(workshop: Workshop) -> None:
    one, other = workshop.change("One"), workshop.change("Another")
    workshop.stage(APP, EDITED)
    said = workshop.refused()
    assert one in said
    assert other in said
    assert "LEDGER_CHANGE=" in said
    workshop.commit(LEDGER_CHANGE=other)
    assert workshop.trailers() == [other]
    workshop.stage(APP, EDITED + "more = 1\n")
    workshop.commit("-m", f"An edit\n\nLedger-Change: {one}")
    assert workshop.trailers() == [one]
    workshop.accepted("HEAD~2..")


def test_a_change_that_is_named_and_does_not_cover_is_told(workshop: Workshop) -> None:
    covers, elsewhere = workshop.change(), workshop.change("Elsewhere", on=["host:w2"])
    workshop.stage(APP, EDITED)
    said = workshop.refused("-m", "An edit\n\nLedger-Change: CHG-000000")
    assert "CHG-000000: there is no such change" in said
    workshop.commit("-m", f"An edit\n\nLedger-Change: {elsewhere}")
    assert workshop.trailers() == [elsewhere, covers]


@pytest.mark.parametrize("several", [False, True])
def test_a_variable_that_names_the_wrong_change_is_told(workshop: Workshop, several: bool) -> None:
    covers, elsewhere = workshop.change(), workshop.change("Elsewhere", on=["host:w2"])
    if several:
        workshop.change("Another")
    for number, (named, why) in enumerate([("CHG-000000", ": there is no such change"), (elsewhere, ", which does not cover what is staged")]):
        workshop.stage(APP, EDITED + f"more = {number}\n")
        answer = workshop.git("commit", "-m", "An edit", code=int(several), LEDGER_CHANGE=named)
        assert f"LEDGER_CHANGE names {named}{why}" in answer.said
    assert workshop.trailers() == ([] if several else [covers])


def test_where_one_has_to_be_chosen_it_is_said_that_the_message_names_another(workshop: Workshop) -> None:
    for title in ("One", "Another"):
        workshop.change(title)
    workshop.stage(APP, EDITED)
    assert "the message names CHG-000000: there is no such change" in workshop.refused("-m", "An edit\n\nLedger-Change: CHG-000000")


def test_a_host_that_the_ledger_does_not_know_is_made_known_first(either_workshop: Workshop) -> None:
    workshop = either_workshop
    workshop.stage("hosts/new/etc/motd", "hello\n")
    workshop.stage("services/mail/a.yaml", "a: 1\n")
    said = workshop.refused().splitlines()
    at = said.index("Log it, then commit again:")
    assert said[at + 1 : at + 3] == ["  ledger host add new", "  ledger service add mail"]
    workshop.bypass("commit", "-qm", "Quickly")
    said = workshop.ask("hook", "check-range", "HEAD~1..", code=1).said.splitlines()
    at = said.index("Log what was done, then check or push again:")
    assert said[at + 1 : at + 3] == ["  ledger host add new", "  ledger service add mail"]
    workshop.ledger.add_host("new")
    (verdict,) = workshop.check()
    assert [str(target) for target in verdict.unknown] == ["service:mail"]


def test_finished_changes_do_not_hide_the_one_that_lacks_a_path(workshop: Workshop) -> None:
    for number in range(4):
        workshop.over(workshop.change(f"Done {number}", paths=["/etc/app.ini"]))
        workshop.over(workshop.change(f"Elsewhere {number}", paths=["/etc/passwd"]))
    change = workshop.change("Mount it", paths=["/etc/fstab"])
    workshop.stage(APP, EDITED)
    said = workshop.refused()
    assert f"ledger change extend {change} --path /etc/app.ini" in said
    assert "Elsewhere" not in said
    assert said.count("is over") == 2
    workshop.bypass("commit", "-qm", "Quickly")
    (verdict,) = workshop.check()
    assert [len(judged.misses) for judged in verdict.refused] == [3]


@pytest.mark.parametrize("answer", ["2\n", "9\n\n1\n"])
def test_on_a_terminal_it_is_asked(workshop: Workshop, answer: str) -> None:
    changes = [workshop.change("One"), workshop.change("Another")]
    workshop.stage(APP, EDITED)
    code, said = on_a_terminal(workshop, ["git", "commit", "-m", "An edit"], "Which is meant?", answer)
    assert code == 0, said
    assert all(change in said for change in changes)
    assert len(workshop.trailers()) == 1
    assert workshop.trailers()[0] in changes
    workshop.accepted()


def on_a_terminal(workshop: Workshop, command: list[str], question: str, answer: str) -> tuple[int, str]:
    """Run a command whose terminal is ours, and answer its question."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command, cwd=workshop.folder, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True, preexec_fn=take_terminal
    )
    os.close(theirs)
    said, answers, until = b"", answer.splitlines(keepends=True), time.monotonic() + 60
    while time.monotonic() < until:
        if not select.select([ours], [], [], 1)[0]:
            continue
        try:
            piece = os.read(ours, 4096)
        except OSError:  # it is closed: everybody has gone
            break
        said += piece
        if answers and said.count(question.encode()) > len(answer.splitlines()) - len(answers):
            os.write(ours, answers.pop(0).encode())
    os.close(ours)
    return process.wait(60), said.decode(errors="replace")


def take_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def test_an_emergency_goes_in_with_a_reason_and_waits_for_review(either_workshop: Workshop) -> None:
    workshop = either_workshop
    workshop.stage(APP, EDITED)
    assert "an emergency wants a reason, and '1' is none" in workshop.refused(LEDGER_EMERGENCY="1")
    workshop.git("commit", "-m", "Old limit", LEDGER_EMERGENCY="the shop is down")
    (change,) = workshop.ledger.changes()
    assert workshop.trailers() == [change.id]
    assert (str(change.type), change.title, change.paths) == ("emergency", "the shop is down", ("/etc/app.ini",))
    workshop.accepted()
    workshop.stage(FSTAB, "a\n")
    assert FSTAB in workshop.refused()
    workshop.stage("hosts/w2/etc/app.ini", EDITED)
    assert "hosts/w2" in workshop.refused()
    workshop.bypass("reset", "-q", "--hard")
    workshop.ledger.finish(change.id)
    assert change.id in workshop.ask("status").said


def test_an_emergency_that_is_asked_for_twice_is_one(workshop: Workshop) -> None:
    workshop.stage(APP, EDITED)
    for _ in range(2):
        said = workshop.ask("hook", "check", LEDGER_EMERGENCY="the shop is down").said
    assert len(workshop.ledger.changes()) == 1
    workshop.commit(LEDGER_EMERGENCY="the shop is down")
    assert len(workshop.ledger.changes()) == 1
    assert "Traceback" not in said


def test_an_emergency_that_nothing_needs_opens_none(workshop: Workshop) -> None:
    workshop.stage("README.md", "More.\n")
    workshop.commit(LEDGER_EMERGENCY="the shop is down")
    workshop.change()
    workshop.stage(APP, EDITED)
    workshop.commit(LEDGER_EMERGENCY="the shop is down")
    assert len(workshop.ledger.changes()) == 1


def test_an_emergency_on_a_host_that_nobody_knows_and_on_the_policy(workshop: Workshop) -> None:
    workshop.stage("hosts/unknown/etc/a", "a\n")
    workshop.stage(".changelog-ledger.toml", f"[gate]\n{POLICY}\ngenerated = ['x']\n")
    early = dated(ago(minutes=5))  # git dates a commit before it runs the hook that opens the change, and machines are slow
    workshop.commit(LEDGER_EMERGENCY="the shop is down", **early)
    workshop.accepted()
    workshop.stage("hosts/unknown/etc/b", "b\n")
    workshop.refused()


def test_whose_change_it_is(workshop: Workshop) -> None:
    workshop.policy(POLICY, 'actor = "same"', 'people = {"anna@example.org" = "anna"}')
    workshop.change()
    workshop.stage(APP, EDITED)
    assert "is that of alex" in workshop.refused(LEDGER_ACTOR="anna")
    workshop.commit(GIT_AUTHOR_NAME="alex", GIT_AUTHOR_EMAIL="alex@example.org")
    workshop.accepted()
    workshop.stage(APP, EDITED + "more = 1\n")
    workshop.bypass("commit", "-qm", "Somebody else's")
    assert workshop.found() == ["Somebody else's"]


def test_an_approved_change_covers_within_its_window(workshop: Workshop) -> None:
    inside = workshop.ledger.plan("Now", on=["host:w1"], start=ago(hours=1), end=ago(hours=-1)).id
    workshop.stage(APP, EDITED)
    assert f"ledger change start {inside}" in workshop.refused()
    workshop.ledger.approve(inside)
    workshop.commit()
    assert workshop.trailers() == [inside]
    workshop.accepted()
    outside = workshop.ledger.plan("Later", on=["host:w2"], start=ago(hours=-1), end=ago(hours=-2)).id
    workshop.ledger.approve(outside)
    workshop.stage("hosts/w2/etc/a", "a\n")
    assert f"ledger change start {outside}" in workshop.refused()


def test_a_policy_that_is_loosened_is_judged_by_the_one_before(workshop: Workshop) -> None:
    workshop.stage(APP, EDITED)
    workshop.stage(".changelog-ledger.toml", "[gate]\nconfig = []\n")
    said = workshop.refused()
    assert APP in said
    assert ".changelog-ledger.toml" in said
    workshop.git("rm", "-q", "-f", ".changelog-ledger.toml")
    assert APP in workshop.refused()


def test_a_policy_that_is_broken_can_be_mended_and_binds_nobody(workshop: Workshop) -> None:
    workshop.write(".changelog-ledger.toml", "[gate]\nconfg = []\n")
    workshop.bypass("commit", "-qam", "Broken")
    workshop.stage(".changelog-ledger.toml", f"[gate]\n{POLICY}\n")
    workshop.stage(APP, EDITED)
    said = workshop.refused()
    assert "cannot be used" in said
    assert APP in said
    workshop.change(on=["all"])
    workshop.commit()
    workshop.accepted()


def test_a_broken_policy_that_nobody_mends_stops_everything(workshop: Workshop) -> None:
    workshop.write(".changelog-ledger.toml", "[gate]\nconfg = []\n")
    workshop.bypass("commit", "-qam", "Broken")
    workshop.stage("README.md", "More.\n")
    said = workshop.refused()
    assert ".changelog-ledger.toml" in said
    assert "confg" in said
    assert "hint: " in said


def test_a_policy_that_is_a_link_or_huge(workshop: Workshop) -> None:
    file = workshop.folder / ".changelog-ledger.toml"
    file.unlink()
    file.symlink_to("/etc/passwd")
    workshop.bypass("commit", "-qam", "A link")
    workshop.stage("README.md", "More.\n")
    assert "is no file" in workshop.refused()
    file.unlink()
    workshop.write(".changelog-ledger.toml", "#" * 300_000)
    workshop.bypass("commit", "-qam", "Huge")
    workshop.stage("README.md", "More.\n")
    assert "is larger than" in workshop.refused()


def test_a_policy_in_pyproject(workshop: Workshop) -> None:
    workshop.git("rm", "-q", ".changelog-ledger.toml")
    workshop.write("pyproject.toml", '[tool.changelog-ledger.gate]\nconfig = ["services/{service}/*.yaml"]\n')
    workshop.bypass("add", ".")
    workshop.bypass("commit", "-qm", "Elsewhere")
    workshop.stage(SHOP, "replicas: 3\n")
    workshop.refused()
    workshop.stage(APP, EDITED)
    workshop.bypass("reset", "-q", "HEAD", "--", SHOP)
    workshop.commit()


def test_what_brings_the_policy_needs_no_change(workshop: Workshop) -> None:
    workshop.git("rm", "-q", ".changelog-ledger.toml")
    workshop.bypass("commit", "-qm", "Gone")
    workshop.stage(".changelog-ledger.toml", '[gate]\nconfig = ["hosts/{host}/**"]\n')
    workshop.commit()
    workshop.accepted()
    workshop.stage(".changelog-ledger.toml", "[gate]\nconfig = []\n")
    workshop.refused()


@pytest.mark.parametrize("line", ['exempt_authors = ["*"]', 'generated = ["hosts/**"]'])
def test_a_policy_does_not_free_the_commit_that_brings_it(workshop: Workshop, line: str) -> None:
    workshop.git("rm", "-q", ".changelog-ledger.toml")
    workshop.bypass("commit", "-qm", "Gone")
    workshop.stage(".changelog-ledger.toml", f"[gate]\n{POLICY}\n{line}\n")
    workshop.stage(APP, EDITED)
    said = workshop.refused()
    assert APP in said
    assert ".changelog-ledger.toml" not in said
    workshop.bypass("commit", "-qm", "Both at once")
    assert workshop.found() == ["Both at once"]


def test_of_a_pyproject_with_the_policy_only_the_policy_is_configuration(workshop: Workshop) -> None:
    workshop.git("rm", "-q", ".changelog-ledger.toml")
    workshop.bypass("commit", "-qm", "Gone")
    policy = '[tool.changelog-ledger.gate]\nconfig = ["hosts/{host}/**"]\n'
    workshop.stage("pyproject.toml", policy)
    workshop.commit()
    workshop.stage("pyproject.toml", '[project]\nname = "x"\n' + policy)
    workshop.commit()
    workshop.accepted("HEAD~2..HEAD")
    workshop.stage("pyproject.toml", '[project]\nname = "x"\n' + policy.replace("hosts/{host}/**", "nothing"))
    workshop.refused()
    workshop.stage("pyproject.toml", '[project]\nname = "x"\n')
    workshop.refused()


def test_no_policy_at_all(workshop: Workshop) -> None:
    workshop.git("rm", "-q", ".changelog-ledger.toml")
    workshop.bypass("commit", "-qm", "Gone")
    workshop.stage(APP, EDITED)
    said = workshop.git("commit", "-m", "An edit").said
    assert "has no policy" in said


def test_a_policy_that_is_not_committed_yet_says_so(workshop: Workshop) -> None:
    workshop.git("rm", "-q", ".changelog-ledger.toml")
    workshop.bypass("commit", "-qm", "Gone")
    workshop.write(".changelog-ledger.toml", f"[gate]\n{POLICY}\n")
    workshop.stage(APP, EDITED)
    assert "is not committed" in workshop.refused()
