"""The way from "it works" to "who changed that?" on a copy of this machine's own /etc. Nothing outside a temporary directory is written.

The story is dated over the last two hours, so that the report does not say that everything happened within a second.

Run it: make demo, or python examples/demo.py [--keep]
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import stat
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from changelog_ledger import Ledger, render_text

HOST = "demo-host"
TARGET = f"host:{HOST}"
LARGEST = 1024**2  # of a larger file the ledger keeps only the hash, so the demo need not copy it
LOGGED, UNLOGGED = Path("etc/hosts"), Path("etc/demo-shop/shop.conf")


class Clock:
    """The story's clock: the real one, so many minutes ago."""

    def __init__(self) -> None:
        self.minutes_ago = 120

    def __call__(self) -> datetime:
        """Now, in the story."""
        return datetime.now(UTC) - timedelta(minutes=self.minutes_ago)


def copy_tree(source: Path, target: Path) -> tuple[int, int]:
    """Copy what can be read of a folder: files and symlinks, with their times. Returns how many were copied and how many left out."""
    copied = 0
    left_out: list[object] = []
    for folder, names, files in os.walk(source, onerror=left_out.append):
        here = target / Path(folder).relative_to(source)
        here.mkdir(parents=True, exist_ok=True)
        links = [name for name in names if Path(folder, name).is_symlink()]
        names[:] = [name for name in names if name != ".git"]  # etckeeper's repository is no configuration
        for name in [*files, *links]:
            if copy_one(Path(folder, name), here / name):
                copied += 1
            else:
                left_out.append(name)
    return copied, len(left_out)


def copy_one(source: Path, target: Path) -> bool:
    """Copy a regular file or a symlink; False for anything else, and for what cannot be read."""
    try:
        status = source.lstat()
        if stat.S_ISLNK(status.st_mode):
            target.symlink_to(source.readlink())
        elif stat.S_ISREG(status.st_mode) and status.st_size <= LARGEST:
            shutil.copyfile(source, target, follow_symlinks=False)
            os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))
        else:
            return False
    except OSError:
        return False
    return True


def prepare(root: Path) -> None:
    """What the two edits need, whatever /etc holds: a line in /etc/hosts, and the configuration of a shop."""
    hosts, shop = root / LOGGED, root / UNLOGGED
    if hosts.is_symlink():
        hosts.unlink()
    shop.parent.mkdir(parents=True, exist_ok=True)
    with hosts.open("ab") as file:
        file.write(b"\n10.20.0.5 db.shop.example\n")
    shop.write_bytes(b"[shop]\nworkers = 8\nmax_connections = 400\n")


def edit(file: Path, old: bytes, new: bytes, clock: Clock) -> None:
    """Replace a piece of a file, as an editor does, at the story's time."""
    file.write_bytes(file.read_bytes().replace(old, new))
    os.utime(file, (clock().timestamp(), clock().timestamp()))


def demonstrate(folder: Path) -> None:
    """The whole story in ``folder``."""
    root, clock = folder / "root", Clock()
    copied, left_out = copy_tree(Path("/etc"), root / "etc")
    prepare(root)
    print(f"A copy of /etc in {root}: {copied} files, {left_out} left out (unreadable, special or large).\n")
    with Ledger.init(folder / "home", host=HOST, clock=clock) as ledger:
        record_how_it_works(ledger, root)
        clock.minutes_ago = 90
        make_a_logged_change(ledger, root, clock)
        clock.minutes_ago = 40
        edit(root / UNLOGGED, b"max_connections = 400", b"max_connections = 40", clock)
        print("Another edit, of /etc/demo-shop/shop.conf, that nobody logs.")
        clock.minutes_ago = 10
        ledger.snapshot(root=root)
        clock.minutes_ago = 2
        ledger.bad(TARGET, symptom="too many connections")
        show(f"ledger snapshot --root {root}", f"ledger bad {TARGET} --symptom 'too many connections'", f"ledger what-changed {TARGET}")
        print()
        print(render_text(ledger.what_changed(TARGET)), end="")


def record_how_it_works(ledger: Ledger, root: Path) -> None:
    """The first snapshot and a good mark."""
    begun = time.perf_counter()
    first = ledger.snapshot(root=root)
    seconds = time.perf_counter() - begun
    ledger.good(TARGET, source="demo")
    show(f"ledger init --host {HOST}", f"ledger snapshot --root {root}", f"ledger good {TARGET}")
    print(f"{first.files} files recorded in {seconds:.1f} s, secrets masked.\n")


def make_a_logged_change(ledger: Ledger, root: Path, clock: Clock) -> None:
    """An edit as it should be: as a change, with a snapshot before and one after."""
    with ledger.change("Move the database", on=[TARGET], paths=["/etc/hosts"], impact="low", rollback_to="latest", root=root) as change:
        edit(root / LOGGED, b"10.20.0.5", b"10.20.0.9", clock)
    show(
        f"ledger change plan 'Move the database' --on {TARGET} --path /etc/hosts --impact low --rollback-to latest",
        f"ledger run {change.id} --root {root} -- sed -i s/10.20.0.5/10.20.0.9/ {root / LOGGED}",
    )
    print("An edit of /etc/hosts, made as a logged change.\n")


def show(*commands: str) -> None:
    """The commands that do the same."""
    for command in commands:
        print(f"$ {command}")


def main(arguments: list[str]) -> int:
    """Run the demo; throw everything away, or say where it is."""
    parser = argparse.ArgumentParser(description="A throw-away ledger over a copy of this machine's /etc, and what it answers.")
    parser.add_argument("--keep", action="store_true", help="keep the temporary directory and say where it is")
    options = parser.parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without UTF-8 shows the report as well as it can
    folder = Path(tempfile.mkdtemp(prefix="ledger-demo-"))
    try:
        demonstrate(folder)
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    if options.keep:
        print(f"\nKept in {folder}. Ask on: ledger --home {folder / 'home'} recent {TARGET}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
