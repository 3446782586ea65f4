"""Users are told: from the built-in texts, or from templates of the home."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from changelog_ledger.errors import InvalidInput, NotFound

from .world import HOST, World

SUNDAY = datetime(2025, 6, 8, 0, 0, tzinfo=UTC)


@pytest.fixture
def bank(either: World) -> World:
    """S7: a system is taken down on Sunday, 02:00 to 04:00 in Berlin."""
    either.ledger.add_service("online-banking", runs_on=[HOST])
    either.ledger.plan(
        "Core banking: database upgrade",
        [HOST],
        start=SUNDAY,
        end=SUNDAY + timedelta(hours=2),
        affects=["online-banking"],
        contact="service desk",
        downtime="30m",
        ticket="OPS-1142",
        reason="the old version leaks",
        backout="put the old one back",
        zone="Europe/Berlin",
    )
    return either


def said(world: World, **options: object) -> str:
    (change,) = world.ledger.changes()
    return world.ledger.announce(change.id, **options)  # type: ignore[arg-type]


def template(world: World, name: str, text: str | bytes) -> Path:
    folder = world.ledger.home / "templates"
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def test_what_is_announced_follows_how_far_it_got(bank: World) -> None:
    (change,) = bank.ledger.changes()
    ahead = said(bank)
    assert "Planned maintenance: Core banking: database upgrade" in ahead
    assert "Sunday 8 June 2025, 02:00 to 04:00 +02:00 (Europe/Berlin)" in ahead
    assert "Sunday 8 June 2025, 00:00 to 02:00 UTC" in ahead
    assert "online-banking" in ahead
    assert "leaks" not in ahead
    assert "alex" not in ahead
    assert HOST not in ahead
    bank.clock.now = SUNDAY
    bank.ledger.start(change.id)
    assert "begins" in said(bank)
    bank.clock.tick(minutes=96)
    bank.ledger.finish(change.id)
    assert "1 hour 36 minutes" in said(bank)
    assert said(bank, at="before") == ahead, "what was announced can be read again"


def test_what_a_plan_in_no_zone_says_is_in_the_readers(world: World) -> None:
    world.ledger.plan("x", [HOST], start=SUNDAY, end=SUNDAY + timedelta(hours=2))
    assert "00:00 to 02:00 UTC" in said(world)
    assert "20:00 to 22:00 -04:00 (America/New_York)" in said(world, zone=ZoneInfo("America/New_York"))


def test_a_home_has_templates_of_its_own(bank: World) -> None:
    template(bank, "announce-before.txt", "\ufeffDear customers,\n$title on $planned.\n$outcome\nThat costs you $$0.\n")
    template(bank, "announce-partners.txt", "Partners: $id\n")
    template(bank, "announce-before.md", "# $contact\n")
    assert said(bank) == (
        "Dear customers,\nCore banking: database upgrade on Sunday 8 June 2025, 02:00 to 04:00 +02:00 (Europe/Berlin).\nThat costs you $0.\n"
    )
    assert said(bank, template="partners").startswith("Partners: CHG-")
    assert said(bank, markdown=True) == "# service desk\n"
    assert "begins" in said(bank, at="start"), "the others stay as they are"


def test_a_template_that_names_what_there_is_not_is_refused_by_file_and_line(bank: World) -> None:
    file = template(bank, "announce-before.txt", "Hello\n$titel\n")
    with pytest.raises(InvalidInput) as refused:
        said(bank)
    assert refused.value.message == f"{file}, line 2: there is no field $titel"
    assert "title" in refused.value.hint


@pytest.mark.parametrize("name", ["../secret", "a/b", "..", "a b", "/etc/passwd", "x" * 65])
def test_no_template_lies_elsewhere(bank: World, name: str) -> None:
    with pytest.raises(InvalidInput, match="cannot name a template"):
        said(bank, template=name)


def test_a_template_that_is_not_there_names_those_that_are(bank: World) -> None:
    template(bank, "announce-partners.txt", "x")
    with pytest.raises(NotFound) as refused:
        said(bank, template="customers")
    assert "announce-customers.txt" in refused.value.message
    assert "announce-partners.txt" in refused.value.hint


@pytest.mark.parametrize(("content", "why"), [(b"caf\xe9", "is not UTF-8"), (b"x" * (64 * 1024 + 1), "larger than 64 KiB")])
def test_what_is_no_text_is_refused(bank: World, content: bytes, why: str) -> None:
    template(bank, "announce-before.txt", content)
    with pytest.raises(InvalidInput, match=why):
        said(bank)


def test_an_unknown_moment_is_refused(bank: World) -> None:
    with pytest.raises(InvalidInput, match="moment"):
        said(bank, at="later")


def test_what_is_not_over_has_no_end_to_announce(bank: World) -> None:
    with pytest.raises(InvalidInput, match="no end"):
        said(bank, at="end")


def test_what_is_cancelled_does_not_begin(bank: World) -> None:
    bank.ledger.cancel(bank.ledger.changes()[0].id)
    assert "does not take place" in said(bank)
    with pytest.raises(InvalidInput, match="cancelled"):
        said(bank, at="before")


def test_announcing_records_nothing(bank: World) -> None:
    before = bank.ledger.status().facts
    said(bank)
    assert bank.ledger.status().facts == before


def test_the_fields_are_those_that_a_template_may_name(bank: World) -> None:
    known = bank.ledger.announcement_fields()
    template(bank, "announce-all.txt", "\n".join(f"{name}: ${name}" for name in known))
    assert "title: Core banking" in said(bank, template="all")
