"""The machine's state on the command line: what it is called, what is said of it, what is refused."""

from __future__ import annotations

import pytest

from changelog_ledger.sources.state import registry
from changelog_ledger.sources.state.probe import CollectionFailed, NotAvailable
from changelog_ledger.sources.state.registry import Source

from .conftest import Desk, day

HOST = "web-01"


def _raise(error: Exception) -> str:
    raise error


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the collectors find."""
    found = {"routes": '{\n "default": "via 192.0.2.1"\n}\n'}
    monkeypatch.setattr(
        registry,
        "SOURCES",
        (
            Source("firewall", "the rules in force", "nft", lambda _probe: _raise(CollectionFailed("nft ended with 1: \x1b[31mnot permitted"))),
            Source("routes", "routes and rules", "ip", lambda _probe: found["routes"]),
            Source("timers", "timers", "systemctl", lambda _probe: _raise(NotAvailable("systemd does not run here"))),
        ),
    )
    return found


def test_a_new_home_watches_it(desk: Desk) -> None:
    assert 'watch = ["/etc", "@state"]' in (desk.home / "ledger.toml").read_text()
    desk_of_files = desk.home.parent / "files"
    assert (
        "It watches /srv, @state/routes  (ledger snapshot --explain"
        in desk("--home", str(desk_of_files), "init", "--watch", "/srv", "--watch", "@state/routes").out
    )
    assert 'watch = ["/srv", "@state/routes"]' in (desk_of_files / "ledger.toml").read_text()


def test_what_a_new_home_watches_is_said(desk: Desk) -> None:
    assert "It watches /etc, @state  (" in desk("--home", str(desk.home.parent / "another"), "init").out
    assert "make a home, watch /etc and @state" in desk("--help").out


def test_explain_says_of_each_what_it_is(desk: Desk, state: dict[str, str]) -> None:
    said = desk("snapshot", "--explain").out
    assert "  /etc\n" in said
    rows = {line.split()[0]: line for line in said.splitlines() if line.startswith("  ")}
    assert rows["routes"].split()[1:3] == ["watched", str(len(state["routes"]))]
    assert rows["routes"].endswith("  routes and rules")
    assert rows["timers"].split()[1:3] == ["not", "available"]
    assert rows["firewall"].split()[1] == "failed"
    assert rows["failed:"] == "  failed: firewall: nft ended with 1: \\x1b[31mnot permitted"
    assert "  not available: timers: systemd does not run here\n" in said
    assert desk("snapshots", HOST, "--json").json["snapshots"] == []


def test_explain_of_what_is_off(desk: Desk, state: dict[str, str]) -> None:
    said = desk("snapshot", "--explain", "--path", "/srv").out
    assert [line.split()[1] for line in said.splitlines() if line.startswith("  routes ")] == ["off"]
    assert "  failed: firewall (off): nft ended with 1" in said


def test_explain_of_every_collector_fits_a_terminal(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    many = tuple(Source(source.name, source.holds, source.needs, lambda _probe: "x" * 123_456) for source in registry.SOURCES)
    monkeypatch.setattr(registry, "SOURCES", many)
    lines = desk("snapshot", "--explain").out.splitlines()
    assert len(lines) <= 24
    table = lines[-len(many) :]
    assert len({line.index("123456") for line in table}) == 1
    assert all(len(line) <= 80 for line in table)


def test_explain_as_json(desk: Desk, state: dict[str, str]) -> None:
    document = desk("snapshot", "--explain", "--path", "/srv", "--path", "@state/routes", "--json").json
    assert (document["schema"], document["host"], document["paths"]) == ("changelog-ledger/snapshot-explanation/1", HOST, ["/srv"])
    collectors = {each["name"]: each for each in document["collectors"]}
    assert collectors["routes"]["seconds"] >= 0
    assert {**collectors["routes"], "seconds": 0} == {
        "name": "routes",
        "path": "@state/routes",
        "holds": "routes and rules",
        "needs": "ip",
        "watched": True,
        "availability": "available",
        "why": None,
        "seconds": 0,
        "size": len(state["routes"]),
    }
    assert [(each["watched"], each["availability"]) for each in document["collectors"]] == [
        (False, "failed"),
        (True, "available"),
        (False, "unavailable"),
    ]


def test_a_route_that_changed(desk: Desk, state: dict[str, str]) -> None:
    desk("snapshot", "--path", "@state/routes", "--at", day("10:00"))
    state["routes"] = state["routes"].replace("192.0.2.1", "192.0.2.254")
    desk("snapshot", "--path", "@state/routes", "--at", day("11:00"))
    (piece,) = desk("diff", HOST, "--path", "@state/**", "--json", code=None).json["evidence"]
    assert piece["summary"] == "@state/routes default via 192.0.2.1 → via 192.0.2.254"
    assert piece["kind"] == "state"
    assert desk("cat", HOST, "@state/routes").out == state["routes"]
    assert desk("cat", HOST, "@state/").out == "@state/routes\n"
    assert "192.0.2.254" in desk("blame", HOST, "@state/routes").out


def test_what_could_not_be_collected_makes_it_partial(desk: Desk, state: dict[str, str]) -> None:
    answer = desk("snapshot", "--path", "@state", code=3)
    assert "could not read @state/firewall" in answer.err
    assert "timers" not in answer.err


def test_what_is_refused(desk: Desk, state: dict[str, str]) -> None:
    desk("snapshot", "--path", "@state/routes")
    assert "@state/routes is the state of the machine" in desk.refused("restore", HOST, "@state/routes", "--from", "now", "--yes")
    assert "nothing is called @state/rutes" in desk.refused("snapshot", "--path", "@state/rutes")
    assert "--explain speaks of this machine" in desk.refused("snapshot", HOST, "--explain")
    assert "leave out --root" in desk.refused("snapshot", "--path", "@state/routes", "--root", str(desk.machine.root))
