"""Fixtures of ``world``."""

from ..workflows.world import world

__all__ = ["world"]
