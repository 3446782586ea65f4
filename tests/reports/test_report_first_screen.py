"""What somebody in an outage sees first: 24 lines of 80 columns."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from changelog_ledger import reports
from changelog_ledger.model.change import Status
from changelog_ledger.model.peers import PeerComparison, PeerDifference, PeerValue
from changelog_ledger.model.report import Certainty, Report, Verdict
from changelog_ledger.model.report import Warning as Caveat
from changelog_ledger.reports import Style
from changelog_ledger.reports.first_screen import first_screen
from changelog_ledger.reports.hints import for_suspect

from . import built

LINES = 24


def rows(report: Report) -> list[str]:
    """What a terminal of 24 lines shows above the prompt."""
    return reports.render_text(report).split("\n")[: LINES - 1]


def screen(report: Report) -> str:
    return "\n".join(rows(report))


@pytest.mark.parametrize(
    ("report", "first"),
    [
        (built.clear(), "CLEAR, and nobody logged it: events/worker_connections altered in"),
        (built.likely(), "LIKELY: CHG-9XW1PA Apply sysctl baseline"),
        (built.s3(), "OPEN: the evidence does not point anywhere in particular; three to look at first"),
        (built.unplanned(), "OPEN: the evidence does not point anywhere in particular; two to look at first"),
        (built.unexplained(), "NOTHING IN THE RECORD EXPLAINS THIS"),
        (built.nothing_found(), "NOTHING CHANGED THAT THE RECORD COULD SEE"),
    ],
    ids=["clear", "likely", "open", "two", "unexplained", "nothing"],
)
def test_the_first_line_is_the_answer(report: Report, first: str) -> None:
    assert rows(report)[0] == first


@pytest.mark.parametrize("name", sorted(built.REPORTS.keys() - {"hostile"}))
def test_three_suspects_with_a_command_each_are_on_the_first_screen(name: str) -> None:
    report = built.REPORTS[name]()
    shown = screen(report)
    for suspect in report.suspects[:3]:
        assert f" {suspect.rank}. {suspect.score:.2f}  " in shown
    assert shown.count("\n    ledger ") >= min(3, len(report.suspects))
    assert shown.count("\n    + ") >= min(3, len(report.suspects))


def test_the_two_strongest_reasons_count_whether_for_or_against() -> None:
    shown = screen(built.clear())
    assert "+ no change explains it" in shown
    assert "+ the symptom names 'connections'" in shown
    assert "it took effect 9 min before" not in shown, "the line above says when"
    assert "- but comments or white space only" in shown
    assert "but changed in 14 snapshots" in " ".join(reports.render_text(built.clear()).split()), "what is not strong stands below"


def test_what_gave_a_latent_suspect_effect_is_on_the_first_screen() -> None:
    assert "    took effect with: nginx restarted, Wed 08:03" in rows(built.clear())


def test_how_often_such_an_answer_is_right() -> None:
    assert "in 91 of 100 such cases the first was the cause" in screen(built.clear())
    assert "of 100" not in screen(built.s3()), "where nobody calibrated it, nothing is claimed"


def test_what_could_not_be_seen_is_never_left_out() -> None:
    many = tuple(Caveat(f"w{number}", f"warning number {number}") for number in range(40))
    report = replace(built.likely(), warnings=many, verdict=Verdict(Certainty.LIKELY, unseen=built.UNSEEN * 5))
    shown = screen(report)
    assert "WARNING   warning number 0" in shown
    assert "… and 38 more, below" in shown
    assert "NOT SEEN  web-09" in shown
    assert "… and 14 more, below" in shown
    below = reports.render_text(report)
    assert all(f"warning number {number}\n" in below for number in range(40))
    assert below.count("the payment provider is outside") == 5


def test_a_result_that_explains_nothing_lists_what_could_not_be_seen() -> None:
    shown = screen(built.unexplained())
    for beginning in ("web-09 has had no snapshot", "no delivery was ever ingested", "the payment provider is outside", "The record holds watched"):
        assert f"NOT SEEN  {beginning}" in shown
    assert "though none fits" in shown


def test_what_is_cut_above_is_said_whole_below() -> None:
    whole = " ".join(reports.render_text(built.likely()).split())
    for text in (*(warning.text for warning in built.likely().warnings), *built.UNSEEN):
        assert " ".join(text.split()) in whole


APART = PeerDifference(
    "/etc/app.conf",
    "listen",
    "value",
    (PeerValue("10.0.0.2", ("web-03",)),),
    (PeerValue("<own IPv4 address>", ("web-01", "web-02")),),
    ("web-03",),
    0.17,
    ("web-03 alone has 10.0.0.2; 2 of 2 working hosts have <own IPv4 address>",),
)


def with_peers(report: Report, *differences: PeerDifference) -> Report:
    return replace(report, peers=PeerComparison(("web-03",), ("web-01", "web-02"), "given", differences, total=len(differences)))


@pytest.mark.parametrize("width", [40, 80])
def test_where_nothing_explains_it_the_first_difference_from_the_working_hosts_is_on_the_first_screen(width: int) -> None:
    warnings = tuple(Caveat(f"w{number}", f"warning number {number}, which is a long one " * 3) for number in range(200))
    nothing = Verdict(nothing=True, unseen=(*(each.text for each in warnings), *built.UNSEEN))
    report = replace(with_peers(built.nothing_found(), APART), warnings=warnings, verdict=nothing)
    said = reports.render_text(report, Style.plain(width))
    shown = " ".join(" ".join(said.split("\n")[: LINES - 1]).split())
    assert "PEERS /etc/app.conf listen: web-03 alone has 10.0.0.2; 2 of 2 working hosts have" in shown
    assert "more, below" in shown
    below = " ".join(said.split())
    assert all(below.count(f"warning number {number},") <= 3 * 2 for number in range(200)), "above and below, three times in each"
    assert "warning number 199," in below


def test_the_first_suspect_says_itself_what_sets_the_failing_hosts_apart() -> None:
    report = built.s3()
    own = replace(APART, evidence=report.suspects[0].evidence)
    assert "PEERS" not in screen(with_peers(report, own))
    assert "PEERS" in screen(with_peers(report, APART))


def test_no_sentence_is_said_as_a_warning_and_as_not_seen() -> None:
    stale = "the last looks at web-01 and web-02 were 1 day 12 h before the onset, and none since it last worked; what changed after is unknown"
    for report in (built.likely(), built.nothing_found()):
        report = replace(report, warnings=(Caveat("stale-snapshot", stale),), verdict=Verdict(nothing=not report.suspects, unseen=(stale, "more")))
        said = reports.render_text(report)
        assert screen(report).count("the last looks") == 1
        assert said.count("the last looks") == (2 if report.suspects else 1), "cut above, whole below"
        assert "NOT SEEN  more" in screen(report)


@pytest.mark.parametrize("name", sorted(built.REPORTS))
def test_on_a_narrow_terminal_all_of_the_answer_is_on_the_first_screen(name: str) -> None:
    """The last of the layouts fits, whatever there is to say."""
    report = built.REPORTS[name]()
    warnings = tuple(Caveat(f"w{number}", f"warning number {number}, which is a long one") for number in range(9))
    triggered = tuple(replace(each, trigger="nginx restarted, Wed 08:03", title=each.title * 9) for each in report.suspects)
    crowded = replace(with_peers(report, APART), warnings=warnings, suspects=triggered, verdict=replace(report.verdict, unseen=built.UNSEEN))
    for each in (report, crowded):
        assert len(first_screen(each, Style.plain(40))) < LINES


def test_no_command_is_proposed_twice() -> None:
    commands = re.findall(r"^ +(ledger .*)$", reports.render_text(built.s3()), re.MULTILINE)
    assert len(commands) == len(set(commands))


class TestWayBack:
    def commands(self, report: Report) -> list[str]:
        return [hint.command for hint in for_suspect(report.suspects[0], report)]

    def test_an_edit_is_restored_from_when_it_worked(self) -> None:
        assert self.commands(built.s3())[-1] == "ledger restore web-03 /etc/nginx/nginx.conf --from last-good --dry-run"

    def test_without_a_good_mark_from_the_snapshot_before(self) -> None:
        assert self.commands(built.warned())[-1] == "ledger restore web-03 /etc/nginx/nginx.conf --from 2026-11-17T13:00:00Z --dry-run"

    def test_a_change_that_has_a_way_back_is_rolled_back(self) -> None:
        assert self.commands(built.likely()) == ["ledger change show CHG-9XW1PA", "ledger change roll-back CHG-9XW1PA --dry-run"]

    def test_what_is_older_than_the_window_is_looked_at_from_before_it(self) -> None:
        """A latent cause: nothing of it differs between the window's begin and now."""
        report = built.s3()
        older = replace(built.WORKERS, not_before=built.GOOD - built.hours(9), not_after=built.GOOD - built.hours(5))
        report = replace(report, evidence=tuple(older if each.id == older.id else each for each in report.evidence))
        before = "2026-11-17T04:00:00Z"
        assert self.commands(report) == [
            f"ledger diff web-03 {before} now --path /etc/nginx/nginx.conf",
            f"ledger restore web-03 /etc/nginx/nginx.conf --from {before} --dry-run",
        ]

    def test_of_several_differences_the_one_that_sets_the_failing_hosts_apart(self) -> None:
        report = built.s3()
        two = replace(report.suspects[0], evidence=(built.WORKERS.id, built.TLS.id))
        apart = replace(APART, path=built.TLS.path or "", evidence=(built.TLS.id,))
        report = with_peers(replace(report, suspects=(two, *report.suspects[1:])), apart)
        assert self.commands(report)[0] == f"ledger diff web-03 last-good now --path {built.TLS.path}"

    @pytest.mark.parametrize("altered", [{"irreversible": "data was migrated"}, {"status": Status.ROLLED_BACK}])
    def test_not_what_cannot_be_rolled_back(self, altered: dict[str, object]) -> None:
        report = built.likely()
        changes = tuple(replace(change, **altered) for change in report.changes)  # type: ignore[arg-type]
        assert "roll-back" not in " ".join(self.commands(replace(report, changes=changes)))

    def test_what_is_no_file_is_only_looked_at(self) -> None:
        assert self.commands(built.unplanned()) == ["ledger show EV-7H4DPS1GWC"]
        state = replace(built.WORKERS, kind="state", path="@state/sysctl")
        assert "restore" not in " ".join(self.commands(replace(built.s3(), evidence=(state,))))
