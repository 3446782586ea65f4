"""XML, HCL, CSV, Windows registry files, INI and its dialects, properties: the tree of each by example, what is refused, and hostile input."""

from __future__ import annotations

import time
from textwrap import dedent

import pytest

from changelog_ledger.formats import detect, parse
from changelog_ledger.model.document import Document

FORMATS = (
    "xml",
    "hcl",
    "csv",
    "reg",
    "ini",
    "samba",
    "mysql",
    "php",
    "php-fpm",
    "openssl",
    "gitconfig",
    "krb5",
    "properties",
    "env",
    "plist",
    "ansible-inventory",
)


def document(as_format: str, text: str) -> Document:
    parsed = parse("/x", dedent(text).encode(), as_format)
    assert parsed is not None
    return parsed


EXAMPLES = {
    "xml": (
        """\
        <?xml version="1.0"?>
        <!DOCTYPE Server SYSTEM "server.dtd">
        <Server port="8005"
                shutdown="a &amp; b">
          <!-- no -->
          <Service name="Catalina">
            <Connector port="8080"/>
            <note>
              two
              lines
            </note>
            <p>see <b>this</b> there</p>
            <x:empty/>
            <blank> </blank>
          </Service>
          <?pi some data?>
        </Server>
        """,
        {
            "!DOCTYPE": "Server server.dtd",
            "Server": {
                "@port": "8005",
                "@shutdown": "a & b",
                "Service": [
                    {
                        "@name": "Catalina",
                        "Connector": [{"@port": "8080"}],
                        "note": "two\n      lines",
                        "p": {"b": "this", "text()": "see <b> there"},
                        "x:empty": "",
                        "blank": " ",
                    }
                ],
                "?pi": "some data",
            },
        },
    ),
    "hcl": (
        """\
        locals { a = 1 }
        locals {
          b = [1.10, "x", [true]] # comment
        }
        provider "aws" {
          alias = "west"
        }
        resource "t" "n" {
          tags   = merge(var.tags, { "Name" : "x-${upper("y")}" })
          script = <<-EOT
            one
              two
          EOT
          count  = a  ?  b :  /* no */ c
          rule {}
          all    = [for k in x : k]
        }
        """,
        {
            "locals": {"a": "1", "b": ["1.10", '"x"', ["true"]]},
            "provider": [{"(known as)": "aws.west", "(name)": "aws", "alias": '"west"'}],
            "resource": [
                {
                    "(name)": "t.n",
                    "tags": {"merge()": ["var.tags", {"Name": '"x-${upper("y")}"'}]},
                    "script": {"heredoc": ["one", "  two"]},
                    "count": "a ? b : c",
                    "rule": [{}],
                    "all": "[for k in x : k]",
                }
            ],
        },
    ),
    "csv": (
        'host;"the ""role"""\nweb;"a;b"\n\n"db";\n',
        [{"(known as)": "web", "host": "web", 'the "role"': "a;b"}, {"(known as)": "db", "host": "db", 'the "role"': ""}],
    ),
    "reg": (
        'REGEDIT4\n\n; no\n[HKEY_CURRENT_USER\\X]\n@="d"\n"a\\"b"=hex:01,\\\n  02\n"gone"=-\n"lines"="1\n2"\n[-HKEY_CURRENT_USER\\Y]\n',
        {
            "version": "REGEDIT4",
            "HKEY_CURRENT_USER\\X": {"@": '"d"', 'a"b': "hex:01,02", "gone": "-", "lines": '"1\n2"'},
            "-HKEY_CURRENT_USER\\Y": {},
        },
    ),
    "ini": (
        """\
        top = 1
        [a]
        x = 1
        x = 2
        more =
            one
            two = 3
        flag
        [[inner]]
        y: z
        [b[1]] ; no
        !includedir /etc/b.d
        """,
        {"top": "1", "a": {"x": ["1", "2"], "more": ["one", "two = 3"], "flag": "", "inner": {"y": "z"}}, "b[1]": {"!includedir": "/etc/b.d"}},
    ),
    "samba": (
        "[Global]\n  Read  Only = Yes\n; no\n[share]\npath = /a \\\n  b\n[global]\nx=y\n",
        {"global": {"read only": "Yes", "x": "y"}, "share": {"path": "/a b"}},
    ),
    "mysql": (
        "!includedir /etc/mysql/conf.d/\n[mysqld]\nbind-address = 1.2.3.4 # no\nskip-name-resolve\ninit='a # b'\n!include /etc/x.cnf\n",
        {
            "!includedir": "/etc/mysql/conf.d/",
            "!include": "/etc/x.cnf",
            "mysqld": {"bind_address": "1.2.3.4", "skip_name_resolve": "", "init": "'a # b'"},
        },
    ),
    "php": (
        '[PHP]\nmemory_limit = 1M ; no\nextension=a\nx = "a;b"\n[Other]\nextension=b\n[PATH=/www]\nmemory_limit = 2M\n',
        {"memory_limit": "1M", "extension": ["a", "b"], "x": '"a;b"', "PATH=/www": {"memory_limit": "2M"}},
    ),
    "php-fpm": (
        "include=/etc/php/*.conf\n[www]\npm = static\nenv[A] = 1\nenv[B] = 2\n",
        {"include": "/etc/php/*.conf", "www": {"pm": "static", "env": {"A": "1", "B": "2"}}},
    ),
    "openssl": (
        ".include /a.cnf\n[ ca ]\ndir = /ca # no\nlong = a \\\n  b\n",
        {".include": "/a.cnf", "ca": {"dir": "/ca", "long": "a b"}},
    ),
    "gitconfig": (
        '[Core]\n\tautoCRLF = input # no\n\tbare\n[remote "My Origin"]\n\turl = "a;b" \\\nc\n\tfetch = 1\n[Remote "My Origin"] fetch = 2\n',
        {"core": {"autocrlf": "input", "bare": "true"}, "remote": {"My Origin": {"url": '"a;b" c', "fetch": ["1", "2"]}}},
    ),
    "krb5": (
        "include /a\n[realms]\n  X.Y = {\n    kdc = a\n    kdc = b\n    sub = {\n      c = d\n    }\n  }\n[realms]\n  Z = {\n  }\n",
        {"include": "/a", "realms": {"X.Y": {"kdc": ["a", "b"], "sub": {"c": "d"}}, "Z": {}}},
    ),
    "properties": ("a\\ b = 1\nc : \\\n  2\n! no\nc 3\n", {"a\\ b": "1", "c": ["2", "3"]}),
    "plist": (
        '<plist version="1.0"><dict><key>a</key><string>1</string><key>b</key><integer>1</integer><key>c</key><true/>'
        "<key>d</key><array><dict/><string>x</string></array><key>e</key><data>\n AA\n BB\n</data></dict></plist>",
        {"a": '"1"', "b": "1", "c": "true", "d": [{}, "x"], "e": "AABB"},
    ),
    "ansible-inventory": (
        "first x=1\n[web]\na.example y='2 3' # no\nb\n[web:vars]\nz = 4 5\n[all:children]\nweb\n",
        {"ungrouped": {"first": {"x": "1"}}, "web": {"a.example": {"y": "'2 3'"}, "b": {}}, "web:vars": {"z": "4 5"}, "all:children": {"web": {}}},
    ),
    "env": (
        "export A=1 # kept\nB=(x 'y z'\n  # no\n  w)\nC+=(v)\nD = d\n",
        {"export A": "1 # kept", "B": ["x", "'y z'", "w"], "C+": ["v"], "D": "d"},
    ),
}


