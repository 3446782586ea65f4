"""Fixtures of ``workshop`` for the tests beside it."""

from .workshop import either_workshop, template, workshop

__all__ = ["either_workshop", "template", "workshop"]
