"""What was left out as noise is said wherever something is answered, and never passes for "nothing changed"."""

from __future__ import annotations

from dataclasses import replace

import pytest

from changelog_ledger import reports
from changelog_ledger.model.report import Report, Suppressed
from changelog_ledger.reports import Style

from . import built

PLAIN = Style.plain(80)


def renderings(report: Report) -> dict[str, str]:
    return {
        "text": reports.render_text(report, PLAIN),
        "markdown": reports.render_markdown(report),
        "html": reports.render_html(report),
        "json": reports.dump(reports.report_document(report)),
    }


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_noise_is_counted_by_rule_with_the_command_that_shows_it(form: str) -> None:
    text = " ".join(renderings(built.noisy())[form].split())
    assert "17 differences on 2 hosts as noise: 12 clock drift, 4 iptables counters, 1 generated stamp" in text
    assert "ledger diff web-03 last-good now --noise" in text


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_nothing_but_noise_is_not_nothing(form: str) -> None:
    said = " ".join(renderings(built.only_noise())[form].split())
    assert "but noise: 13 differences left out" in said


def test_a_logged_change_without_a_difference_but_noise() -> None:
    report = replace(built.s3(), evidence=(), suspects=(), suppressed=built.NOISE[:1])
    verdict = " ".join(reports.render_text(report, PLAIN).split())
    assert "no difference was recorded" in verdict
    assert "; 12 differences left out as noise" in verdict


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_without_noise_nothing_is_said_of_it(form: str) -> None:
    assert "noise" not in renderings(built.s3())[form]
    assert reports.render_suppressed(()) == ""


def test_the_documents() -> None:
    entry = {"rule": "clock drift", "host": "web-03", "path": "/var/lib/chrony/drift", "count": 12, "last_at": "2026-11-18T06:12:00Z"}
    assert reports.report_document(built.noisy())["suppressed"][0] == entry
    assert reports.evidence_document("drift", (), built.NOISE)["suppressed"][0] == entry
    assert reports.timeline_document((), built.NOISE)["suppressed"][0] == entry
    assert reports.evidence_document("diff", [replace(built.TLS, noise="clock drift")])["evidence"][0]["noise"] == "clock drift"
    assert reports.evidence_document("diff", [built.TLS])["evidence"][0]["noise"] is None


def test_noise_that_was_asked_for_bears_its_rule_and_is_no_unlogged_difference() -> None:
    drift = replace(built.WORKERS, noise="clock drift")
    text = reports.render_evidence([built.TLS, drift], PLAIN)
    assert "noise: clock drift" in text
    assert "UNLOGGED" not in text
    assert text.endswith("1 difference; all explained. Noise: 1 difference.\n")
    assert reports.render_evidence([drift], PLAIN).endswith("Nothing but noise: 1 difference.\n")


def test_names_of_rules_and_paths_are_untrusted() -> None:
    hostile = (Suppressed(built.HOSTILE, built.HOSTILE, "/etc/" + built.HOSTILE, 3, built.ONSET),)
    for form, text in renderings(replace(built.s3(), suppressed=hostile)).items():
        assert "\x1b" not in text, form
        assert "\u202e" not in text, form
        assert "<script>" not in text or form in ("text", "json", "markdown"), form
    assert "\x1b" not in reports.render_suppressed(hostile, PLAIN)


@pytest.mark.parametrize("width", [40, 80])
def test_the_closing_line_keeps_to_the_width(width: int) -> None:
    text = reports.render_suppressed(built.NOISE, Style.plain(width))
    assert all(len(line) <= width for line in text.splitlines())
    assert "ledger diff web-03 FROM TO --noise" in " ".join(text.split())