@pytest.mark.parametrize("name", FORMATS)
def test_the_tree(name: str) -> None:
    text, root = EXAMPLES[name]
    assert (document(name, text).format, document(name, text).reason) == (name, "")
    assert document(name, text).root == root


@pytest.mark.parametrize(
    ("name", "text", "lines"),
    [
        ("xml", '<a b="1"\n   c="2">\n <d>\n  e\n </d>\n</a>\n', {("a", "@b"): 1, ("a", "@c"): 2, ("a", "d"): 4}),
        ("xml", "<a>\r<b>1</b>\r\r<c>2</c></a>", {("a", "b"): 1, ("a", "c"): 1}),
        ("hcl", "a = [\n  1,\n  f(\n    { b = 2 }),\n]\n", {("a", 0): 2, ("a", 1, "f()", "b"): 4}),
        ("hcl", "a = <<E\n1\n2\nE\nb = 3\n", {("a", "heredoc", 1): 3, ("b",): 5}),
        ("csv", 'a,b\n1,"x\ny"\n2,z\n', {(0,): 2, (1, "b"): 4}),
        ("ini", "[a]\nb =\n  1\n\n  # no\n  2\n", {("a", "b", 0): 3, ("a", "b", 1): 6}),
        ("env", "A=(\n 1\n 2)\nB='\n'\nC=1\n", {("A", 0): 2, ("A", 1): 3, ("C",): 6}),
    ],
)
def test_the_lines(name: str, text: str, lines: dict[tuple[str | int, ...], int]) -> None:
    found = document(name, text).lines
    assert {path: found[path] for path in lines} == lines


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("xml", "<a><b></a>", "not well-formed XML: mismatched tag (line 1)"),
        ("xml", "<a>\n", "not well-formed XML: no element found (line 2)"),
        ("xml", '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "a document type with declarations of its own (line 1)"),
        ("xml", '<!DOCTYPE a [<!ATTLIST a b CDATA "c">]><a/>', "a document type with declarations of its own (line 1)"),
        ("xml", '<!DOCTYPE a SYSTEM "/etc/passwd"><a>\n&x;</a>', "an entity that is declared elsewhere: &x; (line 2)"),
        ("xml", '<!DOCTYPE a SYSTEM "/etc/passwd"><a b="&x;"/>', "an entity that is declared elsewhere: &x; (line 1)"),
        ("xml", "<a>" * 101 + "</a>" * 101, "nested deeper than 100 (line 1)"),
        ("hcl", "a = 1\nb {\n", "a bracket that is never closed (line 2)"),
        ("hcl", "a = }\n", "a closing bracket too many (line 1)"),
        ("hcl", 'a = "x\n"\n', "a quote that is never closed (line 1)"),
        ("hcl", "a = <<E\nx\n", "a heredoc that is never closed (line 1)"),
        ("hcl", "/* a\n", "a comment that is never closed (line 1)"),
        ("hcl", "some prose here\n", "neither an attribute nor a block (line 1)"),
        ("hcl", "a =\n", "a value that is missing (line 1)"),
        ("hcl", "a = { b }\n", "an object's key without a value (line 1)"),
        ("hcl", "a = " + "[" * 101 + "]" * 101, "nested deeper than 100 (line 1)"),
        ("csv", "a,b\n1\n", "1 columns instead of 2 (line 2)"),
        ("csv", "a,b\n1,2\n", ""),
        ("csv", "a,a\n1,2\n", "a table without a header (line 1)"),
        ("csv", "10.0.0.1,b\n1,2\n", "a table without a header (line 1)"),
        ("csv", "a,b\n", "a table without rows (line 1)"),
        ("csv", 'a,b\n"1,2\n', "not a table: unexpected end of data (line 2)"),
        ("reg", "[HKEY_X]\n", "not the header of a registry file (line 1)"),
        ("reg", 'REGEDIT4\n"a"="b"\n', "a value outside a key (line 2)"),
        ("reg", 'REGEDIT4\n[K]\n"a"="b\n', "a value that is never ended (line 3)"),
        ("reg", "REGEDIT4\n[K]\nprose\n", "neither a key nor a value (line 3)"),
        ("ini", "[a\n", "a section that is never closed (line 1)"),
        ("ini", "[[a]]\n", "a section that is within none (line 1)"),
        ("ini", "[a]\nb=1\n[[b]]\n", "'b' is both a key and a section (line 3)"),
        ("samba", "[a]\nprose\n", "neither a section nor an assignment (line 2)"),
        ("mysql", "[a]\nsome prose\n", "neither a section nor an option (line 2)"),
        ("php", "= 1\n", "neither a section nor a directive (line 1)"),
        ("gitconfig", "a = 1\n", "a variable outside a section (line 1)"),
        ("gitconfig", "[a\n", "a section that is never closed (line 1)"),
        ("krb5", "[a]\nb = {\n", "a group that is never closed (line 2)"),
        ("krb5", "[a]\n}\n", "a closing brace too many (line 2)"),
        ("krb5", "[a]\n" + "b = {\n" * 101, "nested deeper than 100 (line 102)"),
        ("plist", "<plist><dict><key>a</key></dict></plist>", "a key without a value (line 1)"),
        ("plist", "<plist><dict><a/><b/></dict></plist>", "a dict that is not of keys and values (line 1)"),
        ("plist", "<a/>", "not a property list"),
        ("ansible-inventory", "[a]\nb = c\n", "not a variable (line 2)"),
        ("ansible-inventory", "[a]\nb=c\n", "a variable outside a group's variables (line 2)"),
        ("env", "if true; then\n", "not a list of assignments (line 1)"),
        ("env", "A=(a\n", "a quote or array that is never closed (line 1)"),
    ],
)
def test_what_is_not_in_the_format_is_read_by_lines(name: str, text: str, reason: str) -> None:
    assert document(name, text).reason == (f"read by lines: {reason}" if reason else "")


