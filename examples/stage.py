"""What the stories share: a wall clock that can be wound on, and servers whose files are directories."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path


class Clock:
    """The wall clock of the story. The ledger asks it for the time, so nothing here has to wait."""

    def __init__(self, start: str) -> None:
        self._now = datetime.fromisoformat(start)

    def __call__(self) -> datetime:
        """Now. Every look at the clock takes a millisecond."""
        self._now += timedelta(milliseconds=1)
        return self._now

    def wind_to(self, time: str) -> None:
        """Go on to a later time."""
        self._now = datetime.fromisoformat(time)


class Fleet:
    """The servers' files: one directory a host, as a mount or an image would show them."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    def root(self, host: str) -> Path:
        """The directory that stands for the host's ``/``."""
        return self._folder / host

    def write(self, host: str, path: str, text: str) -> None:
        """Write a file; its modification time is the story's."""
        file = self.root(host) / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        moment = self._clock().timestamp()
        os.utime(file, (moment, moment))

    def edit(self, host: str, path: str, old: str, new: str) -> None:
        """Replace a piece of a file."""
        text = (self.root(host) / path.lstrip("/")).read_text(encoding="utf-8")
        self.write(host, path, text.replace(old, new))

    def remove(self, host: str, path: str) -> None:
        """Remove a file."""
        (self.root(host) / path.lstrip("/")).unlink()
