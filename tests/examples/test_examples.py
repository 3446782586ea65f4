"""Every example runs as a process and says what it is for."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from changelog_ledger import Ledger, Report, render_text

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(*arguments: str | Path, home: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LEDGER_") and name != "COLUMNS"}
    environment |= {"TZ": "UTC", "PYTHONIOENCODING": "utf-8"} | variables
    if home is not None:
        environment["LEDGER_HOME"] = str(home)
    return subprocess.run(
        [sys.executable, *map(str, arguments)], env=environment, capture_output=True, text=True, encoding="utf-8", check=False, timeout=120
    )


def load(name: str) -> ModuleType:
    if str(EXAMPLES) not in sys.path:  # as Python has it for a script: the stories import their stage
        sys.path.insert(0, str(EXAMPLES))
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Report, Path]:
    folder = tmp_path_factory.mktemp("shop")
    return load("we_changed_nothing").investigate(folder), folder / "home"


class TestWeChangedNothing:
    def test_the_odd_key_is_suspect_one(self, shop: tuple[Report, Path]) -> None:
        report, _ = shop
        suspect = report.suspects[0]
        (piece,) = [each for each in report.evidence if each.id in suspect.evidence]
        assert (suspect.rank, suspect.kind, suspect.change) == (1, "unlogged", "")
        assert [str(target) for target in suspect.targets] == ["host:web-03"]
        assert (piece.path, piece.key) == ("/etc/nginx/nginx.conf", "events/worker_connections")
        assert (piece.before, piece.after) == ("4096", "512")
        assert suspect.occurred_at.isoformat(timespec="minutes") == "2025-11-18T14:03+00:00"

    def test_the_other_seven_do_not_have_it(self, shop: tuple[Report, Path]) -> None:
        report, _ = shop
        peers = next(reason for reason in report.suspects[0].reasons if reason.code == "peers-differ")
        assert "7" in peers.text
        assert peers.weight > 0
        assert peers.text in " ".join(render_text(report).split())

    def test_everything_else_is_explained(self, shop: tuple[Report, Path]) -> None:
        report, _ = shop
        assert len(report.unlogged) == 1
        assert {suspect.kind for suspect in report.suspects[1:]} == {"change"}
        renewal = next(change for change in report.changes if change.title == "Renew the shop certificate")
        assert sum(piece.explained_by == renewal.id for piece in report.evidence) == 8

    def test_the_answer_fits_one_screen(self, shop: tuple[Report, Path]) -> None:
        lines = render_text(shop[0]).splitlines()
        assert lines.index("") < 10
        assert "UNLOGGED  events/worker_connections" in "\n".join(lines[:23])
        assert "\n 3. " in "\n".join(lines[:23])
        assert max(map(len, lines)) <= 80

    def test_it_prints_the_same_every_time(self, shop: tuple[Report, Path]) -> None:
        done = run(EXAMPLES / "we_changed_nothing.py")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(render_text(shop[0]))
        assert "UNLOGGED" in done.stdout
        assert "4096 → 512" in done.stdout
        assert "7 peers" in " ".join(done.stdout.split())
        assert len(render_text(shop[0]).splitlines()) <= 75

    def test_the_command_says_the_same_in_json(self, shop: tuple[Report, Path]) -> None:
        done = run("-c", MAIN, "what-changed", "service:shop", "--json", home=shop[1])
        document = json.loads(done.stdout)
        suspect = document["suspects"][0]
        piece = next(each for each in document["evidence"] if each["id"] in suspect["evidence"])
        assert document["schema"] == "changelog-ledger/what-changed/1"
        assert (suspect["kind"], suspect["change"]) == ("unlogged", None)
        assert (piece["host"], piece["path"], piece["key"]) == ("web-03", "/etc/nginx/nginx.conf", "events/worker_connections")
        assert (piece["before"], piece["after"], piece["confidence"]) == ("4096", "512", "none")
        assert document["unlogged"] == [piece["id"]]

    def test_the_record_is_whole(self, shop: tuple[Report, Path]) -> None:
        with Ledger.open(shop[1]) as ledger:
            assert ledger.verify() == ()


MAIN = "from changelog_ledger.cli.main import main; main()"


class TestDemo:
    def test_it_finds_the_unlogged_edit(self, tmp_path: Path) -> None:
        done = run(EXAMPLES / "demo.py", TMPDIR=str(tmp_path))
        assert (done.returncode, done.stderr) == (0, "")
        first = done.stdout.index(" 1. ")
        second = done.stdout.index(" 2. ")
        assert "UNLOGGED" in done.stdout[first:second]
        assert "/etc/demo-shop/shop.conf" in done.stdout[first:second]
        assert "400 → 40" in done.stdout[first:second]
        assert "Move the database" in done.stdout[second:]

    def test_it_leaves_nothing_behind(self, tmp_path: Path) -> None:
        run(EXAMPLES / "demo.py", TMPDIR=str(tmp_path))
        assert list(tmp_path.iterdir()) == []

    def test_it_keeps_its_folder_when_asked(self, tmp_path: Path) -> None:
        done = run(EXAMPLES / "demo.py", "--keep", TMPDIR=str(tmp_path))
        (folder,) = tmp_path.iterdir()
        assert f"Kept in {folder}" in done.stdout
        with Ledger.open(folder / "home") as ledger:
            assert len(ledger.snapshots("demo-host")) == 4
            assert ledger.verify() == ()

    def test_its_clock_and_copy_cope_with_an_odd_tree(self, tmp_path: Path) -> None:
        demo = load("demo")
        source = tmp_path / "source"
        (source / ".git").mkdir(parents=True)
        (source / ".git/config").write_text("not configuration")
        (source / "plain").write_bytes(b"\xff\x00")
        (source / os.fsdecode(b"un\xffnamed")).write_text("x")
        (source / "dangling").symlink_to("nowhere")
        (source / "loop").symlink_to(".")
        os.mkfifo(source / "fifo")
        assert demo.copy_tree(source, tmp_path / "target") == (4, 1)
        assert sorted(os.listdir(os.fsencode(tmp_path / "target"))) == [b"dangling", b"loop", b"plain", b"un\xffnamed"]


class TestDeployment:
    def test_the_rehearsal_logs_both_endings(self, tmp_path: Path) -> None:
        done = run(EXAMPLES / "deployment.py", TMPDIR=str(tmp_path))
        assert (done.returncode, done.stderr) == (0, "")
        assert re.search(r"change +succeeded +Deploy shop 2\.4\.0", done.stdout)
        assert re.search(r"change +failed +Deploy shop 2\.5\.0", done.stdout)
        assert "2.4.0 → 2.5.0" in done.stdout
        assert list(tmp_path.iterdir()) == []

    def test_a_release_is_deployed_as_a_logged_change(self, tmp_path: Path) -> None:
        Ledger.init(tmp_path / "home", host="web-01").close()
        (tmp_path / "root/etc").mkdir(parents=True)
        done = run(EXAMPLES / "deployment.py", "2.4.0", "--root", tmp_path / "root", home=tmp_path / "home")
        assert done.returncode == 0, done.stderr
        with Ledger.open(tmp_path / "home") as ledger:
            (change,) = ledger.changes()
            assert (change.title, change.outcome) == ("Deploy shop 2.4.0", "succeeded")
            assert b"release = 2.4.0" in ledger.cat("web-01", "/etc/shop/shop.ini")

    def test_a_failing_deployment_fails_as_without_a_ledger(self, tmp_path: Path) -> None:
        Ledger.init(tmp_path / "home", host="web-01").close()
        (tmp_path / "root/etc").mkdir(parents=True)
        done = run(EXAMPLES / "deployment.py", "2.5.0", "--root", tmp_path / "root", home=tmp_path / "home")
        assert done.returncode == 1
        assert "RuntimeError: shop 2.5.0" in done.stderr
        with Ledger.open(tmp_path / "home") as ledger:
            assert [change.outcome for change in ledger.changes()] == ["failed"]


def test_examples_use_the_public_api_only() -> None:
    for file in EXAMPLES.glob("*.py"):
        imports = re.findall(r"^\s*(?:from|import) (changelog_ledger\S*)", file.read_text(encoding="utf-8"), re.MULTILINE)
        assert set(imports) <= {"changelog_ledger"}, file.name


def test_every_example_is_listed() -> None:
    listed = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert all(f"]({file.name})" in listed for file in EXAMPLES.glob("*.py"))
