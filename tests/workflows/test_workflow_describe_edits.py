"""What an edit alters, and whether that is comments or form alone: in every format of the corpus, and with what only reads like a comment."""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

import pytest

from changelog_ledger.formats import known_formats, parse
from changelog_ledger.gate.exemptions import exempt_edit
from changelog_ledger.model.evidence import Op
from changelog_ledger.model.gate import Edit, GatePolicy, Judged, Place, Side, Stand
from changelog_ledger.model.topology import Target
from changelog_ledger.sources.git_repository import GitRepository
from changelog_ledger.workflows.describe_edits import LARGEST, described
from tests.formats.cases import Case, all_cases
from tests.formats.edits import edits

FILE, SCRIPT, LINK, MODULE = 0o100644, 0o100755, 0o120000, 0o160000
WEB = Target.host("web-01")
COMMENT = re.compile(r"\s*(?:#|;|//|!|--\s)\s?\w")
EVERY = [case for case in all_cases() if b"\0" not in case.before and case.format not in ("lines", "plist")]
TEXTS = [case for number, case in enumerate(EVERY) if case.format != EVERY[number - 1].format]
"""The first of each format; the others are asked all at once, slowly."""
IDS = [f"{case.format}/{case.folder.name}" for case in TEXTS]


@dataclass(frozen=True)
class Blobs:
    """A repository of which only contents are asked."""

    held: dict[str, bytes] = field(default_factory=dict)

    def content(self, blob: str, limit: int) -> bytes | None:
        content = self.held[blob]
        return content if len(content) <= limit else None


def judged(path: str, before: bytes | None, after: bytes | None, modes: tuple[int, int] = (FILE, FILE), old_path: str = "") -> Judged:
    """An edit of ``path`` on a host, described."""
    blobs = Blobs({str(hash(content)): content for content in (before, after) if content is not None})
    sides = [None if content is None else Side(mode, str(hash(content))) for content, mode in zip((before, after), modes, strict=True)]
    edit = Edit("hosts/web-01" + path, sides[0], sides[1], old_path)
    return described(cast(GitRepository, blobs), None, Judged(edit, (Place((WEB,), path.lstrip("/"), path),)))


def exempt(path: str, before: str | bytes, after: str | bytes) -> str:
    old, new = (text.encode() if isinstance(text, str) else text for text in (before, after))
    return exempt_edit(GatePolicy(), judged(path, old, new).deltas)


# ---- the corpus


def lines_with_comments(case: Case) -> Iterator[tuple[list[str], int]]:
    lines = case.before.decode().split("\n")
    yield from ((lines, number) for number, line in enumerate(lines) if number and COMMENT.match(line) and not line.startswith("!include"))


def with_another_comment(case: Case) -> bytes | None:
    """The file with a word more in a comment; None if it has none."""
    for lines, number in lines_with_comments(case):
        if not lines[number].endswith("\\") and "clear" not in lines[number]:
            return "\n".join([*lines[:number], lines[number] + " indeed", *lines[number + 1 :]]).encode()
    return None


@pytest.mark.parametrize("case", TEXTS, ids=IDS)
def test_a_word_in_a_comment_needs_no_change(case: Case) -> None:
    after = with_another_comment(case)
    if after is None or case.format == "fortios":  # what looks like a comment there is read
        return
    assert exempt(case.path, case.before, after) == "comments only"
    assert not exempt_edit(GatePolicy(comments_only=Stand.REFUSE), judged(case.path, case.before, after).deltas)


def test_comments_were_edited_in_most_formats() -> None:
    formats = {case.format for case in EVERY if with_another_comment(case)}
    assert len(formats) > 50


@pytest.mark.parametrize("case", TEXTS, ids=IDS)
def test_a_blank_line_more_is_form_or_needs_a_change_but_never_fails(case: Case) -> None:
    assert exempt(case.path, case.before, case.before + b"\n") in ("white space only", "final newline only", "")


def test_a_blank_line_more_is_form_in_most_formats() -> None:
    formats = {case.format for case in TEXTS if exempt(case.path, case.before, case.before + b"\n")}
    assert len(formats) > 0.85 * len({case.format for case in TEXTS})


