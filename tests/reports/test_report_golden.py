"""What people read, compared byte for byte with files that a person has looked at."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest

from changelog_ledger import reports
from changelog_ledger.reports import Style

from . import built

BERLIN = ZoneInfo("Europe/Berlin")
Golden = Callable[[str, str], None]


@pytest.mark.parametrize("width", [80, 40])
@pytest.mark.parametrize("name", sorted(built.REPORTS))
def test_what_changed_text(name: str, width: int, golden: Golden) -> None:
    golden(f"{name}-{width}.txt", reports.render_text(built.REPORTS[name](), Style.plain(width, BERLIN)))


@pytest.mark.parametrize("name", sorted(built.REPORTS))
def test_what_changed_markdown(name: str, golden: Golden) -> None:
    golden(f"{name}.md", reports.render_markdown(built.REPORTS[name](), BERLIN))


@pytest.mark.parametrize("name", ["s3", "nothing", "hostile", "noisy", "unplanned", "clear", "unexplained"])
def test_what_changed_html(name: str, golden: Golden) -> None:
    golden(f"{name}.html", reports.render_html(built.REPORTS[name](), BERLIN))


@pytest.mark.parametrize("name", ["s3", "nothing", "hostile", "noisy", "unplanned", "clear", "unexplained"])
def test_what_changed_json(name: str, golden: Golden) -> None:
    golden(f"{name}.json", reports.dump(reports.report_document(built.REPORTS[name]())))


def test_what_changed_explained(golden: Golden) -> None:
    golden("clear-explained.txt", reports.render_text(built.clear(), Style.plain(80, BERLIN), explain=True))
    golden("clear-explained.md", reports.render_markdown(built.clear(), BERLIN, explain=True))


def test_colour(golden: Golden) -> None:
    golden("s3-colour.txt", reports.render_text(built.s3(), Style(True, 80, BERLIN)))


def lists(style: Style) -> dict[str, str]:
    """Every other text, by name."""
    now = built.NOW
    return {
        "evidence": reports.render_evidence(built.PIECES, style, now),
        "change": reports.render_change(built.FULL_CHANGE, style, now),
        "change-in-its-window": reports.render_change(built.WINDOW, style, now),
        "change-assessed": reports.render_change(built.ASSESSED, style, now),
        "changes": reports.render_changes([built.FULL_CHANGE, built.PLANNED, built.KERNEL], style, now),
        "recent": reports.render_recent(built.ENTRIES, style, now),
        "snapshots": reports.render_snapshots(built.SNAPSHOTS, style, now),
        "hosts": reports.render_hosts(built.HOSTS, built.FRESHNESS, style, now),
        "host": reports.render_host(built.HOSTS[0], built.FRESHNESS[0], built.SERVICES, style, now),
        "services": reports.render_services(built.SERVICES, style),
        "status": reports.render_status(built.OVERVIEW, style),
    }


@pytest.mark.parametrize("name", sorted(lists(Style.plain())))
def test_other_texts(name: str, golden: Golden) -> None:
    golden(f"list-{name}.txt", lists(Style.plain(80, BERLIN))[name])
