"""Two hosts side by side: what differs is shown, what is each one's own is counted, and nothing that matters hides behind a name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from changelog_ledger.errors import InvalidInput, NotFound
from changelog_ledger.model.comparison import Comparison

from .world import HOST, Machine, World, made_world, postgresql_database

OTHER = "web-02"
SERVER = "http/server[web-02.shop.example]"
UUIDS = ("11111111-2222-3333-4444-555555555555", "aaaaaaaa-2222-3333-4444-555555555555")


def furnish_own(machine: Machine, name: str, address: str, other: str, number: int) -> None:
    """What is a host's own, as the files of a Debian web server have it."""
    machine.write("/etc/hostname", f"{name}\n")
    machine.write("/etc/hosts", f"127.0.0.1 localhost\n127.0.1.1 {name}.shop.example {name}\n10.0.0.9 db\n")
    netplan = f"network:\n  ethernets:\n    eth0:\n      addresses: [{address}/24]\n      macaddress: '52:54:00:00:00:0{number}'\n"
    machine.write("/etc/netplan/01.yaml", netplan + "      nameservers:\n        addresses: [10.0.0.2]\n")
    machine.write("/etc/machine-id", f"{number}" * 32 + "\n")
    machine.write("/etc/fstab", f"UUID={UUIDS[number - 1]} / ext4 defaults 0 1\n")
    machine.write("/etc/ssh/ssh_host_ed25519_key.pub", f"ssh-ed25519 {'AAAA' * 10}{number * 1111} root@{name}\n")
    machine.write("/etc/keepalived/keepalived.conf", f"unicast_src_ip {address}\nunicast_peer {{\n {other}\n}}\n")
    server = f"    server {{\n        listen {address}:80;\n        server_name {name}.shop.example;\n    }}\n"
    machine.write("/etc/nginx/nginx.conf", f"worker_processes 4;\nhttp {{\n{server}}}\n")
    machine.write(f"/etc/sites/{name}.ini", f"[site]\nname = {name}\nroot = /srv\n")