@pytest.mark.parametrize("case", TEXTS, ids=IDS)
def test_a_value_is_never_form(case: Case) -> None:
    for edit in edits(case.path, case.before, random.Random(7), 25):
        assert not exempt(case.path, edit.before, edit.after), edit
    if case.before != case.after and case.expected and any("key" in delta for delta in case.expected):
        assert not exempt(case.path, case.before, case.after)


def damaged(content: bytes, randomness: random.Random) -> bytes:
    """A little edit as a careless or sly hand makes it: of blanks, signs of comments, line ends, the order of lines."""
    lines = content.split(b"\n")
    number = randomness.randrange(len(lines))
    line = lines[number]
    at = randomness.randrange(len(line) + 1)
    insert = randomness.choice(
        [b" ", b"  ", b"\t", b"#", b" #", b";", b"!", b"//", b"\\", b"\r", b"\n", b"\x0b", "\u00a0".encode(), "\u2028".encode()]
    )
    other = randomness.randrange(len(lines))
    made = randomness.choice(
        [
            [*lines[:number], line[:at] + insert + line[at:], *lines[number + 1 :]],
            [*lines[:number], line.strip(), *lines[number + 1 :]],
            [*lines[:number], b"# " + line, *lines[number + 1 :]],
            [*lines[:number], line + b" # note", *lines[number + 1 :]],
            [*lines[:number], *lines[number + 1 :]],
            [*lines[:number], lines[other], *lines[number + 1 :]],
            [*lines[:number], *lines[number + 1 : number + 2], line, *lines[number + 2 :]],
        ]
    )
    return b"\n".join(made)


@pytest.mark.parametrize("case", TEXTS, ids=IDS)
def test_what_is_exempt_is_the_same_to_the_parser_key_by_key_in_order(case: Case) -> None:
    randomness = random.Random(case.folder.name)
    for _ in range(30):
        after = damaged(case.before, randomness)
        if after != case.before and exempt(case.path, case.before, after):
            old, new = parse(case.path, case.before), parse(case.path, after)
            assert old
            assert new
            assert (old.format, json.dumps(old.root)) == (new.format, json.dumps(new.root))
            assert old.format != "lines"
            assert odd(after) == odd(case.before)


def odd(content: bytes) -> list[bytes]:
    """What some program may take for the end of a line, or for no white space."""
    return sorted(re.findall(rb"[^\x00-\x7f]|\x0b|\r(?!\n)", content))


@pytest.mark.slow
@pytest.mark.parametrize("format_name", sorted({case.format for case in EVERY}))
def test_nothing_of_the_whole_corpus_gets_by(format_name: str) -> None:
    for case in (case for case in EVERY if case.format == format_name):
        test_a_word_in_a_comment_needs_no_change(case)
        test_a_value_is_never_form(case)
        test_what_is_exempt_is_the_same_to_the_parser_key_by_key_in_order(case)


@pytest.mark.parametrize("format_name", sorted({case.format for case in EVERY}))
def test_no_two_samples_of_a_format_are_one(format_name: str) -> None:
    samples = [case for case in EVERY if case.format == format_name]
    for one in samples:
        for other in samples:
            if exempt(one.path, one.before, other.after):
                old, new = parse(one.path, one.before), parse(one.path, other.after)
                assert old
                assert new
                assert old.root == new.root


def test_the_corpus_has_the_formats_that_there_are() -> None:
    assert {case.format for case in EVERY} | {"lines", "plist"} >= set(known_formats()) - {"nftables-json", "reg"}


# ---- what reads like a comment and means something

