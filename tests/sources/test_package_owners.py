"""Which package a file belongs to, from made databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from changelog_ledger.sources.packages.owners import owning_packages


def dpkg(root: Path, package: str, *paths: str) -> None:
    path = root / "var/lib/dpkg/info" / f"{package}.list"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in ("/.", *paths)))


@pytest.mark.parametrize(
    ("listed", "asked"),
    [
        ("/usr/lib/x86_64-linux-gnu/libssl.so.3", "/usr/lib/x86_64-linux-gnu/libssl.so.3"),
        ("/lib/x86_64-linux-gnu/libssl.so.3", "/usr/lib/x86_64-linux-gnu/libssl.so.3"),
        ("/usr/lib/x86_64-linux-gnu/libssl.so.3", "/lib/x86_64-linux-gnu/libssl.so.3"),
    ],
)
def test_dpkg_before_and_after_the_merge_of_usr(tmp_path: Path, listed: str, asked: str) -> None:
    dpkg(tmp_path, "libssl3:amd64", listed)
    dpkg(tmp_path, "openssl", "/usr/bin/openssl")
    assert owning_packages(str(tmp_path), [asked, "/nowhere"]) == {asked: "libssl3"}


def test_a_path_that_another_begins_with_is_another(tmp_path: Path) -> None:
    dpkg(tmp_path, "long", "/usr/lib/libx.so.1.2", "/opt/usr/lib/libx.so.1")
    dpkg(tmp_path, "right", "/usr/lib/libx.so.1")
    assert owning_packages(str(tmp_path), ["/usr/lib/libx.so.1"]) == {"/usr/lib/libx.so.1": "right"}


def test_a_library_that_is_gone_belongs_to_what_owns_its_successor(tmp_path: Path) -> None:
    dpkg(tmp_path, "libreadline-dev", "/usr/lib/libreadline.so", "/usr/lib/libreadline.a")
    dpkg(tmp_path, "libreadline8", "/usr/lib/libreadline.so.8.3")
    dpkg(tmp_path, "libreadline7", "/usr/lib/libreadline.so.7.0")
    dpkg(tmp_path, "openvswitch-common", "/usr/lib/libopenvswitch-3.1.so.0.0.9")
    asked = ["/usr/lib/libreadline.so.8.1", "/usr/lib/libopenvswitch-2.17.so.0.0.5", "/usr/lib/libedit.so.2"]
    assert owning_packages(str(tmp_path), asked) == {
        "/usr/lib/libreadline.so.8.1": "libreadline8",
        "/usr/lib/libopenvswitch-2.17.so.0.0.5": "openvswitch-common",
    }


def test_diverted_files(tmp_path: Path) -> None:
    dpkg(tmp_path, "dash", "/usr/bin/sh.real")
    dpkg(tmp_path, "coreutils", "/usr/bin/ls")
    dpkg(tmp_path, "wrapper", "/usr/bin/ls")
    (tmp_path / "var/lib/dpkg/diversions").write_text("/usr/bin/ls\n/usr/bin/ls.distrib\nwrapper\n/usr/bin/vi\n/usr/bin/vi.old\n:\n")
    dpkg(tmp_path, "vim", "/usr/bin/vi")
    found = owning_packages(str(tmp_path), ["/usr/bin/ls", "/usr/bin/ls.distrib", "/usr/bin/vi.old"])
    assert found == {"/usr/bin/ls": "wrapper", "/usr/bin/ls.distrib": "coreutils", "/usr/bin/vi.old": "vim"}


def test_apk(tmp_path: Path) -> None:
    database = tmp_path / "lib/apk/db/installed"
    database.parent.mkdir(parents=True)
    database.write_text("C:Q1x=\nP:libcrypto3\nV:3.1.4-r1\nF:lib\nR:libcrypto.so.3\na:0:0:755\n\nP:busybox\nV:1.36\nF:bin\nR:busybox\nF:\nR:x\n\n")
    asked = ["/lib/libcrypto.so.3", "/bin/busybox", "/x", "/lib/busybox"]
    assert owning_packages(str(tmp_path), asked) == {"/lib/libcrypto.so.3": "libcrypto3", "/bin/busybox": "busybox", "/x": "busybox"}


def test_pacman(tmp_path: Path) -> None:
    folder = tmp_path / "var/lib/pacman/local/openssl-3.2.0-1"
    folder.mkdir(parents=True)
    (folder / "files").write_text("%FILES%\nusr/\nusr/lib/\nusr/lib/libssl.so.3\n\n%BACKUP%\netc/ssl/openssl.cnf\tabc\n")
    (folder.parent / "ALPM_DB_VERSION").write_text("9\n")
    assert owning_packages(str(tmp_path), ["/usr/lib/libssl.so.3", "/usr/lib"]) == {"/usr/lib/libssl.so.3": "openssl"}


def test_no_database_and_one_that_cannot_be_read(tmp_path: Path) -> None:
    assert owning_packages(str(tmp_path), ["/usr/bin/x"]) == {}
    (tmp_path / "var/lib/dpkg/info/a.list").mkdir(parents=True)
    assert owning_packages(str(tmp_path), ["/usr/bin/x"]) == {}
