"""Golden files: what people read, byte for byte. Rewrite them with ``LEDGER_REWRITE_GOLDEN=1 pytest tests/reports`` and read the difference."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    def check(name: str, text: str) -> None:
        file = GOLDEN / name
        if os.environ.get("LEDGER_REWRITE_GOLDEN"):
            GOLDEN.mkdir(exist_ok=True)
            file.write_bytes(text.encode())
        assert text == file.read_bytes().decode(), f"{name} differs; if it is meant, rewrite with LEDGER_REWRITE_GOLDEN=1"

    return check
