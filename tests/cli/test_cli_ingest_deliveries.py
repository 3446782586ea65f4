"""``ledger ingest git`` and ``ledger ingest FORMAT``: what they print, their exit codes, their help."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from changelog_ledger.model.delivery import DELIVERY_FORMATS

from ..observations.deliveries.samples import AUDIT, DOCUMENTS, EVENT
from .conftest import HOST, Desk

DATES = {"GIT_AUTHOR_DATE": "2025-06-02T06:00:00Z", "GIT_COMMITTER_DATE": "2025-06-02T06:00:00Z", "GIT_CONFIG_GLOBAL": "/dev/null"}


@pytest.fixture
def event(tmp_path: Path) -> Path:
    file = tmp_path / "events.json"
    file.write_text(json.dumps(EVENT))
    return file


def test_an_event_is_recorded_once(desk: Desk, event: Path) -> None:
    out = desk("ingest", "kubernetes-events", str(event)).out
    assert "1 observation recorded." in out
    assert "BackOff Pod web/shop-7d4b9c6f88-x2x4z" in out
    assert desk("ingest", "kubernetes-events", str(event)).out.startswith("Nothing new; 1 known already.")
    assert "BackOff" in desk("recent", f"host:{HOST}", "--since", "2025-06-02T00:00Z").out


def test_from_standard_input(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(json.dumps(AUDIT).encode()), isatty=lambda: False))
    assert desk("ingest", "kubernetes-audit", "-", "--on", "all", "--json").json["counts"] == {"kubernetes-change": 1}


def test_a_dry_run_says_so(desk: Desk, event: Path) -> None:
    assert "1 observation would be recorded." in desk("ingest", "kubernetes-events", str(event), "--dry-run").out
    assert desk("ingest", "kubernetes-events", str(event), "--json").json["dry_run"] is False


def test_marks_and_changes_are_entries(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "alerts.json"
    file.write_text(json.dumps(DOCUMENTS["alertmanager"][1]))
    out = desk("ingest", "alertmanager", str(file)).out
    assert "2 entries recorded." in out
    assert f"host:{HOST} seen bad: HighLatency: p99 above 2 s" in out


def test_what_cannot_be_read_is_named_and_the_rest_recorded(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "audit.log"
    file.write_text(json.dumps(AUDIT) + "\n{torn\n")
    answer = desk("ingest", "kubernetes-audit", str(file), code=3)
    assert "1 observation recorded." in answer.out
    assert f"warning: {file}, entry 2: not JSON" in answer.err


def test_nothing_of_the_format_is_an_error_with_advice(desk: Desk, event: Path) -> None:
    said = desk.refused("ingest", "terraform", str(event))
    assert "it looks like an event of Kubernetes (ledger ingest kubernetes-events)" in said
    assert "hint: expected: a plan" in said
    desk.refused("ingest", "gitlab", str(event.parent / "none.json"))


def test_an_empty_file_is_an_error_with_advice(desk: Desk, tmp_path: Path) -> None:
    empty = tmp_path / "empty.json"
    empty.touch()
    answer = desk("ingest", "terraform", str(empty), "--json", code=4)
    assert answer.out == ""
    assert f"{empty}: it is empty" in answer.err
    assert "hint: expected: a plan" in answer.err


def test_commits(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in DATES.items():
        monkeypatch.setenv(name, value)
    folder = tmp_path / "infrastructure"
    (folder / "terraform").mkdir(parents=True)
    (folder / "terraform" / "main.tf").write_text("a")
    author = ("-c", "user.name=alex", "-c", "user.email=alex@example.org")
    for command in (("init", "-q", "-b", "main"), ("add", "-A"), (*author, "commit", "-qm", "Raise pool")):
        subprocess.run(["git", *command], cwd=folder, check=True, timeout=60)
    would = desk("ingest", "git", str(folder), "--dry-run").out
    assert "1 observation would be recorded." in would
    assert "Raise pool (alex): terraform/main.tf" in desk("ingest", "git", str(folder), "--branch", "main").out
    assert desk("ingest", "git", str(folder), "--path", "src/**", "--json").json["recorded"] == 0
    assert "1 entry recorded." in desk("ingest", "git", str(folder), "--as-changes", "--on", HOST).out
    desk.refused("ingest", "git", str(folder), "--branch", "nowhere")


def test_help_lists_every_format_in_one_line(desk: Desk) -> None:
    listed = desk("ingest", "--help").out.splitlines()
    for name, told in DELIVERY_FORMATS.items():
        assert any(line.split() == [name, *told.line.split()] for line in listed), name


@pytest.mark.parametrize("name", DELIVERY_FORMATS)
def test_help_of_a_format(desk: Desk, name: str) -> None:
    out = desk("ingest", name, "--help").out
    assert DELIVERY_FORMATS[name].line in " ".join(out.split())
    assert DELIVERY_FORMATS[name].example in " ".join(out.split())
