"""Untrusted text: nothing that a terminal, a browser, a forge or a shell would obey."""

from __future__ import annotations

import json
import re
import subprocess
import unicodedata
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from changelog_ledger import reports
from changelog_ledger.reports import printable, printable_lines
from changelog_ledger.reports.escape import printable_value, shell_word
from changelog_ledger.reports.markdown import code, inline
from changelog_ledger.reports.times import ago, clock, length, relative, short_clock
from changelog_ledger.reports.values import value_text

from . import built

ANYTHING = st.text(st.characters() | st.sampled_from("\x1b\x7f\x9b\u202e\u2066\u200e\u061c\u200b\u2028\ufeff\udc9b\ud800\n"))
HIDDEN = {"Cc", "Cs", "Zl", "Zp"}
BIDI = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


@given(ANYTHING)
def test_nothing_hidden_is_left(text: str) -> None:
    shown = printable(text)
    assert not [character for character in shown if unicodedata.category(character) in HIDDEN or character in BIDI]
    assert printable(shown) == shown
    shown.encode()


@given(st.text(st.characters(categories=["L", "N", "P", "S"], exclude_characters="\u115f\u1160\u3164\uffa0")))
def test_plain_text_is_unchanged(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\r\t", r"a\nb\r\t"),
        ("\x1b[31m", r"\x1b[31m"),
        ("\x7f\x9b", r"\x7f\u009b"),
        ("\u202e\u2066", r"\u202e\u2066"),
        (b"caf\xe9".decode("utf-8", "surrogateescape"), r"caf\xe9"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
        ("Grüße, 設定 👍 C:\\new", "Grüße, 設定 👍 C:\\new"),
    ],
)
def test_escapes(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_lines_and_values() -> None:
    assert printable_lines("a\x1b\nb") == ["a\\x1b", "b"]
    assert printable_value("a\u00a0b") == r"a\u00a0b"
    assert [value_text(each) for each in (None, "", "a ", "a b", ["\x1b"], {"k": "ü"})] == [
        "(nothing)",
        '""',
        '"a "',
        "a b",
        "[\\x1b]",
        "{k: ü}",
    ]


@given(ANYTHING, ANYTHING)
def test_json_means_the_same_and_is_harmless(key: str, value: str) -> None:
    text = reports.dump({key: [value]})
    assert json.loads(text) == json.loads(json.dumps({key: [value]}))
    assert not [each for each in text if each != "\n" and (unicodedata.category(each) in HIDDEN or each in BIDI)]
    text.encode()


@settings(max_examples=15, deadline=None)
@given(
    st.text(st.characters(exclude_characters="\0") | st.sampled_from("'\\\n\x1b$`\udcff"), min_size=1, max_size=20).filter(
        lambda text: not re.search("[\ud800-\udc7f\udd00-\udfff]", text)
    )
)
def test_a_shell_reads_back_the_word(text: str) -> None:
    word = shell_word(text)
    assert printable(word) == word
    done = subprocess.run(["bash", "-c", f"printf %s {word}"], capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"})
    assert done.stdout == text.encode("utf-8", "surrogateescape")


@pytest.mark.parametrize("text", ["<b>", "[a](http://x)", "a|b", "`x`", "@channel", "#12", "- x", "1. x", "https://evil.example", "**b**"])
def test_markdown_takes_it_as_text(text: str) -> None:
    shown = inline(text)
    assert shown.startswith("`") or re.search(r"\\[<\[|`*.#-]", shown)


@given(ANYTHING)
def test_markdown_code_is_fenced_by_more_than_it_holds(text: str) -> None:
    shown = code(text)
    fence = re.match("`+", shown)
    assert fence
    assert shown.endswith(fence.group())
    inner = shown[len(fence.group()) : -len(fence.group())]
    assert fence.group() not in re.findall("`+", inner)


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}


def test_html_holds_no_markup_of_others_and_refers_to_nothing() -> None:
    page = reports.render_html(built.hostile())
    reader = Reader()
    reader.feed(page)
    assert not {"script", "a", "img", "link", "iframe", "object", "form"} & set(reader.tags)
    assert not {"href", "src", "style", "onload", "onclick"} & reader.attributes
    assert not [each for each in page if each != "\n" and (unicodedata.category(each) in HIDDEN or each in BIDI)]
    assert "default-src 'none'" in page
    page.encode()


BERLIN = ZoneInfo("Europe/Berlin")
MOMENT = datetime(2026, 11, 21, 13, 3, 5, tzinfo=UTC)


def test_instants_as_people_say_them() -> None:
    assert clock(MOMENT, BERLIN, MOMENT) == "Sat 21 Nov 14:03:05 +01:00"
    assert clock(MOMENT, UTC) == "Sat 21 Nov 2026 13:03:05 +00:00"
    assert clock(MOMENT - timedelta(days=150), BERLIN, MOMENT) == "Wed 24 Jun 15:03:05 +02:00"
    assert clock(MOMENT, ZoneInfo("Asia/Kathmandu"), MOMENT + timedelta(days=90)) == "Sat 21 Nov 2026 18:48:05 +05:45"
    assert short_clock(MOMENT, BERLIN, MOMENT + timedelta(days=2)) == "Sat 14:03"
    assert short_clock(MOMENT, BERLIN, MOMENT + timedelta(days=7)) == "Sat 21 Nov 14:03"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (45, "45 s"),
        (95, "1 min 35 s"),
        (720, "12 min"),
        (7800, "2 h 10 min"),
        (86400, "1 day"),
        (273600, "3 days 4 h"),
        (86400 * 40 + 7200, "40 days"),
    ],
)
def test_lengths(seconds: int, words: str) -> None:
    assert length(timedelta(seconds=seconds)) == words


def test_distances() -> None:
    assert relative(MOMENT - timedelta(minutes=130), MOMENT, "the onset") == "2 h 10 min before the onset"
    assert relative(MOMENT, MOMENT, "the onset") == "at the onset"
    assert (ago(MOMENT, MOMENT), ago(MOMENT + timedelta(hours=2), MOMENT)) == ("just now", "in 2 h")
