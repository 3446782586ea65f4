"""Law 4: one sees that a secret changed, and never the secret: not in git, the database, a log, nor in anything that is printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.redaction_corpus import Case, corpus
from benchmarks.redaction_figures import written
from changelog_ledger import render_text
from changelog_ledger.cli.main import run

from .world import HOST, World, every_object, made_world, postgresql_database

OLD, NEW = "Tr0ub4dor-and-3-old", "Tr0ub4dor-and-3-new"
PRIVATE_KEY = """\
-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW
QyNTUxOQAAACDnotARealKeyJustLettersForATestXXXXXXXXXXXXXXXXXAAAAJgSecret
-----END OPENSSH PRIVATE KEY-----
"""
FINGERPRINT = re.compile(r"<secret:[0-9a-f]{6,}>")


@pytest.fixture
def rotated(tmp_path: Path) -> Iterator[World]:
    """The database password of one file was rotated between two snapshots."""
    with made_world(tmp_path) as world:
        world.machine.write("/etc/app.ini", f"[db]\nhost = db-01\npassword = {OLD}\n")
        world.machine.write("/etc/ssh/ssh_host_ed25519_key", PRIVATE_KEY)
        world.machine.write("/etc/shop.env", f"DATABASE_URL=postgresql://shop:{OLD}@db-01/shop\nDEBUG=no\n")
        world.snapshot()
        world.machine.write("/etc/app.ini", f"[db]\nhost = db-01\npassword = {NEW}\n")
        world.snapshot()
        yield world


def test_a_rotation_is_one_difference_between_two_fingerprints(rotated: World) -> None:
    (piece,) = rotated.ledger.diff(HOST)
    assert (piece.path, piece.key, str(piece.op)) == ("/etc/app.ini", "db/password", "changed")
    assert FINGERPRINT.fullmatch(piece.before)
    assert FINGERPRINT.fullmatch(piece.after)
    assert piece.before != piece.after


def test_the_same_secret_in_two_files_has_the_same_fingerprint(rotated: World) -> None:
    """That is what it is good for: the one place that was forgotten when the password was rotated shows."""
    (piece,) = rotated.ledger.diff(HOST)
    assert piece.before in rotated.ledger.cat(HOST, "/etc/shop.env").decode()


def test_no_secret_is_anywhere_in_the_home(rotated: World) -> None:
    """Every git object, unpacked; every file of the home, the database and its journal among them."""
    home = rotated.ledger.home
    objects = every_object(home)
    assert b"db-01" in objects, "the search would find what is there"
    for secret in _secrets():
        assert secret not in objects
        for file in home.rglob("*"):
            if file.is_file():
                assert secret not in file.read_bytes(), file


def test_no_secret_is_in_any_output(rotated: World, capsys: pytest.CaptureFixture[str]) -> None:
    ledger = rotated.ledger
    shown = [render_text(ledger.what_changed(HOST)), str(ledger.what_changed(HOST)), str(ledger.drift(HOST)), str(ledger.recent(HOST))]
    shown += [ledger.diff_text(HOST), *ledger.export_facts()]
    shown += [ledger.cat(HOST, path).decode() for path in ledger.files(HOST)]
    home = ["--home", str(ledger.home)]
    for command in (
        ["what-changed", HOST],
        ["what-changed", HOST, "--json"],
        ["what-changed", HOST, "--format", "markdown"],
        ["what-changed", HOST, "--format", "html"],
        ["recent", HOST, "--since", "2025-06-01T00:00Z"],
        ["drift", HOST, "--json"],
        ["diff", HOST, "--text"],
        ["diff", HOST, "--json"],
        ["status"],
        ["export"],
        ["cat", HOST, "/etc/app.ini"],
        ["-v", "cat", HOST, "/etc/nothing"],
    ):
        run([*home, *command])
        captured = capsys.readouterr()
        shown += [captured.out, captured.err]
    everything = "\n".join(shown).encode()
    assert b"<secret:" in everything
    assert b"db/password" in everything
    for secret in _secrets():
        assert secret not in everything


def test_only_reveal_shows_the_original(rotated: World) -> None:
    assert NEW not in rotated.ledger.cat(HOST, "/etc/app.ini").decode()
    assert NEW in rotated.ledger.cat(HOST, "/etc/app.ini", reveal=True).decode()
    assert OLD in rotated.ledger.cat(HOST, "/etc/app.ini", at=rotated.ledger.snapshots(HOST)[0].at, reveal=True).decode()
    assert rotated.ledger.cat(HOST, "/etc/ssh/ssh_host_ed25519_key", reveal=True).decode() == PRIVATE_KEY


def test_an_unchanged_secret_is_not_sealed_again(rotated: World) -> None:
    """Sealing is random: sealed anew, every look would be a new commit."""
    before = rotated.ledger.snapshots(HOST)[-1].commit
    rotated.machine.write("/etc/app.ini", f"[db]\nhost = db-01\npassword = {NEW}\n", at=rotated.clock.tick(hours=1))
    assert rotated.snapshot().commit == before


def test_another_homes_fingerprints_are_others(rotated: World, tmp_path: Path) -> None:
    """Keyed by the home: who has only the fingerprint cannot try passwords on it."""
    (piece,) = rotated.ledger.diff(HOST)
    with made_world(tmp_path / "other", seed=8) as other:
        other.machine.write("/etc/app.ini", f"[db]\nhost = db-01\npassword = {NEW}\n")
        other.snapshot()
        assert piece.after not in other.ledger.cat(HOST, "/etc/app.ini").decode()


def test_postgresql_does_not_get_the_secret_either(tmp_path: Path) -> None:
    import psycopg

    address = postgresql_database()
    with made_world(tmp_path, address) as world:
        world.machine.write("/etc/app.ini", f"[db]\npassword = {OLD}\n")
        world.snapshot()
        world.machine.write("/etc/app.ini", f"[db]\npassword = {NEW}\n")
        world.snapshot()
    with psycopg.connect(address) as connection:
        tables = [row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()]
        assert len(tables) > 5
        everything = str([connection.execute(f'SELECT * FROM "{table}"').fetchall() for table in tables])  # type: ignore[arg-type]
    assert "<secret:" in everything
    assert OLD not in everything
    assert NEW not in everything


def _secrets() -> list[bytes]:
    return [OLD.encode(), NEW.encode(), PRIVATE_KEY.splitlines()[1].encode()]


# ---- the whole labelled corpus


@pytest.fixture(scope="module")
def of_corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A host that held every declared case of the corpus, as many snapshots as cases share a path; last, one secret was rotated."""
    with made_world(tmp_path_factory.mktemp("corpus")) as world:
        for layer in _layers([case for case in corpus() if case.declared]):
            for case in layer:
                world.machine.write(case.path, case.content)
            world.snapshot(paths=["/etc", "/srv", "/root", "/var", "/boot"])
        rotated = next(case for case in corpus() if case.spelling == "YAML map")
        world.machine.write(rotated.path, rotated.content)
        world.snapshot(paths=["/etc", "/srv", "/root", "/var", "/boot"])
        (secret,) = rotated.secrets
        world.machine.edit(rotated.path, secret[:8], NEW)
        world.snapshot(paths=["/etc", "/srv", "/root", "/var", "/boot"])
        yield world


