"""Sequences that happen at night and that an answer must survive: told by imports, with nothing but facts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from changelog_ledger import Ledger

NOW = datetime(2026, 11, 2, tzinfo=UTC)
DAY = "2026-11-01T"
Tell = Callable[..., None]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.init(tmp_path / "home", host="h", clock=lambda: NOW) as made:
        yield made


@pytest.fixture
def tell(ledger: Ledger) -> Tell:
    """``tell(snapshot("01:00", "a = 1"), mark("good", "00:30"), …)``"""

    def told(*lines: dict[str, Any]) -> None:
        ledger.import_facts([json.dumps(line) for line in lines])

    return told


def snapshot(at: str, text: str, *, path: str = "/etc/x.conf", host: str = "h") -> dict[str, Any]:
    return {"kind": "snapshot", "host": host, "at": f"{DAY}{at}:00Z", "files": {path: text + "\n"}}


def mark(state: str, at: str, target: str = "host:h") -> dict[str, Any]:
    return {"kind": "mark", "target": target, "state": state, "at": f"{DAY}{at}:00Z"}


def change(ref: str, start: str, end: str, on: str = "host:h") -> dict[str, Any]:
    times = {"started_at": f"{DAY}{start}:00Z", "finished_at": f"{DAY}{end}:00Z"}
    return {"kind": "change", "ref": ref, "title": ref, "on": [on], "outcome": "succeeded", **times}


def test_a_repair_that_is_tried_does_not_hide_the_cause(ledger: Ledger, tell: Tell) -> None:
    tell(
        snapshot("09:00", "workers = 1"),
        mark("good", "09:30"),
        snapshot("11:00", "workers = 2"),
        mark("bad", "12:00"),
        snapshot("13:00", "workers = 1"),
    )
    report = ledger.what_changed("h")
    first = report.suspects[0]
    (piece,) = [piece for piece in report.evidence if piece.id in first.evidence]
    assert (piece.before, piece.after, piece.transient) == ("1", "2", False)
    assert piece.not_after.hour == 11


def test_a_logged_repair_does_not_explain_the_cause(ledger: Ledger, tell: Tell) -> None:
    tell(snapshot("09:00", "workers = 1"), mark("good", "09:30"), change("CULPRIT", "10:20", "10:40"), snapshot("11:00", "workers = 2"))
    tell(mark("bad", "12:00"), change("FIX", "12:20", "12:40"), snapshot("13:00", "workers = 3"))
    report = ledger.what_changed("h")
    assert report.suspects[0].ref == "CULPRIT"
    assert report.suspects[0].evidence != ()


def test_lines_of_different_times_are_never_summed(ledger: Ledger, tell: Tell) -> None:
    rules = ["allow a", "allow b", "allow c", "allow d"]
    tell(snapshot("00:00", "\n".join(rules), path="/etc/rules.txt"))
    tell(snapshot("01:00", "\n".join([rules[0], *rules[2:]]), path="/etc/rules.txt"))
    tell(snapshot("02:00", "\n".join([rules[0], rules[3]]), path="/etc/rules.txt"))
    assert [piece.before for piece in ledger.drift("h")] == ["allow b", "allow c"]
    assert not any(piece.transient for piece in ledger.drift("h"))


def test_a_service_beside_the_one_asked_for_explains_as_well(ledger: Ledger, tell: Tell) -> None:
    tell({"kind": "service", "name": "db", "runs_on": ["h"]}, {"kind": "service", "name": "shop", "runs_on": ["w1"], "depends_on": ["service:db"]})
    tell({"kind": "service", "name": "blog", "runs_on": ["h", "w2"]})
    tell(snapshot("00:00", "a = 1"), change("BL", "00:20", "00:50", "service:blog"), snapshot("01:00", "a = 2"))
    tell(mark("good", "00:10", "service:shop"), mark("bad", "02:00", "service:shop"))
    for target in ("service:shop", "service:blog", "all"):
        assert [piece.explained_by != "" for piece in ledger.what_changed(target, since="2026-11-01T00:05Z").evidence] == [True], target


def test_diff_and_drift_agree(ledger: Ledger, tell: Tell) -> None:
    tell(snapshot("00:00", "a = 1"), snapshot("01:00", "a = 2"), change("R1", "01:10", "01:20"), snapshot("02:00", "a = 3"))
    assert [piece.unlogged for piece in ledger.diff("h", f"{DAY}00:00Z", "now")] == [True]
    assert [piece.unlogged for piece in ledger.drift("h")] == [True]


def test_explaining_covers_what_was_shown_and_nothing_older(ledger: Ledger, tell: Tell) -> None:
    tell(
        snapshot("00:00", "a = 1"),
        snapshot("01:00", "a = 2"),
        mark("good", "01:30"),
        change("R1", "01:40", "01:45", "service:x"),
        snapshot("02:00", "a = 3"),
    )
    (shown,) = ledger.drift("h")
    ledger.explain(shown.id, "R1")
    assert ledger.drift("h") == ()
    assert len(ledger.drift("h", since=f"{DAY}00:00Z")) == 1


def test_that_one_host_works_says_nothing_of_another(ledger: Ledger, tell: Tell) -> None:
    tell(snapshot("00:00", "a = 1", host="b"), snapshot("01:00", "a = 2", host="b"), mark("bad", "01:30", "host:b"), mark("good", "02:00", "host:a"))
    assert len(ledger.drift("all")) == 1
    report = ledger.what_changed("all")
    assert report.window.onset is not None
    assert len(report.suspects) == 1


def test_a_cancelled_change_explains_nothing_even_if_a_snapshot_names_it(ledger: Ledger, tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc" / "x.conf").write_text("a = 1\n")
    moments = iter(range(1, 60))
    with Ledger.open(ledger.home, clock=lambda: NOW.replace(minute=next(moments))) as moving:
        moving.snapshot("h", root=root)
        cancelled = moving.plan("Tune", on=["host:h"])
        moving.cancel(cancelled.id)
        (root / "etc" / "x.conf").write_text("a = 2\n")
        moving.snapshot("h", root=root, change=cancelled.id)
        assert len(moving.drift("h")) == 1


def test_comparing_two_files_prints_no_secret() -> None:
    from changelog_ledger import ledger

    before, after = b"user = bob\npassword = old-S3cret\n", b"user = bob\npassword = new-S3cret\n"
    (delta,) = ledger.diff_files("/etc/x.ini", before, after)
    text = ledger.unified_diff("/etc/x.ini", before, after)
    assert delta.before != delta.after
    assert "S3cret" not in f"{delta}{text}"
    assert "-password = <secret:" in text
