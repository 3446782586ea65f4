"""Bad input, in every format there is: it may be refused, with a reason, and then is compared by lines; it never raises, hangs or goes unsaid."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator

import pytest

from changelog_ledger.diff import differences, unified_diff
from changelog_ledger.formats import known_formats, parse
from changelog_ledger.formats.parsing import FAILED, MAXIMUM_BYTES, MAXIMUM_LINES
from changelog_ledger.model.document import FileVersion
from changelog_ledger.model.evidence import Delta
from changelog_ledger.redaction import redact
from changelog_ledger.workflows.secret_rules import BUILT_IN
from tests.formats.cases import Case, all_cases

LONGEST = 20.0
"""Seconds of the processor's time for one hostile file, read twice and compared; most take less than one."""

FORMATS = known_formats()


def _samples() -> dict[str, Case]:
    """The longest file of each format in the corpus."""
    found: dict[str, Case] = {}
    for case in all_cases():
        if case.format not in found or len(case.before) > len(found[case.format].before):
            found[case.format] = case
    return found


SAMPLES = _samples()


def version(path: str, data: bytes, as_format: str | None = None) -> FileVersion:
    return FileVersion(data, parse(path, data, as_format))


def compared(path: str, before: bytes, after: bytes, as_format: str | None = None) -> tuple[Delta, ...]:
    """The deltas of two contents that differ, within the time, with the reason where a format was given up."""
    began = time.process_time()
    old, new = version(path, before, as_format), version(path, after, as_format)
    found = differences(path, old, new)
    took = time.process_time() - began
    assert took < LONGEST, f"{as_format}: {took:.1f} s"
    assert bool(found) == (before != after)
    for side in (old, new):
        assert side.document is None or FAILED not in side.document.reason
        if side.document is not None and as_format not in (None, side.document.format):
            assert side.document.format == "lines"
            assert side.document.reason, as_format
    if new.document is not None and new.document.reason:
        assert any(new.document.reason in delta.note or delta.op == "opaque" for delta in found), as_format
    return found


# --- files that are damaged or are not what they seem ----------------------------------------------------------------------------------------


