"""Notes: what differs between long values, what keys mean, and comments that were edited besides."""

from __future__ import annotations

import pytest

from changelog_ledger.diff import differences
from changelog_ledger.diff.values import value_note
from changelog_ledger.formats import parse
from changelog_ledger.model.document import Document, FileVersion
from changelog_ledger.model.evidence import Delta

CIPHERS = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
URL = "https://backend.example.com:8443/service/api/v1"


@pytest.mark.parametrize(
    ("before", "after", "note"),
    [
        ("80", "8080", ""),
        ("0 4 * * *", "0 5 * * *", ""),
        ("00:16:3e:00:00:01", "00:16:3e:00:00:02", ""),
        ("defaults", "defaults,noatime", ""),
        ("rw,relatime,nodev,nosuid", "rw,noatime,nodev,nosuid", "−relatime +noatime"),
        ("rw,relatime,nodev,nosuid", "rw,nodev,relatime,nosuid", "the same items in another order"),
        (CIPHERS + "RC4", CIPHERS + "AES256", "−RC4 +AES256"),
        ("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", "/opt/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", "+/opt/bin"),
        ("alpha beta gamma delta epsilon zeta eta theta", "alpha beta gamma delta zeta eta theta iota", "−epsilon +iota"),
        (URL, URL.replace("8443", "8444"), "port 8443 → 8444"),
        (
            URL,
            URL.replace("backend", "other").replace("/v1", "/v2"),
            "host backend.example.com → other.example.com, path /service/api/v1 → /service/api/v2",
        ),
        (URL + "?mode=a&size=5", URL + "?mode=b&size=5", "−mode=a +mode=b"),
        ("x" * 50, "y" * 50, ""),
        ("a\nb\nc\nd\n", "a\nb\nC\nd\n", "1 of 5 lines differs: −c +C"),
        ("a\nb\nc\nd\n", "a\nb\nx\ny\nd\n", "2 of 6 lines differ: −c +x …"),
    ],
)
def test_long_values_say_what_differs(before: str, after: str, note: str) -> None:
    assert value_note(before, after) == note


def test_many_items_are_counted() -> None:
    before, after = ",".join(f"a{n}" for n in range(9)), ",".join(["a0", *(f"b{n}" for n in range(9))])
    assert value_note(before, after) == "−a1 −a2 −a3 −a4 −a5 −a6 and 11 more"


def test_no_value_takes_long() -> None:
    for text in ("a:" * 9_000, "a," * 9_000, "a " * 9_000, "http://" + "@" * 19_000, "a\n" * 9_000, "://" * 6_000):
        value_note(text, text + "b")


def test_words_of_a_format_stand_in_the_note() -> None:
    def version(value: str) -> FileVersion:
        return FileVersion(f"k={value}\n".encode(), Document("x", {"k": value}, {("k",): 1}, words={"k": "forwarding of packets"}))

    (delta,) = differences("/x", version("0"), version("1"))
    assert delta.note == "forwarding of packets"


# --- comments besides settings ------------------------------------------------------------------------------------------------------------


def deltas(path: str, before: str, after: str) -> tuple[Delta, ...]:
    old, new = (FileVersion(text.encode(), parse(path, text.encode())) for text in (before, after))
    return differences(path, old, new)


def said(path: str, before: str, after: str) -> list[tuple[str | None, str]]:
    return [(delta.key, delta.note if delta.key is None else str(delta.op)) for delta in deltas(path, before, after)]


SSHD = "# who may log in\nPermitRootLogin no\n\n# ports\nPort 22\n# X11\nX11Forwarding no\n"


def test_a_setting_and_a_comment_are_two() -> None:
    found = deltas("/etc/ssh/sshd_config", SSHD, SSHD.replace("22", "2222").replace("# who", "# people who"))
    assert [(delta.key, delta.note) for delta in found] == [("sshd/Port", ""), (None, "comments only")]
    assert (found[1].before, found[1].after, found[1].line) == ("# who may log in", "# people who may log in", 1)


def test_a_comment_right_above_the_setting_counts() -> None:
    assert said("/etc/ssh/sshd_config", SSHD, SSHD.replace("# ports\nPort 22", "# the port\nPort 2222")) == [
        ("sshd/Port", "changed"),
        (None, "comments only"),
    ]


def test_a_comment_that_comes_with_a_new_setting_belongs_to_it() -> None:
    assert said("/etc/ssh/sshd_config", SSHD, SSHD + "# no passwords\nPasswordAuthentication no\n") == [("sshd/PasswordAuthentication", "added")]
    block = SSHD + "# bob\nMatch User bob\n  # quiet\n  X11Forwarding yes\n"
    assert said("/etc/ssh/sshd_config", SSHD, block) == [("sshd/Match[User bob]", "added")]
    assert said("/etc/ssh/sshd_config", block, SSHD) == [("sshd/Match[User bob]", "removed")]


def test_a_comment_behind_another_value_counts() -> None:
    text = "[a]\nx = 1 # one\ny = 2 # two\n"
    assert said("/x.toml", text, text.replace("x = 1", "x = 5").replace("# two", "# zwei")) == [("a.x", "changed"), (None, "comments only")]


def test_what_looks_like_a_comment_within_a_value_is_none() -> None:
    text = "script: |\n  #!/bin/sh\n  # hello\n  run\nother: '1'\n"
    assert said("/x.yml", text, text.replace("# hello", "# goodbye")) == [("script", "changed")]


def test_comments_that_only_moved_are_nothing() -> None:
    moved = SSHD.replace("# X11\n", "").replace("Port 22\n", "Port 23\n") + "# X11\n"
    assert said("/etc/ssh/sshd_config", SSHD, moved) == [("sshd/Port", "changed")]


@pytest.mark.parametrize(
    ("before", "after", "note"),
    [
        (b"a=1\n", b"a=1\r\n", "line ends only (LF → CRLF)"),
        (b"a=1\n", b"a=1", "final newline only"),
        (b"a=1\n", b"\xef\xbb\xbfa=1\n", "encoding only (UTF-8 → UTF-8 with byte order mark)"),
        ("a=é\n".encode(), "a=é\n".encode("utf-16"), "encoding only (UTF-8 → UTF-16)"),
        ("a=é and more\n".encode(), "a=é and more\n".encode("latin-1"), "encoding only (UTF-8 → Latin-1)"),
        (b"a=1\n", b"a = 1\n", "white space only"),
        (b"# x\na=1\n", b"# y\na=1\n", "comments only"),
        (b"# x\na=1\n", b"# y\na = 1\n", "comments and white space only"),
        (b"a=1\nb=2\n", b"b=2\na=1\n", "order only (of keys)"),
    ],
)
def test_the_kind_of_a_difference_without_meaning_is_named(before: bytes, after: bytes, note: str) -> None:
    (delta,) = differences("/x.properties", *(FileVersion(data, parse("/x.properties", data)) for data in (before, after)))
    assert (delta.op, delta.key, delta.note) == ("opaque", None, note)
