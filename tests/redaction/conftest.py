"""A pure stage opens no file and reads no clock: here both raise."""

import builtins
import hashlib
import hmac

import pytest


@pytest.fixture(autouse=True)
def no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.open

    def refuse(file, *args, **kwargs):
        if str(file).endswith((".py", ".pyc")) or "hypothesis" in str(file):
            return real(file, *args, **kwargs)  # tracebacks and hypothesis' own database
        raise AssertionError(f"a pure stage opened {file}")

    monkeypatch.setattr(builtins, "open", refuse)


@pytest.fixture(scope="session")
def fingerprint():
    return lambda secret: hmac.new(b"key of the home", secret, hashlib.sha256).hexdigest()[:6]
