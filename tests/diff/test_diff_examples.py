"""What a difference reads like, format by format: one edit, one delta, at the key a person would name."""

from __future__ import annotations

import base64
import struct
from dataclasses import replace

import pytest

from changelog_ledger.diff import differences, unified_diff
from changelog_ledger.diff.metadata import metadata_deltas
from changelog_ledger.formats import parse
from changelog_ledger.model.document import FileVersion
from changelog_ledger.model.evidence import Delta
from changelog_ledger.model.snapshot import FileEntry, FileType


def version(path: str, text: str | bytes) -> FileVersion:
    data = text if isinstance(text, bytes) else text.encode()
    return FileVersion(data, parse(path, data))


def deltas(path: str, before: str | bytes, after: str | bytes) -> tuple[Delta, ...]:
    return differences(path, version(path, before), version(path, after))


NGINX = """\
http {
    upstream backend { server 10.0.0.1; server 10.0.0.2; }
    server {
        listen 80;
        server_name shop.example;
        location /api { proxy_pass http://backend; }
    }
}
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    spec:
      containers:
      - name: nginx
        image: nginx:1.25
      - name: sidecar
        image: sidecar:1
"""
CASES = [
    # path, before, edit, key, op, before, after, line
    ("/etc/hosts", "127.0.0.1 localhost\n10.0.0.5 db\n", ("10.0.0.5", "10.0.0.9"), "db/address", "changed", "10.0.0.5", "10.0.0.9", 2),
    ("/etc/hosts", "10.0.0.5 db a b\n", ("a b", "b c a"), "db/aliases[c]", "added", None, "c", 1),
    (
        "/etc/fstab",
        "/dev/a / ext4 defaults 0 1\n/dev/b /var ext4 defaults 0 2\n",
        ("/var ext4 defaults", "/var ext4 noatime"),
        "[/var]/options[noatime]",
        "changed",
        "defaults",
        "noatime",
        2,
    ),
    ("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\n", ("/bin/bash", "/bin/sh"), "root/shell", "changed", "/bin/bash", "/bin/sh", 1),
    ("/etc/group", "adm:x:4:alice,bob\n", ("alice,bob", "bob,alice,eve"), "adm/members[eve]", "added", None, "eve", 1),
    ("/etc/services", "ssh 22/tcp\n", ("22", "2222"), "ssh/tcp/port", "changed", "22", "2222", 1),
    ("/etc/ssh/sshd_config", "# c\nPermitRootLogin no\n", ("no", "yes"), "sshd/PermitRootLogin", "changed", "no", "yes", 2),
    ("/etc/ssh/sshd_config", "Match User bob\n X11Forwarding no\n", ("no", "yes"), "sshd/Match[User bob]/X11Forwarding", "changed", "no", "yes", 2),
    ("/etc/nginx/nginx.conf", NGINX, ("listen 80", "listen 8080"), "http/server[shop.example]/listen", "changed", "80", "8080", 4),
    ("/etc/nginx/nginx.conf", NGINX, ("10.0.0.2", "10.0.0.3"), "http/upstream[backend]/server[10.0.0.3]", "moved", "10.0.0.2", "10.0.0.3", 2),
    (
        "/etc/nginx/nginx.conf",
        NGINX,
        ("http://backend", "http://b"),
        "http/server[shop.example]/location[/api]/proxy_pass",
        "changed",
        "http://backend",
        "http://b",
        6,
    ),
    (
        "/etc/nginx/nginx.conf",
        NGINX,
        ("shop.example", "store.example"),
        "http/server[store.example]/server_name",
        "changed",
        "shop.example",
        "store.example",
        5,
    ),
    ("/etc/gitconfig", '[remote "a"]\n\turl = x\n', ("= x", "= y"), "remote/a/url", "changed", "x", "y", 2),
    ("/etc/systemd/system/a.service", "[Service]\nExecStart=/bin/a\n", ("/bin/a", "/bin/b"), "Service/ExecStart", "changed", "/bin/a", "/bin/b", 2),
    (
        "/etc/systemd/system/a.service",
        "[Service]\nEnvironment=A=1\n",
        ("A=1\n", "A=1\nEnvironment=B=2\n"),
        "Service/Environment/B",
        "added",
        None,
        "2",
        3,
    ),
    ("/etc/cron.d/backup", "5 4 * * * root /bin/backup\n", ("5 4", "5 5"), "job[/bin/backup]/schedule", "changed", "5 4 * * *", "5 5 * * *", 1),
    (
        "/etc/cron.d/backup",
        "5 4 * * * root /bin/a\n5 4 * * * root /bin/b\n",
        ("/bin/b", "/bin/c"),
        "job[/bin/c]/command",
        "changed",
        "/bin/b",
        "/bin/c",
        2,
    ),
    ("/etc/a.ini", "[db]\nhost = a\n", ("= a", "= b"), "db/host", "changed", "a", "b", 2),
    ("/etc/sysctl.conf", "net.ipv4.ip_forward=0\n", ("=0", "=1"), "net.ipv4.ip_forward", "changed", "0", "1", 1),
    ("/etc/default/shop", "A=1\nB=2\n", ("B=2\n", ""), "B", "removed", "2", None, 2),
    ("/srv/app.toml", "[server]\nport = 80\n", ("80", '"80"'), "server.port", "changed", "80", '"80"', 2),
    ("/srv/app.json", '{"a": {"b.c": 1}}', ("1", "2"), 'a."b.c"', "changed", "1", "2", 1),
    ("/srv/app.json", '{"__private": 1}', ("1", "2"), "__private", "changed", "1", "2", 1),
    ("/srv/app.json", '{"port": 8080}', ("8080", '"8080"'), "port", "changed", "8080", '"8080"', 1),
    ("/srv/compose.yml", "services:\n  web:\n    image: a:1\n", ("a:1", "a:2"), "services.web.image", "changed", "a:1", "a:2", 3),
    ("/srv/compose.yml", "l:\n- a\n- b\n- c\n", ("l:\n", "l:\n- x\n"), "l[0]", "added", None, "x", 2),
    ("/srv/compose.yml", "l:\n- a\n- b\n- c\n", ("- a\n- b\n- c\n", "- c\n- a\n- b\n"), "l[0]", "moved", "[2]", "[0]", 2),
    (
        "/srv/web.yaml",
        DEPLOYMENT,
        ("1.25", "1.27"),
        "Deployment/shop/web.spec.template.spec.containers[nginx].image",
        "changed",
        "nginx:1.25",
        "nginx:1.27",
        9,
    ),
    ("/etc/motd", "a\nb\nc\n", ("b", "B"), "line 2", "changed", "b", "B", 2),
    ("/etc/motd", "a\nb\n", ("b\n", "b\nc\nd\n"), "lines 3-4", "added", None, "c\nd", 3),
]