class Pair:
    """A ledger of two hosts that differ in nothing but what is their own."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.left = world.machine
        self.right = Machine(folder / "other", world.clock)
        for machine in (self.left, self.right):
            machine.write("/etc/app.ini", "[db]\nhost = db\npool = 20\npassword = correct-horse\n")
        furnish_own(self.left, HOST, "10.0.0.5", "10.0.0.6", 1)
        furnish_own(self.right, OTHER, "10.0.0.6", "10.0.0.5", 2)
        world.ledger.add_host(OTHER)

    def compare(self, **options: object) -> Comparison:
        self.world.snapshot()
        self.world.ledger.snapshot(OTHER, root=self.right.root)
        return self.world.ledger.compare(HOST, OTHER, **options)  # type: ignore[arg-type]


@pytest.fixture
def pair(world: World, tmp_path: Path) -> Pair:
    return Pair(world, tmp_path)


@pytest.fixture(params=["sqlite", "postgresql"])
def either_pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pair]:
    with made_world(tmp_path, postgresql_database() if request.param == "postgresql" else None) as made:
        yield Pair(made, tmp_path)


def shown(found: Comparison) -> dict[tuple[str | None, str | None], tuple[str, object, object]]:
    return {(piece.path, piece.key): (str(piece.op), piece.before, piece.after) for piece in found.evidence}


def test_what_is_each_hosts_own_is_folded_and_counted(either_pair: Pair) -> None:
    found = either_pair.compare()
    assert shown(found) == {}
    kinds = {kind for each in found.folded for kind in each.kinds}
    assert kinds == {"name", "address", "hardware address", "uuid", "host key"}
    assert {each.path for each in found.folded} >= {"/etc/hostname", "/etc/hosts", "/etc/fstab", "/etc/netplan/01.yaml", "/etc/machine-id"}
    raw = either_pair.world.ledger.compare(HOST, OTHER, raw=True)
    assert raw.folded == ()
    assert len(raw.evidence) >= 10


def test_a_difference_names_which_host_has_what(either_pair: Pair) -> None:
    either_pair.right.edit("/etc/app.ini", "pool = 20", "pool = 5")
    either_pair.left.write("/etc/motd", "hello\n")
    either_pair.right.path("/etc/app.ini").chmod(0o600)
    found = either_pair.compare()
    assert shown(found) == {
        ("/etc/app.ini", "db/pool"): ("changed", "20", "5"),
        ("/etc/app.ini", None): ("metadata", {"mode": "0644"}, {"mode": "0600"}),
        ("/etc/motd", None): ("removed", "hello\n", None),
    }
    assert (found.left.host, found.right.host) == (HOST, OTHER)
    hosts = {piece.path: piece.target.name for piece in found.evidence if piece.op == "removed"}
    assert hosts == {"/etc/motd": HOST}


@pytest.mark.parametrize(
    ("path", "old", "new", "key", "values"),
    [
        ("/etc/nginx/nginx.conf", "listen 10.0.0.6:80", "listen 10.0.0.6:81", SERVER + "/listen", ("10.0.0.5:80", "10.0.0.6:81")),
        ("/etc/nginx/nginx.conf", "listen 10.0.0.6:80", "listen 10.0.0.60:80", SERVER + "/listen", ("10.0.0.5:80", "10.0.0.60:80")),
        ("/etc/netplan/01.yaml", "[10.0.0.2]", "[10.0.0.3]", "network.ethernets.eth0.nameservers.addresses[0]", ("10.0.0.2", "10.0.0.3")),
        ("/etc/sites/web-02.ini", "root = /srv", "root = /mnt", "site/root", ("/srv", "/mnt")),
        ("/etc/fstab", "0 1", "0 2", "[/]/pass", ("1", "2")),
    ],
)  # fmt: skip
def test_what_differs_besides_is_no_longer_expected(pair: Pair, path: str, old: str, new: str, key: str, values: tuple[str, str]) -> None:
    pair.right.edit(path, old, new)
    assert shown(pair.compare()) == {(path, key): ("changed", *values)}


def test_a_host_that_names_the_other_where_it_should_name_itself_is_found(pair: Pair) -> None:
    """A copied configuration that somebody forgot to adapt in one place: there each has the address of one and the same host."""
    pair.left.write("/etc/bind.ini", "[a]\nlisten = 10.0.0.5\npeer = 10.0.0.6\n")
    pair.right.write("/etc/bind.ini", "[a]\nlisten = 10.0.0.6\npeer = 10.0.0.6\n")
    assert shown(pair.compare()) == {}, "equal values are no difference"
    pair.left.write("/etc/bind.ini", "[a]\nlisten = web-01\n")
    pair.right.write("/etc/bind.ini", "[a]\nlisten = 10.0.0.6\n")
    assert shown(pair.compare()) == {("/etc/bind.ini", "a/listen"): ("changed", "web-01", "10.0.0.6")}


def test_a_block_of_one_hosts_own_name_is_looked_into(pair: Pair) -> None:
    pair.right.edit("/etc/nginx/nginx.conf", "        server_name", "        gzip on;\n        server_name")
    assert shown(pair.compare()) == {("/etc/nginx/nginx.conf", "http/server[web-02.shop.example]/gzip"): ("added", None, "on")}


def test_a_table_of_both_hosts(pair: Pair) -> None:
    pair.left.write("/etc/hosts", "127.0.0.1 localhost\n127.0.1.1 web-01\n10.0.0.6 web-02\n")
    pair.right.write("/etc/hosts", "127.0.0.1 localhost\n127.0.1.1 web-02\n10.0.0.5 web-01\n")
    assert shown(pair.compare()) == {}
    pair.right.write("/etc/hosts", "127.0.0.1 localhost\n127.0.1.1 web-02\n10.0.0.55 web-01\n")
    assert [key for _, key in shown(pair.compare())] == ["web-01/address"]


def test_numbers_of_the_same_users_are_folded_and_other_owners_are_not() -> None:
    from changelog_ledger.investigation.folding import Folding
    from changelog_ledger.model.evidence import Delta, Op

    fold = Folding((), ())
    assert fold.kinds_of(Delta("/etc/a", None, Op.METADATA, {"uid": 101}, {"uid": 102})) == ("user number",)
    assert fold.kinds_of(Delta("/etc/a", None, Op.METADATA, {"owner": "a", "uid": 1}, {"owner": "b", "uid": 2})) == ()


def test_a_secret_that_differs_is_shown_masked(pair: Pair) -> None:
    pair.right.edit("/etc/app.ini", "correct-horse", "wrong-horse")
    found = pair.compare()
    assert [key for _, key in shown(found)] == ["db/password"]
    assert "horse" not in str(found)


def test_noise_is_left_out_and_counted(pair: Pair) -> None:
    pair.left.write("/etc/adjtime", "0.0 100 0.0\n100\nUTC\n")
    pair.right.write("/etc/adjtime", "0.1 200 0.0\n200\nUTC\n")
    found = pair.compare()
    assert shown(found) == {}
    assert [(each.rule, each.path) for each in found.suppressed] == [("hardware clock drift", "/etc/adjtime")]
    seen = pair.world.ledger.compare(HOST, OTHER, noise=True)
    assert {piece.noise for piece in seen.evidence} == {"hardware clock drift"}


def test_paths_and_times(pair: Pair) -> None:
    pair.compare()
    then = pair.world.clock.now
    pair.world.clock.tick(hours=1)
    pair.right.edit("/etc/app.ini", "pool = 20", "pool = 5")
    pair.right.write("/etc/motd", "hello\n")
    assert len(pair.compare().evidence) == 2
    assert [piece.path for piece in pair.world.ledger.compare(HOST, OTHER, path="/etc/m*").evidence] == ["/etc/motd"]
    assert pair.world.ledger.compare(HOST, OTHER, at=then).evidence == ()


def test_what_cannot_be_compared(pair: Pair) -> None:
    pair.world.snapshot()
    with pytest.raises(NotFound):
        pair.world.ledger.compare(HOST, "web-99")
    with pytest.raises(NotFound):
        pair.world.ledger.compare(HOST, OTHER)
    with pytest.raises(InvalidInput):
        pair.world.ledger.compare(HOST, HOST)


def test_a_path_that_neither_has_is_an_error_and_no_equality(world: World) -> None:
    world.ledger.add_host("web-09")
    world.snapshot()
    world.ledger.snapshot("web-09", root=world.machine.root)
    with pytest.raises(NotFound, match=r"neither .* nor web-09 has a file that /etc/nope covers"):
        world.ledger.compare(HOST, "web-09", path="/etc/nope")
    assert not world.ledger.compare(HOST, "web-09", path="/etc/nginx/**").evidence
