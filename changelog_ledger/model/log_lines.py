"""Lines of logs: what ``sources/`` reads and ``observations/`` understands."""

from __future__ import annotations

from typing import NamedTuple


class LogLine(NamedTuple):
    """One line of a log.

    :ivar text: without its newline; any bytes.
    :ivar source: the file as people know it, compressed or not: ``/var/log/dpkg.log.2.gz``.
    :ivar place: where it begins, counted over all that one reading gives: later lines have higher places. It means nothing in another reading.
    """

    text: bytes
    source: str
    place: int