SSHD = "/etc/ssh/sshd_config"


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("/etc/sudoers", "root ALL=(ALL) ALL\n#includedir /etc/a\n", "root ALL=(ALL) ALL\n#includedir /etc/b\n"),
        ("/etc/sudoers", "root ALL=(ALL) ALL\n# include /etc/a\n", "root ALL=(ALL) ALL\n#include /etc/a\n"),
        ("/etc/sudoers", "root ALL=(ALL) ALL\n", "root ALL=(ALL) ALL\n#1000 ALL=(ALL) NOPASSWD: ALL\n"),
        ("/etc/default/x", "#!/bin/sh\nA=1\n", "#!/bin/bash\nA=1\n"),
        ("/etc/default/x", "# hello\n#!/bin/sh\nA=1\n", "#!/bin/sh\n# hello\nA=1\n"),
        ("/srv/Dockerfile", "# syntax=docker/dockerfile:1\nFROM a\n", "# syntax=evil/dockerfile:1\nFROM a\n"),
        ("/srv/a.yaml", "# syntax=docker/dockerfile:1\na: 1\n", "# syntax=evil/dockerfile:1\na: 1\n"),
        ("/srv/a.yaml", "%YAML 1.1\n---\na: yes\n", "%YAML 1.2\n---\na: yes\n"),
        ("/srv/a.yaml", "#cloud-config\na: 1\n", "#cloud-boothook\na: 1\n"),
        ("/srv/a.yaml", "a: 1\n# {{ secret }}\n", "a: 1\n# {{ other }}\n"),
        ("/srv/a.yaml", "a: 1\n", "a: 1 # {% include 'x' %}\n"),
        ("/srv/a.yaml", "a: 1\n", "a: 1\n# vim: set ft=sh:\n"),
        ("/srv/a.yaml", "a: 1\n# x\n", "a: 1\n# -*- mode: sh -*-\n"),
        ("/srv/a.yaml", "a: 'on'\n", "a: on\n"),
        ("/srv/a.yaml", "a: 1\n# x\n", "a: 1\n# x\u2028b: 2\n"),
        ("/srv/a.yaml", "a: 1\n# x\n", "a: 1\n# x\rb: 2\n"),
        ("/srv/a.yaml", "a: 1\n# x\n", "a: 1\n# x \u202e\n"),
        ("/srv/a.yaml", "a: 1\n", "a: 1\n# " + "x" * 2_000 + "\n"),
        ("/srv/a.json", '{"a": 1}\n', '\ufeff{"a": 1}\n'),
        (SSHD, "Port 22\n", "Port\u00a022\n"),
        (SSHD, "Port 22\n", "Port 22\r\n"),
        (SSHD, "Port 22\n# x\n", "Port 22\n# x"),
        ("/etc/nginx/nginx.conf", "allow 10.0.0.1;\ndeny all;\nallow 10.0.0.2;\n", "allow 10.0.0.1;\nallow 10.0.0.2;\ndeny all;\n"),
        ("/etc/nginx/nginx.conf", 'log_format a "x y";\n', 'log_format a "x  y";\n'),
        ("/etc/crontab", "1 * * * * root cat%a b\n", "1 * * * * root cat%a  b\n"),
        ("/etc/crontab", "1 * * * * root id\n", "1 * * * * root id"),
        ("/etc/tmpfiles.d/a.conf", "f /run/a 0644 root root - a b\n", "f /run/a 0644 root root - a  b\n"),
        ("/etc/apache2/a.conf", "# a\nListen 80\n", "# a \\\nListen 80\n"),
        ("/etc/apt/apt.conf", 'A "1";\n#clear B;\n', 'A "1";\n#clear C;\n'),
        ("/etc/ufw/user.rules", "*filter\n### tuple ### allow any 22\nCOMMIT\n", "*filter\n### tuple ### allow any 23\nCOMMIT\n"),
        ("/srv/a.xml", "<a><!--#include file='x' --></a>\n", "<a><!--#include file='y' --></a>\n"),
        ("/srv/a.xml", "<a>\n<!--[if IE]><b/><![endif]-->\n</a>\n", "<a>\n<!--[if IE 9]><b/><![endif]-->\n</a>\n"),
        ("/root/.ssh/authorized_keys", "ssh-ed25519 AAAA anna\n", "ssh-ed25519 AAAA bob\n"),
        ("/root/.ssh/authorized_keys", "# x\nssh-ed25519 AAAA anna\n", "# y\nssh-ed25519 AAAA anna\n"),
        ("/usr/local/bin/x.sh", "#!/bin/sh\n# a\nid\n", "#!/bin/sh\n# b\nid\n"),
        ("/usr/local/bin/x.sh", "#!/bin/sh\nid\n", "#!/bin/sh\r\nid\r\n"),
        ("/etc/x.ini", "[a]\nb = c ; d\n", "[a]\nb = c ; e\n"),
        ("/etc/php.ini", "a = b ; c\n", "a = b \\; c\n"),
        ("/srv/x", "a b # c\nd e\n", "a b # d\nd e\n"),
        ("/etc/cron.d/x", "MAILTO=a\n", "MAILTO=a \\\n"),
    ],
)
def test_what_means_something_needs_a_change(path: str, before: str, after: str) -> None:
    assert before != after
    assert exempt(path, before, after) == ""


