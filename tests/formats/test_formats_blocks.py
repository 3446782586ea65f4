"""Formats of blocks and sections: what trees they make, and what they refuse."""

from __future__ import annotations

import time
from typing import Any

import pytest

from changelog_ledger.diff import differences
from changelog_ledger.formats import detect, parse
from changelog_ledger.model.document import Document
from changelog_ledger.model.evidence import Op
from tests.formats.cases import version

NAMES = ("apache", "blocks", "dhcpd", "dovecot", "haproxy", "keepalived", "logrotate", "named", "nginx", "rsyslog", "unbound", "zone")

EXAMPLES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "nginx": (
        "/etc/nginx/nginx.conf",
        "upstream b { server 10.0.0.1:80 weight=5 backup; }\n"
        "map $uri $x { default 0; ~^/a 1; }\n"
        "server {\n listen 443 ssl; server_name shop.example;\n access_by_lua_block { local t = {1} -- }\n }\n"
        " location /a { allow 10.0.0.0/8; deny all; proxy_set_header Host $host; }\n location ~ \\.php$ { set $a 'b; c'; }\n}\n",
        {
            "upstream": [{"(name)": "b", "server": [{"(name)": "10.0.0.1:80", "weight": "5", "backup": ""}]}],
            "map": [{"(name)": "$uri $x", "default": "0", "~": [{"(name)": "~^/a", "value": "1"}]}],
            "server": [
                {
                    "(known as)": "shop.example:443",
                    "listen": "443 ssl",
                    "server_name": "shop.example",
                    "access_by_lua_block": "local t = {1} -- }",
                    "location": [{"(name)": "/a", "access": ["allow 10.0.0.0/8", "deny all"], "proxy_set_header": {"Host": "$host"}}],
                    "location ~": [{"(name)": "~ \\.php$", "set": {"$a": "'b; c'"}}],
                }
            ],
        },
    ),
    "blocks": (
        "/etc/apt/apt.conf",
        '#clear A::B;\nA { B "1"; };\nDPkg::Pre-Invoke { "x; y"; };\n',
        {"#clear": "A::B", "A": {"B": '"1"'}, "DPkg::Pre-Invoke": ['"x; y"']},
    ),
    "named": (
        "/etc/named.conf",
        "acl office { 10/8; !10.0.0.1; { 192.0.2.1; }; };\ncontrols { inet * allow { any; } keys { k; }; };\n"
        'options { listen-on port 53 { any; }; forwarders { }; };\nzone "shop.example" IN { type master; };\n',
        {
            "acl": {"office": ["10/8", "!10.0.0.1", "{ 192.0.2.1; }"]},
            "controls": {"inet": "* allow { any; } keys { k; }"},
            "options": {"listen-on port 53": ["any"], "forwarders": []},
            "zone": [{"(name)": "shop.example", "class": "IN", "type": "master"}],
        },
    ),
    "zone": (
        "/etc/bind/db.shop.example",
        '$TTL 1d\n@ 300 IN SOA ns1 root (1 2\n 3 4 5)\n  NS ns1\nns1 IN 60 A 192.0.2.1\n TXT "a; b" c ; no\n$ORIGIN lab\n@ A 192.0.2.2\nx CH TXT y\n',
        {
            "$TTL": "1d",
            "@": {
                "SOA": {
                    "primary": "ns1",
                    "contact": "root",
                    "serial": "1",
                    "refresh": "2",
                    "retry": "3",
                    "expire": "4",
                    "minimum": "5",
                    "TTL": "300",
                },
                "NS": "ns1",
            },
            "ns1": {"A": "192.0.2.1 (TTL 60)", "TXT": '"a; b" c'},
            "lab": {"A": "192.0.2.2"},
            "x.lab": {"CH TXT": "y"},
        },
    ),
    "dhcpd": (
        "/etc/dhcp/dhcpd.conf",
        'option domain-name "x";\nsubnet 10.0.0.0 netmask 255.0.0.0 { pool { range 10.0.0.1 10.0.0.9; } }\n'
        'if a = b { filename "x"; } else { filename "y"; }\n',
        {
            "option": {"domain-name": '"x"'},
            "subnet": [
                {
                    "(name)": "10.0.0.0",
                    "netmask": "255.0.0.0",
                    "pool": [{"(known as)": "10.0.0.1 10.0.0.9", "range": "10.0.0.1 10.0.0.9"}],
                }
            ],
            "if": [{"(name)": "a = b", "filename": '"x"', "else": {"filename": '"y"'}}],
        },
    ),
    "apache": (
        "/etc/apache2/sites-enabled/shop.conf",
        "<VirtualHost *:80>\n servername shop.example\n RewriteCond %{HTTPS} off\n RewriteRule ^/a /b [L]\n Redirect 301 /x /y\n"
        ' Header set X "a b"\n LogFormat "%h %t" short\n <Location "/s">\n  Require all denied\n </Location>\n</VirtualHost>\n',
        {
            "VirtualHost": [
                {
                    "(known as)": "shop.example",
                    "(name)": "*:80",
                    "ServerName": "shop.example",
                    "RewriteRule": [{"(known as)": "^/a", "RewriteCond": ["%{HTTPS} off"], "pattern": "^/a", "substitution": "/b", "flags": "[L]"}],
                    "Redirect": [{"(name)": "/x", "status": "301", "value": "/y"}],
                    "Header": [{"(name)": "set X", "value": '"a b"'}],
                    "LogFormat": {"short": '"%h %t"'},
                    "Location": [{"(name)": "/s", "Require": "all denied"}],
                }
            ]
        },
    ),
    "haproxy": (
        "/etc/haproxy/haproxy.cfg",
        "global\n daemon\nfrontend www\n bind :80 # no\n acl a path /a\n acl a path /b\n option httplog\n no option logasap\n"
        " timeout client 5s\n use_backend x if a\nbackend x\n server w1 10.0.0.1:80 check weight 5\n",
        {
            "global": {"daemon": ""},
            "frontend": [
                {
                    "(name)": "www",
                    "bind": ":80",
                    "acl": {"a": ["path /a", "path /b"]},
                    "option": {"httplog": "enabled", "logasap": "disabled"},
                    "timeout": {"client": "5s"},
                    "use_backend": "x if a",
                }
            ],
            "backend": [{"(name)": "x", "server": [{"(name)": "w1", "address": "10.0.0.1:80", "options": "check weight 5"}]}],
        },
    ),
    "keepalived": (
        "/etc/keepalived/keepalived.conf",
        '! c\nvrrp_instance A\n{\n priority 100 # c\n notify "/x y"\n virtual_ipaddress { 10.0.0.1 }\n track_script {\n a\n b weight 2\n }\n}\n',
        {
            "vrrp_instance": [
                {
                    "(name)": "A",
                    "priority": "100",
                    "notify": '"/x y"',
                    "virtual_ipaddress": ["10.0.0.1"],
                    "track_script": ["a", "b weight 2"],
                }
            ]
        },
    ),
    "logrotate": (
        "/etc/logrotate.d/shop",
        'weekly\n/a/*.log "/b c" {\n  rotate=7\n  nocompress\n  postrotate\n    kill -HUP 1\n  endscript\n}\n/d { daily }\n',
        {
            "frequency": "weekly",
            "log": [
                {"(known as)": "/a/*.log", "paths": ["/a/*.log", "/b c"], "rotate": "7", "compress": "off", "postrotate": "kill -HUP 1"},
                {"(known as)": "/d", "paths": ["/d"], "frequency": "daily"},
            ],
        },
    ),
    "dovecot": (
        "/etc/dovecot/conf.d/10-auth.conf",
        "!include a.ext\nprotocols = imap # no\npassdb {\n driver = pam\n}\nservice x {\n user =\n}\n",
        {"!include": "a.ext", "protocols": "imap", "passdb": [{"driver": "pam"}], "service": [{"(name)": "x", "user": ""}]},
    ),
    "rsyslog": (
        "/etc/rsyslog.d/50-shop.conf",
        '$Umask 0022\nmodule(load="imtcp") # no\n*.info;mail.none /var/log/*.x\n& stop\n'
        'if $msg contains \'{\' then {\n stop\n}\nelse /x\n*.* action(type="omfwd"\n target="h")\nruleset(name="r") { call s }\n',
        {
            "$Umask": "0022",
            "module": [{"load": "imtcp"}],
            "rule": [
                {"(known as)": "*.info;mail.none", "selector": "*.info;mail.none", "action": ["/var/log/*.x", "stop"]},
                {
                    "(known as)": "if $msg contains '{'",
                    "if": "$msg contains '{'",
                    "then": {"rule": [{"(known as)": "stop", "stop": ""}]},
                    "else": {"rule": [{"(known as)": "action", "action": "/x"}]},
                },
                {"(known as)": "*.*", "selector": "*.*", "action": {"type": "omfwd", "target": "h"}},
            ],
            "ruleset": [{"name": "r", "rule": [{"(known as)": "call", "call": "s"}]}],
        },
    ),
    "unbound": (
        "/etc/unbound/unbound.conf.d/x.conf",
        'server:\n interface: ::1 # no\n local-zone: "lan." static\nforward-zone:\n name: "."\nserver: port: 53\n',
        {
            "server": {"interface": "::1", "local-zone": [{"(name)": "lan.", "type": "static"}], "port": "53"},
            "forward-zone": [{"(known as)": ".", "name": "."}],
        },
    ),
}


