"""``what-changed --failing --working``: real snapshots of many hosts, and what sets the failing ones apart."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from changelog_ledger.errors import InvalidInput, NotFound
from changelog_ledger.model.evidence import Op
from changelog_ledger.model.peers import PeerComparison

from .fleet import TWELVE, Fleet, fleet_of
from .world import World, made_world

EIGHT = [f"web-{number:02}" for number in range(1, 9)]
TWENTY = [f"web-{number:02}" for number in range(1, 21)]


@pytest.fixture
def fleet(world: World, tmp_path: Path) -> Fleet:
    """Eight servers that worked; an hour later one of them has another limit, and nobody logged it."""
    return edited_fleet(world, tmp_path)


@pytest.fixture
def fleet_of_either(either: World, tmp_path: Path) -> Fleet:
    """The same, on each database."""
    return edited_fleet(either, tmp_path)


def edited_fleet(world: World, folder: Path) -> Fleet:
    made = fleet_of(world, folder / "machines", EIGHT, 7)
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


def test_the_one_of_eight(fleet_of_either: Fleet) -> None:
    report = fleet_of_either.ledger.what_changed(failing=["web-03"])
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
    assert peers.strengths[first.evidence[0]] == first.score > 0.8


def test_what_sets_the_failing_host_apart_is_the_first_suspect_though_newer_edits_are_nearer(fleet: Fleet) -> None:
    """Days later files of all eight are edited, unlogged: only beside the working hosts is it seen which edit matters."""
    for path, old, new in (
        ("/etc/php/8.2/fpm/php.ini", "max_execution_time = 30", "max_execution_time = 60"),
        ("/etc/resolv.conf", "timeout:2", "timeout:5"),
        ("/etc/nginx/nginx.conf", "keepalive_timeout 65", "keepalive_timeout 5"),
    ):
        fleet.clock.tick(days=1)
        fleet.everywhere(lambda machine, path=path, old=old, new=new: machine.edit(path, old, new))  # type: ignore[misc]
        fleet.snapshot()
    asked_plainly, compared_with_peers = fleet.ledger.what_changed("service:shop"), fleet.ledger.what_changed("service:shop", failing=["web-03"])
    suspect = compared_with_peers.suspects[0]
    assert "worker_connections" in suspect.title
    assert "it sets the failing hosts apart from those that work" in [reason.text for reason in suspect.reasons]
    for other in compared_with_peers.suspects[1:]:
        codes = {reason.code for reason in other.reasons}
        assert "shared-with-working" in codes
        assert "peer-comparison" not in codes
    plainly = [each for each in asked_plainly.suspects if "worker_connections" in each.title]
    assert not plainly or plainly[0].score < suspect.score
    assert not [each for each in asked_plainly.suspects for reason in each.reasons if reason.code == "peer-comparison"]


def test_what_is_each_hosts_own_is_counted(fleet: Fleet) -> None:
    peers = compared(fleet, failing=["web-03"])
    assert {"/etc/hostname", "/etc/machine-id"} <= {each.path for each in peers.folded}
    assert not {"/etc/hostname", "/etc/machine-id"} & {each.path for each in peers.differences}


def test_no_hosts_own_address_is_said_of_others(fleet: Fleet) -> None:
    """Every host listens on its own address, and one of them on another's: the value of the others is no address at all."""
    fleet.machines["web-03"].edit("/etc/nginx/nginx.conf", "listen 10.0.0.12:80", "listen 10.0.0.11:80")
    fleet.snapshot()
    (found,) = [each for each in compared(fleet, failing=["web-03"]).differences if "listen" in (each.key or "")]
    assert [each.value for each in (*found.failing, *found.working)] == ["10.0.0.11:80", "<own IPv4 address>:80"]
    assert found.reasons[0] == "web-03 alone has 10.0.0.11:80; 7 of 7 working hosts have <own IPv4 address>:80"
    assert found.key == "http/server[<own full name>]/listen"
    assert found.evidence


def test_a_name_and_an_identity_that_another_host_has_too(fleet: Fleet) -> None:
    """A clone: its own files say that it is web-02."""
    for path in ("/etc/hostname", "/etc/machine-id"):
        fleet.machines["web-03"].write(path, fleet.machines["web-02"].path(path).read_text())
    fleet.machines["web-03"].edit("/etc/shop/jvm.options", "node.name=web-03", "node.name=web-02")
    fleet.snapshot()
    peers = compared(fleet, failing=["web-03"])
    said = {each.path: each.reasons[0] for each in peers.differences if each.accused == ("web-03",)}
    assert said["/etc/hostname"] == "web-03 alone has that of web-02; 7 of 7 working hosts have <own name>"
    assert said["/etc/machine-id"] == "web-03 alone has that of web-02; 7 of 7 working hosts have <own uuid>"
    assert said["/etc/shop/jvm.options"] == "web-03 alone has -Dnode.name=web-02; 7 of 7 working hosts have -Dnode.name=<own name>"


