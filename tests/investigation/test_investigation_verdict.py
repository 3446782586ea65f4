"""How sure the ranking says it is: clear, likely, open, or that nothing in the record explains it; and what it could not see."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.investigation import Material, choose_window, investigate
from changelog_ledger.investigation.verdict import signals, total_of
from changelog_ledger.model.change import Change, Status
from changelog_ledger.model.report import Certainty, HostFreshness, Reason, Suspect, SuspectKind
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
    assert "the package managers' logs of web-01 were not ingested: ledger ingest packages" in unseen
    assert "service:payment runs on no host that is known here, and nothing is recorded of it: ask its provider" in unseen
    assert not any("journal" in text for text in unseen)


def suspects(totals):
    ordered = sorted(totals, reverse=True)
    return [
        Suspect(rank, 0.5, SuspectKind.CHANGE, "x", NOW, (), (Reason("time-before-onset", total, "", 1.0),), ())
        for rank, total in enumerate(ordered, 1)
    ]


@given(st.lists(st.floats(-5, 8, allow_nan=False).map(lambda number: round(number, 3)), min_size=1, max_size=30))
def test_signals_are_bounded_and_say_how_far_ahead_the_first_is(totals):
    ranked = suspects(totals)
    seen = signals(ranked)
    assert 0 < seen["share"] <= 1
    assert 0 <= seen["gap"] <= 3
    assert seen["total"] == total_of(ranked[0])
