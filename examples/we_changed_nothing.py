"""Everybody swears that nobody changed anything. Eight servers, three days, one answer.

The shop runs on web-01 to web-08 and needs a database on db-01. On Monday all of it works. On Tuesday and Wednesday people make changes and
log them. On Tuesday at 14:03 somebody edits one key on web-03 and logs nothing. On Wednesday morning the checkout fails.

All times are fixed, so the report is the same every time::

    python examples/we_changed_nothing.py             prints the report
    python examples/we_changed_nothing.py FOLDER      keeps the ledger in FOLDER/home as well, for more questions
"""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path

from stage import Clock, Fleet

from changelog_ledger import Ledger, Report, render_text

WEB = [f"web-{number:02}" for number in range(1, 9)]

NGINX = """\
user www-data;
worker_processes auto;

events {
    worker_connections 4096;
}

http {
    keepalive_timeout 65s;
    server {
        listen 443 ssl;
        server_name shop.example;
        ssl_certificate /etc/nginx/tls/shop-2025.pem;
        location /api {
            proxy_pass http://127.0.0.1:8000;
        }
    }
}
"""
SYSCTL = "net.core.somaxconn = 1024\nvm.swappiness = 10\n"
POSTGRES = "max_connections = 200\nshared_buffers = 4GB\n"


class Story:
    """What happened to the shop, told to a ledger day by day."""

    def __init__(self, ledger: Ledger, fleet: Fleet, clock: Clock) -> None:
        self._ledger, self._fleet, self._clock = ledger, fleet, clock

    def monday(self) -> None:
        """It works: hosts, services, a first snapshot of every host, a good mark."""
        self._ledger.add_service("db", runs_on=["db-01"])
        self._ledger.add_service("shop", runs_on=WEB, depends_on=["service:db"])
        self._fleet.write("db-01", "/etc/postgresql/postgresql.conf", POSTGRES)
        for host in WEB:
            self._fleet.write(host, "/etc/nginx/nginx.conf", NGINX)
            self._fleet.write(host, "/etc/sysctl.d/10-shop.conf", SYSCTL)
        self._look_at_all("2025-11-17T18:00Z")
        self._ledger.good("service:shop", at="2025-11-17T18:00:30Z", source="smoke test")

    def tuesday(self) -> None:
        """In the morning a change of all eight servers, logged; at 14:03 an edit of one, not logged."""
        self._clock.wind_to("2025-11-18T10:00Z")
        renewal = self._ledger.plan("Renew the shop certificate", on=["service:shop"], paths=["/etc/nginx/nginx.conf"], rollback_to="latest")
        self._ledger.start(renewal.id)
        for host in WEB:
            self._fleet.edit(host, "/etc/nginx/nginx.conf", "shop-2025.pem", "shop-2026.pem")
        self._clock.wind_to("2025-11-18T10:20Z")
        self._ledger.finish(renewal.id)
        self._look_at_all("2025-11-18T12:00Z")

        self._clock.wind_to("2025-11-18T14:03:05Z")
        self._fleet.edit("web-03", "/etc/nginx/nginx.conf", "worker_connections 4096", "worker_connections 512")  # and nobody says a word
        self._look_at_all("2025-11-18T18:00Z")

    def wednesday(self) -> None:
        """Two logged changes before dawn, a last look, and the first complaint."""
        self._make_change("2025-11-19T05:00Z", "Lower swappiness", "web-01", "/etc/sysctl.d/10-shop.conf", "swappiness = 10", "swappiness = 1")
        self._make_change(
            "2025-11-19T06:00Z", "More memory for the database", "db-01", "/etc/postgresql/postgresql.conf", "buffers = 4GB", "buffers = 6GB"
        )
        self._look_at_all("2025-11-19T08:00Z")
        self._clock.wind_to("2025-11-19T08:30Z")
        self._ledger.bad("service:shop", at="2025-11-19T08:12Z", symptom="checkout fails: too many open connections")

    def _make_change(self, time: str, title: str, host: str, path: str, old: str, new: str) -> None:
        """A change as it should be: logged, with its own snapshots before and after."""
        self._clock.wind_to(time)
        with self._ledger.change(title, on=[f"host:{host}"], paths=[path], risk="low", host=host, root=self._fleet.root(host)):
            self._fleet.edit(host, path, old, new)

    def _look_at_all(self, time: str) -> None:
        """A snapshot of every host, as a timer takes it."""
        self._clock.wind_to(time)
        for host in ["db-01", *WEB]:
            self._ledger.snapshot(host, root=self._fleet.root(host))


def investigate(folder: Path) -> Report:
    """Tell the story to a new ledger in ``folder`` and ask it."""
    clock = Clock("2025-11-17T17:00Z")
    entropy = random.Random(3).randbytes  # the same ids every time; a real home takes its randomness from the system
    with Ledger.init(folder / "home", host="web-01", actor="anna", clock=clock, entropy=entropy) as ledger:
        story = Story(ledger, Fleet(folder / "hosts", clock), clock)
        story.monday()
        story.tuesday()
        story.wednesday()
        return ledger.what_changed("service:shop")


def main(arguments: list[str]) -> None:
    """Print the answer."""
    if arguments:
        report = investigate(Path(arguments[0]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            report = investigate(Path(folder))
    print(render_text(report), end="")


if __name__ == "__main__":
    main(sys.argv[1:])
