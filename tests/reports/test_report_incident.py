"""Incidents as people read them, byte for byte; and as programs do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from changelog_ledger import reports
from changelog_ledger.model.change import Level, Note
from changelog_ledger.model.incident import Action, FixPath, Incident, IncidentKind, Link, LinkKind, Told, Trace
from changelog_ledger.model.topology import Health, Mark, Target
from changelog_ledger.reports import Style

from . import built

BERLIN = ZoneInfo("Europe/Berlin")
Golden = Callable[[str, str], None]
HOUR = timedelta(hours=1)
SHOP, WEB = Target.service("shop"), Target.host("web-03")

OPENED = Incident(
    "INC-7K3M9Q", "Shop answers 502", (SHOP, WEB), built.NOW - HOUR, built.NOW - HOUR / 2, built.NOW - HOUR / 2, "alex",
    symptom="customers get 502", impact=Level.HIGH, urgency=Level.HIGH,
)  # fmt: skip
FULL = replace(
    OPENED, commander="kim", ref="PD-4711", kinds=(IncidentKind.CONFIGURATION, IncidentKind.NETWORK), path=FixPath.HOTFIX, fix="CHG-9XW1PA",
    acknowledged_at=built.NOW - HOUR / 3, mitigated_at=built.NOW - HOUR / 4, resolved_at=built.NOW - HOUR / 6, reviewed_at=built.NOW,
    summary="A limit was set too low.", trigger="The new limit", causes=("nobody looked at the load", "no alert"), worked=("the pager",),
    links=(
        Link(LinkKind.CONFIRMED, "EV-8Q2K5Z0000", built.NOW, "kim", "put back, and it works",
             "web-03 /etc/nginx/nginx.conf worker_connections 4096 → 512", built.NOW - 2 * HOUR,
             (Trace("web-03", "/etc/nginx/nginx.conf", "worker_connections"),)),
        Link(LinkKind.FIX, "CHG-9XW1PA", built.NOW, "kim", title="Put the limit back"),
        Link(LinkKind.RELATED, "https://tracker.example/issues/4711", built.NOW, "kim"),
    ),
    notes=(Note(built.NOW - HOUR / 3, "kim", "at it", "acknowledged"), Note(built.NOW - HOUR / 5, "alex", "the partner was told\nby phone")),
    told=(Told(built.NOW - HOUR / 4, "kim", "The shop works again."),),
    actions=(Action(1, "Alert on the load", "kim", date(2026, 12, 1)), Action(2, "Review the limits", "", None, built.NOW, "alex")),
)  # fmt: skip
HOSTILE = replace(
    FULL, title=built.HOSTILE, symptom=built.HOSTILE, commander=built.HOSTILE, ref=built.HOSTILE, summary=built.HOSTILE, causes=(built.HOSTILE,),
    links=(Link(LinkKind.CLEARED, built.HOSTILE, built.NOW, built.HOSTILE, built.HOSTILE, built.HOSTILE),),
    notes=(Note(built.NOW, built.HOSTILE, built.HOSTILE),),
    told=(Told(built.NOW, built.HOSTILE, built.HOSTILE),), actions=(Action(1, built.HOSTILE, built.HOSTILE),),
)  # fmt: skip
AGAIN = Mark("m", SHOP, Health.BAD, built.NOW - timedelta(minutes=2), "check", "", "502 again")


@pytest.mark.parametrize("width", [80, 40])
@pytest.mark.parametrize(("name", "incident"), [("opened", OPENED), ("full", FULL), ("hostile", HOSTILE)])
def test_one(name: str, incident: Incident, width: int, golden: Golden) -> None:
    text = reports.render_incident(incident, Style.plain(width, BERLIN), built.NOW, AGAIN if name == "full" else None)
    golden(f"incident-{name}-{width}.txt", text)
    assert max(map(len, text.splitlines())) <= width


@pytest.mark.parametrize("width", [80, 40])
def test_a_list(width: int, golden: Golden) -> None:
    golden(f"incidents-{width}.txt", reports.render_incidents([OPENED, FULL, HOSTILE], Style.plain(width, BERLIN), built.NOW))


@pytest.mark.parametrize("width", [80, 40])
def test_what_comes_next(width: int, golden: Golden) -> None:
    golden(f"incident-next-{width}.txt", reports.render_opened(OPENED, Style.plain(width, BERLIN)))


def test_json(golden: Golden) -> None:
    golden("incident.json", reports.dump(reports.incident_document(FULL, AGAIN)))
    assert [each["id"] for each in reports.incidents_document([OPENED, FULL])["incidents"]] == ["INC-7K3M9Q", "INC-7K3M9Q"]
    assert "\x1b" not in reports.dump(reports.incident_document(HOSTILE))


def test_none() -> None:
    assert (
        reports.render_incidents([], Style.plain(80, BERLIN), built.NOW)
        == "No such incident is recorded. Is there trouble?\n  ledger incident open TITLE --on TARGET\n"
    )


def test_what_a_change_was_for_them() -> None:
    assert reports.linked_words([FULL], "CHG-9XW1PA") == ["INC-7K3M9Q Shop answers 502 (fix)"]
    assert reports.linked_words([FULL], "CHG-000000") == []
