"""``[[formats]]`` end to end: a file is read as the home says, now and for the past, and a typo is told."""

from __future__ import annotations

from typing import Any

import pytest

from changelog_ledger import Ledger
from changelog_ledger.errors import SettingsError
from changelog_ledger.model.rules import FormatRule
from changelog_ledger.workflows.compare_files import format_for

from .world import HOST, World

APP = "server {\n  server_name shop.example;\n  listen 80;\n}\n"
RULE = """
[[formats]]
paths = ["/etc/app/*.txt"]
format = "FORMAT"
"""


def reopened(world: World) -> Ledger:
    ledger = Ledger.open(world.ledger.home, actor="alex", clock=world.clock)
    world.spare.append(ledger)
    return ledger


def with_rule(world: World, name: str) -> Ledger:
    settings = world.ledger.home / "ledger.toml"
    settings.write_text(settings.read_text() + RULE.replace("FORMAT", name))
    return reopened(world)


@pytest.fixture
def edited(world: World) -> Any:
    world.machine.write("/etc/app/site.txt", APP)
    world.snapshot()
    world.machine.edit("/etc/app/site.txt", "80", "8080")
    world.snapshot()
    yield world
    for ledger in world.spare:
        ledger.close()


def keys(ledger: Ledger) -> list[str | None]:
    return [piece.key for piece in ledger.diff(HOST) if piece.path == "/etc/app/site.txt" and piece.op != "metadata"]


def test_without_a_rule_the_file_is_read_by_lines(edited: World) -> None:
    assert keys(edited.ledger) == ["line 3"]


def test_a_rule_holds_for_the_past_too(edited: World) -> None:
    ledger = with_rule(edited, "nginx")
    assert keys(ledger) == ["server[shop.example]/listen"]
    recorded = [piece.key for piece in ledger.what_changed(HOST, since=edited.clock.now.replace(year=2000)).evidence]
    assert "server[shop.example]/listen" in recorded
    assert "line 3" not in recorded
    assert ledger.verify() == ()


def test_the_next_snapshot_is_read_by_it(edited: World) -> None:
    ledger = with_rule(edited, "nginx")
    edited.machine.edit("/etc/app/site.txt", "8080", "9090")
    edited.clock.tick(minutes=5)
    ledger.snapshot(HOST, root=edited.machine.root)
    assert keys(ledger) == ["server[shop.example]/listen"]
    assert ledger.verify() == ()


def test_lines_switches_reading_off(edited: World) -> None:
    edited.machine.write("/etc/app/set.txt", "a = 1\n")
    assert keys(with_rule(edited, "lines")) == ["line 3"]


def test_an_unknown_format_is_refused_with_those_there_are(edited: World) -> None:
    with pytest.raises(SettingsError) as refused:
        with_rule(edited, "ngnix")
    assert "format = 'ngnix' will not do" in refused.value.message
    assert "nginx" in refused.value.hint


def test_the_first_rule_that_covers_a_path_is_taken() -> None:
    rules = (FormatRule(("/opt/app/a.conf",), "ini"), FormatRule(("/opt/app/*.conf", "/srv/**"), "nginx"))
    found = [format_for(path, rules) for path in ("/opt/app/a.conf", "/opt/app/b.conf", "/srv/x/y", "/etc/hosts")]
    assert found == ["ini", "nginx", "nginx", None]
