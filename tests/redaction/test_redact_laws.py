"""The laws of redaction, for any bytes: idempotent, line-preserving, never raising, linear in time."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.redaction.rules import redact

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
        "/srv/a.sh",
        "/srv/.env",
        "/srv/a.json",
        "/srv/a.xml",
        "/srv/a.ini",
        "/srv/a.properties",
        "/srv/a.toml",
        "/srv/a.tf",
        "/etc/snmp/snmpd.conf",
        "/etc/pam.d/login",
        "/etc/sudoers",
        "/etc/chrony.keys",
        "/etc/ipsec.secrets",
        "/etc/cron.d/x",
        "/srv/a.csv",
    ]
)
WORDS = (
    b"password| secret| token:| api_key| psk| key| = | : |=|:| |  |\n|\r\n|\"|'|<|>|{|}|[|]|,|;|#|://|user|@|hunter2|<secret:9f3e5a>|Bearer |/etc/x"
    b"|-----BEGIN RSA PRIVATE KEY-----|-----END RSA PRIVATE KEY-----|abcdefghijklmnop1234|\\|\xff|name: |value: |$1$abc|AKIAABCDEFGHIJKLMNOP|\0"
    b"|Authorization: |define('|enable secret 5 |com2sec a b |kind: Secret|data:|stringData:|  x: |- |passwords:|secrets: {|[a, |]}"
    b"|curl -u |mysql -p|--token "
    b"|<password>|</password>|<![CDATA[|]]>|$6$salt$|$9$LbHX-wg4Z|password 7 0822455D0A16|<<EOT|EOT"
    b'|chpasswd:|bob:x|was |$|${A}|`|\'\'|\\\n|"""|variable "x" {'
    b"|user,password\n|passwd=|--password |1 MD5 |: PSK \"|value: x\n  name: db_password\n|- mysql\n- \"-p|\"-p|&|mysql |value='x' name='password'|,"
    b"|default = |{SSHA}|key-string 7 |snmp-server community | RO|wsrep_sst_auth=a:|register => |> "
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
    "tags": b"password>" * (1 << 16),
    "quotes": b"'" * (1 << 20),
    "double quotes": b'"' * (1 << 20),
    "password quotes": b"password='" * (1 << 16),
    "yaml": b"password:\n " * (1 << 16),
    "deeper yaml": b"".join(b" " * depth + b"secrets:\n" for depth in range(1000)),
    "kinds": b"kind: Secret\ndata:\n" * (1 << 15),
    "json kinds": b'{"kind":"Secret","data":{' * (1 << 14),
    "braces": b"secrets: {" * (1 << 16),
    "options": b"curl -u " * (1 << 16),
    "mysql": b"mysql -p" * (1 << 16),
    "dollars": b"$1$" * (1 << 18),
    "here": b"password=<<EOT\n" * (1 << 15),
    "variables": b'variable "x" {' * (1 << 15),
    "triple": b'password="""' * (1 << 15),
    "lists": b"password: [" * (1 << 16),
    "bearer": b"bearer " * (1 << 17),
    "com2sec": b"com2sec " * (1 << 17),
    "radius": b"radius key " * (1 << 16),
    "values": b"- value: x\n  name: " * (1 << 15),
    "items": b"- mysql\n- x\n" * (1 << 15),
    "option quotes": b'mysql "-p' * (1 << 16),
    "wide": b"\xff\xfe" + "password=x\n".encode("utf-16-le") * (1 << 14),
    "narrow": b"\xff\xfe" + b"secret=\0" * (1 << 16),
    "scalars": b"password: x\n  y\n" * (1 << 15),
    "long scalar": b"password: x\n" + b"  y\n" * (1 << 16),
    "blank scalar": b"password: x\n" + b"\n" * (1 << 16),
    "blank scalars": b"password: x\n\n" * (1 << 15),
    "backslashes": b'password="' + b"\\" * (1 << 20),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_one_endless_line_takes_time_in_proportion(name, fingerprint):
    for path in ("/etc/x.conf", "/root/.pgpass", "/etc/x.yaml", "/etc/x.sh"):
        content = ENDLESS[name][: 1 << 18]
        quarter, whole = _seconds(path, content[: len(content) // 4]), _seconds(path, content)
        assert whole < 8 * quarter + 1, path  # twice as much as four times, and room for a busy machine


def _seconds(path, content):
    began = time.process_time()
    redact(path, content, lambda secret: "abcdef")
    return time.process_time() - began


def test_random_bytes_are_quick(fingerprint):
    content = random.Random(1).randbytes(1 << 20)
    began = time.process_time()
    redact("/var/lib/x.bin", content, fingerprint)
    assert time.process_time() - began < 0.3
