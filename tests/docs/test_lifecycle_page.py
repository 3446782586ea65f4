"""The page on the lifecycle says what the code does: its tables are read and compared."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from changelog_ledger.changes.lifecycle import _PARTICIPLES, TRANSITIONS, VERBS
from changelog_ledger.changes.rules import RULES, Objection, objections
from changelog_ledger.model.change import ChangeType, Item, Status
from changelog_ledger.model.policy import Policy, Stance
from tests.changes.test_changes_rules import EVERYTHING, STRICT, WORST, wish

PAGE = (Path(__file__).parents[2] / "docs/reference/lifecycle.md").read_text(encoding="utf-8")


def table(heading: str) -> dict[str, list[str]]:
    """The rows of the table below a heading, by the word in their first cell."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {words(first)[0]: rest for first, *rest in rows}


def words(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def objected() -> dict[str, dict[str, Objection]]:
    """By verb and code: what the rules have against a step that breaks all of them."""
    worst = replace(WORST, items=(Item("mute"),))
    policy = replace(STRICT, separate_approver=True)
    return {verb: {each.code: each for each in objections(wish(worst, verb, policy=policy, **EVERYTHING))} for verb in RULES}


def test_the_states_and_what_can_follow() -> None:
    assert {status: words(cells[1]) for status, cells in table("States").items()} == {str(status): list(TRANSITIONS[status]) for status in Status}


def test_the_steps_where_they_lead_and_what_their_notes_say() -> None:
    rows = table("Steps")
    assert list(rows) == list(VERBS)
    for verb, (leads, noted, _) in rows.items():
        becomes = {str(targets[verb]) for targets in TRANSITIONS.values() if verb in targets}
        assert [leads] == (["the same"] if verb == "review" else [f"`{status}`" for status in becomes])
        assert words(noted) == [_PARTICIPLES.get(verb) or becomes.pop()]


def test_the_types() -> None:
    assert list(table("Types")) == [str(kind) for kind in ChangeType]


def test_every_rule_is_there_and_asked_where_it_says() -> None:
    asked: dict[str, list[str]] = {}
    for verb, found in objected().items():
        for code in found:
            asked.setdefault(code, []).append(verb)
    assert {code: words(cells[0]) for code, cells in table("Rules").items()} == asked


@pytest.mark.parametrize("code", table("Rules"))
def test_its_setting_its_default_and_whether_a_reason_helps(code: str) -> None:
    _, _, setting, default, helps = table("Rules")[code]
    (name,) = words(setting)
    value = getattr(Policy(), name)
    assert default == (f"`{value}`" if isinstance(value, Stance) else "not asked")
    found = [step[code] for step in objected().values() if code in step]
    assert {objection.overridable for objection in found} == {helps == "yes"}


def test_the_numbers_in_the_text_are_the_defaults() -> None:
    assert {str(level): count for level, count in Policy().approvals.items()} == {"none": 0, "low": 0, "medium": 1, "high": 1}
    assert f"`rollback_target_from` ({Policy().rollback_target_from})" in PAGE
    assert f"`checklist_from` ({Policy().checklist_from})" in PAGE
    assert "Policy" not in PAGE
