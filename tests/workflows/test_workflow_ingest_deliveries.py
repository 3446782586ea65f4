"""Deliveries end to end: targets that the ledger knows, each thing once, secrets nowhere, and what cannot be read told."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from changelog_ledger.errors import InvalidInput, NotFound

from ..observations.deliveries.samples import (
    APPLY,
    AUDIT,
    CHANGE_EVENT,
    DEPLOYMENT_STATUS,
    DOCUMENTS,
    EVENT,
    FIRING,
    PLAN,
    QUIET_EVENT,
    RESOLVED,
    SECRET,
    WEBHOOK,
)
from .world import HOST, START, World


def given(value: Any) -> bytes:
    return json.dumps(value).encode()


def exported(world: World) -> str:
    return "\n".join(world.ledger.export_facts())


@pytest.mark.parametrize("name", DOCUMENTS)
def test_twice_adds_nothing_and_no_secret_is_kept(world: World, name: str) -> None:
    lines = b"\n".join(map(given, DOCUMENTS[name]))
    first = world.ledger.ingest.delivery(name, lines)
    assert first.recorded > 0
    assert not first.gaps
    again = world.ledger.ingest.delivery(name, io.BytesIO(lines))
    assert (again.recorded, again.known) == (0, first.recorded + first.known)
    assert SECRET not in exported(world)
    assert SECRET not in repr(first)


def test_on_postgresql_too(either: World) -> None:
    assert either.ledger.ingest.delivery("kubernetes-events", given(EVENT)).recorded == 1
    assert either.ledger.ingest.delivery("alertmanager", given(WEBHOOK)).recorded == 1
    assert either.ledger.ingest.delivery("alertmanager", given(WEBHOOK)).known == 1


class TestTargets:
    def test_a_service_that_the_ledger_knows_comes_first(self, world: World) -> None:
        world.ledger.add_service("shop", runs_on=[HOST])
        assert str(world.ledger.ingest.delivery("kubernetes-events", given(EVENT)).newest[0].target) == "service:shop"

    def test_then_a_host(self, world: World) -> None:
        assert str(world.ledger.ingest.delivery("kubernetes-events", given(EVENT)).newest[0].target) == f"host:{HOST}"

    @pytest.mark.parametrize("node", ["db-77", "../x", "", "a b", "x" * 400, "\ud800", "all"])
    def test_what_is_unknown_or_no_name_is_on_all_and_kept_as_it_was(self, world: World, node: str) -> None:
        event = EVENT | {"source": {"host": node}, "reportingInstance": ""}
        (seen,) = world.ledger.ingest.delivery("kubernetes-events", given(event)).newest
        assert str(seen.target) == "all"
        assert "service:shop" in seen.data["named"]
        assert len(world.ledger.hosts()) == 1

    def test_what_a_person_says_counts(self, world: World) -> None:
        (seen,) = world.ledger.ingest.delivery("terraform", b"\n".join(map(given, APPLY)), on=HOST).newest
        assert str(seen.target) == f"host:{HOST}"
        with pytest.raises(NotFound):
            world.ledger.ingest.delivery("terraform", given(PLAN), on="host:nowhere")

    def test_an_alert_on_nothing_known_says_nothing_of_health(self, world: World) -> None:
        alert = RESOLVED | {"labels": {"alertname": "DiskFull", "instance": "db-77:9100"}}
        result = world.ledger.ingest.delivery("alertmanager", given(WEBHOOK | {"alerts": [alert]}))
        assert result.counts == {"alert": 2}
        assert '"mark"' not in exported(world)

    def test_an_alert_less_is_no_health_while_another_fires_there(self, world: World) -> None:
        other = FIRING | {"fingerprint": "1", "labels": {"alertname": "DiskFull", "host": HOST}}
        both = given(WEBHOOK | {"alerts": [RESOLVED, other]})
        assert world.ledger.ingest.delivery("alertmanager", both).counts == {"bad": 2}
        assert world.ledger.ingest.delivery("alertmanager", given(WEBHOOK | {"alerts": [RESOLVED]})).counts == {"good": 1}

    def test_nor_where_a_person_says_that_all_alerts_are_about_one(self, world: World) -> None:
        other = FIRING | {"fingerprint": "1", "labels": {"alertname": "DiskFull", "host": "db-77"}}
        result = world.ledger.ingest.delivery("alertmanager", given(WEBHOOK | {"alerts": [RESOLVED, other]}), on=HOST)
        assert result.counts == {"bad": 2}


def test_an_alert_is_the_onset_that_a_question_begins_with(world: World) -> None:
    world.ledger.good(f"host:{HOST}", at=START - timedelta(hours=2))
    world.ledger.ingest.delivery("alertmanager", given(WEBHOOK))
    report = world.ledger.what_changed(f"host:{HOST}")
    assert report.window.onset == START - timedelta(hours=1) + timedelta(microseconds=123456)
    assert report.symptom == "HighLatency: p99 above 2 s"


def test_a_plan_is_a_change_that_explains_nothing_yet(world: World) -> None:
    world.ledger.ingest.delivery("terraform", given(PLAN), on=HOST)
    (change,) = world.ledger.changes()
    assert (str(change.status), change.title) == ("planned", "terraform plan: 1 resource to replace, 1 resource to update")
    assert (change.started_at, change.planned_start) == (None, None)


def test_a_dry_run_records_nothing(world: World) -> None:
    before = world.ledger.status().facts
    result = world.ledger.ingest.delivery("github-deployment", given(DEPLOYMENT_STATUS), dry_run=True)
    assert (result.recorded, result.dry_run, world.ledger.status().facts) == (1, True, before)


def test_since_leaves_out_what_was_before(world: World) -> None:
    assert world.ledger.ingest.delivery("kubernetes-audit", given(AUDIT), since=START).recorded == 0
    assert world.ledger.ingest.delivery("kubernetes-audit", given(AUDIT), since=START - timedelta(hours=2)).recorded == 1


def test_what_has_not_come_yet_is_a_gap(world: World) -> None:
    event = EVENT | {"firstTimestamp": "2031-01-01T00:00:00Z"}
    result = world.ledger.ingest.delivery("kubernetes-events", given([event, EVENT]))
    assert result.recorded == 1
    assert "dated in the future" in result.gaps[0].why


class TestWhatCannotBeRead:
    def test_a_bad_entry_costs_no_other(self, world: World) -> None:
        result = world.ledger.ingest.delivery("kubernetes-audit", given(AUDIT) + b'\n{"torn": \n' + given({"kind": "Pod"}))
        assert result.recorded == 1
        assert [gap.source for gap in result.gaps] == ["the document, entry 2", "the document, entry 3"]

    def test_nothing_of_the_format_says_what_it_looks_like_and_what_is_wanted(self, world: World) -> None:
        push = {"ref": "refs/heads/main", "before": "0", "after": "1", "commits": [], "repository": {}}
        with pytest.raises(InvalidInput) as error:
            world.ledger.ingest.delivery("kubernetes-events", given(push))
        assert "it looks like a GitHub push payload" in error.value.message
        assert "core/v1" in error.value.hint

    def test_nothing_but_noise_is_fine(self, world: World) -> None:
        result = world.ledger.ingest.delivery("kubernetes-events", given({"kind": "List", "items": [QUIET_EVENT]}))
        assert (result.recorded, result.gaps) == (0, ())
        assert result.notes[0].startswith("1 left out")

    def test_an_empty_list_is_fine(self, world: World) -> None:
        assert world.ledger.ingest.delivery("kubernetes-events", given({"kind": "List", "items": []})).gaps == ()

    @pytest.mark.parametrize("content", [b"", b"\n  \n"])
    def test_nothing_can_be_read_in_an_empty_file(self, world: World, content: bytes) -> None:
        with pytest.raises(InvalidInput) as error:
            world.ledger.ingest.delivery("kubernetes-events", content)
        assert error.value.message == "the document: it is empty"
        assert "core/v1" in error.value.hint

    def test_there_is_no_such_format_and_no_such_file(self, world: World, tmp_path: Path) -> None:
        with pytest.raises(InvalidInput):
            world.ledger.ingest.delivery("cobol", b"")
        with pytest.raises(NotFound):
            world.ledger.ingest.delivery("gitlab", tmp_path / "none.json")


def test_a_secret_that_somebody_typed_is_masked(world: World) -> None:
    payload = CHANGE_EVENT["payload"] | {"summary": f"Deployed with --password={SECRET}", "custom_details": {"db_password": SECRET}}
    result = world.ledger.ingest.delivery("pagerduty-change", given(CHANGE_EVENT | {"payload": payload}))
    assert SECRET not in exported(world)
    assert SECRET not in repr(result)


def test_more_than_one_batch(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from changelog_ledger.workflows import ingest_deliveries

    monkeypatch.setattr(ingest_deliveries, "_BATCH", 10)
    lines = b"\n".join(given(AUDIT | {"auditID": f"audit-{number % 30}"}) for number in range(45))
    result = world.ledger.ingest.delivery("kubernetes-audit", lines)
    assert (result.recorded, result.known, len(result.newest)) == (30, 15, 20)


def test_a_gap_names_no_secret(world: World) -> None:
    """What is dated in the future is named by its summary, which another program wrote."""
    late = EVENT | {"firstTimestamp": "2031-01-01T00:00:00Z", "message": "Command failed: vault login hunterHush and --password=hunterHush"}
    (gap,) = world.ledger.ingest.delivery("kubernetes-events", given([late, EVENT])).gaps
    assert "Command failed" in gap.why
    assert "hunterHush" not in gap.why
