"""``hook check-range``: what is in a repository already, however it came there."""

from __future__ import annotations

import json
import shlex

import pytest

from changelog_ledger.cli.main import run
from changelog_ledger.errors import RepositoryError

from .workshop import APP, FSTAB, POLICY, SHOP, Workshop, ago, dated

EDITED = "[db]\npool = 40\nhost = db-01\n"


def past_the_gate(workshop: Workshop, path: str = APP, content: str = EDITED, *, message: str = "Quickly", **variables: str) -> str:
    workshop.stage(path, content)
    workshop.git("commit", "-q", "--no-verify", "-m", message, **variables)
    return workshop.head


def unlogged(workshop: Workshop) -> list[str]:
    return [entry.summary for entry in workshop.ledger.drift() if "no change covers it" in entry.summary]


def test_what_went_past_the_gate_is_found_and_on_record_once(either_workshop: Workshop) -> None:
    commit = past_the_gate(either_workshop)
    for _ in range(2):
        assert either_workshop.found("HEAD~1..") == ["Quickly"]
        (summary,) = unlogged(either_workshop)
        assert commit[:12] in summary
        assert "Anna" in summary
        assert APP in summary
    report = either_workshop.ledger.what_changed("host:w1", since="2h ago")
    assert any(commit[:12] in piece.summary for piece in report.evidence)
    assert any(commit[:12] in str(entry) for entry in either_workshop.ledger.recent("host:w1"))


