"""The machine's state in a tree of files: one place for every path, one path for every place, and no file is ever taken for state."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.errors import InvalidInput
from changelog_ledger.model import globs
from changelog_ledger.model.state import is_state, state_path, without_state
from changelog_ledger.snapshots.paths import (
    ancestors,
    host_path,
    is_within,
    is_within_one_of,
    joined,
    manifest_directory,
    manifest_path,
    sealed_path,
    split,
    tree_path,
)

NAMES = st.one_of(
    st.sampled_from(["@state", "@State", "%40state", "routes", ".git", ".ledger", "=manifest", "@statex"]), st.text("@sx.%=", min_size=1)
)
USABLE = NAMES.filter(lambda name: name not in (".", ".."))
FILES = st.lists(USABLE, min_size=1, max_size=4).map(lambda names: "/" + "/".join(names))
STATES = st.lists(USABLE, max_size=3).map(lambda names: "/".join(["@state", *names]))


@given(st.lists(FILES | STATES, unique=True, min_size=1))
def test_every_path_has_its_own_place(paths: list[str]) -> None:
    places = [tree_path(path) for path in paths]
    assert [host_path(place) for place in places] == paths
    assert len(set(places)) == len(paths)
    assert [manifest_directory(manifest_path(path)) for path in paths] == paths


@given(FILES)
def test_no_file_lies_where_state_does(path: str) -> None:
    place = tree_path(path)
    assert place != b"@state"
    assert not place.startswith(b"@state/")


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("@state/routes", b"@state/routes"),
        ("/@state/routes", b"%40state/routes"),
        ("/srv/@state/routes", b"srv/@state/routes"),
        ("@state/.git", b"@state/%2Egit"),
    ],
)
def test_places(path: str, place: bytes) -> None:
    assert tree_path(path) == place
    assert sealed_path(path) == b".ledger/sealed/" + place


@pytest.mark.parametrize("path", ["@state/", "@state/..", "@state//x", "@states", "state/routes", "@state/\0"])
def test_what_is_neither_is_refused(path: str) -> None:
    with pytest.raises(InvalidInput):
        tree_path(path)


def test_state_lies_below_no_folder() -> None:
    assert not is_within("@state/routes", "/")
    assert not is_within_one_of("@state/routes", {"/", "/etc"})
    assert is_within("@state/routes", "@state")
    assert is_within_one_of("@state/routes", {"@state"})
    assert is_within("/etc", "/")
    assert list(ancestors("@state/routes")) == ["@state"]
    assert split("@state/routes") == ("@state", "routes")
    assert joined("@state", "routes") == state_path("routes")
    assert without_state(["/etc", "@state", "@state/users", "/@state"]) == ("/etc", "/@state")
    assert not is_state("@states")


@pytest.mark.parametrize(
    ("glob", "path", "covered"),
    [
        ("@state", "@state/routes", True),
        ("@state/**", "@state/routes", True),
        ("@state/r*", "@state/routes", True),
        ("@state/routes", "@state/routes", True),
        ("@state/routes", "@state/routes6", False),
        ("**", "@state/routes", True),
        ("routes", "@state/routes", True),
        ("/**", "@state/routes", False),
        ("/", "@state/routes", False),
        ("/@state/**", "@state/routes", False),
        ("@state/**", "/@state/routes", False),
        ("@state", "/srv/@state", False),
        ("/@state/**", "/@state/routes", True),
    ],
)
def test_globs(glob: str, path: str, covered: bool) -> None:
    assert globs.matches(glob, path) is covered
    assert globs.covers([glob], path) is covered


def test_the_glob_of_one_state_file_matches_it_only() -> None:
    assert globs.matches(globs.literal("@state/routes"), "@state/routes")
    assert globs.any_of(["/etc/**", "@state/routes"]).fullmatch("@state/routes")
    assert not globs.any_of(["/**"]).fullmatch("@state/routes")


@pytest.mark.parametrize(
    ("declared", "path", "may"),
    [
        ([], "@state/routes", True),
        (["/etc/nginx/**"], "@state/packages", True),
        (["/etc/nginx/**"], "/etc/hosts", False),
        (["/etc/nginx/**", "@state/routes"], "@state/packages", False),
        (["@state/**"], "@state/packages", True),
        (["@state/**"], "/etc/hosts", False),
        (["/etc/hosts"], None, True),
    ],
)
def test_a_change_is_held_to_state_where_it_speaks_of_state(declared: list[str], path: str | None, may: bool) -> None:
    assert globs.declares(declared, path) is may