def document(path: str, text: str) -> Document:
    parsed = parse(path, text.encode())
    assert parsed is not None
    return parsed


@pytest.mark.parametrize("name", NAMES)
def test_a_file_becomes_a_tree_that_reads_as_its_language(name: str) -> None:
    path, text, tree = EXAMPLES[name]
    parsed = document(path, text)
    assert (parsed.format, parsed.reason) == (name, "")
    assert parsed.root == tree


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("nginx", "http {\n server {", "a block or directive that is never ended (line 2)"),
        ("nginx", "a b\n}", "a directive without its semicolon (line 2)"),
        ("nginx", "a 'b;\n", "a quote that is never closed (line 1)"),
        ("nginx", "x_by_lua_block { if a then {", "a block of Lua that is never ended"),
        ("nginx", "{ a; }", "a block without a name (line 1)"),
        ("nginx", "a;\n}", "a closing brace too many (line 2)"),
        ("blocks", "a b;\n/* c", "a comment that is never closed (line 2)"),
        ("named", "options { forwarders { 10.0.0.1 }; };", "a directive without its semicolon (line 1)"),
        ("zone", "@ SOA a b (1 2", "a parenthesis that is never closed (line 1)"),
        ("zone", "  A 192.0.2.1\n", "a record without an owner (line 1)"),
        ("zone", "www 300 IN\n", "a record without a type or data (line 1)"),
        ("zone", "$TTTL 3\n", "no directive of a zone: $TTTL (line 1)"),
        ("apache", "<Directory /a>\n</Files>\n", "</Files> closes nothing (line 2)"),
        ("apache", "<Directory /a>\nRequire x\n", "<Directory> is never closed (line 1)"),
        ("apache", "<Directory /a\n", "a section without its closing bracket (line 1)"),
        ("haproxy", "bind :80\n", "a line before the first section (line 1)"),
        ("haproxy", "global\n.if defined(X)\n", "conditional blocks (line 2)"),
        ("keepalived", "a {\n b {\n }\n", "a block that is never closed (line 1)"),
        ("keepalived", "}\n", "a closing brace too many (line 1)"),
        ("logrotate", "/a {\n rotate 4\n", "a block that is never closed (line 1)"),
        ("logrotate", "wekly\n", "'wekly' is no directive of logrotate (line 1)"),
        ("logrotate", "/a {\n postrotate\n x\n}\n", "a script without its end (line 2)"),
        ("dovecot", "a = 1\nsome prose\n", "neither a setting nor a section (line 2)"),
        ("dovecot", "a {\n", "a section that is never closed (line 1)"),
        ("rsyslog", '*.* "x\n', "a quote that is never closed (line 1)"),
        ("rsyslog", "*.* x\n)\n", "a bracket that closes nothing (line 2)"),
        ("rsyslog", "if $a == 1\nx y\n", "a bracket or condition that is never ended (line 1)"),
        ("rsyslog", "& stop\n", "an & that follows no rule (line 1)"),
        ("unbound", "server:\n verbosity 1\n", "neither a clause nor an attribute (line 2)"),
    ],
)
def test_what_is_not_in_the_format_is_read_by_lines_and_says_why(name: str, text: str, reason: str) -> None:
    parsed = parse("/x", text.encode(), name)
    assert parsed is not None
    assert (parsed.format, parsed.reason) == ("lines", f"read by lines: {reason}")


