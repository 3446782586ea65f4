"""The public API is what ``__all__`` says, and every name of it loads."""

from __future__ import annotations

import subprocess
import sys

import changelog_ledger


def test_every_public_name_loads() -> None:
    assert sorted(changelog_ledger.__all__) == sorted(changelog_ledger._HOMES)
    for name in changelog_ledger.__all__:
        assert getattr(changelog_ledger, name).__module__ == changelog_ledger._HOMES[name]


def test_the_api_is_pinned() -> None:
    assert changelog_ledger.__all__ == [
        "Change",
        "Confidence",
        "Delta",
        "Evidence",
        "Gate",
        "Host",
        "Item",
        "Ledger",
        "LedgerError",
        "Mark",
        "Observation",
        "Report",
        "Service",
        "Snapshot",
        "Suspect",
        "Target",
        "change",
        "diff_files",
        "render_html",
        "render_markdown",
        "render_review_markdown",
        "render_text",
        "run",
    ]


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sys, changelog_ledger; print([name for name in ('sqlmodel', 'git', 'deepdiff', 'pendulum', 'click') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_every_name_of_the_reports_loads_from_its_module() -> None:
    from changelog_ledger import reports

    assert sorted(reports.__all__) == sorted(reports._HOMES)
    for name in reports.__all__:
        assert getattr(reports, name).__module__ == f"changelog_ledger.reports.{reports._HOMES[name]}"
