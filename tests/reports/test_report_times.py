"""Times in sentences and commands: the reader's clock everywhere, and nothing that only looks like a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from changelog_ledger import reports
from changelog_ledger.model.report import RuledOut
from changelog_ledger.model.report import Warning as Caution
from changelog_ledger.model.times import parse_instant
from changelog_ledger.reports.hints import for_suspect
from changelog_ledger.reports.style import Style
from changelog_ledger.reports.times import holds_instants, in_words, to_type

from . import built

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("it had finished before, at 2026-11-21T13:03:05Z", "it had finished before, at Sat 21 Nov 14:03:05 +01:00"),
        ("--since (2026-07-01T13:03:05.250000Z) lies in the future", "--since (Wed 1 Jul 15:03:05 +02:00) lies in the future"),
        ("timer at 2026-11-21T13:03:05Z: under way.", "timer at Sat 21 Nov 14:03:05 +01:00: under way."),
        ("from 2025-11-21T13:03:05Z to 2026-11-21T13:03:05Z.", "from Fri 21 Nov 2025 14:03:05 +01:00 to Sat 21 Nov 14:03:05 +01:00."),
    ],
)
def test_a_sentence_is_told_by_the_readers_clock(said: str, shown: str) -> None:
    assert holds_instants(said)
    assert in_words(said, BERLIN, NOW) == shown


@pytest.mark.parametrize(
    "text",
    [
        "/var/backups/2026-11-21T13:03:05Z.tar is not there",
        "dump-2026-11-21T13:03:05Z is not there",
        "cannot read the time '2026-11-21T13:03:05Z'",
        "write it as 2026-11-21T14:03+01:00, 2026-11-21T13:03Z, now",
    ],
)
def test_a_name_a_quotation_and_an_example_stay(text: str) -> None:
    assert not holds_instants(text)
    assert in_words(text, BERLIN, NOW) == to_type(text, BERLIN) == text


def test_what_is_no_day_stays() -> None:
    assert in_words("at 2026-02-31T13:03:05Z", BERLIN, NOW) == "at 2026-02-31T13:03:05Z"


def test_a_command_holds_the_readers_clock_and_means_the_same() -> None:
    command = "ledger diff web-03 2026-11-21T13:03:05.250000Z now"
    typed = to_type(command, BERLIN)
    assert typed == "ledger diff web-03 2026-11-21T14:03:05.250000+01:00 now"
    assert parse_instant(typed.split()[3]) == parse_instant(command.split()[3])
    assert to_type(command, UTC) == command


@pytest.mark.parametrize("rendering", ["text", "markdown", "html"])
def test_nothing_in_a_report_is_in_utc_for_who_reads_elsewhere(rendering: str) -> None:
    report = built.clear()
    first, *others = report.suspects
    reason = replace(first.reasons[0], text="started before its planned window, which begins 2026-11-17T13:03:05Z")
    report = replace(
        report,
        suspects=(replace(first, reasons=(reason, *first.reasons)), *others),
        warnings=(Caution("x", "the clock stood still from 2026-11-17T13:03:05Z on"),),
        ruled_out=(RuledOut("CHG-4D0N7E", "T", "finished at 2026-11-17T13:03:05Z, before it last worked"),),
        evidence=tuple(replace(piece, because="the file's own time, 2026-11-17T13:03:05Z, lies outside") for piece in report.evidence),
    )
    shown = {
        "text": lambda: reports.render_text(report, Style.plain(120, BERLIN)),
        "markdown": lambda: reports.render_markdown(report, BERLIN),
        "html": lambda: reports.render_html(report, BERLIN),
    }[rendering]()
    assert "Tue 17 Nov 14:03:05 +01:00" in shown
    assert ":05Z" not in shown
    assert "2026-11-17T13:03:05Z" in reports.dump(reports.report_document(report))


def test_the_way_back_from_a_file_that_came_is_without_it() -> None:
    report = built.clear()
    first = report.suspects[0]
    pieces = tuple(replace(piece, op=built.Op.ADDED, key=None, before=None) if piece.id in first.evidence else piece for piece in report.evidence)
    commands = [hint.command for hint in for_suspect(first, replace(report, evidence=pieces))]
    assert any(command.startswith("ledger restore ") and " --delete --dry-run" in command for command in commands)
