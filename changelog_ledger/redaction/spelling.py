"""Undoes how a file writes a secret: quotes, escapes and reversible encodings. One secret then has one fingerprint, wherever it stands."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from urllib.parse import unquote_to_bytes

from changelog_ledger.model.secret_rules import Spelling
from changelog_ledger.redaction import rules
from changelog_ledger.redaction.reversible import junos_9, type_7

_ESCAPE = re.compile(rb"\\(?:u([0-9A-Fa-f]{4})(?:\\u([dD][c-fC-F][0-9A-Fa-f]{2}))?|(.))", re.DOTALL)
_CONTROL = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"\n": b""}
_SHELL_PIECE = re.compile(rb"'([^']*+)'|\"((?:[^\"\\]|\\.)*+)\"|\\(.)|([^'\"\\]+)|(.)", re.DOTALL)
_SHELL_DOUBLE = re.compile(rb"\\([$`\"\\\n])")
_SPACES = re.compile(rb"\s+|\\[nr]|\\(?=\n)|<secret:")
_PEM_BODY = re.compile(rb"-----BEGIN [^-\n]{1,60}-----(.*?)(?:-----END|\Z)", re.DOTALL)


def plain(raw: bytes, spelling: Spelling) -> bytes:
    """The secret itself."""
    text = _UNDONE[spelling](raw).strip(b" \t\r\n")
    if text.startswith(b"$9$"):
        text = junos_9(text) or text
    pem = _PEM_BODY.search(text) if rules.PEM_BEGIN.search(text) else None
    return pem_letters(pem[1]) if pem else text


def pem_letters(body: bytes) -> bytes:
    """The body of a PEM block, however it was wrapped, indented or escaped."""
    return _SPACES.sub(b"", body)


def _double(raw: bytes) -> bytes:
    return _ESCAPE.sub(_unescaped, raw) if b"\\" in raw else raw


def _unescaped(match: re.Match[bytes]) -> bytes:
    if match[3] is not None:
        return _CONTROL.get(match[3], match[3] if not match[3].isalnum() else match[0])
    units = b"".join(int(unit, 16).to_bytes(2, "big") for unit in match.groups()[:2] if unit)
    return units.decode("utf-16-be", "replace").encode()


def _single(raw: bytes) -> bytes:
    return raw.replace(b"'\\''", b"'").replace(b"\\'", b"'").replace(b"''", b"'")


def _shell(raw: bytes) -> bytes:
    """Quote removal of sh(1)."""
    pieces = []
    for single, double, escaped, bare, rest in _SHELL_PIECE.findall(raw):
        pieces.append(single or _SHELL_DOUBLE.sub(lambda match: match[1].strip(b"\n"), double) or escaped.strip(b"\n") or bare or rest)
    return b"".join(pieces)


def _xml(raw: bytes) -> bytes:
    text = raw.removeprefix(b"<![CDATA[").removesuffix(b"]]>") if raw.startswith(b"<![CDATA[") else raw
    if b"&" not in text:
        return text
    import html  # its table of entities takes a moment, and few secrets need it

    return html.unescape(text.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _base64(raw: bytes) -> bytes:
    """What base64 of printable text or of a key stands for; anything else as it is."""
    letters = re.sub(rb"\s", b"", raw)
    try:
        return base64.b64decode(letters, validate=True) or raw
    except (binascii.Error, ValueError):
        return raw


def _indented(raw: bytes) -> bytes:
    lines = raw.split(b"\n")
    indent = min((len(line) - len(line.lstrip(b" \t")) for line in lines[1:] if line.strip()), default=0)
    return b"\n".join([lines[0].strip(b" \t\r"), *(line[indent:].rstrip(b"\r") for line in lines[1:])])


def _folded(raw: bytes) -> bytes:
    return b" ".join(line.strip() for line in raw.split(b"\n"))


_UNDONE: Mapping[Spelling, Callable[[bytes], bytes]] = {
    Spelling.WRITTEN: lambda raw: raw,
    Spelling.BARE: lambda raw: raw,
    Spelling.BACKSLASH: lambda raw: re.sub(rb"\\(.)", rb"\1", raw),
    Spelling.DOUBLE: _double,
    Spelling.SINGLE: _single,
    Spelling.SHELL: _shell,
    Spelling.XML: _xml,
    Spelling.PERCENT: unquote_to_bytes,
    Spelling.BASE64: _base64,
    Spelling.CISCO_7: lambda raw: type_7(raw) or raw,
    Spelling.INDENTED: _indented,
    Spelling.FOLDED: _folded,
}