@pytest.mark.slow
def test_the_command_that_is_printed_logs_it_after_the_fact(workshop: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (APP, SHOP, ".changelog-ledger.toml", "hosts/w1/etc/it's odd"):
        past_the_gate(workshop, path, f"[gate]\n{POLICY}\ngenerated = ['x']\n", **dated(ago(minutes=10)))
        said = workshop.ask("hook", "check-range", "HEAD~1..", code=1).said
        command = next(line.strip() for line in said.splitlines() if line.startswith("  ledger change log"))
        assert run(shlex.split(command)[1:]) == 0, capsys.readouterr().err
        workshop.accepted("HEAD~1..")


def test_what_was_logged_afterwards_explains_the_observation(workshop: Workshop) -> None:
    past_the_gate(workshop)
    (verdict,) = workshop.check("HEAD~1..")
    assert unlogged(workshop)
    workshop.ledger.log("Quickly", ["host:w1"], at=verdict.committed_at, paths=["/etc/app.ini"])
    assert unlogged(workshop) == []


def test_the_report_fits_the_screen_and_is_json(workshop: Workshop) -> None:
    past_the_gate(workshop)
    answer = workshop.ask("hook", "check-range", "HEAD~1..", code=1).said
    lines = answer.splitlines()
    assert lines[0].strip() == f"{workshop.head[:12]} Quickly  Anna"
    assert "1 commit, 1 with configuration, 0 covered, 1 refused." in lines
    assert all(len(line) <= 80 for line in lines if not line.startswith("  ledger "))
    document = json.loads(workshop.ask("hook", "check-range", "HEAD~1..", "--json", code=1).said)
    assert document["passes"] is False
    assert document["commits"][0]["commit"] == workshop.head


def test_a_commit_is_itself_and_everything_before_it(workshop: Workshop) -> None:
    """git's meaning of a single revision: the root, which brought the policy, is not covered."""
    change = workshop.change()
    workshop.stage(APP, EDITED)
    workshop.commit()
    assert workshop.found("HEAD") == ["What was there"]
    workshop.accepted("HEAD^!")
    assert [verdict.trailers for verdict in workshop.check("HEAD~1..HEAD")] == [(change,)]


def test_nothing_at_all(workshop: Workshop) -> None:
    assert workshop.check("HEAD..HEAD") == ()
    assert "no commit" in workshop.ask("hook", "check-range", "HEAD..HEAD").said


@pytest.mark.parametrize("expression", ["nowhere", "main..nowhere", "--all", "-n1", "", "0" * 40, "HEAD:README.md", "main;reboot"])
def test_what_names_no_commit_is_a_clear_error(workshop: Workshop, expression: str) -> None:
    with pytest.raises(RepositoryError) as refusal:
        workshop.check(expression)
    assert refusal.value.hint
    if expression == "nowhere":
        said = workshop.ask("hook", "check-range", "nowhere", code=4).said
        assert said.startswith("ledger: the repository has no commit 'nowhere'\nhint: ")


def test_before_there_was_a_policy_nothing_was_asked(workshop: Workshop) -> None:
    workshop.git("checkout", "-q", "--orphan", "before")
    workshop.bypass("rm", "-qrf", ".")
    for number in range(3):
        workshop.base(**{APP: f"{number}\n"})
    workshop.accepted("HEAD")
    workshop.policy()
    past_the_gate(workshop)
    assert workshop.found("HEAD") == ["Quickly"], "what brings the policy needs no change"


def test_a_forged_trailer_is_no_proof(workshop: Workshop) -> None:
    nothing = past_the_gate(workshop, message="A\n\nLedger-Change: CHG-000000")
    (verdict,) = workshop.check(f"{nothing}^!")
    assert [problem.code for problem in verdict.problems] == ["unknown-change"]
    elsewhere = workshop.change(on=["host:w2"])
    past_the_gate(workshop, APP, "[db]\npool = 1\n", message=f"B\n\nLedger-Change: {elsewhere}")
    over = workshop.ledger.log("Long ago", ["host:w1"], at=ago(days=60), until=ago(days=59)).id
    past_the_gate(workshop, APP, "[db]\npool = 2\n", message=f"C\n\nLedger-Change: {over}")
    assert workshop.found("HEAD~3..") == ["A", "B", "C"]
    (verdict,) = workshop.check("HEAD^!")
    assert verdict.refused[0].misses[0].change == over


def test_a_commit_is_no_older_than_what_it_is_made_on(workshop: Workshop) -> None:
    """Who dates it back into a change of long ago would have to make its history anew."""
    workshop.ledger.log("Long ago", ["host:w1"], at=ago(days=60), until=ago(days=59))
    past_the_gate(workshop, message="Dated back", **dated(ago(days=59, hours=12)))
    assert workshop.found("HEAD~1..") == ["Dated back"]
    past_the_gate(workshop, APP, "[db]\npool = 1\n", message="Behind it", **dated(ago(days=59, hours=12)))
    assert workshop.found("HEAD~2..") == ["Dated back", "Behind it"]


@pytest.mark.parametrize("seconds", ["0", "1", "99999999999", "4102444800"])
def test_any_date_is_borne(workshop: Workshop, seconds: str) -> None:
    date = f"@{seconds} +0000"
    past_the_gate(workshop, GIT_AUTHOR_DATE=date, GIT_COMMITTER_DATE=date)
    assert workshop.found("HEAD~1..") == ["Quickly"]


def test_what_the_gate_let_in_passes_though_its_change_is_over(either_workshop: Workshop) -> None:
    """The ledger holds that exactly this was let in: a commit without trailer, committed after the end, is known by its content."""
    change = either_workshop.change()
    either_workshop.stage(APP, EDITED)
    either_workshop.ask("hook", "check")
    either_workshop.over(change)
    either_workshop.bypass("commit", "-qm", "A little late")
    (verdict,) = either_workshop.accepted("HEAD~1..")
    assert verdict.refused == ()
    assert verdict.edits[0].changes == (change,)
    past_the_gate(either_workshop, APP, EDITED + "more = 1\n")
    assert either_workshop.found("HEAD~1..") == ["Quickly"]


def test_what_is_let_in_is_recorded_once_a_commit_in_the_order_of_the_history(workshop: Workshop) -> None:
    change = workshop.change()
    for content in ("a\n", "b\n", "a\n", "b\n"):
        workshop.stage(APP, content)
        for _ in range(2):
            workshop.ask("hook", "check")
        workshop.commit()
    history = workshop.git("rev-list", "--reverse", "HEAD~4..HEAD").said.split()
    for _ in range(2):
        workshop.accepted("HEAD~4..")
    said = [json.loads(line) for line in workshop.ledger.export_facts()]
    let_in = [line for line in said if line["kind"] == "expected"]
    assert [line["parent"] for line in let_in if "parent" in line] == [workshop.rev("HEAD~4"), *history[:-1]]
    assert [line["commit"] for line in let_in if "commit" in line] == history
    with workshop.ledger._workspace.store.reading() as view:
        newest = [edit.digest for edit in view.gate.expected_at("w1", ago(hours=-1))]
    assert len(newest) == 8
    assert newest[:4] == newest[4:] == [newest[0], newest[1]] * 2
    assert {edit["change"] for line in let_in for edit in line["edits"]} == {change}


def test_what_was_let_in_on_one_host_is_not_on_another(workshop: Workshop) -> None:
    change = workshop.change()
    workshop.stage(APP, EDITED)
    workshop.commit()
    workshop.over(change)
    past_the_gate(workshop, "hosts/w2/etc/app.ini", EDITED)
    past_the_gate(workshop, FSTAB, EDITED)
    assert len(workshop.found("HEAD~2..")) == 2


def test_a_shallow_clone_says_that_it_cannot_tell(workshop: Workshop) -> None:
    workshop.change()
    workshop.stage(APP, EDITED)
    workshop.commit()
    workshop.git("clone", "-q", "--depth", "1", workshop.folder.as_uri(), str(workshop.top / "shallow"), at=workshop.top)
    (verdict,) = workshop.check("HEAD", workshop.top / "shallow")
    assert [problem.code for problem in verdict.problems] == ["shallow"]
    said = workshop.ask("hook", "check-range", "HEAD", at=workshop.top / "shallow", code=1).said
    assert "fetch --unshallow" in " ".join(said.split())
    assert "Log what was done" not in said


def test_the_policy_before_an_edit_judges_it(workshop: Workshop) -> None:
    """Whoever loosens the policy and edits in one commit is judged by the one that held until then."""
    workshop.write(".changelog-ledger.toml", "[gate]\nconfig = []\n")
    past_the_gate(workshop)
    workshop.bypass("commit", "-qam", "Loosened", "--amend")
    (verdict,) = workshop.check("HEAD~1..")
    past_the_gate(workshop, APP, "[db]\n", message="Loosened")
    assert verdict.refused
    workshop.git("rm", "-q", "--cached", ".changelog-ledger.toml")
    workshop.bypass("commit", "-qm", "Removed")
    assert "Removed" in workshop.found("HEAD~1..")


def test_a_broken_policy_is_said(workshop: Workshop) -> None:
    workshop.write(".changelog-ledger.toml", "[gate]\nconfg = []\n")
    workshop.bypass("commit", "-qam", "Broken")
    workshop.change(on=["all"])
    workshop.stage(".changelog-ledger.toml", f"[gate]\n{POLICY}\n")
    workshop.commit()
    (verdict,) = workshop.accepted()
    assert [remark.code for remark in verdict.remarks] == ["broken-policy"]
    assert "confg" in verdict.remarks[0].text


def test_the_policy_of_the_base_holds_for_what_begins_elsewhere(workshop: Workshop) -> None:
    """Of what descends from it, that of its parents: there it was altered under the eyes of the gate."""
    workshop.git("checkout", "-q", "--orphan", "elsewhere")
    workshop.bypass("rm", "-rqf", ".")
    workshop.policy(POLICY, 'exempt_authors = ["*"]')
    past_the_gate(workshop)
    workshop.accepted("HEAD^!")
    assert workshop.found("main..HEAD") == ["Another policy", "Quickly"]
    assert workshop.found("main...HEAD") == ["What was there"], "there is no base"
    workshop.git("checkout", "-q", "main")
    workshop.policy(POLICY, 'exempt_authors = ["*"]')
    past_the_gate(workshop)
    assert workshop.found("HEAD~2..HEAD") == ["Another policy"]


def test_whoever_is_exempt_passes_and_is_counted(workshop: Workshop) -> None:
    workshop.policy(POLICY, 'exempt_authors = ["renovate[bot]"]')
    workshop.stage(APP, EDITED)
    workshop.commit("-m", "Update", GIT_AUTHOR_NAME="renovate[bot]")
    workshop.accepted()
    assert "1 exempt" in workshop.ask("hook", "check-range", "HEAD^!").said
    past_the_gate(workshop, FSTAB, "a\n", GIT_AUTHOR_NAME="renovateb")
    assert workshop.found() == ["Quickly"]


def test_planned_is_enough_where_the_policy_says_so(workshop: Workshop) -> None:
    workshop.policy(POLICY, 'covered_by = ["planned", "started"]', "within_window = []")
    workshop.ledger.plan("Soon", on=["host:w1"])
    workshop.stage(APP, EDITED)
    workshop.commit()
    assert len(workshop.trailers()) == 1
    workshop.commit("--amend", "-m", "Without the trailer")
    workshop.accepted()


@pytest.mark.slow
def test_what_is_asked_of_git_and_the_store_does_not_grow_with_the_commits(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    from changelog_ledger.sources import git_process
    from changelog_ledger.store.store import Store

    workshop.change()
    counted = {"processes": 0, "looks": 0, "writes": 0}
    popen, reading, append = git_process.Popen, Store.reading, Store.append

    def started(*arguments, **options):
        counted["processes"] += 1
        return popen(*arguments, **options)

    def looked(self):
        counted["looks"] += 1
        return reading(self)

    def wrote(self, *arguments, **options):
        counted["writes"] += 1
        return append(self, *arguments, **options)

    monkeypatch.setattr(git_process, "Popen", started)
    monkeypatch.setattr(Store, "reading", looked)
    monkeypatch.setattr(Store, "append", wrote)
    asked = []
    for number in (4, 32):
        base = workshop.head
        for turn in range(number):
            workshop.write(APP, f"[db]\npool = {number}{turn}\n")
            workshop.bypass("commit", "-qam", f"{turn}")
        counted |= {"processes": 0, "looks": 0, "writes": 0}
        workshop.accepted(f"{base}..HEAD")
        asked.append(dict(counted))
    assert asked[0] == asked[1]
    assert asked[1]["processes"] <= 6
