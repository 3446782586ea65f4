"""What counts as a reason: words, and no switch."""

from __future__ import annotations

import pytest

from changelog_ledger.errors import InvalidInput
from changelog_ledger.workflows.emergency_reason import checked_reason


@pytest.mark.parametrize("text", ["now", "DNS", " the shop is down \n", "店が落ちた", "yes, the shop is down", "p1"])
def test_words_are_a_reason(text: str) -> None:
    assert checked_reason(text) == text.strip()


def test_nothing_is_no_emergency() -> None:
    assert checked_reason("") == ""


@pytest.mark.parametrize("text", ["1", "0", "y", "Y", "yes", "TRUE", "on", "no", "false", " ", "???", "12345", "off\n"])
def test_a_flag_is_none(text: str) -> None:
    with pytest.raises(InvalidInput, match="is none, but a flag") as refused:
        checked_reason(text)
    assert "LEDGER_EMERGENCY='the shop is down" in refused.value.hint
