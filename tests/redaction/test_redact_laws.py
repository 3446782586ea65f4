"""The laws of redaction, for any bytes: idempotent, line-preserving, never raising, linear in time."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from changelog_ledger.redaction import redact

PATHS = st.sampled_from(
    [
        "/etc/a.conf",
        "/etc/shadow",
        "/etc/x.key",
        "/etc/ssh/ssh_host_rsa_key",
        "/root/.netrc",
        "/root/.pgpass",
        "/etc/a.yaml",
        "sasl_passwd",
        "users.acl",
    ]
)
WORDS = (
    b"password| secret| token:| api_key| psk| key| = | : |=|:| |  |\n|\r\n|\"|'|<|>|{|}|[|]|,|;|#|://|user|@|hunter2|<secret:9f3e5a>|Bearer |/etc/x"
    b"|-----BEGIN RSA PRIVATE KEY-----|-----END RSA PRIVATE KEY-----|abcdefghijklmnop1234|\\|\xff|name: |value: |$1$abc|AKIAABCDEFGHIJKLMNOP|\0"
    b"|Authorization: |define('|enable secret 5 |com2sec a b "
)
TOKENS = st.sampled_from([*WORDS.split(b"|"), b"|\n  "])


def tokens(pieces):
    return b"".join(pieces)


@settings(max_examples=500, deadline=None)
@given(PATHS, st.lists(TOKENS, max_size=24).map(tokens) | st.binary(max_size=200))
def test_redaction_is_idempotent_and_keeps_lines(fingerprint, path, content):
    once = redact(path, content, fingerprint)
    twice = redact(path, once.content, fingerprint)
    assert twice.content == once.content
    assert twice.secrets == 0
    if b"\0" not in content:
        assert once.content.count(b"\n") == content.count(b"\n")
    assert (once.secrets == 0) == (once.content == content)


ENDLESS = {
    "one word": b"a" * (1 << 20),
    "one name": b"pass" * (1 << 18),
    "names": b"password " * (1 << 17),
    "assignments": b"password=x " * (1 << 17),
    "open quotes": b'password="' * (1 << 17),
    "urls": b"a://b:c" * (1 << 17),
    "colons": b":" * (1 << 20),
    "begin": b"-----BEGIN RSA PRIVATE KEY-----" * (1 << 15),
    "blanks": b"password" + b" " * (1 << 20),
    "elements": b"<password>" * (1 << 16),
    "lists": b"password: [" * (1 << 16),
    "bearer": b"bearer " * (1 << 17),
    "com2sec": b"com2sec " * (1 << 17),
    "radius": b"radius key " * (1 << 16),
    "backslashes": b'password="' + b"\\" * (1 << 20),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_one_endless_line_takes_a_second_at_most(name, fingerprint):
    for path in ("/etc/x.conf", "/etc/shadow", "/root/.pgpass"):
        began = time.process_time()
        redact(path, ENDLESS[name], lambda secret: "abcdef")
        assert time.process_time() - began < 1.5  # a second, and room for a busy machine


def test_random_bytes_are_quick(fingerprint):
    content = random.Random(1).randbytes(1 << 20)
    began = time.process_time()
    redact("/var/lib/x.bin", content, fingerprint)
    assert time.process_time() - began < 0.3
