"""A pure stage opens no file: here opening raises. (Clocks are looked for in tests/house/test_purity.py.)"""

import builtins

import pytest


@pytest.fixture(autouse=True)
def no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.open

    def refuse(file, *args, **kwargs):
        if str(file).endswith((".py", ".pyc")) or "hypothesis" in str(file):
            return real(file, *args, **kwargs)  # tracebacks and hypothesis' own database
        raise AssertionError(f"a pure stage opened {file}")

    monkeypatch.setattr(builtins, "open", refuse)
