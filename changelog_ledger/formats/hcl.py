"""HCL: Terraform, Packer, Nomad, Consul, Vault. ``resource[aws_instance.web]/instance_type``, ``variable[region]/default``, ``locals/tags/Name``.

After the specification of HCL's native syntax (https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md). Expressions stay as written, a
text with its quotes, as Terraform shows them; only objects, tuples, heredocs and calls that have these as arguments are taken apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from changelog_ledger.formats.entries import KNOWN_AS, NAME, Entry, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.formats.hcl_tokens import Token, tokens
from changelog_ledger.model.document import ListPolicy

_NAMED_BY = ("name", "key", "id", "sid", "Sid")
"""Attributes that name a block without labels, or an object in a tuple."""

_ONCE = frozenset(
    (
        *("terraform", "required_providers", "cloud", "locals", "lifecycle", "timeouts", "connection", "content", "packer", "required_plugins"),
        *("acl", "tokens", "addresses", "ports", "performance", "telemetry", "tls", "defaults", "internal_rpc", "grpc", "https", "connect"),
        *("auto_encrypt", "autopilot", "dns_config", "limits", "ui_config", "server", "client", "consul", "vault", "options", "reserved"),
        *("advertise", "resources", "network", "update", "migrate", "restart", "reschedule", "logs", "env", "meta", "config"),
    )
)
"""Blocks without labels that stand once; written again they go on. All others are a list even when they stand alone, as Terraform has it."""

_ENDS = frozenset((",", "}", "]", ")", "end"))
_Value = str | list[Entry] | tuple[Entry, ...]


@dataclass(slots=True)
class _Reading:
    """The tokens of a file, and which is the next."""

    tokens: list[Token]
    place: int = 0

    @property
    def next(self) -> Token:
        return self.tokens[self.place]

    def take(self) -> Token:
        self.place += 1
        return self.tokens[self.place - 1]

    def skip_newlines(self) -> None:
        while self.next.kind == "newline":
            self.place += 1


def read(text: str) -> Parsed:
    """Attributes by name, blocks by type and labels, objects as dicts and tuples as lists.

    :raises Unparsable: for unbalanced brackets and quotes, and for a statement that is neither attribute nor block.
    """
    return tree(_body(_Reading(tokens(text)), "end"))


def _body(reading: _Reading, ends_with: str) -> tuple[Entry, ...]:
    """Attributes and blocks up to the closing brace, or the end of the file."""
    body: list[Entry] = []
    reading.skip_newlines()
    while reading.next.kind != ends_with:
        body.append(_statement(reading))
        if reading.next.kind not in ("newline", ends_with):
            raise Unparsable("neither an attribute nor a block", reading.next.line)
        reading.skip_newlines()
    reading.take()
    return tuple(_merged(body))


def _merged(body: Iterable[Entry]) -> list[Entry]:
    """Blocks that stand once (``locals``) together with what is written of them later."""
    merged: dict[str | int, Entry] = {}
    for place, entry in enumerate(body):
        key = entry.key if entry.key in _ONCE and isinstance(entry.value, tuple) else place
        before = merged[key].value if key in merged else ()
        merged[key] = replace(merged.get(key, entry), value=(*before, *entry.value)) if key in merged else entry
    return list(merged.values())


def _statement(reading: _Reading) -> Entry:
    first = reading.take()
    if first.kind not in ("word", "text"):
        raise Unparsable("neither an attribute nor a block", first.line)
    if reading.next.kind == "=":
        reading.take()
        return _expression(reading, _bare(first), newline_ends=True)
    labels = []
    while reading.next.kind in ("word", "text"):
        labels.append(_bare(reading.take()))
    if reading.next.kind != "{":
        raise Unparsable("neither an attribute nor a block", first.line)
    reading.take()
    return _block(_bare(first), labels, _body(reading, "}"), first.line)


def _bare(token: Token) -> str:
    return token.text[1:-1] if token.kind == "text" else token.text


def _block(kind: str, labels: list[str], body: tuple[Entry, ...], line: int) -> Entry:
    """A block with labels is an item of a list, known by them, a provider by its alias as well (``provider[aws.west]``)."""
    if not labels:
        return Entry(kind, body, line) if kind in _ONCE else Entry(kind, _with_name(body, line), line, listed=True)
    label = ".".join(f'"{one}"' if "." in one and len(labels) > 1 else one for one in labels)
    name = Entry(NAME, label, line)
    if kind != "provider":
        return Entry(kind, (name, *body), line, listed=True)
    known = ".".join(filter(None, (label, _said(body, ("alias",)))))
    return Entry(kind, (Entry(KNOWN_AS, known, line), name, *body), line, listed=True)


def _with_name(body: tuple[Entry, ...], line: int) -> tuple[Entry, ...]:
    name = _said(body, _NAMED_BY)
    return (Entry(KNOWN_AS, name, line), *body) if name else body


def _said(body: tuple[Entry, ...], names: tuple[str, ...]) -> str:
    """The first of the attributes that the body has as a plain text, without its quotes."""
    texts = {entry.key: entry.value for entry in body if isinstance(entry.value, str) and entry.value[:1] == '"'}
    return next((str(texts[name])[1:-1] for name in names if name in texts), "")


# --- expressions --------------------------------------------------------------------------------------------------------------------------


def _expression(reading: _Reading, key: str, *, newline_ends: bool) -> Entry:
    """The expression that comes next, as the value of ``key``: in parts if it is nothing but an object, a tuple, a heredoc or a call of those."""
    if not newline_ends:
        reading.skip_newlines()
    first = reading.next
    structured = _structured(reading, newline_ends)
    return Entry(key, _written(reading, newline_ends) if structured is None else structured, first.line)


def _structured(reading: _Reading, newline_ends: bool) -> _Value | None:
    first = reading.next
    following = reading.tokens[min(reading.place + 1, len(reading.tokens) - 1)]
    if first.kind == "heredoc" and _ends_at(reading, reading.place, newline_ends):
        reading.take()
        return (Entry("heredoc", [Entry("", line, first.line + nth) for nth, line in enumerate(first.text.split("\n"), 1)], first.line),)
    if first.kind == "word" and following.kind == "(" and _ends_at(reading, following.closed_by, newline_ends):
        return _call(reading)
    if first.kind not in ("{", "[") or not _ends_at(reading, first.closed_by, newline_ends) or _is_for(reading):
        return None
    reading.take()
    return _with_name(_object(reading), first.line) if first.kind == "{" else _items(reading, "]")


def _ends_at(reading: _Reading, place: int, newline_ends: bool) -> bool:
    """Whether the expression ends with the token at ``place``."""
    following = reading.tokens[place + 1]
    while following.kind == "newline":
        if newline_ends:
            return True
        place += 1
        following = reading.tokens[place + 1]
    return following.kind in _ENDS


def _is_for(reading: _Reading) -> bool:
    """Whether the bracket that comes next holds ``for x in y``."""
    place = reading.place + 1
    while reading.tokens[place].kind == "newline":
        place += 1
    return reading.tokens[place].text == "for" and reading.tokens[place + 1].kind == "word"


def _object(reading: _Reading) -> tuple[Entry, ...]:
    entries = []
    reading.skip_newlines()
    while reading.next.kind != "}":
        key = _object_key(reading)
        entries.append(_expression(reading, key, newline_ends=True))
        if reading.next.kind == ",":
            reading.take()
        reading.skip_newlines()
    reading.take()
    return tuple(entries)


def _object_key(reading: _Reading) -> str:
    """A name, a text without its quotes, or an expression as written."""
    start = reading.place
    while reading.next.kind not in ("=", ":"):
        if reading.next.kind in _ENDS or reading.next.kind == "newline":
            raise Unparsable("an object's key without a value", reading.next.line)
        reading.place = max(reading.next.closed_by, reading.place) + 1
    key = reading.tokens[start : reading.place]
    reading.take()
    if not key:
        raise Unparsable("an object's value without a key", reading.next.line)
    return _bare(key[0]) if len(key) == 1 else _joined(key)


def _items(reading: _Reading, ends_with: str) -> list[Entry]:
    items = []
    reading.skip_newlines()
    while reading.next.kind != ends_with:
        items.append(_expression(reading, "", newline_ends=False))
        reading.skip_newlines()
        if reading.next.kind == ",":
            reading.take()
            reading.skip_newlines()
    reading.take()
    return items


def _call(reading: _Reading) -> _Value | None:
    """``jsonencode({…})`` in parts; None, with nothing read, if no argument has parts."""
    start = reading.place
    name = reading.take()
    reading.take()
    arguments = _items(reading, ")")
    if all(isinstance(argument.value, str) for argument in arguments):
        reading.place = start
        return None
    value = arguments[0].value if len(arguments) == 1 else arguments
    return (Entry(f"{name.text}()", value, name.line),)


def _written(reading: _Reading, newline_ends: bool) -> str:
    """The expression as it is written, with single blanks, up to where it ends."""
    start = reading.place
    while reading.next.kind not in _ENDS and not (newline_ends and reading.next.kind == "newline"):
        reading.place = max(reading.next.closed_by, reading.place) + 1
    if reading.place == start:
        raise Unparsable("a value that is missing", reading.next.line)
    return _joined(reading.tokens[start : reading.place])


def _joined(words: list[Token]) -> str:
    pieces: list[str] = []
    end = words[0].start
    for word in words:
        if word.kind != "newline":
            pieces.append(" " + word.text if word.start > end else word.text)
            end = word.end
    return "".join(pieces)


FORMATS = (Format("hcl", read, (ListPolicy(("**",), (KNOWN_AS, NAME)),), "structured"),)
