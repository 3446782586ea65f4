"""Damaged logs and databases of package managers: a gap each, no false claim, and nothing twice when they are whole again."""

from __future__ import annotations

import gzip
import shutil
from datetime import datetime, timedelta

import pytest

from .test_ingest_packages_debian import APT, DPKG, apt_stanza, dpkg_run, ingest
from .world import World

NIGHT = datetime(2025, 5, 20, 3, 12, 44)
TIMES = [NIGHT + timedelta(days=day) for day in range(5)]
DPKG_LOG = "".join(dpkg_run(at, f"p{number}") for number, at in enumerate(TIMES))
STANZAS = [apt_stanza(at, f"p{number}") for number, at in enumerate(TIMES)]
STATUS = "Package: {}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\nDescription: something\n long\n\n"


def test_while_apts_history_cannot_be_read_dpkgs_view_is_withheld(world: World) -> None:
    world.machine.write(DPKG, DPKG_LOG)
    world.machine.path(APT).mkdir(parents=True)
    first = ingest(world)
    assert first.recorded == 0
    assert "5 runs of dpkg" in first.gaps[-1].why
    world.machine.path(APT).rmdir()
    world.machine.write(APT, "".join(STANZAS))
    second = ingest(world)
    assert (second.recorded, {each.data["manager"] for each in second.newest}, second.gaps) == (5, {"apt"}, ())


def test_a_truncated_rotation_withholds_only_its_own_time(world: World) -> None:
    whole = gzip.compress("".join(f"{each}# {number}\n" for number, each in enumerate(STANZAS[:4])).encode(), 0)
    world.machine.write(DPKG, DPKG_LOG)
    world.machine.write(APT, STANZAS[4])
    old = world.machine.path(f"{APT}.1.gz")
    old.write_bytes(whole[: len(whole) // 2])
    first = ingest(world)
    assert first.gaps
    assert {each.data["manager"] for each in first.newest} == {"apt"}
    assert "interrupted" not in {each.data["outcome"] for each in first.newest}
    old.write_bytes(whole)
    second = ingest(world)
    assert first.recorded + second.recorded == 5
    assert {each.data["manager"] for each in second.newest} == {"apt"}


@pytest.mark.parametrize("cut", ["End-Date", "3.0.16-1)"])
@pytest.mark.parametrize("newline", ["", "\n"])
@pytest.mark.parametrize("forget", [False, True])
def test_a_cut_copy_of_what_is_recorded_claims_no_interruption(world: World, cut: str, newline: str, *, forget: bool) -> None:
    world.machine.write(DPKG, DPKG_LOG)
    world.machine.write(APT, "".join(STANZAS))
    assert ingest(world).recorded == 5
    world.machine.write(APT, "".join(STANZAS).rpartition(cut)[0] + newline)
    if forget:
        shutil.rmtree(world.ledger.home / "cache" / "logs")
    assert ingest(world).recorded == 0


def test_a_cut_stanza_is_a_gap_and_recorded_when_it_is_whole(world: World) -> None:
    world.machine.write(DPKG, DPKG_LOG)
    world.machine.write(APT, "".join(STANZAS).rpartition("3.0.16-1)")[0] + "\n")
    first = ingest(world)
    assert first.recorded == 4
    assert any("not whole" in gap.why for gap in first.gaps)
    world.machine.write(APT, "".join(STANZAS))
    second = ingest(world)
    assert (second.recorded, second.newest[0].data["manager"], second.gaps) == (1, "apt", ())


def test_where_apt_wrote_on_it_was_interrupted(world: World) -> None:
    world.machine.write(APT, STANZAS[0].partition("End-Date")[0] + STANZAS[1])
    assert [each.data["outcome"] for each in ingest(world).newest] == ["interrupted", "succeeded"]


@pytest.mark.parametrize("damage", ["half", "gone"])
def test_a_status_file_that_is_cut_off_or_gone_removes_nothing(world: World, damage: str) -> None:
    status = "".join(STATUS.format(f"p{number}") for number in range(50))
    path = "/var/lib/dpkg/status"
    world.machine.write(path, status)
    world.clock.tick(hours=3)
    ingest(world)
    if damage == "half":
        world.machine.write(path, status[: status.index("Version", len(status) // 2) + 12])
    else:
        world.machine.path(path).unlink()
    world.clock.tick(hours=3)
    damaged = ingest(world)
    assert (damaged.recorded, len(damaged.gaps)) == (0, 1)
    world.machine.write(path, status)
    world.clock.tick(hours=3)
    whole = ingest(world)
    assert (whole.recorded, whole.gaps) == (0, ())
