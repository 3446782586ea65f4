"""dnsmasq(8): ``domain-needed``, ``server[corp.example]/address``, ``dhcp-host[aa:bb:cc:dd:ee:ff]/settings[1]``."""

from __future__ import annotations

import re
from collections.abc import Iterable

from changelog_ledger.formats.entries import NAME, Entry, significant_lines, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.model.document import ListPolicy, Order

_OPTION = re.compile(r"(?P<key>[A-Za-z][\w-]*)(?P<equals>\s*=\s*|$)(?P<value>.*)")
_COMMENT = re.compile(r"\s#.*")
_BY_DOMAIN = ("address", "server", "local", "rev-server", "ipset", "nftset", "rebind-domain-ok")
_BY_FIRST = ("dhcp-host", "cname", "host-record", "mx-host", "srv-host", "txt-record", "ptr-record", "naptr-record", "interface-name", "dhcp-mac")
_REPEATED = (
    *("interface", "except-interface", "listen-address", "no-dhcp-interface", "addn-hosts", "hostsdir", "conf-file", "conf-dir"),
    *("dhcp-range", "dhcp-boot", "bogus-nxdomain", "alias", "domain", "auth-zone", "synth-domain", "dhcp-match", "dhcp-vendorclass"),
)
_WORDS = {
    "domain-needed": "names without a dot are not asked for",
    "bogus-priv": "private addresses are not asked for",
    "no-resolv": "resolv.conf is not read",
    "no-hosts": "the hosts file is not read",
    "expand-hosts": "the domain is added to names of the hosts file",
    "strict-order": "servers are asked in their order",
    "cache-size": "names in the cache",
}


def read(text: str) -> Parsed:
    """Options with their values, flags with none. What is repeated is keyed: by domain (``server=/corp.example/10.0.0.1``), by first field
    (``dhcp-host``, ``cname``), by the option (``dhcp-option``).

    :raises Unparsable: at a line that is no option.
    """
    return tree(_option(number, _COMMENT.sub("", line, count=1)) for number, line in significant_lines(text))


def _option(number: int, line: str) -> Entry:
    found = _OPTION.fullmatch(line)
    if not found:
        raise Unparsable("not an option", number)
    key, value = found["key"], found["value"].strip()
    if key in _BY_DOMAIN and value:
        return _named(key, number, *_domain(key, value, number))
    if key in _BY_FIRST and value:
        first, *rest = (field.strip() for field in value.split(","))
        return _named(key, number, first, [Entry("settings", rest, number)])
    if key == "dhcp-option" and value:
        return _named(key, number, *_dhcp_option(value, number))
    return Entry(key, value, number, listed=key in _REPEATED)


def _named(key: str, number: int, name: str, body: Iterable[Entry]) -> Entry:
    return Entry(key, (Entry(NAME, name, number), *body), number, listed=True)


def _domain(key: str, value: str, number: int) -> tuple[str, list[Entry]]:
    """``/corp.example/10.0.0.1`` is known by its domains, a server without domains by its address."""
    if not value.startswith("/"):
        return value, []
    domains, _, address = value[1:].rpartition("/")
    return domains, [Entry("address" if key in ("address", "server", "local") else "value", address, number)]


def _dhcp_option(value: str, number: int) -> tuple[str, list[Entry]]:
    """``tag:guests,option:router,10.0.0.1``: the tags and the option are the name, the rest is its value."""
    fields = [field.strip() for field in value.split(",")]
    named = next((index for index, field in enumerate(fields) if not field.startswith(("tag:", "vendor:", "encap:", "set:"))), 0) + 1
    return ",".join(fields[:named]), [Entry("values", fields[named:], number)]


_POLICIES = (
    ListPolicy(("server",), (NAME,)),  # with strict-order their order has a meaning
    *(ListPolicy((key,), (NAME,), Order.SET) for key in (*_BY_DOMAIN, *_BY_FIRST, "dhcp-option")),
    *(ListPolicy((key,), order=Order.SET) for key in _REPEATED),
)
FORMATS = (Format("dnsmasq", read, _POLICIES, words=_WORDS),)
