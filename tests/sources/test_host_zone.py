"""The zone of a host below a root."""

from datetime import UTC, datetime
from importlib import resources
from zoneinfo import ZoneInfo

import pytest

from changelog_ledger.sources.host_zone import host_zone

SUMMER = datetime(2025, 6, 1, tzinfo=UTC)
BERLIN = (resources.files("tzdata") / "zoneinfo/Europe/Berlin").read_bytes()


@pytest.fixture
def etc(tmp_path):
    (tmp_path / "etc").mkdir()
    return tmp_path / "etc"


def hours(etc):
    found = host_zone(str(etc.parent))
    return SUMMER.astimezone(found.zone).utcoffset().total_seconds() / 3600, found.note


@pytest.mark.parametrize("link", ["/usr/share/zoneinfo/Europe/Berlin", "../usr/share/zoneinfo/Europe/Berlin"])
def test_the_link_names_it(etc, link):
    (etc / "localtime").symlink_to(link)
    assert host_zone(str(etc.parent)).zone == ZoneInfo("Europe/Berlin")


def test_the_data_of_a_file(etc):
    (etc / "localtime").write_bytes(BERLIN)
    assert hours(etc) == (2, "")


def test_a_link_to_a_file_of_the_image(etc):
    (etc / "localtime").symlink_to("/data/zone")
    (etc.parent / "data").mkdir()
    (etc.parent / "data" / "zone").write_bytes(BERLIN)
    assert hours(etc) == (2, "")


def test_debians_name(etc):
    (etc / "timezone").write_text("America/New_York\n")
    assert hours(etc) == (-4, "")


@pytest.mark.parametrize("content", [b"", b"nonsense", BERLIN[:60], b"TZif" + bytes(10), b"TZif2" + b"\xff" * 100])
def test_damaged_data_is_utc_with_a_note(etc, content):
    (etc / "localtime").write_bytes(content)
    offset, note = hours(etc)
    assert offset == 0
    assert "read as UTC" in note


@pytest.mark.parametrize("name", ["", "Nowhere/At/All", "../../../etc/passwd", "/etc/passwd", "\0", "x" * 5000])
def test_no_name_is_utc_with_a_note(etc, name):
    (etc / "timezone").write_text(name)
    assert "read as UTC" in hours(etc)[1]
