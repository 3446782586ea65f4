"""Laws of parsing: it never raises, it never hangs, and paths of lines lead somewhere."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from changelog_ledger.formats import known_formats, parse, parsing
from changelog_ledger.formats.grammar import Format, Parsed
from changelog_ledger.formats.parsing import FAILED
from changelog_ledger.formats.registry import format_named
from changelog_ledger.model.document import KeyPath, Node
from tests.formats.cases import all_cases

SEEDS = [
    b"[a]\nx=1\n y\n",
    b"a: &x [1, {b: *x}]\n<<: *x\n",
    b'{"a": [1, "\\ud800", {"b": null}]}',
    b'a = 1\n[b.c]\nd = """x"""\n[[e]]\n',
    b"http { server { listen 80; location / { a 'b'; } } }",
    b"5 4 * * * root cmd\nA=b\n",
    b"root:x:0:0::/:/bin/sh\n",
    b"10.0.0.1 a b # c\n",
    b"Match all\n  X y\n",
    b'A="x\ny"\nexport B=\'\n',
]
CORPUS = sorted({case.before[:5_000] for case in all_cases()})
mutated = st.builds(
    lambda seed, at, junk: seed[: at % (len(seed) + 1)] + junk + seed[at % (len(seed) + 1) :],
    st.sampled_from([*SEEDS, *CORPUS]),
    st.integers(0, 4_999),
    st.binary(max_size=6),
)
anything = st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")), mutated)


@settings(max_examples=250, deadline=None)
@given(anything)
def test_parsing_never_raises(data: bytes) -> None:
    for name in known_formats():
        parsed = parse("/x", data, name)
        if parsed is not None:
            assert parsed.format == name or parsed.reason
            assert FAILED not in parsed.reason
            _check_text_only(parsed.root)


def _check_text_only(node: Node) -> None:
    if isinstance(node, dict):
        for key, value in node.items():
            key.encode()
            _check_text_only(value)
    elif isinstance(node, list):
        for item in node:
            _check_text_only(item)
    else:
        assert type(node) is str
        node.encode()


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SEEDS), st.sampled_from([name for name in known_formats() if name != "toml"]))
def test_the_lines_are_those_of_keys_that_exist(data: bytes, name: str) -> None:
    parsed = parse("/x", data, name)
    assert parsed is not None
    for path, line in parsed.lines.items():
        assert 1 <= line <= data.count(b"\n") + 1
        _at(parsed.root, path)


def _at(node: Node, path: KeyPath) -> Node:
    for step in path:
        node = node[step]  # type: ignore[index, call-overload]
    return node


HOSTILE = {
    "brackets": b"[" * 100_000,
    "braces": b"{" * 100_000,
    "flow mappings": b"{a: " * 50_000,
    "dashes": b"- " * 50_000,
    "question marks": b"? " * 50_000,
    "blocks": b"a {" * 50_000,
    "escaped quotes": b'"' + b'\\"' * 100_000,
    "escaped quotes in a value": b'{"a": "' + b'\\"' * 100_000,
    "open comments": b"/* " * 50_000,
    "dollars": b"${" * 50_000,
    "dotted key": b"a." * 50_000 + b"a=1",
    "sections": b"[a]\n" * 20_000,
    "empty assignments": b"[a]\n" + b"".join(b"k%d=\n" % number for number in range(20_000)),
    "continuations": b"a=1\n" + b"  b\n" * 20_000,
    "backslashes": b"a\\\n" * 20_000,
    "hashes": b"a #" * 50_000,
    "blanks": b"a" + b" " * 200_000 + b"b",
    "anchors": b"&a " * 50_000,
    "digits": b"a = " + b"1" * 50_000,
    "carriage returns": b"\r" * 200_000,
    "one long line": b"x" * 50_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_parsing_never_hangs(name: str) -> None:
    for wanted in (None, *known_formats()):
        began = time.process_time()
        parse("/x.conf", HOSTILE[name], wanted)
        assert time.process_time() - began < 4, wanted


def test_every_file_of_this_machine_can_be_read() -> None:
    files = [path for path in Path("/etc").rglob("*") if path.is_file() and not path.is_symlink()][:1500]
    for path in files:
        try:
            data = path.read_bytes()
        except PermissionError:
            continue
        parsed = parse(str(path), data)
        assert parsed is None or parsed.format != "lines" or not parsed.reason or data, path


def test_a_bug_in_a_parser_keeps_nobody_from_recording(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_text: str) -> Parsed:
        raise IndexError("no such item")

    monkeypatch.setattr(parsing, "format_named", lambda name: Format("hosts", broken) if name == "hosts" else format_named(name))
    document = parse("/etc/hosts", b"10.0.0.1 a\n")
    assert document is not None
    assert (document.format, document.root) == ("lines", ["10.0.0.1 a"])
    assert document.reason == "read by lines: a bug in the parser of hosts: IndexError: no such item"
