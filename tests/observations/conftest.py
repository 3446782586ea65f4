"""A pure stage opens no file and reads no clock: here opening raises."""

from tests.purity import no_files  # noqa: F401 - a fixture for every test below
