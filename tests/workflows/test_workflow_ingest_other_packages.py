"""``ingest packages`` for the managers besides apt and dpkg: databases, logs, and what only inventories show."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from changelog_ledger.model.ingestion import Ingested
from tests.sources.rpm_histories import Dnf4

from .world import HOST, START, World

PACMAN = """\
[2025-06-01T03:12:40+0000] [PACMAN] Running 'pacman -Syu'
[2025-06-01T03:12:44+0000] [ALPM] transaction started
[2025-06-01T03:12:44+0000] [ALPM] upgraded openssl (3.4.0-1 -> 3.5.0-1)
[2025-06-01T03:12:45+0000] [ALPM] transaction completed
"""
APK = "\nRunning `apk upgrade` at 2025-06-01 03:12:44\n(1/1) Upgrading libssl3 (3.5.0-r0 -> 3.5.1-r0)\nOK: 1 MiB in 2 packages\n"
ZYPP = "2025-06-01 03:12:44|install|nginx|1.21.5-1|x86_64|root@web-01|repo-oss|d7e4|\n"
DNF = "2025-06-01T03:12:44+0000 SUBDEBUG Installed: nginx-2:1.20.1-20.el9.x86_64\n"
YUM = "Jun 01 03:12:44 Updated: openssl-1:1.0.2k-26.el7_9.x86_64\n"


def ingest(world: World) -> Ingested:
    return world.ledger.ingest.packages(root=world.machine.root)


def told(result: Ingested) -> list[str]:
    return [each.summary for each in result.newest]


@pytest.fixture(autouse=True)
def in_utc(world: World) -> None:
    world.machine.write("/etc/timezone", "Etc/UTC\n")


@pytest.mark.parametrize(
    ("path", "log", "summary"),
    [
        ("/var/log/pacman.log", PACMAN, "openssl 3.4.0-1 → 3.5.0-1 upgraded by pacman"),
        ("/var/log/apk.log", APK, "libssl3 3.5.0-r0 → 3.5.1-r0 upgraded by apk"),
        ("/var/log/zypp/history", ZYPP, "nginx 1.21.5-1 installed by root"),
        ("/var/log/dnf.rpm.log", DNF, "nginx 2:1.20.1-20.el9 installed by dnf"),
        ("/var/log/yum.log", YUM, "openssl 1:1.0.2k-26.el7_9 upgraded by yum"),
    ],
)
def test_a_log_is_recorded_once_however_often_it_is_read(world, path, log, summary):
    file = world.machine.write(path, log)
    first = ingest(world)
    assert told(first) == [summary]
    assert first.newest[0].at.isoformat() == "2025-06-01T03:12:44+00:00"
    assert first.gaps == ()
    assert ingest(world).recorded == 0
    file.rename(file.with_name(file.name + "-20250602"))
    world.machine.write(path, "")
    assert ingest(world).recorded == 0


def test_a_machine_without_any_is_a_gap_for_it_may_be_an_empty_mount_point(world):
    result = ingest(world)
    assert (result.recorded, result.notes) == (0, ())
    assert [(gap.source, gap.why) for gap in result.gaps] == [(str(world.machine.root), "holds no package manager's records")]
    world.machine.write("/var/lib/dpkg/status", STATUS.format("nano", "7.2-1"))
    assert ingest(world).gaps == ()


def test_the_database_tells_a_transaction_and_the_log_does_not_again(world):
    history = Dnf4(world.machine.path("/var/lib/dnf/history.sqlite"))
    history.add(1_748_747_564, [("nginx", "2:1.20.1-20.el9", 1, 2, 1)], ended=1_748_747_570, user=4_294_967_295, command="dnf install nginx")
    world.machine.write("/var/log/dnf.rpm.log", DNF)
    result = ingest(world)
    assert told(result) == ["nginx 2:1.20.1-20.el9 installed by dnf"]
    assert result.newest[0].data["command"] == "dnf install nginx"
    assert ingest(world).known == 1


def test_a_damaged_database_is_named_and_when_it_is_mended_nothing_is_told_twice(world):
    place = world.machine.write("/var/lib/dnf/history.sqlite", b"SQLite format 3\x00" + b"\xff" * 5000)
    world.machine.write("/var/log/dnf.rpm.log", DNF)
    result = ingest(world)
    assert result.recorded == 0
    assert [gap.source for gap in result.gaps] == ["/var/lib/dnf/history.sqlite"]
    place.unlink()
    Dnf4(place).add(1_748_747_564, [("nginx", "2:1.20.1-20.el9", 1, 2, 1)], ended=1_748_747_570, user=4_294_967_295, command="dnf install nginx")
    assert told(ingest(world)) == ["nginx 2:1.20.1-20.el9 installed by dnf"]


def test_a_transaction_that_runs_is_recorded_when_it_is_over(world):
    started = PACMAN.replace("2025-06-01T03:12", "2025-06-02T08:59").partition("[2025-06-02T08:59:45")[0]
    file = world.machine.write("/var/log/pacman.log", started)
    assert ingest(world).recorded == 0
    file.write_text(started + "[2025-06-02T09:00:10+0000] [ALPM] installed late (1-1)\n[2025-06-02T09:00:11+0000] [ALPM] transaction completed\n")
    world.clock.tick(minutes=1)
    (seen,) = ingest(world).newest
    assert (seen.data["packages_total"], seen.data["outcome"]) == (2, "succeeded")


def test_a_long_log_is_read_on_from_its_last_command(world):
    """What the last command does may not be over; a helper such as yay makes several transactions of one."""
    file = world.machine.write("/var/log/pacman.log", PACMAN)
    ingest(world)
    more = PACMAN.split("\n", 1)[1].replace("T03:12", "T03:13").replace("openssl", "curl")
    file.write_text(PACMAN + more + PACMAN.replace("2025-06-01", "2025-06-02"))
    result = ingest(world)
    assert (result.recorded, result.known) == (2, 1)
    assert [each.data["command"] for each in result.newest] == ["pacman -Syu"] * 2
    assert (ingest(world).recorded, ingest(world).known) == (0, 1)
    for cursor in (world.ledger.home / "cache" / "logs").rglob("*.json"):
        cursor.unlink()
    assert (ingest(world).recorded, ingest(world).known) == (0, 1)


# ---- inventories

STATUS = "Package: {}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {}\n\n"
DPKG_LOG = "2025-06-02 12:00:00 startup archives unpack\n2025-06-02 12:00:01 upgrade openssl:amd64 3.0.15-1 3.0.16-1\n" + (
    "2025-06-02 12:00:02 status installed openssl:amd64 3.0.16-1\n"
)


def kept_inventories(world: World, manager: str) -> list[Path]:
    return list((world.ledger.home / "cache" / "inventories" / HOST).rglob(f"{manager}.json"))


def a_wheel(folder: Path, version: str) -> Path:
    """The smallest wheel (PEP 427)."""
    wheel = folder / f"tiny_thing-{version}-py3-none-any.whl"
    info = f"tiny_thing-{version}.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny_thing.py", f"version = {version!r}\n")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: Tiny_Thing\nVersion: {version}\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return wheel


def pip_install(wheel: Path, target: Path) -> None:
    for old in target.glob("tiny_thing*"):  # --upgrade with --target leaves the old metadata there
        subprocess.run(["rm", "-r", str(old)], check=True)
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--disable-pip-version-check", "--target", str(target)]
    subprocess.run([*command, str(wheel)], check=True, capture_output=True, timeout=120)


@pytest.mark.slow
def test_a_real_pip_install_is_seen_between_two_inventories(world, tmp_path):
    target = world.machine.path("/usr/lib/python3.11/site-packages")
    target.mkdir(parents=True)
    assert ingest(world).recorded == 0
    pip_install(a_wheel(tmp_path, "1.0"), target)
    world.clock.tick(hours=24)
    (installed,) = ingest(world).newest
    assert installed.summary == "tiny-thing 1.0 installed (pip; some time between two inventories)"
    assert (installed.not_before, installed.at) == (START, world.clock())
    pip_install(a_wheel(tmp_path, "1.1rc1"), target)
    world.clock.tick(hours=24)
    assert told(ingest(world)) == ["tiny-thing 1.0 → 1.1rc1 upgraded (pip; some time between two inventories)"]
    assert ingest(world).recorded == 0
    recorded = world.ledger.what_changed(f"host:{HOST}", since=START).evidence
    assert any("tiny-thing" in piece.summary for piece in recorded)


def test_the_distributions_own_python_packages_are_its_managers_business(world):
    place = "/usr/lib/python3/dist-packages/requests-2.31.0.dist-info"
    ingest(world)
    world.machine.write(f"{place}/METADATA", "Name: requests\nVersion: 2.31.0\n")
    world.machine.write(f"{place}/INSTALLER", "debian\n")
    world.clock.tick(hours=24)
    assert ingest(world).recorded == 0


def test_npm_snap_and_flatpak(world):
    ingest(world)
    for name, version in (("left-pad", "1.3.0"), ("@scope/thing", "2.0.0")):
        world.machine.write(f"/usr/local/lib/node_modules/{name}/package.json", json.dumps({"name": name, "version": version}))
    world.machine.write("/usr/lib/node_modules/npm/package.json", '{"name": "npm", "version": "10.0.0"}')  # comes with Node.js
    for revision in (1980, 1981):
        world.machine.write(f"/var/lib/snapd/snaps/core22_{revision}.snap", "")
    active = world.machine.path("/var/lib/flatpak/app/org.gimp.GIMP/x86_64/stable/active")
    active.parent.mkdir(parents=True)
    active.symlink_to("0123456789abcdef")
    world.clock.tick(hours=1)
    assert sorted(told(ingest(world))) == [
        "2 packages installed: @scope/thing 2.0.0, left-pad 1.3.0 (npm; some time between two inventories)",
        "core22 1981 installed (snap; some time between two inventories)",
        "org.gimp.GIMP//stable 0123456789ab installed (flatpak; some time between two inventories)",
    ]
    current = world.machine.path("/snap/core22/current")
    current.parent.mkdir(parents=True)
    current.symlink_to("1980")
    world.clock.tick(hours=1)
    assert told(ingest(world)) == ["core22 1981 → 1980 downgraded (snap; some time between two inventories)"]


def test_the_net_below_a_log_shows_only_what_the_log_did_not_tell(world):
    write, tick = world.machine.write, world.clock.tick
    write("/var/lib/dpkg/status", STATUS.format("openssl", "3.0.15-1") + STATUS.format("nano", "7.2-1"))
    tick(hours=2)
    first = ingest(world)
    assert (first.recorded, first.notes) == (0, ("first inventory of dpkg: from now on it shows what no log tells",))
    tick(hours=1)  # 12:00
    write("/var/lib/dpkg/status", STATUS.format("openssl", "3.0.16-1") + STATUS.format("nano", "8.0-1"))
    write("/var/log/dpkg.log", DPKG_LOG)  # nothing of nano
    tick(hours=3)
    result = ingest(world)
    assert sorted(each.split(" ")[0] for each in told(result)) == ["nano", "openssl"]
    (nano,) = [each for each in result.newest if each.summary.startswith("nano")]
    assert nano.data["found_by"] == "inventory"
    tick(hours=3)
    assert ingest(world).recorded == 0
    write("/var/lib/dpkg/status", b"\xff\xfe" * 100)
    tick(hours=3)
    damaged = ingest(world)
    assert damaged.recorded == 0
    assert [gap.source for gap in damaged.gaps] == ["/var/lib/dpkg/status"]


def test_what_the_log_tells_after_the_inventory_is_not_shown_by_the_next_one(world):
    """A database that was written to a moment ago is compared next time; what its log tells meanwhile is remembered."""
    write, tick = world.machine.write, world.clock.tick
    write("/var/lib/dpkg/status", STATUS.format("openssl", "3.0.15-1"))
    tick(hours=2)
    ingest(world)
    tick(hours=1)  # 12:00
    write("/var/lib/dpkg/status", STATUS.format("openssl", "3.0.16-1"))
    write("/var/log/dpkg.log", DPKG_LOG)
    tick(minutes=40)
    assert [each.split(" ")[0] for each in told(ingest(world))] == ["openssl"]
    tick(hours=5)
    assert ingest(world).recorded == 0


def test_an_inventory_that_was_lost_or_damaged_says_so_and_invents_nothing(world):
    write, tick = world.machine.write, world.clock.tick
    write("/lib/apk/db/installed", "P:musl\nV:1.2.5-r10\nA:x86_64\n\n")
    tick(hours=2)
    ingest(world)
    [kept] = kept_inventories(world, "apk")
    assert kept.stat().st_mode & 0o077 == 0
    write("/lib/apk/db/installed", "P:musl\nV:1.2.5-r11\nA:x86_64\n\n")
    kept.write_text("{")
    tick(hours=2)
    result = ingest(world)
    assert result.recorded == 0
    assert [gap.source for gap in result.gaps] == [str(kept)]
    kept.unlink()
    tick(hours=2)
    assert ingest(world).notes == ("first inventory of apk: from now on it shows what no log tells",)


@pytest.mark.parametrize(
    "content", ["[]", "null", '{"at": 1}', '{"at": "2025-06-02T09:00:00Z", "packages": [3], "whole": 1, "told": [], "cut_at": null}']
)
def test_a_kept_inventory_of_any_content_is_no_crash(world, content):
    ingest(world)
    [kept] = kept_inventories(world, "pip")
    kept.write_text(content)
    assert str(kept) in [gap.source for gap in ingest(world).gaps]


def test_pacman_inventory(world):
    desc = "%NAME%\n{}\n\n%VERSION%\n{}\n\n%ARCH%\nx86_64\n"
    world.machine.write("/var/lib/pacman/local/ALPM_DB_VERSION", "9\n")
    world.machine.write("/var/lib/pacman/local/nano-8.1-1/desc", desc.format("nano", "8.1-1"))
    world.clock.tick(hours=2)
    ingest(world)
    world.machine.path("/var/lib/pacman/local/nano-8.1-1/desc").write_text(desc.format("nano", "8.2-1"))
    world.clock.tick(hours=2)
    assert told(ingest(world)) == ["nano 8.1-1 → 8.2-1 upgraded (pacman; some time between two inventories)"]
