"""The questions of an outage are index searches, however many facts there are: no query of ``what_changed`` may scan a table."""

from __future__ import annotations

from datetime import timedelta

from changelog_ledger.model.change import OPEN
from changelog_ledger.model.topology import EVERYTHING, Target
from changelog_ledger.store.store import Store
from tests.store.conftest import START

TARGETS = [Target.host("web-01"), Target.host("web-02"), Target.service("shop"), EVERYTHING]
UNTIL = START + timedelta(days=1)
HARMLESS = ("reached", "anon_", "(subquery", "CONSTANT ROW", "ix_incident_open", "ix_incident_link_judged")
"""What may be read whole: parts of the statement itself, and partial indexes, which hold nothing but the answer."""


def test_no_question_of_an_outage_scans_a_table(statements: tuple[Store, list[tuple[str, object]]]) -> None:
    store, seen = statements
    with store.reading() as view:
        view.topology.services_on("web-01")
        view.topology.hosts_of(["shop", "mail"])
        view.topology.dependencies_below(["shop", "mail"])
        view.changes.touching(TARGETS, START, UNTIL)
        view.changes.by_id(["CHG-7K3M9Q", "CHG-7K3M9R"])
        view.schedule.bookings(UNTIL, START, UNTIL)
        view.schedule.stuck(UNTIL, START, 100)
        list(view.schedule.begun(START, UNTIL))
        view.schedule.services_by_host(["web-01", "web-02"])
        view.marks.latest(TARGETS, UNTIL)
        view.marks.newest(TARGETS, START)
        view.marks.between(TARGETS, START, UNTIL)
        view.marks.first_good(TARGETS, START)
        view.marks.bad_after(TARGETS, START)
        view.evidence.observations(TARGETS, START, UNTIL)
        view.evidence.observations(TARGETS, START, UNTIL, what=["reboot"])
        view.evidence.pending_restarts(["web-01", "web-02"])
        view.evidence.deltas(["web-01", "web-02"], START, UNTIL)
        view.evidence.same_path(["web-01", "web-02"], ["/etc/hosts"], START, UNTIL)
        view.evidence.snapshot_span(["web-01", "web-02"])
        view.evidence.last_snapshots(["web-01", "web-02"], UNTIL)
        view.evidence.times_changed(["web-01"], START, UNTIL)
        view.evidence.last_snapshot("web-01", UNTIL)
        view.evidence.deltas_of_file("web-01", "/etc/hosts", UNTIL, 100)
        view.evidence.deltas_of_change("CHG-7K3M9Q")
        view.changes.going_back_to("host:web-01-old")
        view.changes.with_reference("OPS-1")
        view.incidents.open()
        view.incidents.by_id(["INC-7K3M9Q"])
        view.incidents.on(TARGETS)
        view.incidents.linking("CHG-7K3M9Q")
        view.incidents.judged()
        view.changes.listed(open_only=True, on=None, since=None, limit=None)
        view.changes.count(open_only=True, on=None, since=None)
        view.open_changes(OPEN, TARGETS)
        view.open_changes(OPEN, [])
        view.changes_named(["CHG-7K3M9Q"])
        view.runs_on(["web-01", "web-02"])
        view.expected_at("web-01", UNTIL)
        view.evidence.snapshots_by_id(["01JWQYF9J0KKHB236CVBNZK61R", "01JWQYF9J0KKHB236CVBNZK61S"])
    asked = list(seen)
    assert len(asked) >= 15
    with store.database.engine.connect() as connection:
        for statement, parameters in asked:
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            scans = [step for step in plan if step.startswith("SCAN ") and not any(harmless in step for harmless in HARMLESS)]
            assert scans == [], statement
