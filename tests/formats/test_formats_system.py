"""What every Linux host has in /etc: the tree of each format by example, what is refused, and hostile input."""

from __future__ import annotations

import time
from textwrap import dedent

import pytest

from changelog_ledger.diff import differences
from changelog_ledger.formats import detect, parse
from changelog_ledger.model.document import Document, FileVersion
from changelog_ledger.model.evidence import Delta

FORMATS = (
    *("access", "anacrontab", "chrony", "crontab", "dnsmasq", "exports", "fstab", "group", "grub", "gshadow", "hosts", "ifupdown", "keyvalue"),
    *("limits", "modprobe", "names", "nsswitch", "ntp", "pam", "passwd", "protocols", "resolv", "services", "shadow", "ssh", "sshd", "subid"),
    *("sudoers", "sysctl", "systemd", "sysusers", "tmpfiles", "user-crontab"),
)


def document(path: str, text: str, as_format: str | None = None) -> Document:
    parsed = parse(path, dedent(text).encode(), as_format)
    assert parsed is not None
    return parsed


def deltas(path: str, before: str, after: str) -> tuple[Delta, ...]:
    old, new = (FileVersion(text.encode(), parse(path, text.encode())) for text in (before, after))
    return differences(path, old, new)


EXAMPLES = {
    "sshd": (
        "/etc/ssh/sshd_config",
        """\
        port 22
        AllowUsers alice bob
        allowusers carol
        Ciphers aes256-ctr,aes128-ctr
        Subsystem sftp internal-sftp
        Match user bob address 10.0.0.0/8
            X11Forwarding no
        """,
        {
            "sshd": {
                "Port": "22",
                "AllowUsers": ["alice", "bob", "carol"],
                "Ciphers": ["aes256-ctr", "aes128-ctr"],
                "Subsystem": {"sftp": "internal-sftp"},
                "Match": [{"(name)": "User bob Address 10.0.0.0/8", "X11Forwarding": "no"}],
            }
        },
    ),
    "ssh": ("/etc/ssh/ssh_config", "Host *\n  user=ops\n  UnheardOf 1\n", {"ssh": {"Host": [{"(name)": "*", "User": "ops", "UnheardOf": "1"}]}}),
    "systemd": (
        "/etc/systemd/system/shop.service.d/override.conf",
        """\
        [Unit]
        After=a.service \\
          # why
          b.service
        After=c.service
        [Service]
        ExecStart=
        ExecStart=/usr/bin/shop
        Environment=A=1 "B=2 3"
        Environment=C=4
        """,
        {
            "Unit": {"After": ["a.service", "b.service", "c.service"]},
            "Service": {"ExecStart": ["", "/usr/bin/shop"], "Environment": {"A": "1", "B": "2 3", "C": "4"}},
        },
    ),
    "resolv": (
        "/etc/resolv.conf",
        "nameserver 10.0.0.53 # first\nsearch a.example b.example\noptions ndots:2\noptions rotate\n",
        {"nameserver": ["10.0.0.53"], "search": ["a.example", "b.example"], "options": {"ndots": "2", "rotate": ""}},
    ),
    "nsswitch": (
        "/etc/nsswitch.conf",
        "hosts: files mdns4_minimal [NOTFOUND=return SUCCESS=merge] dns # as ever\n",
        {"hosts": ["files", "mdns4_minimal [NOTFOUND=return SUCCESS=merge]", "dns"]},
    ),
    "fstab": (
        "/etc/fstab",
        "/dev/sda1 /var ext4 defaults,noatime\nnone /proc proc\n",
        [
            {"device": "/dev/sda1", "mount_point": "/var", "type": "ext4", "options": ["defaults", "noatime"]},
            {"device": "none", "mount_point": "/proc", "type": "proc"},
        ],
    ),
    "shadow": (
        "/etc/shadow",
        "bob:<secret:0123456789abcdef>:19000:0:99999:7:::\n",
        {
            "bob": {
                "password": "<secret:0123456789abcdef>",
                "last_change": "19000",
                "minimum": "0",
                "maximum": "99999",
                "warning": "7",
                "inactivity": "",
                "expires": "",
                "reserved": "",
            }
        },
    ),
    "group": (
        "/etc/group",
        "adm:x:4:alice\nbroken:x:5\n",
        {"adm": {"password": "x", "gid": "4", "members": ["alice"]}, "(malformed)": ["broken:x:5"]},
    ),
    "sudoers": (
        "/etc/sudoers",
        """\
        Defaults env_reset, !lecture, secure_path="/bin:/usr/bin" # safe
        Defaults:bob env_keep += "A B"
        User_Alias OPS = alice, \\
            bob : AUDIT = eve
        Cmnd_Alias SOME = ALL, !/bin/su
        OPS ALL = (root) NOPASSWD: SETENV: /bin/a, /bin/b x\\,y
        #1000 ALL = ALL
        # a comment
        #includedir /etc/sudoers.d
        """,
        {
            "Defaults": {"env_reset": "true", "lecture": "false", "secure_path": "/bin:/usr/bin"},
            "Defaults:bob": {"env_keep +=": ["A", "B"]},
            "User_Alias": {"OPS": ["alice", "bob"], "AUDIT": ["eve"]},
            "Cmnd_Alias": {"SOME": "ALL, !/bin/su"},
            "rule": [
                {"users": "OPS", "hosts": "ALL", "run as": "root", "tags": ["NOPASSWD", "SETENV"], "commands": ["/bin/a", "/bin/b x\\,y"]},
                {"users": "#1000", "hosts": "ALL", "commands": ["ALL"]},
                {"users": "@includedir", "path": "/etc/sudoers.d"},
            ],
        },
    ),
    "limits": (
        "/etc/security/limits.conf",
        "alice soft nofile 1024\n@dev - nproc 20 # few\nbackup -\n",
        {"alice": {"soft": {"nofile": "1024"}}, "@dev": {"soft and hard": {"nproc": "20"}}, "backup": {"soft and hard": {"(no limits)": ""}}},
    ),
    "access": ("/etc/security/access.conf", "+:root:LOCAL\n- : ALL : ALL\n", ["+ : root : LOCAL", "- : ALL : ALL"]),
    "pam": (
        "/etc/pam.d/sshd",
        """\
        @include common-auth
        account [success=1 default=ignore] pam_unix.so a b  # why
        @include other
        -session optional pam_systemd.so
        """,
        {
            "auth": [{"module": "@include common-auth"}],
            "account": [
                {"control": "[success=1 default=ignore]", "module": "pam_unix.so", "arguments": ["a", "b"]},
                {"module": "@include other"},
            ],
            "session": [{"silent if missing": "", "control": "optional", "module": "pam_systemd.so", "arguments": []}],
        },
    ),
    "sysctl": (
        "/etc/sysctl.d/10.conf",
        "net/ipv4/conf/eth0.1/forwarding=1\n-vm.swappiness = 10\n-net.ipv4.conf.all.rp_filter\n",
        {
            "net.ipv4.conf.eth0/1.forwarding": "1",
            "vm.swappiness": "10",
            "(may fail)": ["vm.swappiness", "net.ipv4.conf.all.rp_filter"],
            "net.ipv4.conf.all.rp_filter": "",
        },
    ),
    "modprobe": (
        "/etc/modprobe.d/x.conf",
        'blacklist a\noptions b x=1 \\\n  y="2 3"\noptions b z\ninstall c /bin/true\n',
        {"blacklist": ["a"], "install": {"c": "/bin/true"}, "options": {"b": {"x": "1", "y": '"2 3"', "z": ""}}},
    ),
    "names": ("/etc/modules", "# c\nloop max_loop=8\n\ntun # vpn\n", ["loop max_loop=8", "tun"]),
    "anacrontab": (
        "/etc/anacrontab",
        "HOME=/root\n@monthly 5 cron.monthly  run x\n",
        {
            "environment": {"HOME": "/root"},
            "job": [{"period": "@monthly", "delay": "5", "identifier": "cron.monthly", "command": "run x"}],
        },
    ),
    "ifupdown": (
        "/etc/network/interfaces",
        "auto lo eth0\niface eth0 inet static\n\taddress 10.0.0.5\n\tup a\n\tup b\niface br0\n",
        {
            "auto": ["lo", "eth0"],
            "iface": [{"(name)": "eth0 inet", "method": "static", "address": "10.0.0.5", "up": ["a", "b"]}, {"(name)": "br0"}],
        },
    ),
    "chrony": (
        "/etc/chrony/chrony.conf",
        "% hi\nServer ntp1 iburst minpoll 4\nserver -4 ntp2\nmakestep 1 3\nrtcsync\n",
        {"server": [{"(name)": "ntp1", "iburst": "", "minpoll": "4"}, {"(name)": "ntp2", "-4": ""}], "makestep": "1 3", "rtcsync": ""},
    ),
    "ntp": (
        "/etc/ntp.conf",
        "restrict -6 default kod nomodify\nrestrict 10.0.0.0 mask 255.0.0.0 notrap # lan\n",
        {
            "restrict": [
                {"(name)": "-6 default", "flags": ["kod", "nomodify"]},
                {"(name)": "10.0.0.0", "mask": "255.0.0.0", "flags": ["notrap"]},
            ]
        },
    ),
    "dnsmasq": (
        "/etc/dnsmasq.d/shop",
        "no-resolv\nserver=10.0.0.53\nserver=/a.example/b.example/10.0.0.1 # both\ndhcp-option=tag:x,3,10.0.0.1\ndhcp-host=aa:bb,web,10.0.0.2\n",
        {
            "no-resolv": "",
            "server": [{"(name)": "10.0.0.53"}, {"(name)": "a.example/b.example", "address": "10.0.0.1"}],
            "dhcp-option": [{"(name)": "tag:x,3", "values": ["10.0.0.1"]}],
            "dhcp-host": [{"(name)": "aa:bb", "settings": ["web", "10.0.0.2"]}],
        },
    ),
    "grub": (
        "/etc/default/grub",
        'GRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX="a=1 b"\n',
        {"GRUB_TIMEOUT": "5", "GRUB_CMDLINE_LINUX": ["a=1", "b"]},
    ),
    "exports": (
        "/etc/exports",
        "/srv -ro 10.0.0.0/24(rw,sync) web (ro)\n/pub\n",
        [
            {
                "path": "/srv",
                "client": [
                    {"host": "(defaults)", "options": ["ro"]},
                    {"host": "10.0.0.0/24", "options": ["rw", "sync"]},
                    {"host": "web", "options": []},
                    {"host": "*", "options": ["ro"]},
                ],
            },
            {"path": "/pub", "client": [{"host": "*", "options": []}]},
        ],
    ),
    "tmpfiles": (
        "/etc/tmpfiles.d/x.conf",
        "f+ /run/x 0644 root - - some words\nr! /run/y\n",
        [
            {"type": "f+", "path": "/run/x", "mode": "0644", "user": "root", "group": "-", "age": "-", "argument": "some words"},
            {"type": "r!", "path": "/run/y"},
        ],
    ),
    "sysusers": (
        "/etc/sysusers.d/x.conf",
        'u shop 950 "The shop" /srv\nm shop adm\n',
        [
            {"type": "u", "name": "shop", "id": "950", "gecos": '"The shop"', "home": "/srv"},
            {"type": "m", "name": "shop", "id": "adm"},
        ],
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_file_becomes_a_tree(name: str) -> None:
    path, text, tree = EXAMPLES[name]
    parsed = document(path, text)
    assert (parsed.format, parsed.reason) == (name, "")
    assert parsed.root == tree


@pytest.mark.parametrize(
    ("path", "text", "key", "line"),
    [
        ("/etc/sudoers", "User_Alias A = a, \\\n  b, \\\n  c\n", ("User_Alias", "A", 2), 3),
        ("/etc/systemd/system/a.service", "[Unit]\nAfter=a \\\n  b\n", ("Unit", "After", 1), 3),
        ("/etc/modprobe.d/x.conf", "options b x=1 \\\n  y=2\n", ("options", "b", "y"), 2),
        ("/etc/exports", "/srv a(ro) \\\n  b(rw)\n", (0, "client", 1, "options", 0), 2),
        ("/etc/ssh/sshd_config", "AllowUsers a\nAllowUsers b\n", ("sshd", "AllowUsers", 1), 2),
    ],
)
def test_in_lines_that_go_on_every_piece_has_its_own_line(path: str, text: str, key: tuple[str | int, ...], line: int) -> None:
    assert document(path, text).lines[key] == line


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        ("/etc/passwd", "root:x:0\n", "3 fields instead of 7 (line 1)"),
        ("/etc/fstab", "/dev/sda1 /\n", "2 fields in a file system table (line 1)"),
        ("/etc/nsswitch.conf", "# c\nhosts files\n", "a line without a database (line 2)"),
        ("/etc/resolv.conf", "nameserver\n", "a keyword without a value (line 1)"),
        ("/etc/sudoers", "alice ALL\n", "neither Defaults, an alias nor a rule (line 1)"),
        ("/etc/sudoers", "User_Alias ops = alice\n", "an alias without a name (line 1)"),
        ("/etc/sudoers", "Defaults env_reset -\n", "not a parameter of Defaults (line 1)"),
        ("/etc/security/limits.conf", "alice soft nofile\n", "not a domain, type, item and value (line 1)"),
        ("/etc/security/access.conf", "allow : root : LOCAL\n", "not a permission, users and origins (line 1)"),
        ("/etc/pam.d/x", "auth required\n", "not a type, control and module (line 1)"),
        ("/etc/sysctl.conf", "vm.swappiness 10\n", "not an assignment (line 1)"),
        ("/etc/modprobe.d/x.conf", "forbid floppy\n", "not a command of modprobe (line 1)"),
        ("/etc/cron.d/x", "5 4 * * root x\n", "neither a setting nor a job (line 1)"),
        ("/etc/network/interfaces", "address 10.0.0.5\n", "an option outside a stanza (line 1)"),
        ("/etc/network/interfaces", "iface\n", "a stanza without an interface (line 1)"),
        ("/etc/dnsmasq.conf", "server 10.0.0.53\n", "not an option (line 1)"),
        ("/etc/exports", "/srv a(ro\n", "not a client and its options (line 1)"),
        ("/etc/tmpfiles.d/x.conf", "d\n", "not a type and what it is for (line 1)"),
        ("/etc/sysusers.d/x.conf", "x shop\n", "not a type and what it is for (line 1)"),
        ("/etc/systemd/system/a.service", "A=1\n", "a setting outside a section (line 1)"),
        ("/etc/ssh/sshd_config", "= yes\n", "not a key and a value (line 1)"),
    ],
)
def test_what_is_not_in_the_format_is_read_by_lines(path: str, text: str, reason: str) -> None:
    parsed = document(path, text)
    assert (parsed.format, parsed.reason) == ("lines", f"read by lines: {reason}")


