"""The machine's state in snapshots: found, explained, exported and imported as files are; nobody's to restore, and of this machine only."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from changelog_ledger import Ledger
from changelog_ledger.errors import InvalidInput, LedgerError, NotFound, SnapshotError
from changelog_ledger.sources.state import registry
from changelog_ledger.sources.state.probe import CollectionFailed, NotAvailable
from changelog_ledger.sources.state.registry import Source

from .world import HOST, World

PORTS = '{\n "tcp": {\n  "0.0.0.0:22": "sshd"\n }\n}\n'
WITH_PYTHON = '{\n "tcp": {\n  "0.0.0.0:22": "sshd",\n  "0.0.0.0:8080": "python3"\n }\n}\n'
RULES = "table inet filter {\n\tchain input {\n\t\ttype filter hook input priority 0; policy drop;\n\t\ttcp dport 22 accept\n\t}\n}\n"


@dataclass
class State:
    """What the collectors of a test find, by name: a text, or why there is none."""

    found: dict[str, str | Exception] = field(default_factory=dict)

    def collect(self, name: str) -> str:
        found = self.found.get(name, NotAvailable(f"there is no {name}"))
        if isinstance(found, Exception):
            raise found
        return found


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> State:
    """A machine whose state is what a test says."""
    told = State({"listening-ports": PORTS, "firewall": RULES})
    names = ("firewall", "kernel", "listening-ports", "routes")
    monkeypatch.setattr(
        registry, "SOURCES", tuple(Source(name, f"the {name}", "a test", lambda _probe, name=name: told.collect(name)) for name in names)
    )
    return told


def look(world: World, *paths: str):
    """A snapshot of this machine's state."""
    world.clock.tick(minutes=1)
    return world.ledger.snapshot(HOST, paths=paths or ["@state"])


def summaries(world: World, **options) -> list[str]:
    return [piece.summary for piece in world.ledger.diff(HOST, **options)]


def test_what_was_opened_since_reads_like_a_configuration(either: World, state: State) -> None:
    first = look(either)
    assert first.files == 2
    assert not first.partial
    assert either.ledger.files(HOST, "@state") == ("@state/firewall", "@state/listening-ports")
    assert either.ledger.cat(HOST, "@state/listening-ports").decode() == PORTS
    state.found["listening-ports"] = WITH_PYTHON
    state.found["firewall"] = RULES.replace("tcp dport 22 accept", "tcp dport { 22, 8080 } accept")
    look(either)
    report = either.ledger.what_changed(f"host:{HOST}", since=first.at)
    assert {piece.kind for piece in report.evidence} == {"state"}
    assert "@state/listening-ports tcp/0.0.0.0:8080 added: python3" in [piece.summary for piece in report.evidence]
    assert any(piece.path == "@state/firewall" and "8080" in piece.summary for piece in report.evidence)
    assert all(piece.explained_by == "" for piece in report.evidence)
    assert either.ledger.verify() == ()
    either.ledger.rebuild()
    assert either.ledger.what_changed(f"host:{HOST}", since=first.at).evidence == report.evidence


def test_the_same_state_is_nothing_new(world: World, state: State) -> None:
    look(world)
    assert look(world).unchanged
    assert look(world, "@state/firewall").unchanged


def test_files_and_state_side_by_side(world: World, state: State, tmp_path: Path) -> None:
    watched = tmp_path / "watched"
    watched.mkdir()
    (watched / "x.conf").write_text("a = 1\n")
    look(world, str(watched), "@state")
    (watched / "x.conf").write_text("a = 2\n")
    state.found["listening-ports"] = WITH_PYTHON
    seen = look(world, str(watched), "@state")
    assert seen.files == 3
    assert [(piece.path, piece.kind) for piece in world.ledger.diff(HOST)] == [(f"{watched}/x.conf", "config"), ("@state/listening-ports", "state")]
    assert look(world, str(watched), "@state").unchanged


def test_a_glob_asks_for_state_or_for_files(world: World, state: State) -> None:
    look(world)
    state.found["listening-ports"] = WITH_PYTHON
    look(world)
    assert summaries(world, path="@state/**") == summaries(world) != []
    assert summaries(world, path="@state/firewall") == []
    assert summaries(world, path="/**") == []


def test_blame_says_since_when(world: World, state: State) -> None:
    look(world)
    state.found["listening-ports"] = WITH_PYTHON
    second = look(world)
    blamed = world.ledger.blame(HOST, "@state/listening-ports", "tcp/0.0.0.0:8080")
    assert [entry.setting.snapshot for entry in blamed.entries] == [second.id]


def test_a_change_that_declares_it_explains_it(world: World, state: State) -> None:
    look(world)
    change = world.ledger.plan("open 8080", on=[f"host:{HOST}"], paths=["@state/listening-ports"])
    world.ledger.start(change.id)
    world.clock.tick(minutes=1)
    state.found |= {"listening-ports": WITH_PYTHON, "firewall": RULES.replace("22", "23")}
    look(world)
    world.ledger.finish(change.id)
    evidence = world.ledger.what_changed(f"host:{HOST}", since="1h").evidence
    explained = {piece.path: piece.explained_by for piece in evidence}
    assert explained["@state/listening-ports"] == change.id
    assert explained["@state/firewall"] == ""


