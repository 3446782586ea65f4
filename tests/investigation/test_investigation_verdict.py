"""How sure the ranking says it is: clear, likely, open, or that nothing in the record explains it; and what it could not see."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.investigation import Material, choose_window, investigate
from changelog_ledger.investigation.suspects import score
from changelog_ledger.investigation.unrecorded import scoring_of, signals, sum_of
from changelog_ledger.model.change import Change, Status
from changelog_ledger.model.report import Certainty, HostFreshness
from changelog_ledger.model.topology import Health, Mark, Reach, Target

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SHOP, PAY, WEB = Target.service("shop"), Target.service("payment"), Target.host("web-01")


def at(hours):
    return NOW - timedelta(hours=hours)


def question(changes=(), symptom="", freshness=None):
    marks = (Mark("m1", SHOP, Health.GOOD, at(30)), Mark("m2", SHOP, Health.BAD, at(1)))
    return Material(
        target=SHOP,
        now=NOW,
        window=choose_window(marks, now=NOW),
        scope=(Reach(SHOP, 0), Reach(WEB, 0), Reach(PAY, 1)),
        changes=changes,
        runs_on={SHOP: frozenset({"web-01"})},
        freshness=(HostFreshness("web-01", at(2), at(900), snapshots=9),) if freshness is None else freshness,
        symptom=symptom,
        sources={"web-01": frozenset({"package-upgraded", "service-restarted"})},
    )


def change(number, hours, title):
    return Change(f"CHG-{number}", title, Status.SUCCEEDED, (WEB,), started_at=at(hours), finished_at=at(hours - 0.02))


def test_nothing_recorded_is_a_result_of_its_own():
    verdict = investigate(question()).verdict
    assert (verdict.nothing, verdict.confidence, verdict.chance) == (True, Certainty.OPEN, 0.0)


def test_one_that_stands_out_is_surer_than_one_among_its_like():
    one = investigate(question([change(1, 1.05, "Firewall: close old ports")], "connections refused")).verdict
    crowd = [change(number, 1.05 + number / 1000, "Firewall: close old ports") for number in range(12)]
    several = investigate(question(crowd, "connections refused")).verdict
    assert one.chance > several.chance
    assert not one.nothing


def test_what_could_not_be_seen_is_named():
    material = question(freshness=(HostFreshness("web-01", at(40), at(900), snapshots=9),))
    unseen = investigate(replace(material, sources={"web-01": frozenset({"service-restarted"})})).verdict.unseen
    assert any("the last look at web-01" in text for text in unseen)
    assert "no package logs of web-01: ledger ingest packages" in unseen
    assert "service:payment runs on no host that is known here, and nothing is recorded of it: ask its provider" in unseen
    assert not any("journal" in text for text in unseen)


def test_without_a_complaint_there_is_nothing_to_be_explained():
    calm = replace(question([change(1, 20, "Toner in the office")]), window=choose_window((Mark("m1", SHOP, Health.GOOD, at(30)),), now=NOW))
    assert not investigate(calm).verdict.nothing


def test_a_single_suspect_is_no_surer_than_its_score():
    report = investigate(question([change(1, 29, "Toner in the office")], "mail is not delivered"))
    assert report.verdict.chance == pytest.approx(report.suspects[0].score, abs=0.001)
    assert report.verdict.confidence is Certainty.OPEN


def test_what_speaks_against_the_next_is_said_where_that_is_the_difference():
    report = investigate(question([change(1, 1.05, "Renumber racks"), change(2, 1.049, "Dashboard for racks")]))
    assert "of which one may say: work of a kind that seldom breaks anything" in report.verdict.why


sums = st.lists(st.floats(-5, 8, allow_nan=False), max_size=30).map(lambda found: sorted(found, reverse=True))


@given(sums, st.floats(-2, 6))
def test_scores_are_shares_of_all_and_of_something_unrecorded(totals, unrecorded):
    scoring = scoring_of(totals, unrecorded)
    shares = [score(total, scoring) for total in (*totals, unrecorded)]
    assert sum(shares) == pytest.approx(1.0, abs=0.005)
    assert shares[:-1] == sorted(shares[:-1], reverse=True)
    if totals:
        assert (shares[0] > shares[-1]) is (totals[0] > unrecorded) or abs(totals[0] - unrecorded) < 0.001


def test_the_unrecorded_is_likelier_where_much_happens():
    weights = {"always": 1.0, "pace": 1.0, "watched": 0.5}
    few, many = (sum_of(signals(question(), count), weights) for count in (2, 200))
    assert 1.0 < few < many


def test_the_chance_of_the_verdict_is_the_score_of_the_first():
    report = investigate(question([change(number, 1.05 + number, "Firewall: close old ports") for number in range(4)], "connections refused"))
    assert report.verdict.chance == pytest.approx(report.suspects[0].score, abs=0.001)
    assert sum(suspect.score for suspect in report.suspects) + report.verdict.unrecorded == pytest.approx(1.0, abs=0.005)
