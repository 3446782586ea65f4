"""What each parser makes of its format, by example."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent

import pytest

from changelog_ledger.errors import InvalidInput
from changelog_ledger.formats import known_formats, parse
from changelog_ledger.model.document import Document


def document(path: str, text: str, as_format: str | None = None) -> Document:
    parsed = parse(path, dedent(text).encode(), as_format)
    assert parsed is not None
    return parsed


EXAMPLES = {
    "hosts": (
        "/etc/hosts",
        "127.0.0.1 localhost\n::1 localhost ip6-localhost\n10.0.0.5 db db.internal # primary\n",
        {
            "localhost": {"address": "127.0.0.1", "aliases": []},
            "localhost (IPv6)": {"address": "::1", "aliases": ["ip6-localhost"]},
            "db": {"address": "10.0.0.5", "aliases": ["db.internal"]},
        },
    ),
    "fstab": (
        "/etc/fstab",
        "/dev/sda1 / ext4 defaults 0 1\n",
        [{"device": "/dev/sda1", "mount_point": "/", "type": "ext4", "options": ["defaults"], "dump": "0", "pass": "1"}],
    ),
    "passwd": (
        "/etc/passwd",
        "root:x:0:0:root:/root:/bin/bash\n",
        {"root": {"password": "x", "uid": "0", "gid": "0", "gecos": "root", "home": "/root", "shell": "/bin/bash"}},
    ),
    "group": (
        "/etc/group",
        "adm:x:4:alice,bob\nmail:x:8:\n",
        {"adm": {"password": "x", "gid": "4", "members": ["alice", "bob"]}, "mail": {"password": "x", "gid": "8", "members": []}},
    ),
    "services": (
        "/etc/services",
        "domain 53/tcp\ndomain 53/udp dns\n",
        {"domain": {"tcp": {"port": "53", "aliases": []}, "udp": {"port": "53", "aliases": ["dns"]}}},
    ),
    "sshd": (
        "/etc/ssh/sshd_config",
        "# hi\nPort 22\nPort 2222\nPermitRootLogin no  # never\nMatch User bob\n    X11Forwarding yes\n",
        {"sshd": {"Port": ["22", "2222"], "PermitRootLogin": "no", "Match": [{"(name)": "User bob", "X11Forwarding": "yes"}]}},
    ),
    "keyvalue": (
        "/etc/postgresql/15/main/pgbouncer.conf",
        "port = 5432\t# (change requires restart)\nname 'a # b'\n",
        {"port": "5432", "name": "'a # b'"},
    ),
    "nginx": (
        "/etc/nginx/nginx.conf",
        'http { server { listen 80; listen [::]:80; server_name shop.example www.shop.example; location ~ "\\.php$" { add_header X "a; b"; } } }',
        {
            "http": {
                "server": [
                    {
                        "(known as)": "shop.example",
                        "listen": ["80", "[::]:80"],
                        "server_name": "shop.example www.shop.example",
                        "location ~": [{"(name)": '~ "\\.php$"', "add_header": {"X": '"a; b"'}}],
                    }
                ]
            }
        },
    ),
    "blocks": ("/etc/apt/apt.conf.d/20auto", '// no\nAPT::Periodic { Enable "1"; };\n', {"APT::Periodic": {"Enable": '"1"'}}),
    "systemd": (
        "/etc/systemd/system/shop.service.d/override.conf",
        "[Service]\nExecStart=\nExecStart=/usr/bin/shop \\\n  # why\n  --port=80\nEnvironment=A=1\nEnvironment=B=2\n",
        {"Service": {"ExecStart": ["", "/usr/bin/shop --port=80"], "Environment": {"A": "1", "B": "2"}}},
    ),
    "crontab": (
        "/etc/cron.d/backup",
        "MAILTO=ops\n5 4 * * 1-5  root  /usr/bin/backup --full\n@daily root /bin/x\n",
        {
            "environment": {"MAILTO": "ops"},
            "job": [
                {"schedule": "5 4 * * 1-5", "user": "root", "command": "/usr/bin/backup --full"},
                {"schedule": "@daily", "user": "root", "command": "/bin/x"},
            ],
        },
    ),
    "ini": (
        "/etc/thing.ini",
        "top = 1\n[a]\nx = 1\nx = 2\nlong = first\n    second = x\nflag\n; no\n[b]\nurl: http://h/?q=1\n",
        {"top": "1", "a": {"x": ["1", "2"], "long": ["first", "second = x"], "flag": ""}, "b": {"url": "http://h/?q=1"}},
    ),
    "properties": ("/srv/app.properties", "! no\na.b = 1\nc: two \\\n   three\nd 4\ne\n", {"a.b": "1", "c": "two three", "d": "4", "e": ""}),
    "env": ("/etc/default/shop", "# no\nexport A='x y'\nB=\"1\n2\"\nC=\n", {"export A": "'x y'", "B": '"1\n2"', "C": ""}),
    "toml": (
        "/srv/app.toml",
        'n = 1.10\ns = "1.10"\nd = 2024-01-02\nb = true\nt = "plain"\n[[job]]\nname = "a"\n',
        {"n": "1.10", "s": '"1.10"', "d": "2024-01-02", "b": "true", "t": "plain", "job": [{"name": "a"}]},
    ),
    "json": ("/srv/app.json", '{"a": 1.10, "b": "1.10", "c": [true, null, "x"]}', {"a": "1.10", "b": '"1.10"', "c": ["true", "null", "x"]}),
    "yaml": (
        "/srv/app.yml",
        "a: 014\nb: on\nc: 'on'\nd: 'text'\nbase: &b {x: 1, y: 2}\nmine: {<<: *b, y: 3}\nt: !Ref z\n",
        {"a": "014", "b": "on", "c": '"on"', "d": "text", "base": {"x": "1", "y": "2"}, "mine": {"x": "1", "y": "3"}, "t": "!Ref z"},
    ),
    "lines": ("/etc/motd", "hello\n\nworld", ["hello", "", "world"]),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_file_becomes_a_tree_of_values_as_written(name: str) -> None:
    path, text, tree = EXAMPLES[name]
    parsed = document(path, text)
    assert (parsed.format, parsed.reason) == (name, "")
    assert parsed.root == tree


@pytest.mark.parametrize(
    ("path", "text", "key", "line"),
    [
        ("/etc/hosts", "# c\n10.0.0.5 db\n", ("db", "address"), 2),
        ("/etc/nginx/nginx.conf", "http {\n  server {\n    listen 80;\n  }\n}\n", ("http", "server", 0, "listen"), 3),
        ("/a.json", '{\n  "a": [\n    {"x": 1},\n    {"x": 2}\n  ],\n  "b": 3\n}', ("a", 1, "x"), 4),
        ("/a.json", '{\n  "a": [\n    {"x": 1},\n    {"x": 2}\n  ],\n  "b": 3\n}', ("b",), 6),
        ("/a.toml", "[t]\n# c\n[[t.x]]\na = 1\n[[t.x]]\na = 2\n", ("t", "x", 1, "a"), 6),
        ("/a.yaml", "a:\n  - b\n  - c: 1\n", ("a", 1, "c"), 3),
        ("/a.service", "[Unit]\nA=1\nA=2\n", ("Unit", "A", 1), 3),
        ("/etc/motd", "a\nb\n", (1,), 2),
    ],
)
def test_the_line_of_a_key_is_known(path: str, text: str, key: tuple[str | int, ...], line: int) -> None:
    assert document(path, text).lines[key] == line


def test_kubernetes_objects_are_keyed_by_kind_namespace_and_name() -> None:
    text = "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\n---\napiVersion: v1\nkind: Node\nmetadata: {name: n1}\n"
    parsed = document("/srv/web.yaml", text)
    assert isinstance(parsed.root, dict)
    assert list(parsed.root) == ["Service/shop/web", "Node/n1"]
    assert parsed.lines[("Node/n1",)] == 7


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        ("/a.yaml", "a: 1\nb: [\n", "read by lines: not valid YAML (line 3)"),
        ("/a.yaml", "a: 1\na: 2\n", "read by lines: duplicate key 'a' (line 2)"),
        ("/a.json", '{"a": 1, "a": 2}', "read by lines: duplicate key 'a'"),
        ("/etc/docker/daemon.json", '{"a": 1,\n// no\n}', "read by lines: not valid JSON (line 2)"),
        ("/a.toml", "a = \n", "read by lines: not valid TOML (line 1)"),
        ("/etc/passwd", "root:x:0\n", "read by lines: 3 fields instead of 7 (line 1)"),
        ("/etc/nginx/nginx.conf", "http {\n", "read by lines: a block or directive that is never ended (line 1)"),
        ("/etc/default/x", "A=1\nif true; then\n", "read by lines: not a list of assignments (line 2)"),
        ("/a.json", "[" * 200 + "]" * 200, "read by lines: nested deeper than 100 (line 1)"),
        ("/a.yaml", "[" * 100_000, "read by lines: nested deeper than 100 (line 1)"),
        ("/a.toml", "a." * 100_000 + "a = 1", "read by lines: nested deeper than 100 (line 1)"),
        ("/a.json", '"' + "x" * 5_000_000 + '"', "read by lines: larger than 5,000,000 bytes"),
    ],
)
def test_what_cannot_be_parsed_is_read_by_lines_and_says_why(path: str, text: str, reason: str) -> None:
    parsed = document(path, text)
    assert (parsed.format, parsed.reason) == ("lines", reason)
    assert parsed.root == text.removesuffix("\n").split("\n")


def test_an_alias_bomb_is_read_by_lines() -> None:
    rows = ["a: &a [x, x, x, x, x, x, x, x, x]"] + [f"{y}: &{y} [{', '.join(['*' + x] * 9)}]" for x, y in zip("abcdefgh", "bcdefghi", strict=True)]
    parsed = document("/a.yaml", "\n".join(rows))
    assert parsed.format == "lines"
    assert "500,000 nodes" in parsed.reason


@pytest.mark.parametrize(
    ("data", "root"),
    [
        (b"\x7fELF\x00\x01", None),
        (b"\xff\xfe\x80\x81", ["\u8180"]),
        ("\ufeffaé\n".encode(), ["aé"]),
        ("aé\n".encode("utf-16"), ["aé"]),
        ("Grüße an alle\n".encode("latin-1"), ["Grüße an alle"]),
        (b"\x80\x81\x82\x83", None),
        (b"", []),
    ],
)
def test_only_binary_content_has_no_document(data: bytes, root: list[str] | None) -> None:
    parsed = parse("/etc/motd", data)
    assert (parsed.root if parsed else None) == root


def test_an_unknown_format_is_refused_with_those_there_are() -> None:
    with pytest.raises(InvalidInput) as refusal:
        parse("/etc/hosts", b"", as_format="hostz")
    assert all(name in refusal.value.hint for name in known_formats())


def test_reading_hosts_does_not_load_the_yaml_parser() -> None:
    program = "import sys; from changelog_ledger.formats import parse; parse('/etc/hosts', b'1.2.3.4 a'); sys.exit('yaml' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
