"""What is read of what is installed: files below a root, whatever they are."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from changelog_ledger.model.ingestion import Gap
from changelog_ledger.model.packages import RawInventory
from changelog_ledger.observations.packages.installed import inventory_of
from changelog_ledger.sources.packages.inventories import raw_inventories
from changelog_ledger.sources.state.packages import packages
from changelog_ledger.sources.state.probe import Probe

SITE = "usr/local/lib/python3.12/site-packages"


def write(root: Path, path: str, text: str = "") -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def read(root: Path) -> tuple[dict[str, RawInventory], list[Gap]]:
    gaps: list[Gap] = []
    return {raw.manager: raw for raw in raw_inventories(str(root), gaps)}, gaps


def names(raw: RawInventory) -> list[str]:
    return [f"{package.name} {package.version}" for package in inventory_of(raw).packages]


def test_an_empty_root_has_no_system_manager_and_no_gap(tmp_path):
    found, gaps = read(tmp_path)
    assert gaps == []
    assert sorted(found) == ["flatpak", "npm", "pip", "snap"]  # an empty one is worth keeping: the first package of theirs is seen
    assert all(not raw.pieces and raw.whole for raw in found.values())


def test_every_form_of_a_python_distribution(tmp_path):
    write(tmp_path, f"{SITE}/one-1.dist-info/METADATA", "Name: one\nVersion: 1\n\n" + "x" * 200_000)
    write(tmp_path, f"{SITE}/two-2.egg-info/PKG-INFO", "Name: two\nVersion: 2\n")
    write(tmp_path, f"{SITE}/three-3.egg-info", "Name: three\nVersion: 3\n")
    write(tmp_path, f"{SITE}/~our-4.dist-info/METADATA", "Name: our\nVersion: 4\n")  # what pip leaves when it fails
    write(tmp_path, f"{SITE}/half.dist-info/RECORD")
    write(tmp_path, "usr/lib/python3.12/site-packages/five-5.dist-info/METADATA", "Name: five\nVersion: 5\n")  # the distribution's
    write(tmp_path, "usr/lib/python3.12/site-packages/six-6.dist-info/METADATA", "Name: six\nVersion: 6\n")
    write(tmp_path, "usr/lib/python3.12/site-packages/six-6.dist-info/INSTALLER", "uv\n")
    found, gaps = read(tmp_path)
    assert names(found["pip"]) == ["one 1", "six 6", "three 3", "two 2"]
    assert gaps == []


def test_a_fifo_in_place_of_a_file_hangs_nobody_and_is_a_gap(tmp_path):
    write(tmp_path, f"{SITE}/one-1.dist-info/METADATA", "Name: one\nVersion: 1\n")
    (tmp_path / SITE / "two-2.dist-info").mkdir()
    os.mkfifo(tmp_path / SITE / "two-2.dist-info/METADATA")
    found, gaps = read(tmp_path)
    assert names(found["pip"]) == ["one 1"]
    assert not found["pip"].whole
    assert [gap.source for gap in gaps] == [f"/{SITE}/two-2.dist-info/METADATA"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_a_gap(tmp_path):
    write(tmp_path, f"{SITE}/one-1.dist-info/METADATA", "Name: one\nVersion: 1\n")
    (tmp_path / SITE).chmod(0)
    found, gaps = read(tmp_path)
    (tmp_path / SITE).chmod(0o700)
    assert not found["pip"].whole
    assert [gap.source for gap in gaps] == [f"/{SITE}"]


def test_rpm_is_asked_only_where_no_log_tells(tmp_path, monkeypatch):
    asked: list[tuple[str, ...]] = []

    def run(_probe: Probe, *command: str) -> str:
        asked.append(command)
        return "bash\t0:5.1.8-9.el9\tx86_64\ngpg-pubkey\t0:8483c65d-5ccc5b19\t(none)\n"

    monkeypatch.setattr(Probe, "run", run)
    root = tmp_path / "50%"
    write(root, "var/lib/rpm/rpmdb.sqlite")
    found, _ = read(root)
    assert names(found["rpm"]) == ["bash 5.1.8-9.el9"]
    assert asked[0][:2] == ("rpm", f"--dbpath={tmp_path}/50%%/var/lib/rpm")  # rpm(8): % begins a macro
    write(root, "var/log/zypp/history")
    assert "rpm" not in read(root)[0]
    assert len(asked) == 1


def test_an_image_without_dpkg_and_links_within_the_root(tmp_path, tmp_path_factory):
    write(tmp_path, "var/lib/dpkg/status.d/base-files", "Package: base-files\nVersion: 12.4\nArchitecture: amd64\n")
    write(tmp_path, "usr/lib/apk/db/installed", "P:musl\nV:1.2.5-r10\nA:x86_64\n")
    (tmp_path / "lib").symlink_to("usr/lib")
    outside = write(tmp_path_factory.mktemp("outside"), "desc", "%NAME%\nsecret\n%VERSION%\n1-1\n")
    (tmp_path / "var/lib/pacman/local/secret-1-1").mkdir(parents=True)
    (tmp_path / "var/lib/pacman/local/secret-1-1/desc").symlink_to(outside)
    found, _ = read(tmp_path)
    assert names(found["dpkg"]) == ["base-files 12.4"]
    assert names(found["apk"]) == ["musl 1.2.5-r10"]
    assert names(found["pacman"]) == []


def test_the_state_and_the_inventory_name_the_same_packages(tmp_path):
    """One reading of each database: what a snapshot calls installed, the inventory does not call removed."""
    stanzas = {
        "whole": "install ok installed",
        "held": "hold ok half-installed",
        "left": "deinstall ok config-files",
        "damaged": "installed",
        "empty": "",
        "waits": "install ok triggers-awaited",
    }
    status = "\n".join(f"Package: {name}\nStatus: {state}\nArchitecture: amd64\nVersion: 1\n" for name, state in stanzas.items())
    write(tmp_path, "var/lib/dpkg/status", status.replace("\n", "\r\n") + "\nPackage: unversioned\nStatus: install ok installed\n")
    write(tmp_path, "usr/lib/apk/db/installed", "P:musl\nV:1.2.5-r10\nA:x86_64\n\nP:half\n")
    write(tmp_path, "lib/apk/db/installed", "P:musl\nV:1.2.4-r2\nA:x86_64\n")  # what an upgrade of apk left
    write(tmp_path, "var/lib/pacman/local/lib32-glibc-2:2.39-1/desc", "%NAME%\nlib32-glibc\n\n%VERSION%\n2:2.39-1\n")
    found, _ = read(tmp_path)
    told = json.loads(packages(Probe(str(tmp_path))))
    for manager in ("dpkg", "apk", "pacman"):
        assert [f"{name} {version.split()[0]}" for name, version in sorted(told[manager].items())] == names(found[manager])
    assert told["dpkg"].keys() == {"whole", "held", "waits", "damaged"}
