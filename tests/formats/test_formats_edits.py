"""One edit, one delta, at its key: thousands of generated edits of the files of the corpus, in every format."""

from __future__ import annotations

import json
import os
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import pytest

from changelog_ledger.diff import differences
from changelog_ledger.formats import known_formats
from changelog_ledger.model.evidence import Delta, Op
from tests.formats.cases import CASES, Case, all_cases, version
from tests.formats.edits import Edit, edits

FAMILIES = {
    "documents": ("csv", "hcl", "json", "json5", "nftables-json", "reg", "toml", "xml", "yaml"),
    "network devices": ("asa", "eos", "fortios", "ios", "junos", "nxos", "routeros", "vyos"),
    "accounts": ("group", "gshadow", "passwd", "shadow", "subid"),
    "access": ("access", "limits", "pam", "ssh", "sshd", "sudoers"),
    "network": ("chrony", "dnsmasq", "hosts", "ifupdown", "names", "nsswitch", "ntp", "protocols", "resolv", "services"),
    "firewalls": ("ipset", "iptables", "nftables", "ufw"),
    "databases": ("my.cnf", "mysql", "pg-hba", "pg-ident", "postgresql", "redis"),
    "mail": ("aliases", "dovecot", "postfix", "postfix-checks", "postfix-map", "postfix-master"),
    "tunnels": ("ipsec", "openvpn", "swanctl"),
    "packages": ("apt-preferences", "apt-sources", "deb822"),
    "system": ("crontab", "crypttab", "exports", "fstab", "logrotate", "modprobe", "rsyslog", "sysctl", "systemd", "tmpfiles", "user-crontab"),
    "start": ("anacrontab", "grub", "sysusers"),
    "settings": ("env", "ini", "keyvalue", "php", "properties", "samba"),
    "servers": ("apache", "blocks", "dhcpd", "haproxy", "keepalived", "named", "nginx", "unbound", "zone"),
}
LEAST = 0.99
MANY = 10_000
KNOWN = CASES / "edits"
"""A file a family: the edits that are not one delta, one of each name."""

REWRITE = bool(os.environ.get("LEDGER_REWRITE_GOLDEN"))


def _by_family() -> dict[str, list[Case]]:
    families: dict[str, list[Case]] = defaultdict(list)
    home = {name: family for family, names in FAMILIES.items() for name in names}
    for case in all_cases():
        if case.format != "lines":
            families[home.get(case.format, case.format)].append(case)
    return families


BY_FAMILY = _by_family()


def _edits(cases: Sequence[Case], count: int, seed: int) -> Iterator[tuple[Case, Edit]]:
    """``count`` edits, as many of each file."""
    randomness = random.Random(seed)
    each = max(count // len(cases), 1)
    for case in cases:
        for edit in edits(case.path, case.before, randomness, each):
            yield case, edit


def _wrong(case: Case, edit: Edit) -> str:
    """What is wrong with what the comparison says of an edit; empty if nothing is."""
    deltas = differences(case.path, version(case.path, edit.before), version(case.path, edit.after))
    if len(deltas) != 1:
        return f"{len(deltas)} deltas: {[(delta.key, str(delta.op)) for delta in deltas]}"
    return _wrong_delta(deltas[0], edit)


def _wrong_delta(delta: Delta, edit: Edit) -> str:
    if delta.op not in (Op.CHANGED, Op.MOVED) or delta.key is None:
        return f"{delta.op} at {delta.key}"
    if delta.line != edit.line:
        return f"line {delta.line} instead of {edit.line}"
    before, after = (json.dumps(side, ensure_ascii=False) for side in (delta.before, delta.after))
    if _text(edit.old) not in before or _text(edit.new) not in after:
        return f"{before} → {after}"
    return ""


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]


def _judged(family: str, count: int) -> tuple[int, Counter[str], dict[str, str]]:
    """How many edits there were, which failed how often, and an example of each."""
    total, failed, examples = 0, Counter[str](), {}
    for case, edit in _edits(BY_FAMILY[family], count, seed=count):
        total += 1
        if wrong := _wrong(case, edit):
            failed[edit.name] += 1
            examples.setdefault(edit.name, f"{edit.name} ({case.folder.name}): line {edit.line}: {edit.old!r} → {edit.new!r}: {wrong}")
    return total, failed, examples


def _check(family: str, count: int) -> None:
    total, failed, examples = _judged(family, count)
    listed = "\n".join(f"{times:5} {name}\n      {examples[name]}" for name, times in failed.most_common(30))
    assert total > 0, f"nothing in the files of {family} can be edited"
    assert sum(failed.values()) <= (1 - LEAST) * total, f"{sum(failed.values())} of {total} edits:\n{listed}"
    known = KNOWN / f"{family.replace(' ', '-')}.txt"
    if REWRITE and count == MANY:
        lines = [f"{family}: {sum(failed.values())} of {total} edits are not one delta at their line", *(examples[name] for name in sorted(failed))]
        known.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if count == MANY:
        assert [examples[name] for name in sorted(failed)] == known.read_text(encoding="utf-8").splitlines()[1:]


@pytest.mark.parametrize("family", sorted(BY_FAMILY))
def test_an_edit_is_one_delta_at_its_key(family: str) -> None:
    _check(family, 300)


@pytest.mark.slow
@pytest.mark.parametrize("family", sorted(BY_FAMILY))
def test_ten_thousand_edits_are_one_delta_each(family: str) -> None:
    _check(family, MANY)


def test_every_format_is_edited() -> None:
    assert {case.format for case in all_cases()} >= set(known_formats()) - {"lines"}
