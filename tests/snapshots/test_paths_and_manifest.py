from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.errors import InvalidInput, RepositoryError
from changelog_ledger.model.snapshot import FileEntry, FileType, Skipped
from changelog_ledger.snapshots.manifest import decoded, encoded
from changelog_ledger.snapshots.paths import host_path, joined, manifest_directory, manifest_path, sealed_path, split, tree_path

SPECIAL = [
    b".git",
    b".GIT",
    b".gIt",
    b"git~1",
    b"%",
    b"%2E",
    b"=manifest",
    b"=",
    b".ledger",
    b".\xe2\x80\x8cgit",
    b".gitmodules",
    b"a\nb",
    b"\xff",
    b'"',
    b"\\",
]
components = st.one_of(st.sampled_from(SPECIAL), st.binary(min_size=1, max_size=8)).filter(
    lambda name: name not in (b".", b"..") and b"/" not in name and b"\0" not in name
)
host_paths = st.lists(components, min_size=1, max_size=4).map(lambda names: os.fsdecode(b"/" + b"/".join(names)))
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
counts = st.integers(0, 2**62)


@given(host_paths, host_paths)
def test_every_path_has_its_own_place(first, second):
    assert host_path(tree_path(first)) == first
    assert (tree_path(first) == tree_path(second)) == (first == second)
    assert manifest_directory(manifest_path(first)) == first
    assert (manifest_path(first) == manifest_path(second)) == (first == second)
    assert not manifest_path(first).startswith(manifest_path(second) + b"/")  # no manifest is a folder of another
    for path in (tree_path(first), manifest_path(first), sealed_path(first)):
        for component in path.split(b"/"):
            assert component.lower() not in (b".git", b"git~1", b"", b".", b"..")
    assert not tree_path(first).startswith(b".ledger")
    assert joined(*split(first)) == first


def test_examples():
    assert tree_path("/etc/nginx/nginx.conf") == b"etc/nginx/nginx.conf"
    assert tree_path("/srv/.git/config") == b"srv/%2Egit/config"
    assert tree_path("/.ledger/x") == b"%2Eledger/x"
    assert tree_path("/etc/.ledger") == b"etc/.ledger"
    assert manifest_path("/") == b".ledger/manifest/=manifest"
    assert manifest_path("/=manifest") == b".ledger/manifest/%3Dmanifest/=manifest"
    assert manifest_directory(b".ledger/manifest/=manifest") == "/"
    assert manifest_directory(b".ledger/sealed/etc/shadow") is None
    assert split("/") == ("/", "")


@pytest.mark.parametrize("path", ["", "/", "etc", "/etc/", "//etc", "/etc//x", "/./x", "/etc/..", "/../etc", "/a\0b"])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(InvalidInput):
        tree_path(path)


@st.composite
def entries(draw):
    names = draw(st.lists(components.map(os.fsdecode), unique=True, max_size=6))
    return {
        name: FileEntry(
            f"/etc/{name}",
            draw(st.sampled_from(FileType)),
            draw(st.integers(0, 0o7777)),
            draw(st.integers(-1, 2**32)),
            draw(st.integers(-1, 2**32)),
            draw(texts),
            draw(texts),
            draw(counts),
            draw(texts),
            draw(texts),
            draw(st.integers(-(2**62), 2**62)),
            os.fsdecode(draw(st.binary(max_size=6))),
            draw(st.integers(0, 9)),
            draw(st.one_of(st.none(), st.sampled_from(Skipped))),
            draw(texts),
        )
        for name in names
    }


@given(entries())
def test_a_manifest_reads_back(given_entries):
    data = encoded(given_entries)
    assert decoded("/etc", data) == given_entries
    assert encoded(dict(reversed(given_entries.items()))) == data
    assert data.isascii()
    assert data.count(b"\n") == len(given_entries)


@pytest.mark.parametrize("data", [b"{", b"[1]\n", b'{"name":"x"}\n', b'{"name":"x","type":"y"}\n', b"\xff\n"])
def test_a_damaged_manifest_is_an_error(data):
    with pytest.raises(RepositoryError, match="manifest of '/etc'"):
        decoded("/etc", data)
