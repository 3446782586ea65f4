"""The documentation is true: its commands run, its options exist, its links lead somewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import click
import pytest

import changelog_ledger
from changelog_ledger import errors
from changelog_ledger.cli.main import COMMANDS
from changelog_ledger.settings import settings
from tests.docs import commands, console, formats, readme

ROOT = Path(__file__).parents[2]
MARKDOWN = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*.md")])
REFERENCE = ROOT / "docs" / "reference"
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
EVERY_COMMAND = [(name, command) for name, command, _ in commands.commands() if name]


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def prose_of(path: Path) -> str:
    """The text without code."""
    return re.sub(r"^```.*?^```$|`[^`\n]*`", "", text_of(path), flags=re.MULTILINE | re.DOTALL)


def anchors_of(path: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", prose_of(path), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).strip().replace(" ", "-") for title in titles}


class TestLinks:
    @pytest.mark.parametrize("file", MARKDOWN, ids=lambda file: str(file.relative_to(ROOT)))
    def test_relative_links_lead_somewhere(self, file: Path) -> None:
        for link in LINK.findall(prose_of(file)):
            if re.match(r"[a-z]+:", link):
                continue
            path, _, anchor = link.partition("#")
            target = (file.parent / path).resolve() if path else file
            assert target.exists(), f"{link} in {file.name}"
            if anchor:
                assert anchor in anchors_of(target), f"{link} in {file.name}: no such heading"

    def test_every_page_is_reachable_from_the_index(self) -> None:
        index = ROOT / "docs" / "index.md"
        linked = {(index.parent / link.partition("#")[0]).resolve() for link in LINK.findall(text_of(index))}
        assert {file.resolve() for file in ROOT.glob("docs/**/*.md")} - linked == {index.resolve()}


class TestTutorial:
    def test_every_command_runs_in_order(self, tmp_path: Path) -> None:
        blocks = console.commands_of(text_of(ROOT / "docs" / "tutorial.md"))
        done = console.run([command for block in blocks for command in block], tmp_path)
        assert len(done) > 20
        failed = [each for each in done if each.code != 0]
        assert not failed, failed[0]
        printed = {each.command: each.output for each in done}
        assert "UNLOGGED" in printed["ledger what-changed host:web-01"]
        assert "4096 → 512" in printed["ledger what-changed host:web-01"]
        assert "correct-horse" not in "".join(printed.values())
        assert done[-1].output

    def test_it_shows_output(self) -> None:
        text = text_of(ROOT / "docs" / "tutorial.md")
        shown = re.search(r"^\$ ledger what-changed host:web-01\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        assert shown
        assert "UNLOGGED" in shown[1]


class TestCommands:
    page = text_of(REFERENCE / "commands.md")

    def section(self, name: str) -> str:
        found = re.search(rf"^##+ ledger {re.escape(name)}\n(.*?)(?=^##|\Z)", self.page, re.MULTILINE | re.DOTALL)
        assert found, f"docs/reference/commands.md lacks 'ledger {name}': python -m tests.docs.commands"
        return found[1]

    @pytest.mark.parametrize(("name", "command"), EVERY_COMMAND, ids=[name for name, _ in EVERY_COMMAND])
    def test_every_command_and_option_is_documented(self, name: str, command: click.Command) -> None:
        section = self.section(name)
        assert commands.first_sentence(command) in section, "run: python -m tests.docs.commands"
        for option in commands.options_of(command):
            for spelling in (*option.opts, *option.secondary_opts):
                assert re.search(rf"`[^`]*{re.escape(spelling)}\b", section), f"{spelling} of ledger {name}: python -m tests.docs.commands"

    def test_nothing_is_documented_that_does_not_exist(self) -> None:
        documented = set(re.findall(r"^##+ ledger (.+)$", self.page, re.MULTILINE))
        assert documented == {name for name, _ in EVERY_COMMAND}

    def test_the_options_in_front_are_documented(self) -> None:
        for option in commands.options_of(commands.cli):
            assert f"{option.opts[-1]}" in self.page.partition("## Options in front of the command")[2]

    @pytest.mark.parametrize("name", COMMANDS)
    def test_the_table_says_what_the_command_says(self, name: str) -> None:
        command = dict(EVERY_COMMAND)[name]
        assert COMMANDS[name][2] == commands.first_sentence(command)

    @pytest.mark.parametrize(("name", "command"), EVERY_COMMAND, ids=[name for name, _ in EVERY_COMMAND])
    def test_every_command_has_its_twin_in_python(self, name: str, command: click.Command) -> None:
        if not isinstance(command, click.Group):
            owner, method = commands.twin_of(name)
            assert hasattr(getattr(changelog_ledger, owner), method)

    @pytest.mark.parametrize("file", MARKDOWN, ids=lambda file: str(file.relative_to(ROOT)))
    def test_commands_that_pages_mention_exist(self, file: Path) -> None:
        """In code: ``ledger WORD`` where a shell would run it."""
        known = {name.partition(" ")[0] for name, _ in EVERY_COMMAND}
        blocks = re.findall(r"^```(?:sh|console)\n(.*?)^```$", text_of(file), re.MULTILINE | re.DOTALL)
        for line in "\n".join(blocks).splitlines():
            for word in re.findall(r"(?:^|\$ |\$\(|&& |\| )ledger (?:--\S+ \S+ )?([a-z-]+)", line.strip()):
                assert word in known, f"ledger {word} in {file.name}"


class TestReference:
    def test_every_setting_is_documented(self) -> None:
        page = text_of(REFERENCE / "configuration.md")
        assert all(f"`{key}`" in page for key in settings._KEYS)

    def test_the_example_settings_are_valid(self) -> None:
        block = re.search(r"```toml\n(.*?)```", text_of(REFERENCE / "configuration.md"), re.DOTALL)
        assert block
        assert settings.parse_settings(block[1], "ledger.toml").ignore == settings.DEFAULT_IGNORE

    def test_every_error_is_documented(self) -> None:
        page = text_of(REFERENCE / "errors.md")
        tree = [errors.LedgerError]
        for kind in tree:
            tree += kind.__subclasses__()
            assert f"| `{kind.__name__}` | `{kind.slug}` | {kind.exit_code} |" in page

    def test_every_exit_code_is_documented(self) -> None:
        page = text_of(REFERENCE / "errors.md")
        codes = [value for name, value in vars(errors).items() if name.startswith("EXIT_")]
        assert all(f"\n| {code} | " in page for code in codes)

    def test_every_public_name_is_documented(self) -> None:
        page = text_of(REFERENCE / "python.md")
        assert all(name in page for name in changelog_ledger.__all__)

    def test_every_method_is_documented(self) -> None:
        page = text_of(REFERENCE / "python.md")
        methods = [name for owner in (changelog_ledger.Ledger, changelog_ledger.Gate) for name in vars(owner) if not name.startswith("_")]
        assert [name for name in methods if f"{name}" not in page] == []

    def test_the_import_example_can_be_imported(self, tmp_path: Path) -> None:
        block = re.search(r"```json\n(.*?)```", text_of(REFERENCE / "import-format.md"), re.DOTALL)
        assert block
        with changelog_ledger.Ledger.init(tmp_path / "home", host="here") as ledger:
            result = ledger.import_facts(block[1].splitlines())
        assert not result.refused
        assert result.recorded > 7

    def test_every_field_of_an_import_is_documented(self) -> None:
        from changelog_ledger.store import interchange

        page = text_of(REFERENCE / "import-format.md")
        for kind, model in interchange._LINES.items():
            row = re.search(rf"^\| `{kind}` \| (.*) \|$", page, re.MULTILINE)
            assert row, kind
            fields = set(re.findall(r"[a-z_]+", re.sub(r"\(.*?\)", "", row[1])))
            assert fields == set(model.model_fields) - {"ref", "actor", "key"}, kind

    def test_every_json_field_is_documented(self, tmp_path: Path) -> None:
        from changelog_ledger import reports

        page = text_of(REFERENCE / "json.md")
        with changelog_ledger.Ledger.init(tmp_path / "home", host="web-01") as ledger:
            (tmp_path / "etc").mkdir()
            (tmp_path / "etc/hosts").write_text("10.0.0.5 db\n")
            (tmp_path / "etc/hostname").write_text("web-01\n")
            ledger.snapshot(root=tmp_path)
            ledger.good("web-01")
            with ledger.change("Move", on=["web-01"], items=["told"], root=tmp_path) as change:
                (tmp_path / "etc/hosts").write_text("10.0.0.9 db\n")
            ledger.bad("web-01", symptom="no database")
            documents: list[dict[str, Any]] = [
                reports.report_document(ledger.what_changed("web-01")),
                reports.change_document(ledger.find_change(change.id)),
                reports.snapshots_document(ledger.snapshots("web-01")),
                reports.timeline_document(ledger.recent("web-01")),
                reports.overview_document(ledger.status()),
                reports.keys_document(ledger.keys()),
                reports.blame_document(ledger.blame("web-01", "/etc/hosts")),
                reports.comparison_document(_compared(ledger, tmp_path / "other")),
            ]
        names = {name for document in documents for name in _names(document)}
        assert sorted(name for name in names if f"`{name}`" not in page) == []


def _compared(ledger: changelog_ledger.Ledger, root: Path) -> Any:
    (root / "etc").mkdir(parents=True)
    (root / "etc/hosts").write_text("10.0.0.8 db\n")
    (root / "etc/hostname").write_text("web-02\n")
    ledger.add_host("web-02")
    ledger.snapshot("web-02", root=root)
    return ledger.compare("web-01", "web-02")


def _names(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {str(name) for name in value} | {name for inner in value.values() for name in _names(inner)}
    if isinstance(value, list):
        return {name for inner in value for name in _names(inner)}
    return set()


class TestSnippets:
    def test_the_answer_is_what_the_example_prints(self) -> None:
        assert readme.shown() == readme.answer(), "run: python -m tests.docs.readme"

    def test_the_python_snippet_runs(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        monkeypatch.setenv("LEDGER_HOME", str(tmp_path / "home"))
        (tmp_path / "watched").mkdir()
        (tmp_path / "watched/nginx.conf").write_text("workers 8;\n")
        changelog_ledger.Ledger.init(host="web-01", watch=[str(tmp_path / "watched")]).close()
        snippet = re.search(r"```python\n(.*?)```", text_of(ROOT / "README.md"), re.DOTALL)
        assert snippet
        exec(compile(snippet[1], "README.md", "exec"), {"deploy": lambda: (tmp_path / "watched/nginx.conf").write_text("workers 12;\n")})
        assert "web-01" in capsys.readouterr().out
        with changelog_ledger.Ledger.open() as ledger:
            assert [change.outcome for change in ledger.changes()] == ["succeeded"]

    def test_the_worked_example_of_a_format_is_the_format(self) -> None:
        module = text_of(ROOT / "changelog_ledger" / "formats" / "crypttab.py")
        assert f"```python\n{module}```" in text_of(ROOT / "docs" / "how-to" / "add-a-format.md")

    def test_the_page_of_formats_is_as_the_corpus_is(self) -> None:
        assert text_of(formats.PAGE) == formats.page(), "run: python -m tests.docs.formats"

    def test_python_of_the_pages_is_python(self) -> None:
        for file in MARKDOWN:
            for block in re.findall(r"^```python\n(.*?)^```$", text_of(file), re.MULTILINE | re.DOTALL):
                compile(block, file.name, "exec")

    def test_json_of_the_pages_is_json(self) -> None:
        for file in MARKDOWN:
            for block in re.findall(r"^```json\n(.*?)^```$", text_of(file), re.MULTILINE | re.DOTALL):
                assert all(json.loads(line) for line in block.splitlines())
