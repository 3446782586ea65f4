"""``what-changed --failing --working``: real snapshots of many hosts, and what sets the failing ones apart."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from changelog_ledger.errors import InvalidInput, NotFound
from changelog_ledger.model.peers import PeerComparison

from .fleet import TWELVE, Fleet, fleet_of
from .world import World, made_world

EIGHT = [f"web-{number:02}" for number in range(1, 9)]
TWENTY = [f"web-{number:02}" for number in range(1, 21)]


@pytest.fixture
def fleet(world: World, tmp_path: Path) -> Fleet:
    """Eight servers that worked; an hour later one of them has another limit, and nobody logged it."""
    made = fleet_of(world, tmp_path / "machines", EIGHT, 7)
    made.snapshot()
    world.ledger.good("service:shop")
    world.clock.tick(minutes=10)
    made.machines["web-03"].edit("/etc/nginx/nginx.conf", "worker_connections 4096", "worker_connections 512")
    made.snapshot()
    return made


def compared(fleet: Fleet, target: str | None = None, **sides: list[str]) -> PeerComparison:
    report = fleet.ledger.what_changed(target, **sides)  # type: ignore[arg-type]
    assert report.peers is not None
    return report.peers


def test_the_one_of_eight(fleet: Fleet) -> None:
    report = fleet.ledger.what_changed(failing=["web-03"])
    peers = report.peers
    assert peers is not None
    assert str(report.target) == "host:web-03"
    assert (peers.failing, len(peers.working), peers.basis) == (("web-03",), 7, "same service")
    first = peers.differences[0]
    assert (first.path, first.key) == ("/etc/nginx/nginx.conf", "events/worker_connections")
    assert first.reasons[:2] == (
        "web-03 alone has 512; 7 of 7 working hosts have 4096",
        "changed within the window on web-03, and on no working host",
    )
    assert first.evidence
    assert set(first.evidence) <= {piece.id for piece in report.evidence}
    assert first.since is not None
    assert peers.strength_of(first.evidence[0]) == first.score > 0.8
    assert peers.strength_of("EV-NOTHING") == 0.0


def test_what_is_each_hosts_own_is_counted(fleet: Fleet) -> None:
    peers = compared(fleet, failing=["web-03"])
    assert {"/etc/hostname", "/etc/machine-id"} <= {each.path for each in peers.folded}
    assert not {"/etc/hostname", "/etc/machine-id"} & {each.path for each in peers.differences}


def test_sides_by_service_tag_and_name(fleet: Fleet) -> None:
    fleet.ledger.add_host("web-05", tags=["edge"])
    given = compared(fleet, failing=["web-03"], working=["service:shop"])
    assert (given.basis, len(given.working)) == ("given", 7)
    assert compared(fleet, failing=["web-03,web-04"], working=["tag:edge", "host:web-06"]).working == ("web-05", "web-06")


def test_scope_holds_every_failing_host(fleet: Fleet) -> None:
    report = fleet.ledger.what_changed("host:web-01", failing=["web-03"], working=["web-02"])
    assert "host:web-03" in [str(reach.target) for reach in report.scope]
    assert "/etc/nginx/nginx.conf" in [piece.path for piece in report.evidence]


def test_marks_tell_who_fails(fleet: Fleet) -> None:
    assert fleet.ledger.what_changed("service:shop").peers is None
    fleet.ledger.good("host:web-01")
    fleet.ledger.bad("host:web-03")
    fleet.ledger.bad("host:web-04")
    peers = compared(fleet, "service:shop")
    assert (peers.basis, peers.failing, peers.working) == ("marks", ("web-03", "web-04"), ("web-01",))
    left = compared(fleet, failing=["web-03"])
    assert "web-04" not in left.working
    assert [(each.host, each.why) for each in left.left_out] == [("web-04", "marked bad")]


def test_metadata_and_missing_files(fleet: Fleet) -> None:
    fleet.machines["web-03"].path("/etc/motd").chmod(0o600)
    fleet.machines["web-03"].path("/etc/timezone").unlink()
    fleet.snapshot()
    found = {(each.path, each.about) for each in compared(fleet, failing=["web-03"]).differences}
    assert {("/etc/motd", "metadata"), ("/etc/timezone", "file")} <= found


def test_refusals(fleet: Fleet) -> None:
    ask = fleet.ledger.what_changed
    with pytest.raises(NotFound, match="no host"):
        ask(failing=["web-99"])
    with pytest.raises(InvalidInput, match="both sides"):
        ask(failing=["web-03"], working=["web-03"])
    with pytest.raises(InvalidInput, match="tag"):
        ask(failing=["tag:nothing"])
    fleet.ledger.add_host("new-01")
    with pytest.raises(InvalidInput, match="working side"):
        ask(failing=["web-03"], working=["new-01"])
    report = ask(failing=["web-03"], working=["new-01", "web-01"])
    assert "new-01 is not compared: no snapshot by then" in [warning.text for warning in report.warnings]


@pytest.mark.slow
def test_twelve_misconfigurations_among_twenty_hosts(tmp_path: Path) -> None:
    """Nothing is known of changes: the state of the hosts alone must tell."""
    first = []
    for number, wrong in enumerate(TWELVE):
        with made_world(tmp_path / str(number)) as world:
            fleet = fleet_of(world, tmp_path / str(number) / "machines", TWENTY, number)
            sick = random.Random(number).choice(TWENTY)
            fleet.machines[sick].edit(wrong.path, wrong.old, wrong.new)
            fleet.snapshot()
            found = compared(fleet, "service:shop", failing=[sick]).differences
            first += [wrong.name] if (found[0].path, found[0].score > found[1].score) == (wrong.path, True) else []
    print(f"{len(first)} of {len(TWELVE)} first")
    assert len(first) >= 10