HOSTILE = {
    "blank lines before a brace": b"a b\n" + b"\n" * 100_000 + b"{}",
    "branches": b"if a { } " + b"else { } " * 30_000 + b";",
    "conditions in conditions": b"if a then {" * 20_000,
    "actions of one rule": b"*.* a\n" + b"& b\n" * 30_000,
    "open arrays": b"module(" + b"a=[" * 30_000 + b")",
    "comments between parameters": b"module(\n" + b"#c\n a=b\n" * 20_000 + b")",
    "long brackets of Lua": b"a_by_lua_block {" + b"[[" * 50_000,
    "braces of Lua": b"a_by_lua_block {" + b"{" * 50_000,
    "braces in a list": b"acl a { " + b"{ " * 50_000 + b"}" * 50_000,
    "digits of a time to live": b"a " + b"1w1" * 50_000 + b"! A b\n",
    "parentheses": b"(" * 50_000,
    "paths": b"/a\n" * 30_000,
    "conditions of a rewriting": b"RewriteCond a b\n" * 30_000 + b"RewriteRule a b",
    "half a quote": b'a "' + b"b " * 50_000,
    "a huge line": b"a " * 200_000,
    "a null": b"a {\n b\0;\n}\n",
    "deep nesting": b"a {\n" * 100_000,
    "deep sections": b"<A b>\n" * 40_000,
}


