"""systemctl as the rest of the house asks it: for text, for why it did not, for the states of all services."""

from __future__ import annotations

from pathlib import Path

import pytest

from changelog_ledger.sources import systemctl
from changelog_ledger.sources.running_system import service_states
from changelog_ledger.sources.state.probe import Probe


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the machine's systemctl is; systemd runs."""
    place = tmp_path / "systemctl"
    monkeypatch.setattr(systemctl, "_BOOTED", str(tmp_path))
    monkeypatch.setattr(Probe, "_program", lambda _probe, _name: str(place) if place.exists() else None)
    return place


def become(script: Path, text: str) -> None:
    script.write_text(f"#!/bin/sh\n{text}\n")
    script.chmod(0o755)


def test_states_of_services(script: Path) -> None:
    become(script, 'echo "Id=$*"')
    text, why = service_states(("Id", "ActiveState"))
    assert "show --timestamp=unix --property=Id,ActiveState *.service" in text
    assert why == ""


def test_states_of_more_services_than_a_collector_may_tell_of(script: Path) -> None:
    become(script, "head -c 3000000 /dev/zero | tr '\\0' x")
    assert len(service_states(("Id",))[0]) == 3_000_000


def test_half_an_answer_is_none(script: Path) -> None:
    """Services that are missing in it would have stopped."""
    become(script, 'echo "Id=nginx.service"; echo "Connection timed out" >&2; exit 1')
    assert service_states(("Id",)) == ("", "states of services were not compared: systemctl ended with 1: Connection timed out")
    assert systemctl.systemctl("daemon-reload") == "systemctl ended with 1: Connection timed out"


def test_nothing_to_ask(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert service_states(("Id",)) == ("", "systemctl is not installed")
    become(script, "exit 0")
    assert systemctl.systemctl("daemon-reload") == ""
    monkeypatch.setattr(systemctl, "_BOOTED", "/nowhere")
    assert service_states(("Id",)) == ("", "systemd does not run here")
