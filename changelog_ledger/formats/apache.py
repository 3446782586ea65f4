"""The configuration of Apache httpd: ``VirtualHost[shop.example]/DocumentRoot``, ``VirtualHost[*:443]/Directory[/srv/www]/Require``,
``VirtualHost[shop.example]/RewriteRule[^/old]/RewriteCond[0]``

Directives are keys as written, whatever their case (https://httpd.apache.org/docs/current/configuring.html). Those whose first argument says which
one is meant are known by it; a RewriteRule has the RewriteConds before it, since they are one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from changelog_ledger.formats.entries import KNOWN_AS, NAME, Entry, tree
from changelog_ledger.formats.grammar import MAXIMUM_DEPTH, Format, Parsed, Unparsable
from changelog_ledger.formats.keyed import gathered, keyed
from changelog_ledger.model.document import ListPolicy, Order

_KEYED = (
    *("AddCharset", "AddEncoding", "AddHandler", "AddIcon", "AddInputFilter", "AddLanguage", "AddOutputFilter", "AddOutputFilterByType", "AddType"),
    *("Define", "ErrorDocument", "ExpiresByType", "LoadModule", "SetEnv"),
)
"""Directives known by their first argument, in any order."""
_NAMED = (
    *("Alias", "AliasMatch", "BrowserMatch", "BrowserMatchNoCase", "ProxyPass", "ProxyPassMatch", "ProxyPassReverse", "RewriteMap"),
    *("ScriptAlias", "ScriptAliasMatch", "SetEnvIf", "SetEnvIfNoCase", "WSGIScriptAlias"),
)
"""The same, where order means something: the first that fits is used, or a later one sets anew what an earlier one set."""
_HEADERS = ("Header", "RequestHeader")
_HEADER_NAME = re.compile(r"(?P<name>(?:(?:always|onsuccess)\s+)?\S+\s+\S+)\s*(?P<value>.*)")
_LOGS = ("LogFormat",)
_REDIRECTS = ("Redirect", "RedirectMatch")
_STATUSES = ("permanent", "temp", "seeother", "gone", "410")
_SPELLING: Mapping[str, str] = {
    name.lower(): name
    for name in (
        *(
            *_KEYED,
            *_NAMED,
            *_HEADERS,
            *_LOGS,
            *_REDIRECTS,
            "RewriteCond",
            "RewriteRule",
            "RewriteEngine",
            "RewriteBase",
            "ServerName",
            "ServerAlias",
        ),
        *("ServerRoot", "ServerAdmin", "DocumentRoot", "DirectoryIndex", "Listen", "Include", "IncludeOptional", "Require", "Options"),
        *("AllowOverride", "Order", "Allow", "Deny", "Satisfy", "CustomLog", "ErrorLog", "LogLevel", "KeepAlive", "KeepAliveTimeout"),
        *("MaxKeepAliveRequests", "Timeout", "User", "Group", "SSLEngine", "SSLCertificateFile", "SSLCertificateKeyFile", "SSLProtocol"),
        *("SSLCipherSuite", "VirtualHost", "Directory", "DirectoryMatch", "Location", "LocationMatch", "Files", "FilesMatch", "IfModule"),
        *("IfDefine", "IfVersion", "Proxy", "ProxyMatch", "If", "ElseIf", "Else", "Limit", "LimitExcept", "RequireAll", "RequireAny", "RequireNone"),
    )
}
"""Names are compared without case; these are shown in one spelling, others as written."""
_WORD = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|\S+')


@dataclass(slots=True)
class _Section:
    """A section that is being read."""

    key: str
    name: str
    line: int
    body: list[Entry] = field(default_factory=list)
    conditions: list[Entry] = field(default_factory=list)


def read_apache(text: str) -> Parsed:
    """Directives and ``<Section argument>`` … ``</Section>``; a line that ends in a backslash goes on in the next.

    :raises Unparsable: for a section that is never closed, or closed by another one.
    """
    stack = [_Section("", "", 0)]
    for number, line in _whole_lines(text):
        if line.startswith("</"):
            _close(stack, line, number)
        elif line.startswith("<"):
            _open(stack, line, number)
        else:
            _take(stack[-1], line, number)
    if len(stack) > 1:
        raise Unparsable(f"<{stack[-1].key}> is never closed", stack[-1].line)
    return tree(_settled(stack[0]))


def _whole_lines(text: str) -> Iterator[tuple[int, str]]:
    """Number and text of every directive. A backslash at the end of a line joins it with the next, without a blank where there is none;
    that holds for comments as well."""
    pieces: list[str] = []
    start = 1
    for number, line in enumerate(text.split("\n"), 1):
        start = start if pieces else number
        pieces.append(_with_single_blanks(line.removesuffix("\\"), after=pieces[-1] if pieces else " "))
        if not line.endswith("\\"):
            whole, pieces = "".join(pieces).strip(), []
            if whole and not whole.startswith("#"):
                yield start, whole
    if pieces and (whole := "".join(pieces).strip()) and not whole.startswith("#"):
        yield start, whole


def _with_single_blanks(piece: str, *, after: str) -> str:
    """A piece of a line with one blank at each end where there are some, if ``after`` does not end in one."""
    before = " " if piece[:1].isspace() and not after.endswith(" ") else ""
    return before + piece.strip() + (" " if piece[-1:].isspace() else "")


def _open(stack: list[_Section], line: str, number: int) -> None:
    if not line.endswith(">") or len(line) < 3:
        raise Unparsable("a section without its closing bracket", number)
    if len(stack) > MAXIMUM_DEPTH:
        raise Unparsable(f"nested deeper than {MAXIMUM_DEPTH}", number)
    key, name = _divided(line[1:-1].strip())
    if not key:
        raise Unparsable("a section without a name", number)
    stack.append(_Section(_spelled(key), name.strip("\"'") if name.count('"') <= 2 else name, number))


def _close(stack: list[_Section], line: str, number: int) -> None:
    key = line.removeprefix("</").removesuffix(">").strip()
    if len(stack) == 1 or key.lower() != stack[-1].key.lower():
        raise Unparsable(f"</{key}> closes nothing", number)
    section = stack.pop()
    stack[-1].body.append(_entry(section))


def _entry(section: _Section) -> Entry:
    name = Entry(NAME, section.name, section.line)
    if section.key == "VirtualHost":
        known_as = Entry(KNOWN_AS, _server_name(section.body) or section.name, section.line)
        return Entry(section.key, (known_as, name, *_settled(section)), section.line, listed=True)
    body = _settled(section)
    return Entry(section.key, (name, *body), section.line, listed=True) if section.name else Entry(section.key, body, section.line)


def _server_name(body: Sequence[Entry]) -> str:
    return next((str(entry.value) for entry in body if entry.key == "ServerName"), "")


def _settled(section: _Section) -> tuple[Entry, ...]:
    """What a section holds. Conditions that no rule follows stay as they are."""
    return gathered([*section.body, *section.conditions], (*_KEYED, *_LOGS))


def _take(section: _Section, line: str, number: int) -> None:
    key, value = _divided(line)
    key = _spelled(key)
    if key == "RewriteCond":
        section.conditions.append(Entry(key, value, number, listed=True))
    elif key == "RewriteRule":
        section.body.append(_rule(value, section.conditions, number))
        section.conditions = []
    else:
        section.body.append(_SHAPES.get(key, Entry)(key, value, number))


def _rule(value: str, conditions: Iterable[Entry], line: int) -> Entry:
    pattern, rest = _first_word(value)
    substitution, flags = _first_word(rest)
    words = (("pattern", pattern), ("substitution", substitution), ("flags", flags))
    return Entry(
        "RewriteRule",
        (Entry(KNOWN_AS, pattern, line), *conditions, *(Entry(name, word, line) for name, word in words if word)),
        line,
        listed=True,
    )


def _by_first_word(key: str, value: str, line: int) -> Entry:
    name, rest = _first_word(value)
    return keyed(key, name, rest, line)


def _named(key: str, value: str, line: int) -> Entry:
    """Within a ``<Location>`` some have no first argument: it is that of the section."""
    name, rest = _first_word(value)
    if not rest:
        return Entry(key, value, line)
    return Entry(key, (Entry(NAME, name, line), Entry("value", rest, line)), line, listed=True)


def _redirect(key: str, value: str, line: int) -> Entry:
    """``Redirect [status] path target``"""
    status, rest = _first_word(value)
    path, target = _first_word(rest)
    if not target and status not in _STATUSES:
        return _named(key, value, line)
    return Entry(key, (Entry(NAME, path, line), Entry("status", status, line), Entry("value", target, line)), line, listed=True)


def _header(key: str, value: str, line: int) -> Entry:
    """``Header always set X-Frame-Options DENY``: known by what is done to which header."""
    found = _HEADER_NAME.fullmatch(value)
    if not found:
        return Entry(key, value, line)
    return Entry(key, (Entry(NAME, found["name"], line), Entry("value", found["value"], line)), line, listed=True)


def _log_format(key: str, value: str, line: int) -> Entry:
    """``LogFormat "…" combined``: known by the name at its end."""
    words = _WORD.findall(value)
    return keyed(key, words[1], words[0], line) if len(words) == 2 else Entry(key, value, line)


_SHAPES: Mapping[str, Callable[[str, str, int], Entry]] = {
    **dict.fromkeys(_KEYED, _by_first_word),
    **dict.fromkeys(_NAMED, _named),
    **dict.fromkeys(_HEADERS, _header),
    **dict.fromkeys(_REDIRECTS, _redirect),
    **dict.fromkeys(_LOGS, _log_format),
}


def _divided(line: str) -> tuple[str, str]:
    words = line.split(None, 1)
    return (words[0], words[1]) if len(words) == 2 else (line.strip(), "")


def _first_word(value: str) -> tuple[str, str]:
    found = _WORD.match(value)
    return (found[0], value[found.end() :].strip()) if found else (value, "")


def _spelled(name: str) -> str:
    return _SPELLING.get(name.lower(), name)


def _policies() -> Iterator[ListPolicy]:
    for key in ("Directory", "IfModule", "IfDefine", "IfVersion"):
        yield ListPolicy(("**", key), (NAME,), Order.SET)
    for key in ("ServerAlias", "Require", "Listen", "LoadModule"):
        yield ListPolicy(("**", key), order=Order.MULTISET)
    yield ListPolicy(("**",), (KNOWN_AS, NAME))


FORMATS = (Format("apache", read_apache, tuple(_policies())),)
