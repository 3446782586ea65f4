"""Everybody swears that nobody changed anything. Eight servers, three days, one answer.

The shop runs on web-01 to web-08 and needs a database on db-01. On Monday all of it works. On Tuesday and Wednesday people make changes and
log them. On Tuesday at 14:03 somebody edits one key on web-03 and logs nothing. On Wednesday morning the checkout fails.

All times are fixed, so the report is the same every time::

    python examples/we_changed_nothing.py             prints the report, and the root cause analysis of the day after
    python examples/we_changed_nothing.py FOLDER      keeps the ledger in FOLDER/home as well, for more questions
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stage import Clock, Fleet

from changelog_ledger import Ledger, Report, render_review_markdown, render_text

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

    def wednesday_noon(self) -> str:
        """The end of it: an incident, the first suspect confirmed, the key put back as a logged change. Gives the incident's id."""
        incidents = self._ledger.incidents
        self._clock.wind_to("2025-11-19T08:35Z")
        symptom = "checkout fails: too many open connections"
        opened = incidents.open("Checkout fails", on=["service:shop"], symptom=symptom, impact="medium", urgency="high", commander="anna")
        incidents.update(opened.id, acknowledged_at="now", kinds=["configuration"], path="hotfix")
        self._clock.wind_to("2025-11-19T08:50Z")
        incidents.link(opened.id, "suspect:1", "confirmed", because="web-03 refuses what the other seven accept")
        path, host = "/etc/nginx/nginx.conf", "web-03"
        with self._ledger.change(
            "Put the connection limit of web-03 back", on=[f"host:{host}"], paths=[path], type="emergency", host=host, root=self._fleet.root(host)
        ) as fix:
            self._fleet.edit(host, path, "worker_connections 512", "worker_connections 4096")
        self._clock.wind_to("2025-11-19T09:05Z")
        incidents.resolve(opened.id, by=fix.id)
        return opened.id

    def thursday(self, incident: str) -> str:
        """What is learnt from it: the root cause analysis, as Markdown."""
        self._clock.wind_to("2025-11-20T10:00Z")
        self._ledger.incidents.review(
            incident,
            summary=(
                "A connection limit was lowered on one of eight servers by hand, and nobody logged it. At the next busy hour that server refused"
                " customers."
            ),
            worked=["The seven other servers showed which key was the odd one."],
            actions=[("Let the gate refuse edits of /etc/nginx that no change covers", "ben", "2025-12-01")],
            done=True,
        )
        return render_review_markdown(self._ledger.incidents.account(incident))


@contextmanager
def _told(folder: Path) -> Iterator[tuple[Story, Ledger]]:
    """The story up to the first complaint, in a new ledger in ``folder``."""
    clock = Clock("2025-11-17T17:00Z")
    entropy = random.Random(3).randbytes  # the same ids every time; a real home takes its randomness from the system
    with Ledger.init(folder / "home", host="web-01", actor="anna", clock=clock, entropy=entropy) as ledger:
        story = Story(ledger, Fleet(folder / "hosts", clock), clock)
        story.monday()
        story.tuesday()
        story.wednesday()
        yield story, ledger


def investigate(folder: Path) -> Report:
    """Tell the story to a new ledger in ``folder`` and ask it."""
    with _told(folder) as (_, ledger):
        return ledger.what_changed("service:shop")


def look_back(folder: Path) -> tuple[Report, str]:
    """The same, and how it ends: the report of that morning and the root cause analysis of the day after."""
    with _told(folder) as (story, ledger):
        report = ledger.what_changed("service:shop")
        return report, story.thursday(story.wednesday_noon())


def main(arguments: list[str]) -> None:
    """Print the answer and the root cause analysis."""
    if arguments:
        report, review = look_back(Path(arguments[0]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            report, review = look_back(Path(folder))
    print(render_text(report))
    print(review, end="")


if __name__ == "__main__":
    main(sys.argv[1:])
