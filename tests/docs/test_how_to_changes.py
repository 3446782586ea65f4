"""What the pages about change management show can be run as it stands there: every command and every piece of Python, on a day before their dates."""

from __future__ import annotations

import asyncio
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine

import changelog_ledger
from changelog_ledger import Change, Item, Ledger
from changelog_ledger.cli.main import run

PAGES = Path(__file__).parents[2] / "docs" / "how-to"
NAMES = ["plan-a-change.md", "schedule-changes.md", "checklists.md", "go-back.md"]
SHOWN = "CHG-7K3M9Q"
SETTINGS = """
[[templates]]
name = "certificate-renewal"
title = "Renew the certificate"
on = ["host:web-01"]
duration = "30m"
"""

ENDS_WITH = {"prove": {0, 1}}
"""The shop of the pages does not answer, so its proof stays open."""


@pytest.fixture
def day(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with time_machine.travel(datetime(2026, 11, 22, 9, tzinfo=UTC)):
        yield


@pytest.fixture
def home(tmp_path: Path, day: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with what the pages speak of."""
    home, root = tmp_path / "home", tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n")
    with Ledger.init(home, host="web-01", actor="anna") as ledger:
        for host in ("web-02", "db-01", "old-01"):
            ledger.add_host(host)
        ledger.add_service("shop", runs_on=["web-01"])
        ledger.snapshot(root=root)
    settings = home / "ledger.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + SETTINGS, encoding="utf-8")
    monkeypatch.setenv("LEDGER_HOME", str(home))
    return home


def commands(page: str) -> list[str]:
    """The commands of a page, from its blocks and its tables, without the comments behind them."""
    text = (PAGES / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    return [re.sub(r"\s+#.*", "", line) for line in lines] + [pair[0] for pair in pairs(text)]


def pairs(text: str) -> list[tuple[str, str]]:
    """The rows of tables that show a command beside its Python."""
    return re.findall(r"^\| `(ledger .*?)` \| `(ledger\..*?)` \|$", text, re.MULTILINE)


def pieces(page: str) -> list[str]:
    """The Python of a page."""
    text = (PAGES / page).read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL) + [pair[1] for pair in pairs(text)]


def change_for(ledger: Ledger, wanted: str) -> Change:
    """A change that stands where ``wanted`` can be done with it."""
    if "extend" in wanted:
        return ledger.plan("Shown", ["host:web-01"], paths=["/etc/nginx/**"], start="2026-11-23T06:00Z", duration="30m")
    items = [Item("firewalls: open what is new"), Item("dns: change the names"), Item("shop answers", command="true")]
    planned = ledger.plan("Shown", ["host:web-01"], impact="medium", items=items, backout="back")
    if re.search(r"\bstart\b|\bfail\b|roll.back", wanted) and "approve" not in wanted:
        ledger.approve(planned.id)
    if re.search(r"\bfail\b|roll.back", wanted):
        ledger.start(planned.id)
    return planned


@pytest.mark.parametrize("page", NAMES)
def test_the_commands_run(page: str, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = commands(page)
    assert len(shown) >= 5
    for command in shown:
        if "prove" in command and "--yes" not in command:  # asks, and here is nobody to answer
            continue
        with Ledger.open(home) as ledger:
            wanted = command.replace(SHOWN, change_for(ledger, command).id).replace("/srv/www", str(tmp_path))
            for freeze in ledger.freeze.list():
                wanted = wanted.replace("FRZ-7K3M9Q", freeze.id)
            if "--override" in command:
                ledger.freeze.add("Board week", "2026-11-22T00:00Z", "2026-11-23T00:00Z")
        words = shlex.split(wanted)
        answered = run([*words[1:], *(["--record-only"] if "roll-back" in words and "--dry-run" not in words else [])])
        assert answered in ENDS_WITH.get(words[2], {0}), f"{command}\n{capsys.readouterr().err}"


@pytest.mark.parametrize("page", NAMES)
def test_the_python_runs(page: str, home: Path) -> None:
    found = pieces(page)
    assert len(found) >= 3
    names: dict[str, Any] = {}
    for piece in found:
        with Ledger.open(home) as ledger:
            first, *rest = re.split(r"(?=^ledger\.start)", piece, flags=re.MULTILINE)  # the page starts it twice, in two ways
            for part in (first, *rest):
                change = change_for(ledger, part)
                names |= {"ledger": ledger, "change": change}
                wanted = part.replace(SHOWN, change.id).replace("leave=lambda plan: True", "record_only=True")
                exec(compile(wanted, page, "exec"), names)


def test_the_deployment_script_runs_in_each_of_its_ways(home: Path) -> None:
    done: list[str] = []

    async def later(*_what: object) -> None:
        done.append("later")

    with Ledger.open(home) as ledger:
        identity = ledger.plan("Move the database", ["service:shop"]).id
    names: dict[str, Any] = {
        "changelog_ledger": changelog_ledger,
        "deploy": lambda: done.append("now"),
        "move_the_database": lambda: done.append("now"),
    }
    first, second, third = pieces("deployment-script.md")[:3]
    exec(compile(first, "first", "exec"), names)
    exec(compile(second.replace(SHOWN, identity), "second", "exec"), names)
    names |= {"deploy": later, "order": later}
    exec(compile(third, "third", "exec"), names)
    asyncio.run(names["renew"]())
    asyncio.run(names["main"]())
    assert done == ["now", "now", "now", "later", "later"]
    with Ledger.open(home) as ledger:
        assert [change.outcome for change in ledger.changes()] == ["succeeded"] * 5
