"""The story of the silent update: found with one command, on six hosts; and the same upgrade as a change."""

from __future__ import annotations

from pathlib import Path

import pytest

from changelog_ledger import Ledger, Report, render_text
from tests.examples.test_examples import EXAMPLES, load, run

pytestmark = pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="the story runs a process and reads its /proc")

Told = tuple[Report, Report, str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("silent")


@pytest.fixture(scope="module")
def told(folder: Path) -> Told:
    answer: Told = load("the_silent_update").investigate(folder)
    return answer


def test_the_first_suspect_is_the_package_with_the_restart_that_is_pending(told: Told) -> None:
    silent, _, _ = told
    suspect = silent.suspects[0]
    pieces = [piece for piece in silent.evidence if piece.id in suspect.evidence]
    assert (suspect.rank, suspect.kind, suspect.change) == (1, "unlogged", "")
    assert suspect.occurred_at.isoformat(timespec="minutes") == "2025-11-23T03:12+00:00"
    assert sorted(piece.kind for piece in pieces) == ["package", "restart-pending"]
    package, restart = sorted(pieces, key=lambda piece: piece.kind)
    assert "unattended-upgrades" in package.summary
    assert "openvswitch-switch 2.17.5-1 → 2.17.9-1" in package.summary
    assert "ovs-vswitchd" in restart.summary
    assert "libopenvswitch-2.17.so.0.0.5 of openvswitch-switch" in restart.summary
    assert len(silent.suspects) == 1, "the logged edit of hv-05 is not hv-03's"


def test_the_same_on_five_more_hosts(told: Told) -> None:
    assert "the same on 5 more hosts" in " ".join(render_text(told[0]).split())


def test_what_the_restart_says_comes_from_a_real_process(told: Told, folder: Path) -> None:
    assert told
    (line,) = (folder / "hosts/hv-03/proc/1403/maps").read_text().splitlines()
    assert line.endswith("/usr/lib/x86_64-linux-gnu/libopenvswitch-2.17.so.0.0.5 (deleted)")
    assert "r-xp" in line
    with Ledger.open(folder / "home") as ledger:
        told_of = ledger.recent("host:hv-03", since="2025-11-22T00:00Z", until="2025-11-24T09:00Z")
        (pending,) = [entry for entry in told_of if "still runs" in entry.text]
        assert pending.at.isoformat(timespec="minutes") == "2025-11-23T03:12+00:00"


def test_read_twice_it_is_recorded_once(told: Told, folder: Path) -> None:
    assert told
    root = folder / "hosts/hv-04"
    with Ledger.open(folder / "home") as ledger:
        assert ledger.ingest.packages(root=root, host="hv-04").recorded == 0
        assert ledger.ingest.processes(root=root, host="hv-04").recorded == 0


def test_as_a_change_it_is_explained(told: Told) -> None:
    _, logged, change = told
    (piece,) = logged.evidence
    assert "2.17.9-1 → 2.17.11-1" in piece.summary
    assert piece.explained_by == change
    assert logged.unlogged == ()
    assert logged.suspects[0].change == change


def test_the_record_is_whole(told: Told, folder: Path) -> None:
    assert told
    with Ledger.open(folder / "home") as ledger:
        assert ledger.verify() == ()


def test_it_prints_the_same_every_time(told: Told) -> None:
    done = run(EXAMPLES / "the_silent_update.py")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(render_text(told[0]))
    assert max(map(len, done.stdout.splitlines())) <= 80