# ---- what cannot be collected


def test_what_was_never_there_is_not_missed(world: World, state: State) -> None:
    assert look(world).unread == ()
    assert "@state/kernel" not in world.ledger.files(HOST, "@state")


@pytest.mark.parametrize("trouble", [CollectionFailed("nft timed out after 5 s"), NotAvailable("nft is not installed")])
def test_what_was_there_and_cannot_be_collected_stays_and_is_named(world: World, state: State, trouble: Exception) -> None:
    first = look(world)
    state.found["firewall"] = trouble
    seen = look(world)
    assert seen.unread == ("@state/firewall",)
    assert seen.partial
    assert world.ledger.cat(HOST, "@state/firewall").decode() == RULES
    state.found["firewall"] = RULES
    assert look(world).unread == ()
    assert not [text for text in summaries(world, since=first.at) if "dport" in text]


def test_a_collector_that_fails_from_the_start_is_named(world: World, state: State) -> None:
    state.found["routes"] = CollectionFailed("ip ended with 1")
    assert look(world).unread == ("@state/routes",)


# ---- of this machine only


def test_of_an_image_or_another_host_there_is_no_state(world: World, state: State) -> None:
    look(world)
    world.snapshot(paths=["/etc"])  # below another root
    assert "@state/firewall" in world.ledger.files(HOST, "@state")
    for host, root in ((HOST, world.machine.root), ("web-02", Path("/"))):
        world.ledger.add_host(host)
        world.clock.tick(minutes=1)
        with pytest.raises(SnapshotError, match="state of the machine"):
            world.ledger.snapshot(host, paths=["@state/firewall"], root=root)


def test_the_watch_list_of_an_image_is_its_files(world: World, state: State) -> None:
    """The home watches ``/etc`` and ``@state``; of the image only the first says anything."""
    seen = world.snapshot()
    assert "/etc/hosts" in world.ledger.files(HOST)
    assert world.ledger.files(HOST, "@state") == ()
    assert seen.unread == ()


def test_a_name_that_nothing_has_is_refused(world: World, state: State) -> None:
    with pytest.raises(InvalidInput, match="nothing is called @state/rutes"):
        look(world, "@state/rutes")


def test_ignored_is_not_collected(world: World, state: State) -> None:
    toml = world.ledger.home / "ledger.toml"
    toml.write_text(re.sub(r"(?m)^ignore = \[", 'ignore = ["@state/firewall", ', toml.read_text()))
    with Ledger.open(world.ledger.home, clock=world.clock) as ledger:
        ledger.snapshot(HOST, paths=["@state"])
        assert ledger.files(HOST, "@state") == ("@state/listening-ports",)


# ---- what it is not


def test_it_cannot_be_restored(world: World, state: State) -> None:
    seen = look(world)
    for path in ("@state/firewall", "@state"):
        with pytest.raises(InvalidInput, match="no file that could be written back"):
            world.ledger.restore(HOST, [path], seen.id, root=world.machine.root, leave=lambda _plan: True)


def test_a_restore_of_files_does_not_touch_it(world: World, state: State, tmp_path: Path) -> None:
    """Not even one of everything that the snapshot knows below /."""
    watched = tmp_path / "watched"
    watched.mkdir()
    (watched / "x.conf").write_text("a = 1\n")
    good = look(world, str(watched), "@state")
    (watched / "x.conf").write_text("a = 2\n")
    result = world.ledger.restore(HOST, [str(watched)], good.id, leave=lambda _plan: True)
    assert [step.path for step in result.plan.steps] == [f"{watched}/x.conf"]
    assert (watched / "x.conf").read_text() == "a = 1\n"
    copy = tmp_path / "copy"
    copy.mkdir()
    world.ledger.restore(HOST, [str(tmp_path)], good.id, to=copy)
    assert not (copy / "@state").exists()


def test_a_roll_back_leaves_it_alone(world: World, state: State, tmp_path: Path) -> None:
    watched = tmp_path / "watched"
    watched.mkdir()
    (watched / "x.conf").write_text("a = 1\n")
    look(world, str(watched), "@state")
    change = world.ledger.plan("x", on=[f"host:{HOST}"], paths=[f"{watched}/**", "@state/**"], rollback_to="latest")
    world.clock.tick(minutes=1)
    world.ledger.start(change.id)
    (watched / "x.conf").write_text("a = 2\n")
    state.found["listening-ports"] = WITH_PYTHON
    look(world, str(watched), "@state")
    world.clock.tick(minutes=1)
    done = world.ledger.roll_back(change.id, leave=lambda _plan: True)
    assert done.restored is not None
    assert [step.path for step in done.restored.plan.steps] == [f"{watched}/x.conf"]


# ---- secrets, interchange


