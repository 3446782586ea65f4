"""The time zone that a host's logs are written in."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import UTC, tzinfo
from io import BytesIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from changelog_ledger.sources.rooted import link_text, read_file

_LOCALTIME = "/etc/localtime"
_TIMEZONE = "/etc/timezone"
_FOLDER = "zoneinfo/"


@dataclass(frozen=True, slots=True)
class HostZone:
    """A host's time zone.

    :ivar note: what is worth a word: that UTC is assumed, say. Empty if nothing is.
    """

    zone: tzinfo
    note: str = ""


def host_zone(root: str = "/") -> HostZone:
    """The zone of the host whose ``/`` is at ``root``.

    In this order: the name that the link ``/etc/localtime`` gives (localtime(5)); the TZif data there (RFC 8536); the name in Debian's
    ``/etc/timezone``; UTC, with a note.
    """
    named = _named(_name_in(link_text(root, _LOCALTIME)))
    if named is not None:
        return HostZone(named)
    data = _read(root, _LOCALTIME)
    if data:
        try:
            return HostZone(ZoneInfo.from_file(BytesIO(data)))
        except (ValueError, EOFError, IndexError, OverflowError, struct.error) as error:
            return _by_name(root, f"{_LOCALTIME} holds no time zone ({error})")
    return _by_name(root, f"there is no {_LOCALTIME} that can be read" if data is None else f"{_LOCALTIME} is empty")


def _by_name(root: str, why: str) -> HostZone:
    named = _named((_read(root, _TIMEZONE) or b"").decode("ascii", "replace").strip())
    if named is not None:
        return HostZone(named)
    return HostZone(UTC, f"the host's time zone is unknown: {why}; local times are read as UTC")


def _read(root: str, path: str) -> bytes | None:
    try:
        return read_file(root, path)
    except OSError:  # the next way is tried; if none leads anywhere, the note says so
        return None


def _name_in(link: str | None) -> str:
    return link.rpartition(_FOLDER)[2] if link and _FOLDER in link else ""


def _named(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a name that is unknown here, or none at all
        return None
