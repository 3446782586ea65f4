"""``ledger key``."""

from __future__ import annotations

import json
import stat
from pathlib import Path

from .conftest import Desk


def test_show_rotate_export(desk: Desk, tmp_path: Path) -> None:
    shown = desk("key", "show")
    assert "Sealed for    age1" in shown.out
    own = json.loads(desk("key", "show", "--json").out)["own"]
    assert own in shown.out
    rotated = desk("key", "rotate")
    assert f"Older keys    {own}" in rotated.out
    assert "AGE-SECRET-KEY" not in shown.out + rotated.out + desk("key", "export", str(tmp_path / "keys.txt")).out
    text = (tmp_path / "keys.txt").read_text()
    assert text.count("AGE-SECRET-KEY-1") == 2
    assert stat.S_IMODE((tmp_path / "keys.txt").stat().st_mode) == 0o600
    assert desk("key", "export", "-").out == text
    assert "is there already" in desk.refused("key", "export", str(tmp_path / "keys.txt"))
    assert (tmp_path / "keys.txt").read_text() == text
