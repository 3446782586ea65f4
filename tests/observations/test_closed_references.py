"""What an observation ends of what was pending."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.model.processes import closed_references


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"closes": "restart-pending:web:1"}, {"restart-pending:web:1"}),
        ({"closes": ["restart-pending:web:1", "reboot-pending:web:2"]}, {"restart-pending:web:1", "reboot-pending:web:2"}),
        ({"closes": []}, set()),
        ({"closes": ""}, set()),
        ({"closes": None}, set()),
        ({"closes": [7, "", {"ref": "x"}, "restart-pending:web:1"]}, {"restart-pending:web:1"}),
        ({"closes": {"ref": "x"}}, set()),
        ({}, set()),
    ],
)
def test_text_and_lists_are_read_alike(data: dict[str, Any], expected: set[str]) -> None:
    assert closed_references(data) == expected


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(_JSON)
def test_whatever_the_data_say_it_is_a_set_of_texts(closes: Any) -> None:
    found = closed_references({"closes": closes})
    assert all(isinstance(each, str) and each for each in found)
    assert isinstance(closes, str | list) or not found
