"""Incidents in an outage of the ledger itself: opened and noted into the spool, and what the merge makes of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from changelog_ledger.errors import Busy, InvalidInput, InvalidTime, Spooled
from changelog_ledger.model.fact import canonical
from changelog_ledger.model.incident import IncidentState
from changelog_ledger.model.topology import Health, Mark, Target

from .world import HOST, World

AWAY = Busy("it is locked by another process")


@pytest.fixture(autouse=True)
def _state_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def opened_away(world: World, *, on: str = HOST, **said: str) -> str:
    """The id of an incident that was opened while the ledger was away."""
    with pytest.raises(Spooled) as spooled:
        world.ledger.spool.knowing(AWAY).open_incident("It is down", [on], symptom="nobody can log in", **said)
    assert spooled.value.change.startswith("INC-")
    return spooled.value.change


def marks(world: World) -> list[Mark]:
    with world.ledger._workspace.store.reading() as view:
        return list(view.marks.latest([Target.host(HOST)]))


def test_an_incident_is_opened_and_noted_while_the_ledger_is_away(either: World) -> None:
    identity = opened_away(either, began="20m", impact="high", ref="PD-1")
    with pytest.raises(Spooled, match="recorded to the spool"):
        either.ledger.spool.knowing(AWAY).note_incident(identity.lower(), "called the provider")
    assert [waiting.fact.kind for waiting in either.ledger.spool.list()] == ["incident", "mark", "incident-step"]
    merged = either.ledger.spool.merge()
    assert (len(merged.recorded), merged.noted, merged.kept) == (3, (), ())
    incident = either.ledger.incidents.show("PD-1")
    assert (incident.id, incident.targets, incident.state) == (identity, (Target.host(HOST),), IncidentState.OPEN)
    assert [(note.text, note.actor) for note in incident.notes] == [("called the provider", "alex")]
    assert [(mark.state, mark.at, mark.source) for mark in marks(either)] == [(Health.BAD, incident.began_at, f"incident {identity}")]
    assert either.ledger.verify() == ()
    again = either.ledger.incidents.resolve(identity)
    assert again.state is IncidentState.RESOLVED


def test_it_is_recorded_at_once_where_the_ledger_answers(either: World) -> None:
    opened = either.ledger.spool.open_incident("It is down", [HOST])
    noted = either.ledger.spool.note_incident(opened.id, "called the provider")
    assert noted.notes[0].text == "called the provider"
    assert either.ledger.spool.list() == ()


def test_merging_twice_records_once(either: World) -> None:
    identity = opened_away(either, ref="PD-1")
    with pytest.raises(Spooled):
        either.ledger.spool.knowing(AWAY).note_incident(identity, "x")
    (file,) = (either.ledger.home / "spool").iterdir()
    kept = file.read_bytes()
    either.ledger.spool.merge()
    before = list(either.ledger.export_facts())
    file.write_bytes(kept)
    file.chmod(0o600)
    assert either.ledger.spool.merge().recorded == ()
    assert list(either.ledger.export_facts()) == before


def test_a_target_that_is_not_known_stays_until_it_is(either: World) -> None:
    identity = opened_away(either, on="service:shop")
    kept = either.ledger.spool.merge().kept
    assert [waiting.fact.kind for waiting in kept] == ["incident", "mark"]
    either.ledger.add_service("shop", runs_on=[HOST])
    either.ledger.spool.merge()
    assert either.ledger.incidents.show(identity).targets == (Target.service("shop"),)


def test_two_incidents_of_one_reference_are_both_recorded(either: World) -> None:
    first = either.ledger.incidents.open("It is down", [HOST], ref="PD-1")
    identity = opened_away(either, ref="PD-1")
    either.ledger.spool.merge()
    assert either.ledger.incidents.show("PD-1") == first
    found = either.ledger.incidents.show(identity)
    assert found.ref == ""
    assert "the reference PD-1 is taken" in found.notes[0].text


def test_a_note_finds_the_incident_that_waits(either: World) -> None:
    """Opening the database merges first."""
    identity = opened_away(either)
    either.ledger._workspace.close_store()
    noted = either.ledger.spool.note_incident(identity, "called the provider")
    assert (noted.id, noted.notes[0].text) == (identity, "called the provider")


def test_what_cannot_be_is_refused_and_not_spooled(either: World) -> None:
    away = either.ledger.spool.knowing(AWAY)
    with pytest.raises(InvalidInput):
        away.open_incident(" ", [HOST])
    with pytest.raises(InvalidInput):
        away.open_incident("x", [HOST], impact="vast")
    with pytest.raises(InvalidTime):
        away.open_incident("x", [HOST], began="1h", detected="2h")
    with pytest.raises(InvalidInput):
        away.note_incident("INC-7K3M9Q", " ")
    assert either.ledger.spool.list() == ()


@pytest.mark.parametrize(
    "altered",
    [
        {"impact": "vast"},
        {"id": "INC-x"},
        {"began_at": "2026-11-21 14:00"},
        {"links": [{"kind": "guilty", "what": "x"}]},
        {"resolved_at": "2000-01-01T00:00:00Z"},
        {"title": 7},
        {"surprise": 1},
    ],
)
def test_what_somebody_else_wrote_there_is_checked(either: World, altered: dict[str, object]) -> None:
    opened_away(either)
    waiting = either.ledger.spool.list()[0].fact
    (file,) = (either.ledger.home / "spool").iterdir()
    file.unlink()
    either.ledger._workspace.spool.add([replace(waiting, body=canonical(waiting.data | altered))])
    (kept,) = either.ledger.spool.merge().kept
    assert kept.reason
    assert either.ledger.incidents.list() == ()


def test_no_secret_reaches_the_spool(either: World) -> None:
    with pytest.raises(Spooled):
        either.ledger.spool.knowing(AWAY).open_incident("It is down", [HOST], symptom="password=Tr0ub4dor&3-zebra fails")
    (file,) = (either.ledger.home / "spool").iterdir()
    assert b"Tr0ub4dor" not in file.read_bytes()