def test_anothers_address_among_three(world: World, tmp_path: Path) -> None:
    """Two values as they are and two without what is each host's own: the working hosts agree in the one of the readings."""
    made = fleet_of(world, tmp_path / "machines", EIGHT[:3], 7)
    made.machines["web-03"].edit("/etc/nginx/nginx.conf", "listen 10.0.0.12:80", "listen 10.0.0.11:80")
    made.snapshot()
    reasons = [each.reasons[0] for each in compared(made, failing=["web-03"]).differences]
    assert "web-03 alone has 10.0.0.11:80; 2 of 2 working hosts have <own IPv4 address>:80" in reasons


def test_what_is_no_text_is_measured_in_bytes(fleet: Fleet) -> None:
    fleet.everywhere(lambda machine: machine.write("/etc/shop/blob", "ä\0ä" * 10))
    fleet.machines["web-03"].write("/etc/shop/blob", "ö\0ö" * 11)
    fleet.snapshot()
    (found,) = [each for each in compared(fleet, failing=["web-03"]).differences if each.path == "/etc/shop/blob"]
    assert [(each.value or "").partition(",")[0] for each in (*found.failing, *found.working)] == ["55 bytes", "50 bytes"]


def test_sides_by_service_tag_and_name(fleet: Fleet) -> None:
    fleet.ledger.add_host("web-05", tags=["edge"])
    given = compared(fleet, failing=["web-03"], working=["service:shop"])
    assert (given.basis, len(given.working)) == ("given", 7)
    assert compared(fleet, failing=["web-03,web-04"], working=["tag:edge", "host:web-06"]).working == ("web-05", "web-06")


def test_scope_holds_every_failing_host(fleet: Fleet) -> None:
    report = fleet.ledger.what_changed("host:web-01", failing=["web-03"], working=["web-02"])
    assert "host:web-03" in [str(reach.target) for reach in report.scope]
    assert "/etc/nginx/nginx.conf" in [piece.path for piece in report.evidence]


def test_marks_tell_who_fails(fleet_of_either: Fleet) -> None:
    fleet = fleet_of_either
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


def test_a_mode_that_only_the_failing_host_has(fleet: Fleet) -> None:
    fleet.machines["web-03"].path("/etc/shop/jvm.options").chmod(0o600)
    fleet.snapshot()
    report = fleet.ledger.what_changed(failing=["web-03"])
    assert report.peers is not None
    (found,) = [each for each in report.peers.differences if each.about == "metadata"]
    assert (found.path, found.accused) == ("/etc/shop/jvm.options", ("web-03",))
    assert found.failing[0].value is not None
    assert found.failing[0].value.startswith("file 0600 ")
    assert [(value.value or "")[:10] for value in found.working] == ["file 0644 "]
    assert [piece.op for piece in report.evidence if piece.id in found.evidence] == [Op.METADATA]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_an_owner_that_only_the_failing_host_has(fleet: Fleet) -> None:
    os.chown(fleet.machines["web-03"].path("/etc/shop/jvm.options"), 1, 1)
    fleet.snapshot()
    found = [each.path for each in compared(fleet, failing=["web-03"]).differences if each.about == "metadata"]
    assert found == ["/etc/shop/jvm.options"]


@pytest.mark.parametrize("host", ["web-03", "web-05"])
def test_what_a_snapshot_did_not_keep_is_not_taken_for_missing(fleet: Fleet, host: str) -> None:
    """On either side: a file too large to keep says nothing, and the report says so."""
    fleet.machines[host].write("/etc/motd", "x" * 2_000_000)
    fleet.snapshot()
    peers = compared(fleet, failing=["web-03"])
    assert ("/etc/motd", "file") not in {(each.path, each.about) for each in peers.differences}
    assert [(each.path, each.why, each.count) for each in peers.limits] == [("/etc/motd", ("oversized",), 1)]


def test_a_list_of_thousands_of_items_is_compared_as_a_whole_and_that_is_said(fleet: Fleet) -> None:
    lines = "".join(f"item {number}\n" for number in range(6_000))
    fleet.everywhere(lambda machine: machine.write("/etc/shop/items", lines))
    fleet.machines["web-03"].write("/etc/shop/items", lines.replace("item 4711\n", ""))
    fleet.snapshot()
    peers = compared(fleet, failing=["web-03"])
    (found,) = [each for each in peers.differences if each.path == "/etc/shop/items"]
    assert [(value.value or "")[:11] for value in (*found.failing, *found.working)] == ["5,999 items", "6,000 items"]
    assert [(each.path, each.why) for each in peers.limits] == [("/etc/shop/items", ("a list of over 5,000 items",))]


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
