"""The story of the gate: refused, logged by the command that the refusal names, an emergency, and the server that sees who went past."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from changelog_ledger import Gate, Ledger
from tests.examples.test_examples import EXAMPLES, load, run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("gate")


@pytest.fixture(scope="module")
def said(folder: Path) -> list[str]:
    told: list[str] = list(load("the_gate").tell(folder))
    return told


def test_the_commit_is_refused_with_the_one_command_that_would_log_it(said: list[str]) -> None:
    assert "(ended with 1)" in said[0]
    assert "defaults/maxconn" in said[0]
    assert "2000 → 4000" in said[0]
    command = "ledger change start \"$(ledger change plan 'WHAT AND WHY' --on host:lb-01 --path /etc/haproxy/haproxy.cfg)\""
    assert [line.strip() for line in said[0].splitlines() if "change plan" in line] == [command]


def test_the_same_commit_then_passes_and_what_arrives_is_explained(said: list[str]) -> None:
    change = said[1].split("Ledger-Change: ")[1].split()[0]
    assert f"2000 → 4000, {change}, explicit" in said[2]
    assert "let in by the gate" in said[2]


def test_an_emergency_passes_with_a_reason_and_waits_for_its_review(said: list[str]) -> None:
    assert "(ended with 0)" in said[3]
    assert "emergency succeeded, for /etc/haproxy/haproxy.cfg; waits for: its review" in said[4]
    assert "(ended with 0)" in said[5]


def test_past_the_hooks_one_comes_as_far_as_the_server(said: list[str], folder: Path) -> None:
    assert "(ended with 0)" in said[6]
    assert "(ended with 1)" in said[7]
    assert "remote:" in said[7]
    assert "keepalived.conf" in said[7]
    local, server = (_tip(folder / place) for place in ("clone", "server.git"))
    assert local != server, "the push was refused, so the server has not moved"


def test_the_ledger_has_it_all_on_record(said: list[str], folder: Path) -> None:
    assert said
    with Ledger.open(folder / "home") as ledger:
        (unlogged,) = [piece for piece in ledger.drift("host:lb-01") if "keepalived" in piece.summary]
        assert unlogged.unlogged
        assert ledger.verify() == ()
    with Gate.open(folder / "clone", home=folder / "home") as gate:
        verdicts = gate.check_range("HEAD~3..HEAD")
    assert [verdict.passes for verdict in verdicts] == [True, True, False]


def test_it_runs_as_a_process(tmp_path: Path) -> None:
    done = run(EXAMPLES / "the_gate.py", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Refused." in done.stdout


def _tip(repository: Path) -> str:
    return subprocess.run(["git", "rev-parse", "HEAD"], cwd=repository, check=True, capture_output=True, text=True).stdout
