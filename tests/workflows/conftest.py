"""Fixtures of ``world`` for the tests beside it."""

from .world import either, world

__all__ = ["either", "world"]
