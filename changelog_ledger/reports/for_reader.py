"""A report as its reader's clock tells it: judgements hold times in UTC, because they are the same for everybody."""

from __future__ import annotations

from dataclasses import replace
from datetime import tzinfo

from changelog_ledger.model.report import Report
from changelog_ledger.reports.times import in_words


def for_reader(report: Report, zone: tzinfo) -> Report:
    """The report with every sentence that somebody will read in the reader's zone; titles, paths and values stay as they were recorded."""

    def said(sentence: str) -> str:
        return in_words(sentence, zone, report.made_at)

    return replace(
        report,
        suspects=tuple(
            replace(each, reasons=tuple(replace(reason, text=said(reason.text)) for reason in each.reasons), trigger=said(each.trigger))
            for each in report.suspects
        ),
        evidence=tuple(replace(piece, because=said(piece.because)) for piece in report.evidence),
        ruled_out=tuple(replace(ruled, why=said(ruled.why)) for ruled in report.ruled_out),
        warnings=tuple(replace(warning, text=said(warning.text)) for warning in report.warnings),
        verdict=replace(report.verdict, why=said(report.verdict.why), unseen=tuple(map(said, report.verdict.unseen))),
    )
