"""A pure stage opens no file and reads no clock: here both raise."""

import hashlib
import hmac

import pytest

from tests.purity import no_files  # noqa: F401 - a fixture for every test below


@pytest.fixture(scope="session")
def fingerprint():
    return lambda secret: hmac.new(b"key of the home", secret, hashlib.sha256).hexdigest()[:12]
