"""The contract of the JSON documents, as the interface writes it."""

from __future__ import annotations

from changelog_ledger import reports

from . import built

EVIDENCE = {
    "id",
    "kind",
    "host",
    "path",
    "key",
    "op",
    "before",
    "after",
    "not_before",
    "not_after",
    "explained_by",
    "confidence",
    "transient",
    "summary",
    "target",
}
SUSPECT = {"rank", "score", "kind", "change", "ref", "title", "occurred_at", "targets", "reasons", "evidence"}
CHANGE = {
    "id",
    "title",
    "status",
    "type",
    "on",
    "paths",
    "planned_start",
    "planned_end",
    "started_at",
    "finished_at",
    "outcome",
    "impact",
    "affects",
    "items",
    "rollback_to",
    "backout",
}


def test_what_changed() -> None:
    document = reports.report_document(built.s3())
    assert document["schema"] == "changelog-ledger/what-changed/1"
    assert document["target"] == {"kind": "host", "name": "web-03"}
    window = {
        "since": "2026-11-17T13:00:00Z",
        "since_basis": "last-good",
        "until": "2026-11-18T07:12:00Z",
        "until_basis": "onset",
        "onset": "2026-11-18T07:12:00Z",
    }
    assert window.items() <= document["window"].items()
    first = document["suspects"][0]
    assert set(first) >= SUSPECT
    assert (first["kind"], first["change"], first["ref"], first["evidence"]) == ("unlogged", None, None, ["EV-8Q2K5ZJ0MB"])
    assert set(first["reasons"][0]) == {"code", "weight", "value", "text"}
    assert first["trigger"] is None
    assert document["verdict"] == {"confidence": "open", "nothing": False, "chance": 0.0, "unrecorded": 0.0, "why": None, "unseen": []}
    assert set(document["evidence"][0]) >= EVIDENCE
    assert document["unlogged"] == ["EV-8Q2K5ZJ0MB"]
    assert document["ruled_out"][0]["change"] == "CHG-4D0N7E"
    assert reports.report_document(built.warned())["warnings"][0]["code"] == "stale-snapshot"


def test_the_verdict_and_how_the_score_came_about() -> None:
    document = reports.report_document(built.clear())
    assert (document["verdict"]["confidence"], document["verdict"]["chance"]) == ("clear", 0.911)
    assert document["verdict"]["unseen"] == list(built.UNSEEN[:1])
    assert document["suspects"][0]["trigger"] == "nginx restarted, Wed 08:03"
    assert document["suspects"][0]["reasons"][0]["value"] == 0.712
    assert document["scoring"] == {"full": 2.9, "steepness": 3.0}
    assert reports.report_document(built.unexplained())["verdict"]["nothing"] is True


def test_evidence_of_a_service_has_no_host() -> None:
    document = reports.evidence_document("drift", built.PIECES)
    assert document["schema"] == "changelog-ledger/drift/1"
    assert (document["evidence"][-1]["host"], document["evidence"][-1]["target"]) == (None, "service:shop")
    assert (document["evidence"][0]["host"], document["evidence"][0]["target"]) == ("web-03", "host:web-03")
    assert document["evidence"][0]["explained_by"] is None


def test_change() -> None:
    document = reports.change_document(built.FULL_CHANGE)
    assert document["schema"] == "changelog-ledger/change/1"
    assert set(document["change"]) >= CHANGE
    assert document["change"]["on"] == ["host:app-11", "host:app-12"]
    item = {"text": "configurations", "state": "done", "because": None}
    assert document["change"]["items"][0].items() >= item.items()
    assert (document["change"]["outcome"], document["change"]["finished_at"]) == (None, None)
    assert reports.changes_document([built.KERNEL])["changes"][0]["rollback_to"] is None


def test_snapshots_come_oldest_first() -> None:
    found = reports.snapshots_document(built.SNAPSHOTS[::-1])["snapshots"]
    assert [each["files"] for each in found] == [212, 213, 211]
    assert set(found[0]) >= {"id", "commit", "host", "at", "reason", "change", "files", "partial"}
    assert (found[0]["change"], found[1]["reason"], found[2]["partial"]) == (None, None, True)


def test_every_document_dumps_the_same_twice() -> None:
    for document in (
        reports.timeline_document(built.ENTRIES),
        reports.overview_document(built.OVERVIEW),
        reports.hosts_document(built.HOSTS, built.FRESHNESS),
        reports.host_document(built.HOSTS[0]),
        reports.services_document(built.SERVICES),
        reports.service_document(built.SERVICES[0]),
    ):
        assert document["schema"].endswith("/1")
        assert reports.dump(document) == reports.dump(document)
        assert reports.dump(document).endswith("}\n")
