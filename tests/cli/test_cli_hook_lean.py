"""What a commit waits for: the modules that ``hook check`` loads, by name. Whoever adds one sees it here, and decides whether it is worth it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from changelog_ledger import Ledger

SCRIPT = """
import json, sys
from changelog_ledger.cli.main import run
code = run(sys.argv[1:])
print(json.dumps([code, sorted(sys.modules)]))
"""
HEAVY = {"alembic", "cryptography", "deepdiff", "git", "pendulum", "pydantic", "rich", "sqlalchemy", "sqlmodel", "yaml", "icalendar", "pyrage"}
STAGES = {"changes", "diff", "formats", "investigation", "redaction", "reports", "snapshots"}
"""Of the program's own folders, those that nothing of which is needed to let an edit in."""

NOTHING_ASKED = {
    "cli", "cli.hook", "cli.main", "cli.session", "errors", "gate", "gate.coverage", "gate.exemptions", "gate.places", "gate.strictness",
    "gate.trailers", "ledger", "ledger.gate", "model", "model.change", "model.coverage", "model.evidence", "model.gate", "model.globs",
    "model.retention", "model.rules", "model.secret_rules", "model.state", "model.times", "model.topology", "settings", "settings.gate_policy",
    "settings.readers", "settings.settings", "sources", "sources.git_edits", "sources.git_objects", "sources.git_place", "sources.git_process",
    "sources.git_progress", "sources.git_repository", "workflows", "workflows.check_edits", "workflows.emergency_reason",
    "workflows.gate_policy", "workflows.judge_edits", "workflows.surroundings",
}  # fmt: skip
"""Where nothing that is staged is configuration: the ledger is not opened."""

ASKED = NOTHING_ASKED | {
    "model.fact", "model.identifiers", "model.snapshot", "snapshots", "snapshots.private_files", "store", "store.books", "store.chain",
    "store.codec", "store.encodings", "store.expected", "store.foresight", "store.lean", "store.lean_changes", "store.lean_expected",
    "store.locks", "store.plain", "store.reach", "store.rows", "store.sqlite_file", "store.unanswered", "store.versions", "store.writing",
    "workflows.expect_edits", "workflows.find_home", "workflows.free_text", "workflows.gate_home", "workflows.keyed_digest", "workflows.locks",
    "workflows.unchecked_edits", "workflows.workspace",
}  # fmt: skip
"""Where a change covers what is staged."""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """One with the policy, and a home beside it in which a change on ``web-01`` is under way."""
    folder = tmp_path / "repository"
    (folder / "hosts/web-01").mkdir(parents=True)
    (folder / "hosts/web-01/fstab").write_text("none\n")
    (folder / "README").write_text("read me\n")
    (folder / ".changelog-ledger.toml").write_text('[gate]\nconfig = ["hosts/{host}/**"]\n')
    for command in (["init", "-q"], ["add", "-A"], ["-c", "user.name=a", "-c", "user.email=a@b.example", "commit", "-qm", "as it is"]):
        subprocess.run(["git", *command], cwd=folder, check=True, capture_output=True)
    with Ledger.init(tmp_path / "home", host="web-01", actor="alex") as ledger:
        ledger.start(ledger.plan("A new disk", on=["host:web-01"]).id)
    return folder


def loaded(repository: Path, file: str) -> set[str]:
    """The modules of a process that has checked an edit of one file, and let it in."""
    (repository / file).write_text("altered\n")
    subprocess.run(["git", "add", file], cwd=repository, check=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "LEDGER_"))}
    command = [sys.executable, "-c", SCRIPT, "--home", str(repository.parent / "home"), "hook", "check"]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, cwd=repository, env=environment)
    code, modules = json.loads(ended.stdout.splitlines()[-1])
    assert code == 0, ended.stderr
    return set(modules)


def own(modules: set[str]) -> set[str]:
    return {name.removeprefix("changelog_ledger.") for name in modules if name.startswith("changelog_ledger.")}


def test_nothing_heavy_is_loaded_to_let_an_edit_in(repository: Path) -> None:
    modules = loaded(repository, "hosts/web-01/fstab")
    assert not modules & HEAVY
    stages = {name.partition(".")[0] for name in own(modules) - {"snapshots", "snapshots.private_files"}}  # reads the home's key
    assert not stages & STAGES


def test_the_modules_that_let_an_edit_in(repository: Path) -> None:
    assert own(loaded(repository, "hosts/web-01/fstab")) == ASKED


def test_the_modules_that_see_that_nothing_is_configuration(repository: Path) -> None:
    assert own(loaded(repository, "README")) == NOTHING_ASKED
