"""Firewalls, databases, Postfix, private networks and sources of packages: what each parser makes of its format, and what it refuses."""

from __future__ import annotations

import time
from typing import Any

import pytest

from changelog_ledger.diff import differences
from changelog_ledger.formats import detect, parse
from changelog_ledger.model.document import Document, FileVersion, Node

FORMATS = (
    *("iptables", "ipset", "nftables", "nftables-json", "ufw", "postfix", "postfix-master", "postfix-map", "postfix-checks", "aliases"),
    *("postgresql", "pg-hba", "pg-ident", "redis", "openvpn", "ipsec", "swanctl", "apt-sources", "deb822", "apt-preferences"),
)


def document(name: str, text: str) -> Document:
    parsed = parse("/x", text.encode(), name)
    assert parsed is not None
    return parsed


EXAMPLES: dict[str, tuple[str, Node]] = {
    "iptables": (
        '*filter\n:INPUT DROP [1:60]\n:LOGDROP -\n[4:240] -A INPUT -i lo -j ACCEPT\n-A INPUT -m comment --comment "a # b" -j LOGDROP\n'
        "-N NEW\nCOMMIT\n",
        {
            "filter": {
                "INPUT": {"policy": "DROP", "rule": ["-i lo -j ACCEPT", '-m comment --comment "a # b" -j LOGDROP']},
                "LOGDROP": {},
                "NEW": {},
            }
        },
    ),
    "ipset": (
        "create a hash:ip family inet timeout 60 counters\nadd a 192.0.2.1 timeout 17 packets 3 bytes 180\nadd a 192.0.2.2 timeout 0\n",
        {
            "set": [
                {
                    "(name)": "a",
                    "type": "hash:ip",
                    "family": "inet",
                    "timeout": "60",
                    "counters": "",
                    "elements": ["192.0.2.1 timeout … packets … bytes …", "192.0.2.2 timeout 0"],
                }
            ]
        },
    ),
    "nftables": (
        "table ip t { set s { type ipv4_addr; elements = { 192.0.2.1,\n192.0.2.2 } }\n"
        "map m { type ipv4_addr : verdict; elements = { 192.0.2.1 : drop } }\n"
        'ct helper ftp { type "ftp" protocol tcp; }\n'
        "chain c { type filter hook input priority 0; policy drop; tcp dport {22,80} counter packets 1 bytes 9 accept\n"
        'log prefix "a , b; # {" } }\n',
        {
            "table": [
                {
                    "(name)": "ip t",
                    "set": [{"(name)": "s", "type": "ipv4_addr", "elements": ["192.0.2.1", "192.0.2.2"]}],
                    "map": [{"(name)": "m", "type": "ipv4_addr : verdict", "elements": {"192.0.2.1": "drop"}}],
                    "ct helper": [{"(name)": "ftp", "type": '"ftp" protocol tcp'}],
                    "chain": [
                        {
                            "(name)": "c",
                            "type": "filter",
                            "hook": "input",
                            "priority": "0",
                            "policy": "drop",
                            "rule": ["tcp dport { 22, 80 } counter accept", 'log prefix "a , b; # {"'],
                        }
                    ],
                }
            ]
        },
    ),
    "nftables-json": (
        '{"nftables": [{"metainfo": {"version": "1.0"}}, {"table": {"family": "ip", "name": "t", "handle": 1}},'
        '{"chain": {"family": "ip", "table": "t", "name": "c", "handle": 2, "policy": "drop"}},'
        '{"rule": {"family": "ip", "table": "t", "chain": "c", "handle": 3, "expr": [{"counter": {"packets": 1, "bytes": 9}}, {"drop": null}]}}]}',
        {
            "metainfo": [{"version": '"1.0"'}],
            "table": [
                {"(name)": "ip t", "chain": [{"(name)": "c", "policy": "drop", "rule": [{"expr": [{"counter": {}}, {"drop": "null"}]}]}]},
            ],
        },
    ),
    "ufw": (
        "*filter\n:ufw-user-input - [0:0]\n### RULES ###\n\n### tuple ### allow tcp 22 0.0.0.0/0 any 10.0.0.0/8 in comment=537368\n"
        "-A ufw-user-input -p tcp --dport 22 -s 10.0.0.0/8 -j ACCEPT\n\n"
        "### tuple ### deny any any 0.0.0.0/0 any 192.0.2.1 in\n\n### END RULES ###\nCOMMIT\n",
        {
            "rule": ["allow tcp 22 0.0.0.0/0 any 10.0.0.0/8 in comment='Ssh'", "deny any any 0.0.0.0/0 any 192.0.2.1 in\n(no commands)"],
            "filter": {"ufw-user-input": {}},
        },
    ),
    "postfix": (
        "mynetworks = 127.0.0.0/8,\n  # office\n\n  10.0.0.0/8\nrelayhost =\nsmtpd_banner = $myhostname  # no comment\n"
        "smtpd_client_restrictions = warn_if_reject reject_rbl_client a.example,\n check_policy_service { inet:[::1]:1, timeout=1s } permit\n",
        {
            "mynetworks": ["127.0.0.0/8", "10.0.0.0/8"],
            "relayhost": "",
            "smtpd_banner": "$myhostname  # no comment",
            "smtpd_client_restrictions": [
                "warn_if_reject reject_rbl_client a.example",
                "check_policy_service { inet:[::1]:1, timeout=1s }",
                "permit",
            ],
        },
    ),
    "postfix-master": (
        "smtp inet n - y - - smtpd -v\n  -o a=b\n  -o { c = d e }\nd unix - n n - - pipe\n  flags=D user=x argv=/bin/d -o a=b\n",
        [
            {
                "(known as)": "smtp/inet",
                "service": "smtp",
                "type": "inet",
                "private": "n",
                "unpriv": "-",
                "chroot": "y",
                "wakeup": "-",
                "maxproc": "-",
                "command": "smtpd",
                "options": {"a": "b", "c": "d e"},
                "arguments": "-v",
            },
            {
                "(known as)": "d/unix",
                "service": "d",
                "type": "unix",
                "private": "-",
                "unpriv": "n",
                "chroot": "n",
                "wakeup": "-",
                "maxproc": "-",
                "command": "pipe",
                "flags": "D",
                "user": "x",
                "argv": "/bin/d -o a=b",
            },
        ],
    ),
    "postfix-map": ("# c\na@example.com  b,\n  c\n@example.org d e\n", {"a@example.com": "b, c", "@example.org": "d e"}),
    "postfix-checks": (
        "/^a\\/ b/i REJECT no\n10.0.0.0/8 OK\nendif\n",
        [
            {"(known as)": "/^a\\/ b/i", "pattern": "/^a\\/ b/i", "action": "REJECT no"},
            {"(known as)": "10.0.0.0/8", "pattern": "10.0.0.0/8", "action": "OK"},
            {"(known as)": "endif", "pattern": "endif", "action": ""},
        ],
    ),
    "aliases": (
        'root: a, "|/bin/x a, b",\n  c\n"old name": :include:/etc/l\n',
        {"root": ["a", '"|/bin/x a, b"', "c"], '"old name"': [":include:/etc/l"]},
    ),
    "postgresql": (
        "Port = 5432 # c\nname 'it''s # b'\nport=5433\ninclude 'a'\n",
        {"port": ["5432", "5433"], "name": "'it''s # b'", "include": ["'a'"]},
    ),
    "pg-hba": (
        'local all "all" peer map=x # c\nhost a, b c \\\n10.0.0.0 255.0.0.0 ldap a="b c"\ninclude_if_exists x.conf\n',
        [
            {"(known as)": 'local all "all"', "type": "local", "database": "all", "user": '"all"', "method": "peer", "options": {"map": "x"}},
            {
                "(known as)": "host a,b c 10.0.0.0 255.0.0.0",
                "type": "host",
                "database": "a,b",
                "user": "c",
                "address": "10.0.0.0",
                "mask": "255.0.0.0",
                "method": "ldap",
                "options": {"a": '"b c"'},
            },
            {"(known as)": "include_if_exists x.conf", "type": "include_if_exists", "file": "x.conf"},
        ],
    ),
    "pg-ident": ("m /^(.*)@x$ \\1\n", [{"(known as)": "m /^(.*)@x$", "map": "m", "system_user": "/^(.*)@x$", "database_user": "\\1"}]),
    "redis": (
        'SAVE 60 1 30 2\nsave ""\nmaxmemory  1gb\nuser a on +@all -x\nrename-command X ""\nclient-output-buffer-limit normal 0 0 0 replica 1 2 3\n'
        "sentinel monitor m 10.0.0.1 6379 2\nsentinel parallel-syncs m 1\nsentinel myid 4f\n",
        {
            "save": ["60 1", "30 2", '""'],
            "maxmemory": "1gb",
            "user": {"a": ["on", "+@all", "-x"]},
            "rename-command": {"X": '""'},
            "client-output-buffer-limit": {"normal": "0 0 0", "replica": "1 2 3"},
            "sentinel": {"myid": "4f", "m": {"monitor": "10.0.0.1 6379 2", "parallel-syncs": "1"}},
        },
    ),
    "openvpn": (
        'port 1194 ; c\n--proto udp\npush "route 10.0.0.0 255.0.0.0" # c\npersist-key\n<connection>\nremote a 1\n</connection>\n'
        "<ca>\n# a\n b\n</ca>\n",
        {
            "port": "1194",
            "proto": "udp",
            "push": ['"route 10.0.0.0 255.0.0.0"'],
            "persist-key": "",
            "connection": [{"remote": "a 1"}],
            "ca": "# a\n b",
        },
    ),
    "ipsec": (
        "config setup\n\tuniqueids=no # c\nconn a\n  also=b\n  also=c\n  left=%any\ninclude x\n",
        {"setup": {"uniqueids": "no"}, "conn": [{"(name)": "a", "also": ["b", "c"], "left": "%any"}], "include": ["x"]},
    ),
    "swanctl": (
        'a {\n  b { c = d }\n  id = "x # } y" # c\n  empty =\n}\ninclude d/*.conf\n',
        {"a": {"b": {"c": "d"}, "id": '"x # } y"', "empty": ""}, "include": ["d/*.conf"]},
    ),
    "apt-sources": (
        "deb [ arch=amd64,i386 lang-=de ] http://a.example/debian bookworm-updates main contrib # c\ndeb file:/srv ./\n",
        [
            {
                "(known as)": "deb http://a.example/debian updates",
                "type": "deb",
                "options": {"arch": "amd64,i386", "lang-": "de"},
                "uri": "http://a.example/debian",
                "suite": "bookworm-updates",
                "components": ["main", "contrib"],
            },
            {"(known as)": "deb file:/srv", "type": "deb", "uri": "file:/srv", "suite": "./", "components": []},
        ],
    ),
    "deb822": (
        "# c\ntypes: deb\nURIs: http://a.example\nSuites: x\n y\nSigned-By:\n -----A\n .\n b\n",
        [
            {
                "(known as)": "http://a.example",
                "Types": ["deb"],
                "URIs": ["http://a.example"],
                "Suites": ["x", "y"],
                "Signed-By": "-----A\n.\nb",
            }
        ],
    ),
    "apt-preferences": (
        "Package: a b\nPin: origin x\nPin-Priority: 900\n",
        [{"(known as)": "a b origin x", "Package": "a b", "Pin": "origin x", "Pin-Priority": "900"}],
    ),
}


