"""The command is thin: it parses, calls ``Ledger`` and renders. And it starts fast, since it loads only what a command needs."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest

import changelog_ledger.cli
from changelog_ledger.cli.main import COMMANDS, cli

FOLDER = Path(changelog_ledger.cli.__file__).parent
MODULES = sorted(FOLDER.glob("*.py"))
FACE = ("changelog_ledger.cli", "changelog_ledger.errors", "changelog_ledger.model", "changelog_ledger.reports", "changelog_ledger.ledger")
HEAVY = ("sqlmodel", "sqlalchemy", "git", "deepdiff", "pendulum", "alembic", "pydantic", "yaml", "rich", "pyrage", "psycopg")


def imported(tree: ast.AST, *, everywhere: bool) -> list[str]:
    """The modules that a file imports: at its top (what ``if TYPE_CHECKING`` holds left out), or everywhere."""
    nodes = ast.walk(tree) if everywhere else iter(getattr(tree, "body", []))
    found: list[str] = []
    for node in nodes:
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [f"{node.module}.{alias.name}" if node.module == "changelog_ledger" else str(node.module) for alias in node.names]
    return found


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_a_face_sees_ledger_and_reports_and_nothing_below(module: Path) -> None:
    ours = [name for name in imported(ast.parse(module.read_text()), everywhere=True) if name.startswith("changelog_ledger")]
    below = [name for name in ours if not name.startswith(FACE)]
    assert below == []


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_nothing_heavy_is_imported_before_a_command_is_called(module: Path) -> None:
    top = imported(ast.parse(module.read_text()), everywhere=False)
    allowed = {"changelog_ledger.errors", "changelog_ledger.cli.session", "click"}
    ours = [name for name in top if name.partition(".")[0] not in sys.stdlib_module_names and name not in allowed]
    assert [name for name in ours if not name.startswith(("changelog_ledger.model", "changelog_ledger.cli."))] == []


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_no_sql_and_no_git_in_a_face(module: Path) -> None:
    text = module.read_text()
    for word in ("SELECT ", "sqlalchemy", "sqlmodel", "import git", "subprocess"):
        assert word not in text


def loaded_by(*arguments: str) -> set[str]:
    """The modules that a real process has loaded at the end of a command."""
    script = "import sys; from changelog_ledger.cli.main import run; run(sys.argv[1:]); print('LOADED', *sorted(sys.modules))"
    ended = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, timeout=60, check=True)
    return set(ended.stdout.rpartition("LOADED")[2].split())


def test_help_loads_nothing_but_click() -> None:
    loaded = loaded_by("--help")
    assert "click" in loaded
    assert loaded.isdisjoint(HEAVY)
    assert {name for name in loaded if name.startswith("changelog_ledger.")} <= {
        "changelog_ledger.cli",
        "changelog_ledger.cli.main",
        "changelog_ledger.cli.session",
        "changelog_ledger.errors",
    }


def test_help_of_a_command_does_not_load_the_database() -> None:
    assert loaded_by("change", "plan", "--help").isdisjoint(HEAVY)


def test_a_diff_of_two_files_needs_no_database_and_no_git(tmp_path: Path) -> None:
    (tmp_path / "old.ini").write_text("[a]\nb = 1\n")
    (tmp_path / "new.ini").write_text("[a]\nb = 2\n")
    loaded = loaded_by("diff", "--files", str(tmp_path / "old.ini"), str(tmp_path / "new.ini"))
    assert "changelog_ledger.diff" in loaded
    assert loaded.isdisjoint({"alembic", "psycopg"})


@pytest.mark.parametrize("name", COMMANDS)
def test_the_static_table_says_what_the_command_says(name: str) -> None:
    module, attribute, line = COMMANDS[name]
    command = getattr(import_module(f"changelog_ledger.cli.{module}"), attribute)
    assert isinstance(command, click.Command)
    assert (command.help or "").strip().splitlines()[0] == line


def _every_command() -> list[tuple[str, ...]]:
    """``("change", "plan")`` and so on, groups too."""
    context = click.Context(cli)
    names: list[tuple[str, ...]] = []
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        names.append((name,))
        if isinstance(command, click.Group):
            names += [(name, inner) for inner in command.list_commands(context)]
    return names


@pytest.mark.parametrize("words", _every_command(), ids=" ".join)
def test_every_command_has_help(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    from changelog_ledger.cli.main import run

    assert run([*words, "--help"]) == 0
    text = capsys.readouterr().out
    assert "Usage: ledger " + " ".join(words) in text
    assert len(text.splitlines()) > 3
