"""What the record itself knows that may have contributed: facts about confirmed and contributing links, and stale hosts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from changelog_ledger.investigation.contributions import Linked, contributions
from changelog_ledger.model.change import Change, ChangeType, Item, Note, Remark, Status
from changelog_ledger.model.evidence import Evidence, Op
from changelog_ledger.model.incident import Incident, Link, LinkKind
from changelog_ledger.model.report import HostFreshness, Reason
from changelog_ledger.model.topology import Target

NOON = datetime(2025, 6, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
WEB = Target.host("web-01")
GOOD = Change("CHG-1", "x", Status.SUCCEEDED, (WEB,), started_at=NOON - HOUR, finished_at=NOON, rollback_to="latest")


def incident(kind: LinkKind = LinkKind.CONFIRMED, what: str = "CHG-1") -> Incident:
    return Incident("INC-1", "t", (WEB,), NOON, NOON, NOON, "alex", links=(Link(kind, what, NOON, "kim"),))


def codes(linked: Linked, kind: LinkKind = LinkKind.CONFIRMED, what: str = "CHG-1") -> list[str]:
    return [each.code for each in contributions(incident(kind, what), linked)]


def test_of_an_ordinary_change_there_is_nothing_to_say():
    assert codes(Linked(changes=[GOOD])) == []


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"logged_after": True}, "logged-after"),
        ({"planned_end": NOON - HOUR / 2}, "outside-window"),
        ({"planned_start": NOON - HOUR / 2}, "outside-window"),
        ({"items": (Item("monitoring muted"),)}, "unticked"),
        ({"rollback_to": ""}, "no-rollback-target"),
        ({"rollback_to": "", "irreversible": "the data is migrated"}, "irreversible"),
        ({"type": ChangeType.EMERGENCY}, "unreviewed-emergency"),
        ({"notes": (Note(NOON, "kim", "", "started", (Remark("freeze", "in the freeze Quarter end"),)),)}, "freeze"),
    ],
)
@pytest.mark.parametrize("kind", [LinkKind.CONFIRMED, LinkKind.CONTRIBUTING])
def test_what_a_change_lacked(said, code, kind):
    assert codes(Linked(changes=[replace(GOOD, **said)]), kind) == [code]


@pytest.mark.parametrize("kind", [LinkKind.CLEARED, LinkKind.FIX, LinkKind.RELATED])
def test_of_what_was_not_the_cause_nothing_is_said(kind):
    assert codes(Linked(changes=[replace(GOOD, logged_after=True, rollback_to="")]), kind) == []


def test_a_reviewed_emergency_and_a_plan_that_was_kept():
    kept = replace(GOOD, type=ChangeType.EMERGENCY, reviewed_at=NOON, planned_start=NOON - HOUR, planned_end=NOON)
    assert codes(Linked(changes=[kept])) == []


def test_what_nobody_logged_is_said_once_though_it_has_several_parts():
    piece = Evidence("EV-1", "config", WEB, Op.CHANGED, NOON, NOON, NOON, "/etc/x 1 → 2", "/etc/x", parts=("EV-0", "EV-1"))
    assert codes(Linked(evidence=[piece]), what="EV-0") == ["unlogged"]
    assert codes(Linked(evidence=[piece]), what="EV-9") == []


def test_that_other_hosts_differ_comes_from_the_reasons():
    reasons = (Reason("peers-differ", 0.3, "the 7 other hosts of shop do not have it"), Reason("time-before-onset", 1.0, "20 min before"))
    assert codes(Linked(changes=[GOOD], reasons={"CHG-1": reasons})) == ["peers-differ"]


def test_hosts_that_had_not_been_looked_at_for_long():
    looks = [HostFreshness("web-01", NOON - 30 * HOUR), HostFreshness("web-02", NOON - HOUR), HostFreshness("web-03", None)]
    found = contributions(incident(LinkKind.RELATED), Linked(freshness=looks, stale_after=26 * HOUR))
    assert [each.text for each in found] == [
        "the last snapshot of web-01 before the trouble began was 30 h old",
        "web-03 had no snapshot when the trouble began: what changed on its disk was not seen",
    ]
