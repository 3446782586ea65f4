"""What has another name is one delta with both names, and what else changed within it; what is only alike is no rename."""

from __future__ import annotations

import time

import pytest

from changelog_ledger.diff import differences
from changelog_ledger.diff.renamed_files import renamed_files, with_renamed_files
from changelog_ledger.formats import parse
from changelog_ledger.model.document import FileVersion
from changelog_ledger.model.evidence import Delta, Op

Found = list[tuple[str | None, str, object, object]]


def found(path: str, before: str, after: str) -> Found:
    old, new = (FileVersion(text.encode(), parse(path, text.encode())) for text in (before, after))
    return [(delta.key, str(delta.op), delta.before, delta.after) for delta in differences(path, old, new)]


PASSWD = """\
root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
alice:x:1000:1000:Alice Example:/home/alice:/bin/bash
mail:x:8:8::/nonexistent:/usr/sbin/nologin
"""
COMPOSE = """\
services:
  web:
    image: shop:1.4
    ports: ["8080:80"]
    restart: always
    depends_on: [db]
  db:
    image: postgres:16
    restart: always
"""


def test_a_user_that_was_renamed_and_moved_house() -> None:
    after = PASSWD.replace("alice:x", "alicia:x").replace("/home/alice", "/home/alicia")
    assert found("/etc/passwd", PASSWD, after) == [
        ("alicia", "moved", "alice", "alicia"),
        ("alicia/home", "changed", "/home/alice", "/home/alicia"),
    ]


def test_a_user_that_went_and_another_one_that_came_are_two() -> None:
    after = PASSWD.replace("mail:x:8:8::", "irc:x:39:39::") + "proxy:x:13:13::/nonexistent:/usr/sbin/nologin\n"
    assert {op for _, op, _, _ in found("/etc/passwd", PASSWD, after)} == {"removed", "added"}


def test_a_host_that_was_renamed() -> None:
    text = "127.0.0.1 localhost\n10.0.0.5 db\n10.0.0.6 web\n"
    assert found("/etc/hosts", text, text.replace("db", "database")) == [("database", "moved", "db", "database")]


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        ((), []),
        (("shop:1.4", "shop:1.5"), [("services.frontend.image", "changed", "shop:1.4", "shop:1.5")]),
    ],
)
def test_a_compose_service_that_was_renamed(edit: tuple[str, str], expected: Found) -> None:
    after = COMPOSE.replace("  web:", "  frontend:")
    after = after.replace(*edit) if edit else after
    assert found("/srv/compose.yml", COMPOSE, after) == [("services.frontend", "moved", "web", "frontend"), *expected]


def test_the_note_says_both_names() -> None:
    old, new = (FileVersion(text.encode(), parse("/c.yml", text.encode())) for text in (COMPOSE, COMPOSE.replace("  web:", "  frontend:")))
    (delta,) = differences("/c.yml", old, new)
    assert (delta.note, delta.line) == ("renamed from web to frontend", 2)


def test_equal_short_values_are_no_rename_and_long_ones_are() -> None:
    assert [op for _, op, _, _ in found("/x.properties", "a=yes\nc=1\n", "b=yes\nc=1\n")] == ["removed", "added"]
    assert found("/x.properties", "a=/srv/shop/releases/41\nc=1\n", "b=/srv/shop/releases/41\nc=1\n") == [("b", "moved", "a", "b")]
    twice = "a=/srv/shop/releases/41\nc=/srv/shop/releases/41\n"
    assert [op for _, op, _, _ in found("/x.properties", twice, twice.replace("a=", "b="))] == ["removed", "added"]


def test_two_blocks_that_are_equal_are_not_guessed_at() -> None:
    before = "s:\n  a: {x: one-thing, y: '2'}\n  b: {x: one-thing, y: '2'}\n"
    after = before.replace("a:", "c:").replace("b:", "d:")
    assert sorted(op for _, op, _, _ in found("/x.yml", before, after)) == ["added", "added", "removed", "removed"]


def test_several_named_items_are_paired_by_likeness() -> None:
    def container(name: str, image: str, port: int) -> str:
        return f"  - name: {name}\n    image: {image}\n    port: {port}\n    command: run-{image}\n"

    before = "spec:\n  containers:\n" + container("a", "shop", 80) + container("b", "queue", 81) + container("c", "mail", 82)
    after = "spec:\n  containers:\n" + container("x", "shop", 80) + container("y", "queue", 99) + container("c", "mail", 82)
    assert found("/k.yaml", before, after) == [
        ("spec.containers[x].name", "changed", "a", "x"),
        ("spec.containers[y].name", "changed", "b", "y"),
        ("spec.containers[y].port", "changed", "81", "99"),
    ]


def test_a_name_that_changed_is_called_so() -> None:
    text = "l:\n  - {name: a, v: '1'}\n  - {name: b, v: '2'}\n"
    old, new = (FileVersion(data.encode(), parse("/x.yml", data.encode())) for data in (text, text.replace("name: b", "name: z")))
    (delta,) = differences("/x.yml", old, new)
    assert (delta.key, delta.op, delta.note) == ("l[z].name", Op.CHANGED, "renamed from b")


def test_lists_within_what_was_renamed_keep_their_policies() -> None:
    text = "db:\n  servers:\n  - {name: one, port: '1', zone: north}\n  - {name: two, port: '2', zone: south}\n"
    after = text.replace("db:", "database:").replace("  - {name: one, port: '1', zone: north}\n", "")
    assert found("/x.yml", text, after) == [
        ("database", "moved", "db", "database"),
        ("database.servers[one]", "removed", {"name": "one", "port": "1", "zone": "north"}, None),
    ] or [op for _, op, _, _ in found("/x.yml", text, after)] == ["removed", "added"]


