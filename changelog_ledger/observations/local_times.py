"""Times that a log writes without an offset, by the clock on the host's wall.

When clocks go back an hour occurs twice. A log is written in order, so the second time is told by the line before it, which was later::

    times = LocalTimes(ZoneInfo("Europe/Berlin"))
    times.instant(datetime(2025, 10, 26, 2, 50))   # 00:50 UTC, summer time
    times.instant(datetime(2025, 10, 26, 2, 10))   # 01:10 UTC, winter time: it would lie before its predecessor otherwise
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo

from changelog_ledger.model.ingestion import Gap
from changelog_ledger.model.times import EARLIEST, LATEST

_JITTER = timedelta(minutes=2)
"""Entries of one log by so much out of order are not an hour apart: several processes write to it."""


class LocalTimes:
    """The times of one log, to be asked in the log's order.

    :ivar latest: the latest of them; None before the first. Whoever reads on later passes it as ``after``.
    :ivar refused: how many texts were no time that can be.
    """

    def __init__(self, zone: tzinfo, after: datetime | None = None) -> None:
        """Times in ``zone``; ``after`` is the time of the line before the first."""
        self._zone = zone
        self.latest = after
        self.refused = 0

    def instant(self, local: datetime) -> datetime:
        """A time without an offset, in UTC.

        An hour that does not occur, for clocks went forward over it, is read by the offset before (PEP 495, ``fold=0``).

        :raises ValueError: if it lies outside what a ledger can hold.
        """
        first = self._instant(local)
        latest = self.latest
        if latest is not None and first < latest - _JITTER:
            second = self._instant(local.replace(fold=1))
            first = second if second > first else first
        if latest is None or first > latest:
            self.latest = first
        return first

    def parse(self, text: str) -> datetime:
        """The same of ``2025-06-01 03:12:44``, however many blanks are between date and time, with or without a fraction.

        :raises ValueError: if it is no time.
        """
        try:
            moment = datetime.fromisoformat(" ".join(text.split()).replace(",", ".", 1))
            return self.instant(moment) if moment.tzinfo is None else _within(moment)
        except ValueError:
            self.refused += 1
            raise

    def gaps(self, source: str) -> Iterator[Gap]:
        """That some lines of a log were passed over because their times cannot be."""
        if self.refused:
            many = self.refused != 1
            yield Gap(source, f"{self.refused:,} line{'s' if many else ''} with a time that cannot be; the rest was read")

    def _instant(self, local: datetime) -> datetime:
        return _within(local.replace(tzinfo=self._zone))


def _within(moment: datetime) -> datetime:
    try:
        instant = moment.astimezone(UTC)
    except OverflowError as error:  # 9999-12-31T23:59:59-05:00
        raise ValueError(f"{moment.isoformat()} lies outside what can be") from error
    if not EARLIEST <= instant < LATEST:
        raise ValueError(f"{moment.isoformat()} lies outside 1970 to 2199")
    return instant
