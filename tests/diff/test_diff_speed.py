"""Files of ten thousand lines, of whatever kind and however they differ: about a second or two at most, on a quiet machine."""

from __future__ import annotations

import json
import random
import string
import time
from collections.abc import Callable
from difflib import SequenceMatcher

import pytest

from changelog_ledger.diff import differences, identity
from changelog_ledger.formats import parse
from changelog_ledger.model.document import FileVersion

LINES = 10_000
LONGEST = 75.0
"""How often :func:`control` may be done meanwhile; the slowest take a third of it, and anything quadratic a multiple."""

Line = Callable[[int], str]


def text(line: Line, count: int = LINES) -> str:
    return "".join(map(line, range(count)))


def control() -> float:
    """Seconds that a fixed piece of work takes, here and now: what the machine is worth while others use it too."""
    began = time.process_time()
    seen: dict[str, list[str]] = {}
    for number in range(100_000):
        seen.setdefault(f"key {number % 5000}", []).append(str(number).rjust(9))
    json.dumps(sorted(seen.items(), key=lambda item: item[1][-1]))
    return time.process_time() - began


def work(path: str, as_format: str | None, before: str, after: str) -> float:
    """How long it takes, in units of the control."""
    units = [control()]
    began = time.process_time()
    old, new = (FileVersion(side.encode(), parse(path, side.encode(), as_format)) for side in (before, after))
    assert old.document is not None
    assert as_format is None or old.document.format == as_format, old.document.reason
    assert differences(path, old, new)
    took = time.process_time() - began
    units.append(control())
    return took / max(units)


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
    assert work(path, None, *BY_LINES[name]) < LONGEST


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
    assert work("/x", name, text(lambda i: line(i, "a")), text(lambda i: line(i, "b"))) < LONGEST


@pytest.mark.parametrize("name", BY_KEYS)
def test_keys_that_all_went_and_others_that_came(name: str) -> None:
    line = BY_KEYS[name]
    assert work("/x", name, text(lambda i: line(i, "a")), text(lambda i: line(i + LINES, "a"))) < LONGEST


@pytest.mark.parametrize("extra", ["", "}"])
def test_items_that_all_have_one_name(extra: str) -> None:
    assert work("/x.csv", "csv", text(lambda i: "}\n", 5 * LINES), text(lambda i: "}\n", 5 * LINES) + extra + "a\n") < LONGEST


@pytest.mark.parametrize("more", [0, 1])
def test_long_lists_of_objects(more: int) -> None:
    before, after = ([{"a": f"{word}{i}", "b": str(i)} for i in range(LINES // 4 + extra)] for word, extra in (("a", 0), ("b", more)))
    assert work("/x.json", "json", json.dumps(before, indent=1), json.dumps(after, indent=1)) < LONGEST


def test_few_texts_of_a_list_are_compared_and_only_their_beginnings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts of the same letters in another order: only the ratio itself tells that they do not resemble each other."""
    compared: list[int] = []

    class Counted(SequenceMatcher[str]):
        def __init__(self, isjunk: None, one: str, other: str, autojunk: bool) -> None:
            super().__init__(isjunk, one, other, autojunk)
            self.longest = max(len(one), len(other))

        def ratio(self) -> float:
            compared.append(self.longest)
            return super().ratio()

    monkeypatch.setattr(identity, "SequenceMatcher", Counted)
    chance = random.Random(7)

    def document(items: int) -> FileVersion:
        texts = [["".join(chance.sample(string.ascii_letters, 52)) * 2 for _ in range(items)] + [f"landmark {gap}"] for gap in range(12)]
        content = json.dumps([text for gap in texts for text in gap]).encode()
        return FileVersion(content, parse("/x.json", content))

    assert differences("/x.json", document(19), document(20))
    assert len(compared) == 500
    assert max(compared) <= 60


def test_texts_that_resemble_each_other_are_still_found() -> None:
    old, new = (FileVersion(text.encode(), parse("/x.json", text.encode())) for text in ('["first line of it"]', '["qqq", "first line of us"]'))
    assert {(delta.op, delta.before, delta.after) for delta in differences("/x.json", old, new)} == {
        ("added", None, "qqq"),
        ("changed", "first line of it", "first line of us"),
    }
