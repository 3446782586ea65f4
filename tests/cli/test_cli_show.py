"""``ledger show``: what is recorded under any id that the ledger printed."""

from __future__ import annotations

import pytest

from .conftest import Desk


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """A change that is under way, an edit outside of it, an observation, a freeze, a window."""
    desk.snapshot("10:00")
    desk.machine.edit("/etc/app.ini", "pool = 20", "pool = 2")
    desk.snapshot("10:30")
    desk(
        "observe",
        "openssl 3.0.15 → 3.0.16 upgraded by alex",
        "--on",
        "host:web-01",
        "--kind",
        "package-upgraded",
        "--data",
        "manager=apt",
        "--data",
        "token=hunter2hunter2",
    )
    return desk


def _evidence(desk: Desk, kind: str) -> str:
    (found,) = [piece["id"] for piece in desk("drift", "web-01", "--json").json["evidence"] if piece["kind"] == kind]
    return str(found)


def test_an_observation_with_what_its_record_says(busy: Desk) -> None:
    identity = _evidence(busy, "package")
    said = busy("show", identity).out
    assert "openssl 3.0.15 → 3.0.16 upgraded by alex" in said
    assert "UNLOGGED" in said
    assert "  manager  apt" in said
    assert "hunter2" not in said
    shown = busy("show", identity[:7], "--json").json
    assert (shown["kind"], shown["evidence"]["id"], shown["evidence"]["data"]["manager"]) == ("evidence", identity, "apt")


def test_a_difference(busy: Desk) -> None:
    shown = busy("show", _evidence(busy, "config"), "--json").json["evidence"]
    assert (shown["path"], shown["key"], shown["before"], shown["after"], shown["data"]) == ("/etc/app.ini", "db/pool", "20", "2", {})
    assert "20 → 2" in busy("show", shown["id"]).out


def test_each_other_kind_as_its_own_command_shows_it(busy: Desk) -> None:
    change = busy("change", "plan", "Raise the pool", "--on", "host:web-01").out.strip()
    freeze = busy("freeze", "add", "Quarter end", "--start", "2026-12-30T00:00Z", "--end", "2027-01-03T00:00Z").out.strip()
    window = busy("window", "add", "Sunday", "--start", "2026-12-06T02:00Z", "--for", "2h", "--repeat", "FREQ=WEEKLY;BYDAY=SU").out.split()[0]
    snapshot = busy("snapshots", "web-01", "--json").json["snapshots"][0]["id"]
    assert busy("show", change.lower()).out.splitlines()[0].split(None, 1) == [change, "Raise the pool"]
    for identity, kind in ((change, "change"), (freeze, "freeze"), (window, "window"), (snapshot, "snapshot")):
        shown = busy("show", identity, "--json").json
        assert shown["kind"] == kind
        assert shown[kind]["id"] == identity
        assert busy("show", identity).out


@pytest.mark.parametrize("wrong", ["EV-ZZZZZZ", "EV-", "CHG-ZZZZZZ", "FRZ-ZZZZZZ", "MNT-ZZZZZZ", "01ZZZZZZZZ", "x y", "EV-!", ""])
def test_what_there_is_not(busy: Desk, wrong: str) -> None:
    assert "Traceback" not in busy.refused("show", wrong)
