"""What ``bisect`` prints, at 80 columns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from changelog_ledger.model.bisection import Bisection, By, Cause, Part, PartKind, Point, Trial
from changelog_ledger.model.evidence import Confidence, Delta, Evidence, Op
from changelog_ledger.model.topology import Target
from changelog_ledger.reports import bisection_document, render_bisection, render_trial
from changelog_ledger.reports.style import PLAIN, Style

NOW = datetime(2025, 6, 2, 12, tzinfo=UTC)
POINTS = tuple(Point(f"01JWQXYT7{number}", NOW - timedelta(hours=4 - number), "nightly", "cron") for number in range(4))
DELTA = Delta("/etc/app.conf", "workers", Op.CHANGED, "8", "800", 2)
DIFF = "--- a/etc/app.conf\n+++ b/etc/app.conf\n@@ -1,3 +1,3 @@\n [app]\n-workers = 8\n+workers = 800\n"


def evidence(change: str = "") -> Evidence:
    """What the ledger has recorded of it."""
    return Evidence(
        id="EV-BTGYAM1CK5",
        kind="config",
        target=Target.host("web-01"),
        op=Op.CHANGED,
        not_before=POINTS[1].at,
        not_after=POINTS[2].at,
        seen_at=POINTS[2].at,
        summary="",
        path=DELTA.path,
        key=DELTA.key,
        explained_by=change,
        confidence=Confidence.SCOPE if change else Confidence.NONE,
    )


def found(*causes: Cause, **other: object) -> Bisection:
    """The third of four snapshots, or what else is said."""
    known = {"good": POINTS[0], "bad": POINTS[3], "before": POINTS[1], "candidates": POINTS[2:3], "parts_total": 3, "probes": 6}
    return Bisection(by=By.BOTH, path="", causes=causes, **{"host": "web-01", "repository": "", **known, **other})  # type: ignore[arg-type]


def cause(change: str = "", line: int = 2) -> Cause:
    """One hunk."""
    return Cause(Part(DELTA.path, PartKind.HUNK, (line, line)), DIFF, (DELTA,), (evidence(change),))


def test_one_difference() -> None:
    assert (
        render_bisection(found(cause()), PLAIN, NOW)
        == """\
web-01
  good Mon 2 Jun 08:00:00 +00:00, bad Mon 2 Jun 11:00:00 +00:00; 6 probes
FIRST BAD SNAPSHOT
  01JWQXYT72  Mon 2 Jun 10:00:00 +00:00  by cron  nightly
  the last good one: 01JWQXYT71  Mon 2 Jun 09:00:00 +00:00  by cron  nightly
ONE of 3 differences BRINGS IT
  /etc/app.conf: line 2
    @@ -1,3 +1,3 @@
     [app]
    -workers = 8
    +workers = 800
    workers  line 2
      8 → 800
    UNLOGGED  EV-BTGYAM1CK5  about Mon 2 Jun 10:00:00 +00:00
No change explains it.

NEXT
    ledger restore --dry-run web-01 /etc/app.conf --from 01JWQXYT71
    ledger explain EV-BTGYAM1CK5 CHANGE
"""
    )


def test_two_together_that_a_change_explains() -> None:
    text = render_bisection(found(cause("CHG-7K3M9Q"), cause("CHG-7K3M9Q", 9)), PLAIN, NOW)
    assert "2 of 3 differences BRING IT TOGETHER: without any of them the trouble does not\n  show\n" in text
    assert "Logged as CHG-7K3M9Q.\n" in text
    assert "  ledger change show CHG-7K3M9Q\n" in text
    assert "ledger explain" not in text


def test_not_unique() -> None:
    assert (
        render_bisection(found(candidates=POINTS[2:], parts_total=0, skips=1), PLAIN, NOW)
        == """\
web-01
  good Mon 2 Jun 08:00:00 +00:00, bad Mon 2 Jun 11:00:00 +00:00; 6 probes, 1
    skipped
NOT UNIQUE: one of 2 snapshots; the others could not be told
  01JWQXYT72  Mon 2 Jun 10:00:00 +00:00  by cron  nightly
  01JWQXYT73  Mon 2 Jun 11:00:00 +00:00  by cron  nightly

NEXT
    ledger diff web-01 01JWQXYT71 01JWQXYT73
"""
    )


def test_under_way() -> None:
    trial = Trial(POINTS[2], 2, (0, 2), 3, 4)
    assert (
        render_bisection(found(pending=trial, root="/home/bisect/root-1"), PLAIN, NOW)
        == """\
web-01
  good Mon 2 Jun 08:00:00 +00:00, bad Mon 2 Jun 11:00:00 +00:00; 6 probes
Look at 01JWQXYT72  Mon 2 Jun 10:00:00 +00:00  by cron  nightly
  with 2 of its 3 differences
  its files: /home/bisect/root-1
About 4 looks to go. Say what you saw: ledger bisect good|bad|skip web-01
"""
    )
    assert render_trial(trial, PLAIN, NOW) == "trying 2 of 3 differences of 01JWQXYT72; about 4 probes to go\n"
    assert render_trial(Trial(POINTS[2], 2, left=1), PLAIN, NOW) == "trying 01JWQXYT72 of Mon 10:00; about 1 probe to go\n"


def test_a_commit() -> None:
    commit = Point("ab" * 20, NOW, "Raise \x1b[2Jthe limit", "Anna <anna@example.org>", ("CHG-7K3M9Q",))
    text = render_bisection(found(host="", repository="/srv/x y/.git", candidates=(commit,), parts_total=0), PLAIN, NOW)
    assert "FIRST BAD COMMIT\n" in text
    assert "\x1b" not in text
    assert "Logged as CHG-7K3M9Q." in text
    assert f"git -C '/srv/x y/.git' show {'ab' * 20}" in " ".join(text.split())


def test_hostile_content_is_escaped_and_no_line_is_too_wide() -> None:
    hostile = "/etc/\x1b[31m" + "x" * 300
    bad = Cause(Part(hostile, PartKind.FILE), "--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+\x1b[2J" + "y" * 300 + "\n" + "+z\n" * 100, added=True)
    text = render_bisection(found(bad), Style.plain(80), NOW)
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 80
    assert "more lines" in text
    assert "--delete" in text


def test_json_has_everything() -> None:
    document = bisection_document(found(cause()))
    assert document["schema"] == "changelog-ledger/bisect/1"
    assert document["found"] == {"id": "01JWQXYT72", "at": "2025-06-02T10:00:00Z", "title": "nightly", "author": "cron", "changes": []}
    assert document["causes"][0]["evidence"][0]["id"] == "EV-BTGYAM1CK5"
    assert document["next"][0].startswith("ledger restore --dry-run web-01 /etc/app.conf")