HOSTILE = {
    "half a file": b'Defaults secure_path="/bin',
    "brackets": b"[ " * 30_000,
    "brackets in PAM": b"auth " + b"[ " * 30_000,
    "continuations": b"a b,\\\n" * 20_000,
    "words": b"a " * 20_000,
    "commas": b"a=" + b"," * 200_000,
    "colons": b"User_Alias " + b"A : " * 20_000,
    "quotes": b'a "' * 30_000,
    "odd quotes": b'A "' + b"'\"\\" * 20_000,
    "blanks": b"Defaults" + b" " * 200_000 + b"x" + b" " * 200_000 + b"= ,",
    "tags": b"a b = " + b"A: " * 30_000,
    "aliases again": b"User_Alias A = a\n" * 20_000,
    "blocks": b"Match a\n" * 10_000 + b"iface b\n" * 20_000,
    "scopes": b"".join(b"Defaults:u%d x\n" % number for number in range(20_000)),
    "variables": b"[Service]\n" + b"Environment=A=1\n" * 20_000,
    "modules": b"".join(b"options m%d a=1\n" % number for number in range(20_000)),
    "equal modules": b"auth required pam_unix.so\n" * 20_000,
    "zeros": b"root:x:0:0::/:/bin/sh\n\x00\n10.0.0.1 a\x00b\n",
    "one line": b"x" * 4_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_is_read_in_time(name: str) -> None:
    for wanted in FORMATS:
        began = time.process_time()
        parse("/x", HOSTILE[name], wanted)
        assert time.process_time() - began < 4, wanted


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_file_that_ends_anywhere_is_read(name: str) -> None:
    path, text, _ = EXAMPLES[name]
    whole = dedent(text)
    for end in range(len(whole)):
        parsed = document(path, whole[:end])
        assert parsed.format == name or parsed.reason


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/etc/sudoers", "sudoers"),
        ("/etc/sudoers.d/90-cloud-init-users", "sudoers"),
        ("/etc/pam.d/common-auth", "pam"),
        ("/etc/security/limits.d/90-nproc.conf", "limits"),
        ("/etc/modprobe.d/blacklist.conf", "modprobe"),
        ("/etc/security/faillock.conf", "keyvalue"),
        ("/etc/cron.allow", "names"),
        ("/home/alice/.ssh/config", "ssh"),
        ("/root/.ssh/config", "ssh"),
        ("/etc/modules-load.d/k8s.conf", "names"),
        ("/usr/lib/tmpfiles.d/tmp.conf", "tmpfiles"),
        ("/etc/sysusers.d/shop.conf", "sysusers"),
        ("/etc/network/interfaces.d/eth0", "ifupdown"),
        ("/etc/chrony.conf", "chrony"),
        ("/etc/chrony/sources.d/local.sources", "chrony"),
        ("/etc/NetworkManager/dnsmasq.d/local.conf", "dnsmasq"),
        ("/etc/dnsmasq.d/10-shop.conf", "dnsmasq"),
        ("/etc/default/grub", "grub"),
        ("/etc/exports", "exports"),
        ("hosts/web-01/etc/sudoers", "sudoers"),
        ("hosts/web-01/etc/resolv.conf", "resolv"),
        ("/etc/sysctl.d/99-local.conf.dpkg-old", "sysctl"),
    ],
)
def test_the_path_tells_the_format(path: str, expected: str) -> None:
    assert detect(path, b"x\n") == expected


def test_a_line_too_short_does_not_cost_the_other_accounts_their_keys() -> None:
    before = "root:x:0:0:root:/root:/bin/bash\nbob:x:1:1::/:/bin/sh\nbroken:x\n"
    (delta,) = deltas("/etc/passwd", before, before.replace("/bin/bash", "/bin/zsh"))
    assert (delta.key, delta.line) == ("root/shell", 1)


def test_only_case_of_a_keyword_or_criterion_is_no_difference_in_meaning() -> None:
    (delta,) = deltas("/etc/ssh/sshd_config", "permitrootlogin no\nmatch user bob\n", "PermitRootLogin no\nMatch User bob\n")
    assert (delta.key, delta.note) == (None, "no difference in meaning")


def test_an_equals_sign_forgets_what_was_added_to_a_list_before_it() -> None:
    before = 'Defaults env_keep += "A"\nDefaults env_keep = "B"\nDefaults env_keep += "C"\n'
    assert document("/etc/sudoers", before).root == {"Defaults": {"env_keep": ["B"], "env_keep +=": ["C"]}}
