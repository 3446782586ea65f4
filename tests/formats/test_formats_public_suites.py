"""The public suites of TOML, YAML and JSON Patch, read from outside; nothing of their content is kept here.

``CASES=DIR`` names a folder with the work trees of the three projects, each under its own name; without it these tests are skipped::

    DIR/toml-test/tests/files-toml-1.0.0            the list of files, relative to tests/ (branch main of toml-lang/toml-test)
    DIR/toml-test/tests/{valid,invalid}/**/*.toml   a valid one has its tree beside it, as .json with a type at every scalar
    DIR/yaml-test-suite/ID[/NN]/in.yaml             (branch data of yaml/yaml-test-suite) in.json beside it is the tree, error marks an invalid one
    DIR/json-patch-tests/{tests,spec_tests}.json    (json-patch/json-patch-tests)

Trees are compared **by meaning of the scalars**, since ours keep what is written: a number of ours is read back before it is compared; a text
is compared bare, or in quotes where it could be taken for something else; a tag that YAML writes before a node is left out of account.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from changelog_ledger.diff import differences
from changelog_ledger.formats import parse
from changelog_ledger.model.document import Document, FileVersion, Node
from changelog_ledger.model.evidence import Delta

CASES = Path(os.environ.get("CASES", ""))
pytestmark = pytest.mark.skipif("CASES" not in os.environ, reason="CASES names no folder with the public suites")


def read(path: str, data: bytes) -> Document:
    document = parse(path, data)
    return document if document is not None else Document("binary", "")


# --- TOML ---------------------------------------------------------------------------------------------------------------------------------


def toml_files(kind: str) -> list[Path]:
    suite = CASES / "toml-test" / "tests"
    names = (suite / "files-toml-1.0.0").read_text().split()
    return [suite / name for name in names if name.startswith(f"{kind}/") and name.endswith(".toml")]


def same_toml(expected: Any, found: Node) -> bool:
    if isinstance(expected, list):
        return isinstance(found, list) and len(found) == len(expected) and all(map(same_toml, expected, found))
    if set(expected) == {"type", "value"} and isinstance(expected["value"], str):
        return isinstance(found, str) and _same_toml_scalar(expected["type"], expected["value"], found)
    return isinstance(found, dict) and found.keys() == expected.keys() and all(same_toml(expected[key], found[key]) for key in expected)


def _same_toml_scalar(kind: str, expected: str, found: str) -> bool:
    if kind == "string":
        return found in (expected, f'"{expected}"')
    if kind == "integer":
        return int(found, 0 if re.match("0[xob]", found) else 10) == int(expected)
    if kind == "float":
        one, other = float(found), float(expected)
        return one == other or (math.isnan(one) and math.isnan(other))
    if kind == "bool":
        return found == expected
    reads: Any = {"date-local": date, "time-local": time}.get(kind, datetime)
    return bool(reads.fromisoformat(found.upper()) == reads.fromisoformat(expected))


def test_valid_toml_becomes_its_tree() -> None:
    wrong = []
    for path in toml_files("valid"):
        document = read("/x.toml", path.read_bytes())
        if document.format != "toml" or not same_toml(json.loads(path.with_suffix(".json").read_text()), document.root):
            wrong.append(f"{path}: {document.reason or document.root}")
    assert len(toml_files("valid")) > 150
    assert wrong == []


_OTHER_ENCODINGS = "bytes that are no UTF-8 are read as Latin-1 or UTF-16, whatever the format: administrators have such files"
TOLERATED_TOML = {
    "invalid/encoding/bad-utf8-in-multiline-literal.toml": _OTHER_ENCODINGS,
    "invalid/encoding/bad-utf8-in-multiline.toml": _OTHER_ENCODINGS,
    "invalid/encoding/bad-utf8-in-string-literal.toml": _OTHER_ENCODINGS,
    "invalid/encoding/bad-utf8-in-string.toml": _OTHER_ENCODINGS,
    "invalid/encoding/utf16-bom.toml": _OTHER_ENCODINGS,
}


def test_invalid_toml_is_read_by_lines() -> None:
    files = toml_files("invalid")
    accepted = {path.relative_to(CASES / "toml-test" / "tests").as_posix() for path in files if read("/x.toml", path.read_bytes()).format == "toml"}
    assert len(files) > 300
    assert accepted == set(TOLERATED_TOML)


# --- YAML ---------------------------------------------------------------------------------------------------------------------------------


def yaml_cases() -> dict[str, Path]:
    suite = CASES / "yaml-test-suite"
    folders = [
        path.parent for path in [*suite.glob("*/in.yaml"), *suite.glob("*/*/in.yaml")] if path.relative_to(suite).parts[0] not in ("name", "tags")
    ]
    return {folder.relative_to(suite).as_posix(): folder for folder in sorted(folders)}


def documents_in(text: str) -> list[Any]:
    """The JSON values that stand one after the other."""
    decoder, values, position = json.JSONDecoder(), [], 0
    while text[position:].strip():
        position += len(text[position:]) - len(text[position:].lstrip())
        value, position = decoder.raw_decode(text, position)
        values.append(value)
    return values


_TAG = re.compile(r"!(?:<[^>]*>|[^ ]*) ?")


def same_yaml(expected: Any, found: Node) -> bool:
    if isinstance(found, dict) and len(found) == 1 and _TAG.fullmatch(next(iter(found))):
        return same_yaml(expected, next(iter(found.values())))
    if isinstance(expected, dict):
        bare = {key.removeprefix('"').removesuffix('"'): value for key, value in found.items()} if isinstance(found, dict) else {}
        return len(bare) == len(found) == len(expected) and all(key in bare and same_yaml(expected[key], bare[key]) for key in expected)
    if isinstance(expected, list):
        return isinstance(found, list) and len(found) == len(expected) and all(map(same_yaml, expected, found))
    return isinstance(found, str) and any(_same_yaml_scalar(expected, text) for text in (found, _TAG.sub("", found, count=1)))


def _same_yaml_scalar(expected: Any, found: str) -> bool:
    if isinstance(expected, str):
        return found in (expected, f'"{expected}"')
    if expected is None:
        return found in ("", "~", "null", "Null", "NULL")
    if isinstance(expected, bool):
        return found.lower() == str(expected).lower()
    return bool(re.fullmatch(r"[-+.\deE_]+|0[xo][\da-fA-F]+", found)) and _number(found) == expected


def _number(text: str) -> float:
    return int(text, 0) if re.match("0[xo]", text) else float(text)


def same_documents(expected: list[Any], found: Node) -> bool:
    if len(expected) > 1:
        return same_yaml(expected, found)
    return same_yaml(expected[0], found) if expected and expected[0] is not None else found in ({}, "", "null", "~")


def named(*groups: tuple[str, str]) -> dict[str, str]:
    """Reason by name, from pairs of names and the reason that they share."""
    return {name: reason for names, reason in groups for name in names.split()}


# libyaml, behind PyYAML, is a parser of YAML 1.1 (2005), and of most of 1.2; the suite asks for 1.2.2.
REFUSED_YAML = named(
    (
        "6BCT 6CA3 96NN/00 96NN/01 A2M4 DK95/00 DK95/03 DK95/04 Q5MG R4YG Y79Y/001 Y79Y/010",
        "tabs between tokens, or in lines that are blank otherwise",
    ),
    ("4MUZ/00 4MUZ/01 4MUZ/02 58MP 5MUD 5T43 9SA2 DBG4 HM87/00 K3WX NJ66 UT92 VJP3/01", "in flow collections: keys over lines, colons on their own"),
    ("2LFX 6LVF BEC7 MUS6/05 MUS6/06", "directives that YAML 1.1 has not"),
    ("7Z25 HWV9 M7A3 QT73 W4TN", "documents without content between ends of documents"),
    ("2SXE 8XYN W5VH", "anchors whose names are more than letters, digits, - and _"),
    ("DK3J FP8R", "block scalars that are not indented"),
)
"""Read by lines, and they say so."""

MISREAD_YAML = named(
    ("652Z HM87/01", "libyaml takes ? before a word in a flow collection for the mark of a key"),
    ("Y2GN", "libyaml ends the name of an anchor at a colon"),
    ("JEF9/02 L24T/01", "libyaml leaves out a last line of blanks without its line feed"),
)

TOLERATED_YAML = named(
    ("9JBA CVW2 SU5Z X4QW", "# right after a token begins a comment"),
    ("9C9N QB6E DK95/01 Y79Y/003 S98Z", "indentation within flow collections, quotes and empty block scalars"),
    ("9HCY EB22 MUS6/00 MUS6/01 RHX7", "directives without the end of a document before them"),
    ("G5U8 YJV2", "a dash as text in a flow collection"),
)
"""Invalid for the suite, and read as their writers will have meant them."""


def test_valid_yaml_becomes_its_tree() -> None:
    refused, wrong, right = set(), set(), 0
    for name, folder in yaml_cases().items():
        if (folder / "error").exists() or not (folder / "in.json").exists():
            continue
        document = read("/x.yaml", (folder / "in.yaml").read_bytes())
        if document.format != "yaml":
            refused.add(name)
        elif same_documents(documents_in((folder / "in.json").read_text()), document.root):
            right += 1
        else:
            wrong.add(name)
    assert wrong == set(MISREAD_YAML)
    assert refused == set(REFUSED_YAML)
    assert right > 200


def test_invalid_yaml_is_read_by_lines() -> None:
    invalid = {name: folder for name, folder in yaml_cases().items() if (folder / "error").exists()}
    accepted = {name for name, folder in invalid.items() if read("/x.yaml", (folder / "in.yaml").read_bytes()).format == "yaml"}
    assert len(invalid) > 80
    assert accepted == set(TOLERATED_YAML)


# --- JSON Patch ---------------------------------------------------------------------------------------------------------------------------


def single_operations() -> Iterator[tuple[str, Any, Any, dict[str, Any]]]:
    """Name, document, what it becomes, and the one operation that made it so. Those that change nothing, or replace the whole, are left out."""
    for name in ("tests.json", "spec_tests.json"):
        for number, record in enumerate(json.loads((CASES / "json-patch-tests" / name).read_text())):
            if "expected" not in record or record.get("disabled") or len(record["patch"]) != 1:
                continue
            operation = record["patch"][0]
            if operation["op"] in ("add", "remove", "replace", "move", "copy") and operation["path"] and record["doc"] != record["expected"]:
                yield f"{name}[{number}]", record["doc"], record["expected"], operation


REPLACED = named(
    ("tests.json[34] tests.json[61]", "a dict that loses its only key has nothing in common with what it was: one item removed, one added"),
    ("tests.json[42]", "a text that becomes a list is another item"),
)


def key_of(pointer: str, document: Any) -> str:
    """A JSON pointer (RFC 6901) as a key of ours."""
    key = ""
    for step in (part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]):
        if isinstance(document, list):
            place = len(document) - 1 if step == "-" else int(step)
            key, document = f"{key}[{place}]", document[place] if place < len(document) else None
        else:
            key, document = f"{key}.{_quoted(step)}", document.get(step)
    return key.removeprefix(".")


def _quoted(step: str) -> str:
    return json.dumps(step, ensure_ascii=False) if "." in step or not step or step[0] == '"' else step


def deltas_of(before: Any, after: Any) -> tuple[Delta, ...]:
    sides = [FileVersion(text.encode(), parse("/x.json", text.encode())) for text in (json.dumps(before, indent=1), json.dumps(after, indent=1))]
    return differences("/x.json", *sides)


def test_one_operation_of_json_patch_is_one_delta_at_its_path() -> None:
    seen, wrong = 0, []
    for name, before, after, operation in single_operations():
        found = sorted((str(delta.op), delta.key or "") for delta in deltas_of(before, after))
        seen += 1
        if found != expected_deltas(before, after, operation):
            wrong.append(name)
    assert set(wrong) <= set(REPLACED)
    assert seen > 30


def expected_deltas(before: Any, after: Any, operation: dict[str, Any]) -> list[tuple[str, str]]:
    """One delta at the path; a move is one where it stays in its array, else it goes here and comes there."""
    path, origin = operation["path"], operation.get("from", "")
    key = key_of(path, after)
    if operation["op"] == "move":
        if path.rpartition("/")[0] == origin.rpartition("/")[0] and isinstance(_container(origin, before), list):
            return [("moved", key)]
        return sorted([("removed", key_of(origin, before)), ("added", key)])
    if operation["op"] == "remove":
        return [("removed", key_of(path, before))]
    container = _container(path, before)
    there = isinstance(container, dict) and path.rpartition("/")[2] in container
    return [("changed" if operation["op"] == "replace" or there else "added", key)]


def _container(pointer: str, document: Any) -> Any:
    for step in pointer.split("/")[1:-1]:
        document = document[int(step)] if isinstance(document, list) else document[step]
    return document