HOSTILE = {
    "elements": "<a>" * 100_000,
    "attributes": "<a " + " ".join(f'b{number}="1"' for number in range(100_000)) + "/>",
    "an open tag": "<a " + "b" * 1_000_000,
    "character references": "<a>" + "&#65;" * 200_000 + "</a>",
    "laughs": "<!DOCTYPE a [" + "".join(f'<!ENTITY x{n} "{f"&x{n - 1};" * 10}">' for n in range(1, 20)) + "]><a>&x19;</a>",
    "templates": 'a = "' + "${" * 100_000,
    "templates in templates": 'a = "' + '${"' * 100_000,
    "calls": "a = " + "f(" * 99 + "1" + ")" * 99,
    "calls of objects": "a = " + "f({b=" * 49 + "1" + "})" * 49,
    "tuples": "a = " + "[" * 100_000,
    "heredocs": "a=<<A\n" * 100_000,
    "open comments": "/* " * 100_000,
    "quotes": '"' * 100_001,
    "quotes on lines": 'A="\n' * 50_001,
    "arrays": "A=(\n" * 100_000,
    "semicolons": "a,b\n" + ";" * 500_000,
    "commas": "a,b\n" + "," * 500_000,
    "registry": 'REGEDIT4\n[a]\n"a"=hex:\\\n' + "00,\\\n" * 100_000,
    "registry quotes": "REGEDIT4\n[a]\n" + '"a\n' * 100_001,
    "sections": "[a]\n" * 50_000,
    "brackets": "[" * 100_000 + "]" * 100_000,
    "braces": "[a]\n" + "b = {\n" * 100_000,
    "subsections": "".join(f'[a "{number}"]\nb\n' for number in range(30_000)),
    "semicolon in a line": "[a]\nb = " + "c ;" * 100_000,
    "blanks": "[a]\nb" + " " * 200_000 + "c",
    "NUL": "[a]\nb = \0\n",
}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_input_is_read_in_time(hostile: str) -> None:
    for name in FORMATS:
        began = time.process_time()
        parsed = parse("/x", HOSTILE[hostile].encode(), name)
        assert parsed is None or parsed.format == name or parsed.reason
        assert time.process_time() - began < 4, name