def test_many_renames_take_no_time() -> None:
    before = "".join(f"k{number}: {{a: value-{number}, b: other-{number}}}\n" for number in range(1500))
    after = "".join(f"n{number}: {{a: value-{number}, b: other-{number}}}\n" for number in range(1500))
    old, new = (FileVersion(text.encode(), parse("/x.yml", text.encode())) for text in (before, after))
    began = time.perf_counter()
    assert {delta.op for delta in differences("/x.yml", old, new)} == {Op.MOVED}
    assert time.perf_counter() - began < 2


# --- files --------------------------------------------------------------------------------------------------------------------------------

SITE = b"".join(b"directive-%d value;\n" % number for number in range(20))


def names(gone: dict[str, bytes], come: dict[str, bytes]) -> set[tuple[str, str, int]]:
    return {(each.old, each.new, each.percent) for each in renamed_files(gone, come)}


def test_a_file_with_another_name_is_known_by_its_content() -> None:
    assert names({"/etc/a": SITE}, {"/etc/b": SITE}) == {("/etc/a", "/etc/b", 100)}
    assert names({"/etc/a": SITE}, {"/etc/b": SITE.replace(b"directive-3 ", b"other ")}) == {("/etc/a", "/etc/b", 95)}
    assert names({"/etc/a": SITE}, {"/etc/b": b"something\nelse\naltogether\n"}) == set()


def test_empty_files_and_copies_are_no_renames() -> None:
    assert names({"/etc/a": b""}, {"/etc/b": b""}) == set()
    assert names({"/etc/a": SITE}, {"/etc/b": SITE, "/etc/c": SITE}) == set()
    assert names({"/etc/x/a": SITE}, {"/etc/y/a": SITE, "/etc/y/b": SITE}) == {("/etc/x/a", "/etc/y/a", 100)}


def test_the_deltas_stay_two_and_name_each_other() -> None:
    deltas = [Delta("/etc/a", None, Op.REMOVED, "x", None, note="text"), Delta("/etc/b", None, Op.ADDED, None, "x")]
    noted = with_renamed_files(deltas, {"/etc/a": SITE}, {"/etc/b": SITE.replace(b"directive-3 ", b"other ")})
    assert [delta.note for delta in noted] == ["text; renamed to /etc/b (95 % alike)", "renamed from /etc/a (95 % alike)"]


def test_thousands_of_files_that_came_and_went_take_no_time() -> None:
    def content(number: int) -> bytes:
        return b"".join(b"line %d of %d\n" % (line, number) for line in range(30))

    began = time.perf_counter()
    renamed_files({f"/a/{n}": content(n) for n in range(3000)}, {f"/a/x{n}": content(n + 5000) for n in range(3000)})
    assert time.perf_counter() - began < 2


def test_of_two_that_became_alike_the_one_that_is_most_alike_has_been_renamed() -> None:
    """Whichever path comes first."""
    near, far = SITE.replace(b"directive-3 ", b"x "), SITE.replace(b"directive-3 ", b"x ").replace(b"directive-5 ", b"y ")
    for one, other in (("/etc/a", "/etc/z"), ("/etc/z", "/etc/a")):
        assert names({one: far, other: near}, {"/etc/new": SITE}) == {(other, "/etc/new", 95)}
        assert names({"/etc/new": SITE}, {one: far, other: near}) == {("/etc/new", other, 95)}


def test_two_that_are_as_much_alike_are_no_renames() -> None:
    one, other = SITE.replace(b"directive-3 ", b"x "), SITE.replace(b"directive-5 ", b"x ")
    assert names({"/etc/a": one, "/etc/b": other}, {"/etc/new": SITE}) == set()
    assert names({"/etc/new": SITE}, {"/etc/a": one, "/etc/b": other}) == set()


def test_what_is_equal_is_not_called_nearly_so() -> None:
    assert names({"/etc/a": b"q\n"}, {"/etc/b": b"q\n"}) == {("/etc/a", "/etc/b", 100)}
    (delta,) = with_renamed_files([Delta("/etc/a", None, Op.REMOVED, "q\n")], {"/etc/a": b"q\n"}, {"/etc/b": b"q\n"})
    assert delta.note == "renamed to /etc/b"
    assert names({"/etc/a": SITE}, {"/etc/b": SITE.replace(b"value", b"value ").replace(b" ;", b";") + b"\n"}) == {("/etc/a", "/etc/b", 99)}


def test_equal_files_are_found_in_the_order_in_which_they_went() -> None:
    gone = {f"/etc/{number}": SITE + b"# %d\n" % number for number in range(50)}
    come = {f"/srv/{number}": SITE + b"# %d\n" % number for number in reversed(range(50))}
    assert [each.old for each in renamed_files(gone, come)] == list(gone)


def test_one_line_more_or_less_of_many_that_are_equal() -> None:
    assert names({"/etc/a": b"x\n" * 10}, {"/etc/b": b"x\n" * 8}) == {("/etc/a", "/etc/b", 80)}
    assert names({"/etc/a": b"x\n" * 10}, {"/etc/b": b"x\n" * 5}) == set()
    assert names({"/etc/a": b"x\n" * 7 + b"y\nz\nw\n"}, {"/etc/b": b"x\n" * 9}) == {("/etc/a", "/etc/b", 70)}
