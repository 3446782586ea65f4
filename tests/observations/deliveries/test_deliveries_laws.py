"""What holds for every mapper: it never raises, says the same twice, copies no secret, and makes lines that import takes."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.model.delivery import DELIVERY_FORMATS, Delivered, LeftOut, Unread
from changelog_ledger.observations.deliveries.likeness import likeness
from changelog_ledger.observations.deliveries.registry import MAPPERS
from changelog_ledger.store.interchange import read_line

from .samples import DOCUMENTS, SECRET, delivered, mapped, unread

ODD = st.sampled_from(
    [None, True, -1, 2**70, 1e300, float("nan"), float("inf"), "", "\ud800", "\0", "a\nb", "x" * 5_000, "https://u:p@h:99999/", [], {}, [[]], [{}]]
)
KEYS = st.text(max_size=4)
JSON = st.recursive(ODD | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner))
EVERY = [(name, document) for name, documents in DOCUMENTS.items() for document in documents]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place within a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for name, held in inner for place in places(held, (*path, name)))]


def put(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    altered = copy.deepcopy(document)
    inner = altered
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    return altered


def line_of(each: Delivered) -> str:
    target = {"mark": {"target": "all"}, "change": {"on": ["all"]}}.get(each.line["kind"], {"on": "all"})
    return json.dumps({**each.line, **target})


def test_every_format_has_a_mapper_and_a_sample() -> None:
    assert MAPPERS.keys() == DELIVERY_FORMATS.keys() == DOCUMENTS.keys()


@pytest.mark.parametrize(("name", "document"), EVERY)
def test_a_sample_is_read_wholly_into_lines_that_import_takes(name: str, document: Any) -> None:
    outcomes = mapped(name, document)
    assert delivered(outcomes)
    assert not unread(outcomes)
    for each in delivered(outcomes):
        assert read_line(line_of(each), 1).kind == each.line["kind"]


@pytest.mark.parametrize(("name", "document"), [(name, document) for name, document in EVERY if SECRET in json.dumps(document)])
def test_no_secret_is_copied(name: str, document: Any) -> None:
    assert SECRET not in repr(mapped(name, document))


@given(st.sampled_from(sorted(MAPPERS)), JSON)
def test_arbitrary_json_never_raises(name: str, value: Any) -> None:
    assert all(isinstance(outcome, Delivered | Unread | LeftOut) for outcome in mapped(name, value))
    assert likeness(value)


@given(st.sampled_from(EVERY), st.data(), JSON)
def test_a_sample_with_anything_anywhere_never_raises_and_makes_lines_that_import_takes(
    sample: tuple[str, Any], data: st.DataObject, value: Any
) -> None:
    name, document = sample
    for each in delivered(mapped(name, put(document, data.draw(st.sampled_from(places(document))), value))):
        read_line(line_of(each), 1)


@given(st.sampled_from(EVERY))
def test_the_same_document_has_the_same_references(sample: tuple[str, Any]) -> None:
    name, document = sample
    again = json.loads(json.dumps(document, sort_keys=True))
    assert [each.line["ref"] for each in delivered(mapped(name, document))] == [each.line["ref"] for each in delivered(mapped(name, again))]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"ref": "refs/heads/main", "before": "0", "after": "1", "commits": [], "repository": {}}, "a GitHub push payload"),
        ([{"auditID": "1", "verb": "get"}], "an audit event of Kubernetes"),
        ({"kind": "Pod"}, "an object of Kubernetes (Pod)"),
        ({"a": 1}, 'an object with "a"'),
        (dict.fromkeys("abcdefg"), 'an object with "a", "b", "c", "d", "e" and 2 more'),
        ({"an error": 1, "x" * 50: 2}, f'an object with "an error", "{"x" * 40}"'),
        ([], "an empty array"),
        (3, "no JSON object"),
    ],
)
def test_it_is_said_what_a_document_looks_like(value: Any, words: str) -> None:
    assert likeness(value).startswith(words)
    assert not words.startswith("an object with") or likeness(value) == words
