"""The laws of differences, over generated trees and files."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
from deepdiff import DeepDiff
from hypothesis import given, settings
from hypothesis import strategies as st

from changelog_ledger.diff import apply, differences, semantic, tree_changes, unified_diff
from changelog_ledger.formats import known_formats, parse
from changelog_ledger.model.document import FileVersion, ListPolicy, Node, Order
from changelog_ledger.model.evidence import Op

NAMED = (ListPolicy(("**",), ("name",)),)
scalars = st.sampled_from(["", "a", "b", "1", "1.0", "two\nlines", "three\nlines"])
keys = st.sampled_from(["a", "b", "__c", "name", "d.e", "root['x']"])
trees = st.recursive(scalars, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(keys, inner, max_size=4), max_leaves=15)
named_lists = st.lists(st.fixed_dictionaries({"name": st.sampled_from("abcdef"), "v": trees}), max_size=6)


@given(trees)
def test_equal_trees_have_no_changes(tree: Node) -> None:
    assert tree_changes(tree, json.loads(json.dumps(tree))) == ()


@settings(max_examples=300, deadline=None)
@given(trees, trees)
def test_applying_the_changes_gives_the_tree_after(before: Node, after: Node) -> None:
    assert apply(before, tree_changes(before, after)) == after


@settings(max_examples=200, deadline=None)
@given(named_lists, named_lists)
def test_applying_the_changes_of_named_lists_gives_the_tree_after(before: list[Node], after: list[Node]) -> None:
    assert apply({"l": before}, tree_changes({"l": before}, {"l": after}, NAMED)) == {"l": after}


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from("abcde"), max_size=8), st.lists(st.sampled_from("abcde"), max_size=8))
def test_a_set_has_changes_if_and_only_if_its_members_differ(before: list[Node], after: list[Node]) -> None:
    changes = tree_changes(before, after, (ListPolicy((), order=Order.SET),))
    assert bool(changes) == (set(map(str, before)) != set(map(str, after)))
    repeated = tree_changes(before, after, (ListPolicy((), order=Order.MULTISET),))
    assert bool(repeated) == (sorted(map(str, before)) != sorted(map(str, after)))


@given(st.lists(st.integers(), unique=True, min_size=2, max_size=12), st.data())
def test_moving_one_item_is_one_moved_change(numbers: list[int], data: st.DataObject) -> None:
    items: list[Node] = [str(number) for number in numbers]
    index = data.draw(st.integers(0, len(items) - 1))
    others = items[:index] + items[index + 1 :]
    place = data.draw(st.integers(0, len(others)))
    after = [*others[:place], items[index], *others[place:]]
    assert [change.op for change in tree_changes(items, after)] == ([Op.MOVED] if after != items else [])


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.tuples(trees, trees), st.tuples(named_lists, named_lists)))
def test_few_differences_read_off_are_those_that_deepdiff_finds(sides: tuple[Node, Node]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(semantic, "_FEW", 10**6)
        read_off = tree_changes(*sides, NAMED)
        patch.setattr(semantic, "_FEW", -1)
        assert tree_changes(*sides, NAMED) == read_off


contents = st.one_of(
    st.binary(max_size=60),
    st.text("ab=:#{};[]\n\r\t \"'-é,", max_size=60).map(str.encode),
    st.sampled_from(
        [
            b"a=1\nb=2\n",
            b"b=2\na=1\n",
            b"a:x:1:b,c\n",
            b"a:x:1:c,b\n",
            b"a:x:1:c,b,b\n",
            b"10.0.0.1 a b\n",
            b"# c\na=1",
            b"[a]\nb=\nb=1\n",
            b"[a]\nb=2\nb=\nb=1\n",
        ]
    ),
)


@settings(max_examples=200, deadline=None)
@given(contents, contents)
def test_different_bytes_are_never_nothing_and_equal_ones_always(before: bytes, after: bytes) -> None:
    for name in known_formats():
        old, new = (FileVersion(data, parse("/x", data, name)) for data in (before, after))
        assert differences("/x", old, old) == ()
        assert bool(differences("/x", old, new)) == (before != after), name
    assert bool(unified_diff("/x", before, after)) == (before != after)


# --- one edited value is one delta, in every format ---------------------------------------------------------------------------------------

Values = dict[str, str]
FORMATS: dict[str, tuple[str, Callable[[Values], str], str]] = {
    "yaml": ("/x.yaml", lambda values: "top:\n" + "".join(f"  {key}: {value}\n" for key, value in values.items()), "top.{}"),
    "json": (
        "/x.json",
        lambda values: json.dumps({"top": [{"name": key, "value": value} for key, value in values.items()]}, indent=1),
        "top[{}].value",
    ),
    "toml": ("/x.toml", lambda values: "".join(f'[t.{key}]\nv = "{value}"\n' for key, value in values.items()), "t.{}.v"),
    "ini": ("/x.ini", lambda values: "[s]\n" + "".join(f"{key} = {value}\n" for key, value in values.items()), "s/{}"),
    "properties": ("/x.properties", lambda values: "".join(f"{key}={value}\n" for key, value in values.items()), "{}"),
    "env": ("/etc/default/x", lambda values: "".join(f"{key}='{value}'\n" for key, value in values.items()), "{}"),
    "systemd": ("/x.service", lambda values: "[Service]\n" + "".join(f"{key}={value}\n" for key, value in values.items()), "Service/{}"),
    "sshd": ("/etc/ssh/sshd_config", lambda values: "".join(f"{key} {value}\n" for key, value in values.items()), "sshd/{}"),
    "nginx": (
        "/etc/nginx/nginx.conf",
        lambda values: "".join(f"server {{ server_name {key}; root {value}; }}\n" for key, value in values.items()),
        "server[{}]/root",
    ),
    "hosts": ("/etc/hosts", lambda values: "".join(f"a{value} {key}\n" for key, value in values.items()), "{}/address"),
    "fstab": ("/etc/fstab", lambda values: "".join(f"dev /{key} ext4 {value} 0 0\n" for key, value in values.items()), "[/{}]/options[kzzz]"),
    "passwd": ("/etc/passwd", lambda values: "".join(f"{key}:x:1:1:{value}:/:/sh\n" for key, value in values.items()), "{}/gecos"),
    "services": ("/etc/services", lambda values: "".join(f"{key} {value}/tcp\n" for key, value in values.items()), "{}/tcp/port"),
    "crontab": ("/etc/cron.d/x", lambda values: "".join(f"1 2 * * * {value} {key}\n" for key, value in values.items()), "job[{}]/user"),
}
words = st.text("abcdefgh", min_size=1, max_size=6).map(lambda word: "k" + word)


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=30, deadline=None)
@given(values=st.dictionaries(words, words, min_size=1, max_size=8), data=st.data())
def test_one_edited_value_is_one_delta_at_its_key(name: str, values: Values, data: st.DataObject) -> None:
    path, render, key_text = FORMATS[name]
    key = data.draw(st.sampled_from(sorted(values)))
    before, after = render(values).encode(), render(values | {key: "kzzz"}).encode()
    old, new = FileVersion(before, parse(path, before)), FileVersion(after, parse(path, after))
    assert new.document is not None
    assert (new.document.format, new.document.reason) == (name, "")
    (delta,) = differences(path, old, new)
    assert (delta.key, delta.op) == (key_text.format(key), Op.CHANGED)
    assert delta.line is not None
    assert "kzzz" in after.decode().split("\n")[delta.line - 1]


# --- speed --------------------------------------------------------------------------------------------------------------------------------


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def test_few_changes_among_many_keys_take_a_twentieth_of_deepdiff() -> None:
    before: Node = {f"k{number}": {"v": "x", "n": str(number)} for number in range(25_000)}
    after = json.loads(json.dumps(before))
    after["k7"]["v"] = "y"
    tree_changes({"a": "1"}, {"a": "2"})
    ours = min(_seconds(lambda: tree_changes(before, after)) for _ in range(3))
    assert ours * 20 <= _seconds(lambda: DeepDiff(before, after))


def test_a_thousand_named_items_half_changed_take_a_quarter_of_a_second() -> None:
    before: list[Node] = [{"name": f"r{number}", "v": str(number)} for number in range(1_000)]
    after: list[Node] = [{"name": f"r{number}", "v": str(number + number % 2)} for number in range(1_000)]
    assert len(tree_changes(before, after, NAMED)) == 500
    assert min(_seconds(lambda: tree_changes(before, after, NAMED)) for _ in range(3)) <= 0.25


def test_long_lists_that_share_little_order_do_not_hang() -> None:
    numbers: list[Node] = [str(number) for number in range(5_000)]
    assert _seconds(lambda: tree_changes(numbers, numbers[::-1])) < 3
    assert _seconds(lambda: tree_changes([str(number % 7) for number in range(20_000)], [str(number % 5) for number in range(20_000)])) < 5