@pytest.mark.parametrize("name", FORMATS)
def test_the_tree(name: str) -> None:
    text, root = EXAMPLES[name]
    found = document(name, text)
    assert (found.reason, found.format, found.root) == ("", name, root)


@pytest.mark.parametrize("name", FORMATS)
def test_every_value_has_its_line(name: str) -> None:
    text, _ = EXAMPLES[name]
    found = document(name, text)
    paths = [path for path, _ in _leaves(found.root, ())]
    assert [path for path in paths if path not in found.lines] == []


def _leaves(node: Node, path: tuple[Any, ...]) -> list[tuple[tuple[Any, ...], str]]:
    if isinstance(node, str):
        return [(path, node)]
    pairs = node.items() if isinstance(node, dict) else enumerate(node)
    return [leaf for step, inner in pairs for leaf in _leaves(inner, (*path, step))]


REFUSED = {
    "iptables": ("-A INPUT -j ACCEPT\n", "*filter\n:INPUT DROP [0:0]\n", "*filter\nhello\nCOMMIT\n", "*a\n*b\nCOMMIT\n"),
    "ipset": ("add a 192.0.2.1\n", "create a hash:ip\ncreate a hash:ip\n", "destroy a\n"),
    "nftables": ("table ip t {\n", "}\n", 'include "x\n', "hello world\n", "table ip t { chain c { tcp dport { 22 }\n"),
    "nftables-json": ("{}", '{"nftables": {}}', '{"nftables": [1]}', '{"nftables": [{"rule": 1}]}', '{"nftables": [{"a": {}, "b": {}}]}', "{"),
    "ufw": ("### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in\n", "*filter\nhello\nCOMMIT\n"),
    "postfix": ("  a = b\n", "hello\n"),
    "postfix-master": ("smtp inet n - y\n", "  -o a=b\n"),
    "postfix-map": ("key\n", '"a b" c\n'),
    "postfix-checks": ("/never closed REJECT\n", "hello world\n"),
    "aliases": ("root\n", " a: b\n", 'root: "|a\n'),
    "postgresql": ("port\n", "a = b c\n", "a = 'b\n", "= 5\n"),
    "pg-hba": ("host all all\n", "any all all 10.0.0.0/8 md5\n", 'local "all all md5\n', "local all\n"),
    "pg-ident": ("a b\n", "a b c d\n"),
    "redis": ('requirepass "a\n',),
    "openvpn": ("<ca>\nx\n", "<connection>\nremote a\n", 'push "a\n'),
    "ipsec": ("  a=b\n", "conn a\n  b\n", "hello world\n"),
    "swanctl": ("a {\n", "}\n", "a b\nc = d\n", "= x\n", '"a\n', "{ }\n", "a\n"),
    "apt-sources": ("deb http://a.example\n", "rpm http://a.example x y\n", "deb [arch] http://a.example x y\n"),
    "deb822": (" x\n", "hello\n"),
    "apt-preferences": (" x\n", "hello\n"),
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in REFUSED.items() for text in texts])
def test_what_is_not_in_the_format_is_read_by_lines_with_the_reason(name: str, text: str) -> None:
    found = document(name, text)
    assert found.format == "lines"
    assert found.reason


