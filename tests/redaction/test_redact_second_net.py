"""detect-secrets as the second net: only where it is asked for."""

import subprocess
import sys

import pytest

from changelog_ledger.errors import SettingsError
from changelog_ledger.formats.secrets import CATALOGUE
from changelog_ledger.redaction import RuleSet
from changelog_ledger.settings import Settings
from changelog_ledger.workflows import secret_rules
from tests.redaction.rules import redact

TELEGRAM = b"bot 110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawq\n"


@pytest.fixture
def no_files():
    """detect-secrets reads its own files."""


def test_it_finds_what_our_rules_do_not_know(no_files):
    pytest.importorskip("detect_secrets")
    from changelog_ledger.redaction import second_net

    assert redact("/etc/a.conf", TELEGRAM, lambda _secret: "abcdef").secrets == 0
    got = redact("/etc/a.conf", TELEGRAM, lambda _secret: "abcdef", RuleSet(CATALOGUE, net=second_net.spans))
    assert b"AAHdqTcvCH1" not in got.content
    assert redact("/etc/a.conf", got.content, lambda _secret: "abcdef", RuleSet(CATALOGUE, net=second_net.spans)).secrets == 0


def test_it_is_not_imported_unless_asked_for():
    code = "import sys, changelog_ledger.workflows.secret_rules; assert not any(name.startswith('detect_secrets') for name in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_the_extra_there_is_no_snapshot_rather_than_a_worse_one(monkeypatch):
    monkeypatch.setattr(secret_rules, "find_spec", lambda _name: None)
    secret_rules._ruleset.cache_clear()
    with pytest.raises(SettingsError, match="detect-secrets is not installed"):
        secret_rules.ruleset(Settings(host="a", stream="b", detect_secrets=True))
