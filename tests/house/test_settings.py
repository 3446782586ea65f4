"""``ledger.toml``: a typo never becomes a silent default."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.errors import SettingsError
from changelog_ledger.model.rules import FormatRule
from changelog_ledger.settings import DEFAULT_IGNORE, parse_settings, settings_text

MINIMAL = 'host = "web-01"\nstream = "01J"\n'


def test_what_init_writes_reads_back() -> None:
    text = settings_text(host="web-01", stream="01J", watch=("/etc", "/srv/a b"), database="sqlite:///ledger.db")
    settings = parse_settings(text, "ledger.toml")
    assert (settings.host, settings.watch, settings.ignore) == ("web-01", ("/etc", "/srv/a b"), DEFAULT_IGNORE)
    assert settings.stale_after == timedelta(hours=26)


@given(st.text(min_size=1).filter(lambda text: not any(0xD800 <= ord(character) < 0xE000 for character in text)))
def test_any_path_survives_being_written(name: str) -> None:
    text = settings_text(host="web-01", stream="01J", watch=("/" + name,), database="sqlite:///ledger.db")
    assert parse_settings(text, "ledger.toml").watch == ("/" + name,)


@pytest.mark.parametrize(
    ("line", "said", "allowed"),
    [
        ('stale = "3d"', "unknown key 'stale'", "stale_after"),
        ("[snapshot]\nwhatch = []", "unknown key 'snapshot.whatch'", "snapshot.watch"),
        ('stale_after = "soon"', "stale_after = 'soon' will not do", "26h"),
        ("lock_timeout = true", "lock_timeout = True will not do", "seconds"),
        ("lock_timeout = -1", "lock_timeout = -1 will not do", "seconds"),
        ('database = "mysql://x"', "database will not do", "postgresql://"),
        ('[snapshot]\nwatch = ["etc"]', "snapshot.watch = ['etc'] will not do", "absolute paths"),
        ('[snapshot]\nsize_limit = "1 MB"', "snapshot.size_limit = '1 MB' will not do", "1 MiB"),
        ('[hosts]\nx = "y"', "unknown key 'hosts'", "allowed keys"),
    ],
)
def test_a_bad_line_names_file_key_and_what_is_allowed(line: str, said: str, allowed: str) -> None:
    with pytest.raises(SettingsError) as refused:
        parse_settings(MINIMAL + line, "/home/ledger.toml")
    assert said in refused.value.message
    assert "/home/ledger.toml" in refused.value.message
    assert allowed in refused.value.hint


def test_a_required_key_is_missed() -> None:
    with pytest.raises(SettingsError, match="lacks the key 'host'"):
        parse_settings('stream = "01J"', "ledger.toml")


def test_broken_toml_names_the_file() -> None:
    with pytest.raises(SettingsError, match=r"ledger\.toml is not valid TOML"):
        parse_settings("host = ", "ledger.toml")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('[[noise]]\nname = "stamp"\nlines = ["(a+)+$"]', "[[noise]] table 1 (stamp), lines = ['(a+)+$'] will not do"),
        ('[[noise]]\nname = "choice"\nlines = ["^(a|aa)+$"]', "[[noise]] table 1 (choice), lines"),
        ("[[redaction]]\nname = \"csv\"\npattern = '.*,.*,.*,(?P<secret>\\w+);'", "[[redaction]] table 1 (csv), pattern"),
        ('[[redaction]]\nname = "typo"\npatern = "x"', "[[redaction]] table 1 (typo) has other keys than it may"),
        ('[[redaction]]\nname = "open"\npattern = "(?P<secret>"', "missing ), unterminated subpattern"),
    ],
)
def test_a_bad_rule_is_named(table: str, said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        parse_settings(f"{MINIMAL}\n{table}\n", "ledger.toml")
    assert said in refused.value.message


@pytest.mark.parametrize(
    "tables",
    [
        '[[formats]]\npaths = ["/a"]',
        '[[formats]]\nformat = "nginx"',
        '[[formats]]\npaths = []\nformat = "nginx"',
        '[[formats]]\npaths = "/a"\nformat = "nginx"',
        '[[formats]]\npaths = ["/a"]\nformat = 5',
        '[[formats]]\npaths = ["/a"]\nformat = "nginx"\nname = "x"',
        '[formats]\npaths = ["/a"]\nformat = "nginx"',
    ],
)
def test_a_table_of_formats_needs_paths_and_format(tables: str) -> None:
    with pytest.raises(SettingsError) as refused:
        parse_settings(MINIMAL + tables, "ledger.toml")
    assert "formats" in refused.value.message
    assert "[[formats]] tables with paths" in refused.value.hint


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '[[templates]]\nname = "cert"\ntitle = "T"\non = "host:web-01"',
            "[[templates]] table 1 (cert): on = 'host:web-01' will not do: it has to be a list",
        ),
        ('[[templates]]\nname = "cert"\ntitle = "T"\nimpact = "gigantic"', "impact = 'gigantic' will not do: it is one of none, low, medium, high"),
        ('[[templates]]\nname = "cert"\ntitle = "T"\nrisk = "none"', "risk = 'none' will not do: it is one of low, medium, high"),
        ('[[templates]]\nname = "cert"', "table 1 (cert): needs a name and a title, and has no title"),
        ('[[templates]]\nname = "cert"\ntitle = "T"\ncolour = "red"', "table 1 (cert): has an unknown field 'colour'"),
        ("checklists = 4", "ledger.toml: [checklists]: 4 is no table"),
        ('[checklists]\ndns = "names"', "[checklists]: dns = 'names' will not do: it has to be a list of items"),
        ('[checklists]\ndns = [{text = "a", run = "b"}]', "an item has a text, and perhaps a command or paths that prove it, and nothing else"),
        ("[changes.approvals]\nmedium = -1", "[changes]: approvals = {'medium': -1} will not do: these are numbers from 0 to 20"),
        ('[changes]\nin_frost = "warn"', "[changes]: has an unknown field 'in_frost'"),
    ],
)
def test_what_is_demanded_of_changes_is_refused_by_name_and_said_once(text: str, said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        parse_settings(MINIMAL + text, "ledger.toml")
    assert said in refused.value.message
    assert refused.value.message.count("will not do") <= 1
    assert "in_freeze" not in refused.value.message
    assert refused.value.hint


def test_formats_are_read_in_their_order() -> None:
    text = MINIMAL + '[[formats]]\npaths = ["/a", "/b"]\nformat = "nginx"\n[[formats]]\npaths = ["/c"]\nformat = "lines"\n'
    assert parse_settings(text, "ledger.toml").format_rules == (FormatRule(("/a", "/b"), "nginx"), FormatRule(("/c",), "lines"))
