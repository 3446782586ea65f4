"""Noise end to end: stored as ever, left out of answers, counted in each, and seen again when somebody asks."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from changelog_ledger import Ledger, reports
from changelog_ledger.model.report import Report, Suppressed
from changelog_ledger.settings import read_settings

from .world import HOST, World

RULE = """
[[noise]]
name = "build stamp"
paths = ["/etc/app.ini"]
keys = ["build/at"]
"""
BUILD = "\n[build]\nat = 1\n"


def reopened(world: World) -> Ledger:
    """The ledger as the next process opens it: with the settings as they are now."""
    ledger = Ledger.open(world.ledger.home, actor="alex", clock=world.clock)
    world.spare.append(ledger)
    return ledger


@pytest.fixture
def built(world: World) -> Any:
    """Seen working; then the stamp changed twice, and nothing else."""
    world.machine.edit("/etc/app.ini", APP_END, APP_END + BUILD)
    world.snapshot()
    world.ledger.good(HOST, at=world.clock.tick(minutes=1))
    for number in (2, 3):
        world.machine.edit("/etc/app.ini", f"at = {number - 1}", f"at = {number}")
        world.snapshot()
    yield world
    for ledger in world.spare:
        ledger.close()


APP_END = "password = correct-horse-battery-staple\n"


def with_rule(world: World, rule: str = RULE) -> Ledger:
    settings = world.ledger.home / "ledger.toml"
    settings.write_text(settings.read_text() + rule)
    return reopened(world)


def said(report: Report) -> str:
    return " ".join(reports.render_text(report).split())


def test_without_the_rule_it_is_evidence(built: World) -> None:
    (piece,) = built.ledger.what_changed(HOST).evidence
    assert (piece.path, piece.key, piece.before, piece.after) == ("/etc/app.ini", "build/at", "1", "3")


def test_a_new_rule_holds_for_the_past_and_what_it_leaves_out_is_counted(built: World) -> None:
    report = with_rule(built).what_changed(HOST)
    assert (report.evidence, report.suspects, report.unlogged) == ((), (), ())
    assert report.suppressed == (Suppressed("build stamp", HOST, "/etc/app.ini", 2, built.clock()),)
    assert "Nothing in the record changed since it last worked" in said(report)
    assert "but noise: 2 differences left out" in said(report)
    assert "2 differences as noise: 2 build stamp ledger diff web-01 last-good now --noise" in said(report)
    assert not {"nothing-recorded"} & {warning.code for warning in report.warnings}


def test_drift_recent_and_status_leave_it_out_as_well(built: World) -> None:
    before = built.ledger.drift(HOST)
    assert (len(before), before.suppressed) == (1, ())
    assert [entry.kind for entry in built.ledger.recent(HOST)].count("drift") == 2
    ledger = with_rule(built)
    assert ledger.drift(HOST) == ()
    assert [(each.rule, each.count) for each in ledger.drift(HOST).suppressed] == [("build stamp", 2)]
    assert "drift" not in [entry.kind for entry in ledger.recent(HOST)]
    assert [(each.rule, each.count) for each in ledger.recent(HOST).suppressed] == [("build stamp", 2)]
    assert ledger.status().unlogged == 0


def test_diff_leaves_it_out_and_shows_it_when_asked(built: World) -> None:
    ledger = with_rule(built)
    left = ledger.diff(HOST, "last-good", "now")
    assert (left, [(each.rule, each.count) for each in left.suppressed]) == ((), [("build stamp", 1)]), "net: one difference between both ends"
    shown = ledger.diff(HOST, "last-good", "now", noise=True)
    assert [(piece.key, piece.before, piece.after, piece.noise) for piece in shown] == [("build/at", "1", "3", "build stamp")]
    assert shown.suppressed == ()
    assert len(shown[0].parts) == 2
    assert "-at = 2\n+at = 3" in ledger.diff_text(HOST), "text is text"


def test_nothing_is_lost(built: World) -> None:
    ledger = with_rule(built)
    times = [snapshot.at for snapshot in ledger.snapshots(HOST)]
    assert [line for at in times for line in ledger.cat(HOST, "/etc/app.ini", at=at).decode().splitlines() if line.startswith("at")] == [
        "at = 1",
        "at = 2",
        "at = 3",
    ]
    assert ledger.verify() == ()


def test_a_real_edit_beside_noise_is_found_and_both_are_told_apart(built: World) -> None:
    built.machine.edit("/etc/app.ini", "pool = 20", "pool = 2")
    built.machine.edit("/etc/app.ini", "at = 3", "at = 4")
    built.snapshot()
    report = with_rule(built).what_changed(HOST)
    assert [(piece.key, piece.unlogged) for piece in report.evidence] == [("db/pool", True)]
    assert [suspect.evidence for suspect in report.suspects] == [(report.evidence[0].id,)]
    assert [each.count for each in report.suppressed] == [3]


def test_a_rule_for_a_file_hides_neither_its_removal_nor_its_owner(built: World) -> None:
    ledger = with_rule(built, '[[noise]]\nname = "app"\npaths = ["/etc/app.ini", "/etc/hosts"]\n')
    built.machine.path("/etc/app.ini").chmod(0o600)
    built.machine.path("/etc/hosts").unlink()
    built.snapshot()
    assert {(piece.path, str(piece.op)) for piece in ledger.what_changed(HOST).evidence} == {("/etc/app.ini", "metadata"), ("/etc/hosts", "removed")}


def test_a_file_that_noise_changes_daily_does_not_make_its_edit_common(built: World) -> None:
    for number in range(3, 30):
        built.clock.tick(days=1)
        built.machine.edit("/etc/app.ini", f"at = {number}", f"at = {number + 1}")
        built.snapshot()
    built.ledger.good(HOST, at=built.clock.tick(minutes=1))
    built.machine.edit("/etc/app.ini", "pool = 20", "pool = 2")
    built.snapshot()
    (common,) = built.ledger.what_changed(HOST).suspects
    (rare,) = with_rule(built).what_changed(HOST).suspects
    assert "changes-often" in {reason.code for reason in common.reasons}
    assert "changes-often" not in {reason.code for reason in rare.reasons}


def test_what_is_explained_by_hand_is_what_drift_shows(built: World) -> None:
    built.machine.edit("/etc/app.ini", "pool = 20", "pool = 2")
    built.snapshot()
    ledger = with_rule(built)
    change = ledger.plan("Smaller pool", on=[f"host:{HOST}"])
    (piece,) = ledger.drift(HOST)
    ledger.explain(piece.id, change.id)
    assert ledger.drift(HOST) == ()


def test_built_in_rules_work_and_an_own_rule_of_the_same_name_takes_their_place(world: World) -> None:
    world.machine.write("/etc/adjtime", "0.0 100 0.0\n100\nUTC\n")
    world.snapshot()
    world.machine.write("/etc/adjtime", "0.1 200 0.0\n200\nUTC\n")
    world.snapshot()
    assert [(each.rule, each.path) for each in world.ledger.drift(HOST).suppressed] == [("hardware clock drift", "/etc/adjtime")]
    ledger = with_rule(world, '[[noise]]\nname = "hardware clock drift"\npaths = ["/nowhere"]\n')
    assert [piece.path for piece in ledger.drift(HOST)] == ["/etc/adjtime"]
    ledger.close()


def test_the_documents_count_it(built: World) -> None:
    ledger = with_rule(built)
    entry = {"rule": "build stamp", "host": HOST, "path": "/etc/app.ini", "count": 2}
    report = json.loads(reports.dump(reports.report_document(ledger.what_changed(HOST))))
    drift = ledger.drift(HOST)
    assert entry.items() <= report["suppressed"][0].items()
    assert entry.items() <= reports.evidence_document("drift", drift, drift.suppressed)["suppressed"][0].items()


def test_the_settings_hold_the_rule(built: World) -> None:
    with_rule(built)
    (rule,) = read_settings(built.ledger.home / "ledger.toml").noise_rules
    assert replace(rule, name="") == replace(rule, name="", lines=(), parts=())
    assert (rule.name, rule.keys) == ("build stamp", ("build/at",))