DIFFERENT = {
    "postfix": ("inet_interfaces = all\ninet_interfaces = lo\n", "inet_interfaces = all, lo\n"),
    "aliases": ("root: a\nroot: b\n", "root: a, b\n"),
    "ipset": ("create a hash:ip\nadd a 192.0.2.1 timeout 0\n", "create a hash:ip\nadd a 192.0.2.1\n"),
    "nftables": ("table ip t { chain c { drop; accept; } }", "table ip t { chain c { accept; drop; } }"),
    "redis": ('save ""\nsave 60 1\n', 'save 60 1\nsave ""\n'),
    "pg-hba": ('local "all" all md5\n', "local all all md5\n"),
    "postgresql": ("a = 1\na = 2\n", "a = 2\na = 1\n"),
    "iptables": ("*filter\n-A INPUT -j A\n-A INPUT -j B\nCOMMIT\n", "*filter\n-A INPUT -j B\n-A INPUT -j A\nCOMMIT\n"),
    "ufw": (
        "*filter\n### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in\n-A ufw-user-input -p tcp --dport 22 -j ACCEPT\nCOMMIT\n",
        "*filter\n### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in\nCOMMIT\n",
    ),
}


@pytest.mark.parametrize("name", sorted(DIFFERENT))
def test_files_that_differ_in_meaning_have_different_trees(name: str) -> None:
    one, other = (document(name, text) for text in DIFFERENT[name])
    assert (one.format, other.format) == (name, name)
    assert one.root != other.root


