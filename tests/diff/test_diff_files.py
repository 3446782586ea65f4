"""Files as a whole: come and gone, metadata, symlinks, binaries, and content that is not there."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from changelog_ledger.diff import differences
from changelog_ledger.formats import parse
from changelog_ledger.model.document import FileVersion
from changelog_ledger.model.snapshot import FileEntry, FileType, Skipped

PATH = "/etc/motd"
ENTRY = FileEntry(PATH, FileType.FILE, 0o644, 0, 0, "root", "root", 6, "ab12", mtime_ns=1_700_000_000_000_000_000)
LINK = replace(ENTRY, type=FileType.SYMLINK, mode=0o777, link_to="a", sha256="")


def version(content: bytes | None = b"hello\n", entry: FileEntry | None = ENTRY) -> FileVersion:
    return FileVersion(content, None if content is None else parse(PATH, content), entry)


def test_a_file_that_comes_or_goes_is_one_delta() -> None:
    (came,) = differences(PATH, None, version())
    assert (came.op, came.key, came.before, came.after, came.note) == ("added", None, None, "hello\n", "lines")
    (went,) = differences(PATH, version(), None)
    assert (went.op, went.key, went.before, went.after) == ("removed", None, "hello\n", None)
    assert differences(PATH, None, None) == ()


def test_a_long_file_is_described() -> None:
    (came,) = differences(PATH, None, version(b"x" * 3_000))
    assert came.after["bytes"] == 3_000
    assert len(came.after["sha256"]) == 64


def test_the_time_of_the_edit_is_the_manifests() -> None:
    (delta,) = differences(PATH, version(), version(b"bye\n"))
    assert delta.mtime == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    (unknown,) = differences(PATH, version(), version(b"bye\n", replace(ENTRY, mtime_ns=2**200)))
    assert unknown.mtime is None


@pytest.mark.parametrize(
    ("entry", "before", "after", "note"),
    [
        (replace(ENTRY, mode=0o600), {"mode": "0644"}, {"mode": "0600"}, "mode 0644 → 0600"),
        (replace(ENTRY, mode=0o4755), {"mode": "0644"}, {"mode": "4755"}, "mode 0644 → 4755"),
        (replace(ENTRY, uid=33, owner="www"), {"owner": "root", "uid": 0}, {"owner": "www", "uid": 33}, "owner root → www, uid 0 → 33"),
    ],
)
def test_metadata_is_one_delta_of_what_differs(entry: FileEntry, before: object, after: object, note: str) -> None:
    (delta,) = differences(PATH, version(), version(entry=entry))
    assert (delta.op, delta.key, delta.before, delta.after, delta.note) == ("metadata", None, before, after, note)


def test_size_and_times_alone_are_nothing() -> None:
    assert differences(PATH, version(), version(entry=replace(ENTRY, mtime_ns=1, size=7))) == ()


def test_a_symlink_that_points_elsewhere() -> None:
    (delta,) = differences(PATH, version(b"a", LINK), version(b"b", replace(LINK, link_to="b")))
    assert (delta.op, delta.key, delta.before, delta.after, delta.note) == ("changed", None, "a", "b", "symlink retargeted")


def test_a_file_that_became_a_symlink() -> None:
    metadata, content = differences(PATH, version(), version(b"a", LINK))
    assert (metadata.op, metadata.before) == ("metadata", {"type": "file", "mode": "0644"})
    assert (content.op, content.before, content.after, content.note) == ("changed", "hello\n", "a", "file became symlink")


def test_binary_content_is_one_opaque_delta() -> None:
    (delta,) = differences(PATH, version(b"\0a"), version(b"\0bc"))
    assert (delta.op, delta.before["bytes"], delta.after["bytes"]) == ("opaque", 2, 3)
    assert delta.note.startswith("binary content: 2 bytes (")


def test_content_that_cannot_be_read_any_more_is_said() -> None:
    unreadable = replace(ENTRY, sha256="", size=0, skipped=Skipped.UNREADABLE, detail="Permission denied")
    (delta,) = differences(PATH, version(), version(None, unreadable))
    assert (delta.op, delta.note) == ("opaque", "after: content not kept: unreadable (Permission denied)")
    assert differences(PATH, version(None, unreadable), version(None, unreadable)) == ()


def test_an_oversized_file_differs_by_its_hash() -> None:
    big = replace(ENTRY, size=9_999_999, skipped=Skipped.OVERSIZED)
    (delta,) = differences(PATH, version(None, big), version(None, replace(big, sha256="cd34")))
    assert (delta.op, delta.before["sha256"], delta.after["sha256"]) == ("opaque", "ab12", "cd34")
    assert differences(PATH, version(None, big), version(None, replace(big, mtime_ns=5))) == ()


def test_a_difference_within_what_is_redacted_is_said() -> None:
    redacted = replace(ENTRY, sha256="", fingerprint="k1", redacted=1)
    (delta,) = differences(PATH, version(entry=redacted), version(entry=replace(redacted, fingerprint="k2")))
    assert (delta.op, delta.note) == ("opaque", "differs only in what is redacted")


def test_text_that_nobody_parsed_is_compared_by_lines() -> None:
    (delta,) = differences("/etc/hosts", FileVersion(b"a\nb\n"), FileVersion(b"a\nc\n"))
    assert (delta.key, delta.before, delta.after) == ("line 2", "b", "c")
