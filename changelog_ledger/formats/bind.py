"""named.conf(5): ``zone[shop.example]/allow-transfer[0]``, ``options/forwarders[1]``, ``view[internal]/zone[lan]/file``, ``acl/office[2]``

Lists of addresses are ordered (the first element that matches decides), views as well (the first that matches a client serves it); zones, keys and
channels are known by name, their order says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from changelog_ledger.formats.blocks import WORD, Block, Dialect, plain_directive, read_blocks
from changelog_ledger.formats.entries import NAME, Entry, tree
from changelog_ledger.formats.grammar import Format, Parsed
from changelog_ledger.formats.keyed import gathered
from changelog_ledger.model.document import ListPolicy, Order

_TOKEN = re.compile(r"(?P<blank>\s+|#[^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z))|(?P<mark>[;{}])|" + WORD, re.DOTALL)
_LISTS = frozenset(
    {
        *("acl", "also-notify", "allow-notify", "allow-new-zones", "allow-proxy", "allow-proxy-on", "allow-query", "allow-query-cache"),
        *("allow-query-cache-on", "allow-query-on", "allow-recursion", "allow-recursion-on", "allow-transfer", "allow-update"),
        *("allow-update-forwarding", "allow-v6-synthesis", "blackhole", "category", "deny-answer-addresses", "deny-answer-aliases"),
        *("dual-stack-servers", "forwarders", "keep-response-order", "keys", "listen-on", "listen-on-v6", "masters", "match-clients"),
        *("match-destinations", "no-case-compress", "parental-agents", "primaries", "sortlist", "update-policy"),
    }
)
_NAMED_LISTS = frozenset({"acl", "category", "masters", "parental-agents", "primaries"})
"""At the top (``primaries "internal" { … }``) these have a name; within a zone ``primaries port 5353 { … }`` has options there."""
_CLASSED = ("zone", "view")
"""Blocks that may say the class (``IN``) behind their name."""


def read_named(text: str) -> Parsed:
    """Statements with ``;`` and ``{ … }``, comments of C, C++ and shells.

    :raises Unparsable: for unbalanced braces or a statement that is never ended.
    """
    return tree(gathered(read_blocks(text, _NAMED), _NAMED_LISTS))


def _block(block: Block) -> tuple[Entry, ...]:
    key, words = block.words[0], [_unquoted(word) for word in block.words[1:]]
    if block.is_list:
        return _list(block, words)
    body = gathered(block.body, _NAMED_LISTS)
    if not words:
        return (Entry(key, body, block.line),)
    name, *rest = words if key in _CLASSED and len(words) == 2 else [" ".join(words)]
    named = [Entry(NAME, name, block.line), *(Entry("class", word, block.line) for word in rest)]
    return (Entry(key, (*named, *body), block.line, listed=True),)


def _list(block: Block, words: Sequence[str]) -> tuple[Entry, ...]:
    """``acl office { … }`` is ``acl/office``, ``listen-on port 53 { … }`` a key of those words."""
    key, line = block.words[0], block.line
    if key in _NAMED_LISTS and words:
        return (Entry(key, _items(" ".join(words), block), line),)
    return _items(" ".join([key, *words]), block)


def _items(key: str, block: Block) -> tuple[Entry, ...]:
    return tuple(Entry(key, entry.value, entry.line, listed=True) for entry in block.body) or (Entry(key, [], block.line),)


def _unquoted(word: str) -> str:
    return word[1:-1] if len(word) > 1 and word[0] == word[-1] == '"' else word


_NAMED = Dialect(_TOKEN, plain_directive, _block, _LISTS, braced=frozenset({"inet", "unix"}))
_UNORDERED = tuple(ListPolicy(("**", key), (NAME,), Order.SET) for key in ("zone", "key", "channel", "server", "tls", "http"))
FORMATS = (Format("named", read_named, (*_UNORDERED, ListPolicy(("**",), (NAME,)))),)
