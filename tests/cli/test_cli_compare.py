"""``ledger compare``, and ``diff`` in its four renderings."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from changelog_ledger.cli.main import run

from .conftest import HOST, Desk, day
from .test_cli_contract import PIECE, fits

OTHER = "web-02"


@pytest.fixture
def two(troubled: Desk, tmp_path: Path) -> Desk:
    return _with_other(troubled, tmp_path)


@pytest.fixture
def either_two(either_troubled: Desk, tmp_path: Path) -> Desk:
    return _with_other(either_troubled, tmp_path)


def _with_other(desk: Desk, folder: Path) -> Desk:
    """A second host, with its own name, other workers, and a file more."""
    root = folder / "other"
    for name, content in {
        "etc/nginx/nginx.conf": "worker_processes 2;\nhttp {\n    server {\n        listen 80;\n        server_name shop.example;\n    }\n}\n",
        "etc/app.ini": desk.machine.path("/etc/app.ini").read_text(),
        "etc/hosts": "127.0.0.1 localhost\n",
        "etc/hostname": "web-02\n",
        "etc/<b>.conf": "a = 1\n",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    desk.machine.write("/etc/hostname", "web-01\n")
    desk.snapshot("12:30")
    desk("host", "add", OTHER)
    desk("snapshot", OTHER, "--root", str(root), "--at", day("12:31"))
    return desk


def test_which_host_has_what(either_two: Desk) -> None:
    said = either_two("compare", HOST, OTHER).out
    assert "  worker_processes  line 1\n    web-01  8\n    web-02  2\n" in said
    assert "/etc/<b>.conf\n  (the whole file)\n    only web-02 has it" in said
    assert "2 differences.\n1 difference of name folded; --raw shows them.\n" in said
    assert "/etc/hostname" in either_two("compare", HOST, OTHER, "--raw").out
    assert max(map(len, said.splitlines())) <= 80


def test_the_document(either_two: Desk) -> None:
    document = either_two("compare", HOST, OTHER, "--json").json
    assert document["schema"] == "changelog-ledger/compare/1"
    for piece in document["evidence"]:
        fits(piece, PIECE, "evidence")
    assert [(piece["path"], piece["op"], piece["before"]) for piece in document["evidence"]] == [
        ("/etc/<b>.conf", "added", None),
        ("/etc/nginx/nginx.conf", "changed", "8"),
    ]
    assert (document["left"]["host"], document["right"]["host"], document["right"]["at"]) == (HOST, OTHER, day("12:31").replace("Z", ":00Z"))
    assert document["folded"] == [{"kinds": ["name"], "path": "/etc/hostname", "count": 1}]


def test_exit_codes_and_refusals(two: Desk) -> None:
    two("compare", HOST, OTHER, "--exit-code", code=1)
    two("compare", HOST, OTHER, "--path", "/etc/hostname", "--exit-code", code=0)
    assert "ledger diff web-01" in two.refused("compare", HOST, HOST)
    two.refused("compare", HOST, "web-99")


class _Page(HTMLParser):
    """The elements that are open, and all that was seen."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def checked_page(text: str) -> None:
    """Well-formed, and nothing in it that loads or runs."""
    page = _Page()
    page.feed(text)
    assert page.open == []
    assert page.seen.isdisjoint({"script", "img", "link", "iframe", "a"})
    assert "<b>.conf" not in text


@pytest.mark.parametrize("command", [["compare", HOST, OTHER], ["diff", HOST, day("10:00"), day("12:30")]], ids=lambda words: words[0])
def test_every_rendering(two: Desk, command: list[str]) -> None:
    page = two(*command, "--format", "html").out
    checked_page(page)
    assert "worker_processes" in page
    markdown = two(*command, "--format", "markdown").out
    assert markdown.startswith("# web-01")
    assert "- `worker_processes`: " in markdown
    assert two(*command, "--format", "json").json == two(*command, "--json").json
    assert two(*command, "--format", "text").out == two(*command).out


def test_a_diff_says_in_each_rendering_which_change_explains(two: Desk) -> None:
    (change,) = two("change", "list", "--json").json["changes"]
    for rendering in ("text", "markdown", "html"):
        said = " ".join(two("diff", HOST, day("10:00"), day("12:30"), "--format", rendering).out.split())
        assert f"explained by {change['id']}" in said
        assert "UNLOGGED" in said


def test_a_diff_of_two_files_in_every_rendering(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = tmp_path / "old.ini", tmp_path / "new.ini"
    old.write_text("[a]\nb = 1\n")
    new.write_text("[a]\nb = <script>\n")
    for rendering in ("text", "markdown", "html", "json"):
        assert run(["diff", "--files", str(old), str(new), "--format", rendering, "--exit-code"]) == 1
        said = capsys.readouterr().out
        assert "a/b" in said
        if rendering == "html":
            checked_page(said)
    assert run(["diff", "--files", str(old), str(old), "--format", "html"]) == 0
    assert re.search(r"<h1>.*no difference</h1>", capsys.readouterr().out)
