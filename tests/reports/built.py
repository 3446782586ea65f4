"""Reports and other values to render, built by hand: no store, no clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from changelog_ledger.model.change import Assessment, Change, ChangeType, Dependent, Item, ItemState, Level, Note, Proposal, Remark, Status
from changelog_ledger.model.evidence import Confidence, Evidence, Op, PossibleActor
from changelog_ledger.model.overview import Overview, TimelineEntry
from changelog_ledger.model.report import (
    Basis,
    Certainty,
    HostFreshness,
    Reason,
    Report,
    RuledOut,
    Scoring,
    Suppressed,
    Suspect,
    SuspectKind,
    Verdict,
    Window,
)
from changelog_ledger.model.report import Warning as Caveat
from changelog_ledger.model.snapshot import Phase, Snapshot
from changelog_ledger.model.topology import EVERYTHING, Health, Host, Mark, Reach, Service, Target

ONSET = datetime(2026, 11, 18, 7, 12, tzinfo=UTC)
NOW = ONSET + timedelta(minutes=33)
GOOD = datetime(2026, 11, 17, 13, 0, tzinfo=UTC)
WEB = Target.host("web-03")
SHOP = Target.service("shop")
HOSTILE = (
    "a\x1b[2J\x1b]0;owned\x07b\u202etxt.exe\u2066\nSecond line\r\t\x7f\x9b31m\u200b\udcff\ud800"
    "|`<script>alert(1)</script> [x](https://evil.example) **b** 配置檔 {}"
)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def config(identifier: str, target: Target, path: str, key: str | None, before: object, after: object, **more: object) -> Evidence:
    """A changed key, seen by a snapshot within the hour."""
    seen = more.pop("seen_at", GOOD + hours(1))
    assert isinstance(seen, datetime)
    values: dict[str, object] = {
        "id": identifier,
        "kind": "config",
        "target": target,
        "op": Op.CHANGED,
        "not_before": seen - timedelta(minutes=50),
        "not_after": seen + timedelta(minutes=10),
        "seen_at": seen,
        "summary": f"{path} {key}: {before} → {after}",
        "path": path,
        "key": key,
        "before": before,
        "after": after,
    }
    return Evidence(**{**values, **more})  # type: ignore[arg-type]


def change(identifier: str, title: str, *on: Target, **more: object) -> Change:
    started = more.pop("started_at", GOOD + hours(2))
    assert isinstance(started, datetime)
    values: dict[str, object] = {
        "id": identifier,
        "title": title,
        "status": Status.SUCCEEDED,
        "on": on,
        "actor": "alice",
        "started_at": started,
        "finished_at": started + timedelta(minutes=20),
        "outcome": "succeeded",
        "recorded_at": started - hours(24),
    }
    return Change(**{**values, **more})  # type: ignore[arg-type]


CERTIFICATE = change("CHG-7K3M9Q", "Renew the shop certificate", WEB, type=ChangeType.STANDARD, paths=("/etc/nginx/tls/**",))
LOGGING = change("CHG-2C8V4T", "Ship access logs to the new collector", EVERYTHING, actor="bob", ref="RFC-17", started_at=GOOD + hours(5))
KERNEL = change(
    "CHG-9XW1PA", "Apply sysctl baseline", WEB, type=ChangeType.EMERGENCY, status=Status.FAILED, outcome="failed", started_at=GOOD + hours(15)
)
TOO_LATE = change("CHG-4D0N7E", "Restart php-fpm", WEB, started_at=ONSET + timedelta(minutes=5))

WORKERS = config(
    "EV-8Q2K5ZJ0MB",
    WEB,
    "/etc/nginx/nginx.conf",
    "events/worker_connections",
    "4096",
    "512",
    line=14,
    actor="mallory",
    not_before=GOOD,
    because="no logged change covers /etc/nginx/nginx.conf on web-03",
    seen_at=datetime(2026, 11, 17, 13, 3, 5, tzinfo=UTC),
    parts=("EV-8Q2K5ZJ0MB",),
)
EXPLAINED = {"explained_by": "CHG-7K3M9Q", "confidence": Confidence.SCOPE, "because": "its target, path and time fit"}
TLS = config(
    "EV-1T6WYN4CRD",
    WEB,
    "/etc/nginx/sites/shop.conf",
    "http/server[shop.example]/ssl_certificate",
    "/etc/nginx/tls/2025.pem",
    "/etc/nginx/tls/2026.pem",
    line=8,
    **EXPLAINED,
)
SYSLOG = config(
    "EV-5M0XAHG7P3",
    WEB,
    "/etc/rsyslog.d/90-shop.conf",
    "action[collector]/target",
    None,
    "logs-2.example",
    op=Op.ADDED,
    line=3,
    explained_by="CHG-2C8V4T",
    confidence=Confidence.SCOPE,
)
SYSCTL = config(
    "EV-0B9RKE2VQS",
    WEB,
    "/etc/sysctl.d/10-base.conf",
    "net.core.somaxconn",
    "128",
    "4096",
    line=2,
    explained_by="CHG-9XW1PA",
    confidence=Confidence.EXPLICIT,
)
PACKAGE = Evidence(
    id="EV-7H4DPS1GWC",
    kind="package",
    target=WEB,
    op=Op.OBSERVED,
    not_before=GOOD + hours(14),
    not_after=GOOD + hours(14),
    seen_at=GOOD + hours(14),
    summary="openssl 3.0.17-1 → 3.0.18-1",
    before="3.0.17-1",
    after="3.0.18-1",
    actor="unattended-upgrades",
    explained_by="CHG-9XW1PA",
    confidence=Confidence.TIME,
)


def suspect_change(rank: int, score: float, made: Change, *evidence: str, **more: object) -> Suspect:
    reasons = (Reason("before-onset", 0.2, "it ended 14 h before the onset"), Reason("touched", 0.1, "it altered a watched file"))
    assert made.begins
    values: dict[str, object] = {
        "title": made.title,
        "occurred_at": made.begins,
        "targets": made.on,
        "reasons": reasons,
        "evidence": evidence,
        "change": made.id,
        "ref": made.ref,
    }
    return Suspect(rank, score, SuspectKind.CHANGE, **{**values, **more})  # type: ignore[arg-type]


UNLOGGED = Suspect(
    1,
    0.93,
    SuspectKind.UNLOGGED,
    "events/worker_connections altered in /etc/nginx/nginx.conf",
    WORKERS.seen_at,
    (WEB,),
    (
        Reason("unlogged", 0.4, "no logged change covers it"),
        Reason("peers", 0.25, "the other 7 hosts of service:shop do not have it"),
        Reason("symptom", 0.15, "the symptom speaks of connections, and so does the key"),
        Reason("rare", 0.08, "this file had not changed for 212 days"),
    ),
    (WORKERS.id,),
)


def fresh(*hosts: str, at: datetime = ONSET - timedelta(minutes=4)) -> tuple[HostFreshness, ...]:
    return tuple(HostFreshness(host, at - timedelta(minutes=number), GOOD - hours(2000), snapshots=40) for number, host in enumerate(hosts))


def s3() -> Report:
    """Everybody swears that nothing changed; a key on one of eight servers did."""
    return Report(
        target=WEB,
        made_at=NOW,
        window=Window(GOOD, Basis.LAST_GOOD, ONSET, Basis.ONSET, ONSET, Mark("01J", WEB, Health.GOOD, GOOD, actor="alice", source="smoke test")),
        scope=(Reach(WEB, 0, (WEB,)), Reach(SHOP, 1, (WEB, SHOP)), Reach(Target.host("db-01"), 2)),
        suspects=(
            UNLOGGED,
            suspect_change(
                2,
                0.41,
                KERNEL,
                SYSCTL.id,
                PACKAGE.id,
                reasons=(Reason("failed", 0.3, "it failed"), Reason("emergency", 0.1, "emergency, not yet reviewed")),
            ),
            suspect_change(3, 0.22, CERTIFICATE, TLS.id),
            suspect_change(4, 0.08, LOGGING, SYSLOG.id),
        ),
        suspects_total=4,
        evidence=(WORKERS, TLS, SYSLOG, SYSCTL, PACKAGE),
        changes=(CERTIFICATE, LOGGING, KERNEL, TOO_LATE),
        ruled_out=(RuledOut(TOO_LATE.id, TOO_LATE.title, "it began 5 min after the onset"),),
        warnings=(),
        freshness=fresh("web-03", "web-01", "web-02", "web-04", "web-05", "web-06", "web-07", "web-08"),
        symptom="customers get 502, too many open connections",
    )


def nothing_found() -> Report:
    return replace(
        s3(),
        suspects=(),
        suspects_total=0,
        evidence=(),
        changes=(),
        ruled_out=(),
        symptom="",
        scope=(Reach(WEB, 0),),
        window=Window(GOOD, Basis.GIVEN, NOW, Basis.NOW),
        freshness=(replace(fresh("web-03")[0], unread=("/etc/shadow", "/etc/ssl/private")),),
    )


def all_explained() -> Report:
    return replace(
        s3(),
        evidence=(TLS, SYSLOG, SYSCTL, PACKAGE),
        suspects=tuple(replace(each, rank=each.rank - 1) for each in s3().suspects[1:]),
        suspects_total=3,
    )


def warned() -> Report:
    return replace(
        s3(),
        window=Window(GOOD - hours(9000), Basis.FIRST_SNAPSHOT, NOW, Basis.NOW),
        warnings=(
            Caveat("stale-snapshot", "the last snapshot of web-03 is 19 h old: what changed since is not in this answer"),
            Caveat("partial-snapshot", "2 files of web-03 could not be read: /etc/shadow, /etc/ssl/private/shop.key"),
            Caveat("no-good-mark", "nobody marked web-03 good: the window begins at its first snapshot"),
        ),
        freshness=(*fresh("web-03", at=NOW - hours(19)), HostFreshness("web-09", None)),
    )


def hostile() -> Report:
    """Text of an attacker, wherever text can be."""
    piece = config(
        "EV-H0ST11E000",
        WEB,
        "/etc/" + HOSTILE,
        HOSTILE,
        HOSTILE + "x" * 900,
        HOSTILE + "y" * 900,
        note=HOSTILE,
        because=HOSTILE,
        actor=HOSTILE,
        summary=HOSTILE,
    )
    wide = config("EV-W1DE000000", WEB, "/etc/" + "設定" * 60 + ".conf", "鍵" * 70, {"名": ["値" * 50, "\x1b[31m"]}, "", op=Op.CHANGED)
    spaces = config("EV-SPACES0000", WEB, "/etc/spaces.conf", "indent", "on", "on\u00a0 ", transient=True)
    seen = replace(PACKAGE, summary=HOSTILE, kind=HOSTILE, explained_by="", confidence=Confidence.NONE)
    made = replace(KERNEL, title=HOSTILE, actor=HOSTILE, ref=HOSTILE)
    odd = Suspect(1, 1.0, SuspectKind.UNLOGGED, HOSTILE, piece.seen_at, (WEB,), (Reason("x", 0.1, HOSTILE),), (piece.id, wide.id, spaces.id, seen.id))
    return replace(
        s3(),
        suspects=(odd, suspect_change(2, 0.5, made, title=HOSTILE, ref=HOSTILE, reasons=(Reason("y", 0.1, HOSTILE),))),
        suspects_total=2,
        evidence=(piece, wide, spaces, seen),
        changes=(made,),
        ruled_out=(RuledOut("CHG-000000", HOSTILE, HOSTILE),),
        warnings=(Caveat("odd", HOSTILE),),
        symptom=HOSTILE,
        freshness=(replace(fresh("web-03")[0], unread=(HOSTILE,)),),
    )


def crowded(shown: int = 10) -> Report:
    """Two hundred suspects, of which the investigation hands over some."""
    made = [
        change(f"CHG-{number:06d}", f"Routine change number {number} of a busy day", WEB, started_at=GOOD + timedelta(minutes=number))
        for number in range(1, 201)
    ]
    suspects = tuple(suspect_change(number, round(1 - number / 250, 2), each) for number, each in enumerate(made[:shown], 1))
    ruled = tuple(RuledOut(f"CHG-R{number:05d}", f"Late change {number}", "it began after the onset") for number in range(9))
    return replace(s3(), suspects=suspects, suspects_total=200, evidence=(), changes=tuple(made), ruled_out=ruled)


NOISE = (
    Suppressed("clock drift", "web-03", "/var/lib/chrony/drift", 12, ONSET - hours(1)),
    Suppressed("generated stamp", "web-03", "/etc/resolv.conf", 1, GOOD + hours(3)),
    Suppressed("iptables counters", "web-01", "/etc/iptables/rules.v4", 4, GOOD + hours(9)),
)


def noisy() -> Report:
    """Something changed, and something was left out."""
    return replace(s3(), suppressed=NOISE)


def only_noise() -> Report:
    """What differs changes by itself."""
    return replace(nothing_found(), suppressed=NOISE[:2])


def unplanned() -> Report:
    """An update that installed itself, a restart that is pending since, and an edit with people there at the time."""
    upgrade = replace(PACKAGE, explained_by="", confidence=Confidence.NONE, because="no change names host:web-03 at that time")
    pending = replace(
        upgrade,
        id="EV-8R2VXT9KQB",
        kind="restart-pending",
        summary="nginx (nginx.service) still runs code that was replaced: libssl.so.3 of libssl3",
        actor="",
    )
    there = (
        PossibleActor("alex", WORKERS.seen_at - hours(0.1), f"logged in from 10.0.0.5 (ssh) {HOSTILE}", "EV-1"),
        PossibleActor("kim", WORKERS.seen_at - hours(0.05), "ran vim /etc/nginx/nginx.conf as root", "EV-2"),
    )
    edited = replace(WORKERS, possible_actors=there)
    reasons = (Reason("restart-pending", 0.3, "nginx.service still runs the code of before"),)
    update = Suspect(
        1,
        0.9,
        SuspectKind.UNLOGGED,
        "openssl 3.0.17-1 → 3.0.18-1 (web-03); restart pending on web-03",
        upgrade.seen_at,
        (WEB,),
        reasons,
        (upgrade.id, pending.id),
        elsewhere=("web-01", "web-02", "web-04", "web-05"),
    )
    suspects = (update, replace(UNLOGGED, rank=2, score=0.8))
    return replace(s3(), suspects=suspects, suspects_total=2, evidence=(upgrade, pending, edited), changes=(), ruled_out=(), present=there)


UNSEEN = (
    "web-09 has had no snapshot for 19 h: what was edited there since is not in the record",
    "no delivery was ever ingested: roll-outs of the shop would not show",
    "the payment provider is outside: what it changed is not in the record",
)


_STANDS_OUT = "It names what the symptom names, and none of its peers has it"


def clear() -> Report:
    """One suspect stands out; it was edited long before, and took effect with a restart. Reasons have values that multiply to the decimal."""
    reasons = (
        Reason("time-before-onset", 1.139, "it took effect 9 min before the onset", 0.712),
        Reason("unlogged", 0.7, "no change explains it: no change names host:web-03 at that time", 1.0),
        Reason("symptom-words", 0.4, "the symptom names 'connections'", 1.0),
        Reason("distance", 0.45, "on host:web-03 itself", 1.0),
        Reason("peers-differ", 0.3, "none of 7 peers of the same service has it", 0.857),
        Reason("changes-often", -0.12, "changed in 14 snapshots of the 90 days before", 0.2),
    )
    latent = replace(UNLOGGED, score=0.9112, reasons=reasons, trigger="nginx restarted, Wed 08:03")
    planned = replace(CERTIFICATE, planned_start=GOOD + hours(1), planned_end=GOOD + hours(4), rollback_to="latest")
    second = replace(suspect_change(2, 0.04, KERNEL, SYSCTL.id), reasons=(Reason("failed", 0.25, "it failed", 1.0), against()))
    dense = tuple(
        replace(PACKAGE, id=f"EV-DENSE{number:05d}", seen_at=GOOD + hours(9) + timedelta(minutes=number), explained_by="") for number in range(30)
    )
    return replace(
        s3(),
        suspects=(latent, second, *s3().suspects[2:]),
        evidence=(*s3().evidence, *(replace(piece, confidence=Confidence.NONE) for piece in dense)),
        changes=(planned, LOGGING, KERNEL, TOO_LATE),
        scoring=Scoring(2.9, 3.0),
        verdict=Verdict(
            Certainty.CLEAR, chance=0.911, unrecorded=0.03, why="It names what the symptom names, and none of its peers has it", unseen=UNSEEN[:1]
        ),
    )


def against() -> Reason:
    """A strong reason that speaks against a suspect."""
    return Reason("cosmetic", -0.6, "comments or white space only", 1.0)


def likely() -> Report:
    """A change is the likeliest, and there are more warnings than the first screen has room for."""
    change_first = suspect_change(1, 0.77, replace(KERNEL, backout="sysctl --system with the old file"), SYSCTL.id, PACKAGE.id)
    return replace(
        s3(),
        suspects=(change_first, replace(UNLOGGED, rank=2, score=0.6), *s3().suspects[2:]),
        changes=(CERTIFICATE, LOGGING, replace(KERNEL, backout="sysctl --system with the old file"), TOO_LATE),
        verdict=Verdict(Certainty.LIKELY, chance=0.7, why="it failed, and the symptom began soon after", unseen=UNSEEN),
        warnings=tuple(Caveat(f"odd-{number}", f"warning number {number} of a bad day, which goes on and on: {'so ' * 30}") for number in range(7)),
    )


def unexplained() -> Report:
    """There are suspects, and none of them fits."""
    return replace(
        s3(),
        verdict=Verdict(nothing=True, why="what changed touches neither what the symptom names nor what the target depends on", unseen=UNSEEN),
    )


REPORTS = {
    "clear": clear,
    "likely": likely,
    "unexplained": unexplained,
    "s3": s3,
    "unplanned": unplanned,
    "nothing": nothing_found,
    "explained": all_explained,
    "warnings": warned,
    "hostile": hostile,
    "crowded": crowded,
    "noisy": noisy,
    "only-noise": only_noise,
}

FULL_CHANGE = Change(
    id="CHG-5J8HRM",
    title="Move the partner interface to app-12",
    status=Status.STARTED,
    on=(Target.host("app-11"), Target.host("app-12")),
    type=ChangeType.NORMAL,
    ref="RFC-90",
    actor="carol",
    recorded_at=GOOD - hours(48),
    paths=("/etc/partner/**",),
    affects=(SHOP,),
    planned_start=GOOD - hours(1),
    planned_end=GOOD + hours(3),
    approved_at=GOOD - hours(20),
    started_at=GOOD,
    impact=Level.MEDIUM,
    risk=Level.LOW,
    category=("server", "firewall"),
    items=(Item("configurations", ItemState.DONE), Item("firewall"), Item("DNS", ItemState.WAIVED, "the address stays")),
    notes=(
        Note(GOOD - hours(20), "dave", "Approved in the board", "approved"),
        Note(GOOD, "carol", "Started.\nOld server stays retained.", "started"),
    ),
    ticket="OPS-4711",
    rollback_to="host:app-11",
    backout="Point the partner back to app-11",
    reason="Old hardware",
    description="Line one\nLine two",
)
PLANNED = replace(
    FULL_CHANGE,
    id="CHG-0PEN01",
    title="Quarterly firmware",
    status=Status.PLANNED,
    started_at=None,
    planned_start=NOW + hours(30),
    planned_end=NOW + hours(32),
    items=(),
    notes=(),
)
WINDOW = replace(
    PLANNED,
    id="CHG-W1ND0W",
    title="Close the books' system",
    status=Status.STARTED,
    planned_start=NOW - hours(1.5),
    planned_end=NOW + hours(0.5),
    started_at=NOW - hours(1.5),
    backout_time=hours(0.25),
    retain_until=NOW + hours(400),
    contact="NOC 4711",
    downtime=hours(1.5),
    items=(
        Item("firewalls: open what is new and close what is old, on both ends", ItemState.DONE, "seen: /etc/nftables.conf changed (EV-3F7K2M)"),
        Item("the shop answers", command="curl -fsS https://shop.example/health"),
    ),
)
_TEAMS = ("payments", "logistics", "partner desk")
ASSESSED = replace(
    PLANNED,
    id="CHG-A55E55",
    title="Move the order database to db-02",
    on=(Target.host("db-01"), Target.host("db-02")),
    paths=("/etc/postgresql/**", "/etc/haproxy/haproxy.cfg"),
    impact=Level.LOW,
    assessment=Assessment(
        made_at=GOOD,
        dependents=(
            Dependent(Target.service("orders-db"), 0, "database team"),
            *(Dependent(Target.service(f"orders-{number:02}"), 1, _TEAMS[number % 3]) for number in range(12)),
            Dependent(SHOP, 2),
        ),
        impact=Level.HIGH,
        risk=Level.MEDIUM,
        reasons=(
            Remark("freeze", "'quarter end' freezes changes from 2026-11-20T00:00Z until 2026-12-01T00:00Z"),
            Remark("impact-understated", "low impact was said; high is suggested: 14 services run on or depend on host:db-01, host:db-02"),
            Remark("dependents", "14 services run on or depend on host:db-01, host:db-02"),
            Remark("history", "of the last 20 finished changes here 3 failed or were rolled back"),
        ),
        proposals=(
            Proposal("firewall", 9, 10, ("/etc/nftables.conf", "/etc/nftables.d/web.nft", "/etc/ufw/x"), "/etc/haproxy/haproxy.cfg"),
            Proposal("/etc/rsyslog d/haproxy.conf", 7, 9, ("/etc/rsyslog d/haproxy.conf",), "category server"),
        ),
    ),
)
HOSTILE_CHANGE = replace(
    FULL_CHANGE,
    title=HOSTILE,
    actor=HOSTILE,
    items=(Item(HOSTILE, ItemState.WAIVED, HOSTILE), Item(f"{HOSTILE}!", command=HOSTILE)),
    contact=HOSTILE,
    notes=(Note(GOOD, HOSTILE, HOSTILE, "started"),),
    assessment=Assessment(
        GOOD,
        (Dependent(SHOP, 0, HOSTILE),),
        reasons=(Remark("conflict", HOSTILE), Remark("history", HOSTILE)),
        proposals=(Proposal(HOSTILE, 5, 5, (HOSTILE,), HOSTILE),),
    ),
    description=HOSTILE,
    backout=HOSTILE,
    paths=(HOSTILE,),
)

PIECES = (
    WORKERS,
    TLS,
    SYSLOG,
    SYSCTL,
    PACKAGE,
    config("EV-M0DE000001", WEB, "/etc/nginx/nginx.conf", None, "0644 root root", "0600 root root", op=Op.METADATA, note="mode"),
    config("EV-0PAQUE0001", Target.host("web-04"), "/etc/hosts", None, None, None, op=Op.OPAQUE, note="comment only", transient=True),
    config("EV-M0VED00001", Target.host("web-04"), "/etc/nftables.conf", "table[inet filter]/chain[input]/rule[ssh]", "3", "9", op=Op.MOVED, line=21),
    config("EV-G0NE000001", SHOP, "/srv/shop.yaml", "limits.cpu", "4", None, op=Op.REMOVED),
)

ENTRIES = (
    TimelineEntry(GOOD, "mark", "smoke test passed", "01M", (WEB,), "good", actor="alice"),
    TimelineEntry(
        WORKERS.seen_at,
        "drift",
        "/etc/nginx/nginx.conf events/worker_connections 4096 → 512",
        WORKERS.id,
        (WEB,),
        actor="mallory",
        path="/etc/nginx/nginx.conf",
        found_at=GOOD + hours(1),
    ),
    TimelineEntry(
        GOOD + hours(2), "change", CERTIFICATE.title, CERTIFICATE.id, (WEB,), "approved", actor="bob", category=("certificate",), outcome="succeeded"
    ),
    TimelineEntry(
        GOOD + hours(2), "change", CERTIFICATE.title, CERTIFICATE.id, (WEB, SHOP), "started", actor="alice", remarks=("freeze", "outside-window")
    ),
    TimelineEntry(
        GOOD + hours(2.1),
        "drift",
        "/etc/nginx/sites/shop.conf http/server[shop.example]/ssl_certificate /etc/ssl/2025.pem → /etc/ssl/2026.pem",
        TLS.id,
        (WEB,),
        explained_by=CERTIFICATE.id,
        path="/etc/nginx/sites/shop.conf",
        found_at=GOOD + hours(3),
    ),
    TimelineEntry(GOOD + hours(3), "change", "Old name server out of use", "CHG-2M4V8C", (WEB, SHOP, Target.host("ns-02")), "logged afterwards"),
    TimelineEntry(GOOD + hours(14), "observation", PACKAGE.summary, PACKAGE.id, (WEB,), "package-upgraded", actor="unattended-upgrades"),
    TimelineEntry(ONSET, "mark", "customers get 502", "01N", (WEB, SHOP), "bad", actor="monitoring"),
    TimelineEntry(NOW, "host", HOSTILE, "01P", (Target.host("web-09"),), "added", HOSTILE, HOSTILE),
)

SNAPSHOTS = (
    Snapshot("01JABCDEFGHJKMNPQRSTVWXYZ0", "web-03", GOOD, "a" * 40, reason="hourly", files=212),
    Snapshot("01JABCDEFGHJKMNPQRSTVWXYZ1", "web-03", GOOD + hours(2), "b" * 40, "a" * 40, GOOD, "", CERTIFICATE.id, Phase.AFTER, 213, actor="alice"),
    Snapshot(
        "01JABCDEFGHJKMNPQRSTVWXYZ2",
        "web-03",
        GOOD + hours(3),
        "b" * 40,
        "b" * 40,
        GOOD + hours(2),
        HOSTILE,
        files=211,
        unread=("/etc/shadow", "/etc/" + HOSTILE),
    ),
)

HOSTS = (
    Host("web-03", ("edge", "eu"), {"os": "Debian 13", "rack": HOSTILE}),
    Host("web-09", ("edge",)),
    Host("app-11", (), {}, retired_at=GOOD - hours(9000)),
)
FRESHNESS = fresh("web-03")
SERVICES = (Service("shop", ("web-01", "web-03"), (Target.service("db"), Target.host("fw-01"))), Service("empty"))

OVERVIEW = Overview(
    made_at=NOW,
    home="/var/lib/changelog-ledger",
    database="sqlite",
    database_bytes=48_234_496,
    repository_bytes=912_000,
    facts=18_204,
    hosts=8,
    services=2,
    open_changes=(FULL_CHANGE, PLANNED),
    overdue=(FULL_CHANGE,),
    stuck=(FULL_CHANGE,),
    awaiting_approval=(PLANNED,),
    returning=(WINDOW,),
    unreviewed=(KERNEL,),
    overdue_reviews=(KERNEL,),
    unticked=(replace(FULL_CHANGE, id="CHG-T1CK3D", status=Status.SUCCEEDED),),
    unlogged=7,
    newest_unlogged=(WORKERS,),
    stale=fresh("web-05", at=NOW - hours(50)),
    never_snapshotted=("web-09",),
    keys=("age1q0…x7 (sealing)",),
    spooled=3,
    warnings=(Caveat("clock", "the clock of web-07 is 4 min ahead"),),
)