PATHS = {
    "/etc/iptables/rules.v4": "iptables",
    "/etc/iptables/rules.v6": "iptables",
    "/etc/sysconfig/ip6tables": "iptables",
    "/etc/iptables.rules": "iptables",
    "hosts/web-01/etc/iptables.up.rules": "iptables",
    "/etc/ufw/before.rules": "iptables",
    "/etc/ufw/after6.rules": "iptables",
    "/etc/ufw/user.rules": "ufw",
    "/lib/ufw/user6.rules": "ufw",
    "/etc/default/ufw": "env",
    "/etc/ufw/ufw.conf": "env",
    "/etc/ipset.conf": "ipset",
    "/etc/nftables.conf": "nftables",
    "/etc/sysconfig/nftables.conf": "nftables",
    "/etc/nftables/main.nft": "nftables",
    "firewall/base.nft": "nftables",
    "/etc/nftables/ruleset.json": "nftables-json",
    "/etc/postfix/main.cf": "postfix",
    "hosts/mail/etc/postfix/main.cf": "postfix",
    "/etc/postfix-out/master.cf": "postfix-master",
    "/etc/postfix/transport": "postfix-map",
    "/etc/postfix/header_checks": "postfix-checks",
    "/etc/postfix/client_access.cidr": "postfix-checks",
    "/etc/aliases": "aliases",
    "/etc/mail/aliases": "aliases",
    "/etc/postgresql/16/main/postgresql.conf": "postgresql",
    "/etc/postgresql/16/main/conf.d/10-memory.conf": "postgresql",
    "/var/lib/pgsql/data/postgresql.auto.conf": "postgresql",
    "/etc/postgresql/16/main/pg_hba.conf": "pg-hba",
    "/var/lib/pgsql/data/pg_ident.conf": "pg-ident",
    "/etc/redis/redis.conf": "redis",
    "/etc/redis.conf": "redis",
    "/etc/valkey/valkey.conf": "redis",
    "/etc/redis/users.acl": "redis",
    "/etc/redis/sentinel.conf": "redis",
    "/etc/openvpn/server/server.conf": "openvpn",
    "/etc/openvpn/ccd/branch-1": "openvpn",
    "laptop.ovpn": "openvpn",
    "/etc/ipsec.conf": "ipsec",
    "/etc/ipsec.d/branch.conf": "ipsec",
    "/etc/swanctl/conf.d/branch.conf": "swanctl",
    "/etc/strongswan.d/charon.conf": "swanctl",
    "/etc/apt/sources.list": "apt-sources",
    "/etc/apt/sources.list.d/docker.list": "apt-sources",
    "/etc/apt/sources.list.d/debian.sources": "deb822",
    "/etc/apt/preferences": "apt-preferences",
    "/etc/apt/preferences.d/nginx": "apt-preferences",
    "/etc/apt/apt.conf.d/20auto-upgrades": "blocks",
    "/etc/apt/sources.list.save": "lines",
}


