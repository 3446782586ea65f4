"""Standard changes: planned from a template, approved beforehand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from changelog_ledger import Ledger
from changelog_ledger.errors import InvalidInput, NotFound, PolicyRefused, SettingsError
from changelog_ledger.model.change import ChangeType, Level, Status
from changelog_ledger.model.topology import Target

from .world import HOST, World

TEMPLATES = """
[[templates]]
name = "certificate-renewal"
title = "Renew the certificate"
on = ["host:web-01"]
duration = "30m"
paths = ["/etc/ssl/**"]
affects = ["shop"]
impact = "medium"
category = ["certificate"]
items = ["new chain served", {text = "site answers", command = "true"}]
rollback_to = "latest"
downtime = "1m"

[[templates]]
name = "certificate-audit"
title = "Look at the certificates"
"""

Reopen = Callable[[str], Ledger]


@pytest.fixture
def reopened(world: World) -> Iterator[Reopen]:
    """Opens the home again with more in its ``ledger.toml``."""
    world.ledger.add_service("shop", runs_on=[HOST])
    opened: list[Ledger] = []

    def reopen(more: str) -> Ledger:
        file = world.ledger.home / "ledger.toml"
        file.write_text(file.read_text() + more)
        opened.append(Ledger.open(world.ledger.home, actor="alex", clock=world.clock))
        return opened[-1]

    yield reopen
    for ledger in opened:
        ledger.close()


def test_a_template_says_all_that_is_not_said(reopened: Reopen) -> None:
    ledger = reopened(TEMPLATES)
    planned = ledger.plan(template="certificate-renewal", start="2025-06-07T02:00+00:00")
    found = ledger.find_change(planned.id)
    assert found == planned
    assert (found.title, found.type, found.template) == ("Renew the certificate", ChangeType.STANDARD, "certificate-renewal")
    assert found.on == (Target.host(HOST),)
    assert found.affects == (Target.service("shop"),)
    assert found.planned_end is not None
    assert found.planned_start is not None
    assert found.planned_end - found.planned_start == timedelta(minutes=30)
    assert (found.impact, found.paths, found.rollback_to, found.downtime) == (Level.MEDIUM, ("/etc/ssl/**",), "latest", timedelta(minutes=1))
    assert [(item.text, item.command) for item in found.items] == [("new chain served", ""), ("site answers", "true")]


def test_what_is_said_counts_more(reopened: Reopen) -> None:
    ledger = reopened(TEMPLATES)
    ledger.add_host("web-02")
    planned = ledger.plan(
        "Renew it now", on=["host:web-02"], template="certificate-renewal", start="2025-06-07T02:00+00:00", end="2025-06-07T06:00+00:00",
        impact="high", items=["partner told"], irreversible="the old key is burnt", downtime=timedelta(0),
    )  # fmt: skip
    assert (planned.title, planned.on, planned.impact) == ("Renew it now", (Target.host("web-02"),), Level.HIGH)
    assert [item.text for item in planned.items] == ["partner told"]
    assert (planned.irreversible, planned.rollback_to, planned.downtime) == ("the old key is burnt", "", timedelta(0))
    assert planned.planned_end is not None
    assert planned.planned_end.hour == 6


def test_what_goes_beyond_the_template_is_remarked(reopened: Reopen) -> None:
    ledger = reopened(TEMPLATES)
    ledger.add_host("web-02")

    def remarks(**said: Any) -> list[str]:
        assessment = ledger.assess(template="certificate-renewal", **said).assessment
        assert assessment is not None
        return [warning.text for warning in assessment.warnings if warning.code == "beyond-template"]

    assert remarks() == remarks(title="Renew it", impact="low", downtime="2m") == remarks(paths=["/etc/ssl/**"]) == []
    assert remarks(paths=["/etc/ssl/certs/*.pem"]) == [], "narrower is within it"
    beyond, counts = "it goes beyond its template 'certificate-renewal'", "so it counts as a normal change and is not approved beforehand"
    assert remarks(on=["host:web-02"], paths=["/etc/**"]) == [f"{beyond} (on, paths), {counts}"]
    assert remarks(on=["all"], impact="high", risk="medium") == [f"{beyond} (on, impact, risk), {counts}"]
    assert remarks(on=["all"], type="emergency") == [f"{beyond} (on)"]


def test_what_goes_beyond_the_template_needs_approvals(reopened: Reopen) -> None:
    ledger = reopened(TEMPLATES)
    beyond = ledger.plan(template="certificate-renewal", on=["all"], impact="high")
    assert (beyond.type, beyond.template) == (ChangeType.NORMAL, "certificate-renewal")
    assert ledger.find_change(beyond.id) == beyond
    assert ledger.approvals(beyond) == (1, 1)
    with pytest.raises(PolicyRefused) as refused:
        ledger.start(beyond.id)
    assert refused.value.codes == ("not-approved",)
    within = ledger.plan(template="certificate-renewal", paths=["/etc/ssl/certs"], impact="low")
    assert (within.type, ledger.approvals(within)) == (ChangeType.STANDARD, (0, 0))


def test_it_takes_as_long_as_the_template_says_in_a_maintenance_window_too(reopened: Reopen) -> None:
    ledger = reopened(TEMPLATES)
    line = (
        '{"kind": "maintenance", "id": "MNT-000001", "title": "Sunday", "start": "2025-06-08T02:00Z", "seconds": 7200, "zone": "UTC", "on": ["all"]}'
    )
    assert not ledger.import_facts([line]).refused
    planned = ledger.plan(template="certificate-renewal", in_window="next")
    assert planned.planned_start is not None
    assert planned.planned_end is not None
    assert (planned.planned_start.day, planned.planned_end - planned.planned_start) == (8, timedelta(minutes=30))


def test_it_is_approved_beforehand(reopened: Reopen) -> None:
    ledger = reopened(TEMPLATES)
    planned = ledger.plan(template="certificate-renewal")
    assert ledger.start(planned.id).status is Status.STARTED  # medium impact would need an approval


def test_an_emergency_from_a_template_stays_one(reopened: Reopen) -> None:
    assert reopened(TEMPLATES).plan(template="certificate-renewal", type="emergency").type is ChangeType.EMERGENCY


def test_a_change_can_be_made_from_a_template(reopened: Reopen, world: World) -> None:
    ledger = reopened(TEMPLATES)
    with ledger.change(template="certificate-renewal", root=world.machine.root, items=()) as change:
        world.clock.tick(minutes=1)
    assert change.template == "certificate-renewal"


def test_standard_without_a_template_is_assessed_as_a_normal_one(world: World) -> None:
    planned = world.ledger.plan("Renew", on=[HOST], type="standard", rollback_to="latest", impact="medium")
    assert planned.assessment is not None
    assert [warning.code for warning in planned.assessment.warnings] == ["standard-without-template"]


def test_templates_are_listed_by_name(reopened: Reopen) -> None:
    assert [template.name for template in reopened(TEMPLATES).templates()] == ["certificate-audit", "certificate-renewal"]


def test_an_unknown_template_is_refused_with_near_names(reopened: Reopen) -> None:
    ledger = reopened(TEMPLATES)
    with pytest.raises(NotFound) as refused:
        ledger.plan(template="certificate-renewl")
    assert refused.value.hint == "did you mean certificate-renewal or certificate-audit?"
    with pytest.raises(NotFound) as refused:
        ledger.plan(template="zzz")
    assert "ledger change templates" in refused.value.hint


def test_a_template_without_targets_needs_some(reopened: Reopen) -> None:
    with pytest.raises(InvalidInput, match="names no target"):
        reopened(TEMPLATES).plan(template="certificate-audit")


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ('[[templates]]\nname = "x"\ntitle = "X"\ncolour = "red"\n', "colour"),
        ('[[templates]]\nname = "x"\n', "needs a name and a title"),
        ('[[templates]]\nname = "x"\ntitle = "X"\nduration = "soon"\n', "duration"),
        ('[[templates]]\nname = "x"\ntitle = "X"\n[[templates]]\nname = "x"\ntitle = "Y"\n', "twice"),
    ],
)
def test_what_is_wrong_with_a_template_is_said_by_name(reopened: Reopen, wrong: str, named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        reopened("\n" + wrong)