def _layers(cases: list[Case]) -> list[list[Case]]:
    """Cases in groups in which every path is there once."""
    layers: list[dict[str, Case]] = []
    for case in cases:
        layer = next((layer for layer in layers if case.path not in layer), None)
        if layer is None:
            layer = {}
            layers.append(layer)
        layer[case.path] = case
    return [list(layer.values()) for layer in layers]


def _remaining(everything: bytes) -> set[str]:
    """The secrets of the corpus that are in it: raw, in base64, percent-encoded, escaped for JSON …"""
    secrets = {secret for case in corpus() if case.declared for secret in case.secrets}
    return {secret for secret in secrets if any(form in everything for form in written(secret.encode()) if len(form) > 5)}


@pytest.mark.slow
def test_no_secret_of_the_corpus_is_in_the_home(of_corpus: World) -> None:
    home = of_corpus.ledger.home
    objects = every_object(home)
    assert objects.count(b"<secret:") > 1000, "the search would find what is there"
    assert _remaining(objects) == set()
    assert _remaining(b"\0".join(file.read_bytes() for file in sorted(home.rglob("*")) if file.is_file())) == set()


@pytest.mark.slow
def test_no_secret_of_the_corpus_is_printed(of_corpus: World, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    home = ["--home", str(of_corpus.ledger.home)]
    since = ["--since", "2025-01-01T00:00Z"]
    shown = []
    for command in (
        ["what-changed", HOST, *since],
        ["what-changed", HOST, *since, "--json"],
        ["what-changed", HOST, *since, "--format", "html"],
        ["what-changed", HOST, *since, "--format", "markdown"],
        ["recent", HOST, *since, "--json"],
        ["drift", HOST, "--json"],
        ["diff", HOST],
        ["diff", HOST, "--text"],
        ["diff", HOST, "--json"],
        ["export"],
        ["export", "--snapshots"],
        ["list", "snapshots", HOST, "--json"],
        ["status", "--json"],
        *(["cat", HOST, path] for path in of_corpus.ledger.files(HOST)[::5]),
    ):
        run([*home, "-v", *command])
        captured = capsys.readouterr()
        shown += [captured.out, captured.err]
    everything = "\n".join([*shown, caplog.text]).encode()
    assert everything.count(b"<secret:") > 100
    assert _remaining(everything) == set()


@pytest.mark.slow
def test_one_rotated_secret_is_one_difference(of_corpus: World) -> None:
    (piece,) = of_corpus.ledger.diff(HOST)
    assert str(piece.op) == "changed"
    assert FINGERPRINT.fullmatch(piece.before)
    assert FINGERPRINT.fullmatch(piece.after)
    assert piece.before != piece.after


def test_a_password_salted_anew_is_no_new_password(tmp_path: Path) -> None:
    """Cisco's type 7 looks different at each display; the difference is said to be one in what is masked, and the fingerprint is the same."""
    with made_world(tmp_path) as world:
        world.machine.write("/etc/router.cfg", "username bob password 7 0822455D0A16\n")
        world.snapshot()
        before = world.ledger.cat(HOST, "/etc/router.cfg")
        world.machine.write("/etc/router.cfg", "username bob password 7 02050D480809\n")
        world.snapshot()
        assert world.ledger.cat(HOST, "/etc/router.cfg") == before
        (piece,) = world.ledger.diff(HOST)
        assert str(piece.op) == "opaque"


def test_the_homes_own_rules_hold(tmp_path: Path) -> None:
    with made_world(tmp_path) as world:
        settings = world.ledger.home / "ledger.toml"
        rules = '\n[[redaction]]\nname = "till"\nkeys = ["operator-pin"]\n[[redaction]]\nname = "mirror"\nkeys = ["mirror_secret"]\nsecret = false\n'
        settings.write_text(settings.read_text() + rules)
        home = world.ledger.home
    from changelog_ledger import Ledger

    with Ledger.open(home, clock=world.clock) as ledger:
        world.machine.write("/etc/till.conf", "operator_pin = 4711-0815\nmirror_secret = shown-to-all\n")
        ledger.snapshot(HOST, root=world.machine.root)
        shown = ledger.cat(HOST, "/etc/till.conf").decode()
    assert "4711" not in shown
    assert "mirror_secret = shown-to-all" in shown