@pytest.mark.parametrize("path", sorted(PATHS))
def test_the_format_is_told_from_the_path(path: str) -> None:
    assert detect(path, b"# x\n") == PATHS[path]


CONTENTS = {
    "iptables": b"# saved\n*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n# done\n",
    "nftables": b"flush ruleset\n\ntable inet filter {\n\tchain input {\n\t\tdrop\n\t}\n}\n",
}


@pytest.mark.parametrize("name", sorted(CONTENTS))
def test_the_format_is_told_from_the_content_where_the_path_says_little(name: str) -> None:
    assert detect("backup/firewall.conf", CONTENTS[name]) == name


HOSTILE = {
    "half a rule set": b'table ip t { chain c { tcp dport { 22, 80 } log prefix "a',
    "braces": b"a { " * 100_000,
    "braces of a rule": b"table ip t { chain c { x " + b"{ " * 100_000,
    "closing braces": b"}" * 100_000,
    "commas": b"table ip t { set s { elements = { " + b"a," * 100_000 + b" } } }",
    "colons of a map": b"table ip t { map m { elements = { " + b"a : " * 100_000 + b"} } }",
    "tuples": b"*filter\n" + b"### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in\n" * 20_000 + b"COMMIT\n",
    "odd hex": b"*filter\n### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in comment=ff00e\nCOMMIT\n",
    "continuations": b"smtpd_client_restrictions =\n" + b"  permit\n" * 50_000,
    "open braces of Postfix": b"smtpd_client_restrictions = " + b"{" * 100_000,
    "arguments": b"smtpd_client_restrictions = " + b"warn_if_reject " * 50_000,
    "slashes": b"/" + b"\\/" * 100_000,
    "open quote": b'a "' + b'\\"' * 100_000,
    "quotes": b'"' * 100_001,
    "backslashes": b"\\" * 100_001,
    "options": b"deb [" + b"a=" * 50_000 + b"] b c d",
    "joined lines": b"local all all \\\n" * 20_000,
    "masters": b"sentinel a b c\n" * 20_000,
    "one name": b"a: b\n" * 20_000,
    "NUL": b"*filter\0\nCOMMIT\n",
    "a huge line": b"a = " + b"x" * 4_000_000,
    "a huge word list": b"mynetworks = " + b"10.0.0.0/8 " * 200_000,
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_input_is_read_in_time(name: str) -> None:
    for wanted in FORMATS:
        began = time.process_time()
        parse("/x", HOSTILE[name], wanted)
        assert time.process_time() - began < 4, wanted


def _rules(numbers: list[int]) -> bytes:
    rules = "".join(f"\t\tip saddr 10.{index >> 8}.{index & 255}.0/24 tcp dport {port} accept\n" for index, port in enumerate(numbers))
    return f"table inet filter {{\n\tchain input {{\n{rules}\t}}\n}}\n".encode()


def test_a_rule_set_of_ten_thousand_rules_is_compared_quickly() -> None:
    before, after = _rules(list(range(10_000))), _rules([*range(5_000), 60_000, *range(5_001, 10_000)])
    began = time.process_time()
    versions = [FileVersion(data, parse("/etc/nftables.conf", data)) for data in (before, after)]
    deltas = differences("/etc/nftables.conf", *versions)
    assert [delta.key for delta in deltas] == ["table[inet filter]/chain[input]/rule[5000]"]
    assert time.process_time() - began < 4  # about half a second where nothing else runs