@pytest.mark.parametrize(("path", "text", "edit", "key", "op", "before", "after", "line"), CASES)
def test_one_edit_is_one_delta(path: str, text: str, edit: tuple[str, str], key: str, op: str, before: object, after: object, line: int) -> None:
    (delta,) = deltas(path, text, text.replace(*edit))
    assert (delta.key, delta.op, delta.before, delta.after, delta.line) == (key, op, before, after, line)


def test_an_added_block_is_one_delta_with_its_content() -> None:
    (delta,) = deltas(
        "/etc/nginx/nginx.conf", NGINX, NGINX.replace("    server {", "    server { listen 81; server_name new.example; }\n    server {")
    )
    assert delta.key == "http/server[new.example]"
    assert delta.after == {"(known as)": "new.example", "listen": "81", "server_name": "new.example"}


def test_two_servers_of_one_name_are_told_apart_by_what_is_in_them() -> None:
    redirect = "    server { listen 81; server_name shop.example; return 301 x; }\n    server {"
    found = deltas("/etc/nginx/nginx.conf", NGINX, NGINX.replace("    server {", redirect).replace("http://backend", "http://b"))
    assert [(delta.key, delta.op) for delta in found] == [
        ("http/server[shop.example]", "added"),
        ("http/server[shop.example#2]/location[/api]/proxy_pass", "changed"),
    ]


def test_a_match_block_that_was_renamed_and_edited_hides_neither() -> None:
    text = "Match User bob\n X11Forwarding no\n PermitTTY no\n"
    found = deltas("/etc/ssh/sshd_config", text, text.replace("bob", "eve").replace("TTY no", "TTY yes"))
    assert [(delta.key, delta.op) for delta in found] == [("sshd/Match[User bob]", "removed"), ("sshd/Match[User eve]", "added")]
    (renamed,) = deltas("/etc/ssh/sshd_config", text, text.replace("bob", "eve"))
    assert (renamed.key, renamed.op, renamed.before, renamed.after) == ("sshd/Match[User eve]", "moved", "User bob", "User eve")


def test_a_second_kubernetes_object_changes_nothing_for_the_first() -> None:
    (delta,) = deltas("/srv/web.yaml", DEPLOYMENT, DEPLOYMENT + "---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\n")
    assert (delta.key, delta.op) == ("Service/web", "added")


def test_named_items_that_change_places_are_moved() -> None:
    before = '{"l": [{"name": "a", "v": 1}, {"name": "b", "v": 2}, {"name": "c", "v": 3}]}'
    after = '{"l": [{"name": "c", "v": 3}, {"name": "a", "v": 1}, {"name": "b", "v": 9}]}'
    found = deltas("/x.json", before, after)
    assert {(delta.key, delta.op) for delta in found} == {("l[c]", "moved"), ("l[b].v", "changed")}


