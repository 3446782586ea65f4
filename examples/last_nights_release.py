"""The morning after a release nobody can log in. Was it the release, the configuration change at two, the certificate, the network?

The portal runs on app-01 to app-04 and needs the sign-in service on sso-01, which sits behind a firewall. In the evening the portal is released. In
the night the sign-in settings are tidied up, a certificate renews itself and a firewall rule is added. All of it works until the sign-in service is
restarted in the morning, as every day, and reads what was tidied up.

The story goes on to its end: an incident, suspects cleared and confirmed, what users are told, the fix as a change of its own, and the root cause
analysis.
All times are fixed, so it prints the same every time::

    python examples/last_nights_release.py             prints the report and the root cause analysis
    python examples/last_nights_release.py FOLDER      keeps the ledger in FOLDER/home as well, for more questions
"""

from __future__ import annotations

import random
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from stage import Clock, Fleet

from changelog_ledger import Ledger, Report, render_review_markdown, render_text

APP = [f"app-{number:02}" for number in range(1, 5)]
PORTAL = "release: 5.2\nworkers: 8\nsign_in: https://sso.example/authorize\n"
SIGN_IN = """\
issuer: https://sso.example
token_minutes: 30
clients:
  portal:
    callbacks:
      - https://portal.example/login
      - https://portal.example/callback
  reports:
    callbacks:
      - https://reports.example/login
"""
CERTIFICATE = "# renewed: 2025-08-25\nfullchain = /etc/letsencrypt/live/sso.example/fullchain3.pem\n"
RULES = "table inet filter {\n  chain input {\n    tcp dport { 22, 443 } accept\n  }\n}\n"


@dataclass(frozen=True)
class Told:
    """What the story comes to.

    :ivar report: the answer at eight in the morning.
    :ivar told: what users were told, in their order.
    :ivar review: the root cause analysis.
    """

    report: Report
    told: tuple[str, ...]
    review: str


