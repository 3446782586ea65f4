"""``blame``, ``compare`` and the pages of ``diff``: golden files, widths, and untrusted text made harmless."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len

from changelog_ledger import reports
from changelog_ledger.model.blame import Blame, BlamedEntry, BlameKind, Origin, Setting
from changelog_ledger.model.comparison import Comparison, Folded
from changelog_ledger.model.evidence import Confidence, Delta, Evidence, Op
from changelog_ledger.model.report import Sifted
from changelog_ledger.model.topology import Target
from changelog_ledger.reports import Style

from . import built

BERLIN = ZoneInfo("Europe/Berlin")
Golden = Callable[[str, str], None]
OTHER = Target.host("web-04")
LONG = "max_connections=" + "x" * 300


def setting(origin: Origin, hours: float, **more: object) -> Setting:
    found = built.GOOD + timedelta(hours=hours)
    begin = None if origin in (Origin.FIRST_SNAPSHOT, Origin.EARLIER) else found - timedelta(minutes=50)
    values: dict[str, object] = {
        "actor": "alice",
        "snapshot": "01JABCDEFGHJKMNPQRSTVWXYZ1",
        "seen_at": found,
        "not_before": begin,
        "not_after": found,
    }
    return Setting(origin, **{**values, **more})  # type: ignore[arg-type]


ABOUT = built.GOOD + timedelta(hours=1, minutes=40)
CHANGED = setting(Origin.CHANGE, 2, change="CHG-7K3M9Q", ref="RFC-17", title="More workers", confidence=Confidence.SCOPE, seen_at=ABOUT)
PERHAPS = setting(Origin.CHANGE, 9, change="CHG-7K3M9R", title="Kernel", confidence=Confidence.TIME, snapshot="01JABCDEFGHJKMNPQRSTVWXYZ3")
UNLOGGED = setting(Origin.UNLOGGED, 5, actor="cron", reason="hourly", note="the versions in between could not be read by keys")
FIRST = setting(Origin.FIRST_SNAPSHOT, 0, reason="first look", note="earlier snapshots have expired")
OLDER = setting(Origin.EARLIER, -24, snapshot="", actor="")


def entry(key: str, value: object, owed: Setting, **more: object) -> BlamedEntry:
    return BlamedEntry(BlameKind.KEY, key, value, owed, **more)  # type: ignore[arg-type]


BLAME = Blame(
    "web-03",
    "/etc/nginx/nginx.conf",
    "01JABCDEFGHJKMNPQRSTVWXYZ2",
    built.NOW,
    (
        entry("worker_processes", "8", CHANGED, line=1, before="4", evidence="EV-0000000001"),
        entry("http/server[shop.example]/listen", "8080", UNLOGGED, line=7, before="80"),
        entry("http/server[shop.example]/location[/a/very/long/place/that/needs/a/line/of/its/own]/proxy_pass", LONG, UNLOGGED, line=9),
        entry("http/gzip", "", PERHAPS, line=4),
        entry("http/server[shop.example]/server_name", "shop.example", FIRST, line=8),
        entry("http/tcp_nodelay", {}, OLDER, line=12),
        BlamedEntry(BlameKind.METADATA, "mode", "0644", FIRST),
    ),
    "nginx",
)
GONE = replace(BLAME, entries=(entry("db/pool", "20", UNLOGGED, removed=True, before="20"),), asked="db/pool", removed=True, format="ini")


def compared(identifier: str, path: str, key: str | None, before: object, after: object, **more: object) -> Evidence:
    return built.config(identifier, OTHER, path, key, before, after, **more)


COMPARISON = Comparison(
    built.SNAPSHOTS[0],
    replace(built.SNAPSHOTS[1], host="web-04"),
    (
        compared("EV-0000000001", "/etc/app.ini", None, {"mode": "0644"}, {"mode": "0600"}, op=Op.METADATA, note="mode 0644 → 0600"),
        compared("EV-0000000002", "/etc/app.ini", "db/pool", "20", "5", line=3),
        compared("EV-0000000003", "/etc/app.ini", "db/options", LONG + "a,b", LONG + "a,c", line=4, note="+c −b"),
        compared("EV-0000000004", "/etc/motd", None, "hello\n", None, op=Op.REMOVED, note="lines"),
        compared("EV-0000000005", "/etc/nginx/nginx.conf", "http/server[b]", None, {"listen": "80"}, op=Op.ADDED, line=9),
        compared("EV-0000000006", "/etc/rules", "filter/INPUT[3]", "[1]", "[3]", op=Op.MOVED, note="moved from [1] to [3]: accept ssh"),
        compared(
            "EV-0000000007", "/var/lib/blob", None, {"bytes": 4, "sha256": "ab"}, {"bytes": 5, "sha256": "cd"}, op=Op.OPAQUE, note="binary content"
        ),
    ),
    (Folded(("address", "name"), "/etc/hosts", 9), Folded(("uuid",), "/etc/fstab", 3)),
    built.NOISE[:1],
)
ALIKE = replace(COMPARISON, evidence=())
DIFF: Sifted[Evidence] = Sifted((piece for piece in built.PIECES if piece.path), built.NOISE[:1])
DELTAS = (
    Delta("app.ini", "db/pool", Op.CHANGED, "20", "5", 3),
    Delta("app.ini", None, Op.OPAQUE, "# a", "# b", 1, "comments only"),
    Delta("app.ini", "lines 3-4", Op.ADDED, None, "one\ntwo", 3),
)
HOSTILE = replace(
    COMPARISON, evidence=(compared("EV-A", "/" + built.HOSTILE, built.HOSTILE, built.HOSTILE, built.HOSTILE + "x", note=built.HOSTILE),)
)
HOSTILE_BLAME = replace(
    BLAME,
    path="/" + built.HOSTILE,
    entries=(entry(built.HOSTILE, built.HOSTILE, replace(CHANGED, title=built.HOSTILE, ref=built.HOSTILE, actor=built.HOSTILE, note=built.HOSTILE)),),
    asked=built.HOSTILE,
)


def texts(style: Style) -> dict[str, str]:
    return {
        "blame": reports.render_blame(BLAME, style, built.NOW),
        "blame-gone": reports.render_blame(GONE, style, built.NOW),
        "blame-hostile": reports.render_blame(HOSTILE_BLAME, style, built.NOW),
        "compare": reports.render_comparison(COMPARISON, style, built.NOW),
        "compare-alike": reports.render_comparison(ALIKE, style, built.NOW),
        "compare-hostile": reports.render_comparison(HOSTILE, style, built.NOW),
    }


PAGES = {
    "compare": reports.differences_of_comparison(COMPARISON, BERLIN, built.NOW),
    "compare-hostile": reports.differences_of_comparison(HOSTILE, BERLIN, built.NOW),
    "diff": reports.differences_of_host("web-03", DIFF),
    "diff-files": reports.differences_of_files("old.ini", "new.ini", DELTAS),
}


@pytest.mark.parametrize("name", sorted(texts(Style.plain())))
def test_texts(name: str, golden: Golden) -> None:
    golden(f"{name}.txt", texts(Style.plain(80, BERLIN))[name])


@pytest.mark.parametrize("name", sorted(PAGES))
def test_pages(name: str, golden: Golden) -> None:
    golden(f"{name}.md", reports.render_differences_markdown(PAGES[name]))
    golden(f"{name}.html", reports.render_differences_html(PAGES[name], BERLIN, built.NOW))


def test_documents(golden: Golden) -> None:
    golden("blame.json", reports.dump(reports.blame_document(BLAME)))
    golden("compare.json", reports.dump(reports.comparison_document(COMPARISON)))


@pytest.mark.parametrize("width", [40, 47, 80, 120])
def test_no_line_exceeds_the_width_and_colour_adds_nothing_but_colour(width: int) -> None:
    plain, coloured = texts(Style.plain(width)), texts(Style(True, width, UTC))
    for name, text in plain.items():
        assert not [each for each in text.split("\n") if cell_len(each) > width], name
        assert all(character == "\n" or ord(character) > 31 for character in text), name
        assert re.sub(r"\x1b\[[0-9;]*m", "", coloured[name]) == text, name


def test_nothing_but_what_was_left_out_is_not_nothing() -> None:
    text = reports.render_comparison(ALIKE)
    assert "No difference but what was left out." in text
    assert "12 differences of address, name and uuid folded; --raw shows them." in text
    assert "no difference but noise" in reports.render_differences_markdown(reports.differences_of_host("web-03", Sifted((), built.NOISE[:1])))
