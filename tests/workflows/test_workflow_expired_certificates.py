"""Nobody did anything at three in the morning: a certificate ended. What time does by itself is a suspect as well."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from changelog_ledger.reports.text import render_text
from changelog_ledger.sources.state import registry
from changelog_ledger.sources.state.certificates import certificates
from changelog_ledger.sources.state.probe import Probe
from changelog_ledger.sources.state.registry import Source
from changelog_ledger.workflows.expired_certificates import expired

from .world import HOST, START, World

SHOP = "/etc/nginx/tls/shop.pem"
ENDS = START + timedelta(days=1, hours=3)


def pem(ends: datetime, *, name: str = "shop.example", serial: int = 4711) -> str:
    """A real certificate."""
    key, subject = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key()).serial_number(serial)
    certificate = builder.not_valid_before(START - timedelta(days=90)).not_valid_after(ends).sign(key, hashes.SHA256())
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


@pytest.fixture
def served(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A machine with a certificate, and the real collector, which looks at the machine's files."""

    def collect(_probe: Probe) -> str:
        return certificates(Probe(str(world.machine.root)))

    monkeypatch.setattr(registry, "SOURCES", (Source("certificates", "the certificates", "a test", collect),))
    world.machine.write(SHOP, pem(ENDS))
    return world


def look(world: World):
    world.clock.tick(minutes=1)
    return world.ledger.snapshot(HOST, paths=["@state"])


def told(world: World) -> list[tuple[str, datetime]]:
    return [(entry.text, entry.at) for entry in world.ledger.recent(HOST, since=START - timedelta(days=100)) if entry.kind == "observation"]


def test_a_certificate_that_ended_in_the_night_is_the_first_suspect(served: World) -> None:
    ledger = served.ledger
    look(served)
    ledger.good(HOST)
    served.clock.now = ENDS + timedelta(minutes=4)
    ledger.bad(HOST, symptom="browsers refuse the shop: certificate is not valid")
    assert not ledger.what_changed(HOST).suspects
    look(served)
    first = ledger.what_changed(HOST).suspects[0]
    assert first.title == f"certificate {SHOP} expired (CN=shop.example) ({HOST})"
    assert first.occurred_at == ENDS
    assert ledger.show(first.evidence[0])
    page = render_text(ledger.what_changed(HOST))
    assert "nobody did it: certificate" in page
    assert "change log" not in page


def test_it_is_told_once_and_at_the_time_at_which_it_ended(served: World) -> None:
    look(served)
    assert told(served) == []
    served.clock.now = ENDS + timedelta(hours=5)
    for _ in range(3):
        look(served)
    assert told(served) == [(f"certificate {SHOP} expired (CN=shop.example)", ENDS)]


def test_one_that_was_renewed_in_time_never_ended(served: World) -> None:
    look(served)
    served.machine.write(SHOP, pem(ENDS + timedelta(days=90), serial=4712))
    served.clock.now = ENDS + timedelta(hours=5)
    look(served)
    assert told(served) == []


def test_snapshots_of_other_paths_meanwhile_hide_nothing(served: World) -> None:
    look(served)
    served.clock.now = ENDS + timedelta(hours=5)
    served.snapshot(paths=["/etc/hosts"])
    look(served)
    assert [summary for summary, _ in told(served)] == [f"certificate {SHOP} expired (CN=shop.example)"]


def test_what_had_ended_before_anybody_looked_is_told_by_the_first_look(served: World) -> None:
    served.machine.write(SHOP, pem(START - timedelta(days=30)))
    look(served)
    assert told(served) == [(f"certificate {SHOP} expired (CN=shop.example)", START - timedelta(days=30))]


def test_what_only_looks_like_a_certificate_is_passed_over() -> None:
    text = b'{"/etc/nginx/x.pem": {"unreadable": "no certificate"}}'
    assert list(expired(HOST, text, None, datetime(2030, 1, 1, tzinfo=UTC))) == []


def test_a_snapshot_of_files_alone_loads_nothing_of_it(world: World) -> None:
    code = f"""
import sys
from changelog_ledger import Ledger
with Ledger.open({str(world.ledger.home)!r}) as ledger:
    ledger.snapshot({HOST!r}, root={str(world.machine.root)!r})
assert "changelog_ledger.workflows.expired_certificates" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
