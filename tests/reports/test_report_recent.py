"""The recent-changes log: a line an entry, folded where that helps, and harmless in every rendering."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.cells import cell_len

from changelog_ledger import reports
from changelog_ledger.model.overview import TimelineEntry
from changelog_ledger.model.report import Suppressed
from changelog_ledger.model.topology import EVERYTHING, Target
from changelog_ledger.reports import Style, fold_recent

from .built import CERTIFICATE, GOOD, HOSTILE, NOW, SHOP, WEB, hours

BERLIN = ZoneInfo("Europe/Berlin")
Golden = Callable[[str, str], None]
RENDERINGS = {
    "text": lambda entries: reports.render_recent(entries, Style.plain(80, BERLIN), NOW),
    "markdown": lambda entries: reports.render_recent_markdown(entries, BERLIN, NOW),
    "atom": lambda entries: reports.render_recent_atom(entries, "web-03", NOW),
    "rss": lambda entries: reports.render_recent_rss(entries, "web-03", NOW),
}


def difference(number: int, path: str = "/etc/nginx/nginx.conf", explained_by: str = "", at: datetime = GOOD, **given: object) -> TimelineEntry:
    text = f"{path} http/key{number} 1 → 2"
    entry = TimelineEntry(at, "drift", text, f"EV-{number:08}", (WEB,), explained_by=explained_by, path=path, found_at=GOOD + hours(1))
    return replace(entry, **given)  # type: ignore[arg-type]


def step(status: str, **given: object) -> TimelineEntry:
    entry = TimelineEntry(GOOD, "change", CERTIFICATE.title, CERTIFICATE.id, (WEB,), status, actor="alice")
    return replace(entry, **given)  # type: ignore[arg-type]


NIGHT = (
    TimelineEntry(GOOD, "mark", "smoke test", "01M", (SHOP,), "good", actor="monitoring"),
    step("approved", at=GOOD + hours(1), actor="bob"),
    step("started", at=GOOD + hours(2), remarks=("freeze",)),
    *(difference(number, at=GOOD + hours(2.1), explained_by=CERTIFICATE.id) for number in range(14)),
    step("failed", at=GOOD + hours(2.5)),
    step("rolled-back", at=GOOD + hours(2.6)),
    *(difference(20 + number, "/etc/shop/shop.ini", at=GOOD + hours(3)) for number in range(5)),
    difference(40, "/etc/hosts", at=GOOD + hours(3)),
    TimelineEntry(GOOD + hours(4), "observation", "openvswitch 3.1 → 3.2", "EV-OBS", (Target.host("hv-03"),), actor="unattended-upgrades"),
    step("cancelled", at=GOOD + hours(5), id="CHG-2C8V4T", text="Ship access logs | to the `new` collector"),
    step(
        "planned, to start",
        at=GOOD + hours(6),
        id="CHG-3D9W5V",
        text="A title that is as long as titles of changes are in the end",
        targets=(EVERYTHING,),
    ),
    TimelineEntry(GOOD + hours(7), "snapshot", "could not read /etc/shadow", "01S", (WEB,), "partial"),
    step("reviewed", at=GOOD + hours(30), actor="eve"),
    TimelineEntry(GOOD + hours(31), "mark", "customers get 502", "01N", (SHOP, WEB, Target.host("a")), "bad"),
)


@pytest.mark.parametrize("width", [80, 40])
def test_text(width: int, golden: Golden) -> None:
    golden(f"recent-{width}.txt", reports.render_recent(fold_recent(NIGHT), Style.plain(width, BERLIN), NOW))


@pytest.mark.parametrize(("rendering", "ending"), [("markdown", "md"), ("atom", "atom"), ("rss", "rss")])
def test_other_renderings(rendering: str, ending: str, golden: Golden) -> None:
    golden(f"recent.{ending}", RENDERINGS[rendering](fold_recent(NIGHT)))


def test_json(golden: Golden) -> None:
    golden("recent.json", reports.dump(reports.timeline_document(fold_recent(NIGHT))))


def test_in_eighty_columns_every_entry_is_one_line() -> None:
    lines = RENDERINGS["text"](NIGHT).splitlines()
    assert len([line for line in lines if re.match(r"\d\d:\d\d  ", line)]) == len(NIGHT)
    assert len(lines) == len(NIGHT) + 3, "two days and the totals"
    assert all(cell_len(line) <= 80 for line in lines)


def test_what_counts_is_never_cut() -> None:
    """The file's name, the key's last step, who and which change; of a long title, its end goes."""
    text = RENDERINGS["text"](
        [
            difference(
                1,
                "/etc/a/very/long/way/down/to/some/file.conf",
                text="/etc/a/very/long/way/down/to/some/file.conf http/server[shop.example.org]/location[/api]/listen 80 → 81",
            ),
            step("started", text="x" * 300, remarks=("outside-window",)),
        ]
    )
    assert "…/file.conf …/listen 80 → 81" in text
    assert "… (outside window)  alice  CHG-7K3M9Q" in text


class TestFolding:
    def test_few_differences_stay_as_they_are(self) -> None:
        few = tuple(difference(number) for number in range(3))
        assert fold_recent(few) == few

    def test_many_of_one_file_are_one_line(self) -> None:
        (line,) = fold_recent([difference(number) for number in range(14)])
        assert (line.text, line.folded, line.id, line.unlogged) == ("14 differences in /etc/nginx/nginx.conf", 14, "EV-00000000", True)

    def test_many_of_one_change_are_one_line(self) -> None:
        paths = [f"/etc/nginx/sites/{number}.conf" for number in range(6)]
        (line,) = fold_recent([difference(number, path, CERTIFICATE.id) for number, path in enumerate(paths)])
        assert (line.text, line.explained_by, line.path) == ("6 differences in 6 files below /etc/nginx/sites", CERTIFICATE.id, "")

    def test_of_what_is_unlogged_each_file_stays_in_sight(self) -> None:
        paths = [f"/etc/{number}.conf" for number in range(6)]
        assert len(fold_recent([difference(number, path) for number, path in enumerate(paths)])) == 6

    def test_unless_there_are_very_many(self) -> None:
        (line,) = fold_recent([difference(number, f"/etc/{number}/x") for number in range(60)])
        assert line.text == "60 differences in 60 files below /etc"

    @pytest.mark.parametrize(
        "other",
        [{"targets": (SHOP,)}, {"found_at": GOOD + hours(2)}, {"explained_by": "CHG-A"}, {"found_at": None}, {"kind": "observation"}],
        ids=lambda other: next(iter(other)),
    )
    def test_what_another_snapshot_found_or_another_change_explains_is_apart(self, other: dict[str, object]) -> None:
        apart = replace(difference(99), **other)  # type: ignore[arg-type]
        assert apart in fold_recent([*(difference(number) for number in range(5)), apart])

    @settings(max_examples=200)
    @given(
        st.lists(
            st.builds(
                difference,
                st.integers(0, 60),
                st.sampled_from(["/a", "/b/c", "/b/d", ""]),
                st.sampled_from(["", "CHG-A"]),
                st.sampled_from([GOOD, NOW]),
                kind=st.sampled_from(["drift", "drift", "mark"]),
            ),
            max_size=40,
            unique_by=lambda entry: entry.id,
        )
    )
    def test_nothing_is_lost(self, entries: list[TimelineEntry]) -> None:
        folded = fold_recent(entries)
        assert sum(entry.folded for entry in folded) == len(entries)
        assert [entry for entry in folded if entry.kind == "mark"] == [entry for entry in entries if entry.kind == "mark"]
        assert sum(entry.folded for entry in folded if entry.unlogged) == sum(entry.unlogged for entry in entries)
        assert fold_recent(folded) is not None
        places = [
            next(place for place, entry in enumerate(entries) if (entry.id, entry.at) == (line.id, line.at)) for line in folded if line.folded > 1
        ]
        assert places == sorted(places)


class TestFeeds:
    def test_atom_says_what_rfc_4287_asks_for(self) -> None:
        feed = ElementTree.fromstring(RENDERINGS["atom"](NIGHT))
        atom = "{http://www.w3.org/2005/Atom}"
        assert feed.tag == f"{atom}feed"
        assert [feed.findtext(atom + name) for name in ("updated", "title")] == ["2026-11-18T20:00:00Z", "Recent changes: web-03"]
        assert feed.find(f"{atom}author/{atom}name") is not None
        for entry in feed.iter(f"{atom}entry"):
            assert all(len(entry.findall(atom + name)) == 1 for name in ("id", "title", "updated", "content"))
            assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", entry.findtext(f"{atom}id") or "")

    @pytest.mark.parametrize("rendering", ["atom", "rss"])
    def test_a_reader_takes_it(self, rendering: str) -> None:
        parsed = feedparser.parse(RENDERINGS[rendering](fold_recent(NIGHT)))
        assert not parsed.bozo
        assert parsed.version == {"atom": "atom10", "rss": "rss20"}[rendering]
        entries = parsed.entries
        assert len(entries) == len(fold_recent(NIGHT))
        assert entries[0].title == "bad service:shop +2: customers get 502"
        assert entries[1].author == "eve"
        times = [entry.get("published_parsed") or entry.updated_parsed for entry in entries]
        assert times == sorted(times, reverse=True)

    @pytest.mark.parametrize("rendering", ["atom", "rss"])
    def test_ids_are_unique_and_stay(self, rendering: str) -> None:
        ids = [entry.id for entry in feedparser.parse(RENDERINGS[rendering](NIGHT)).entries]
        assert len(set(ids)) == len(NIGHT)
        later = [entry.id for entry in feedparser.parse(RENDERINGS[rendering](NIGHT[3:])).entries]
        assert later == ids[: len(later)]

    def test_another_question_is_another_feed(self) -> None:
        feeds = [feedparser.parse(reports.render_recent_atom(NIGHT, about, NOW)).feed.id for about in ("web-03", "web-03", "web-03, unlogged")]
        assert feeds[0] == feeds[1] != feeds[2]

    def test_an_empty_feed_is_a_feed(self) -> None:
        for rendering in ("atom", "rss"):
            parsed = feedparser.parse(RENDERINGS[rendering]([]))
            assert not parsed.bozo
            assert parsed.entries == []


def hostile(text: str) -> list[TimelineEntry]:
    return [
        TimelineEntry(GOOD, "change", text, text, (WEB,), "started", text, text, category=(text,), remarks=(text,)),
        difference(1, "/" + text, text=f"/{text} {text}", actor=text),
        TimelineEntry(GOOD, "mark", text, "01", (), text),
    ]


AWKWARD = st.text(st.characters() | st.sampled_from([*"`|<>&*_[]()#!\\\n\r\t", "\x00", "\x1b", "\u202e", "\ufffe", "\uffff", "\ud800"]), max_size=60)


@settings(max_examples=100, deadline=None)
@given(AWKWARD)
@pytest.mark.parametrize("rendering", ["atom", "rss"])
def test_any_text_makes_a_feed(rendering: str, text: str) -> None:
    written = RENDERINGS[rendering](hostile(text))
    ElementTree.fromstring(written.encode())
    assert not feedparser.parse(written.encode()).bozo


def test_no_markup_reaches_a_reader_of_feeds() -> None:
    """What an RSS reader takes for HTML holds none of ours."""
    channel = ElementTree.fromstring(RENDERINGS["rss"](hostile("<script>alert(1)</script>&amp;")))
    for name in ("title", "description"):
        for item in channel.iter("item"):
            said = item.findtext(name) or ""
            assert "<" not in said
            assert "<script>" in html.unescape(said)


@settings(max_examples=150, deadline=None)
@given(AWKWARD)
def test_no_markup_in_markdown(text: str) -> None:
    written = reports.render_recent_markdown(hostile(text), UTC, NOW, [Suppressed(text, text, text, 1, NOW)])
    assert written.count("\n- ") == 3, "a line an entry"
    kinds = {token.type for token in MarkdownIt("gfm-like", {"linkify": False, "html": True}).parse(written)}
    inner = {child.type for token in MarkdownIt("gfm-like", {"linkify": False, "html": True}).parse(written) for child in token.children or ()}
    assert kinds <= {"paragraph_open", "paragraph_close", "inline", "bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close"}
    assert inner <= {"text", "strong_open", "strong_close", "code_inline", "text_special", "softbreak"}


def test_hostile_text_is_seen_and_not_obeyed() -> None:
    for name, render in RENDERINGS.items():
        written = render(hostile(HOSTILE))
        assert "\x1b" not in written, name
        assert "\u202e" not in written, name


def test_colour_adds_nothing_but_colour() -> None:
    plain, coloured = reports.render_recent(NIGHT, Style.plain(80), NOW), reports.render_recent(NIGHT, Style(True, 80, UTC), NOW)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


def test_nothing_is_said_to_be_nothing() -> None:
    assert "Nothing was recorded" in RENDERINGS["text"]([])
    assert "Nothing was recorded" in RENDERINGS["markdown"]([])


def test_left_out_noise_is_said_in_markdown() -> None:
    assert "Left out: 3 differences as noise: 3 clock drift" in reports.render_recent_markdown(
        [], UTC, NOW, [Suppressed("clock drift", "h", "/x", 3, NOW)]
    )


def test_every_field_of_an_entry_is_in_the_json() -> None:
    document = json.loads(reports.dump(reports.timeline_document([step("started", category=("dns",), outcome="failed", remarks=("freeze",))])))
    (entry,) = document["entries"]
    assert {name: entry[name] for name in ("category", "outcome", "remarks", "path", "found_at", "folded", "unlogged")} == {
        "category": ["dns"],
        "outcome": "failed",
        "remarks": ["freeze"],
        "path": None,
        "found_at": None,
        "folded": 1,
        "unlogged": False,
    }


def test_the_days_follow_the_readers_zone() -> None:
    late = [
        step("started", at=datetime(2026, 11, 17, 22, 30, tzinfo=UTC)),
        step("succeeded", at=datetime(2026, 11, 17, 22, 30, tzinfo=UTC) + timedelta(hours=1)),
    ]
    assert reports.render_recent(late, Style.plain(80, BERLIN), NOW).count("(times") == 2
    assert reports.render_recent(late, Style.plain(80, UTC), NOW).count("(times") == 1
