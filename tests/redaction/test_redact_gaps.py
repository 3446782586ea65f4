"""What earlier versions missed or masked too much: each an example."""

import pytest

from tests.redaction.rules import redact

S = b"Zq7hunter2x"
HIDDEN = [
    ("/srv/a.conf", b"password=envelope42", b"envelope42"),
    ("/srv/a.conf", b"password=lookup99x", b"lookup99x"),
    ("/srv/a.conf", b"password=data.Secret9", b"data.Secret9"),
    ("/srv/a.conf", b"password=$my_secret_1", b"my_secret_1"),
    ("/srv/a.conf", b"password=/home/hunter2", b"hunter2"),
    ("/srv/a.conf", b"password=default", b"=default"),
    ("/srv/a.sh", b"PASSWORD='it'\\''s-hunter2'", b"hunter2"),
    ("/srv/a.ini", b'password = "a"b"hunter2', b"hunter2"),
    ("/srv/a.ini", b"password = {abc}hunter2", b"hunter2"),
    ("/srv/a.ini", b"password = [abc]hunter2", b"hunter2"),
    ("/srv/a.conf", b"password = {abc}hunter2", b"hunter2"),
    ("/srv/a.conf", b"--password=ab,hunter2 x", b"hunter2"),
    ("/srv/a.yaml", b"credentials:\n  username: bob\n  key1: hunter2\n", b"hunter2"),
    ("/srv/a.yaml", b"passwords: [alpha77, hunter2]\n", b"hunter2"),
    ("/srv/a.yaml", b"args:\n- --password\n- hunter2\n", b"hunter2"),
    ("/srv/a.json", b'{"args": [\n "--password",\n "hunter2"\n]}', b"hunter2"),
    ("/srv/a.json", b'{"value": "hunter2", "name": "DB_PASSWORD"}', b"hunter2"),
    ("/srv/a.xml", b'<password encrypted="no">hunter2</password>', b"hunter2"),
    ("/srv/a.xml", b"<wsse:Password>hunter2</wsse:Password>", b"hunter2"),
    ("/srv/a.xml", b'<add value="hunter2" key="ApiKey"/>', b"hunter2"),
    ("/srv/s.yaml", b"kind: Secret\nmetadata:\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n"
     b'      {"data":{"x":"aHVudGVyMg=="},"kind":"Secret"}\ndata:\n  x: aHVudGVyMg==\n', b"aHVudGVyMg"),
    ("/srv/s.json", b'{"kind":"Secret","metadata":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":'
     b'"{\\"data\\":{\\"x\\":\\"aHVudGVyMg==\\"},\\"kind\\":\\"Secret\\"}"}}}', b"aHVudGVyMg"),
    ("/srv/s.yaml", b"kind: Secret\ndata:\n  x: |\n    aHVudGVyMg==\n", b"aHVudGVyMg"),
    ("/srv/link", b"https://bob:hunter2@x.example/a", b"hunter2"),
    ("/srv/a.sh", b"chpasswd <<EOF\nbob:hunter2\neve:hunter2\nEOF\n", b"hunter2"),
    ("/srv/a.conf", b"pass = hunter2\n", b"hunter2"),
    ("/srv/a.reg", "\ufeff".encode("utf-16-le") + 'password = "hunter2"\r\n'.encode("utf-16-le"), "hunter2".encode("utf-16-le")),
    ("/srv/a.yaml", b"basic_auth:\n  username: x\n  password: hunter2\n", b"hunter2"),
    ("/srv/a.yaml", b"auth: {username: x, password: hunter2}\n", b"hunter2"),
    ("/srv/a.yaml", b"password: ${PASSWORD:-hunter2}\n", b"hunter2"),
    ("/srv/a.sh", b"PASSWORD=${PASSWORD:=hunter2}\n", b"hunter2"),
    ("/srv/a.yaml", b"password: ${DB_PASSWORD:hunter2}\n", b"hunter2"),
    ("/srv/a.json", b'{"cfg": "{\\"password\\": \\"hunter2\\", \\"a\\": 1}"}', b"hunter2"),
    ("/srv/a.ini", b"password =\n  hunter2\n", b"hunter2"),
    ("/srv/a.service", b"Environment=PASSWORD=a\\ hunter2\n", b"hunter2"),
    ("/srv/a.xml", b'<password value="hunter2"/>', b"hunter2"),
    ("/srv/a.xml", b'<property name="password"><value>hunter2</value></property>', b"hunter2"),
    ("/srv/a.toml", b"secrets = { db = 'hunter2' }", b"hunter2"),
    ("/etc/fstab", b"//s/x /m cifs username=bob,password=hunter2,uid=1 0 0\n", b"hunter2"),
    ("/srv/hosts.ini", b"web ansible_host=1.2.3.4 ansible_password=hunter2 ansible_user=x\n", b"hunter2"),
    ("/srv/Dockerfile", b"ENV DB_PASSWORD hunter2\n", b"hunter2"),
    ("/srv/a.bat", b"set DB_PASSWORD=hunter2\r\n", b"hunter2"),
    ("/srv/a.conf", b"<secret:abcdef>\npassword = hunter2\n", b"hunter2"),
    ("/srv/a.conf", b"password = <secret:abcdef>hunter2\n", b"hunter2"),
]  # fmt: skip
SHOWN = [
    ("/etc/sudoers.d/a", b"bob ALL=(ALL) NOPASSWD: /bin/ls, PASSWD: /bin/kill\n"),
    ("/srv/a.conf", b"bob ALL=(ALL) NOPASSWD: /bin/ls\n"),
    ("/srv/a.yaml", b"password: ${DB_PASSWORD}\ntoken: '{{ vault_token }}'\nsecret: /run/secrets/db\n"),
    ("/srv/a.sh", b'PASSWORD="$1"\nTOKEN=$(cat /run/x)\nexport PGPASSWORD=$PASS\n'),
    ("/srv/a.conf", b"curl -u $USER:$PASS https://x.example\n"),
    ("/srv/a.yaml", b"kind: ConfigMap\ndata:\n  a: b\n---\nkind: Secret\nmetadata:\n  name: x\n"),
    ("/srv/a.yaml", b"items:\n- kind: ConfigMap\n  data:\n    a: shown\n- kind: Secret\n  metadata: {}\n"),
]


@pytest.mark.parametrize(("path", "content", "secret"), HIDDEN)
def test_it_is_masked(path, content, secret, fingerprint):
    got = redact(path, content, fingerprint)
    assert secret in content
    assert secret not in got.content
    assert got.content.count(b"\n") == content.count(b"\n")
    assert redact(path, got.content, fingerprint).secrets == 0


@pytest.mark.parametrize(("path", "content"), SHOWN)
def test_it_stays(path, content, fingerprint):
    assert redact(path, content, fingerprint).content == content
