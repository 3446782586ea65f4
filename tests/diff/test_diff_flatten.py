"""A document key by key: named as deltas name it, and followed from one version to the next."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings

from changelog_ledger.diff import differences
from changelog_ledger.diff.flatten import kept, keys_of
from changelog_ledger.formats import parse
from changelog_ledger.model.document import Document, FileVersion, ListPolicy, Node
from changelog_ledger.model.evidence import Op

from .test_diff_laws import named_lists, trees

CASES = sorted(path.parent for path in (Path(__file__).parents[1] / "cases").glob("*/*/expected.json"))
NAMED = (ListPolicy(("**",), ("name",)),)


def read(path: str, text: str) -> Document:
    document = parse(path, text.encode())
    assert document is not None
    return document


def values(path: str, text: str) -> dict[str, tuple[Node, int | None]]:
    return {each.key: (each.value, each.line) for each in keys_of(read(path, text))}


NGINX = "http {\n    server {\n        listen 80;\n        server_name shop;\n        location / {\n            root /srv;\n        }\n    }\n}\n"


def test_keys_read_as_in_deltas() -> None:
    assert values("/etc/nginx/nginx.conf", NGINX) == {
        "http/server[shop]/listen": ("80", 3),
        "http/server[shop]/server_name": ("shop", 4),
        "http/server[shop]/location[/]/root": ("/srv", 6),
    }
    assert values("/etc/motd", "one\n\ntwo\n") == {"line 1": ("one", 1), "line 2": ("", 2), "line 3": ("two", 3)}
    assert values("/a.json", '{"a": {}, "b": [], "c": [["x"]]}') == {"a": ({}, 1), "b": ([], 1), "c[0][0]": ("x", 1)}


def test_the_keys_above_are_told() -> None:
    root = next(each for each in keys_of(read("/etc/nginx/nginx.conf", NGINX)) if each.value == "/srv")
    assert root.above == ("http", "http/server", "http/server[shop]", "http/server[shop]/location", "http/server[shop]/location[/]")


def test_a_renamed_moved_or_pushed_item_is_followed() -> None:
    before = read("/etc/nginx/nginx.conf", NGINX)
    after = read(
        "/etc/nginx/nginx.conf", NGINX.replace("server_name shop", "server_name store").replace("http {\n", "http {\n    server { listen 1; }\n")
    )
    places = kept(before, after)
    assert places is not None
    assert {each.key for each in keys_of(after) if each.path in places} == {"http/server[store]/listen", "http/server[store]/location[/]/root"}


def test_documents_that_were_read_differently_say_nothing() -> None:
    assert kept(read("/a.yaml", "a: 1\n"), read("/a.yaml", "a: {\n")) is None


def document(root: Node, policies: tuple[ListPolicy, ...] = ()) -> Document:
    return Document("json", root, policies=policies, key_style="dotted")


@settings(max_examples=200, deadline=None)
@given(trees | named_lists, trees | named_lists)
def test_what_is_kept_has_the_same_value_on_both_sides(before: Node, after: Node) -> None:
    old, new = document({"t": before}, NAMED), document({"t": after}, NAMED)
    was, now = ({each.path: each.value for each in keys_of(side)} for side in (old, new))
    places = kept(old, new)
    assert places is not None
    assert all(was[places[path]] == value for path, value in now.items() if path in places)


@settings(max_examples=200, deadline=None)
@given(trees | named_lists)
def test_an_equal_document_is_kept_whole(tree: Node) -> None:
    old, new = document({"t": tree}, NAMED), document(json.loads(json.dumps({"t": tree})), NAMED)
    places = kept(old, new)
    assert places is not None
    assert all(places.get(each.path) == each.path for each in keys_of(new))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.name}")
def test_what_came_is_what_the_deltas_name(case: Path) -> None:
    """Each value that was not kept lies at a delta's key, below it or around it; and of what an addition brought, nothing was kept."""
    path = json.loads((case / "expected.json").read_text())["path"]
    sides = [(case / name).read_bytes() if (case / name).exists() else None for name in ("before", "after")]
    documents = [None if side is None else parse(path, side) for side in sides]
    old, new = documents
    places = kept(old, new) if old and new else None
    if new is None or places is None:
        return
    versions = [FileVersion(side, parsed) for side, parsed in zip(sides, documents, strict=True)]
    deltas = [delta for delta in differences(path, *versions) if delta.key is not None]
    said = {delta.key or "" for delta in deltas}
    for each in keys_of(new):
        names = {each.key, *each.above}
        if each.path not in places and not new.aliases and new.format != "lines":
            around = any(key.startswith(each.key) for key in said)
            assert names & said or around or _single(each.key) & {_stem(key) for key in said}, each
        if any(delta.key in names and delta.op is Op.ADDED for delta in deltas):
            assert each.path not in places, each


def _stem(key: str) -> str:
    return key.partition("[")[0]


def _single(key: str) -> set[str]:
    """A lone value and a list of one are one thing where a key that is written again makes a list: ``Environment``, ``Environment[0]``."""
    return {_stem(key)}
