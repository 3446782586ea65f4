"""YAML, JSON, JSON5 and TOML: trees with values as written, exact lines, and what is read by lines instead."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from changelog_ledger.diff import differences
from changelog_ledger.formats import detect, parse
from changelog_ledger.model.document import Document, FileVersion, Node


def document(path: str, text: str, as_format: str | None = None) -> Document:
    parsed = parse(path, text.encode(), as_format)
    assert parsed is not None
    return parsed


def keys_of_deltas(path: str, before: str, after: str) -> list[tuple[str | None, str]]:
    sides = [FileVersion(text.encode(), parse(path, text.encode())) for text in (before, after)]
    return [(delta.key, str(delta.op)) for delta in differences(path, *sides)]


# --- JSON5 --------------------------------------------------------------------------------------------------------------------------------

JSON5 = r"""// top
{
  unquoted: 'single \'quoted\'', "double": "it's",
  $name_1: +1.5e3, hex: 0xC0FFEE, lead: .5, trail: 5.,
  "number as text": "0xC0", /* a
  b */ 'über': [1, [], {}, Infinity, -NaN, null,],
  # a comment of Kea
  text: "first \
second\x21 \ud83d\ude00 \u00e9",
  \u0061b: true,
}
"""


def test_json5_becomes_a_tree_of_values_as_written() -> None:
    parsed = document("/srv/app.json5", JSON5)
    assert (parsed.format, parsed.reason) == ("json5", "")
    assert parsed.root == {
        "unquoted": "single 'quoted'",
        "double": "it's",
        "$name_1": "+1.5e3",
        "hex": "0xC0FFEE",
        "lead": ".5",
        "trail": "5.",
        "number as text": '"0xC0"',
        "über": ["1", [], {}, "Infinity", "-NaN", "null"],
        "text": "first second! 😀 é",
        "ab": "true",
    }
    lines = {("unquoted",): 3, ("hex",): 4, ("über",): 6, ("über", 4): 6, ("text",): 8, ("ab",): 10}
    assert {path: parsed.lines[path] for path in lines} == lines


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "{",
            "[1",
            "{a: 1",
            "{a}",
            "{a:}",
            "{:1}",
            "{,}",
            "[,]",
            "[1,,2]",
            "{a: 1 b: 2}",
            "[1 2]",
            "1 2",
            "]",
            "{]",
            "[}",
            "{a: 1]",
            "}",
            "a",
            ",",
        ),
        *("{1a: 1}", "{a: 01}", "{a: 1_0}", "'a", '"a\nb"', r"'\u12'", r"'\x1'", r"'\1'", "/* no end", "/", "{a: undefined}", "{a: 'b' 'c'}", ":"),
        *("{a: 1, a: 2}", "{'a': 1, \\u0061: 2}", "[" * 101 + "]" * 101),
    ],
)
def test_what_is_no_json5_is_read_by_lines(text: str) -> None:
    parsed = document("/srv/app.json5", text)
    assert parsed.format == "lines"
    assert parsed.reason.startswith("read by lines: ")


@pytest.mark.parametrize(
    ("path", "text", "name"),
    [
        ("/srv/app.json", '{"a": 1}', "json"),
        ("/srv/app.json", '{"a": "//, ]"}', "json"),
        ("/srv/app.json", '// why\n{"a": 1}', "json5"),
        ("/srv/app.json", '{"a": [1, 2,]}', "json5"),
        ("/etc/docker/daemon.json", '// why\n{"a": 1}', "json"),
        ("hosts/web-01/etc/docker/daemon.json", '{"a": 1,}', "json"),
        ("/srv/app/tsconfig.base.json", "{}", "json5"),
        ("/srv/app/.vscode/launch.json", "{}", "json5"),
        ("/home/deploy/.config/Code/User/settings.json", "{}", "json5"),
        ("/srv/app.jsonc", "{}", "json5"),
        ("/etc/kea/kea-dhcp4.conf", "{}", "json5"),
        ("/etc/mongod.conf", "net: {port: 27017}", "yaml"),
        ("/root/.kube/config", "apiVersion: v1", "yaml"),
        ("/etc/kubernetes/admin.conf", "apiVersion: v1", "yaml"),
        ("/etc/cloud/cloud.cfg.d/90_dpkg.cfg", "datasource_list: [ None ]", "yaml"),
        ("/etc/containers/registries.conf", "short-name-mode = 'enforcing'", "toml"),
        ("/etc/telegraf/telegraf.conf", "[agent]", "toml"),
    ],
)
def test_comments_in_json_are_taken_where_programs_take_them(path: str, text: str, name: str) -> None:
    assert detect(path, text.encode()) == name


# --- TOML ---------------------------------------------------------------------------------------------------------------------------------

TOML = '''# top
title = "a" # comment
"quoted \\u00e9" . 'key'.bare = 1_000
date = 1979-05-27 07:32:00Z
list = [
  0xFF, # one
  [ 1.0, "1.0" ], { x = true, "y.z" = -inf },
]
text = """
a = 1
[b] \\
  c"""

[[job]]
name = "first"
[job.env]
A = 'b'
[[ job ]]
[a."b.c".d]
e = 07:32:00.5
'''


def test_toml_keeps_numbers_and_dates_as_written_with_the_line_of_each() -> None:
    parsed = document("/srv/app.toml", TOML)
    assert parsed.reason == ""
    assert parsed.root == {
        "title": "a",
        "quoted é": {"key": {"bare": "1_000"}},
        "date": "1979-05-27 07:32:00Z",
        "list": ["0xFF", ["1.0", '"1.0"'], {"x": "true", "y.z": "-inf"}],
        "text": "a = 1\n[b] c",
        "job": [{"name": "first", "env": {"A": "b"}}, {}],
        "a": {"b.c": {"d": {"e": "07:32:00.5"}}},
    }
    assert parsed.lines == {
        (): 1,
        ("title",): 2,
        **{("quoted é", "key", "bare")[:length]: 3 for length in (1, 2, 3)},
        ("date",): 4,
        ("list",): 5,
        ("list", 0): 6,
        **dict.fromkeys([("list", 1), ("list", 1, 0), ("list", 1, 1), ("list", 2), ("list", 2, "x"), ("list", 2, "y.z")], 7),
        ("text",): 9,
        ("job",): 14,
        ("job", 0): 14,
        ("job", 0, "name"): 15,
        ("job", 0, "env"): 16,
        ("job", 0, "env", "A"): 17,
        ("job", 1): 18,
        **{("a", "b.c", "d")[:length]: 19 for length in (1, 2, 3)},
        ("a", "b.c", "d", "e"): 20,
    }


# --- YAML ---------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("[]", []),
        ("{}", {}),
        ("", {}),
        ("--- a\n--- b\n", ["a", "b"]),
        ("a: !Sub '${b}'\nc: '!Sub ${b}'\n", {"a": "!Sub ${b}", "c": '"!Sub ${b}"'}),
        ("%TAG !e! tag:example.com,2000:\n---\na: !e!b {c: 1}\n", {"a": {"!<tag:example.com,2000:b>": {"c": "1"}}}),
        ("a: &x 1\nb: *x\n&y c: *x\nd: *y\n", {"a": "1", "b": "1", "c": "1", "d": "c"}),
        (
            "x: &x {a: 1, b: 2}\ny: &y {<<: *x, b: 3}\nz: {<<: [*y, {c: 4}], a: 5}\n",
            {"x": {"a": "1", "b": "2"}, "y": {"b": "3", "a": "1"}, "z": {"a": "5", "b": "3", "c": "4"}},
        ),
    ],
)
def test_yaml_becomes_a_tree_of_values_as_written(text: str, root: Node) -> None:
    parsed = document("/srv/app.yaml", text)
    assert (parsed.format, parsed.root) == ("yaml", root)


def test_lines_below_tags_and_merge_keys_are_those_of_keys_that_exist() -> None:
    parsed = document("/srv/app.yaml", "x: &x\n  a: 1\ny:\n  <<: *x\n  b: 2\nz:\n  <<:\n    c: 3\nt: !GetAtt\n  - u\n  - v\n")
    assert parsed.lines == {
        (): 1,
        ("x",): 1,
        ("x", "a"): 2,
        ("y",): 3,
        ("y", "a"): 4,
        ("y", "b"): 5,
        ("z",): 6,
        ("z", "c"): 8,
        ("t",): 9,
        ("t", "!GetAtt"): 9,
        ("t", "!GetAtt", 0): 10,
        ("t", "!GetAtt", 1): 11,
    }


ANCHORED = "x-log: &log\n  driver: json-file\n  options: {max-size: 10m}\nservices:\n  web: {logging: *log}\n  app: {logging: {<<: *log, tag: app}}\n"


@pytest.mark.parametrize(
    ("old", "new", "keys"),
    [
        ("10m", "50m", [("x-log.options.max-size", "changed")]),
        ("{max-size: 10m}", "{max-size: 10m, max-file: 3}", [("x-log.options.max-file", "added")]),
        ("  driver: json-file\n", "", [("x-log.driver", "removed")]),
        ("tag: app", "tag: app, driver: journald", [("services.app.logging.driver", "changed")]),
        (
            "web: {logging: *log}",
            "web: {logging: {driver: none}}",
            [("services.web.logging.driver", "changed"), ("services.web.logging.options", "removed")],
        ),
    ],
)
def test_what_changes_at_an_anchor_is_told_there_alone(old: str, new: str, keys: list[tuple[str, str]]) -> None:
    assert sorted(keys_of_deltas("/srv/compose.yaml", ANCHORED, ANCHORED.replace(old, new))) == sorted(keys)


def test_kubernetes_objects_in_a_list_are_keyed_too_in_json_as_in_yaml() -> None:
    item = '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "n", "labels": {"a": "b"}}}'
    root = document("/srv/pods.json", f'{{"apiVersion": "v1", "kind": "List",\n"items": [\n{item}]}}').root
    assert root == {"apiVersion": "v1", "kind": "List", "items": {"Pod/n/p": {"apiVersion": "v1", "metadata": {"labels": {"a": "b"}}}}}
    assert document("/srv/pod.json", item).root == {"Pod/n/p": {"apiVersion": "v1", "metadata": {"labels": {"a": "b"}}}}
    assert document("/srv/pod.yaml", f"---\n# nothing\n---\n{item}\n").root == document("/srv/pod.json", item).root


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("environment: [A=1, 'B=', C, 'D=\"x\"', E=f=g]", {"environment": {"A": "1", "B": '""', "C": "", "D": '""x""', "E": "f=g"}}),
        ("environment: [A=1, A=2]", {"environment": ["A=1", "A=2"]}),
        ("environment: [A, B]", {"environment": ["A", "B"]}),
        ("build: {args: [A=1]}", {"build": {"args": {"A": "1"}}}),
        ("args: [--a=1]", {"args": ["--a=1"]}),
        ("command: [A=1]", {"command": ["A=1"]}),
        ("env: [{name: A, value: b}]", {"env": [{"name": "A", "value": "b"}]}),
    ],
)
def test_lists_of_assignments_are_dicts(text: str, found: Node) -> None:
    assert document("/srv/compose.yaml", text).root == found


# --- All of them --------------------------------------------------------------------------------------------------------------------------

HOSTILE = {
    "half a file": '{"a": [1, {"b',
    "unbalanced": "{]" * 50_000,
    "deep": '{"a":' * 100_000,
    "deep tables": "[" + "a." * 50_000 + "a]",
    "huge line": '{"a": "' + "x" * 4_000_000,
    "huge number": "a = " + "9" * 100_000,
    "many commas": "[" + "1," * 200_000 + "]",
    "open comments": "/*" * 100_000,
    "escapes": '"' + "\\u0041" * 100_000 + '"',
    "commas and blanks": "," + " " * 100_000 + "," + "\n" * 100_000,
    "merges": "a: &a {b: 1}\n" + "".join(f"k{number}: {{<<: *a, c: 1}}\n" for number in range(20_000)),
    "aliases": "a: &a [1]\n" + "- *a\n" * 20_000,
}


@pytest.mark.parametrize("name", ["yaml", "json", "json5", "toml"])
@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_comes_back(hostile: str, name: str) -> None:
    assert document("/srv/x", HOSTILE[hostile], name).format in (name, "lines")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("json", '{"pin": <secret:9f3e5a>, "key": "<secret:9f3e5b>", "text": "a \\" <secret:9f3e5c>, b"}'),
        ("json5", '{pin: <secret:9f3e5a>, key: "<secret:9f3e5b>", text: "a \\" <secret:9f3e5c>, b"}'),
        ("toml", 'pin = <secret:9f3e5a>\nkey = "<secret:9f3e5b>"\ntext = "a \\" <secret:9f3e5c>, b"\n'),
        ("yaml", 'pin: <secret:9f3e5a>\nkey: "<secret:9f3e5b>"\ntext: a " <secret:9f3e5c>, b\n'),
    ],
)
def test_a_masked_number_is_a_value(name: str, text: str) -> None:
    parsed = document("/srv/x", text, name)
    assert parsed.root == {"pin": "<secret:9f3e5a>", "key": "<secret:9f3e5b>", "text": 'a " <secret:9f3e5c>, b'}
    assert parsed.format == name


LEAVES = {
    "yaml": "a: 1\nb:\n  - c\n  - d: 2\n    e: [3,\n      4]\n",
    "json": '{"a": 1,\n"b": ["c",\n{"d": 2,\n"e": [3,\n4]}]}',
    "json5": "{a: 1,\nb: ['c',\n{d: 2,\ne: [3,\n4]}]}",
    "toml": 'a = 1\nb = ["c",\n{d = 2, e = [3,\n4]}]\n',
}


@pytest.mark.parametrize("name", LEAVES)
def test_every_value_has_its_line(name: str) -> None:
    parsed = document("/srv/x", LEAVES[name], name)
    lines = LEAVES[name].split("\n")
    for path, value in [(("a",), "1"), (("b", 0), "c"), (("b", 1, "d"), "2"), (("b", 1, "e", 0), "3"), (("b", 1, "e", 1), "4")]:
        assert value in lines[parsed.lines[path] - 1], path


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4), max_leaves=20)


@settings(max_examples=200, deadline=None)
@given(VALUES, st.sampled_from([None, 0, 1]), st.booleans())
def test_json_is_json5_too_at_the_same_lines(value: object, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    one, other = document("/srv/x", text, "json"), document("/srv/x", text, "json5")
    assert (one.format, other.format) == ("json", "json5")
    assert one.lines == other.lines
    assert _bare(one.root) == _bare(other.root)


def _bare(node: Node) -> Node:
    """Without the quotes of texts that one format takes for numbers and the other does not (``+1``)."""
    if isinstance(node, dict):
        return {key: _bare(value) for key, value in node.items()}
    return [_bare(item) for item in node] if isinstance(node, list) else node.removeprefix('"').removesuffix('"')
