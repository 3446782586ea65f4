"""A bank takes its payments down on Sunday from 02:00 to 04:00, and at 03:40 somebody has to know whether there is still time to go back.

The window recurs every Sunday. The first plan falls into the quarter-end freeze, and the second one meets the database team's work: the ledger
says so at planning, before anybody has told the customers. The third stands. The customers are told before, at the start and at the end. When the
upgrade drags on, the plan says until when one can still go back; at 03:42 it is taken back, and the files are what they were.

All times are fixed, so the output is the same every time::

    python examples/the_maintenance_window.py             prints what was said, and when
    python examples/the_maintenance_window.py FOLDER      keeps the ledger in FOLDER/home as well, for more questions
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from stage import Clock, Fleet

from changelog_ledger import Change, Ledger

HOST = "pay-01"
GATEWAY = """\
[gateway]
version = 7.1
workers = 64
protocol = iso8583
"""


def sunday_nights(ledger: Ledger, fleet: Fleet, clock: Clock) -> None:
    """What is known beforehand: who needs whom, when work may be done, when it may not."""
    ledger.add_service("ledger-db", runs_on=["db-01"], attributes={"owner": "database team"})
    ledger.add_service("payments", runs_on=[HOST], depends_on=["service:ledger-db"], attributes={"owner": "payments team"})
    ledger.add_service("online-banking", runs_on=["web-01"], depends_on=["service:payments"], attributes={"owner": "channels"})
    ledger.window.add("Sunday night", "2026-01-04T02:00", "2h", repeat="FREQ=WEEKLY;BYDAY=SU", zone="Europe/Berlin", on=["service:payments"])
    ledger.freeze.add("quarter end", start="2026-09-25T00:00+02:00", end="2026-10-03T00:00+02:00", on=["all"])
    clock.wind_to("2026-09-18T09:00Z")
    fleet.write(HOST, "/etc/payments/gateway.conf", GATEWAY)
    ledger.snapshot(HOST, root=fleet.root(HOST))
    ledger.plan("Patch the database", on=["service:ledger-db"], start="2026-10-04T01:00+02:00", duration="2h", rollback_to="latest")


def plan(ledger: Ledger, day: str) -> Change:
    """The upgrade in the window of one Sunday."""
    return ledger.plan(
        "Upgrade the payment gateway to 7.2",
        on=["service:payments"],
        paths=["/etc/payments/**"],
        affects=["online-banking"],
        start=f"{day}T02:00",
        zone="Europe/Berlin",
        duration="2h",
        impact="high",
        downtime="2h",
        rollback_to="latest",
        backout="restore the configuration, start 7.1 again",
        backout_time="15m",
        contact="servicedesk@bank.example, +49 30 5550 100",
    )


def find_a_night(ledger: Ledger) -> Iterator[str]:
    """Two Sundays are not free; the third is, and it is approved."""
    for day in ("2026-09-27", "2026-10-04"):
        refused = plan(ledger, day)
        yield f"{day}: " + "; ".join(remark.text for remark in remarks(refused, "freeze", "conflict"))
        ledger.cancel(refused.id, note="not that night")
    upgrade = plan(ledger, "2026-10-11")
    yield f"2026-10-11: {'; '.join(remark.text for remark in remarks(upgrade, 'freeze', 'conflict')) or 'nothing speaks against it'}"
    ledger.approve(upgrade.id, note="window agreed with channels")
    yield ledger.announce(upgrade.id)


def sunday(ledger: Ledger, fleet: Fleet, clock: Clock) -> Iterator[str]:
    """The night itself."""
    upgrade = next(change for change in ledger.changes(open_only=True) if change.status == "approved")
    clock.wind_to("2026-10-11T00:00Z")
    ledger.snapshot(HOST, root=fleet.root(HOST))
    clock.wind_to("2026-10-11T00:01Z")
    ledger.start(upgrade.id)
    yield ledger.announce(upgrade.id)
    fleet.edit(HOST, "/etc/payments/gateway.conf", "version = 7.1", "version = 7.2")
    fleet.edit(HOST, "/etc/payments/gateway.conf", "protocol = iso8583", "protocol = iso20022")
    for time in ("2026-10-11T01:20Z", "2026-10-11T01:40Z"):
        clock.wind_to(time)
        yield f"{time}: {time_left(ledger, upgrade.id)}"
    clock.wind_to("2026-10-11T01:42Z")
    ledger.roll_back(upgrade.id, note="the scheme does not answer", host=HOST, root=fleet.root(HOST), leave=lambda _plan: True)
    yield ledger.announce(upgrade.id)


def remarks(change: Change, *codes: str) -> list[str]:
    """What spoke against a plan."""
    assert change.assessment is not None
    return [remark for remark in change.assessment.reasons if remark.code in codes]


def time_left(ledger: Ledger, change: str) -> str:
    """Whether one can still go back."""
    last = ledger.find_change(change).last_return
    assert last is not None
    left = (last - ledger.now()).total_seconds() / 60
    return f"can go back until {last:%H:%M} UTC, {left:.0f} minutes left" if left > 0 else f"too late to go back since {last:%H:%M} UTC"


def tell(folder: Path) -> list[str]:
    """Tell the story to a new ledger in ``folder``; what was said, in order."""
    clock = Clock("2026-09-14T08:00Z")
    entropy = random.Random(7).randbytes  # the same ids every time; a real home takes its randomness from the system
    with Ledger.init(folder / "home", host=HOST, actor="jonas", clock=clock, entropy=entropy) as ledger:
        fleet = Fleet(folder / "hosts", clock)
        sunday_nights(ledger, fleet, clock)
        return [*find_a_night(ledger), *sunday(ledger, fleet, clock)]


def main(arguments: list[str]) -> None:
    """Print what was said."""
    if arguments:
        said = tell(Path(arguments[0]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            said = tell(Path(folder))
    print("\n\n".join(text.rstrip() for text in said))


if __name__ == "__main__":
    main(sys.argv[1:])
