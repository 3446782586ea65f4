"""The JSON that scripts, dashboards and acceptance checks rely on: every field of the interface, by name and type, on both databases.

More fields may be added; none may be missing, renamed or of another type.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from ..workflows.world import HOST
from .conftest import Desk, day

Check = Callable[[Any], bool]
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
CHANGE = re.compile(r"CHG-[0-9A-HJKMNP-TV-Z]{6}")
EVIDENCE = re.compile(r"EV-[0-9A-HJKMNP-TV-Z]{10}")
TARGET = re.compile(r"all|(host|service):[\w.@+-]+")


def text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def flag(value: Any) -> bool:
    return isinstance(value, bool)


def anything(_value: Any) -> bool:
    return True


def like(pattern: re.Pattern[str]) -> Check:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def one_of(*words: str) -> Check:
    return lambda value: value in words


def or_null(check: Check) -> Check:
    return lambda value: value is None or check(value)


def many(check: Check) -> Check:
    return lambda value: isinstance(value, list) and all(check(entry) for entry in value)


time, change_id, target = like(INSTANT), like(CHANGE), like(TARGET)

WINDOW = {
    "since": time,
    "since_basis": one_of("last-good", "given", "first-snapshot"),
    "until": time,
    "until_basis": one_of("onset", "given", "now"),
    "onset": or_null(time),
}
SUSPECT = {
    "rank": count,
    "score": lambda value: number(value) and 0 <= value <= 1,
    "kind": one_of("change", "unlogged"),
    "change": or_null(change_id),
    "ref": or_null(text),
    "title": text,
    "occurred_at": time,
    "targets": many(target),
    "reasons": many(anything),
    "evidence": many(like(EVIDENCE)),
}
REASON = {"code": text, "weight": number, "text": text}
PIECE = {
    "id": like(EVIDENCE),
    "kind": text,
    "host": or_null(text),
    "path": or_null(text),
    "key": or_null(text),
    "op": one_of("added", "removed", "changed", "moved", "metadata", "opaque", "observed"),
    "before": anything,
    "after": anything,
    "not_before": time,
    "not_after": time,
    "explained_by": or_null(change_id),
    "confidence": one_of("explicit", "scope", "time", "none"),
    "transient": flag,
    "summary": text,
}
REPORT = {
    "schema": one_of("changelog-ledger/what-changed/1"),
    "target": anything,
    "window": anything,
    "suspects": many(anything),
    "evidence": many(anything),
    "unlogged": many(like(EVIDENCE)),
    "ruled_out": many(anything),
    "warnings": many(anything),
}
SNAPSHOT = {
    "id": like(re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")),
    "commit": like(re.compile(r"[0-9a-f]{40}")),
    "host": text,
    "at": time,
    "reason": or_null(text),
    "change": or_null(change_id),
    "files": count,
    "partial": flag,
}
CHANGE_SHOWN = {
    "id": change_id,
    "title": text,
    "status": one_of("planned", "approved", "started", "succeeded", "failed", "rolled-back", "cancelled"),
    "type": one_of("standard", "normal", "emergency"),
    "on": many(target),
    "paths": many(text),
    "planned_start": or_null(time),
    "planned_end": or_null(time),
    "started_at": or_null(time),
    "finished_at": or_null(time),
    "outcome": or_null(one_of("succeeded", "failed", "rolled-back")),
    "impact": or_null(one_of("none", "low", "medium", "high")),
    "affects": many(target),
    "items": many(anything),
    "rollback_to": or_null(text),
    "backout": or_null(text),
}


def fits(value: Any, fields: Mapping[str, Check], name: str) -> None:
    """Every field is there and of its type; the first that is not is named."""
    assert isinstance(value, dict), f"{name} is {value!r}"
    for field, check in fields.items():
        assert field in value, f"{name} lacks {field}: {sorted(value)}"
        assert check(value[field]), f"{name}.{field} = {value[field]!r}"


def fits_report(report: Any) -> None:
    fits(report, REPORT, "report")
    fits(report["target"], {"kind": one_of("host", "service", "all"), "name": lambda value: isinstance(value, str)}, "target")
    fits(report["window"], WINDOW, "window")
    for suspect in report["suspects"]:
        fits(suspect, SUSPECT, "suspect")
        for reason in suspect["reasons"]:
            fits(reason, REASON, "reason")
    for piece in report["evidence"]:
        fits(piece, PIECE, "evidence")
    for ruled in report["ruled_out"]:
        fits(ruled, {"change": change_id, "why": text}, "ruled_out")
    for warning in report["warnings"]:
        fits(warning, {"code": text, "text": text}, "warning")


def test_what_changed(either_troubled: Desk) -> None:
    report = either_troubled("what-changed", f"host:{HOST}", "--json").json
    fits_report(report)
    assert report["target"] == {"kind": "host", "name": HOST}
    assert report["window"]["since"] == day("10:05").replace("Z", ":00Z")
    assert (report["window"]["since_basis"], report["window"]["until_basis"]) == ("last-good", "onset")
    assert report["window"]["onset"] == report["window"]["until"] == day("12:00").replace("Z", ":00Z")
    assert [suspect["rank"] for suspect in report["suspects"]] == [1, 2]
    scores = [suspect["score"] for suspect in report["suspects"]]
    assert scores == sorted(scores, reverse=True)
    known = {piece["id"] for piece in report["evidence"]}
    assert {piece for suspect in report["suspects"] for piece in suspect["evidence"]} == known
    assert report["unlogged"] == [piece["id"] for piece in report["evidence"] if piece["confidence"] == "none"]
    assert all((piece["explained_by"] is None) == (piece["confidence"] == "none") for piece in report["evidence"])
    (edited,) = [piece for piece in report["evidence"] if piece["path"] == "/etc/nginx/nginx.conf"]
    assert (edited["kind"], edited["host"], edited["key"], edited["op"]) == ("config", HOST, "worker_processes", "changed")
    assert (edited["before"], edited["after"], edited["transient"]) == ("4", "8", False)


def test_what_changed_with_warnings_rulings_and_observations(either_troubled: Desk) -> None:
    """The parts that the plain story leaves empty."""
    desk = either_troubled
    late = desk("change", "plan", "Too late", "--on", HOST).out.strip()
    desk("change", "start", late, "--at", day("12:30"))
    desk("observe", "openvswitch upgraded", "--on", HOST, "--kind", "package-upgraded", "--at", day("11:40"), "--data", "package=openvswitch")
    desk("observe", "nginx restarted", "--on", "service:shop", "--kind", "service-restarted", "--at", day("11:41"))
    desk("host", "add", "web-02")
    desk("service", "add", "shop", "--runs-on", HOST, "--runs-on", "web-02")
    desk("good", "service:shop", "--at", day("10:05"))
    desk("bad", "service:shop", "--at", day("12:00"))
    report = desk("what-changed", "service:shop", "--json").json
    fits_report(report)
    assert {piece["kind"] for piece in report["evidence"]} >= {"config", "package", "restart"}
    assert [ruled["change"] for ruled in report["ruled_out"]] == [late]
    assert report["warnings"], "web-02 was never looked at"
    observed = [piece for piece in report["evidence"] if piece["op"] == "observed"]
    assert len(observed) == 2
    assert {piece["path"] for piece in observed} == {None}


def test_what_changed_when_nothing_is_known(either_desk: Desk) -> None:
    report = either_desk("what-changed", "--json").json
    fits_report(report)
    assert report["window"]["onset"] is None
    assert report["warnings"], "without any snapshot the answer must not look like an answer"


def test_format_json_is_the_same_as_json(troubled: Desk) -> None:
    one, other = troubled("what-changed", HOST, "--json").json, troubled("what-changed", HOST, "--format", "json").json
    assert one.pop("made_at")
    assert other.pop("made_at")
    assert one == other


@pytest.mark.parametrize(("command", "schema", "number"), [("diff", "diff", 2), ("drift", "drift", 1)])
def test_diff_and_drift_print_evidence_of_the_same_shape(either_troubled: Desk, command: str, schema: str, number: int) -> None:
    document = either_troubled(command, HOST, "--json").json
    assert document["schema"] == f"changelog-ledger/{schema}/1"
    assert len(document["evidence"]) == number
    for piece in document["evidence"]:
        fits(piece, PIECE, "evidence")
    reported = {piece["id"]: piece for piece in either_troubled("what-changed", HOST, "--json").json["evidence"]}
    for piece in document["evidence"]:
        assert piece == reported[piece["id"]], "the same evidence reads the same wherever it is shown"


def test_snapshots_oldest_first(either_troubled: Desk) -> None:
    document = either_troubled("snapshots", HOST, "--json").json
    assert document["schema"] == "changelog-ledger/snapshots/1"
    for entry in document["snapshots"]:
        fits(entry, SNAPSHOT, "snapshot")
    assert [(entry["at"], entry["reason"], entry["files"]) for entry in document["snapshots"]] == [
        (day("10:00").replace("Z", ":00Z"), "first look", 3),
        (day("11:20").replace("Z", ":00Z"), None, 3),
    ]


def test_change_show(either_troubled: Desk) -> None:
    (listed,) = either_troubled("change", "list", "--json").json["changes"]
    document = either_troubled("change", "show", listed["id"], "--json").json
    assert document["schema"] == "changelog-ledger/change/1"
    shown = document["change"]
    fits(shown, CHANGE_SHOWN, "change")
    for item in shown["items"]:
        fits(item, {"text": text, "state": one_of("open", "done", "waived")}, "item")
    assert shown["on"] == [f"host:{HOST}"]
    assert shown["paths"] == ["/etc/nginx/**"]
    assert (shown["status"], shown["outcome"], shown["impact"]) == ("succeeded", "succeeded", "low")
    assert (shown["started_at"], shown["finished_at"]) == (day("11:00").replace("Z", ":00Z"), day("11:10").replace("Z", ":00Z"))
    assert shown["affects"] == ["service:shop"]
    assert [(item["text"], item["state"]) for item in shown["items"]] == [("monitoring muted", "open")]
    assert (shown["rollback_to"], shown["backout"]) == ("latest", "put 4 back")
    assert listed == {name: value for name, value in shown.items() if name != "incidents"}
    assert shown["incidents"] == []


def test_a_planned_change_has_its_window(desk: Desk) -> None:
    options = ["--start", "2030-12-06T02:00+01:00", "--for", "1h30m", "--type", "emergency"]
    change = desk("change", "plan", "Core switch", "--on", HOST, "--on", "all", *options).out.strip()
    shown = desk("change", "show", change, "--json").json["change"]
    fits(shown, CHANGE_SHOWN, "change")
    assert (shown["planned_start"], shown["planned_end"]) == ("2030-12-06T01:00:00Z", "2030-12-06T02:30:00Z")
    assert (shown["started_at"], shown["outcome"], shown["type"], shown["on"]) == (None, None, "emergency", [f"host:{HOST}", "all"])


@pytest.mark.parametrize(
    "command",
    [
        ["what-changed"],
        ["recent"],
        ["drift"],
        ["status"],
        ["diff", HOST],
        ["blame", HOST, "/etc/nginx/nginx.conf"],
        ["change", "list"],
        ["snapshots", HOST],
        ["host", "list"],
        ["host", "show", HOST],
        ["service", "list"],
        ["service", "show", "shop"],
        ["verify"],
    ],
    ids=" ".join,
)
def test_every_reading_command_prints_one_json_document_and_nothing_else(troubled: Desk, command: list[str]) -> None:
    document = troubled(*command, "--json").json
    assert re.fullmatch(r"changelog-ledger/[a-z-]+/1", document["schema"])