OPAQUE = [
    ("/etc/sysctl.conf", "a=1\n", "# why\n\na=1\n", "comments only", None, "# why\n"),
    ("/etc/sysctl.conf", "a=1\n", "a = 1\n", "white space only", "a=1", "a = 1"),
    ("/etc/sysctl.conf", "a=1\nb=2\n", "a=1\r\nb=2\r\n", "line ends only (LF → CRLF)", None, None),
    ("/etc/motd", "a\nb\n", "a\r\nb\r\n", "line ends only (LF → CRLF)", None, None),
    ("/etc/motd", "a\nb\n", "a\nb", "final newline only", None, None),
    ("/etc/motd", "a\n", b"\xef\xbb\xbfa\n", "encoding only (UTF-8 → UTF-8 with byte order mark)", "UTF-8", "UTF-8 with byte order mark"),
    ("/etc/group", "a:x:1:b,c\n", "a:x:1:c,b\n", "order only (list policy: set)", "a:x:1:b,c", "a:x:1:c,b"),
    ("/etc/sysctl.conf", "a=1\nb=2\n", "b=2\na=1\n", "order only (of keys)", None, None),
    ("/x.json", '{"a": 1, "b": 2}', '{"b": 2, "a": 1}', "order only (of keys)", None, None),
    ("/x.yaml", "a: {b: c}\n", "a:\n  b: c\n", "no difference in meaning", None, None),
]


@pytest.mark.parametrize(("path", "before", "after", "note", "old", "new"), OPAQUE)
def test_a_difference_without_meaning_is_named(path: str, before: str, after: str | bytes, note: str, old: str | None, new: str | None) -> None:
    (delta,) = deltas(path, before, after)
    assert (delta.op, delta.key, delta.note) == ("opaque", None, note)
    if old or new:
        assert (delta.before, delta.after) == (old, new)


def test_a_fallback_to_lines_says_why() -> None:
    (delta,) = deltas("/x.yaml", "a: 1\n", "a: [\n")
    assert (delta.key, delta.note) == ("line 1", "read by lines: not valid YAML (line 2)")


def test_very_many_lines_are_summed_up() -> None:
    (delta,) = deltas("/etc/motd", "a\n" * 6_000, "b\n" * 6_000)
    assert delta.op == "opaque"
    assert "6,000 lines went and 6,000 came" in delta.note


def test_a_unified_diff_is_what_diff_writes() -> None:
    before, after = b"".join(b"%d\n" % number for number in range(20)), b"".join(b"%d\n" % number for number in range(1, 20)) + b"x"
    assert unified_diff("/etc/x", before, after) == (
        "--- a/etc/x\n+++ b/etc/x\n@@ -1,4 +1,3 @@\n-0\n 1\n 2\n 3\n@@ -18,3 +17,4 @@\n 17\n 18\n 19\n+x\n\\ No newline at end of file\n"
    )
    assert unified_diff("/etc/x", None, b"a\n") == "--- /dev/null\n+++ b/etc/x\n@@ -0,0 +1 @@\n+a\n"
    assert unified_diff("/etc/x", b"\0", b"\1\0") == "Binary files a/etc/x and b/etc/x differ\n"


def test_extended_attributes_are_shown_as_people_write_them() -> None:
    acl = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *row) for row in [(0x01, 6, 0xFFFFFFFF), (0x02, 4, 1000), (0x20, 0, 0xFFFFFFFF)])
    plain = FileEntry("/etc/x", FileType.FILE, 0o640, 0, 0, "root", "root")
    values = {"security.capability": b"\x01\x00\x00\x02", "security.selinux": b"system_u:object_r:etc_t:s0\0", "system.posix_acl_access": acl}
    rich = replace(plain, attributes=tuple((name, base64.b64encode(value).decode()) for name, value in values.items()))
    (delta,) = metadata_deltas("/etc/x", plain, rich)
    assert delta.note == (
        "security.capability none → 01000002, security.selinux none → system_u:object_r:etc_t:s0, "
        "system.posix_acl_access none → user::rw-,user:1000:r--,other::---"
    )
    assert (delta.before, list(delta.after)) == ({}, list(values))
    (back,) = metadata_deltas("/etc/x", rich, replace(rich, attributes=rich.attributes[:2]))
    assert back.note == "system.posix_acl_access user::rw-,user:1000:r--,other::--- → none"


@pytest.mark.parametrize(("one", "two"), [("{}", "{}{}"), ("{}{}", "{}")])
def test_a_block_that_becomes_a_list_of_blocks_while_a_key_in_it_is_renamed(one: str, two: str) -> None:
    """Written once it is a block, written twice a list: the way to the renamed key has a step more on one side."""
    first, second = 'c {{ {name} {{ a = "one long value"; b = "another long value"; }} }}\n', "c { x = 1; }\n"
    before, after = ((first.format(name=name) + second * (text.count("{}") - 1)) for name, text in (("alpha", one), ("beta", two)))
    sides = [FileVersion(text.encode(), parse("/etc/swanctl/swanctl.conf", text.encode(), "swanctl")) for text in (before, after)]
    assert differences("/etc/swanctl/swanctl.conf", *sides)
    assert differences("/etc/swanctl/swanctl.conf", *reversed(sides))