@pytest.mark.parametrize("name", NAMES)
def test_hostile_input_is_read_in_time(name: str) -> None:
    for kind, data in HOSTILE.items():
        began = time.process_time()
        parse("/x.conf", data, name)
        assert time.process_time() - began < 4, kind


@pytest.mark.parametrize("name", NAMES)
def test_half_a_file_is_read_as_far_as_it_makes_sense_or_by_lines(name: str) -> None:
    path, text, _ = EXAMPLES[name]
    for length in range(len(text)):
        parsed = parse(path, text[:length].encode(), name)
        assert parsed is not None
        assert parsed.format in (name, "lines")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/etc/apache2/ports.conf", "apache"),
        ("/etc/apache2/mods-enabled/ssl.load", "apache"),
        ("/etc/httpd/conf.d/README", "lines"),
        ("/srv/www/shop/.htaccess", "apache"),
        ("hosts/lb-01/etc/haproxy/conf.d/10-shop.cfg", "haproxy"),
        ("/etc/keepalived/conf.d/vip.conf", "keepalived"),
        ("/etc/logrotate.conf", "logrotate"),
        ("/etc/logrotate.d/nginx", "logrotate"),
        ("/etc/dovecot/dovecot-sql.conf.ext", "dovecot"),
        ("/etc/rsyslog.conf", "rsyslog"),
        ("/etc/unbound/unbound.conf", "unbound"),
        ("/etc/nsd/nsd.conf", "unbound"),
        ("/etc/bind/named.conf.local", "named"),
        ("/etc/named.rfc1912.zones", "named"),
        ("/etc/bind/db.shop.example", "zone"),
        ("/var/named/data/shop.example.zone", "zone"),
        ("/etc/dhcp/dhcpd.conf", "dhcpd"),
        ("/etc/syslog-ng/conf.d/shop.conf", "blocks"),
        ("/etc/nginx/sites-enabled/shop", "nginx"),
    ],
)
def test_paths_of_debian_and_red_hat_are_known(path: str, expected: str) -> None:
    assert detect(path, b"text\n") == expected


def test_two_servers_of_one_name_are_told_apart_when_one_of_them_goes() -> None:
    redirect = b"server {\n listen 8000;\n server_name a;\n return 301 x;\n}\n"
    site = b"server {\n listen 8001;\n server_name a;\n root /srv/a;\n index i;\n}\n"
    path = "/etc/nginx/conf.d/a.conf"
    (delta,) = differences(path, version(path, redirect + site), version(path, site))
    assert (delta.key, delta.op) == ("server[a]", Op.REMOVED)


def test_a_record_that_is_written_twice_counts_twice() -> None:
    path = "/etc/bind/db.a"
    (delta,) = differences(path, version(path, b"a A 192.0.2.1\n"), version(path, b"a A 192.0.2.1\na A 192.0.2.1\n"))
    assert delta.op is Op.ADDED


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A b\\\nc\n", "bc"),
        ("A b \\\nc\n", "b c"),
        ("A b \\\n   c \\\n d\n", "b c d"),
        ("# no \\\nB c\nA b\n", "b"),
        ("A b\\\n", "b"),
    ],
)
def test_lines_of_apache_are_joined_as_apache_does(text: str, value: str) -> None:
    assert document("/etc/apache2/apache2.conf", text).root == {"A": value}
