"""A partner calls: "we cannot connect, what did *you* change?" The answer is in the partner's own ledger.

The partner's order automation sends orders to an interface. On Saturday it is moved from auto-01 to auto-02: a logged change, approved, with the
default checklist. Everything is ticked but the firewall: the new server's own rules do not let it out to the interface. On Monday the automation
fails, while submitting by hand works. The ledger names the move and what of its checklist is open, shows what the new server lacks that the old
one has, and the old server is still there to go back to.

All times are fixed, so the report is the same every time::

    python examples/the_partners_move.py             prints what the person on call sees
    python examples/the_partners_move.py FOLDER      keeps the ledger in FOLDER/home as well, for more questions
"""

from __future__ import annotations

import random
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from stage import Clock, Fleet

from changelog_ledger import Evidence, Ledger, LedgerError, Report, render_text

OLD, NEW = "auto-01", "auto-02"

AUTOMATION = """\
[interface]
address = 198.51.100.7
port = 8443
client_certificate = /etc/automation/client.pem
timeout = 30
"""
CRONTAB = "*/5 * * * * automation /usr/local/bin/send-orders\n"
RULES = """\
table inet filter {
    chain output {
        type filter hook output priority 0; policy drop;
        ct state established,related accept
        udp dport 53 accept
        ip daddr 192.0.2.0/24 tcp dport 5432 accept
        ip daddr 198.51.100.7 tcp dport 8443 accept
    }
}
"""
RULE = "        ip daddr 198.51.100.7 tcp dport 8443 accept\n"


@dataclass(frozen=True)
class Findings:
    """What the person on call gets to see.

    :ivar report: what changed since it last worked.
    :ivar missing: what the old server's firewall has and the new one's lacks.
    :ivar way_back: why the old server cannot be given away yet.
    """

    report: Report
    missing: tuple[Evidence, ...]
    way_back: str


def friday(ledger: Ledger, fleet: Fleet, clock: Clock) -> None:
    """It works: the automation runs on the old server."""
    clock.wind_to("2026-03-06T16:00Z")
    fleet.write(OLD, "/etc/automation/automation.conf", AUTOMATION)
    fleet.write(OLD, "/etc/cron.d/automation", CRONTAB)
    fleet.write(OLD, "/etc/nftables.conf", RULES)
    fleet.write(NEW, "/etc/nftables.conf", RULES.replace(RULE, ""))
    ledger.add_service("interface", attributes={"owner": "the bank"})
    ledger.add_service("orders", runs_on=[OLD], depends_on=["service:interface"], attributes={"owner": "trading desk"})
    ledger.add_host(NEW)
    look(ledger, fleet)
    ledger.good("service:orders", source="orders of the day confirmed")


def saturday(ledger: Ledger, fleet: Fleet, clock: Clock) -> None:
    """The move: planned, approved, made, and its checklist ticked but for one item."""
    clock.wind_to("2026-03-07T08:00Z")
    move = ledger.plan(
        "Move the order automation to auto-02",
        on=["service:orders", f"host:{OLD}", f"host:{NEW}"],
        paths=["/etc/automation/**", "/etc/cron.d/automation", "/etc/nftables.conf"],
        start="2026-03-07T09:00Z",
        duration="2h",
        impact="medium",
        rollback_to=f"host:{OLD}",
        retain_until="2026-03-31T00:00Z",
        backout="start the automation on auto-01 again, stop it on auto-02",
    )
    ledger.approve(move.id, note="go ahead")
    clock.wind_to("2026-03-07T09:00Z")
    ledger.start(move.id)
    fleet.write(NEW, "/etc/automation/automation.conf", AUTOMATION)
    fleet.write(NEW, "/etc/cron.d/automation", CRONTAB)
    fleet.remove(OLD, "/etc/cron.d/automation")
    ledger.add_service("orders", runs_on=[NEW], depends_on=["service:interface"], attributes={"owner": "trading desk"})
    clock.wind_to("2026-03-07T10:30Z")
    for item in ledger.find_change(move.id).items:
        if "firewall" not in item.text.lower():
            ledger.check(move.id, item.text)
    ledger.finish(move.id, note="the rest on Monday")
    clock.wind_to("2026-03-07T10:35Z")
    look(ledger, fleet)


def monday(ledger: Ledger, fleet: Fleet, clock: Clock) -> Findings:
    """Nothing arrives at the interface, and everybody asks who changed what."""
    clock.wind_to("2026-03-09T06:50Z")
    look(ledger, fleet)
    ledger.bad("service:orders", at="2026-03-09T06:30Z", symptom="cannot connect to the interface: connection timed out")
    report = ledger.what_changed("service:orders")
    compared = ledger.compare(OLD, NEW, path="/etc/nftables.conf")
    return Findings(report, tuple(compared.evidence), refusal(ledger))


def refusal(ledger: Ledger) -> str:
    """What the ledger says to somebody who wants to give the old server away."""
    try:
        ledger.retire_host(OLD)
    except LedgerError as error:
        return error.message
    raise AssertionError("the way back was given away")


def look(ledger: Ledger, fleet: Fleet) -> None:
    """A snapshot of both servers, as a timer takes it."""
    for host in (OLD, NEW):
        ledger.snapshot(host, root=fleet.root(host))


def investigate(folder: Path) -> Findings:
    """Tell the story to a new ledger in ``folder`` and ask it."""
    clock = Clock("2026-03-06T15:00Z")
    entropy = random.Random(1).randbytes  # the same ids every time; a real home takes its randomness from the system
    with Ledger.init(folder / "home", host="ops-01", actor="maria", clock=clock, entropy=entropy) as ledger:
        fleet = Fleet(folder / "hosts", clock)
        friday(ledger, fleet, clock)
        saturday(ledger, fleet, clock)
        return monday(ledger, fleet, clock)


def main(arguments: list[str]) -> None:
    """Print what the person on call sees."""
    if arguments:
        found = investigate(Path(arguments[0]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            found = investigate(Path(folder))
    print(render_text(found.report))
    print(f"COMPARED WITH {OLD}")
    for piece in found.missing:
        print(f"  {piece.summary}")
    print(f"\nTHE WAY BACK\n  {found.way_back}")


if __name__ == "__main__":
    main(sys.argv[1:])
