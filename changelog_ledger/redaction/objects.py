"""Objects of which whole parts are secret, in YAML and JSON: a Kubernetes Secret (the data is in ``formats/secrets/containers.py``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from changelog_ledger.model.secret_rules import SecretObject, Spelling
from changelog_ledger.redaction import leaves
from changelog_ledger.redaction.leaves import Found

_DOCUMENT = re.compile(rb"^(?:---|\.\.\.)[^\n]*$|^[ ]*-[ ]+(?:apiVersion|kind|data|metadata|stringData|type):", re.MULTILINE)
_JSON_TOKEN = re.compile(rb"\"((?:[^\"\\\n]|\\.)*+)\"|([{}\[\]:,])")
_APPLIED = re.compile(
    rb"last-applied-configuration\"?:[ \t]*(?:\|[^\n]*\n[ \t]*(?P<block>[^\n]+)|\"(?P<quoted>(?:[^\"\\\n]|\\.)++)\"|(?P<bare>[^\n]+))"
)


def object_secrets(content: bytes, lowered: bytes, objects: tuple[SecretObject, ...]) -> Iterator[Found]:
    """Every value of the secret parts of every such object."""
    for one in objects:
        if b"kind" in lowered and one.kind.lower() in lowered:
            yield from _in_yaml(content, one)
            if b'"kind"' in content:
                yield from _in_json(content, one)


def _in_yaml(content: bytes, one: SecretObject) -> Iterator[Found]:
    kind = re.compile(rb"^[ ]*(?:-[ ]+)?[\"']?kind[\"']?:[ \t]+[\"']?" + one.kind + rb"[\"']?[ \t\r]*(?:#[^\n]*)?$", re.MULTILINE)
    if not kind.search(content):
        return
    starts = [0, *(match.start() for match in _DOCUMENT.finditer(content)), len(content)]
    for start, end in pairwise(starts):
        document = content[start:end]
        if kind.search(document):
            for begin, finish, spelling in _parts(document, one):
                yield start + begin, start + finish, spelling


def _parts(document: bytes, one: SecretObject) -> Iterator[Found]:
    for part, spelling in one.parts:
        for head in re.finditer(rb"^[ ]*(?:-[ ]+)?[\"']?" + part + rb"[\"']?:[ \t]*", document, re.MULTILINE):
            following = document[head.end() : head.end() + 1]
            if following == b"{":
                yield from ((start, end, spelling if spelling is Spelling.BASE64 else kind) for start, end, kind in _every_flow(document, head.end()))
            else:
                below = document.find(b"\n", head.end())
                if below >= 0:
                    yield from leaves.yaml_leaves(document, below + 1, leaves.column_of(document, head.start()), spelling, every=True)
    for applied in _APPLIED.finditer(document):
        span = applied.span(applied.lastgroup or 0)
        yield *span, Spelling.BARE


def _every_flow(content: bytes, place: int) -> Iterator[Found]:
    return (found for found, _ in _flow_values(content, place))


def _flow_values(content: bytes, place: int) -> Iterator[tuple[Found, bytes]]:
    """The strings of one flow mapping that are values."""
    value = re.compile(rb":[ \t]*(?:\"((?:[^\"\\\n]|\\.)*+)\"|'([^'\n]*+)'|([^\s,}\"']+))")
    close = content.find(b"}", place)
    for match in value.finditer(content, place, close if close >= 0 else len(content)):
        kind = Spelling.DOUBLE if match[1] is not None else Spelling.SINGLE if match[2] is not None else Spelling.BARE
        yield (*match.span(match.lastindex or 0), kind), b""


@dataclass(slots=True)
class _Open:
    """An object that is open: whether it is of the kind, and the values that are secret if it is."""

    wanted: bool = False
    part: Spelling | None = None
    kept: list[Found] = field(default_factory=list)


def _in_json(content: bytes, one: SecretObject) -> Iterator[Found]:
    """One pass over the tokens with a stack of open objects."""
    parts = dict(one.parts)
    stack: list[_Open] = [_Open()]
    key, last, is_value = b"", (0, 0), False
    for token in _JSON_TOKEN.finditer(content):
        sign = token[2]
        if sign is None:
            if is_value:
                _take(stack, key, token, one, parts)
            last = token.span(1)
        elif sign == b":":
            key, is_value = content[last[0] : last[1]], True
            continue
        elif sign in b"{[":
            stack.append(_Open(part=parts.get(key) if is_value and sign == b"{" else None))
        elif sign in b"}]" and len(stack) > 1:
            closed = stack.pop()
            if closed.part is not None:
                stack[-1].kept += closed.kept
            elif closed.wanted:
                yield from closed.kept
        is_value = False
    for left in stack:  # cut off: in doubt they are
        yield from left.kept


def _take(stack: list[_Open], key: bytes, token: re.Match[bytes], one: SecretObject, parts: dict[bytes, Spelling]) -> None:
    top = stack[-1]
    if key == b"kind" and token[1] == one.kind:
        top.wanted = True
    if top.part is not None:
        top.kept.append((*token.span(1), Spelling.DOUBLE if top.part is Spelling.WRITTEN else top.part))
    elif key.endswith(b"last-applied-configuration") and one.kind in token[1] and len(stack) > 2:
        stack[-3].kept.append((*token.span(1), Spelling.DOUBLE))
