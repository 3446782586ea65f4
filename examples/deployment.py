"""A deployment script that logs what it does.

What the ledger adds are three lines: open it, say what is to be done, do it inside the ``with``. It takes a snapshot before and one after. An
exception is recorded as a failure and raised again; the deployment goes on to fail exactly as it did without a ledger.

::

    python examples/deployment.py                       rolls release 2.4.0 out to a throw-away copy, then 2.5.0, which is broken
    python examples/deployment.py 2.4.0 --root /        on this machine, in its ledger (make one with: ledger init)
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from changelog_ledger import Ledger

BROKEN = "2.5.0"
CONFIGURATION = "[shop]\nrelease = {release}\nworkers = {workers}\n"


def roll_out(ledger: Ledger, release: str, root: Path) -> None:
    """Deploy a release of the shop to this machine, as a logged change."""
    with ledger.change(
        f"Deploy shop {release}",
        on=[f"host:{ledger.host_name}"],
        paths=["/etc/shop/**"],
        impact="low",
        risk="medium",
        category=["deploy"],
        rollback_to="latest",
        reason="weekly release",
        root=root,
    ):
        write_configuration(release, root)
        smoke_test(release)


def write_configuration(release: str, root: Path) -> None:
    """What the deployment alters: the shop's configuration."""
    file = root / "etc/shop/shop.ini"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(CONFIGURATION.format(release=release, workers=8), encoding="utf-8")


def smoke_test(release: str) -> None:
    """Ask the shop whether it is well. A stand-in for a request to its health page."""
    if release == BROKEN:
        raise RuntimeError(f"shop {release}: the health page answers 500")


def rehearse() -> None:
    """Both endings, with a home and files that are thrown away: a release that works and one that does not."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "root")
        Path(root, "etc/shop").mkdir(parents=True)
        Path(root, "etc/shop/shop.ini").write_text(CONFIGURATION.format(release="2.3.0", workers=8), encoding="utf-8")
        with Ledger.init(Path(folder, "home"), host="web-01", watch=["/etc/shop"]) as ledger:
            roll_out(ledger, "2.4.0", root)
            try:
                roll_out(ledger, BROKEN, root)
            except RuntimeError as error:
                print(f"the deployment failed: {error}\n")
            for entry in ledger.recent("web-01"):
                print(f"{entry.kind:7} {entry.status:10} {entry.text}" + (f"  ({entry.explained_by})" if entry.explained_by else ""))


def main(arguments: list[str]) -> int:
    """Deploy the release that was asked for, else rehearse."""
    parser = argparse.ArgumentParser(description="Deploy the shop, as a logged change.")
    parser.add_argument("release", nargs="?", help="the release to deploy; without one: a rehearsal")
    parser.add_argument("--root", type=Path, default=Path("/"), help="the directory that stands for /")
    options = parser.parse_args(arguments)
    if options.release is None:
        rehearse()
        return 0
    with Ledger.open() as ledger:
        roll_out(ledger, options.release, options.root)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
