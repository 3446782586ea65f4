"""All collectors at once, so that the whole takes as long as the slowest; none of them can keep a snapshot waiting for more than its time."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from changelog_ledger.model.state import Availability
from changelog_ledger.sources.state.probe import LARGEST_TEXT, SECONDS, CollectionFailed, NotAvailable, Probe
from changelog_ledger.sources.state.registry import Source

_GRACE = 0.5  # a program is killed when its time is over, and its collector then says so itself


@dataclass(frozen=True, slots=True)
class Collected:
    """What became of one collector.

    :ivar text: what it found; None unless it is available.
    :ivar why: why not; empty where it is.
    :ivar seconds: how long it took.
    """

    source: Source
    availability: Availability
    text: bytes | None = None
    why: str = ""
    seconds: float = 0.0


def collected(sources: Sequence[Source], *, root: str = "/", seconds: float = SECONDS) -> tuple[Collected, ...]:
    """What each of ``sources`` finds, in their order.

    :param seconds: what each of them may take.
    """
    done: dict[str, Collected] = {}
    begun = time.monotonic()
    threads = [threading.Thread(target=_run, args=(source, Probe(root, seconds=seconds), done), daemon=True) for source in sources]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, begun + seconds + _GRACE - time.monotonic()))
    # A thread that hangs in the kernel (a dead network file system) is left behind: it is a daemon, and keeps nobody from ending.
    return tuple(
        done.get(source.name) or Collected(source, Availability.FAILED, None, f"timed out after {seconds:g} s", seconds) for source in sources
    )


def _run(source: Source, probe: Probe, done: dict[str, Collected]) -> None:
    begun = time.monotonic()
    availability, text, why = _outcome(source, probe)
    done[source.name] = Collected(source, availability, text, why, time.monotonic() - begun)


def _outcome(source: Source, probe: Probe) -> tuple[Availability, bytes | None, str]:
    try:
        text = source.collect(probe).encode("utf-8", "backslashreplace")
    except NotAvailable as reason:
        return Availability.UNAVAILABLE, None, str(reason)
    except CollectionFailed as reason:
        return Availability.FAILED, None, str(reason)
    except Exception as bug:  # noqa: BLE001 - what a collector does not foresee must keep nobody from recording; it is named as unread
        return Availability.FAILED, None, f"{type(bug).__name__}: {bug}"
    if len(text) > LARGEST_TEXT:
        return Availability.FAILED, None, f"more than {LARGEST_TEXT} bytes"
    return Availability.AVAILABLE, text, ""
