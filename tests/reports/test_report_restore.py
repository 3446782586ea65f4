"""A restore as people read it: nothing wider than the terminal, nothing that the terminal obeys, one reason said once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from rich.cells import cell_len

from changelog_ledger.model.change import Change, Status
from changelog_ledger.model.evidence import Delta, Op
from changelog_ledger.model.restore import Action, Aspect, RestorePlan, RestoreResult, RestoreStep, RollBack, Unrestored
from changelog_ledger.model.snapshot import FileEntry, FileType, Snapshot
from changelog_ledger.model.topology import Target
from changelog_ledger.reports import Style, dump, render_restore, render_restore_plan, render_roll_back, restore_document, roll_back_document

NOW = datetime(2025, 6, 2, 12, 0, tzinfo=UTC)
SNAPSHOT = Snapshot("01JWQXX1JGV189J2ATMC01C0VF", "web-01", NOW.replace(hour=10), "c" * 40)
HOSTILE = "/etc/" + "long-" * 40 + "\x1b[2J\u202e\n" + "\udcff"


def entry(path: str) -> FileEntry:
    return FileEntry(path, FileType.FILE, 0o644, 0, 0, "root", "root")


def plan(*left: Unrestored) -> RestorePlan:
    steps = (
        RestoreStep(Action.CREATE, HOSTILE, entry(HOSTILE), None),
        RestoreStep(Action.REPLACE, "/etc/b", entry("/etc/b"), entry("/etc/b"), (Aspect.CONTENT, Aspect.TIME)),
        RestoreStep(Action.METADATA, "/etc/c", entry("/etc/c"), entry("/etc/c"), (Aspect.TIME,)),
        RestoreStep(Action.REMOVE, "/etc/d", None, entry("/etc/d")),
    )
    deltas = (Delta("/etc/b", "workers", Op.CHANGED, "8", "4", 3),)
    return RestorePlan("web-01", SNAPSHOT, ("/etc",), "/", False, steps, left, (HOSTILE,), deltas, ())


def test_the_plan() -> None:
    text = render_restore_plan(plan(), Style.plain(), NOW)
    assert "as of Mon 2 Jun 10:00:00 +00:00, 2 h ago" in text
    assert "  replace   /etc/b  content\n            workers  line 3\n              8 → 4\n" in text
    assert "  metadata  1 modification time and nothing else\n" in text
    assert "1 to create, 1 to replace, 1 to change in metadata, 1 to remove" in " ".join(text.split())
    assert "(--delete removes them)" in " ".join(text.split())


def test_one_reason_is_said_once() -> None:
    left = [Unrestored(f"/etc/{number}", "owner 0:0 could not be set", "run it as root") for number in range(40)]
    text = render_restore(RestoreResult(plan(), tuple(left), 3), Style.plain(), NOW)
    assert text.count("owner 0:0 could not be set") == 1
    assert "and 35 more paths" in text
    assert "40 paths NOT as it was then" in text


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_too_wide_and_nothing_is_obeyed(width: int) -> None:
    broken = Unrestored(HOSTILE, f"why {HOSTILE}", f"hint {HOSTILE}")
    change = Change("CHG-7K3M9Q", HOSTILE, Status.SUCCEEDED, (Target.host("web-01"),))
    result = RestoreResult(plan(broken), (broken,), before=SNAPSHOT, change="CHG-7K3M9Q")
    for done in (result, replace(result, dry_run=True)):
        for text in (
            render_restore(done, Style.plain(width), NOW),
            render_roll_back(RollBack(change, done, recorded=False, advice=(HOSTILE,)), Style.plain(width), NOW),
        ):
            assert max(map(cell_len, text.splitlines())) <= width
            assert not {"\x1b", "\u202e", "\udcff"} & set(text)
    assert "\x1b" not in dump(restore_document(result)) + dump(roll_back_document(RollBack(change, result)))


def test_nothing_to_do() -> None:
    nothing = replace(plan(), steps=(), deltas=(), extra=())
    assert "Nothing differs from the snapshot." in render_restore_plan(nothing, Style.plain(), NOW)
    assert "Nothing to restore; 5 paths proven equal; all as it was then." in render_restore(RestoreResult(nothing, (), 5), Style.plain(), NOW)
