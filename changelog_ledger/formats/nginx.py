r"""The configuration of nginx: ``http/server[shop.example]/listen``, ``http/upstream[backend]/server[10.0.0.1:80]/weight``,
``server[shop.example:443]/location[/api]/proxy_set_header/Host``, ``server[shop.example]/location ~[~ \.php$]/fastcgi_pass``

Order means something only where nginx reads from the top: regular expressions of locations and maps (they are lists of their own, under
``location ~`` and ``~``, while the order of prefixes says nothing: https://nginx.org/en/docs/http/ngx_http_core_module.html#location),
``allow`` and ``deny`` (together the list ``access``: the first that fits decides, ngx_http_access_module), servers (the first is the default one).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from changelog_ledger.formats.blocks import HASH_COMMENTS, Block, Dialect, read_blocks
from changelog_ledger.formats.entries import KNOWN_AS, NAME, Entry, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.formats.keyed import gathered, keyed
from changelog_ledger.model.document import ListPolicy, Order

_KEYED = frozenset(
    {
        *("add_header", "add_trailer", "auth_request_set", "fastcgi_param", "grpc_set_header", "js_set", "log_format", "proxy_cache_path"),
        *("proxy_set_header", "scgi_param", "set", "sub_filter", "uwsgi_param"),
    }
)
"""Directives that may be repeated and whose first argument is what they set."""
_LUA_MARK = re.compile(r"--|\[=*\[|[\"'{}]")
_LUA_LONG = re.compile(r"\[=*\[")
_LUA_QUOTED = {quote: re.compile(rf"(?:\\.|[^{quote}\\\n])*{quote}", re.DOTALL) for quote in "\"'"}


def read_nginx(text: str) -> Parsed:
    """The configuration of nginx, as its own parser reads it: words, ``;``, ``{``, ``}``, quotes, ``#`` comments; Lua as it stands.

    :raises Unparsable: for unbalanced braces or a directive that is never ended.
    """
    return tree(gathered(read_blocks(text, _NGINX), _KEYED))


def _directive(words: Sequence[str], line: int, within: Sequence[str]) -> Entry:
    key, value = words[0], " ".join(words[1:])
    if key in _KEYED and len(words) > 1:
        return keyed(key, words[1], " ".join(words[2:]), line)
    if key in ("allow", "deny"):
        return Entry("access", f"{key} {value}", line, listed=True)
    if within[:1] == ["upstream"] and key == "server" and len(words) > 1:
        return Entry(key, (Entry(NAME, words[1], line), *_parameters(words[2:], line)), line, listed=True)
    if within[:1] == ["map"] and key.lstrip("\"'").startswith("~"):
        return Entry("~", (Entry(NAME, key, line), Entry("value", value, line)), line, listed=True)
    return Entry(key, value, line)


def _parameters(words: Sequence[str], line: int) -> tuple[Entry, ...]:
    """``weight=5 backup`` as settings."""
    return tuple(Entry(name, value, line) for name, _, value in (word.partition("=") for word in words))


def _block(block: Block) -> tuple[Entry, ...]:
    body = gathered(block.body, _KEYED)
    key, name = block.words[0], block.name
    if name:
        key = "location ~" if key == "location" and name.startswith("~") else key
        return (Entry(key, (Entry(NAME, name, block.line), *body), block.line, listed=True),)
    if key == "server":
        return (Entry(key, (Entry(KNOWN_AS, _server_name(block.body), block.line), *body), block.line, listed=True),)
    return (Entry(key, body, block.line),)


def _server_name(body: Sequence[Entry]) -> str:
    """What a server block is called: its first ``server_name``, else what it listens on.

    One that speaks TLS bears its port as well: most sites have another of the same name, which sends everybody there.
    """
    said = {entry.key: str(entry.value).split() for entry in reversed(body) if isinstance(entry.value, str)}
    listen = said.get("listen") or [""]
    if not said.get("server_name"):
        return listen[0]
    port = listen[0].rpartition(":")[2]
    return said["server_name"][0].strip("\"'") + (f":{port}" if port == "443" or "ssl" in listen else "")


def _end_of_lua(text: str, position: int) -> int:
    """The place behind the brace that closes a block of Lua; braces in its comments and strings do not count."""
    depth = 1
    while depth:
        found = _LUA_MARK.search(text, position)
        if not found:
            raise Unparsable("a block of Lua that is never ended")
        mark, position = found[0], found.end()
        if mark in "{}":
            depth += 1 if mark == "{" else -1
        else:
            position = _behind(text, mark, position)
    return position


def _behind(text: str, mark: str, position: int) -> int:
    """The place behind a comment or string of Lua."""
    if mark in _LUA_QUOTED:
        quoted = _LUA_QUOTED[mark].match(text, position)
        return quoted.end() if quoted else position
    if mark == "--":
        long_comment = _LUA_LONG.match(text, position)
        if not long_comment:
            end = text.find("\n", position)
            return end if end >= 0 else len(text)
        mark, position = long_comment[0], long_comment.end()
    close = mark.replace("[", "]")
    end = text.find(close, position)
    if end < 0:
        raise Unparsable("a block of Lua that is never ended")
    return end + len(close)


_NGINX = Dialect(HASH_COMMENTS, _directive, _block, raw=("_by_lua_block", _end_of_lua))
_UNORDERED = tuple(ListPolicy(("**", key), (NAME,), Order.SET) for key in ("location", "upstream", "map", "geo", "split_clients"))
FORMATS = (Format("nginx", read_nginx, (*_UNORDERED, ListPolicy(("**",), (NAME, KNOWN_AS)))),)