def test_why_it_does_is_said() -> None:
    (delta,) = judged(SSHD, b"Port 22\n# a\n", b"Port 22\n# `id`\n").deltas
    assert delta.note == "a line that reads like a comment means something (comments only)"


@pytest.mark.parametrize(
    ("path", "before", "after", "why"),
    [
        (SSHD, "Port 22\n", "# the usual one\nPort 22\n", "comments only"),
        (SSHD, "Port 22\n# old\n", "Port 22\n", "comments only"),
        (SSHD, "Port 22\n", "\nPort   22\n", "white space only"),
        (SSHD, "Port 22", "Port 22\n", "final newline only"),
        ("/srv/a.json", '{"a": 1}', '{\n  "a": 1\n}\n', "white space only"),
        ("/srv/a.yaml", "a: 1\n", "a: 1\r\n", "line ends only (LF → CRLF)"),
        ("/srv/a.yaml", "a: 1 # x\n", "a:   1 # größer\n", "comments and white space only"),
    ],
)
def test_what_means_nothing_needs_none(path: str, before: str, after: str, why: str) -> None:
    assert exempt(path, before, after) == why


# ---- edits as a whole


@pytest.mark.parametrize(
    ("before", "after", "modes", "op", "note"),
    [
        (None, b"a\n", (FILE, FILE), Op.ADDED, "lines"),
        (b"a\n", None, (FILE, FILE), Op.REMOVED, "lines"),
        (b"a\n", b"a\n", (FILE, SCRIPT), Op.METADATA, "mode"),
        (b"/a", b"/b", (LINK, LINK), Op.CHANGED, "symlink"),
        (b"a" * (LARGEST + 1), b"b", (FILE, FILE), Op.OPAQUE, "too large to be looked into"),
        (b"\0\xff", b"\0\xfe", (FILE, FILE), Op.OPAQUE, "binary content"),
        (b"1" * 40, b"2" * 40, (MODULE, MODULE), Op.OPAQUE, "submodule"),
    ],
)
def test_an_edit_is_described_whatever_it_is(before: bytes | None, after: bytes | None, modes: tuple[int, int], op: Op, note: str) -> None:
    found = judged("/srv/thing", before, after, modes)
    assert (found.deltas[0].op, note in found.deltas[0].note) == (op, True), found.deltas
    assert exempt_edit(GatePolicy(), found.deltas) == ""


def test_a_renamed_file_says_so() -> None:
    found = judged("/etc/new", b"a\n", b"a\n", old_path="hosts/web-01/etc/old")
    assert next((delta.op, delta.before, delta.after) for delta in found.deltas) == (Op.MOVED, "hosts/web-01/etc/old", "hosts/web-01/etc/new")


def test_secrets_are_masked_and_still_differ() -> None:
    found = judged("/etc/app.env", b"PASSWORD=correct-horse\n", b"PASSWORD=battery-staple\n")
    assert found.deltas[0].op is Op.CHANGED
    assert "horse" not in str(found.deltas)
    assert "staple" not in str(found.deltas)


def test_a_path_that_is_no_text_is_described() -> None:
    assert judged(os.fsdecode(b"/etc/\xff"), b"a\n", b"b\n").deltas
