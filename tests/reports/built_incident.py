"""Accounts of incidents to be written: one with everything, one of which nothing is known, one that is hostile."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from changelog_ledger.model.change import Change, Level, Note, Status
from changelog_ledger.model.evidence import Confidence, Evidence, Op, PossibleActor
from changelog_ledger.model.incident import (
    Action,
    Contribution,
    FixPath,
    Incident,
    IncidentAccount,
    IncidentKind,
    Link,
    LinkKind,
    Moment,
    MomentKind,
    Told,
)
from changelog_ledger.model.topology import Health, Mark, Target

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SHOP, WEB = Target.service("shop"), Target.host("web-03")
HOSTILE = "\x1b[31m<script>alert(1)</script> | `x` \u202e @kim"


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


DRIFT = Evidence(
    "EV-8Q2K5ZAAAA", "config", WEB, Op.CHANGED, at(-1500), at(-20), at(-1317), "/etc/shop/pool.conf pool/size 64 → 6", "/etc/shop/pool.conf",
    "pool/size", "64", "6", 12, confidence=Confidence.NONE, because="no change was open on web-03 at that time",
    possible_actors=(PossibleActor("bo", at(-1320), "logged in from 10.0.0.5 (ssh)", "EV-1"),),
)  # fmt: skip
FIX = Change("CHG-9XW1PA", "Pool back to 64", Status.SUCCEEDED, (WEB,), actor="kim", started_at=at(30), finished_at=at(33), outcome="succeeded")
INCIDENT = Incident(
    id="INC-7K3M9Q",
    title="Shop answers 502",
    targets=(SHOP,),
    began_at=at(0),
    detected_at=at(6),
    recorded_at=at(8),
    actor="alex",
    symptom="customers get 502 at the checkout",
    impact=Level.HIGH,
    urgency=Level.HIGH,
    kinds=(IncidentKind.CONFIGURATION,),
    commander="kim",
    acknowledged_at=at(9),
    mitigated_at=at(33),
    resolved_at=at(75),
    path=FixPath.HOTFIX,
    fix=FIX.id,
    causes=("nothing measures how full the pool is",),
    worked=("the way back took three minutes",),
    links=(
        Link(LinkKind.CONFIRMED, DRIFT.id, at(34), "kim", "put back, and it works", "pool/size 64 → 6 in /etc/shop/pool.conf on web-03", at(-1317)),
        Link(LinkKind.CLEARED, "CHG-4TTQ0B", at(20), "kim", "the other site has it, too", "Release 4.2", at(-90)),
        Link(LinkKind.FIX, FIX.id, at(31), "kim", title=FIX.title, happened_at=at(30)),
    ),
    notes=(Note(at(15), "kim", "the other seven servers are fine"),),
    told=(
        Told(at(10), "alex", "Investigating: shop\n\nWe are looking into it.", "investigating"),
        Told(at(76), "alex", "Resolved: shop", "resolved"),
    ),
    actions=(
        Action(1, "alarm on the pool", "bo", date(2026, 11, 25)),
        Action(2, "write the pool's size down", "kim", date(2026, 12, 15)),
        Action(3, "tell support", "alex", None, at(100), "alex"),
    ),
    ref="JIRA-4711",
)
TIMELINE = (
    Moment(at(-1317), MomentKind.DRIFT, DRIFT.summary, WEB, "", DRIFT.id, "trigger"),
    Moment(at(-120), MomentKind.MARK, "seen working: checkout probe", SHOP, "probe", "M1"),
    Moment(at(-90), MomentKind.CHANGE, "Release 4.2: started", SHOP, "lee", "CHG-4TTQ0B", "cleared"),
    Moment(at(-60), MomentKind.OBSERVATION, "12 things were seen; the first: libssl3 upgraded", WEB, "", "EV-77", folded=12, until=at(-57)),
    Moment(at(0), MomentKind.MARK, "seen broken: customers get 502 at the checkout", SHOP, "probe", "M2"),
    Moment(at(6), MomentKind.INCIDENT, "the trouble was noticed"),
    Moment(at(10), MomentKind.TOLD, INCIDENT.told[0].text, None, "alex", "investigating"),
    Moment(at(15), MomentKind.NOTE, "the other seven servers are fine", None, "kim"),
    Moment(at(30), MomentKind.CHANGE, "Pool back to 64: started", WEB, "kim", FIX.id, "fix"),
    Moment(at(33), MomentKind.INCIDENT, "incident mitigated", None, "kim"),
    Moment(at(75), MomentKind.INCIDENT, "incident resolved", None, "kim"),
)
FULL = IncidentAccount(
    incident=INCIDENT,
    timeline=TIMELINE,
    made_at=at(2880),
    since=at(-120),
    last_good=Mark("M1", SHOP, Health.GOOD, at(-120), "probe"),
    good_again=Mark("M3", SHOP, Health.GOOD, at(76), "probe"),
    left_out=2,
    changes=(FIX,),
    evidence=(DRIFT,),
    effects={DRIFT.id: "shop was restarted on web-03 at 11:58"},
    contributions=(
        Contribution("unlogged", f"{DRIFT.summary} ({DRIFT.id}): no change explains it", DRIFT.id),
        Contribution("stale-host", "the last snapshot of web-03 before the trouble began was 30 h old"),
    ),
)
UNKNOWN = IncidentAccount(
    incident=Incident("INC-0000AA", "Mail is late", (Target.service("mail"), Target.host("mx-01")), at(0), at(0), at(0), "alex"),
    timeline=(Moment(at(0), MomentKind.INCIDENT, "the trouble was noticed"),),
    made_at=at(40),
    since=at(-1440),
)
NASTY = replace(
    FULL,
    incident=replace(
        INCIDENT,
        title=HOSTILE,
        symptom=HOSTILE,
        commander=HOSTILE,
        summary=HOSTILE,
        trigger=HOSTILE,
        causes=(HOSTILE,),
        worked=(HOSTILE,),
        links=tuple(replace(link, title=HOSTILE, because=HOSTILE) for link in INCIDENT.links),
        actions=(Action(1, HOSTILE, HOSTILE),),
    ),
    timeline=(Moment(at(0), MomentKind.NOTE, HOSTILE, None, HOSTILE),),
    changes=(replace(FIX, title=HOSTILE, actor=HOSTILE),),
    contributions=(Contribution("unlogged", HOSTILE),),
)
ACCOUNTS = {"full": FULL, "unknown": UNKNOWN, "hostile": NASTY}