class Story:
    """What happened to the portal, told to a ledger hour by hour."""

    def __init__(self, ledger: Ledger, fleet: Fleet, clock: Clock) -> None:
        self._ledger, self._fleet, self._clock = ledger, fleet, clock

    def afternoon(self) -> None:
        """It works."""
        self._ledger.add_host("fw-01")
        self._ledger.add_service("sign-in", runs_on=["sso-01"], depends_on=["host:fw-01"])
        self._ledger.add_service("portal", runs_on=APP, depends_on=["service:sign-in"])
        for host in APP:
            self._fleet.write(host, "/etc/portal/portal.yaml", PORTAL)
        self._fleet.write("sso-01", "/etc/sso/clients.yaml", SIGN_IN)
        self._fleet.write("sso-01", "/etc/sso/tls.conf", CERTIFICATE)
        self._fleet.write("fw-01", "/etc/nftables.conf", RULES)
        self._look_at_all("2025-11-25T15:00Z")
        self._ledger.good("service:portal", source="smoke test")

    def night(self) -> None:
        """A release, a tidy-up, a renewal, a firewall rule: three of them logged."""
        self._clock.wind_to("2025-11-25T20:00Z")
        release = self._ledger.plan(
            "Portal release 5.3", on=["service:portal"], paths=["/etc/portal/**"], items=["sign-in tried"], category=["deploy"], rollback_to="latest"
        )
        self._ledger.start(release.id)
        for host in APP:
            self._fleet.edit(host, "/etc/portal/portal.yaml", "release: 5.2", "release: 5.3")
        self._clock.wind_to("2025-11-25T20:25Z")
        self._ledger.check(release.id, "sign-in tried")
        self._ledger.finish(release.id)
        self._look_at_all("2025-11-25T20:30Z")

        unused = "      - https://portal.example/callback\n"
        self._make_change("2025-11-26T02:00Z", "Tidy up the sign-in callbacks", "sso-01", "/etc/sso/clients.yaml", unused, "")
        self._clock.wind_to("2025-11-26T03:10Z")
        self._fleet.edit("sso-01", "/etc/sso/tls.conf", "fullchain3", "fullchain4")  # the renewal's own timer: nobody logs it
        self._make_change("2025-11-26T04:00Z", "Let monitoring in", "fw-01", "/etc/nftables.conf", "22, 443", "22, 443, 9100")
        self._look_at_all("2025-11-26T05:00Z")

    def morning(self) -> None:
        """The daily restart, and the first complaint."""
        self._clock.wind_to("2025-11-26T06:55Z")
        self._ledger.observe("sso.service restarted by its daily timer", on="host:sso-01", kind="service-restarted", data={"unit": "sso.service"})
        self._look_at_all("2025-11-26T07:00Z")
        self._clock.wind_to("2025-11-26T07:20Z")

    def incident(self) -> tuple[Report, tuple[str, ...], str]:
        """From the complaint to the fix; gives the report, what users were told, and the incident's id."""
        incidents = self._ledger.incidents
        opened = incidents.open(
            "Customers cannot log in to the portal",
            on=["service:portal"],
            symptom="customers cannot log in: redirect to the sign-in page is refused",
            began="2025-11-26T06:58Z",
            impact="high",
            urgency="high",
            commander="anna",
        )
        report = self._ledger.what_changed("service:portal")
        investigating, _ = incidents.tell(opened.id, template="investigating")

        self._clock.wind_to("2025-11-26T07:32Z")
        incidents.update(opened.id, acknowledged_at="now", note="Release 5.2 put back on app-04 alone: nobody can log in there either.")
        incidents.link(opened.id, self._change("Portal release 5.3"), "cleared", because="app-04 with release 5.2 fails the same way")
        self._clock.wind_to("2025-11-26T07:41Z")
        tidied = self._change("Tidy up the sign-in callbacks")
        incidents.link(opened.id, tidied, "confirmed", because="the refused address is the one that was removed")
        incidents.update(opened.id, kinds=["configuration"], path="hotfix")

        self._clock.wind_to("2025-11-26T07:45Z")
        path, wanted = "/etc/sso/clients.yaml", "      - https://portal.example/login\n"
        with self._ledger.change(
            "Put the portal's callback back", on=["host:sso-01"], paths=[path], type="emergency", host="sso-01", root=self._fleet.root("sso-01")
        ) as fix:
            self._fleet.edit("sso-01", path, wanted, f"{wanted}      - https://portal.example/callback\n")
        incidents.update(opened.id, fix=fix.id, mitigated_at="now")
        self._clock.wind_to("2025-11-26T08:00Z")
        resolved = incidents.resolve(opened.id, by=fix.id)
        over, _ = incidents.tell(resolved.id, template="resolved")
        return report, (investigating.text, over.text), opened.id

    def review(self, incident: str) -> str:
        """Two days later: what is learnt from it."""
        self._clock.wind_to("2025-11-28T09:00Z")
        self._ledger.incidents.review(
            incident,
            summary=(
                "A callback address that the portal still used was removed as unused. The sign-in service went on with what it had read until its"
                " daily restart, five hours later; from then on nobody could log in for an hour."
            ),
            causes=[
                "The list of unused callbacks was made from the access log of one day.",
                "The change did not restart the service, so nobody saw it act.",
            ],
            worked=[
                "The daily restart was found beside the change in the first answer.",
                "One server with the old release showed that it was not the release.",
            ],
            actions=[
                ("Restart the sign-in service within every change of its settings", "ben", "2025-12-05"),
                ("Try a login from outside every minute", "anna", "2025-12-12"),
            ],
            done=True,
        )
        return render_review_markdown(self._ledger.incidents.account(incident))

    def _change(self, title: str) -> str:
        return next(change.id for change in self._ledger.changes() if change.title == title)

    def _make_change(self, time: str, title: str, host: str, path: str, old: str, new: str) -> None:
        self._clock.wind_to(time)
        with self._ledger.change(title, on=[f"host:{host}"], paths=[path], risk="low", host=host, root=self._fleet.root(host)):
            self._fleet.edit(host, path, old, new)

    def _look_at_all(self, time: str) -> None:
        self._clock.wind_to(time)
        for host in ["fw-01", "sso-01", *APP]:
            self._ledger.snapshot(host, root=self._fleet.root(host))


def tell(folder: Path) -> Told:
    """Tell the story to a new ledger in ``folder``."""
    clock = Clock("2025-11-25T14:00Z")
    entropy = random.Random(4).randbytes  # the same ids every time; a real home takes its randomness from the system
    with Ledger.init(folder / "home", host="app-01", actor="anna", clock=clock, entropy=entropy) as ledger:
        story = Story(ledger, Fleet(folder / "hosts", clock), clock)
        story.afternoon()
        story.night()
        story.morning()
        report, told, incident = story.incident()
        return Told(report, told, story.review(incident))


def main(arguments: list[str]) -> None:
    """Print the answer, what users were told, and the root cause analysis."""
    if arguments:
        told = tell(Path(arguments[0]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            told = tell(Path(folder))
    print(render_text(told.report))
    print("\n".join(f"To users: {text}\n" for text in told.told))
    print(told.review, end="")


if __name__ == "__main__":
    main(sys.argv[1:])