@pytest.mark.parametrize("name", FORMATS)
def test_half_a_file_is_read_or_refused(name: str) -> None:
    text = dedent(EXAMPLES[name][0])
    for end in range(len(text)):
        parsed = parse("/x", text[:end].encode(), name)
        assert parsed is not None
        assert parsed.format == name or parsed.reason


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/etc/tomcat9/server.xml", "xml"),
        ("/srv/infra/main.tf", "hcl"),
        ("/srv/infra/prod.auto.tfvars", "hcl"),
        ("/srv/infra/.terraform.lock.hcl", "hcl"),
        ("/srv/infra/image.pkr.hcl", "hcl"),
        ("/etc/nomad.d/nomad.hcl", "hcl"),
        ("/srv/hosts.csv", "csv"),
        ("/srv/hosts.tsv", "csv"),
        ("C:/policies/update.reg", "reg"),
        ("/etc/samba/smb.conf", "samba"),
        ("/usr/local/etc/smb4.conf", "samba"),
        ("/etc/my.cnf", "mysql"),
        ("/etc/my.cnf.d/server.cnf", "mysql"),
        ("/etc/mysql/mariadb.conf.d/50-server.cnf", "mysql"),
        ("/root/.my.cnf", "mysql"),
        ("/etc/php.ini", "php"),
        ("/etc/php/8.2/cli/conf.d/10-opcache.ini", "php"),
        ("/etc/php/8.2/fpm/pool.d/www.conf", "php-fpm"),
        ("/etc/php-fpm.d/www.conf", "php-fpm"),
        ("/etc/ssl/openssl.cnf", "openssl"),
        ("/etc/pki/tls/openssl.cnf", "openssl"),
        ("/home/alice/.gitconfig", "gitconfig"),
        ("/srv/shop/.git/config", "gitconfig"),
        ("/srv/shop/.gitmodules", "gitconfig"),
        ("/etc/krb5.conf", "krb5"),
        ("/etc/krb5.conf.d/office", "krb5"),
        ("/Library/LaunchDaemons/example.plist", "plist"),
        ("/etc/ansible/hosts", "ansible-inventory"),
        ("/srv/playbooks/inventories/prod/hosts", "ansible-inventory"),
        ("/etc/yum.repos.d/rocky.repo", "ini"),
        ("/etc/dnf/dnf.conf", "ini"),
        ("/etc/fail2ban/jail.local", "ini"),
        ("/etc/supervisor/conf.d/shop.conf", "ini"),
        ("/etc/sssd/sssd.conf", "ini"),
        ("/etc/ansible/ansible.cfg", "ini"),
        ("/srv/shop/setup.cfg", "ini"),
        ("/etc/wireguard/wg0.conf", "ini"),
    ],
)
def test_by_path(path: str, expected: str) -> None:
    assert detect(path, b"text\n") == expected


@pytest.mark.parametrize(
    "text", ["<?xml version='1.0'?>\n<a/>\n", "<!DOCTYPE busconfig PUBLIC 'x' 'y'>\n<busconfig/>\n", "<configuration>\n</configuration>\n"]
)
def test_xml_is_known_by_its_beginning(text: str) -> None:
    assert detect("/etc/thing/local.conf", text.encode()) == "xml"


def test_redacted_values_leave_xml_well_formed() -> None:
    text = '<a b="<secret:0123456789ab>"><c><secret:9f3e5a></c><d><![CDATA[<secret:9f3e5b>]]></d></a>'
    assert document("xml", text).root == {"a": {"@b": "<secret:0123456789ab>", "c": "<secret:9f3e5a>", "d": "<secret:9f3e5b>"}}


def test_what_begins_like_xml_need_not_be_it() -> None:
    assert detect("/etc/thing/local.conf", b"<VirtualHost *:80>\n</VirtualHost>\n") != "xml"
