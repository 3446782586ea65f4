"""One secret, one fingerprint: whatever the quotes, escapes and reversible encodings of the file."""

import base64

import pytest

from changelog_ledger.redaction.reversible import junos_9, type_7
from tests.redaction.rules import redact

SECRET = 'it\'s 4$ & <b> "q" back\\slash'
SPELLED = {
    "/etc/app.ini": f"password = {SECRET}\n",
    "/etc/app.json": '{"password": "it\'s 4$ & <b> \\"q\\" back\\\\slash"}\n',
    "/etc/unicode.json": '{"password": "it\\u0027s 4$ & \\u003cb> \\"q\\" back\\\\slash"}\n',
    "/etc/app.yaml": "password: 'it''s 4$ & <b> \"q\" back\\slash'\n",
    "/etc/double.yaml": 'password: "it\'s 4$ & <b> \\"q\\" back\\\\slash"\n',
    "/etc/block.yaml": f"password: |\n  {SECRET}\n",
    "/etc/profile.d/single.sh": "export PASSWORD='it'\\''s 4$ & <b> \"q\" back\\slash'\n",
    "/etc/profile.d/double.sh": 'export PASSWORD="it\'s 4\\$ & <b> \\"q\\" back\\\\slash"\n',
    "/srv/.env": 'PASSWORD="it\'s 4\\$ & <b> \\"q\\" back\\\\slash"\n',
    "/etc/element.xml": "<password>it&apos;s 4$ &amp; &lt;b&gt; &quot;q&quot; back\\slash</password>\n",
    "/etc/attribute.xml": '<a password="it\'s 4$ &amp; &lt;b&gt; &quot;q&quot; back\\slash"/>\n',
    "/etc/cdata.xml": f"<password><![CDATA[{SECRET}]]></password>\n",
    "/etc/url.conf": "url = postgres://app:it%27s%204%24%20%26%20%3Cb%3E%20%22q%22%20back%5Cslash@db/x\n",
    "/etc/php.php": "$password = 'it\\'s 4$ & <b> \"q\" back\\slash';\n",
    "/etc/a.toml": 'password = "it\'s 4$ & <b> \\"q\\" back\\\\slash"\n',
    "/etc/secret.yaml": "kind: Secret\ndata:\n  x: " + base64.b64encode(SECRET.encode()).decode() + "\n",
    "/etc/string.yaml": "kind: Secret\nstringData:\n  x: 'it''s 4$ & <b> \"q\" back\\slash'\n",
}


def seen(path, content):
    found = []
    redact(path, content.encode(), lambda secret: (found.append(secret), "abcdef")[1])
    return found


@pytest.mark.parametrize("path", SPELLED)
def test_one_secret_in_seventeen_spellings_has_one_fingerprint(path):
    assert seen(path, SPELLED[path]) == [SECRET.encode()]


def test_there_are_at_least_twelve():
    assert len(SPELLED) >= 12


KEY = "MC4CAQAwBQYDK2VwBCIEIInventedInventedInventedInvented01"


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/etc/a.pem", f"-----BEGIN PRIVATE KEY-----\n{KEY[:30]}\n{KEY[30:]}\n-----END PRIVATE KEY-----\n"),
        ("/etc/a.yaml", f"key: |\n  -----BEGIN PRIVATE KEY-----\n  {KEY}\n  -----END PRIVATE KEY-----\n"),
        ("/etc/a.json", f'{{"private_key": "-----BEGIN PRIVATE KEY-----\\n{KEY}\\n-----END PRIVATE KEY-----\\n"}}\n'),
        ("/etc/b.yaml", "kind: Secret\ndata:\n  tls.key: "
         + base64.b64encode(f"-----BEGIN PRIVATE KEY-----\n{KEY}\n-----END PRIVATE KEY-----\n".encode()).decode() + "\n"),
    ],
)  # fmt: skip
def test_a_private_key_is_the_same_however_it_is_wrapped(path, content):
    assert set(seen(path, content)) == {KEY.encode()}


def test_the_two_reversible_encodings_of_network_devices_are_undone():
    assert type_7(b"0822455D0A16") == type_7(b"02050D480809") == b"cisco"  # the same secret, displayed twice
    assert junos_9(b"$9$LbHX-wg4Z") == b"lc"  # the example of Crypt::Juniper
    assert type_7(b"99ZZ") is None
    assert junos_9(b"$9$") is None
    assert junos_9(b"$9$salt$hash") is None


def test_a_value_that_is_salted_anew_keeps_its_fingerprint():
    first = seen("router.cfg", "username bob password 7 0822455D0A16\n")
    second = seen("router.cfg", "username bob password 7 02050D480809\n")
    assert first == second == [b"cisco"]
    assert seen("junos.conf", 'secret "$9$LbHX-wg4Z"; ## SECRET-DATA\n') == [b"lc"]


def test_the_lines_of_one_secret_bear_one_fingerprint():
    numbered = {}
    got = redact("/srv/.env", b'A=1\nKEY_PASSWORD="alpha1\nbeta2"\nB=2\n', lambda secret: f"{numbered.setdefault(secret, len(numbered)):06x}")
    assert got.content == b'A=1\nKEY_PASSWORD="<secret:000000>\n<secret:000000>"\nB=2\n'
    assert (got.secrets, list(numbered)) == (1, [b"alpha1\nbeta2"])