def test_secrets_in_it_are_masked_and_sealed(world: World, state: State) -> None:
    state.found["kernel"] = '{\n "command line": [\n  "root=/dev/sda1",\n  "ldap_password=correct-horse-battery"\n ]\n}\n'
    look(world)
    stored = world.ledger.cat(HOST, "@state/kernel").decode()
    assert "correct-horse" not in stored
    assert "<secret:" in stored
    assert "correct-horse" in world.ledger.cat(HOST, "@state/kernel", reveal=True).decode()
    assert look(world).unchanged


def test_out_and_in_again(either: World, state: State, tmp_path: Path) -> None:
    look(either)
    state.found["listening-ports"] = WITH_PYTHON
    look(either)
    lines = list(either.ledger.export_facts())
    with Ledger.init(tmp_path / "other", host="elsewhere", clock=either.clock) as other:
        other.import_facts(lines)
        assert other.files(HOST, "@state") == ("@state/firewall", "@state/listening-ports")
        assert other.cat(HOST, "@state/listening-ports").decode() == WITH_PYTHON
        there = [(piece.summary, piece.kind) for piece in other.diff(HOST)]
        assert there == [(piece.summary, piece.kind) for piece in either.ledger.diff(HOST)] != []
        assert other.verify() == ()
        metadata = [piece.summary for piece in other.diff(HOST, since=None) if piece.key is None]
        assert metadata == []


def test_a_real_folder_of_that_name_is_another(world: World, state: State) -> None:
    world.machine.write("/@state/firewall", "not the state\n")
    look(world)
    world.snapshot(paths=["/@state"])
    assert world.ledger.cat(HOST, "/@state/firewall") == b"not the state\n"
    assert world.ledger.cat(HOST, "@state/firewall").decode() == RULES
    with pytest.raises(LedgerError):
        world.ledger.cat(HOST, "state/firewall")
    with pytest.raises(NotFound):
        world.ledger.cat(HOST, "@state/routes")


def test_own_addresses_of_two_hosts_are_folded(world: World, state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    def told(address: str, mac: str) -> str:
        return json.dumps({"eth0": {"addresses": [f"{address}/24"], "mac": mac, "mtu": "1500"}}, indent=1) + "\n"

    files = {"@state/addresses": told("192.0.2.7", "52:54:00:00:00:07"), "@state/routes": '{"default": "via 192.0.2.1 src 192.0.2.7"}\n'}
    twin = {"@state/addresses": told("192.0.2.8", "52:54:00:00:00:08"), "@state/routes": '{"default": "via 192.0.2.1 src 192.0.2.8"}\n'}
    twin["@state/listening-ports"], files["@state/listening-ports"] = PORTS, WITH_PYTHON
    at = world.clock().isoformat()
    world.ledger.import_facts(
        json.dumps({"kind": "snapshot", "host": host, "at": at, "files": content, "ref": host}) for host, content in (("a-01", files), ("a-02", twin))
    )
    world.clock.tick(minutes=1)
    compared = world.ledger.compare("a-01", "a-02")
    assert [piece.path for piece in compared.evidence] == ["@state/listening-ports"]
    assert {folded.path for folded in compared.folded} == {"@state/addresses", "@state/routes"}


# ---- what would be looked at


def test_explained_without_a_snapshot(world: World, state: State) -> None:
    state.found["routes"] = CollectionFailed("ip ended with 1")
    explained = world.ledger.explain_snapshot()
    assert (explained.host, explained.paths) == (HOST, ("/etc",))
    assert [(each.name, each.watched, each.availability.value, each.why) for each in explained.collectors] == [
        ("firewall", True, "available", ""),
        ("kernel", True, "unavailable", "there is no kernel"),
        ("listening-ports", True, "available", ""),
        ("routes", True, "failed", "ip ended with 1"),
    ]
    assert explained.collectors[0].size == len(RULES)
    assert world.ledger.snapshots(HOST) == ()
    some = world.ledger.explain_snapshot(paths=["/srv", "@state/routes"])
    assert some.paths == ("/srv",)
    assert [each.name for each in some.collectors if each.watched] == ["routes"]


# ---- the real machine


@pytest.fixture
def listener() -> Iterator[int]:
    """A process that listens; its port."""
    code = "import socket, sys\ns = socket.socket()\ns.bind(('127.0.0.1', 0))\ns.listen()\nprint(s.getsockname()[1], flush=True)\nsys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.communicate("")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs Linux")
def test_an_idle_machine_shows_nothing_new(world: World) -> None:
    """Three in a row are the same. Whatever else runs here may open and close ports, so it may take a few attempts; a collector that tells what
    changes by itself never gets there."""
    same = 0
    look(world)
    for _ in range(12):
        same = same + 1 if look(world).unchanged else 0
        if same == 3:
            return
    pytest.fail(f"never three in a row: {summaries(world, since='1h')}")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs Linux")
def test_a_socket_that_really_listens_is_found(world: World, request: pytest.FixtureRequest) -> None:
    look(world)
    port = request.getfixturevalue("listener")
    look(world)
    added = [piece for piece in world.ledger.diff(HOST, path="@state/listening-ports") if piece.key == f"tcp/127.0.0.1:{port}"]
    assert [(piece.op.value, piece.kind) for piece in added] == [("added", "state")]
    assert str(added[0].after).startswith("python")