def _cuts(data: bytes) -> Iterator[bytes]:
    yield from {data[: len(data) * part // 20] for part in range(20)}


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_half_a_file(name: str) -> None:
    case = SAMPLES[name]
    for cut in _cuts(case.before):
        compared(case.path, case.before, cut, name)
        compared(case.path, cut, case.before, name)


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_file_under_the_name_of_every_other_format(name: str) -> None:
    case = SAMPLES[name]
    for other in FORMATS:
        compared(case.path, case.before, case.after, other)


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_format_that_changed_under_the_same_name(name: str) -> None:
    case = SAMPLES[name]
    for other in SAMPLES.values():
        compared(case.path, case.before, other.before)


BYTES = {
    "a NUL": lambda data: data[: len(data) // 2] + b"\0" + data[len(data) // 2 :],
    "nothing but NULs": lambda data: b"\0" * len(data),
    "invalid UTF-8": lambda data: data[: len(data) // 2] + b"\xff\xfe\x80" + data[len(data) // 2 :],
    "half a character": lambda data: data + b"\xe2\x82",
    "a control character": lambda data: data[: len(data) // 2] + b"\x1b[2J\x07" + data[len(data) // 2 :],
    "UTF-8 with a byte order mark": lambda data: b"\xef\xbb\xbf" + data,
    "UTF-16": lambda data: data.decode("utf-8", "replace").encode("utf-16"),
    "UTF-16, big end first": lambda data: b"\xfe\xff" + data.decode("utf-8", "replace").encode("utf-16-be"),
    "UTF-16 without a byte order mark": lambda data: data.decode("utf-8", "replace").encode("utf-16-le"),
    "half a UTF-16 character": lambda data: data.decode("utf-8", "replace").encode("utf-16") + b"\xd8",
    "old Macintosh line ends": lambda data: data.replace(b"\n", b"\r"),
    "Windows line ends": lambda data: data.replace(b"\n", b"\r\n"),
    "no last line end": lambda data: data.rstrip(b"\n"),
    "strange line ends": lambda data: data.replace(b"\n", "\u2028".encode()),
    "white space for every blank": lambda data: data.replace(b" ", "\u00a0".encode()),
}


@pytest.mark.parametrize("what", BYTES)
def test_bytes_that_are_no_text_or_another_one(what: str) -> None:
    for name, case in SAMPLES.items():
        damaged = BYTES[what](case.before)
        compared(case.path, case.before, damaged, name)
        compared(case.path, damaged, case.before, name)


@pytest.mark.parametrize("what", ["UTF-8 with a byte order mark", "UTF-16", "UTF-16, big end first"])
def test_another_encoding_alone_is_said_to_be_that(what: str) -> None:
    for name, case in SAMPLES.items():
        if b"\r" in case.before or not case.before.isascii():
            continue
        (delta,) = compared(case.path, case.before, BYTES[what](case.before), name)
        assert delta.note.startswith("encoding only (UTF-8 → UTF-"), name


def test_other_line_ends_alone_are_said_to_be_that() -> None:
    for name, case in SAMPLES.items():
        if b"\r" not in case.before:
            (delta,) = compared(case.path, case.before, BYTES["Windows line ends"](case.before), name)
            assert delta.note.startswith("line ends only (LF → "), name


# --- hostile files ------------------------------------------------------------------------------------------------------------------------

DEEP = 100_000
YAML_BOMB = b"a: &a [x, x, x, x, x, x, x, x, x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (c, c, b", ".join([b"*%c" % (c - 1)] * 9)) for c in range(0x62, 0x7B)
)
MERGE_BOMB = b"a: &a {k: v}\n" + b"".join(b"%c: &%c {<<: *%c, x: *%c, y: *%c}\n" % (c, c, c - 1, c - 1, c - 1) for c in range(0x62, 0x7B))
XML_BOMB = (
    b'<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY e0 "ha">'
    + b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 20))
    + b"]>\n<a>&e19;</a>\n"
)
XML_SQUARE = b'<!DOCTYPE a [<!ENTITY e "' + b"x" * 50_000 + b'">]>\n<a>' + b"&e;" * 50_000 + b"</a>\n"
XML_OUTSIDE = b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname"><!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]>\n<a>&e;</a>\n'
HOSTILE: dict[str, bytes] = {
    "alias bomb": YAML_BOMB,
    "merge bomb": MERGE_BOMB,
    "entity bomb": XML_BOMB,
    "long entity often": XML_SQUARE,
    "external entities": XML_OUTSIDE,
    **{f"nesting of {opening.decode()!r}": opening * DEEP for opening in (b"[", b"{", b"(", b"<a>", b"<", b'{"a":', b"[[", b"a {\n", b"a: ", b"a {")},
    **{f"balanced {pair[0].decode()}": pair[0] * DEEP + pair[1] * DEEP for pair in ((b"[", b"]"), (b"{", b"}"), (b"(", b")"), (b"<a>", b"</a>"))},
    "blocks with names": b"a b {\n" * 30_000 + b"}\n" * 30_000,
    "statements with semicolons": b'a "b" {\n' * 30_000 + b"};\n" * 30_000,
    "indentation": b"".join(b" " * n + b"a:\n" for n in range(2_500)),
    "indentation without colons": b"".join(b" " * n + b"a\n" for n in range(2_500)),
    "tabs": b"".join(b"\t" * n + b"a\n" for n in range(2_500)),
    "sections": b"".join(b"[" + b"a." * n + b"a]\n" for n in range(1_500)),
    "edit without next": b"config a\nedit b\n" * 20_000,
    "closing without opening": b"}\n" * DEEP + b"]" * DEEP + b"</a>" * 1_000,
    "ends without beginnings": b"next\nend\nexit\nquit\n" * 20_000,
    "quotes": b'"' * DEEP + b"'" * DEEP,
    "quotes and backslashes": b'a="' + b'\\"' * DEEP + b"\n",
    "many open quotes": b'a="b\n' * 20_000,
    "backslashes": b"\\" * DEEP,
    "continued lines": b"a \\\n" * 50_000,
    "here documents": b"a = <<EOF\n" * 20_000,
    "comments never closed": b"/* " * 50_000 + b"<!-- " * 50_000,
    "colons": b"a:" * 50_000,
    "commas": b"a," * 50_000,
    "equal signs": b"a=" * 50_000,
    "dashes": b"- " * 50_000,
    "one key again and again": b"a = 1\n" * 50_000,
    "one section again and again": b"[a]\nb = 1\n" * 30_000,
    "one block again and again": b"a b { c d; }\n" * 30_000,
    "one long word": b"x" * 1_000_000,
    "one long value": b"a = " + b"x " * 500_000 + b"\n",
    "many keys": b"".join(b"key%d value%d\n" % (n, n) for n in range(30_000)),
    "blank lines": b"\n" * 99_000,
    "spaces": b" " * 1_000_000 + b"\n",
    "spaces and tabs before a word": b" \t" * 500_000 + b"a\n",
    "variables": b"${" * 50_000 + b"$(" * 50_000,
    "stars": b"*" * DEEP + b"\n",
    "hashes": b"a #" * 50_000,
    "digits": b"1" * DEEP + b"\n",
    "dots": b"." * DEEP + b"=1\n",
    "percent signs": b"%(a)s" * 20_000 + b"%{a}" * 20_000,
    "banners": b"banner motd ^C\n" * 20_000,
    "nothing": b"",
    "a line end": b"\n",
    "a byte order mark": b"\xef\xbb\xbf",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_the_beginning_of_a_hostile_file_in_any_format(what: str) -> None:
    before = HOSTILE[what][:20_000]
    for name in (None, *FORMATS):
        compared("/x.conf", before, before + b"a", name)


@pytest.mark.slow
@pytest.mark.parametrize("what", HOSTILE)
def test_no_hostile_file_takes_long_in_any_format(what: str) -> None:
    before = HOSTILE[what]
    for name in (None, *FORMATS):
        compared("/x.conf", before, before + b"a", name)


@pytest.mark.parametrize("name", FORMATS)
def test_what_lies_outside_is_never_read(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.socket.connect", lambda *_arguments: pytest.fail("a parser called somebody"))
    read = parse("/x", XML_OUTSIDE, name)
    assert read is not None
    assert b"file:///" in repr(read.root).encode() or read.format != "lines"


def test_a_line_of_fifty_megabytes_is_one_short_delta() -> None:
    before = b"x" * 50_000_000
    (delta,) = compared("/etc/app.conf", before, before + b"y")
    assert delta.note == "read by lines: larger than 5,000,000 bytes"
    assert len(delta.before) + len(delta.after) < 10_000
    assert len(unified_diff("/etc/app.conf", before, before + b"y")) < 101_000_000
    began = time.process_time()
    assert redact("/etc/app.conf", before, lambda _secret: "", BUILT_IN).content == before
    assert time.process_time() - began < 2 * LONGEST


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"a = 1\n" * (MAXIMUM_BYTES // 6 + 1), f"larger than {MAXIMUM_BYTES:,} bytes"),
        (b"a=1\n" * (MAXIMUM_LINES + 1), f"more than {MAXIMUM_LINES:,} lines"),
    ],
)
def test_beyond_the_limits_lines_serve(data: bytes, why: str) -> None:
    read = parse("/x.ini", data)
    assert read is not None
    assert (read.format, read.reason) == ("lines", f"read by lines: {why}")
    compared("/x.ini", data, data.replace(b"1", b"2"))


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_time_grows_with_length_and_not_with_its_square(name: str) -> None:
    """Eight times as long takes eight times as long; with its square it would take 64 times, with length times its root 23."""
    case = SAMPLES[name]
    small = (case.before + b"\n") * (100_000 // (len(case.before) + 1) + 1)

    def seconds(data: bytes) -> float:
        times = []
        for _ in range(3):
            began = time.process_time()
            parse(case.path, data, name)
            times.append(time.process_time() - began)
        return min(times)

    gc.disable()  # what the collector takes depends on all that the tests before have left
    try:
        longer, shorter = seconds(small * 8), seconds(small)
    finally:
        gc.enable()
    assert longer < 23 * shorter + 0.2
