"""Files of ten thousand lines, of whatever kind and however they differ: about a second at most."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest

from changelog_ledger.diff import differences
from changelog_ledger.formats import parse
from changelog_ledger.model.document import FileVersion

LINES = 10_000
LONGEST = 5.0
"""Seconds; a quiet machine takes a fifth of it."""

Line = Callable[[int], str]


def text(line: Line, count: int = LINES) -> str:
    return "".join(map(line, range(count)))


def seconds(path: str, as_format: str | None, before: str, after: str) -> float:
    began = time.perf_counter()
    old, new = (FileVersion(side.encode(), parse(path, side.encode(), as_format)) for side in (before, after))
    assert old.document is not None
    assert as_format is None or old.document.format == as_format, old.document.reason
    assert differences(path, old, new)
    return time.perf_counter() - began


BY_LINES: dict[str, tuple[str, str]] = {
    "all different": (text(lambda i: f"a{i}\n"), text(lambda i: f"b{i}\n")),
    "all alike": (text(lambda i: f"one line of text {i} a\n"), text(lambda i: f"one line of text {i} b\n")),
    "equal lines repeated": (text(lambda i: "same\n"), text(lambda i: "same\n", LINES + 1)),
    "two lines repeated": (text(lambda i: f"{i % 2}\n"), text(lambda i: f"{i % 3}\n")),
    "backwards": (text(lambda i: f"a{i}\n"), text(lambda i: f"a{LINES - i}\n")),
    "every second": (text(lambda i: f"a{i}\n"), text(lambda i: f"{'ab'[i % 2]}{i}\n")),
    "few lines in disorder": (text(lambda i: f"{i * 7919 % 101}\n"), text(lambda i: f"{i * 104729 % 103}\n")),
    "one line inserted every ten": (text(lambda i: f"{i}\n"), text(lambda i: f"{i}\n" + ("new\n" if i % 10 == 0 else ""))),
    "comments": (text(lambda i: f"# {i}\n"), text(lambda i: f"# {i + 1}\n")),
}


@pytest.mark.parametrize("name", BY_LINES)
@pytest.mark.parametrize("path", ["/etc/motd", "/etc/ssh/sshd_config"])
def test_lines(name: str, path: str) -> None:
    assert seconds(path, None, *BY_LINES[name]) < LONGEST


BY_KEYS: dict[str, Callable[[int, str], str]] = {
    "crontab": lambda i, word: f"1 2 * * * root {word}{i}\n",
    "fstab": lambda i, word: f"/dev/{word}{i} /m{i} ext4 defaults 0 0\n",
    "hosts": lambda i, word: f"10.{i >> 16}.{i >> 8 & 255}.{i & 255} {word}{i}\n",
    "ini": lambda i, word: f"[s{i}]\nk={word}{i}\n",
    "keyvalue": lambda i, word: f"key{i} {word}{i}\n",
    "nginx": lambda i, word: f"server {{ server_name s{i}; root {word}{i}; }}\n",
    "passwd": lambda i, word: f"u{i}:x:{i}:{i}:{word}:/:/bin/sh\n",
    "properties": lambda i, word: f"k{i}={word}{i}\n",
    "sshd": lambda i, word: f"AcceptEnv {word}{i}\n",
    "toml": lambda i, word: f'k{i} = "{word}{i}"\n',
    "yaml": lambda i, word: f"k{i}: {word}{i}\n",
}


@pytest.mark.parametrize("name", BY_KEYS)
def test_keys_whose_values_all_differ(name: str) -> None:
    line = BY_KEYS[name]
    assert seconds("/x", name, text(lambda i: line(i, "a")), text(lambda i: line(i, "b"))) < LONGEST


@pytest.mark.parametrize("name", BY_KEYS)
def test_keys_that_all_went_and_others_that_came(name: str) -> None:
    line = BY_KEYS[name]
    assert seconds("/x", name, text(lambda i: line(i, "a")), text(lambda i: line(i + LINES, "a"))) < LONGEST


@pytest.mark.parametrize("extra", ["", "}"])
def test_items_that_all_have_one_name(extra: str) -> None:
    assert seconds("/x.csv", "csv", text(lambda i: "}\n", 5 * LINES), text(lambda i: "}\n", 5 * LINES) + extra + "a\n") < LONGEST


@pytest.mark.parametrize("more", [0, 1])
def test_long_lists_of_objects(more: int) -> None:
    before, after = ([{"a": f"{word}{i}", "b": str(i)} for i in range(LINES // 4 + extra)] for word, extra in (("a", 0), ("b", more)))
    assert seconds("/x.json", "json", json.dumps(before, indent=1), json.dumps(after, indent=1)) < LONGEST
