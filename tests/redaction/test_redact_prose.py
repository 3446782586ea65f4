"""Free text: what looks like a secret is masked, what is written about secrets stays."""

import pytest

from changelog_ledger.redaction.prose import redact_text
from tests.redaction.rules import RULES

PROSE = [
    "password: changed for bob",
    "rotate the API key",
    "Rotate the API key and the token of shop",
    "password was changed, token is invalid",
    "New password policy: 12 characters",
    "secret: rotated",
    "token expired at 03:00",
    "the key is in /etc/ssl/private/shop.key",
    "CHG-8FQ2KD failed: password authentication failed for user shop",
    "password=${DB_PASSWORD}",
    "",
    "Grüße, password: geändert für Bob",
]
SECRET = [
    ("password=hunter2", "hunter2"),
    ("it failed with password: hunter2", "hunter2"),
    ("old password was hunter2, new one is in the vault", "hunter2"),
    ("see postgres://shop:hunter2@db/x", "hunter2"),
    ("curl -H 'Authorization: Bearer abcdefgh12345678'", "abcdefgh12345678"),
    ("mysql -uroot -phunter2 shop", "hunter2"),
    ("tool --api-key hunter2 --x", "hunter2"),
    ("token ghp_" + "a1B2" * 10, "a1B2a1B2"),
    ("api_key: 'two words'", "two words"),
    ("-----BEGIN PRIVATE KEY-----\nKKKKKKKKKKK\n-----END PRIVATE KEY-----", "KKKKKKKKKKK"),
    ("$6$salt$" + "abcd" * 10, "abcdabcd"),
]


@pytest.mark.parametrize("text", PROSE)
def test_prose_stays(text):
    assert redact_text(text, lambda _secret: "abcdef", RULES) == text


@pytest.mark.parametrize(("text", "secret"), SECRET)
def test_a_secret_in_prose_is_masked(text, secret):
    got = redact_text(text, lambda _secret: "abcdef", RULES)
    assert secret not in got
    assert "<secret:abcdef>" in got
    assert redact_text(got, lambda _secret: "abcdef", RULES) == got


def test_any_text_is_taken():
    assert redact_text("\ud800 password=x1", lambda _secret: "abcdef") == "\ud800 password=<secret:abcdef>"
