"""The semantic difference of two trees, against plain DeepDiff."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deepdiff import DeepDiff

from benchmarks.long_files import long_files
from benchmarks.timing import Bar, Contestant, Row, medians
from changelog_ledger.diff import differences, tree_changes
from changelog_ledger.formats import parse
from changelog_ledger.model.document import FileVersion, ListPolicy, Node
from changelog_ledger.model.evidence import Op

_POLICIES = (ListPolicy(("rules",), ("name",)),)


def diff(_folder: Path, quick: bool) -> Iterator[Row]:
    """A wide tree with few changes; a list of named items, half of them changed."""
    rounds = 3 if quick else 9
    yield _wide(rounds)
    yield _named(rounds)
    for name, (path, before, after) in long_files().items():
        yield _long(name, path, before, after, rounds)


def _long(name: str, path: str, before: bytes, after: bytes, rounds: int) -> Row:
    """Two versions of a long file, parsed and compared."""

    def compare(_round: int = 0) -> int:
        return len(differences(path, *(FileVersion(data, parse(path, data)) for data in (before, after))))

    document = parse(path, after)
    assert document is not None
    taken = medians([Contestant("library", compare)], rounds)
    remark = f"{document.format}, {compare():,} differences"
    operation = f"{name}, {len(after.splitlines()):,} lines: parse and diff"
    return Row(operation, "library", taken["library"], bar=Bar.seconds(1.0), remark=remark)


def _wide(rounds: int) -> Row:
    before, after = _sections(), _sections()
    for place in range(0, 500, 100):
        after[f"section{place}"]["key7"] = "changed"
    assert len(tree_changes(before, after)) == 5
    contestants = [Contestant("DeepDiff", lambda _: DeepDiff(before, after)), Contestant("library", lambda _: tree_changes(before, after))]
    taken = medians(contestants, rounds)
    return Row("diff, 50,000 keys, 5 changed", "library", taken["library"], "DeepDiff", taken["DeepDiff"], Bar.ratio(1 / 20))


def _sections() -> Any:
    return {f"section{place}": {f"key{number}": str(number) for number in range(100)} for place in range(500)}


def _named(rounds: int) -> Row:
    """The items come in another order too, and every second one has another value: only names can pair them."""
    count = 1_000
    before: Node = {"rules": [_item(number, "allow") for number in range(count)]}
    after: Node = {"rules": [_item(number, "deny" if number % 2 else "allow") for number in range(count)]}
    changes = tree_changes(before, after, _POLICIES)
    right = {(change.names[1], change.before, change.after) for change in changes if change.op is Op.CHANGED}
    assert right == {(f"rule{number}", "allow", "deny") for number in range(1, count, 2)}, "the items were not paired by their names"
    taken = medians([Contestant("library", lambda _: tree_changes(before, after, _POLICIES))], rounds)
    remark = "right pairs; DeepDiff with ignore_order takes about a minute"
    return Row("diff, list of 1,000 named items, half changed", "library", taken["library"], bar=Bar.seconds(0.25), remark=remark)


def _item(number: int, action: str) -> Node:
    return {"name": f"rule{number}", "action": action, "from": f"10.0.{number // 256}.{number % 256}", "port": str(number)}
