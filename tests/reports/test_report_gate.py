"""What the gate says, compared byte for byte with files that a person has looked at; and that whatever it prints can be pasted."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from changelog_ledger import reports
from changelog_ledger.model import globs
from changelog_ledger.reports import Style
from changelog_ledger.reports.gate_text import command_line, new_change

from . import built_gate as built

Golden = Callable[[str, str], None]


@pytest.mark.parametrize("width", [80, 40])
@pytest.mark.parametrize("name", sorted(built.CHECKS))
def test_check(name: str, width: int, golden: Golden) -> None:
    verdict = built.CHECKS[name]()
    said = "".join(f"{words}\n" for words in reports.covered_words(verdict))
    golden(f"gate-{name}-{width}.txt", said + reports.render_check(verdict, Style.plain(width)))


@pytest.mark.parametrize("width", [80, 40])
@pytest.mark.parametrize("name", sorted(built.RANGES))
def test_range(name: str, width: int, golden: Golden) -> None:
    golden(f"gate-range-{name}-{width}.txt", reports.render_range(built.RANGES[name](), Style.plain(width)))


@pytest.mark.parametrize("name", ["near", "helped", "kinds", "hostile", "trailers", "emergency", "passes"])
def test_check_json(name: str, golden: Golden) -> None:
    golden(f"gate-{name}.json", reports.dump(reports.check_document(built.CHECKS[name]())))


def test_range_json(golden: Golden) -> None:
    golden("gate-range.json", reports.dump(reports.range_document(built.bypassed())))


def words_of(line: str) -> list[str]:
    """What a shell makes of a command's words."""
    shown = subprocess.run(["bash", "-c", f"printf '%s\\0' {line}"], capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"})
    return shown.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]


def commands(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.startswith("  ledger change ")]


@pytest.mark.parametrize("name", sorted(built.CHECKS))
def test_nothing_wider_than_the_screen_but_commands(name: str) -> None:
    for line in reports.render_check(built.CHECKS[name](), Style.plain(40)).split("\n"):
        assert cell_len(line) <= 40 or line.startswith(("  ledger change ", "  #", "  LEDGER_EMERGENCY=", "Put the line")), line


def test_commands_hold_the_very_names_and_nothing_that_a_terminal_obeys() -> None:
    text = reports.render_check(built.hostile(), Style.plain())
    assert text.replace("\n", "").isprintable()
    extend, plan = commands(text)
    name = built.hostile().edits[0].places[0].host_path
    others = built.hostile().edits[1].places[0].host_path
    both = ["--path", globs.literal(name), "--path", globs.literal(others)]
    assert words_of(extend) == ["ledger", "change", "extend", "CHG-7K3M9Q", *both]
    inner = plan.removeprefix('ledger change start "$(').removesuffix(')"')
    assert words_of(inner)[3:] == ["WHAT AND WHY", "--on", "host:web-01", *both]


@settings(max_examples=40)
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=30))
def test_any_name_can_be_pasted(name: str) -> None:
    line = command_line(("ledger", name))
    assert line.isprintable() or not name.isprintable()
    assert "\n" not in line
    assert words_of(line) == ["ledger", name]


def test_a_title_that_looks_like_an_option_is_none() -> None:
    text = reports.render_range(built.RANGES["bypassed"](), Style.plain())
    titles = [shlex.split(line)[3] for line in commands(text)]
    assert not any(title.startswith("-") for title in titles)


def test_both_paths_of_a_renamed_file_are_in_the_command() -> None:
    line = new_change([built.kinds().edits[4]])
    assert "--on service:shop --path /services/shop/old.yaml --path /services/shop/new.yaml" in line


def test_files_are_named_one_by_one_and_very_many_by_their_folder_which_is_said() -> None:
    refused = built.wider().refused
    assert new_change(refused[:20]).count("--path") == 20
    assert new_change(refused).endswith("--on host:web-01 --path '/etc/app/*')\"")
    scattered = [built.edit(f"/{number}/x") for number in range(21)]
    assert "--path" not in new_change(scattered)
    for edits, is_wider in ((refused, True), (tuple(scattered), True), (refused[:20], False)):
        text = reports.render_check(replace(built.wider(), edits=edits), Style.plain())
        assert ("  # this is wider than " in text) == is_wider


def test_only_a_change_that_can_cover_all_of_it_is_a_way_in_and_by_one_command() -> None:
    text = reports.render_check(built.helped(), Style.plain())
    assert commands(text)[:-1] == [
        "ledger change extend CHG-7K3M9Q --on host:db-01 --path /etc/motd --path /etc/issue && ledger change start CHG-7K3M9Q"
    ]
    assert not commands(reports.render_check(built.near(), Style.plain()))[:-1]


def test_what_the_ledger_does_not_know_is_made_known_first() -> None:
    lines = reports.render_check(built.helped(), Style.plain()).split("\n")
    at = lines.index("Log it, then commit again:")
    assert lines[at + 1 : at + 3] == ["  ledger host add db-01", "  ledger service add shop"]
    lines = reports.render_range(built.RANGES["unknown"](), Style.plain()).split("\n")
    assert lines[lines.index("Log what was done, then check or push again:") + 1] == "  ledger host add db-01"
    assert lines.count("  ledger host add db-01") == 1


def test_while_the_ledger_is_away_nothing_is_suggested_that_asks_it() -> None:
    text = reports.render_check(built.away(), Style.plain())
    assert commands(text) == []
    assert "LEDGER_EMERGENCY=" in text
    assert "ledger hook grant" in text


def test_what_is_nobodys_is_named_file_by_file_on_everything() -> None:
    nobodys = [replace(built.kinds().edits[5], edit=replace(built.kinds().edits[5].edit, path=f"{number}.tf")) for number in range(6)]
    assert new_change(nobodys).count("--path") == 6
    assert "--on all " in new_change(nobodys)
